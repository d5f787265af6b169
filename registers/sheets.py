"""The workbook of a register: empty to be filled in (template), or with its rows (export); both are read back alike.

Nothing on it is ever a formula: every text is stored as text, whatever it begins with.
"""

import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.comments import Comment
from openpyxl.packaging.custom import CustomPropertyList, StringProperty
from openpyxl.styles import Alignment, Border, PatternFill, Protection, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from evidence.datasets import Dataset
from evidence.workbooks import FONT, font, half_widths, settled, wrapped_lines
from registers.cells import SHOWN_BOOLEANS, Broken, shown
from registers.forms import Field, Form, form
from registers.workbook import MAX_ROWS, SEEN, Seen

TOKYO = ZoneInfo("Asia/Tokyo")
CHOICES = "選択肢"
GUIDE = "記入方法"
AUTHOR = "tenken"
FIRST_ROW = 3  # below the headers and the hidden English names
HEADER_FILL = PatternFill("solid", fgColor="DDE6F0")
REQUIRED_FILL = PatternFill("solid", fgColor="FFE9B8")
LINE = Side(style="thin", color="BFBFBF")
GRID = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
SIZE, LINE_HEIGHT = 10, 15.0  # points of a letter, and of a line of it
DATA, STRONG = font(SIZE), font(SIZE, bold=True)
LOCKED, OPEN = Protection(locked=True), Protection(locked=False)
WRAPPED = Alignment(wrap_text=True, vertical="top")
HEAD = Alignment(wrap_text=True, vertical="center")
NUMBER = Alignment(wrap_text=True, vertical="top", horizontal="right", indent=1)  # else it touches the next column
ALIGNMENTS = {
    "integer": NUMBER,
    "decimal": NUMBER,
    "date": Alignment(wrap_text=True, vertical="top", horizontal="center"),
}
FORMATS = {"integer": "0", "decimal": "General", "date": "yyyy-mm-dd"}
TEXT_FORMAT = "@"
NO_RESULT = "#VALUE!"
MAX_FROZEN = 4  # columns: more would fill the screen
PAGE_WIDTH = 200.0  # of A4 landscape with our margins, when a letter is printed at 7 points: below, nobody reads it
CAPITALS = 1.1  # they are wider than the digits that a width is told in
ROOM = 3  # lines of a row whose sentences are written later: a row that has a height does not grow by itself
MOST_LINES = 20  # of a row: what is longer is read in the cell
NARROW, BROAD, WIDE = 8.0, 28.0, 34.0
LEAST = {"date": 12.0, "timestamp": 16.0, "text": 10.0, "list": 14.0}  # of a column that is still empty
ROWS_MEASURED = 500  # a width is taken from the texts of the first rows
UNDATED = datetime(1980, 1, 1, tzinfo=UTC)  # a register's workbook says nothing but its rows, hence no moment either
# A reader of the format takes _x0041_ for A, and what XML cannot hold is written that way.
ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
RULES = (
    "1行目の見出しは変えないでください。● は必須です。/ Keep the headers; ● must be filled in.",
    "1件を1行に記入します。行を消しても台帳からは消えません。終わった行には有効終了日を記入します。"
    " / One row each. Deleting a row deletes nothing; end a row by its 有効終了日.",
    "有効開始日は、この内容がその日から正しいことを示します。空欄なら変わりません。"
    " / 有効開始日 is the day from which this content holds; leave it empty to keep it.",
    "人は社員番号で記入できます。取り込むと人のキーに変わります。 / Worker numbers become person keys.",
)


@dataclass(frozen=True, slots=True)
class Table:
    """What stands on one sheet.

    Columns that nobody is to change are ``fixed``, those whose cells in these rows nobody is ``kept``, those that hold
    sentences ``wide``.
    """

    form: Form
    rows: Iterable[Sequence[object]]  # cells, in the order of the form's fields
    fixed: Collection[str] = ()
    wide: Collection[str] = ()
    kept: Collection[str] = ()


def template(dataset: Dataset) -> bytes:
    """The empty workbook of a register, to be filled in."""
    return export(dataset, ())


def export(
    dataset: Dataset, rows: Iterable[Mapping[str, Any]], zone: ZoneInfo = TOKYO, seen: Seen | None = None
) -> bytes:
    """The workbook with these rows (:func:`registers.versions.rows_as_of`); importing it again changes nothing.

    A row that somebody else brought further than it is ``seen`` here is not taken back by it.
    """
    told = form(dataset)
    # What is known under another key is another row: a key that is edited by mistake would add one.
    return saved(workbook([Table(told, cells(told, rows, zone), kept=dataset.key)], RULES), seen)


def cells(told: Form, rows: Iterable[Mapping[str, Any]], zone: ZoneInfo = TOKYO) -> Iterator[list[object]]:
    """The cells of rows, in the order of the form's fields."""
    for row in rows:
        yield [shown(one, row.get(one.name), zone) for one in told.fields]


def workbook(tables: Sequence[Table], rules: Sequence[str]) -> Workbook:
    """A workbook with one sheet for each table, and the guide to fill them in."""
    book = blank()
    sheets = [book.create_sheet(table.form.dataset.title_ja) for table in tables]
    choices = book.create_sheet(CHOICES)
    choices.sheet_state = "hidden"
    offered = 0
    for sheet, table in zip(sheets, tables, strict=True):
        rows = iter(table.rows)
        first = list(islice(rows, ROWS_MEASURED))
        widths = [_width(one, [row[n] for row in first], table) for n, one in enumerate(table.form.fields)]
        _write_header(sheet, table, widths)
        _offer_choices(sheet, choices, table.form, offered)
        offered += len(table.form.fields)
        closed = {*table.fixed, *table.kept}
        looks = [look(sheet, one.column.type, locked=one.name in closed) for one in table.form.fields]
        for number, row in enumerate(chain(first, rows), start=FIRST_ROW):
            write_row(sheet, number, row, looks, widths, ROOM if table.wide else 1)
        _lay_out(sheet, table, widths)
    _write_guide(book.create_sheet(GUIDE), rules, tables)
    return book


def blank() -> Workbook:
    """A workbook without a sheet yet, whose columns are as wide on every machine."""
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    # A unit of width is a digit of the first font: another one than ours gave other columns on every machine.
    book._fonts[0] = DATA  # type: ignore[attr-defined]
    return book


def saved(book: Workbook, seen: Seen | None = None) -> bytes:
    """The workbook as a file holds it: the same bytes whenever it is asked for."""
    if seen is not None:
        told: CustomPropertyList[Any] = book.custom_doc_props  # type: ignore[attr-defined]
        told.append(StringProperty(name=SEEN, value=str(seen)))
    book.properties.creator, book.properties.created = AUTHOR, UNDATED.replace(tzinfo=None)
    content = io.BytesIO()
    book.save(content)
    return settled(content.getvalue(), UNDATED)


def _width(one: Field, values: Iterable[object], table: Table) -> float:
    """The width of a column: its header on two lines at most, and its texts on as few as there is room for."""
    if one.name in table.wide:
        return WIDE
    longest = max((half_widths(value) for value in values if isinstance(value, str)), default=0)
    least = max(NARROW, LEAST.get(one.column.type, 0.0), half_widths(one.title) / 2 + 2)
    return min(max(least, CAPITALS * longest + 1), max(BROAD, least))


def look(sheet: Worksheet, kind: str, *, locked: bool = False) -> StyleArray:
    """How cells of a type look: told once for a column, for telling it of each cell takes longer than all else."""
    cell = Cell(sheet, row=1, column=1)
    cell.number_format = FORMATS.get(kind, TEXT_FORMAT)
    cell.protection = LOCKED if locked else OPEN
    cell.font, cell.border, cell.alignment = DATA, GRID, ALIGNMENTS.get(kind, WRAPPED)
    return cell._style  # type: ignore[attr-defined,no-any-return]


def write_row(
    sheet: Worksheet,
    number: int,
    row: Sequence[object],
    looks: Sequence[StyleArray],
    widths: Sequence[float],
    lines: int = 1,
) -> None:
    """Write one row, as many lines high as its texts need, or at least as told."""
    for index, (value, look, width) in enumerate(zip(row, looks, widths, strict=True), start=1):
        cell = cell_at(sheet, number, index)
        cell._style = copy(look)  # type: ignore[attr-defined]
        _write(cell, value)
        if isinstance(value, str):
            lines = max(lines, wrapped_lines(value, width - 1))
    if lines > 1:  # not every application grows a row to its text, and prints one line over the other then
        sheet.row_dimensions[number].height = LINE_HEIGHT * min(lines, MOST_LINES)


def put_text(cell: Cell, text: str) -> None:
    """Store a text as text: no application will compute it."""
    # Not by its setter: that cuts at 32,767 letters and counts each letter of what stands for a control character.
    cell._value = ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)  # type: ignore[attr-defined]
    cell.data_type = "s"
    if cell.number_format != TEXT_FORMAT:
        cell.number_format = TEXT_FORMAT


def cell_at(sheet: Worksheet, row: int, column: int) -> Cell:
    """A cell by its place, from 1."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # we merge none
    return cell


def _write(cell: Cell, value: Any) -> None:
    if isinstance(value, str):
        put_text(cell, value)
    elif isinstance(value, Broken):
        # An error is an error again, or the cell would be taken for a text that says so; a formula is never written.
        cell.value = value.sent if value.sent in ERROR_CODES else NO_RESULT
    elif value is not None:
        cell.value = value


def _write_header(sheet: Worksheet, table: Table, widths: Sequence[float]) -> None:
    for index, field in enumerate(table.form.fields, start=1):
        head, name = cell_at(sheet, 1, index), cell_at(sheet, 2, index)
        put_text(head, field.title)
        put_text(name, field.name)
        head.font, head.alignment, head.border = STRONG, HEAD, GRID
        head.fill = REQUIRED_FILL if field.required else HEADER_FILL
        head.comment = Comment(field.note, AUTHOR, height=24 + 16 * wrapped_lines(field.note, 46), width=320)
        column = sheet.column_dimensions[get_column_letter(index)]
        column.width = widths[index - 1]
        column.font = DATA
        # Cells that are still empty take the column's style: unlocked, and text where text is asked for.
        column.protection = LOCKED if field.name in table.fixed else OPEN
        column.number_format = FORMATS.get(field.column.type, TEXT_FORMAT)
    lines = (wrapped_lines(one.title, width - 1) for one, width in zip(table.form.fields, widths, strict=True))
    sheet.row_dimensions[1].height = LINE_HEIGHT * max(lines) + 6
    sheet.row_dimensions[2].hidden = True


def _offer_choices(sheet: Worksheet, choices: Worksheet, told: Form, offered: int) -> None:
    """A list to choose from in each column of one closed choice; the choices themselves lie on a hidden sheet."""
    for index, field in enumerate(told.fields, start=1):
        labels = [label for _, label in field.column.allowed]
        if field.column.type == "boolean":
            labels = list(SHOWN_BOOLEANS.values())
        if not labels or field.column.type == "list":
            continue
        letters, beside = get_column_letter(index), get_column_letter(offered + index)
        for row, label in enumerate(labels, start=1):
            put_text(cell_at(choices, row, offered + index), label)
        source = f"'{CHOICES}'!${beside}$1:${beside}${len(labels)}"
        offer = DataValidation("list", formula1=source, allow_blank=not field.required, showErrorMessage=True)
        offer.errorTitle, offer.error = field.header, "一覧から選んでください / choose from the list"
        offer.add(f"{letters}{FIRST_ROW}:{letters}{MAX_ROWS}")
        sheet.add_data_validation(offer)


def _lay_out(sheet: Worksheet, table: Table, widths: Sequence[float]) -> None:
    fields = table.form.fields
    keys = [index for index, field in enumerate(fields, start=1) if field.key]
    frozen = max(keys) if max(keys) <= MAX_FROZEN else 0
    sheet.freeze_panes = f"{get_column_letter(frozen + 1)}{FIRST_ROW}"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(fields))}{max(sheet.max_row, FIRST_ROW)}"
    print_on_a4(sheet, table.form.dataset.title_ja, _pages_wide(widths, frozen))
    sheet.print_title_rows = "1:1"
    if frozen:
        sheet.print_title_cols = f"A:{get_column_letter(frozen)}"
    # Against slips, not against people: without a password. What people do with rows stays allowed.
    sheet.protection.sheet = True
    for allowed in ("formatCells", "formatColumns", "formatRows", "insertRows", "deleteRows", "sort", "autoFilter"):
        setattr(sheet.protection, allowed, False)


def _pages_wide(widths: Sequence[float], repeated: int) -> int:
    """On how many pages beside each other the columns stand, the first ones repeated, so that all can be read."""
    pages, taken = 1, 0.0
    for width in widths:
        if taken + width > PAGE_WIDTH:
            pages, taken = pages + 1, sum(widths[:repeated])
        taken += width
    return pages


def _write_guide(sheet: Worksheet, rules: Sequence[str], tables: Sequence[Table]) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 36, 110
    for row, rule in enumerate(rules, start=1):
        cell = cell_at(sheet, row, 1)
        put_text(cell, rule)
        cell.font = DATA
    fields = chain.from_iterable(table.form.fields for table in tables)
    for row, field in enumerate(fields, start=len(rules) + 2):
        for column, text in enumerate((field.title, field.note), start=1):
            cell = cell_at(sheet, row, column)
            put_text(cell, text)
            cell.font, cell.alignment, cell.border = (DATA if column > 1 else STRONG), WRAPPED, GRID
        cell_at(sheet, row, 1).fill = REQUIRED_FILL if field.required else HEADER_FILL
        sheet.row_dimensions[row].height = LINE_HEIGHT * wrapped_lines(field.note, 109)
    print_on_a4(sheet, "・".join(table.form.dataset.title_ja for table in tables), pages=1)


def print_on_a4(sheet: Worksheet, title: str, pages: int) -> None:
    """Print a sheet on so many pages beside each other, with its title above and the page's number below each."""
    setup, margins = sheet.page_setup, sheet.page_margins
    setup.orientation, setup.paperSize = "landscape", 9  # A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    setup.fitToWidth, setup.fitToHeight, setup.pageOrder = pages, 0, "overThenDown"
    margins.left = margins.right = 0.4
    margins.top = margins.bottom = 0.75
    margins.header = margins.footer = 0.35
    sheet.HeaderFooter.scaleWithDoc = False  # else they shrink with the table
    header, footer = sheet.oddHeader, sheet.oddFooter
    assert header is not None and footer is not None
    for part, text in ((header.center, title), (footer.left, "&A"), (footer.right, "&P / &N")):
        part.text, part.size, part.font = text, SIZE, f"{FONT},Regular"
