"""A register as it leaves the house, masked, and as it comes back: what a sheet repeats of that says what is behind it.

So a sheet that was handed out can be filled in further by who may not read the names in it. A pseudonym that stands
anywhere else names nobody, and no reader takes it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from evidence.border import leaving
from evidence.datasets import Dataset
from registers.cells import shown
from registers.forms import Field, form
from registers.reading import Sent

Row = Mapping[str, Any]
Masked = Callable[[str], str]


def masked(dataset: Dataset, rows: Iterable[Row], border: Masked) -> list[dict[str, Any]]:
    """The rows as whoever reads about one company may see them; shapes and types stay."""
    ways = {column.name: leaving(border, column) for column in dataset.all_columns}
    return [{name: _said(value, ways[name]) if name in ways else value for name, value in row.items()} for row in rows]


def behind(dataset: Dataset, rows: Iterable[Row], border: Masked, zone: ZoneInfo) -> Callable[[Sent], Sent]:
    """What makes of a row of a sheet, as it was sent, the row with what is behind the masked cells that it repeats."""
    fields, originals = form(dataset).fields, [*rows]
    keys = [one for one in fields if one.key]
    known: dict[tuple[str, ...], list[tuple[Row, Row]]] = {}  # by key, as it came to say what it says
    for row, original in zip(masked(dataset, originals, border), originals, strict=True):
        known.setdefault(tuple(_text(shown(one, row[one.name], zone)) for one in keys), []).append((row, original))

    def told(sent: Sent) -> Sent:
        named = {place.field.name: cell for place, cell in sent.cells.items()}
        found = known.get(tuple(_text(named.get(one.name)) for one in keys))
        if found is None:
            return sent
        return Sent(sent.row, {p: _meant(p.field, cell, found, zone) for p, cell in sent.cells.items()}, sent.surplus)

    return told


def _meant(field: Field, cell: object, versions: Sequence[tuple[Row, Row]], zone: ZoneInfo) -> object:
    """What is behind a cell that repeats what the row was shown to say, as it is or was; else what it says itself."""
    for row, original in reversed(versions):
        before, after = (shown(field, one[field.name], zone) for one in (original, row))
        if before != after and _text(cell) == _text(after):
            return before
    return cell


def _said(value: Any, way: Masked) -> Any:
    if isinstance(value, list):
        return [way(one) for one in value]
    return way(value) if isinstance(value, str) else value


def _text(cell: object) -> str:
    """A cell as it is compared: a program of tables makes of a day a moment, and of a number one with a point."""
    match cell:
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case float() if cell.is_integer():
            return str(int(cell))
        case _:
            return "" if cell is None else str(cell).strip()
