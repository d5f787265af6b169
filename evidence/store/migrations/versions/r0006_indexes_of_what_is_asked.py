"""Indexes tell which gaps are open, what of them was told, and of which spans of days anything was judged.

Without them a round of telling reads all that is over, and a coverage calendar every judgement.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OF_GAPS, OF_A_GAP = "ix_gap_events_control", "ix_gap_events_gap"
OF_NOTICES, OF_ITEMS = "ix_notices_channel_made_at", "ix_notice_items_event"
OF_DAYS = "ix_judgements_days"
DAYS = ["company", "control", "as_of", "judged_at", "verdict"]
SPANS = ["company", "control", "as_of", "since", "judged_at", "verdict"]


def upgrade() -> None:
    """Make them; those that they include go."""
    op.create_index(OF_A_GAP, "gap_events", ["control", "company", "subject", "aspect", "seq"])
    op.drop_index(OF_GAPS, "gap_events")
    op.create_index(OF_NOTICES, "notices", ["channel", "made_at"])
    op.create_index(OF_ITEMS, "notice_items", ["event"])
    op.drop_index(OF_DAYS, "judgements")
    op.create_index(OF_DAYS, "judgements", SPANS)


def downgrade() -> None:
    """Let all be read again."""
    op.drop_index(OF_DAYS, "judgements")
    op.create_index(OF_DAYS, "judgements", DAYS)
    op.drop_index(OF_ITEMS, "notice_items")
    op.drop_index(OF_NOTICES, "notices")
    op.create_index(OF_GAPS, "gap_events", ["control"])
    op.drop_index(OF_A_GAP, "gap_events")
