"""What was judged becomes evidence for the next judging of the period: people's answers are compared with it.

ORG-5-02 reads it as any other dataset, from an object of the vault that the ledger commits to, and a verdict can be
repeated when the tables of assessments are gone.
"""

import io
import json
import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from controls.assess import verdict
from controls.model import Assessment, Deviation, Tally
from evidence.datasets import OURSELVES, catalogue
from evidence.facts import read_schema
from evidence.facts.rows import table
from evidence.ledger import SALT_SIZE, commitment
from evidence.period import Period
from evidence.store import Transaction
from evidence.store.values import FetchedObject, Run
from evidence.vault import StoredObject
from house import House

DATASET = "assessments"
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Measured:
    """The verdicts of one company in one judging, as an object of the vault that nothing refers to yet."""

    company: str
    period: Period
    run_id: str
    rows: Sequence[Mapping[str, Any]]
    stored: StoredObject


def measured(house: House, judged: Sequence[Assessment]) -> Measured:
    """Put what was judged of one company into the vault: a row for each control and department, and for the whole."""
    period = Period(judged[0].since, judged[0].as_of, house.settings.zone)
    company, run_id = judged[0].company, f"{OURSELVES}-{period.as_of:%Y%m%d}-{secrets.token_hex(8)}"
    tolerance = house.settings.company(company).tolerance_percent
    told = (row for one in judged for row in _rows(one, house.catalogue.control(one.control).severity, tolerance))
    rows = [{"assessment_key": f"{run_id}-{line}", **row} for line, row in enumerate(told, start=1)]
    content = "".join(json.dumps(row, sort_keys=True, ensure_ascii=False) + "\n" for row in rows).encode()
    return Measured(company, period, run_id, rows, house.vault.put(io.BytesIO(content)))


def keep_measured(house: House, tx: Transaction, told: Measured) -> dict[str, object]:
    """Make it count, in the transaction that keeps the assessments; what binds it, for their ledger entry."""
    dataset, digest, salt = catalogue()[DATASET], told.stored.digest, secrets.token_bytes(SALT_SIZE)
    since, as_of = told.period.since, told.period.as_of
    event = {"occurred_at": told.period.until_at - INSTANT, "occurred_on": as_of, "object": digest}
    rows = ({**row, **event, "line": line} for line, row in enumerate(told.rows, start=1))
    batches = table(dataset, rows).select(read_schema(dataset).names).to_batches()
    if file := house.facts.write(dataset, OURSELVES, told.run_id, as_of, batches):
        tx.facts.add(file)
    made = commitment(salt, bytes.fromhex(digest)).hex()
    tx.objects.add(
        FetchedObject(
            digest=digest, size=told.stored.size, source=OURSELVES, run_id=told.run_id, name="assessments.jsonl",
            modified=None, version=digest, origin="tenken", how="judged", salt=salt.hex(),
            key_id=told.stored.key_id,
        )
    )  # fmt: skip
    tx.runs.add(
        Run(
            told.run_id, OURSELVES, told.company, DATASET, as_of, "collected", complete=True, rows=len(told.rows),
            rows_reported=None, rejected=0, reason=None, snapshot_at=None, covers_from=since, covers_to=as_of,
        )
    )  # fmt: skip
    return {"commitments": [made], "run": told.run_id, "facts": [file.digest] if file else []}


def _rows(one: Assessment, severity: str, tolerance_percent: int) -> Iterator[dict[str, Any]]:
    whole = Tally(None, one.population, len(one.deviations), 0)
    yield _row(one, whole, one.verdict.value)
    found: dict[str | None, list[Deviation]] = defaultdict(list)
    for deviation in one.deviations:
        found[deviation.department].append(deviation)
    for tally in one.departments:
        if tally.department is not None:
            mine = found[tally.department]
            yield _row(one, tally, verdict(severity, tally.population, mine, tolerance_percent).value)


def _row(one: Assessment, tally: Tally, mark: str) -> dict[str, Any]:
    return {
        "company": one.company,
        "department": tally.department,
        "control_id": one.control,
        "since_on": one.since.isoformat(),
        "judged_on": one.as_of.isoformat(),
        "verdict": mark,
        "population": tally.population,
        "deviations": tally.deviations,
    }
