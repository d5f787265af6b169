"""An in-memory transaction, as far as the ledger needs one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from evidence.errors import AlreadyDone
from evidence.ledger import merkle

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
    """The leaves of all logs; a test may spoil ``logs``."""

    logs: dict[str, list[Kept]] = field(default_factory=dict)

    def append(self, log: str, entry: Mapping[str, object], claim_key: str) -> Kept:
        entries = self.logs.setdefault(log, [])
        if any(one.claim_key == claim_key for one in entries):
            raise AlreadyDone(claim_key)
        at = (BEGIN + timedelta(seconds=len(entries))).isoformat()
        leaf = json.dumps({**entry, "v": 1, "seq": len(entries), "at": at}, sort_keys=True).encode()
        kept = Kept(len(entries), leaf, merkle.leaf_hash(leaf), claim_key)
        entries.append(kept)
        return kept

    def leaves(self, log: str, until: int | None = None) -> list[Kept]:
        return self.logs.get(log, [])[:until]

    def rewrite(self, log: str, place: int, leaf: bytes) -> None:
        """What a database owner can do who also computes the hash of the leaf anew."""
        self.logs[log][place] = replace(self.logs[log][place], leaf=leaf, leaf_hash=merkle.leaf_hash(leaf))


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
class Held:
    """A transaction that holds a ledger in memory."""

    ledger: KeptLeaves = field(default_factory=KeptLeaves)
    checkpoints: KeptHeads = field(default_factory=KeptHeads)

    def grow(self, log: str, count: int) -> None:
        """Append that many entries."""
        for _ in range(count):
            number = len(self.ledger.leaves(log))
            self.ledger.append(log, {"kind": "collected", "slot": number}, f"slot-{number}")
