"""Signing the heads of a log, by a signer that remembers what it signed last.

That head is on the disk, beside the key, before anybody gets its signature. An older database that was put back, or
another history of the same length, is not what grew from it, and is refused; who is ended in between hands out the
same head the next time. It must count committed leaves only: what a transaction that signs has appended itself may
still be undone.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from evidence import secrets
from evidence.errors import ConfigError, Tampered
from evidence.ledger import merkle, note
from evidence.ledger.held import ANCHOR, GROUP, Held, root_of, told
from evidence.ledger.note import Checkpoint, Signer, VerifierKey
from evidence.ledger.rotation import keys_of


class Last(Protocol):
    """The memory of a signer."""

    def read(self) -> str | None: ...

    def keep(self, signed: str) -> None: ...


@dataclass(frozen=True, slots=True)
class LastHead:
    """The head that was signed last, in a file of its own."""

    path: Path

    def read(self) -> str | None:
        """The note; None before the first one."""
        if not os.path.lexists(self.path):
            return None
        return secrets.read(self.path, "restore it from the newest backup of the keys").decode("utf-8", "replace")

    def keep(self, signed: str) -> None:
        """Put another one in its place; it is on the disk when this returns."""
        secrets.replace(self.path, signed)


def checkpoint(tx: Held, log: str, signers: Sequence[Signer], last: Last, *, anew: bool = False) -> str:
    """Sign and keep the head of a log; the note that it kept before when nothing was added since.

    The first of the signers has a key of the log; after a change of keys the other one, too, must be there. Tampered,
    and nothing is signed, when the log is not what grew from the last head that was signed, or when that head is gone.
    ``anew`` is for two persons who accepted that: what was signed last is not asked for.
    """
    if wrong := [one.vkey.name for one in signers if one.vkey.name != log]:
        raise ValueError(f"the key of {wrong[0]} does not sign for the log {log}")
    size, roots, keys = tx.ledger.size(log), root_of(tx, log), keys_of(tx, log, signers[0].vkey)
    head, stored, remembered = (
        Checkpoint(log, size, roots(0, size)),
        tx.checkpoints.latest(log),
        None if anew else last.read(),
    )
    if not anew and (gone := forgotten(tx, log, remembered)):
        raise Tampered(f"{gone}; not signed")
    sizes = dict[str, int]()  # of the heads that were signed last, by their notes
    for signed in (stored and stored[1], remembered):
        if signed is not None:
            before = keys.verified(signed)
            grown(before, head, roots)
            sizes[signed] = before.size
    if stored and sizes[stored[1]] != stored[0]:
        raise Tampered(f"{log}: the last signed head is of {sizes[stored[1]]} leaves, not {stored[0]}; not signed")
    signed = next((one for one, of in sizes.items() if of == size), None)
    if signed is None:
        signed = note.sign(str(head), _needed(signers, keys.between(max(sizes.values(), default=0), size)))
    if remembered is None or sizes[remembered] != size:
        last.keep(signed)
    if stored is None or stored[0] != size:
        tx.checkpoints.add(log, size, signed)
    return signed


def forgotten(tx: Held, log: str, remembered: str | None) -> str:
    """Why a signer cannot remember nothing: heads of the log were kept or anchored. Empty when it remembers one, or
    when none was signed."""
    if remembered is not None or not (tx.checkpoints.latest(log) or _is_anchored(tx, log)):
        return ""
    return (
        f"{log}: what its signer signed last is gone (keys/ledger-….head), so nobody sees whether an older database "
        "was put back; restore it from the newest backup of the keys, or let two persons accept that it is gone: "
        "`tenken ledger accept-rollback`"
    )


def _is_anchored(tx: Held, log: str) -> bool:
    """Whether an entry of the group's log shows that heads of a log were signed: the group's own are, before any."""
    anchors = [said.get("heads") for _, said in told(tx, [GROUP], ANCHOR)]
    named = (head for heads in anchors if isinstance(heads, list) for head in heads if isinstance(head, dict))
    return bool(anchors) if log == GROUP else any(head.get("log") == log for head in named)


def _needed(signers: Sequence[Signer], keys: Sequence[VerifierKey]) -> list[Signer]:
    known = {one.vkey: one for one in signers}
    if missing := [key for key in keys if key not in known]:
        raise ConfigError(f"the signing key of {missing[0]} is not there; restore it from a backup of the keys")
    return [known[key] for key in keys]


def grown(before: Checkpoint, head: Checkpoint, roots: merkle.RootOf) -> None:
    """Tampered unless a log grew to its head from one that was signed before."""
    if before.size > head.size:
        what = f"{before.size} leaves were signed and {head.size} are left: an older database was put back (rollback)"
        raise Tampered(f"{head.origin}: {what}; not signed")
    if before.size == 0:  # from nothing everything grows
        return
    path = merkle.consistency_proof(roots, head.size, before.size)
    try:
        merkle.verify_consistency(before.size, before.root, head.size, head.root, path)
    except Tampered as error:
        what = f"the first {before.size} leaves are not those that were signed"
        raise Tampered(f"{head.origin}: {what}; not signed") from error
