"""The heads of the ledger: signed, and held against all that they speak of."""

from collections.abc import Callable
from typing import Any

from evidence import ledger
from evidence.errors import IntegrityError
from evidence.ledger import keys as signing
from evidence.vault import Digest
from house import House, logs
from house.closed import differing


def checkpoint(house: House) -> dict[str, str]:
    """Sign the heads of all logs and anchor the companies' heads in the group's; the notes by log."""
    notes: dict[str, str] = {}
    with house.store.write() as tx:
        for code in house.settings.codes:
            log = ledger.log_of(code)
            notes[log] = ledger.checkpoint(tx, log, signing.load(house.home / "keys", log))
        ledger.anchor(tx, house.settings.codes)
        notes[ledger.GROUP] = ledger.checkpoint(tx, ledger.GROUP, signing.load(house.home / "keys", ledger.GROUP))
    return notes


def verify_ledger(house: House) -> list[str]:
    """Everything that is wrong with the logs and with the objects and closes they speak of; empty when all holds."""
    problems: list[str] = []
    with house.store.read() as tx:
        for log in logs(house.settings):
            problems += ledger.verify(tx, log, signing.load(house.home / "keys", log).vkey)
        for code in house.settings.codes:
            problems += differing(tx, code).values()
        recorded = tx.objects.visible(tx.at) if tx.ledger.logs() else []
        files = tx.facts.visible(tx.at) if tx.ledger.logs() else []
    for held in recorded:
        problems += _wrong(house.vault.verify, Digest(held.digest))
    for file in files:
        problems += _wrong(house.facts.verified, file)
    return list(dict.fromkeys(problems))


def _wrong(check: Callable[[Any], object], one: Any) -> list[str]:
    try:
        check(one)
    except IntegrityError as error:
        return [str(error)]
    return []
