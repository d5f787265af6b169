"""Reading what was frozen of a closed period: held against its digest and against the ledger, each time."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from evidence import ledger
from evidence.errors import ConfigError, Tampered
from evidence.ledger import keys as signing
from evidence.ledger import merkle, note
from evidence.store import Transaction
from evidence.store.values import PeriodCloseRow
from evidence.vault import Digest
from house import House, snapshot

ABOUT = ("company", "cycle", "since", "as_of", "version", "known_at", "marks")  # what object and row both say


def versions(house: House, company: str | None = None) -> list[PeriodCloseRow]:
    """Every version of every closed period (of a company), in the order of their last days."""
    with house.store.read() as tx:
        return list(tx.closes.all(company))


def read_version(house: House, row: PeriodCloseRow) -> Mapping[str, Any]:
    """What one version says; Tampered when it is not what the ledger committed to."""
    content = house.vault.path(Digest(row.digest)).read_bytes()
    with house.store.read() as tx:
        _committed(tx, row)
    told: dict[str, Any] = json.loads(content)
    as_row = {
        "company": row.company, "cycle": row.cycle, "since": row.since.isoformat(), "as_of": row.as_of.isoformat(),
        "version": row.version, "known_at": snapshot.moment(row.known_at), "marks": dict(row.marks),
    }  # fmt: skip
    if {name: told.get(name) for name in ABOUT} != as_row:
        raise Tampered(f"{_named(row)}: the row does not say what the frozen object says")
    return told


def signed_size(house: House, row: PeriodCloseRow) -> int | None:
    """The size of the newest signed head of the log, in which the entry of a version was proven to stand.

    None when no head was signed since; Tampered when the log is not what was signed.
    """
    log = ledger.log_of(row.company)
    with house.store.read() as tx:
        head = tx.checkpoints.latest(log)
        if head is None or head[0] <= row.entry:
            return None
        proof = ledger.prove(tx, log, row.entry, head[0])
    checkpoint = note.verify_checkpoint(head[1], signing.load(house.home / "keys", log).vkey, log)
    if (checkpoint.size, checkpoint.root) != (proof.size, proof.root):
        raise Tampered(f"{_named(row)}: the first {head[0]} entries of {log} are not those that were signed")
    return proof.size


def found(house: House, company: str, since: date, as_of: date, version: int | None) -> PeriodCloseRow:
    """One version of a closed period, by default the newest; ConfigError when there is none."""
    with house.store.read() as tx:
        mine = tx.closes.of(company, since, as_of)
    if not mine:
        raise ConfigError(f"{company}: {since} to {as_of} is not closed; see `tenken periods list`")
    chosen = [row for row in mine if version in (None, row.version)]
    if not chosen:
        raise ConfigError(f"{company}: {since} to {as_of} has versions 1 to {mine[-1].version}, and no {version}")
    return chosen[-1]


def _committed(tx: Transaction, row: PeriodCloseRow) -> None:
    entry, held = tx.ledger.entry(ledger.log_of(row.company), row.entry), tx.objects.by_digest(row.digest)
    if entry is None or held is None or merkle.leaf_hash(entry.leaf) != entry.leaf_hash:
        raise Tampered(f"{_named(row)}: the ledger's entry or the record of the object is gone or changed")
    said = json.loads(entry.leaf)
    about = (said.get("kind"), said.get("since"), said.get("as_of"), said.get("version"))
    commitment = ledger.commitment(bytes.fromhex(held.salt), bytes.fromhex(row.digest)).hex()
    if about != (snapshot.KIND, row.since.isoformat(), row.as_of.isoformat(), row.version) or said.get(
        "commitments"
    ) != [commitment]:
        raise Tampered(f"{_named(row)}: is not what entry {row.entry} of the ledger commits to")


def _named(row: PeriodCloseRow) -> str:
    return f"{row.company} {row.since} to {row.as_of}, version {row.version}"
