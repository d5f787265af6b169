"""Rows that people or examples wrote down, as typed Arrow tables: the one place where ISO text becomes a value."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from evidence.datasets import Column, Dataset, Kind

OPEN_END = date(9999, 12, 31)
LONG_AGO = date(1900, 1, 1)
BATCH = 250  # rows that are held as Python values at a time


def typed(column: Column, value: Any) -> Any:
    """One value in the column's type; ISO 8601 text is read. ValueError names the column when it does not fit."""
    if value is None:
        return None
    try:
        match column.type:
            case "date":
                return date.fromisoformat(value) if isinstance(value, str) else value
            case "timestamp":
                instant = datetime.fromisoformat(value) if isinstance(value, str) else value
                if instant.tzinfo is None:
                    raise ValueError("a timestamp needs an offset, e.g. 2026-03-31T09:00+09:00")
                return instant.astimezone(UTC)
            case "decimal":
                return Decimal(str(value)).quantize(Decimal("0.0001"))
            case "list":
                return [str(one) for one in value]
            case "text":
                return str(value)
            case "boolean" if not isinstance(value, bool):
                raise ValueError("true or false")
            case _:
                return value
    except (ValueError, TypeError, ArithmeticError) as error:
        raise ValueError(f"{column.name}: {value!r} is not a {column.type}: {error}") from error


def typed_row(columns: Iterable[Column], row: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says in these columns, typed: NULL where it lacks one, of a list that it is empty."""
    return {one.name: typed(one, row.get(one.name, [] if one.type == "list" else None)) for one in columns}


def array(column: Column, values: Iterable[Any]) -> pa.Array:
    """Values as an array of the column's type, each read as by :func:`typed`."""
    told = list(values)
    if column.type in _AS_THEY_ARE:
        with suppress(pa.ArrowInvalid, pa.ArrowTypeError):
            return pa.array(told, column.arrow.type)
    return pa.array([typed(column, value) for value in told], column.arrow.type)


# Of a column whose values all have its type already, Arrow makes what `typed` would, and refuses any other.
_AS_THEY_ARE = frozenset({"text", "integer", "date"})


def said(column: Column, rows: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    """What rows say in a column: NULL where they lack it, of a list that it is empty."""
    lacking: list[str] | None = [] if column.type == "list" else None
    return (row.get(column.name, lacking) for row in rows)


def table(dataset: Dataset, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows of one dataset as a table of :attr:`Dataset.schema`."""
    return pa.Table.from_batches(_batches(dataset, rows), dataset.schema)


def _batches(dataset: Dataset, rows: Iterable[Mapping[str, Any]]) -> Iterator[pa.RecordBatch]:
    told = iter(rows)
    while some := list(islice(told, BATCH)):
        arrays = [array(column, said(column, some)) for column in dataset.all_columns]
        yield pa.RecordBatch.from_arrays(arrays, schema=dataset.schema)


def shown(dataset: Dataset, rows: Iterable[Mapping[str, Any]], zone: str) -> list[dict[str, Any]]:
    """Fill what an example leaves out: NULL where nullable, else '-', 0, false, [], C1, D1, an open span."""
    return [_filled(dataset, dict(row), line, zone) for line, row in enumerate(rows, start=1)]


_DEFAULTS: dict[str, Any] = {"text": "-", "integer": 0, "decimal": 0, "boolean": False, "date": LONG_AGO}
_NAMED: dict[str, Any] = {
    "company": "C1",
    "department": "D1",
    "valid_from_on": LONG_AGO,
    "valid_to_on": OPEN_END,
    "expires_on": OPEN_END,
    "ends_on": OPEN_END,
    "approved_to_on": OPEN_END,
    "leave_to_on": OPEN_END,
    "published_to_on": OPEN_END,
    "collected_to_on": OPEN_END,
    "known_since_at": datetime(1900, 1, 1, tzinfo=UTC),
    "snapshot_at": datetime(1900, 1, 1, tzinfo=UTC),
    "entered_at": datetime(1900, 1, 1, tzinfo=UTC),
    "recorded_at": datetime(1900, 1, 1, tzinfo=UTC),
    "valid_to_at": datetime(9999, 12, 31, tzinfo=UTC),
}


def _filled(dataset: Dataset, row: dict[str, Any], line: int, zone: str) -> dict[str, Any]:
    row |= {"object": row.get("object", dataset.name), "line": row.get("line", line)}
    row["row_ref"] = f"{row['object']}:{row.get('part') or ''}:{row['line']}"
    if dataset.kind is Kind.EVENT and row.get("occurred_at") and "occurred_on" not in row:
        instant = typed(dataset.column("occurred_at"), row["occurred_at"])
        row["occurred_on"] = instant.astimezone(ZoneInfo(zone)).date()
    for column in dataset.all_columns:
        if column.name in row:
            continue
        if column.type == "list":
            row[column.name] = []
        elif column.name in _NAMED and not (column.nullable and column.name != "department"):
            row[column.name] = _NAMED[column.name]
        elif not column.nullable and column.type != "timestamp":
            row[column.name] = _DEFAULTS[column.type]
        elif not column.nullable:
            row[column.name] = datetime(1900, 1, 1, tzinfo=UTC)
    return row
