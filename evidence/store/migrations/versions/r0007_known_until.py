"""The index of judged days tells until when each judgement knew: days to come may be judged, and count for nothing."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OF_DAYS = "ix_judgements_days"
SPANS = ["company", "control", "as_of", "since", "judged_at", "verdict"]


def upgrade() -> None:
    """Make it anew with two more columns."""
    op.drop_index(OF_DAYS, "judgements")
    op.create_index(OF_DAYS, "judgements", [*SPANS, "known_at", "followed"])


def downgrade() -> None:
    """Make it as it was."""
    op.drop_index(OF_DAYS, "judgements")
    op.create_index(OF_DAYS, "judgements", SPANS)
