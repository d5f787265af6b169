"""Due moments are planned, leased and may be begun again; a claim was once for all until now."""

import sqlalchemy as sa
from alembic import op

from evidence.store import guards

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Know each slot, each attempt and each scheduler; what was claimed was begun once."""
    op.create_table(
        "slots",
        sa.Column("schedule", NAME, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("planned_at", AT, nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("holder", NAME),
        sa.Column("until", AT),
        sa.Column("ended", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("schedule", "due_at", name="pk_slots"),
        sa.CheckConstraint("fence >= 0", name=op.f("ck_slots_fence")),
    )
    unended = sa.text("NOT ended")
    op.create_index("ix_slots_open", "slots", ["schedule", "due_at"], sqlite_where=unended, postgresql_where=unended)
    op.create_table(
        "slot_attempts",
        sa.Column("schedule", NAME, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("fence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("holder", NAME, nullable=False),
        sa.Column("claimed_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("schedule", "due_at", "fence", name="pk_slot_attempts"),
    )
    op.create_table(
        "schedulers",
        sa.Column("holder", NAME, nullable=False),
        sa.Column("heard_at", AT, nullable=False),
        sa.Column("silent_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("holder", name="pk_schedulers"),
    )
    op.execute(
        "INSERT INTO slots (schedule, due_at, planned_at, fence, holder, ended) "
        "SELECT c.schedule, c.due_at, c.claimed_at, 1, 'before 0003', r.schedule IS NOT NULL FROM slot_claims AS c "
        "LEFT JOIN slot_results AS r ON r.schedule = c.schedule AND r.due_at = c.due_at"
    )
    op.execute(
        "INSERT INTO slot_attempts (schedule, due_at, fence, holder, claimed_at) "
        "SELECT schedule, due_at, 1, 'before 0003', claimed_at FROM slot_claims"
    )
    op.drop_table("slot_claims")
    op.create_index("ix_gap_events_control", "gap_events", ["control"])
    guards.refuse("slots", "UPDATE", "DELETE", of=("schedule", "due_at", "planned_at"))
    guards.refuse("slot_attempts", "UPDATE", "DELETE")


def downgrade() -> None:
    """Know again only who came first."""
    op.create_table(
        "slot_claims",
        sa.Column("schedule", NAME, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("claimed_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["claimed_at"], ["commits.at"], name="fk_slot_claims_claimed_at"),
        sa.PrimaryKeyConstraint("schedule", "due_at", name="pk_slot_claims"),
    )
    op.execute(
        "INSERT INTO slot_claims (schedule, due_at, claimed_at) "
        "SELECT r.schedule, r.due_at, r.finished_at FROM slot_results AS r"
    )
    guards.refuse("slot_claims", "UPDATE", "DELETE")
    op.drop_index("ix_gap_events_control", "gap_events")
    for table in ("schedulers", "slot_attempts", "slots"):
        op.drop_table(table)
