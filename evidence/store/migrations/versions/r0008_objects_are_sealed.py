"""Objects are sealed, each with a key of its own, and the wrapped keys can be destroyed."""

import sqlalchemy as sa
from alembic import op

from evidence.store import guards

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table; what is wrapped, and by what, may change in it, and rows may go."""
    op.create_table(
        "object_keys",
        sa.Column("key_id", NAME, nullable=False),
        sa.Column("digest", NAME, nullable=False),
        sa.Column("wrapped_by", NAME, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_object_keys"),
    )
    op.create_index("ix_object_keys_digest", "object_keys", ["digest"])
    guards.refuse("object_keys", "UPDATE", of=("key_id", "digest"))


def downgrade() -> None:
    """Destroy all keys: what was sealed is lost."""
    op.drop_table("object_keys")
