"""What people and machines prove by that they are who they say, as digests that cannot be turned back."""

import sqlalchemy as sa
from alembic import op

from evidence.store import guards

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "credentials",
        sa.Column("kind", NAME, nullable=False),
        sa.Column("person_key", NAME, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('password', 'token')", name=op.f("ck_credentials_kind")),
        sa.ForeignKeyConstraint(["recorded_at"], ["commits.at"], name="fk_credentials_recorded_at"),
        sa.PrimaryKeyConstraint("kind", "person_key", "number", name="pk_credentials"),
    )
    guards.refuse("credentials", "UPDATE", "DELETE")


def downgrade() -> None:
    """Remove it: nobody with a password or a token gets in then."""
    op.drop_table("credentials")
