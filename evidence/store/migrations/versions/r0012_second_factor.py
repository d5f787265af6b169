"""People prove who they are by a one-time password, too (RFC 6238)."""

import sqlalchemy as sa
from alembic import op

from evidence.store import guards

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
AT = sa.DateTime(timezone=True)
BEFORE, AFTER = "kind IN ('password', 'token')", "kind IN ('password', 'token', 'totp')"


def upgrade() -> None:
    """Let the table hold them."""
    _be(AFTER, BEFORE)
    if not guards.is_postgresql():
        guards.refuse("credentials", "UPDATE", "DELETE")


def downgrade() -> None:
    """Remove them: a password is enough then."""
    op.execute("DROP TRIGGER credentials_no_delete" + (" ON credentials" if guards.is_postgresql() else ""))
    op.execute("DELETE FROM credentials WHERE kind = 'totp'")
    _be(BEFORE, AFTER)
    if guards.is_postgresql():
        op.execute("DROP TRIGGER credentials_no_truncate ON credentials")
        guards.refuse("credentials", "DELETE")
    else:
        guards.refuse("credentials", "UPDATE", "DELETE")


def _be(kinds: str, before: str) -> None:
    with op.batch_alter_table("credentials", copy_from=_credentials(before)) as credentials:
        credentials.drop_constraint(op.f("ck_credentials_kind"), type_="check")
        credentials.create_check_constraint(op.f("ck_credentials_kind"), kinds)


def _credentials(kinds: str) -> sa.Table:
    """The table as SQLite must be told to make it anew."""
    metadata = sa.MetaData()
    sa.Table("commits", metadata, sa.Column("at", AT, primary_key=True))
    return sa.Table(
        "credentials",
        metadata,
        sa.Column("kind", NAME, nullable=False),
        sa.Column("person_key", NAME, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("recorded_at", AT, nullable=False),
        sa.CheckConstraint(kinds, name=op.f("ck_credentials_kind")),
        sa.ForeignKeyConstraint(["recorded_at"], ["commits.at"], name="fk_credentials_recorded_at"),
        sa.PrimaryKeyConstraint("kind", "person_key", "number", name="pk_credentials"),
    )
