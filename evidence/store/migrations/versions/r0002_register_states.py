"""Versions of register rows say how far they have come; until now all were approved, and none was ever retired."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Tell the state instead of whether a row was retired."""
    op.add_column("register_versions", sa.Column("state", NAME, nullable=False, server_default="approved"))
    op.drop_column("register_versions", "retired")


def downgrade() -> None:
    """Know again only whether a row was retired."""
    op.add_column("register_versions", sa.Column("retired", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.drop_column("register_versions", "state")
