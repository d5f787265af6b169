"""The rows of an example as a window: only the tables that its test reads, quick to change for a probe.

What a row leaves out is filled as everywhere (``evidence.facts.rows.shown``); a history that is not written holds the
rows of its dataset with an open span.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from controls.binding import closed_engine, dataset_of, tables_of
from evidence.datasets import Dataset, Kind, catalogue
from evidence.facts.rows import shown, table
from evidence.period import Period

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]


class Shown:
    """A window over the tables of some datasets; :meth:`hold` fills them, as often as wanted."""

    def __init__(self, datasets: Iterable[str], period: Period) -> None:
        self.period = period
        self.datasets = {table: catalogue()[name] for name in datasets for table in tables_of(catalogue()[name])}
        self._connection = closed_engine()

    def __enter__(self) -> "Shown":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def filled(self, given: Rows) -> dict[str, list[dict[str, Any]]]:
        """The rows of every table, complete in all their columns."""
        rows = {}
        for name in self.datasets:
            told = given.get(name, given.get(dataset_of(name), ()))
            named = [{"object": name, **row} for row in told]
            rows[name] = shown(self._shape(name), named, self.period.zone)
        return rows

    def hold(self, name: str, rows: Iterable[Row], lookback_days: int) -> None:
        """Put rows in the place of those a table had; of events, only those that the test may see."""
        shape = self._shape(name)
        first = self.period.since - timedelta(days=lookback_days)
        seen = [row for row in rows if shape.kind is not Kind.EVENT or first <= _day(row) <= self.period.as_of]
        self._connection.register("told", table(shape, seen))
        self._connection.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM told')  # noqa: S608
        self._connection.unregister("told")

    def run(
        self,
        sql: str,
        bindings: Mapping[str, object],
        lists: Mapping[str, Sequence[str]],
        *,
        lookback_days: int,  # noqa: ARG002
    ) -> pa.Table:
        """Run one admitted SELECT; what is too old for it was not put in."""
        for name, values in lists.items():
            self._connection.register("told", pa.table({"value": pa.array(list(values), pa.string())}))
            self._connection.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM told')  # noqa: S608
            self._connection.unregister("told")
        return self._connection.sql(sql, params=dict(bindings)).to_arrow_table()

    def _shape(self, name: str) -> Dataset:
        dataset = self.datasets[name]
        return dataset if name == dataset.name else dataset.with_span()


def _day(row: Row) -> date:
    day = row["occurred_on"]
    return day if isinstance(day, date) else date.fromisoformat(str(day))
