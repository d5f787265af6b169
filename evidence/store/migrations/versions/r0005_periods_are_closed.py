"""Periods are closed; and an index tells when what was judged, without reading what came out."""

import sqlalchemy as sa
from alembic import op

from evidence.store import guards

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NUMBER = sa.BigInteger()
ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)
OLD, NEW = "ix_judgements_control_company_as_of", "ix_judgements_days"


def upgrade() -> None:
    """Make the table, and the index in the place of the one that it includes."""
    op.create_table(
        "period_closes",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("company", NAME, nullable=False),
        sa.Column("cycle", NAME, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("digest", NAME, nullable=False),
        sa.Column("entry", NUMBER, nullable=False),
        sa.Column("known_at", AT, nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("closed_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["closed_at"], ["commits.at"], name="fk_period_closes_closed_at"),
        sa.PrimaryKeyConstraint("id", name="pk_period_closes"),
        sa.UniqueConstraint(
            "company", "since", "as_of", "version", name="uq_period_closes_company_since_as_of_version"
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_period_closes_version")),
    )
    guards.refuse("period_closes", "UPDATE", "DELETE")
    op.create_index(NEW, "judgements", ["company", "control", "as_of", "judged_at", "verdict"])
    op.drop_index(OLD, "judgements")


def downgrade() -> None:
    """Forget what was closed."""
    op.create_index(OLD, "judgements", ["control", "company", "as_of"])
    op.drop_index(NEW, "judgements")
    op.drop_table("period_closes")
