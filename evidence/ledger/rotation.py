"""Which key signs for a log at which size. A key is followed by another through an entry that both of them signed.

Whoever holds one of the keys can follow such entries forth and back to all others: none of them vouches for a key
without having signed, so nobody who lacks a key can name its successor.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evidence.errors import ConfigError, IntegrityError, Tampered
from evidence.ledger import note
from evidence.ledger.held import Held, said
from evidence.ledger.note import Checkpoint, Signer, VerifierKey

KEYCHANGE = "keychange"


@dataclass(frozen=True, slots=True)
class Change:
    """That one key followed another, by the entry that says so."""

    seq: int
    old: VerifierKey
    new: VerifierKey


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one log; a head that counts an entry of a change is signed by the newer key."""

    log: str
    first: VerifierKey
    changes: tuple[Change, ...] = ()

    def at(self, size: int) -> VerifierKey:
        """The key that signs a head of this size."""
        return next((one.new for one in reversed(self.changes) if one.seq < size), self.first)

    def between(self, before: int, size: int) -> tuple[VerifierKey, ...]:
        """The keys that sign a head of this size after one of ``before``: at each change also the one that goes."""
        changed = [one for one in self.changes if before <= one.seq < size]
        return (*(one.old for one in changed), self.at(size))

    def verified(self, signed: str | bytes) -> Checkpoint:
        """The head that a note says, signed by the key of its size; IntegrityError when it is not."""
        size = Checkpoint.parse(note.parse(signed).text).size
        return note.verify_checkpoint(signed, self.at(size), self.log)


def entry(log: str, old: Signer, new: Signer, actor: str, reason: str) -> dict[str, object]:
    """The ledger's entry that one key follows another: a note that both have signed."""
    signed = note.sign(f"{log}/{KEYCHANGE}\n{old.vkey}\n{new.vkey}\n", [old, new])
    return {"kind": KEYCHANGE, "actor": actor, "reason": reason, "vkey": str(new.vkey), "note": signed}


def claim(log: str, new: VerifierKey) -> str:
    """The claim key of such an entry: a key takes over once."""
    return f"{_claims(log)}{new.key_id.hex()}"


def change_of(log: str, seq: int, told: Mapping[str, object]) -> Change:
    """The change that an entry says; IntegrityError unless both of its keys signed it."""
    signed = note.parse(str(told.get("note")))
    title, old, new, *rest = [*signed.text.split("\n"), "", ""]
    try:
        keys = VerifierKey.parse(old), VerifierKey.parse(new)
    except ConfigError as error:
        raise IntegrityError(f"entry {seq}: a change of keys that names none: {error}") from error
    if title != f"{log}/{KEYCHANGE}" or {key.name for key in keys} != {log} or any(rest) or told.get("vkey") != new:
        raise Tampered(f"entry {seq}: a change of keys of another log, or that says something else than its note")
    for key in keys:
        note.verify(str(signed), key)
    return Change(seq, *keys)


def chained(log: str, given: VerifierKey, changes: Iterable[Change]) -> Keys:
    """The keys of a log; Tampered unless each change goes on from the one before and one of the keys is ``given``."""
    made = tuple(changes)
    current = made[0].old if made else given
    keys = Keys(log, current, made)
    for one in made:
        if one.old != current:
            raise Tampered(f"{log}: entry {one.seq}: changes a key that was not in use")
        current = one.new
    if given not in (keys.first, *(one.new for one in made)):
        raise Tampered(f"{log}: {given} is none of the keys that followed each other in it")
    return keys


def keys_of(tx: Held, log: str, given: VerifierKey) -> Keys:
    """The keys of a log as its entries say, which are found by their claims."""
    found = tx.ledger.claimed_under(log, _claims(log))
    return chained(log, given, (change_of(log, one.seq, said(one.leaf) or {}) for one in found))


def _claims(log: str) -> str:
    return f"{KEYCHANGE}|{log}|"
