"""Whether a text means anything over the declared datasets: an engine with all their tables, empty."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import duckdb
import pyarrow as pa

from controls.compile import Compiled
from controls.model import Parameter
from evidence.datasets import PROVENANCE, Dataset, Kind, catalogue
from evidence.facts.engine import engine
from evidence.facts.sql import SQL_TYPES

MOMENTS: Mapping[str, object] = {
    "since": date(2026, 3, 1),
    "as_of": date(2026, 3, 31),
    "since_at": datetime(2026, 2, 28, 15, tzinfo=UTC),
    "until_at": datetime(2026, 3, 31, 15, tzinfo=UTC),
}
_SPAN = {"valid_from_on": "date", "valid_to_on": "date"}
_NOT_FOR_TESTS = frozenset(column.name for column in PROVENANCE)


def closed_engine(*, optimised: bool = True) -> duckdb.DuckDBPyConnection:
    """The engine of all judging, without any facts and locked.

    Not ``optimised``, it answers the same: over a few rows, to make a good plan takes longer than to run a bad one.
    """
    connection = engine(None)
    if not optimised:
        connection.execute("PRAGMA disable_optimizer")
    connection.execute("SET lock_configuration = true")
    return connection


def tables_of(dataset: Dataset) -> tuple[str, ...]:
    """The names under which a test may read a dataset: events have no history."""
    return (dataset.name,) if dataset.kind is Kind.EVENT else (dataset.name, f"{dataset.name}_history")


def dataset_of(table: str) -> str:
    """The dataset behind a table's name."""
    return table if table in catalogue() else table.removesuffix("_history")


def shape_of(table: str) -> Dataset:
    """The dataset behind a table's name, with the columns that it has under this name."""
    dataset = catalogue()[dataset_of(table)]
    return dataset if table == dataset.name else dataset.with_span()


class Binder:
    """Binds texts to the empty tables, which lack the columns of provenance: authors never write proof."""

    def __init__(self) -> None:
        self._connection = closed_engine()
        self.views: set[str] = set()  # views that stand there as empty tables: who reads them binds them no more
        for dataset in catalogue().values():
            columns = {c.name: c.type for c in dataset.columns}
            columns |= {c.name: c.type for c in dataset.all_columns if c.name not in _NOT_FOR_TESTS}
            for name in tables_of(dataset):
                shape = columns if name == dataset.name else columns | _SPAN
                written = ", ".join(f'"{column}" {SQL_TYPES[of]}' for column, of in shape.items())
                self._connection.execute(f'CREATE TABLE "{name}" ({written})')

    def columns(self, text: Compiled, parameters: Sequence[Parameter], view: str | None = None) -> pa.Schema:
        """What a text would answer; duckdb.Error when it means nothing. A ``view`` can be read by later texts."""
        values = {p.name: list(p.value) if isinstance(p.value, tuple) else p.value for p in parameters} | dict(MOMENTS)
        bindings = {name: values[name] for name in text.bound}
        schema = self._connection.sql(text.sql, params=bindings).to_arrow_table().schema
        if view is not None and _stands_as_table(schema):
            self._connection.execute(f'CREATE TABLE "{view}" AS {text.sql}', bindings)
            self.views.add(view)
        return schema


def _stands_as_table(schema: pa.Schema) -> bool:
    """Whether a table has the very columns of a text: it would give a type to NULL, and holds each name once."""
    return len(set(schema.names)) == len(schema.names) and not any(map(pa.types.is_null, schema.types))
