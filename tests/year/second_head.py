"""The oracles asked about the year: what plain Python finds in the same evidence, beside what the controls found."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from controls import engine
from evidence.datasets import Kind, catalogue
from evidence.facts.window import Window
from evidence.period import Period
from house import House, window
from tests.oracle.predicates import Facts
from tests.oracle.test_oracles import CASES, folded

OPEN = {
    "PHY-1-01": "the companies share a site, and the oracle cannot tell whose place it is",
    "TEC-3-02": "whether a medium or a printer has an operating system no text decides, and the oracle counts them",
}
"""What is not asked of the oracles, and why."""


def disagreements(house: House, as_of: date) -> Iterator[str]:
    """Where the two heads differ about the 45 days until a day, of all controls of the year."""
    period = Period(as_of - timedelta(days=house.settings.recompute_days - 1), as_of, house.settings.zone)
    seen = window(house, period, house.store.last_commit() or house.clock.now())
    cases = {case.control: case for case in reversed(CASES)}
    for control in house.catalogue.controls:
        if control.id in OPEN:
            continue
        case, parameters = cases[str(control.id)], {p.name: p.value for p in control.parameters}
        members = engine.run(control, seen)
        if isinstance(members, engine.TestFault):
            yield f"{control.id}: {members}"
            continue
        facts = _facts(seen, period, control.lookback_days)
        answered = {(m.company, m.subject, m.aspect, m.occurred_on): m.conforms for m in members}
        marks = folded(case, control, facts, answered)
        required = folded(case, control, facts, case.oracle(facts, period, parameters))
        for key in sorted(marks.keys() | required.keys(), key=str):
            if marks.get(key) != required.get(key):
                yield f"{control.id} {key} as of {as_of}: control {marks.get(key)}, oracle {required.get(key)}"


def _facts(seen: Window, period: Period, lookback_days: int) -> Facts:
    """All rows as a test of the control may see them."""
    first = period.since - timedelta(days=lookback_days)
    told: dict[str, list[dict[str, Any]]] = {}
    for dataset in catalogue().values():
        rows = seen.rows(dataset.name)
        if dataset.kind is Kind.EVENT:
            told[dataset.name] = [row for row in rows if first <= row["occurred_on"] <= period.as_of]
        else:
            told[dataset.name] = rows
            told[f"{dataset.name}_history"] = seen.rows(dataset.name, history=True)
    return told
