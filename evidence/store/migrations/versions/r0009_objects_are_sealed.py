"""Objects are sealed, each with a key of its own; keys, and the salts of commitments, can be destroyed."""

import sqlalchemy as sa
from alembic import op

from evidence.store import guards

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NUMBER = sa.BigInteger()
ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)
DESTROYED = "0" * 64  # in the place of a salt that is gone


def upgrade() -> None:
    """Make the tables whose rows may go; of a key, what wraps it may change as well. Salts move into theirs."""
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
    op.create_table(
        "object_salts",
        sa.Column("object", ROW_NUMBER, nullable=False, autoincrement=False),
        sa.Column("salt", NAME, nullable=False),
        sa.ForeignKeyConstraint(["object"], ["objects.id"], name="fk_object_salts_object"),
        sa.PrimaryKeyConstraint("object", name="pk_object_salts"),
        sa.CheckConstraint("length(salt) = 64", name=op.f("ck_object_salts_salt")),
    )
    op.execute("INSERT INTO object_salts (object, salt) SELECT id, salt FROM objects")
    guards.refuse("object_salts", "UPDATE")
    op.create_table(
        "object_states",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("digest", NAME, nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("found_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["found_at"], ["commits.at"], name="fk_object_states_found_at"),
        sa.PrimaryKeyConstraint("id", name="pk_object_states"),
    )
    guards.refuse("object_states", "UPDATE", "DELETE")
    with op.batch_alter_table("objects", copy_from=_objects()) as objects:
        objects.drop_column("salt")
    if op.get_bind().dialect.name == "sqlite":
        guards.refuse("objects", "UPDATE", "DELETE")


def downgrade() -> None:
    """Put the salts back, and destroy all keys: what was sealed is lost."""
    of = " ON objects" if op.get_bind().dialect.name == "postgresql" else ""
    op.execute(f"DROP TRIGGER objects_no_update{of}")
    op.add_column("objects", sa.Column("salt", NAME, nullable=False, server_default=DESTROYED))
    op.execute(
        "UPDATE objects SET salt = (SELECT s.salt FROM object_salts AS s WHERE s.object = objects.id) "
        "WHERE id IN (SELECT object FROM object_salts)"
    )
    guards.refuse("objects", "UPDATE")
    op.drop_table("object_states")
    op.drop_table("object_salts")
    op.drop_table("object_keys")


def _objects() -> sa.Table:
    """The table as SQLite must be told to make it anew."""
    metadata = sa.MetaData()
    sa.Table("commits", metadata, sa.Column("at", AT, primary_key=True))
    return sa.Table(
        "objects",
        metadata,
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("digest", NAME, nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("source", NAME, nullable=False),
        sa.Column("run_id", NAME, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("modified", AT),
        sa.Column("version", NAME),
        sa.Column("edition", NAME, nullable=False),
        sa.Column("origin", NAME, nullable=False),
        sa.Column("how", NAME, nullable=False),
        sa.Column("salt", NAME, nullable=False),
        sa.Column("key_id", NAME),
        sa.Column("mapped", NAME),
        sa.Column("recorded_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["recorded_at"], ["commits.at"], name="fk_objects_recorded_at"),
        sa.PrimaryKeyConstraint("id", name="pk_objects"),
        sa.UniqueConstraint("source", "name", "edition", "digest", name="uq_objects_source_name_edition_digest"),
        sa.Index("ix_objects_digest", "digest"),
    )
