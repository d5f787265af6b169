"""The heads of the ledger: signed, and held against all that they speak of; and the keys that sign them."""

from collections.abc import Callable
from typing import Any

from evidence import ledger
from evidence.errors import IntegrityError, Tampered
from evidence.ledger import keys as signing
from evidence.ledger import rotation, signer
from evidence.ledger.held import root_of
from evidence.ledger.keys import SigningKey
from evidence.ledger.note import Checkpoint, VerifierKey
from evidence.store import Transaction
from evidence.vault import Digest
from house import House, bound, is_log, logs, purged, stamps
from house.closed import differing, lost_moments, on_record


def checkpoint(house: House) -> dict[str, str]:
    """Sign the heads of all logs and anchor the companies' heads in the group's; the notes by log.

    A log that is refused (Tampered, in the end) keeps no other from being signed.
    """
    notes, refused = dict[str, str](), dict[str, str]()

    def sign(log: str) -> None:
        try:
            with house.store.write() as tx:  # on its own: a signer never signs what may still be undone
                notes[log] = _signed(house, tx, log)
        except Tampered as error:
            refused[log] = str(error)

    if signing.last_head(house.home / "keys", ledger.GROUP).read() is None:
        sign(ledger.GROUP)  # before it anchors anything: see signer.forgotten
    for log in signed_logs(house):
        if log != ledger.GROUP:
            sign(log)
    if ledger.GROUP not in refused:
        with house.store.write() as tx:
            ledger.anchor(tx, [ledger.company_of(one) for one in notes if one != ledger.GROUP])
        sign(ledger.GROUP)
    for log in notes:
        succeed(house, log)
    if refused:
        raise Tampered("\n".join(refused.values()))
    return notes


def signed_logs(house: House) -> list[str]:
    """The logs that are signed: those of the settings, and of what left them those whose keys are there."""
    folder = house.home / "keys"
    with house.store.read() as tx:
        told = logs(house.settings, tx)
    return [log for log in told if log in logs(house.settings) or signing.place(folder, log).exists()]


def rotate(house: House, log: str, by: str, reason: str) -> VerifierKey:
    """Let a new key follow the one of a log, by an entry and a head that both sign; what was begun before is ended."""
    folder = house.home / "keys"
    current = signing.load(folder, log)
    with house.store.read() as tx:
        begun = ledger.keys_of(tx, log, current.vkey).at(tx.ledger.size(log)) != current.vkey
    checkpoint(house)
    if not begun:
        upcoming = signing.successor(folder, log)
        entry = rotation.entry(log, current, upcoming, by, reason)
        with house.store.write() as tx:
            tx.ledger.append(log, entry, rotation.claim(log, upcoming.vkey))
        checkpoint(house)
    return signing.vkey(folder, log)


def succeed(house: House, log: str) -> SigningKey:
    """The key in use; a new one is taken into use when a head was signed by it."""
    folder = house.home / "keys"
    current, *upcoming = signing.signers(folder, log)
    with house.store.read() as tx:
        head = tx.checkpoints.latest(log)
        keys = ledger.keys_of(tx, log, current.vkey)
    if upcoming and head and keys.at(head[0]) == upcoming[0].vkey:
        signing.succeed(folder, log)
        return upcoming[0]
    return current


def verify_ledger(house: House) -> list[str]:
    """Everything that is wrong with the logs and with the objects and closes they speak of; empty when all holds."""
    problems, folder = list[str](), house.home / "keys"
    with house.store.read() as tx:
        problems += [f"{name!r}: is no log of ours" for name in tx.ledger.logs() if not is_log(name)]
        for log in logs(house.settings, tx):
            remembered = signing.last_head(folder, log).read()
            problems += filter(None, [signer.forgotten(tx, log, remembered)])
            if signing.place(folder, log).exists():
                problems += ledger.verify(tx, log, signing.vkey(folder, log), remembered)
            else:
                problems.append(
                    f"{log}: its key is gone; restore {signing.place(folder, log)} from a backup of the keys"
                )
            problems += stamps.wrong(house, tx, log)
        for code in on_record(tx):
            problems += differing(tx, code).values()
        recorded = tx.objects.visible(tx.at) if tx.ledger.logs() else []
        files = tx.facts.visible(tx.at) if tx.ledger.logs() else []
        lost = tx.objects.lost_runs() if tx.ledger.logs() else {}
        problems += purged.differing(tx)
        problems += bound.differing(tx)
    problems += lost_moments(house)
    for held in recorded:
        if held.salt:
            problems += _wrong(house.vault.verify, Digest(held.digest))
    for file in files:
        if lost.get(file.run_id) != "erased":
            problems += _wrong(house.facts.verified, file)
    return list(dict.fromkeys(problems))


def grown_since(house: House, log: str, kept: str) -> tuple[Checkpoint, Checkpoint]:
    """A signed head of a log that somebody kept, and the log's head now, which grew from it.

    IntegrityError when the note was not signed for this log, or the log is not what grew from what was signed.
    """
    with house.store.read() as tx:
        before = ledger.keys_of(tx, log, signing.vkey(house.home / "keys", log)).verified(kept)
        size, roots = tx.ledger.size(log), root_of(tx, log)
        head = Checkpoint(log, size, roots(0, size))
        signer.grown(before, head, roots)
    return before, head


def _signed(house: House, tx: Transaction, log: str) -> str:
    folder = house.home / "keys"
    return ledger.checkpoint(tx, log, signing.signers(folder, log), signing.last_head(folder, log))


def _wrong(check: Callable[[Any], object], one: Any) -> list[str]:
    try:
        check(one)
    except IntegrityError as error:
        return [str(error)]
    return []
