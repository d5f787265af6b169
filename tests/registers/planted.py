"""A large book with planted errors, written as a spreadsheet does, and where each of them stands."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

from openpyxl.utils import column_index_from_string, get_column_letter

from evidence.datasets import catalogue
from registers.cells import shown
from registers.forms import form
from registers.sheets import FIRST_ROW, template
from tests.registers.samples import TOKYO, sample

BOOK = catalogue()["book_entries"]
FORM = form(BOOK)
LETTERS = {field.name: get_column_letter(index) for index, field in enumerate(FORM.fields, start=1)}
SHEET = "xl/worksheets/sheet1.xml"
EXCEL_EPOCH = date(1899, 12, 30)
SAID = {field.name: shown(field, sample(BOOK)[field.name], TOKYO) for field in FORM.fields}
REPEATED = ("department", "process", "special_care_basis", "provenance_refs")


@dataclass(frozen=True, slots=True)
class Raw:
    """A cell as it stands in the file."""

    xml: str  # behind the place of the cell


Row = dict[str, Any]
KINDS: dict[str, tuple[str, Callable[[Row, Row], None]]] = {
    "no such day": ("approved_on", lambda row, _: row.update(approved_on="2026-02-30")),
    "a bare serial number": ("confirmed_on", lambda row, _: row.update(confirmed_on=46113)),
    "text in a number": ("volume", lambda row, _: row.update(volume="約千人")),
    "an unknown code": ("legal_class", lambda row, _: row.update(legal_class="その他")),
    "neither yes nor no": ("my_number", lambda row, _: row.update(my_number="たぶん")),
    "nothing where something must stand": ("process", lambda row, _: row.update(process=None)),
    "the key of the row before": (
        "entry_id",
        lambda row, before: row.update(entry_id=before["entry_id"], entry_version=before["entry_version"]),
    ),
    "a company that is not ours": ("company", lambda row, _: row.update(company="SORA")),
    "NUL": ("name", lambda row, _: row.update(name="顧客_x0000_名簿")),
    "a date in a text": ("received", lambda row, _: row.update(received=date(2026, 4, 1))),
    "a formula without a result": (
        "provision_details",
        lambda row, _: row.update(provision_details=Raw("><f>A1&amp;B1</f></c>")),
    ),
    "an error": ("ml_use", lambda row, _: row.update(ml_use=Raw(' t="e"><v>#REF!</v></c>'))),
    "an end before the beginning": (
        "valid_to_on",
        lambda row, _: row.update(valid_from_on=date(2026, 4, 1), valid_to_on=date(2026, 3, 31)),
    ),
}


def planted(rows: int, errors: int, company: str) -> tuple[bytes, set[tuple[int, str]]]:
    """The book, and the row and column of each planted error; at most one of them in a row."""
    places: set[tuple[int, str]] = set()
    every = rows // errors
    names = list(KINDS)

    def told() -> Iterator[Sequence[Any]]:
        before: Row = {}
        for number in range(rows):
            row = _row(number, company)
            if number % every == every - 1 and len(places) < errors:
                column, spoil = KINDS[names[len(places) % len(names)]]
                spoil(row, before)
                places.add((number + FIRST_ROW, LETTERS[column]))
            before = row
            yield [row[field.name] for field in FORM.fields]

    return _written(told()), places


def _row(number: int, company: str) -> Row:
    """An entry of which what is free text differs from all others."""
    free = {f.name: f"{f.header} {number}" for f in FORM.fields if f.column.type == "text" and not f.column.allowed}
    keep = {f.name for f in FORM.fields if f.identifier} | set(REPEATED)
    varied = {name: text for name, text in free.items() if name not in keep}
    return SAID | varied | {"company": company, "entry_id": f"E-{number:05}", "entry_version": 1}


def _written(rows: Iterator[Sequence[Any]]) -> bytes:
    """The template with these rows in it: openpyxl would take half a minute for as many cells."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(template(BOOK))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != SHEET:
                new.writestr(name, old.read(name))
                continue
            head, _, tail = old.read(name).decode().partition("</sheetData>")
            day = _style(head, LETTERS["approved_on"])
            with new.open(name, "w") as stream:
                stream.write(head.encode())
                for number, row in enumerate(rows, start=FIRST_ROW):
                    cells = "".join(
                        _cell(f"{get_column_letter(n)}{number}", one, day) for n, one in enumerate(row, start=1)
                    )
                    stream.write(f'<row r="{number}">{cells}</row>'.encode())
                stream.write(f"</sheetData>{tail}".encode())
    return out.getvalue()


def _style(head: str, letters: str) -> int:
    """The number of the style that the empty cells of a column have."""
    for found in re.finditer(r"<col [^>]*>", head):
        told = dict(re.findall(r'(\w+)="([^"]*)"', found[0]))
        if int(told["min"]) <= column_index_from_string(letters) <= int(told["max"]):
            return int(told["style"])
    raise AssertionError(f"the template has no column {letters}")


def _cell(place: str, value: Any, day: int) -> str:
    match value:
        case None:
            return ""
        case Raw():
            return f'<c r="{place}"{value.xml}'
        case date():
            return f'<c r="{place}" s="{day}"><v>{(value - EXCEL_EPOCH).days}</v></c>'
        case str():
            return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
        case _:
            return f'<c r="{place}"><v>{value}</v></c>'
