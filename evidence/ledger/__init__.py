"""The ledger: one append-only Merkle log a company, and a group log that anchors their heads.

Pure but for the transaction that is handed in. A log is named by its origin, ``tenken/<company>`` or
``tenken/group``; the ``seq`` of an entry is its place in the tree, from 0. An older database that is put back shows at
what the signer remembers (``signer``). What this room cannot see: leaves dropped after the newest checkpoint, and an
older database together with older keys. They show at any checkpoint that an auditor took home (promises.md §1.2):
anchoring often is the promise.
"""

import base64
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from evidence.errors import Tampered
from evidence.ledger import merkle
from evidence.ledger.audit import verify
from evidence.ledger.held import ANCHOR, GROUP, PREFIX, PURGED, REQUESTED, Entry, Held, root_of, said, told
from evidence.ledger.note import VerifierKey
from evidence.ledger.rotation import keys_of
from evidence.ledger.signer import checkpoint

__all__ = [
    "GROUP",
    "PREFIX",
    "PURGED",
    "REQUESTED",
    "SALT_SIZE",
    "Proof",
    "anchor",
    "checkpoint",
    "commitment",
    "commitments_of",
    "committing",
    "company_of",
    "erased_of",
    "keys_of",
    "log_of",
    "prove",
    "prove_under",
    "said",
    "told",
    "verify",
]

COMMITMENT = b"\x02"
SALT_SIZE = 32
DIGEST_SIZE = 32
COLLECTED, EDITED, JUDGED = "collected", "edited", "judged"
TLOG_PROOF = "c2sp.org/tlog-proof@v1"


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


def company_of(log: str) -> str:
    """The company whose log it is; empty for the group's."""
    return "" if log == GROUP else log.removeprefix(PREFIX)


def commitment(salt: bytes, digest: bytes) -> bytes:
    """What a leaf says of an object: it tells nothing of the bytes without the salt, and cannot be two objects."""
    if len(salt) != SALT_SIZE or len(digest) != DIGEST_SIZE:
        raise ValueError(f"a salt has {SALT_SIZE} bytes and a digest {DIGEST_SIZE}, not {len(salt)} and {len(digest)}")
    return sha256(COMMITMENT + salt + digest).digest()


def commitments_of(leaf: bytes) -> list[str]:
    """The commitments (hex) to objects that an entry makes; none when it makes none."""
    made = (said(leaf) or {}).get("commitments", [])
    return [str(one) for one in made] if isinstance(made, list) else []


def committing(tx: Held, logs: Iterable[str], commitments: Collection[str]) -> dict[str, list[str]]:
    """The logs, of these, that commit to any of these (hex), each with those that it does."""
    wanted, found = frozenset(commitments), dict[str, list[str]]()
    for log in logs:
        made = {one for entry in tx.ledger.stream(log) for one in commitments_of(entry.leaf)}
        if mine := sorted(made & wanted):
            found[log] = mine
    return found


def erased_of(leaf: bytes) -> list[str]:
    """The commitments (hex) that an entry says nobody can open any more; none when it is no tombstone."""
    told = said(leaf) or {}
    erased = told.get("erased", []) if told.get("kind") == PURGED else []
    return [str(one) for one in erased] if isinstance(erased, list) else []


def prove(tx: Held, log: str, seq: int, size: int | None = None) -> Proof:
    """The proof that an entry stands in the log of ``size`` leaves, by default the whole log.

    Tampered when the leaf is not the one that the tree was built of.
    """
    held, roots = tx.ledger.size(log), root_of(tx, log)
    size = held if size is None else size
    entry = tx.ledger.entry(log, seq) if 0 <= seq < size <= held else None
    if entry is None:
        raise ValueError(f"{log}: no entry {seq} in a log of {size}; it holds {held}")
    proof = Proof(log, seq, size, entry.leaf, merkle.inclusion_proof(roots, size, seq), roots(0, size))
    merkle.verify_inclusion(merkle.leaf_hash(proof.leaf), seq, size, proof.path, proof.root)
    return proof


def prove_under(tx: Held, log: str, seq: int, signed: str, vkey: VerifierKey) -> Proof:
    """The proof that an entry stands under a signed head; Tampered when the log is not what was signed."""
    head = keys_of(tx, log, vkey).verified(signed)
    proof = prove(tx, log, seq, head.size) if head.size <= tx.ledger.size(log) else None
    if proof is None or proof.root != head.root:
        raise Tampered(
            f"{log}: the first {head.size} entries are not those that were signed; see `tenken ledger verify`"
        )
    return proof


def anchor(tx: Held, companies: Sequence[str], actor: str = "tenken") -> Entry | None:
    """Write the head of each company's log into the group's log; None when exactly these heads were anchored before."""
    heads = []
    for log in sorted({log_of(company) for company in companies}):
        size = tx.ledger.size(log)
        heads.append({"log": log, "size": size, "root": base64.b64encode(root_of(tx, log)(0, size)).decode("ascii")})
    claim = f"{ANCHOR}|{sha256(json.dumps(heads, sort_keys=True).encode()).hexdigest()}"
    if tx.ledger.claimed(claim):  # a refused append would end the transaction
        return None
    return tx.ledger.append(GROUP, {"kind": ANCHOR, "actor": actor, "heads": heads}, claim)
