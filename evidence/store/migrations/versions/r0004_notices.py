"""What people and systems are told is put down before it is sent, with every attempt to send it."""

import sqlalchemy as sa
from alembic import op

from evidence.store import guards

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NUMBER = sa.BigInteger()
AT = sa.DateTime(timezone=True)
TABLES = ("notices", "notice_items", "notice_attempts", "notice_results")


def upgrade() -> None:
    """Make the tables of notices."""
    op.create_table(
        "notices",
        sa.Column("key", NAME, nullable=False),
        sa.Column("channel", NAME, nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("person_key", NAME),
        sa.Column("companies", NAME, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        *_committed("notices", "made_at"),
        sa.PrimaryKeyConstraint("key", name="pk_notices"),
        sa.CheckConstraint("channel IN ('mail', 'webhook')", name=op.f("ck_notices_channel")),
        sa.CheckConstraint(
            "kind IN ('digest', 'critical', 'escalated', 'mass', 'events')", name=op.f("ck_notices_kind")
        ),
    )
    op.create_table(
        "notice_items",
        sa.Column("kind", NAME, nullable=False),
        sa.Column("person_key", NAME, nullable=False),
        sa.Column("event", NUMBER, autoincrement=False, nullable=False),
        *_of_notice("notice_items"),
        sa.PrimaryKeyConstraint("kind", "person_key", "event", name="pk_notice_items"),
    )
    op.create_table(
        "notice_attempts",
        *_of_notice("notice_attempts"),
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("holder", NAME, nullable=False),
        *_committed("notice_attempts", "begun_at"),
        sa.PrimaryKeyConstraint("key", "number", name="pk_notice_attempts"),
    )
    op.create_table(
        "notice_results",
        *_of_notice("notice_results"),
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("outcome", NAME, nullable=False),
        sa.Column("reason", NAME),
        *_committed("notice_results", "ended_at"),
        sa.PrimaryKeyConstraint("key", "number", name="pk_notice_results"),
        sa.CheckConstraint(
            "outcome IN ('sent', 'failed', 'refused', 'given_up', 'superseded')",
            name=op.f("ck_notice_results_outcome"),
        ),
    )
    for table in TABLES:
        guards.refuse(table, "UPDATE", "DELETE")


def downgrade() -> None:
    """Forget who was told what."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _committed(table: str, name: str) -> tuple[sa.Column[object], sa.ForeignKeyConstraint]:
    return (
        sa.Column(name, AT, nullable=False),
        sa.ForeignKeyConstraint([name], ["commits.at"], name=f"fk_{table}_{name}"),
    )


def _of_notice(table: str) -> tuple[sa.Column[object], sa.ForeignKeyConstraint]:
    return (
        sa.Column("key", NAME, nullable=False),
        sa.ForeignKeyConstraint(["key"], ["notices.key"], name=f"fk_{table}_key"),
    )
