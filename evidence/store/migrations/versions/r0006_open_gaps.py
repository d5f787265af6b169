"""Indexes tell which gaps are open and what of them was told, without reading what is over."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OLD, NEW = "ix_gap_events_control", "ix_gap_events_gap"
OF_NOTICES, OF_ITEMS = "ix_notices_channel_made_at", "ix_notice_items_event"


def upgrade() -> None:
    """Make them; the index that one of them includes goes."""
    op.create_index(NEW, "gap_events", ["control", "company", "subject", "aspect", "seq"])
    op.drop_index(OLD, "gap_events")
    op.create_index(OF_NOTICES, "notices", ["channel", "made_at"])
    op.create_index(OF_ITEMS, "notice_items", ["event"])


def downgrade() -> None:
    """Let all be read again."""
    op.drop_index(OF_ITEMS, "notice_items")
    op.drop_index(OF_NOTICES, "notices")
    op.create_index(OLD, "gap_events", ["control"])
    op.drop_index(NEW, "gap_events")
