"""The one way a workbook is made: printable, filterable, inert, and the same bytes for the same content.

Every text is forced to be text: collected data never becomes a formula (promises.md §1.8).
"""

import io
import re
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from weakref import WeakKeyDictionary

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml import DEFUSEDXML

from evidence.workbooks import FONT, font, half_widths, settled, wrapped_lines

Value = str | int | bool | Decimal | date | datetime | None | Sequence[str]
assert DEFUSEDXML, "openpyxl must refuse entity declarations: install defusedxml"

TALL = 13.5  # points of a line of data
FILL = 1.1  # half-width characters of that size that a unit of width holds: it is measured in larger digits
NAVY, PALE = "1F3864", "E8ECF4"
HEAD, LABEL = PatternFill("solid", fgColor=NAVY), PatternFill("solid", fgColor=PALE)
LINE = Side(style="thin", color="BFBFBF")
GRID = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
MARKS: Mapping[str, PatternFill | None] = {
    "○": None,
    "△": PatternFill("solid", fgColor="FFE699"),
    "×": PatternFill("solid", fgColor="F4B0A0"),
    "？": PatternFill("solid", fgColor="D0CECE"),
    "―": None,
}
LIVE = ("=", "+", "-", "@", "\t", "\r", "＝")  # what a spreadsheet would take for a formula
LONGEST_COLUMN, SHORTEST_COLUMN = 60, 6  # in half-width characters
LONGEST_TEXT, TALLEST_ROW = 32_767, 409.0  # what a cell and a row of a spreadsheet hold
CUT = "…(以下略)"
ROWS_MEASURED = 500  # a width is taken from the texts of the first rows, longer ones wrap; dates and numbers cannot
_WORN: WeakKeyDictionary[Workbook, dict[object, StyleArray]] = WeakKeyDictionary()  # how cells of a book are dressed
# What XML cannot hold. openpyxl's own pattern lacks the last four: it would write a file that nothing opens.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # a text that a spreadsheet would read as an escaped character


DATA, HEADER, NOTE, STRONG = font(), font(bold=True, color="FFFFFF"), font(color="595959"), font(bold=True)
HEAD_ALIGNMENT = Alignment(wrap_text=True, vertical="center", horizontal="center")
ALIGNMENTS = {
    "left": Alignment(wrap_text=True, vertical="top", horizontal="left"),
    "center": Alignment(wrap_text=True, vertical="top", horizontal="center"),
    "right": Alignment(vertical="top", horizontal="right", indent=1),  # else digits touch the text of the next column
}


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet of rows under Japanese headers; a cell that is a mark is coloured and keeps its letter."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Value]]
    note: str = ""  # a line above the headers
    widths: Mapping[str, int] = field(default_factory=dict)  # header → half-width characters
    frozen_columns: int = 1
    centred: Collection[str] = ()  # headers of columns of short codes
    pages_wide: int = 1  # on paper; above one, the frozen columns come again on each
    running: tuple[str, str] = ("", "")  # left and right above each page
    empty: str = "該当する記録はない。"  # what stands under the headers when there is no row


def table_sheet(book: Workbook, table: Table) -> Worksheet:
    """Write a table: frozen panes, filter, repeated header rows, A4 landscape as many pages wide as it says."""
    sheet: Worksheet = book.create_sheet(table.title)
    top = 1
    if table.note:
        put(sheet.cell(1, 1), table.note).font = NOTE
        top = 2
    widths = _widths(table)
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    head(sheet, top, table.headers, widths)
    centred = {number for number, header in enumerate(table.headers) if header in table.centred}
    for line, row in enumerate(table.rows, start=top + 1):
        for number, value in enumerate(row):
            dress(put(sheet.cell(line, number + 1), value), centred=number in centred)
        sheet.row_dimensions[line].height = row_height(row, widths)
    if not table.rows:  # not wrapped: it runs on over the empty cells to its right
        put(sheet.cell(top + 1, 1), table.empty).font = DATA
    sheet.freeze_panes = sheet.cell(top + 1, table.frozen_columns + 1).coordinate
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(table.headers))}{top + max(len(table.rows), 1)}"
    sheet.print_title_rows = f"{top}:{top}"
    page(sheet, table.running, table.note if table.pages_wide > 1 else "")
    if table.pages_wide > 1:  # each page but the first would cut the note off: it stands below them instead
        sheet.print_area = f"A{top}:{get_column_letter(len(table.headers))}{top + max(len(table.rows), 1)}"
        sheet.page_setup.fitToWidth, sheet.page_setup.pageOrder = table.pages_wide, "overThenDown"
        sheet.print_title_cols = f"A:{get_column_letter(table.frozen_columns)}"
    return sheet


def head(sheet: Worksheet, line: int, headers: Sequence[str], widths: Sequence[float]) -> None:
    """Write a line of headers, tall enough for the longest."""
    for number, header in enumerate(headers, start=1):
        cell = put(sheet.cell(line, number), header)
        cell.font, cell.fill, cell.border, cell.alignment = HEADER, HEAD, GRID, HEAD_ALIGNMENT
    sheet.row_dimensions[line].height = max(row_height(headers, [w - 1 for w in widths]), 2 * TALL + 3)


def page(sheet: Worksheet, running: tuple[str, str] = ("", ""), note: str = "") -> None:
    """A4 landscape, one page wide, numbered, with what it belongs to above and a note below."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = "9"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left, margins.right, margins.top, margins.bottom, margins.header, margins.footer = (
        0.4,
        0.4,
        0.75,
        0.75,
        0.35,
        0.35,
    )
    sheet.HeaderFooter.scaleWithDoc = False
    above = (running[0], "", running[1])
    for line, told in (
        (sheet.oddHeader, tuple(map(_running, above))),
        (sheet.oddFooter, ("&A", _running(note), "&P / &N")),
    ):
        for part, text in zip((line.left, line.center, line.right), told, strict=True):  # type: ignore[union-attr]
            if text:
                part.text, part.size, part.font = text, 8, f"{FONT},Regular"


def _running(text: str) -> str:
    """A text that may stand above a page: & begins a command there, and 255 characters are all it holds."""
    return _UNWRITABLE.sub("\ufffd", text).replace("&", "＆").replace("\n", " ")[:90]


def put(cell: Cell | MergedCell, value: Value) -> Cell:
    """Put a value into a cell as what it is; text stays text whatever it begins with."""
    if isinstance(cell, MergedCell):
        raise TypeError("a merged cell holds no value; our tables merge none")
    if value is None or value == "":
        return cell
    if isinstance(value, datetime):
        cell.value = value.replace(tzinfo=None)
        cell.number_format = "yyyy/mm/dd hh:mm"
    elif isinstance(value, date):
        cell.value = value
        cell.number_format = "yyyy/mm/dd"
    elif isinstance(value, bool):
        cell.value = _text(value)
    elif isinstance(value, int | Decimal):
        cell.value = value
        cell.number_format = "#,##0" if isinstance(value, int) else "General"
    else:
        text = _UNWRITABLE.sub("\ufffd", _text(value))
        if len(text) > LONGEST_TEXT:
            text = text[: LONGEST_TEXT - len(CUT)] + CUT
        cell.value = _ESCAPED.sub("_x005F_", text)
        cell.data_type = "s"
        cell.quotePrefix = text.startswith(LIVE)
    return cell


def dress(cell: Cell, *, centred: bool = False) -> None:
    """The looks of a cell of data: wrapped, bordered, a mark coloured."""
    mark = _mark(cell.value)
    number = isinstance(cell.value, int | float | Decimal)
    in_middle = centred or mark is not None or isinstance(cell.value, date)
    alignment = "center" if in_middle else "right" if number else "left"
    worn = _WORN.setdefault(cell.parent.parent, {})  # type: ignore[arg-type]
    looks = (tuple(cell._style or ()), alignment, mark)  # type: ignore[attr-defined]
    if looks in worn:  # a book knows its few looks by number; to find each part by its value takes long
        cell._style = copy(worn[looks])  # type: ignore[attr-defined]
        return
    cell.font, cell.border = DATA, GRID
    cell.alignment = ALIGNMENTS[alignment]
    if mark is not None:
        cell.font = STRONG
        if fill := MARKS[mark]:
            cell.fill = fill
    worn[looks] = copy(cell._style)  # type: ignore[attr-defined]


def _mark(value: object) -> str | None:
    """The mark that a cell holds, alone or with a count behind it (×3)."""
    if not isinstance(value, str) or value[:1] not in MARKS or not (len(value) == 1 or value[1:].isdigit()):
        return None
    return value[:1]


def row_height(row: Sequence[Value], widths: Sequence[float]) -> float:
    """Points that a row needs so that no wrapped text is cut; spreadsheets measure it only when a person edits it."""
    lines = max(
        (wrapped_lines(_text(value), width * FILL) for value, width in zip(row, widths, strict=False)), default=1
    )
    return min(lines * TALL + 3, TALLEST_ROW)


def saved(book: Workbook, created: datetime) -> bytes:
    """The workbook as bytes that depend on nothing but its content and ``created``."""
    moment = created.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.properties.creator = "tenken"
    book.properties.created = moment
    raw = io.BytesIO()
    book.save(raw)
    return settled(raw.getvalue(), moment)


def _widths(table: Table) -> list[float]:
    """A width for each column: what the table says or its texts ask for, but never too narrow for a date or number."""
    widths: list[float] = []
    for number, header in enumerate(table.headers):
        values = [row[number] for row in table.rows if number < len(row)]
        unbroken = max((half_widths(_text(v)) for v in values if isinstance(v, int | Decimal | date)), default=0)
        longest = max([half_widths(header) // 2 + 2, *(half_widths(_text(v)) for v in values[:ROWS_MEASURED])])
        wanted = table.widths.get(header, min(longest + 2, LONGEST_COLUMN))
        widths.append(max(wanted, unbroken + 3, SHORTEST_COLUMN))
    return widths


def _text(value: Value) -> str:
    """A value as a reader sees it."""
    match value:
        case None:
            return ""
        case str():
            return value.replace("\r\n", "\n").replace("\r", "\n")  # as every reader of XML does
        case bool():
            return "はい" if value else "いいえ"
        case int():
            return f"{value:,}"
        case Decimal():
            return str(value)
        case datetime():
            return f"{value:%Y/%m/%d %H:%M}"
        case date():
            return f"{value:%Y/%m/%d}"
        case _:
            return "、".join(value)
