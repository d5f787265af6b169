"""Keeping the calendars: their days go into the facts once, with the file they were expanded from in the vault."""

import io
import json
import secrets
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from evidence.datasets import CALENDAR, catalogue
from evidence.facts import Facts, read_schema
from evidence.facts.rows import OPEN_END, table
from evidence.ledger import GROUP, SALT_SIZE, commitment
from evidence.store import Store, Transaction
from evidence.store.values import FetchedObject
from evidence.vault import StoredObject, Vault
from registers.calendar import EPOCH, LAW, calendar_rows


def keep(
    store: Store, vault: Vault, facts: Facts, closed: Mapping[str, Collection[date]], first: date, last: date
) -> int:
    """Expand the law's calendar and each company's, by code with its closed days; how many days were written."""
    rows = calendar_rows(LAW, first, last)
    for code, days in closed.items():
        rows += calendar_rows(code, first, last, days)
    content = "".join(json.dumps(row, default=date.isoformat, sort_keys=True) + "\n" for row in rows).encode()
    stored = vault.put(io.BytesIO(content))
    with store.read() as tx:
        if _is_kept(tx, stored.digest):
            return 0
    dataset = catalogue()["calendar_days"]
    run_id = f"{CALENDAR}-{stored.digest[:16]}"
    told = (_kept(row, stored.digest, line) for line, row in enumerate(rows, start=1))
    batches = table(dataset, told).select(read_schema(dataset).names).to_batches()
    salt = secrets.token_bytes(SALT_SIZE)
    with store.write() as tx:  # one writes at a time: the file, too, is written by one process only
        if _is_kept(tx, stored.digest):
            return 0
        file = facts.write(dataset, CALENDAR, run_id, first, batches)
        tx.objects.add(_object(stored, run_id, salt))
        if file is not None:
            tx.facts.add(file)
        told_ledger = {
            "kind": CALENDAR,
            "actor": "tenken",
            "days": len(rows),
            "run": run_id,
            "facts": [file.digest] if file else [],
            "commitments": [commitment(salt, bytes.fromhex(stored.digest)).hex()],
        }
        tx.ledger.append(GROUP, told_ledger, f"calendar|{stored.digest}")
    return len(rows)


def _is_kept(tx: Transaction, digest: str) -> bool:
    return any(held.digest == digest for held in tx.objects.of_source(CALENDAR))


def _kept(row: Mapping[str, Any], digest: str, line: int) -> dict[str, Any]:
    return {
        **row,
        "valid_from_on": EPOCH,
        "valid_to_on": OPEN_END,
        "entered_by": "tenken",
        "object": digest,
        "line": line,
    }


def _object(stored: StoredObject, run_id: str, salt: bytes) -> FetchedObject:
    return FetchedObject(
        digest=stored.digest,
        size=stored.size,
        source=CALENDAR,
        run_id=run_id,
        name="calendar.jsonl",
        modified=None,
        version=stored.digest,
        origin="holidays",
        how="import",
        salt=salt.hex(),
        key_id=stored.key_id,
    )
