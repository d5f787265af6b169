"""Reading what was frozen of a closed period: held against its digest and against the ledger, each time.

Rows and ledger must tell of the same closes: a period of which either tells more, or something else, is not shown.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from evidence import ledger
from evidence.errors import ConfigError, Tampered
from evidence.ledger import keys as signing
from evidence.ledger import merkle, note
from evidence.store import Transaction
from evidence.store.values import LedgerEntry, PeriodCloseRow
from evidence.vault import Digest
from house import House, snapshot

ABOUT = ("cycle", "since", "as_of", "version", "known_at", "marks")  # what object, entry and row all say
Days = tuple[str, str, str]  # of a closed period: company, first and last day


def versions(house: House, company: str | None = None) -> tuple[list[PeriodCloseRow], list[str]]:
    """Every version of every closed period (of a company), in the order of their last days; and, in words, what is
    wrong with the periods that are left out."""
    with house.store.read() as tx:
        rows = tx.closes.all(company)
        codes = {row.company for row in rows} | {code for code in house.settings.codes if company in (None, code)}
        wrong = {days: told for code in sorted(codes) for days, told in differing(tx, code).items()}
    return [row for row in rows if days_of(row) not in wrong], list(wrong.values())


def differing(tx: Transaction, company: str) -> dict[Days, str]:
    """The closed periods of a company of which its rows and its ledger tell otherwise, and how."""
    log, wrong = ledger.log_of(company), dict[Days, str]()
    entries = {entry.seq: entry for entry in tx.ledger.leaves(log) if _of_close(entry)}
    for row in tx.closes.all(company):
        if not _commits(tx, entries.pop(row.entry, None), row):
            wrong[days_of(row)] = _other(row)
    for entry in entries.values():
        told = ledger.said(entry.leaf) or {}
        days = (company, str(told.get("since")), str(told.get("as_of")))
        what = f"{company} {days[1]} to {days[2]}, version {told.get('version')}"
        wrong[days] = f"{what}: is entry {entry.seq} of {log}, and its row is gone; compare with a backup"
    return wrong


def days_of(row: PeriodCloseRow) -> Days:
    """Which period a version is of."""
    return row.company, row.since.isoformat(), row.as_of.isoformat()


def read_version(house: House, row: PeriodCloseRow) -> Mapping[str, Any]:
    """What one version says; Tampered when it is not what the ledger committed to."""
    with house.vault.open(Digest(row.digest)) as file:
        content = file.read()
    log = ledger.log_of(row.company)
    with house.store.read() as tx:
        if not _commits(tx, tx.ledger.entry(log, row.entry), row):
            raise Tampered(_other(row))
    told: dict[str, Any] = json.loads(content)
    if (told.get("company"), _about(told)) != (row.company, _as_told(row)):
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
    """One version of a closed period, by default the newest; ConfigError when there is none, Tampered when rows and
    ledger do not tell of the same versions."""
    with house.store.read() as tx:
        mine, wrong = tx.closes.of(company, since, as_of), differing(tx, company)
    if told := wrong.get((company, since.isoformat(), as_of.isoformat())):
        raise Tampered(told)
    if not mine:
        raise ConfigError(f"{company}: {since} to {as_of} is not closed; see `tenken periods list`")
    chosen = [row for row in mine if version in (None, row.version)]
    if not chosen:
        raise ConfigError(f"{company}: {since} to {as_of} has versions 1 to {mine[-1].version}, and no {version}")
    return chosen[-1]


def _of_close(entry: LedgerEntry) -> bool:
    """Whether an entry is of a close; all of a log are asked, so only those that may be are read."""
    marked = isinstance(entry.leaf, bytes) and snapshot.KIND.encode() in entry.leaf
    return marked and (ledger.said(entry.leaf) or {}).get("kind") == snapshot.KIND


def _commits(tx: Transaction, entry: LedgerEntry | None, row: PeriodCloseRow) -> bool:
    """Whether an entry speaks of just this row, and commits to its object."""
    if entry is None or merkle.leaf_hash(entry.leaf) != entry.leaf_hash:
        return False
    told, held = ledger.said(entry.leaf) or {}, tx.objects.by_digest(row.digest)
    if held is None or (told.get("kind"), _about(told)) != (snapshot.KIND, _as_told(row)):
        return False
    try:
        commitment = ledger.commitment(bytes.fromhex(held.salt), bytes.fromhex(row.digest)).hex()
    except ValueError:  # a hand left no salt in its place
        return False
    return told.get("commitments") == [commitment]


def _about(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: told.get(name) for name in ABOUT}


def _as_told(row: PeriodCloseRow) -> dict[str, Any]:
    """A row in the words of its object and its entry."""
    return {
        "cycle": row.cycle, "since": row.since.isoformat(), "as_of": row.as_of.isoformat(), "version": row.version,
        "known_at": snapshot.moment(row.known_at), "marks": row.marks,
    }  # fmt: skip


def _named(row: PeriodCloseRow) -> str:
    return f"{row.company} {row.since} to {row.as_of}, version {row.version}"


def _other(row: PeriodCloseRow) -> str:
    return f"{_named(row)}: is not what entry {row.entry} of its ledger commits to; compare with a backup"
