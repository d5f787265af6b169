"""The one way a workbook is made: printable, filterable, inert, and the same bytes for the same content.

openpyxl stamps the moment of saving and zip members carry the time of day, so the archive is written anew once with
settled times. Every text is forced to be text: collected data never becomes a formula (promises.md §1.8).
"""

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml import DEFUSEDXML

Value = str | int | bool | Decimal | date | datetime | None | Sequence[str]
assert DEFUSEDXML, "openpyxl must refuse entity declarations: install defusedxml"

FONT = "Noto Sans CJK JP"
HEAD = PatternFill("solid", fgColor="1F3864")
LINE = Side(style="thin", color="BFBFBF")
GRID = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
MARKS: Mapping[str, PatternFill | None] = {
    "○": None,
    "△": PatternFill("solid", fgColor="FFE699"),
    "×": PatternFill("solid", fgColor="F4B0A0"),
    "？": PatternFill("solid", fgColor="D0CECE"),
    "―": None,
}
LONGEST_COLUMN, SHORTEST_COLUMN = 60, 6  # in half-width characters
ROWS_MEASURED = 500  # a width is taken from the first rows; long texts wrap


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet of rows under Japanese headers; a cell that is a mark is coloured and keeps its letter."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Value]]
    note: str = ""  # a line above the headers
    widths: Mapping[str, int] = field(default_factory=dict)  # header → half-width characters
    frozen_columns: int = 1


def table_sheet(book: Workbook, table: Table) -> Worksheet:
    """Write a table: frozen panes, filter, repeated header rows, A4 landscape one page wide."""
    sheet: Worksheet = book.create_sheet(table.title)
    top = 1
    if table.note:
        put(sheet.cell(1, 1), table.note).font = Font(name=FONT, size=9, color="595959")
        top = 2
    for number, header in enumerate(table.headers, start=1):
        cell: Cell = put(sheet.cell(top, number), header)
        cell.font = Font(name=FONT, size=9, bold=True, color="FFFFFF")
        cell.fill, cell.border = HEAD, GRID
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
    for line, row in enumerate(table.rows, start=top + 1):
        for number, value in enumerate(row, start=1):
            dress(put(sheet.cell(line, number), value))
    _set_widths(sheet, table, top)
    sheet.freeze_panes = sheet.cell(top + 1, table.frozen_columns + 1).coordinate
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(table.headers))}{top + max(len(table.rows), 1)}"
    sheet.print_title_rows = f"{top}:{top}"
    page(sheet)
    return sheet


def page(sheet: Worksheet) -> None:
    """A4 landscape, one page wide, numbered."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = "9"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom = 0.6, 0.6
    if sheet.oddFooter is not None:
        sheet.oddFooter.left.text, sheet.oddFooter.right.text = "&A", "&P / &N"


def put(cell: Cell | MergedCell, value: Value) -> Cell:
    """Put a value into a cell as what it is; text stays text whatever it begins with."""
    if isinstance(cell, MergedCell):
        raise TypeError("a merged cell holds no value; our tables merge none")
    if value is None:
        return cell
    if isinstance(value, datetime):
        cell.value = value.replace(tzinfo=None)
        cell.number_format = "yyyy/mm/dd hh:mm"
    elif isinstance(value, date):
        cell.value = value
        cell.number_format = "yyyy/mm/dd"
    elif isinstance(value, bool):
        cell.value = "はい" if value else "いいえ"
    elif isinstance(value, int | Decimal):
        cell.value = value
    else:
        text = value if isinstance(value, str) else "、".join(value)
        cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)
        cell.data_type = "s"
        cell.quotePrefix = text[:1] in ("=", "+", "-", "@", "\t", "\r", "＝")
    return cell


def dress(cell: Cell) -> None:
    """The looks of a cell of data: wrapped, bordered, a mark coloured."""
    cell.font = Font(name=FONT, size=9)
    cell.border = GRID
    mark = _mark(cell.value)
    number = isinstance(cell.value, int | float | Decimal)
    horizontal = "center" if mark is not None or isinstance(cell.value, date) else "right" if number else "left"
    cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal=horizontal)
    if mark is not None and (fill := MARKS[mark]):
        cell.fill = fill


def _mark(value: object) -> str | None:
    """The mark that a cell holds, alone or with a count behind it (×3)."""
    if not isinstance(value, str) or value[:1] not in MARKS or not (len(value) == 1 or value[1:].isdigit()):
        return None
    return value[:1]


def saved(book: Workbook, created: datetime) -> bytes:
    """The workbook as bytes that depend on nothing but its content and ``created``."""
    moment = created.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.properties.creator = "tenken"
    book.properties.created = moment
    raw = io.BytesIO()
    book.save(raw)
    return settled(raw.getvalue(), moment)


def settled(archive: bytes, moment: datetime) -> bytes:
    """Write an xlsx archive anew with fixed member times and the moment of change that openpyxl stamps set to ``moment``."""
    out = io.BytesIO()
    stamp = f"{moment:%Y-%m-%dT%H:%M:%SZ}".encode()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            new.writestr(member, content)
    return out.getvalue()


def half_widths(text: str) -> int:
    """How many half-width characters the longest line of a text takes."""
    return max(sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in line) for line in text.split("\n"))


def _set_widths(sheet: Worksheet, table: Table, top: int) -> None:
    for number, header in enumerate(table.headers, start=1):
        texts: Iterable[Value] = (row[number - 1] for row in islice(table.rows, ROWS_MEASURED) if number <= len(row))
        longest = max([_shown(header) // 2 + 2, *(_shown(text) for text in texts)])
        wanted = table.widths.get(header, min(longest + 2, LONGEST_COLUMN))
        sheet.column_dimensions[get_column_letter(number)].width = max(wanted, SHORTEST_COLUMN)
    sheet.row_dimensions[top].height = 30


def _shown(value: Value) -> int:
    if isinstance(value, datetime):
        return 16
    if isinstance(value, date):
        return 10
    if value is None:
        return 0
    return half_widths(value if isinstance(value, str) else "、".join(value) if isinstance(value, Sequence) else str(value))
