"""The rows of an example as a window: only the tables that its test reads, quick to change for a probe.

What a row leaves out is filled as everywhere (``evidence.facts.rows.shown``); a history that is not written holds the
rows of its dataset with an open span.
"""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from controls.binding import dataset_of, tables_of
from evidence.datasets import Dataset, Kind, catalogue
from evidence.facts.rows import shown, table
from evidence.facts.sql import empty_sql
from evidence.period import Period

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]


class Shown:
    """A window over the tables of some datasets in an engine that it has for itself; :meth:`hold` fills them."""

    def __init__(self, datasets: Iterable[str], period: Period, engine: duckdb.DuckDBPyConnection) -> None:
        self.period = period
        self.datasets = {table: catalogue()[name] for name in datasets for table in tables_of(catalogue()[name])}
        self._engine = engine

    def filled(self, given: Rows, lookback_days: int) -> dict[str, pa.Table]:
        """Every table, complete in all its columns; of events, only those that the test may see."""
        first = self.period.since - timedelta(days=lookback_days)
        tables = {}
        for name in self.datasets:
            shape = self._shape(name)
            told = given.get(name, given.get(dataset_of(name), ()))
            rows = shown(shape, [{"object": name, **row} for row in told], self.period.zone)
            seen = [row for row in rows if shape.kind is not Kind.EVENT or first <= _day(row) <= self.period.as_of]
            tables[name] = table(shape, seen)
        return tables

    def hold(self, name: str, rows: pa.Table) -> None:
        """Put rows in the place of those a table had."""
        if not rows.num_rows:
            self._engine.execute(empty_sql(self._shape(name), f'"{name}"', "CREATE OR REPLACE"))
            return
        self._engine.register("told", rows)
        self._engine.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM told')  # noqa: S608
        self._engine.unregister("told")

    def run(self, sql: str, bindings: Mapping[str, object], *, lookback_days: int) -> pa.Table:  # noqa: ARG002
        """Run one admitted SELECT; what is too old for it was not put in."""
        with warnings.catch_warnings():  # it warns of a copy of the answer; without it the text would be bound twice
            warnings.simplefilter("ignore", UserWarning)
            return self._engine.execute(sql, dict(bindings)).to_arrow_table()

    def _shape(self, name: str) -> Dataset:
        dataset = self.datasets[name]
        return dataset if name == dataset.name else dataset.with_span()


def _day(row: Row) -> date:
    day = row["occurred_on"]
    return day if isinstance(day, date) else date.fromisoformat(str(day))
