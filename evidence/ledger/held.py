"""What the ledger needs of a transaction of the store, and how it reads a leaf."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from evidence.ledger import merkle
from evidence.ledger.merkle import Place, RootOf

PREFIX = "tenken/"
GROUP = PREFIX + "group"
ANCHOR, PURGED, REQUESTED = "anchor", "purged", "purge_requested"


class Entry(Protocol):
    """What a log holds at one place."""

    @property
    def seq(self) -> int: ...
    @property
    def leaf(self) -> bytes: ...
    @property
    def leaf_hash(self) -> bytes: ...
    @property
    def claim_key(self) -> str: ...


class Leaves(Protocol):
    """The part of a transaction that keeps the leaves, and the tree above them."""

    def append(self, log: str, entry: Mapping[str, object], claim_key: str) -> Entry: ...

    def size(self, log: str) -> int: ...

    def entry(self, log: str, seq: int) -> Entry | None: ...

    def stream(self, log: str) -> Iterator[Entry]: ...

    def claimed(self, claim_key: str) -> bool: ...

    def claimed_under(self, log: str, prefix: str) -> Sequence[Entry]: ...

    def claimed_twice(self, log: str) -> Sequence[tuple[int, int]]: ...

    def nodes(self, log: str, places: Sequence[Place]) -> Sequence[bytes]: ...

    def level(self, log: str, level: int) -> Iterator[tuple[int, bytes]]: ...

    def node_count(self, log: str) -> int: ...


class Heads(Protocol):
    """The part of a transaction that keeps the signed heads."""

    def add(self, log: str, size: int, note: str) -> object: ...

    def latest(self, log: str) -> tuple[int, str] | None: ...

    def all(self, log: str) -> Sequence[tuple[int, str]]: ...


class Held(Protocol):
    """A transaction of the store, as far as the ledger needs one."""

    @property
    def ledger(self) -> Leaves: ...
    @property
    def checkpoints(self) -> Heads: ...


def root_of(tx: Held, log: str) -> RootOf:
    """The roots of a log, from the few stored nodes that each consists of."""
    return lambda low, high: merkle.joined(tx.ledger.nodes(log, merkle.cover(low, high)))


def told(tx: Held, logs: Iterable[str], *kinds: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """What the entries of these kinds say, each with its log, in these logs; never all of them at once."""
    for name in logs:
        for entry in tx.ledger.stream(name):
            is_bytes = isinstance(entry.leaf, bytes)  # a hand in SQLite may leave text
            is_it = is_bytes and any(kind.encode() in entry.leaf for kind in kinds)
            entry_says = said(entry.leaf) if is_it else None
            if entry_says and entry_says.get("kind") in kinds:
                yield name, entry_says


def said(leaf: bytes) -> dict[str, object] | None:
    """What a leaf says; None when it is no JSON object."""
    try:
        told = json.loads(leaf)
    except (ValueError, TypeError, RecursionError):
        return None
    return told if isinstance(told, dict) else None
