"""The ledger: one append-only Merkle log a company, and a group log that anchors their heads.

Pure but for the transaction that is handed in. A log is named by its origin, ``tenken/<company>`` or
``tenken/group``; the ``seq`` of an entry is its place in the tree, from 0. What this room cannot see: leaves dropped
after the newest checkpoint, and a whole older database put back. Both show at the group's anchors, and at any
checkpoint that an auditor took home (promises.md §1.2): anchoring often is the promise.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from evidence.errors import IntegrityError, Tampered
from evidence.ledger import merkle, note

COMMITMENT = b"\x02"
SALT_SIZE = 32
DIGEST_SIZE = 32
PREFIX = "tenken/"
GROUP = PREFIX + "group"
ANCHOR = "anchor"
PURGED = "purged"
TLOG_PROOF = "c2sp.org/tlog-proof@v1"


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
    """The part of a transaction that keeps the leaves."""

    def append(self, log: str, entry: Mapping[str, object], claim_key: str) -> Entry: ...

    def leaves(self, log: str, until: int | None = None) -> Sequence[Entry]: ...


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


@dataclass(frozen=True, slots=True)
class Proof:
    """That a leaf stands at a place of the tree of a size."""

    log: str
    seq: int
    size: int
    leaf: bytes
    path: tuple[bytes, ...]
    root: bytes

    def text(self, checkpoint: str) -> str:
        """The proof as a C2SP ``.tlog-proof`` file, with the signed head of the same size."""
        lines = [TLOG_PROOF, f"index {self.seq}", *(base64.b64encode(one).decode("ascii") for one in self.path)]
        return "\n".join(lines) + "\n\n" + checkpoint


def log_of(company: str) -> str:
    """The log of a company; the name ``group`` is taken by the log that anchors them all."""
    if company.casefold() == "group":
        raise ValueError("a company cannot be called group: that is the log that anchors the companies' heads")
    return PREFIX + company


def commitment(salt: bytes, digest: bytes) -> bytes:
    """What a leaf says of an object: it tells nothing of the bytes without the salt, and cannot be two objects."""
    if len(salt) != SALT_SIZE or len(digest) != DIGEST_SIZE:
        raise ValueError(f"a salt has {SALT_SIZE} bytes and a digest {DIGEST_SIZE}, not {len(salt)} and {len(digest)}")
    return sha256(COMMITMENT + salt + digest).digest()


def commitments_of(leaf: bytes) -> list[str]:
    """The commitments (hex) to objects that an entry makes; none when it makes none."""
    made = (said(leaf) or {}).get("commitments", [])
    return [str(one) for one in made] if isinstance(made, list) else []


def erased_of(leaf: bytes) -> list[str]:
    """The commitments (hex) that an entry says nobody can open any more; none when it is no tombstone."""
    told = said(leaf) or {}
    erased = told.get("erased", []) if told.get("kind") == PURGED else []
    return [str(one) for one in erased] if isinstance(erased, list) else []


def checkpoint(tx: Held, log: str, signer: note.Signer) -> str:
    """Sign and keep the head of a log; the note it kept before when nothing was added since.

    Tampered, and nothing is signed, when the log is not what grew from the last head that was signed.
    """
    if signer.vkey.name != log:
        raise ValueError(f"the key of {signer.vkey.name} does not sign for the log {log}")
    hashes = _hashes(tx, log)
    head = note.Checkpoint(log, len(hashes), merkle.root(hashes))
    if (last := tx.checkpoints.latest(log)) is not None:
        before = note.verify_checkpoint(last[1], signer.vkey, log)
        if before.size != last[0]:
            raise Tampered(f"{log}: the last signed head is of {before.size} leaves, not {last[0]}; not signed")
        if before.size > head.size:
            raise Tampered(f"{log}: {before.size} leaves were signed and {head.size} are left; not signed")
        if merkle.root(hashes[: before.size]) != before.root:
            raise Tampered(f"{log}: the first {before.size} leaves are not those that were signed; not signed")
        if before.size == head.size:
            return last[1]
    signed = note.sign(str(head), [signer])
    tx.checkpoints.add(log, head.size, signed)
    return signed


def verify(tx: Held, log: str, vkey: note.VerifierKey) -> list[str]:
    """Everything that is wrong with a log and its signed heads, in words; empty when all is as it was written."""
    entries = tx.ledger.leaves(log)
    hashes = [_hash(entry) for entry in entries]
    problems = [f"{log}: {problem}" for problem in _wrong_entries(entries, hashes)]
    problems += [f"{log}: {problem}" for problem in _wrong_heads(hashes, tx.checkpoints.all(log), log, vkey)]
    if log == GROUP:
        problems += [f"{log}: {problem}" for problem in _wrong_anchors(tx, entries)]
    return problems


def prove(tx: Held, log: str, seq: int, size: int | None = None) -> Proof:
    """The proof that an entry stands in the log of ``size`` leaves, by default the whole log."""
    entries = tx.ledger.leaves(log, size)
    size = len(entries) if size is None else size
    if not 0 <= seq < size or size != len(entries):
        raise ValueError(f"{log}: no entry {seq} in a log of {size}; it holds {len(entries)}")
    hashes = _hashed(log, entries)
    return Proof(log, seq, size, entries[seq].leaf, merkle.inclusion_proof(hashes, seq), merkle.root(hashes))


def anchor(tx: Held, companies: Sequence[str], actor: str = "tenken") -> Entry | None:
    """Write the head of each company's log into the group's log; None when exactly these heads were anchored before."""
    heads = []
    for log in sorted({log_of(company) for company in companies}):
        hashes = _hashes(tx, log)
        root = base64.b64encode(merkle.root(hashes)).decode("ascii")
        heads.append({"log": log, "size": len(hashes), "root": root})
    claim = f"{ANCHOR}|{sha256(json.dumps(heads, sort_keys=True).encode()).hexdigest()}"
    if any(entry.claim_key == claim for entry in tx.ledger.leaves(GROUP)):  # a refused append would end the transaction
        return None
    return tx.ledger.append(GROUP, {"kind": ANCHOR, "actor": actor, "heads": heads}, claim)


def _hashes(tx: Held, log: str) -> list[bytes]:
    return _hashed(log, tx.ledger.leaves(log))


def _hashed(log: str, entries: Sequence[Entry]) -> list[bytes]:
    """The leaf hashes, computed anew from the leaves: what is signed or proven is never a stored hash."""
    for place, entry in enumerate(entries):
        if entry.seq != place:
            raise Tampered(f"{log}: entry {place} is missing; the next one is {entry.seq}")
    hashes = [_hash(entry) for entry in entries]
    for entry, hashed in zip(entries, hashes, strict=True):
        if hashed != entry.leaf_hash:
            raise Tampered(f"{log}: entry {entry.seq}: the leaf is not the one that was hashed")
    return hashes


def _hash(entry: Entry) -> bytes:
    """The hash of a leaf; of nothing when a hand in SQLite left text or NULL in the place of its bytes."""
    return merkle.leaf_hash(entry.leaf if isinstance(entry.leaf, bytes) else b"")


def _wrong_entries(entries: Sequence[Entry], hashes: Sequence[bytes]) -> Iterator[str]:
    claims: dict[str, int] = {}
    latest: datetime | None = None
    for place, (entry, hashed) in enumerate(zip(entries, hashes, strict=True)):
        if entry.seq != place:
            yield f"entry {place}: has the number {entry.seq}; one is missing, stands twice or was moved"
        if hashed != entry.leaf_hash:
            yield f"entry {entry.seq}: the leaf is not the one that was hashed"
        if (first := claims.setdefault(entry.claim_key, place)) != place:
            yield f"entry {entry.seq}: claims what entry {first} claimed already"
        told = said(entry.leaf)
        if told is None or told.get("seq") != entry.seq:
            yield f"entry {entry.seq}: the leaf does not say that it is number {entry.seq}"
            continue
        at = _instant(told.get("at"))
        if at is None:
            yield f"entry {entry.seq}: the leaf does not say when it was written"
        elif latest is not None and at < latest:
            yield f"entry {entry.seq}: was written before the one that precedes it"
        else:
            latest = at


def _wrong_heads(
    hashes: Sequence[bytes], heads: Sequence[tuple[int, str]], log: str, vkey: note.VerifierKey
) -> Iterator[str]:
    roots = _roots(hashes, {size for size, _ in heads})
    for size, signed in heads:
        try:
            head = note.verify_checkpoint(signed, vkey, log)
        except IntegrityError as error:
            yield f"checkpoint of {size}: {error}"
            continue
        if head.size != size:
            yield f"checkpoint of {size}: the signed size is {head.size}"
        elif size not in roots:
            yield f"checkpoint of {size}: only {len(hashes)} entries are left"
        elif roots[size] != head.root:
            yield f"checkpoint of {size}: the first {size} entries are not those that were signed"


def _wrong_anchors(tx: Held, entries: Sequence[Entry]) -> Iterator[str]:
    """Compare every anchored head with the company's log as it is now: this is where a shortened log shows."""
    anchored: dict[str, list[tuple[int, int, str]]] = {}
    for entry in entries:
        told = said(entry.leaf) or {}
        heads = told.get("heads") if told.get("kind") == ANCHOR else ()
        for head in heads if isinstance(heads, list | tuple) else ():
            match head:
                case {"log": str(log), "size": int(size), "root": str(root)}:
                    anchored.setdefault(log, []).append((entry.seq, size, root))
                case _:
                    yield f"entry {entry.seq}: an anchor that does not name log, size and root"
    for log, heads_of_log in anchored.items():
        hashes = [_hash(entry) for entry in tx.ledger.leaves(log)]
        roots = _roots(hashes, {size for _, size, _ in heads_of_log})
        for seq, size, root in heads_of_log:
            if size not in roots:
                yield f"entry {seq}: anchors {size} entries of {log}; only {len(hashes)} are left"
            elif base64.b64encode(roots[size]).decode("ascii") != root:
                yield f"entry {seq}: the first {size} entries of {log} are not those that it anchors"


def _roots(hashes: Sequence[bytes], sizes: set[int]) -> dict[int, bytes]:
    """The root at each of these sizes that the log has, in one pass."""
    tree = merkle.Tree()
    roots = {0: tree.root()} if 0 in sizes else {}
    for one in hashes:
        tree.append(one)
        if tree.size in sizes:
            roots[tree.size] = tree.root()
    return roots


def said(leaf: bytes) -> dict[str, object] | None:
    """What a leaf says; None when it is no JSON object."""
    try:
        told = json.loads(leaf)
    except (ValueError, TypeError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _instant(at: object) -> datetime | None:
    """An aware datetime from the leaf's ISO 8601 text."""
    try:
        read = datetime.fromisoformat(at) if isinstance(at, str) else None
    except ValueError:
        return None
    return read if read is not None and read.tzinfo is not None else None
