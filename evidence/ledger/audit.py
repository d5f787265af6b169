"""Everything that is wrong with a log, computed anew from its leaves. They are streamed: a log may be of any length."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from evidence.errors import IntegrityError
from evidence.ledger import merkle, note
from evidence.ledger.held import ANCHOR, GROUP, PURGED, REQUESTED, Entry, Held, root_of, said
from evidence.ledger.note import Checkpoint, VerifierKey
from evidence.ledger.rotation import KEYCHANGE, Change, Keys, chained, change_of

Anchored = tuple[int, int, str]  # the group's entry that says so, size and root
Head = tuple[str, int | None, str]  # what it is called, the size under which it is kept, its note
MOST = 1_000  # problems that are told of one log


def verify(tx: Held, log: str, vkey: VerifierKey, remembered: str | None = None) -> list[str]:
    """What is wrong with a log and its signed heads, in words; empty when all is as it was written.

    ``vkey`` is any of the log's keys; ``remembered`` the head that its signer says it signed last.
    """
    return [f"{log}: {problem}" for problem in islice(_problems(tx, log, vkey, remembered), MOST)]


def _problems(tx: Held, log: str, vkey: VerifierKey, remembered: str | None) -> Iterator[str]:
    heads: list[Head] = [(f"checkpoint of {size}", size, signed) for size, signed in tx.checkpoints.all(log)]
    if remembered is not None:
        heads.append(("the head that the signer signed last", None, remembered))
    roots = {size: b"" for *_, signed in heads if (size := _size(signed)) is not None}
    tree, anchors, changes = _Checked(tx, log), dict[str, list[Anchored]](), list[Change]()
    requests = dict[str, object]()  # for purges, by what they tell
    for place, entry in enumerate(tx.ledger.stream(log)):
        if place in roots:
            roots[place] = tree.root()
        told = said(entry.leaf) or {}
        yield from tree.take(place, entry, told)
        yield from _one_hand(place, told, requests)
        if log == GROUP and told.get("kind") == ANCHOR:
            yield from _anchored(entry.seq, told.get("heads"), anchors)
        if told.get("kind") == KEYCHANGE:
            try:
                changes.append(change_of(log, entry.seq, told))
            except IntegrityError as error:
                yield str(error)
    roots[tree.size] = tree.root()
    yield from tree.surplus()
    for first, last in tx.ledger.claimed_twice(log):
        yield f"entry {last}: claims what entry {first} claimed already"
    yield from _wrong_heads(log, vkey, changes, heads, roots, tree.size)
    yield from _wrong_anchors(tx, anchors)


class _Checked:
    """The tree as the leaves give it, held against what is stored of it while it grows."""

    def __init__(self, tx: Held, log: str) -> None:
        self._ledger, self._log, self._tree = tx.ledger, log, merkle.Tree()
        self._latest: datetime | None = None
        self._stored: dict[int, Iterator[tuple[int, bytes]] | None] = {}  # by level; None: it was wrong already
        self._counted = 0

    @property
    def size(self) -> int:
        return self._tree.size

    def root(self) -> bytes:
        return self._tree.root()

    def take(self, place: int, entry: Entry, told: Mapping[str, object]) -> Iterator[str]:
        """Add one entry and say what is wrong with it."""
        if entry.seq != place:
            yield f"entry {place}: has the number {entry.seq}; one is missing, stands twice or was moved"
        hashed = merkle.leaf_hash(entry.leaf if isinstance(entry.leaf, bytes) else b"")  # a hand left text or NULL
        if hashed != entry.leaf_hash:
            yield f"entry {entry.seq}: the leaf is not the one that was hashed"
        for (level, number), node in self._tree.append(hashed):
            self._counted += 1
            yield from self._compare(level, number, node)
        if told.get("seq") != entry.seq:
            yield f"entry {entry.seq}: the leaf does not say that it is number {entry.seq}"
            return
        at = _instant(told.get("at"))
        if at is None:
            yield f"entry {entry.seq}: the leaf does not say when it was written"
        elif self._latest is not None and at < self._latest:
            yield f"entry {entry.seq}: was written before the one that precedes it"
        else:
            self._latest = at

    def _compare(self, level: int, number: int, node: bytes) -> Iterator[str]:
        if level not in self._stored:
            self._stored[level] = self._ledger.level(self._log, level)
        stored = self._stored[level]
        if stored is not None and next(stored, None) != (number, node):
            self._stored[level] = None
            yield f"stored hash {number} of level {level}: is not what the leaves give"

    def surplus(self) -> Iterator[str]:
        """What is stored beside the nodes that the leaves give."""
        if None not in self._stored.values() and (count := self._ledger.node_count(self._log)) != self._counted:
            yield f"{count} hashes are stored above the leaves, which give {self._counted}"


def _one_hand(place: int, told: Mapping[str, object], requests: dict[str, object]) -> Iterator[str]:
    """Keep who asked for a purge; say of one that nobody else asked for it before."""
    kind, by, asker = told.get("kind"), told.get("actor"), told.get("requested_by")
    about = json.dumps([told.get(name) for name in ("source", "until", "why")], sort_keys=True)
    if kind == REQUESTED:  # in the group's log its number is its place
        requests[f"{told.get('request', place)} {about}"] = by
    elif kind == PURGED:
        asked = requests.get(f"{told.get('request')} {about}")
        if not isinstance(asker, str) or asker in ("", by) or asked != asker:
            yield f"entry {place}: a purge that nobody else asked for before"


def _wrong_heads(
    log: str, vkey: VerifierKey, changes: Sequence[Change], heads: Sequence[Head], roots: Mapping[int, bytes], left: int
) -> Iterator[str]:
    keys, before = Keys(log, vkey), 0
    try:
        keys = chained(log, vkey, changes)
    except IntegrityError as error:
        yield str(error).removeprefix(f"{log}: ")
    for what, size, signed in heads:
        try:
            head = keys.verified(signed)
            for key in keys.between(before, head.size) if size is not None else ():
                note.verify(signed, key)
        except IntegrityError as error:
            yield f"{what}: {error}"
            continue
        before = max(before, head.size)
        if size not in (None, head.size):
            yield f"{what}: the signed size is {head.size}"
        elif head.size > left:
            older = "; an older database was put back (rollback)" if size is None else ""
            yield f"{what}: is of {head.size} entries, and only {left} entries are left{older}"
        elif roots[head.size] != head.root:
            yield f"{what}: the first {head.size} entries are not those that were signed"


def _size(signed: str) -> int | None:
    """The size that a note says, whoever signed it."""
    try:
        return Checkpoint.parse(note.parse(signed).text).size
    except IntegrityError:
        return None


def _anchored(seq: int, heads: object, anchors: dict[str, list[Anchored]]) -> Iterator[str]:
    """Keep the heads that an entry of the group's log anchors."""
    for head in heads if isinstance(heads, list | tuple) else ():
        match head:
            case {"log": str(log), "size": int(size), "root": str(root)}:
                anchors.setdefault(log, []).append((seq, size, root))
            case _:
                yield f"entry {seq}: an anchor that does not name log, size and root"


def _wrong_anchors(tx: Held, anchors: Mapping[str, list[Anchored]]) -> Iterator[str]:
    """Compare every anchored head with the company's log as it is now: this is where a shortened log shows."""
    for log, heads in anchors.items():
        held, roots = tx.ledger.size(log), root_of(tx, log)
        for seq, size, root in heads:
            if size > held:
                yield f"entry {seq}: anchors {size} entries of {log}; only {held} are left"
                continue
            try:
                found = base64.b64encode(roots(0, size)).decode("ascii")
            except IntegrityError as error:
                yield f"entry {seq}: anchors {size} entries of {log}: {error}"
                continue
            if found != root:
                yield f"entry {seq}: the first {size} entries of {log} are not those that it anchors"


def _instant(at: object) -> datetime | None:
    """An aware datetime from the leaf's ISO 8601 text."""
    try:
        read = datetime.fromisoformat(at) if isinstance(at, str) else None
    except ValueError:
        return None
    return read if read is not None and read.tzinfo is not None else None
