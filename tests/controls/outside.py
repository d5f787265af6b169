"""Examples whose events happened outside of the period: a SELECT states its own period, so they expect what none would make.

A window shows no event after the period, and of those before it only the days that a control looks back. Who runs the
SELECT over all facts, as an auditor may, has no window.
"""

from dataclasses import replace
from datetime import date, timedelta

import duckdb
import pyarrow as pa

from controls.definition import with_parameters
from controls.engine import run
from controls.examples import holding, named
from controls.model import Control, Example
from controls.population import Population
from controls.shown import Shown
from evidence.datasets import Kind, catalogue
from evidence.period import Period

EVENTS = frozenset(dataset.name for dataset in catalogue().values() if dataset.kind is Kind.EVENT)
DAY = timedelta(days=1)


def outside(control: Control, example: Example, engine: duckdb.DuckDBPyConnection) -> tuple[Example, Shown] | None:
    """An example with its events on the day after the period, and before it if the control does not look back."""
    window = Shown(control.datasets, Period(example.since, example.as_of), engine)
    tables = holding(window, example.given, control.lookback_days)
    events = {name: rows for name, rows in tables.items() if name in EVENTS and rows.num_rows}
    if not events:
        return None
    for name, rows in events.items():
        window.hold(name, rows.slice(0, 0))
    answer = run(with_parameters(control, example.parameters), window)
    assert isinstance(answer, Population), f"{control.id}, {example.name}: {answer}"
    days = [example.as_of + DAY, *([example.since - DAY] if control.lookback_days == 0 else [])]
    for name, rows in events.items():
        window.hold(name, pa.concat_tables([_on(day, rows) for day in days]))
    return replace(example, expect={name: m.conforms for name, m in named(answer).items()}, tells={}), window


def _on(day: date, rows: pa.Table) -> pa.Table:
    """The same on another day: whatever days and moments a row tells move with it."""
    told = rows.to_pylist()
    for row in told:
        by = day - row["occurred_on"]
        row |= {name: value + by for name, value in row.items() if isinstance(value, date)}
    return pa.Table.from_pylist(told, rows.schema)
