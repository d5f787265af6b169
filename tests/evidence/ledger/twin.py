"""An in-memory transaction, as far as the ledger needs one."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from evidence import ledger
from evidence.errors import AlreadyDone, Tampered
from evidence.ledger import merkle
from evidence.ledger.keys import SigningKey

BEGIN = datetime(2026, 4, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Kept:
    """One entry as the store gives it."""

    seq: int
    leaf: bytes
    leaf_hash: bytes
    claim_key: str


@dataclass(slots=True)
class KeptLeaves:
    """The leaves of all logs, and the nodes above them; a test may spoil ``logs`` and ``trees``."""

    logs: dict[str, list[Kept]] = field(default_factory=dict)
    trees: dict[str, dict[merkle.Place, bytes]] = field(default_factory=dict)
    read: list[merkle.Place] = field(default_factory=list)  # the nodes that somebody asked for

    def append(self, log: str, entry: Mapping[str, object], claim_key: str) -> Kept:
        if any(one.claim_key == claim_key for one in self.leaves(log)):
            raise AlreadyDone(claim_key)
        seq, entries, nodes = self.size(log), self.logs.setdefault(log, []), self.trees.setdefault(log, {})
        at = (BEGIN + timedelta(seconds=seq)).isoformat()
        leaf = json.dumps({**entry, "v": 1, "seq": seq, "at": at}, sort_keys=True).encode()
        kept = Kept(seq, leaf, merkle.leaf_hash(leaf), claim_key)
        completed = merkle.Tree(seq, self.nodes(log, merkle.cover(0, seq))).append(kept.leaf_hash)
        if nodes.keys() & dict(completed).keys():
            raise Tampered(f"{log}: a node above entry {seq} is there already")
        entries.append(kept)
        nodes.update(completed)
        return kept

    def leaves(self, log: str, until: int | None = None) -> list[Kept]:
        return self.logs.get(log, [])[:until]

    def stream(self, log: str) -> Iterator[Kept]:
        return iter(self.leaves(log))

    def size(self, log: str) -> int:
        return max((one.seq + 1 for one in self.leaves(log)), default=0)

    def entry(self, log: str, seq: int) -> Kept | None:
        return next((one for one in self.leaves(log) if one.seq == seq), None)

    def claimed(self, claim_key: str) -> bool:
        return any(one.claim_key == claim_key for entries in self.logs.values() for one in entries)

    def claimed_under(self, log: str, prefix: str) -> list[Kept]:
        return [one for one in self.leaves(log) if one.claim_key.startswith(prefix)]

    def claimed_twice(self, log: str) -> list[tuple[int, int]]:
        places: dict[str, list[int]] = {}
        for one in self.leaves(log):
            places.setdefault(one.claim_key, []).append(one.seq)
        return [(min(found), max(found)) for found in places.values() if len(found) > 1]

    def nodes(self, log: str, places: Sequence[merkle.Place]) -> list[bytes]:
        self.read += places
        found = self.trees.get(log, {}) | {(0, one.seq): one.leaf_hash for one in self.leaves(log)}
        if any(place not in found for place in places):
            raise Tampered(f"{log}: a stored hash is gone")
        return [found[place] for place in places]

    def level(self, log: str, level: int) -> Iterator[tuple[int, bytes]]:
        return iter(sorted((n, node) for (at, n), node in self.trees.get(log, {}).items() if at == level))

    def node_count(self, log: str) -> int:
        return len(self.trees.get(log, {}))

    def rewrite(self, log: str, place: int, leaf: bytes) -> None:
        """What a database owner can do who also computes anew what follows from the leaf."""
        self.logs[log][place] = replace(self.logs[log][place], leaf=leaf)
        self.rebuild(log)

    def rebuild(self, log: str) -> None:
        """Compute all hashes of a log anew from its leaves, as they stand."""
        entries = self.leaves(log)
        self.logs[log] = [replace(one, leaf_hash=merkle.leaf_hash(one.leaf)) for one in entries]
        tree, nodes = merkle.Tree(), self.trees.setdefault(log, {})
        nodes.clear()
        for one in self.logs[log]:
            nodes.update(tree.append(one.leaf_hash))


@dataclass(slots=True)
class KeptHeads:
    """The signed heads of all logs."""

    heads: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def add(self, log: str, size: int, note: str) -> None:
        self.heads.setdefault(log, []).append((size, note))

    def latest(self, log: str) -> tuple[int, str] | None:
        return max(self.heads.get(log, []), default=None)

    def all(self, log: str) -> list[tuple[int, str]]:
        return self.heads.get(log, [])


@dataclass(slots=True)
class KeptLast:
    """The memory of a signer."""

    signed: str | None = None

    def read(self) -> str | None:
        return self.signed

    def keep(self, signed: str) -> None:
        self.signed = signed


@dataclass(slots=True)
class Held:
    """A transaction that holds a ledger in memory."""

    ledger: KeptLeaves = field(default_factory=KeptLeaves)
    checkpoints: KeptHeads = field(default_factory=KeptHeads)

    def grow(self, log: str, count: int) -> None:
        """Append that many entries."""
        for _ in range(count):
            number = len(self.ledger.leaves(log))
            self.ledger.append(log, {"kind": "collected", "slot": number}, f"slot-{number}")

    def sign(self, *keys: SigningKey, last: KeptLast | None = None) -> str:
        """Sign the head of the log of a key, by a signer that remembers what is stored unless it is told."""
        stored = self.checkpoints.latest(keys[0].vkey.name)
        return ledger.checkpoint(self, keys[0].vkey.name, keys, last or KeptLast(stored and stored[1]))
