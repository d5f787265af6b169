"""The append-only logs: a leaf is the RFC 8785 canonical JSON of its entry, numbered and dated by the store."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from unicodedata import is_normalized

import rfc8785
from sqlalchemy import func, select

from evidence.store.rows import Rows, columns
from evidence.store.tables import CheckpointTable, LedgerTable
from evidence.store.values import LedgerEntry

GIVEN = ("v", "seq", "at")


class Ledger:
    """The leaves of all logs."""

    __slots__ = ("_rows", "_sizes")

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._sizes: dict[str, int] = {}  # this transaction is the only writer, so nobody else moves them

    def append(self, log: str, entry: Mapping[str, object], claim_key: str) -> LedgerEntry:
        """Append one entry; AlreadyDone, and nothing of the transaction remains, when the claim key is taken.

        ValueError for what has no single canonical form: floats, text that is not NFC, integers beyond 2^53.
        """
        return self.append_all(log, [(entry, claim_key)])[0]

    def append_all(self, log: str, entries: Sequence[tuple[Mapping[str, object], str]]) -> list[LedgerEntry]:
        """Append many entries with their claim keys in one statement; like :meth:`append` for each."""
        first = self.size(log)
        added = [
            _entry(log, first + place, self._rows.at, entry, claim_key)
            for place, (entry, claim_key) in enumerate(entries)
        ]
        rows = [{name: getattr(one, name) for name in LedgerEntry.__slots__} for one in added]
        self._rows.add(LedgerTable, entries[0][1] if len(entries) == 1 else f"entries of {log}", rows)
        self._sizes[log] = first + len(added)
        return added

    def leaves(self, log: str, until: int | None = None) -> list[LedgerEntry]:
        """The entries of a log in their order; the first ``until`` of them."""
        statement = _ALL.where(LedgerTable.log == log).order_by(LedgerTable.seq)
        if until is not None:
            statement = statement.where(LedgerTable.seq < until)
        return self._rows.read(LedgerEntry, statement)

    def entry(self, log: str, seq: int) -> LedgerEntry | None:
        """The entry at one place of a log; None when there is none."""
        return next(
            iter(self._rows.read(LedgerEntry, _ALL.where(LedgerTable.log == log, LedgerTable.seq == seq))), None
        )

    def size(self, log: str) -> int:
        """How many entries a log has; sequence numbers begin at 0."""
        if log not in self._sizes:
            last = self._rows.execute(select(func.max(LedgerTable.seq)).where(LedgerTable.log == log)).scalar()
            self._sizes[log] = 0 if last is None else last + 1
        return self._sizes[log]

    def logs(self) -> list[str]:
        """The names of all logs that have entries."""
        return list(self._rows.execute(select(LedgerTable.log).distinct().order_by(LedgerTable.log)).scalars())


class Checkpoints:
    """The signed heads of all logs."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, log: str, size: int, note: str) -> None:
        """Keep a signed head."""
        head = {"log": log, "size": size, "note": note, "recorded_at": self._rows.at}
        self._rows.add(CheckpointTable, f"checkpoint {log} {size}", [head])

    def latest(self, log: str) -> tuple[int, str] | None:
        """The head of the greatest size, the last signed of these."""
        mine = select(CheckpointTable.size, CheckpointTable.note).where(CheckpointTable.log == log)
        newest = mine.order_by(CheckpointTable.size.desc(), CheckpointTable.id.desc()).limit(1)
        return next(((head.size, head.note) for head in self._rows.execute(newest)), None)

    def all(self, log: str) -> list[tuple[int, str]]:
        """Size and note of every head of a log in the order of signing."""
        mine = select(CheckpointTable.size, CheckpointTable.note).where(CheckpointTable.log == log)
        return [(head.size, head.note) for head in self._rows.execute(mine.order_by(CheckpointTable.id))]


def _entry(log: str, seq: int, at: datetime, entry: Mapping[str, object], claim_key: str) -> LedgerEntry:
    # Imported here: the ledger's room brings its signing library along, and readers of the store do not need it.
    from evidence.ledger.merkle import leaf_hash

    if own := [name for name in GIVEN if name in entry]:
        raise ValueError(f"{', '.join(own)}: the store gives this to a ledger entry; leave it out")
    moment = at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    leaf = rfc8785.dumps({"v": 1, "seq": seq, "at": moment, **_canonical(entry, "entry")})
    return LedgerEntry(log, seq, leaf, leaf_hash(leaf), claim_key, at)


def _canonical(value: object, where: str) -> Any:
    """The value in plain dicts and lists; ValueError names the place, never the content."""
    match value:
        case None | bool() | int():
            return value
        case str():
            if not is_normalized("NFC", value):
                raise ValueError(f"{where}: text in a ledger entry must be NFC; normalise it first")
            return value
        case Mapping():
            if not all(isinstance(name, str) and name.isascii() for name in value):
                raise ValueError(f"{where}: the names in a ledger entry must be ASCII text")
            return {name: _canonical(part, f"{where}.{name}") for name, part in value.items()}
        case list() | tuple():
            return [_canonical(part, f"{where}[{place}]") for place, part in enumerate(value)]
        case _:
            raise ValueError(f"{where}: {type(value).__name__} has no canonical form; write it as text or an integer")


_ALL = select(*columns(LedgerTable, LedgerEntry))
