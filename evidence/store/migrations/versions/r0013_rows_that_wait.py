"""Rows that wait for somebody are found by their state: of a large register most were approved long ago."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index it."""
    op.create_index("ix_register_versions_state", "register_versions", ["state"])


def downgrade() -> None:
    """Remove the index."""
    op.drop_index("ix_register_versions_state", "register_versions")
