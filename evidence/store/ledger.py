"""The append-only logs: a leaf is the RFC 8785 canonical JSON of its entry, numbered and dated by the store.

With each leaf go the nodes of the tree that it completes (ADR 11): what is signed or proven reads a few of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from unicodedata import is_normalized

import rfc8785
from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from evidence.errors import AlreadyDone, Tampered
from evidence.ledger import merkle
from evidence.ledger.merkle import Place, Tree
from evidence.store.rows import Rows, columns, row
from evidence.store.tables import CheckpointTable, LedgerNodeTable, LedgerTable, TimestampTable
from evidence.store.values import LedgerEntry, TimestampRow

GIVEN = ("v", "seq", "at")


class Ledger:
    """The leaves of all logs."""

    __slots__ = ("_rows", "_trees")

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._trees: dict[str, Tree] = {}  # this transaction is the only writer, so nobody else lets them grow

    def append(self, log: str, entry: Mapping[str, object], claim_key: str) -> LedgerEntry:
        """Append one entry; AlreadyDone, and nothing of the transaction remains, when the claim key is taken.

        ValueError for what has no single canonical form: floats, text that is not NFC, integers beyond 2^53.
        """
        return self.append_all(log, [(entry, claim_key)])[0]

    def append_all(self, log: str, entries: Sequence[tuple[Mapping[str, object], str]]) -> list[LedgerEntry]:
        """Append many entries with their claim keys in one statement; like :meth:`append` for each."""
        tree = self._tree(log)
        first = tree.size
        added = [
            _entry(log, first + place, self._rows.at, entry, claim_key)
            for place, (entry, claim_key) in enumerate(entries)
        ]
        rows = [{name: getattr(one, name) for name in LedgerEntry.__slots__} for one in added]
        self._rows.add(LedgerTable, entries[0][1] if len(entries) == 1 else f"entries of {log}", rows)
        nodes = [
            {"log": log, "level": level, "place": place, "hash": node}
            for one in added
            for (level, place), node in tree.append(one.leaf_hash)
        ]
        try:
            self._rows.add(LedgerNodeTable, f"nodes of {log}", nodes)
        except AlreadyDone as error:  # nobody did this before us: a hand took the leaf away and left its nodes
            self._rows.refused = Tampered(f"{log}: a hash above entry {first} is stored already; nothing was written")
            raise self._rows.refused from error
        return added

    def leaves(self, log: str, until: int | None = None, since: int = 0) -> list[LedgerEntry]:
        """The entries of a log in their order: the first ``until`` of them, from the place ``since`` on."""
        statement = _of(log).where(LedgerTable.seq >= since)
        if until is not None:
            statement = statement.where(LedgerTable.seq < until)
        return self._rows.read(LedgerEntry, statement)

    def stream(self, log: str) -> Iterator[LedgerEntry]:
        """The same of all of them while the transaction lasts, never all at once."""
        return self._rows.stream(LedgerEntry, _of(log))

    def entry(self, log: str, seq: int) -> LedgerEntry | None:
        """The entry at one place of a log; None when there is none."""
        return next(
            iter(self._rows.read(LedgerEntry, _ALL.where(LedgerTable.log == log, LedgerTable.seq == seq))), None
        )

    def claimed(self, claim_key: str) -> bool:
        """Whether some log has an entry that claims this."""
        return self._rows.execute(select(LedgerTable.seq).where(LedgerTable.claim_key == claim_key)).first() is not None

    def claimed_under(self, log: str, prefix: str) -> list[LedgerEntry]:
        """The entries of a log whose claims begin so, in their order."""
        return self._rows.read(LedgerEntry, _of(log).where(*_under(prefix)))

    def claimed_after(self, prefix: str, at: datetime) -> bool:
        """Whether some log got an entry after a moment whose claim begins so."""
        found = select(LedgerTable.seq).where(*_under(prefix), LedgerTable.recorded_at > at).limit(1)
        return self._rows.execute(found).first() is not None

    def claimed_twice(self, log: str) -> list[tuple[int, int]]:
        """The first and the last place of each claim that stands twice in a log: in none, while its key is unique."""
        first, last = func.min(LedgerTable.seq), func.max(LedgerTable.seq)
        mine = select(first, last).where(LedgerTable.log == log).group_by(LedgerTable.claim_key)
        return self._rows.read(lambda low, high: (low, high), mine.having(func.count() > 1))

    def size(self, log: str) -> int:
        """How many entries a log has; sequence numbers begin at 0."""
        if log in self._trees:
            return self._trees[log].size
        last = self._rows.execute(select(func.max(LedgerTable.seq)).where(LedgerTable.log == log)).scalar()
        return 0 if last is None else last + 1

    def nodes(self, log: str, places: Sequence[Place]) -> list[bytes]:
        """The stored hashes at places of the tree, in the order given; Tampered when one is gone."""
        above: dict[int, list[int]] = {}
        for level, place in places:
            if level > 0:
                above.setdefault(level, []).append(place)
        found: dict[tuple[int, int], bytes] = {}
        if above:
            n = LedgerNodeTable
            # Written out by level: for pairs within a list SQLite reads all nodes of the log.
            these = [and_(n.log == log, n.level == level, n.place.in_(mine)) for level, mine in above.items()]
            found = {
                (one.level, one.place): one.hash
                for one in self._rows.execute(select(n.level, n.place, n.hash).where(or_(*these)))
            }
        if leaves := [place for level, place in places if level == 0]:
            mine_too = select(LedgerTable.seq, LedgerTable.leaf_hash)
            read = self._rows.execute(mine_too.where(LedgerTable.log == log, LedgerTable.seq.in_(leaves)))
            found |= {(0, one.seq): one.leaf_hash for one in read}
        if gone := [place for place in places if not isinstance(found.get(place), bytes)]:
            level, place = gone[0]
            raise Tampered(f"{log}: the stored hash {place} of level {level} is gone; see `tenken ledger verify`")
        return [found[place] for place in places]

    def level(self, log: str, level: int) -> Iterator[tuple[int, bytes]]:
        """The stored nodes of one level above the leaves, by place, while the transaction lasts."""
        n = LedgerNodeTable
        mine = select(n.place, n.hash).where(n.log == log, n.level == level).order_by(n.place)
        return self._rows.stream(lambda place, node: (place, node), mine)

    def node_count(self, log: str) -> int:
        """How many nodes are stored of a log."""
        counted = select(func.count()).select_from(LedgerNodeTable).where(LedgerNodeTable.log == log)
        return int(self._rows.execute(counted).scalar_one())

    def logs(self) -> list[str]:
        """The names of all logs that have entries; what is no text, as a hand may leave it, as Python shows it."""
        found = self._rows.execute(select(LedgerTable.log).distinct().order_by(LedgerTable.log)).scalars()
        return [name if isinstance(name, str) else repr(name) for name in found]

    def _tree(self, log: str) -> Tree:
        if log not in self._trees:
            size = self.size(log)
            self._trees[log] = Tree(size, self.nodes(log, merkle.cover(0, size)))
        return self._trees[log]


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


class Timestamps:
    """What time-stamping authorities answered about signed heads."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, stamp: TimestampRow) -> None:
        """Keep an answer as it came, or why there was none."""
        what = f"time stamp of {stamp.log} {stamp.size}"
        self._rows.add(TimestampTable, what, [row(stamp, recorded_at=self._rows.at)])

    def all(self, log: str) -> list[TimestampRow]:
        """Every answer about the heads of a log, in their order."""
        return self._rows.read(TimestampRow, _STAMPS.where(TimestampTable.log == log).order_by(TimestampTable.id))

    def good(self, log: str, size: int | None = None) -> TimestampRow | None:
        """The newest that counts, of the head of a size or of any."""
        mine = _STAMPS.where(TimestampTable.log == log, TimestampTable.reason.is_(None))
        if size is not None:
            mine = mine.where(TimestampTable.size == size)
        return next(iter(self._rows.read(TimestampRow, mine.order_by(TimestampTable.id.desc()).limit(1))), None)


def moment(at: datetime) -> str:
    """A moment of the store (UTC) as leaves tell it."""
    return at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _entry(log: str, seq: int, at: datetime, entry: Mapping[str, object], claim_key: str) -> LedgerEntry:
    if own := [name for name in GIVEN if name in entry]:
        raise ValueError(f"{', '.join(own)}: the store gives this to a ledger entry; leave it out")
    leaf = rfc8785.dumps({"v": 1, "seq": seq, "at": moment(at), **_canonical(entry, "entry")})
    return LedgerEntry(log, seq, leaf, merkle.leaf_hash(leaf), claim_key, at)


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


def _under(prefix: str) -> tuple[ColumnElement[bool], ...]:
    after = prefix[:-1] + chr(ord(prefix[-1]) + 1)  # a range, because LIKE would read all claims that there are
    return LedgerTable.claim_key >= prefix, LedgerTable.claim_key < after


def _of(log: str) -> Select[Any]:
    return _ALL.where(LedgerTable.log == log).order_by(LedgerTable.seq)


_ALL = select(*columns(LedgerTable, LedgerEntry))
_STAMPS = select(*columns(TimestampTable, TimestampRow))
