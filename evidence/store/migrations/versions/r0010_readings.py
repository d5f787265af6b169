"""How sources were read is kept, so that their objects can be read again: each way once, under its digest."""

import sqlalchemy as sa
from alembic import op

from evidence.store import guards

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "readings",
        sa.Column("digest", NAME, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["recorded_at"], ["commits.at"], name="fk_readings_recorded_at"),
        sa.PrimaryKeyConstraint("digest", name="pk_readings"),
    )
    guards.refuse("readings", "UPDATE", "DELETE")


def downgrade() -> None:
    """Remove it: what is recorded then cannot be read again as it was."""
    op.drop_table("readings")
