"""The rows of examples, typed by the datasets they stand for; a column, code or type that is not there is refused."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, cast

from controls.binding import dataset_of, tables_of
from controls.catalogue_files import ExampleFile, ViewExampleFile
from controls.model import ControlId, Example, Value, ViewExample
from controls.sheets import Sheet, Steps
from evidence.datasets import PROVENANCE, Column, catalogue
from evidence.facts.rows import typed

Rows = Mapping[str, tuple[Mapping[str, Value], ...]]
_OF_PROVENANCE = frozenset(column.name for column in PROVENANCE)
_SPAN = {name: Column(name, "date", name) for name in ("valid_from_on", "valid_to_on")}


def example(sheet: Sheet, at: Steps, control: str, told: ExampleFile, datasets: Collection[str]) -> Example:
    """One example of a control; what is wrong in it is noted on its sheet."""
    given = _rows(sheet, [*at, "given"], told.given, datasets)
    for odd in sorted(told.tells.keys() - told.expect.keys()):
        sheet.problem([*at, "tells", odd], f"{odd} is not expected; name a member of this example")
    return Example(
        ControlId(control), told.name, told.as_of, told.first_day, given, told.expect, told.tells, _parameters(told)
    )


def view_example(sheet: Sheet, at: Steps, view: str, told: ViewExampleFile, datasets: Collection[str]) -> ViewExample:
    """One example of a view; what is wrong in it is noted on its sheet."""
    given = _rows(sheet, [*at, "given"], told.given, datasets)
    return ViewExample(view, told.name, told.as_of, told.first_day, given, tuple(told.expect), _parameters(told))


def _parameters(told: ExampleFile | ViewExampleFile) -> dict[str, object]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in told.parameters.items()}


def _rows(sheet: Sheet, at: Steps, given: Mapping[str, list[dict[str, Any]]], datasets: Collection[str]) -> Rows:
    rows: dict[str, tuple[Mapping[str, Value], ...]] = {}
    for table, told in given.items():
        name = dataset_of(table)
        if name not in datasets or table not in tables_of(catalogue()[name]):
            sheet.problem([*at, table], f"{table} is not among the datasets of this test; remove it, or declare it")
            continue
        rows[table] = tuple(_row(sheet, [*at, table, n], table, row) for n, row in enumerate(told))
    return rows


def _row(sheet: Sheet, at: Steps, table: str, row: Mapping[str, Any]) -> dict[str, Value]:
    columns = {c.name: c for c in catalogue()[dataset_of(table)].all_columns}
    columns |= {} if table in catalogue() else {name: c for name, c in _SPAN.items() if name not in columns}
    read: dict[str, Value] = {}
    for name, value in row.items():
        if name not in columns:
            sheet.problem([*at, name], f"{table} has no column {name}; it has {', '.join(_told(columns))}")
        elif why := _misfit(columns[name], value):
            sheet.problem([*at, name], why)
        else:
            read[name] = cast("Value", typed(columns[name], value))
    return read


def _told(columns: Iterable[str]) -> list[str]:
    return [name for name in columns if name not in _OF_PROVENANCE]


def _misfit(column: Column, value: Any) -> str | None:
    if value is None:
        return None if column.nullable else f"{column.name} is never empty; give it a value"
    odd = [one for one in (value if isinstance(value, list) else [value]) if one not in column.codes]
    if column.codes and odd:
        return f"{odd[0]!r} is not among the codes {', '.join(column.codes)}" + _quoting(odd[0])
    wrong_kind = {"integer": int, "date": date | str, "list": list}.get(column.type)
    if wrong_kind and (isinstance(value, bool) or not isinstance(value, wrong_kind)):
        return f"{value!r} is not a {column.type}"
    try:
        typed(column, value)
    except ValueError as error:
        return str(error)
    return None


def _quoting(value: object) -> str:
    return "; quote it" if isinstance(value, bool) else ""
