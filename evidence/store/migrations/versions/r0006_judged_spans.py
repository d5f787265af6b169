"""The index of judged days tells the first day of the judged period too: events of any of its days were looked at."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NAME = "ix_judgements_days"
OLD = ["company", "control", "as_of", "judged_at", "verdict"]
NEW = ["company", "control", "as_of", "since", "judged_at", "verdict"]


def upgrade() -> None:
    """Put the index in the place of the one that it includes."""
    op.drop_index(NAME, "judgements")
    op.create_index(NAME, "judgements", NEW)


def downgrade() -> None:
    """Put the former one back."""
    op.drop_index(NAME, "judgements")
    op.create_index(NAME, "judgements", OLD)
