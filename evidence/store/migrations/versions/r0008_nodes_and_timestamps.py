"""The ledger keeps the hashes of its complete subtrees, and the time stamps of its heads.

The nodes of the entries so far are made here from the stored hashes of the leaves: what was changed in them shows when
a head is signed, for they no longer lead to the last signed one.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

from evidence.store import guards

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NUMBER = sa.BigInteger()
ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)
TABLES = ("ledger_nodes", "timestamps")
AT_ONCE = 10_000  # rows


def upgrade() -> None:
    """Make the tables, and the nodes above the leaves that there are."""
    nodes = op.create_table(
        "ledger_nodes",
        sa.Column("log", NAME, nullable=False),
        sa.Column("level", NUMBER, autoincrement=False, nullable=False),
        sa.Column("place", NUMBER, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log", "level", "place", name="pk_ledger_nodes"),
        sa.CheckConstraint("level >= 1 AND place >= 0", name=op.f("ck_ledger_nodes_place")),
    )
    op.create_table(
        "timestamps",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("log", NAME, nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("token", sa.LargeBinary()),
        sa.Column("reason", NAME),
        sa.Column("recorded_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["recorded_at"], ["commits.at"], name="fk_timestamps_recorded_at"),
        sa.PrimaryKeyConstraint("id", name="pk_timestamps"),
        sa.CheckConstraint("token IS NOT NULL OR reason IS NOT NULL", name=op.f("ck_timestamps_told")),
    )
    op.create_index("ix_timestamps_log_size", "timestamps", ["log", "size"])
    for rows in _batches(_nodes()):
        op.bulk_insert(nodes, rows)
    for table in TABLES:
        guards.refuse(table, "UPDATE", "DELETE")


def downgrade() -> None:
    """Forget the nodes, which can be made again, and the time stamps."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _nodes() -> Iterator[dict[str, Any]]:
    read = sa.text("SELECT log, leaf_hash FROM ledger ORDER BY log, seq").execution_options(yield_per=AT_ONCE)
    log, size, peaks = None, 0, list[bytes]()
    for name, leaf_hash in op.get_bind().execute(read):
        if name != log:
            log, size, peaks = name, 0, []
        above, level, place = leaf_hash if isinstance(leaf_hash, bytes) else b"", 0, size
        while place & 1:
            above, level, place = sha256(b"\x01" + peaks.pop() + above).digest(), level + 1, place >> 1
            yield {"log": log, "level": level, "place": place, "hash": above}
        peaks.append(above)
        size += 1


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    held = list[dict[str, Any]]()
    for row in rows:
        held.append(row)
        if len(held) == AT_ONCE:
            yield held
            held = []
    if held:
        yield held
