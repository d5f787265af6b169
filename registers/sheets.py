"""The workbook of a register: empty to be filled in (template), or with its rows (export); both are read back alike.

Nothing on it is ever a formula: every text is stored as text, whatever it begins with.
"""

import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from evidence.datasets import Dataset
from registers.cells import SHOWN_BOOLEANS, Broken, shown
from registers.forms import Field, Form, form
from registers.workbook import MAX_ROWS

TOKYO = ZoneInfo("Asia/Tokyo")
CHOICES = "選択肢"
GUIDE = "記入方法"
AUTHOR = "tenken"
FIRST_ROW = 3  # below the headers and the hidden English names
HEADER_FILL = PatternFill("solid", fgColor="DDE6F0")
REQUIRED_FILL = PatternFill("solid", fgColor="FFE9B8")
LINE = Side(style="thin", color="999999")
LOCKED, OPEN = Protection(locked=True), Protection(locked=False)
WRAPPED = Alignment(wrap_text=True, vertical="top")
FORMATS = {"integer": "0", "decimal": "General", "date": "yyyy-mm-dd"}
TEXT_FORMAT = "@"
NO_RESULT = "#VALUE!"
MAX_FROZEN = 4  # columns: more would fill the screen
PAGE_WIDTH = 200.0  # characters that stay readable across A4
LINE_HEIGHT = 15.0
MOST_LINES = 20  # of a row: what is longer is read in the cell
WIDE = 40.0
FULL_WIDTH = 2.2  # columns of a Japanese character
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

    def width(self, one: Field) -> float:
        """The width of a column, in characters."""
        return WIDE if one.name in self.wide else min(28.0, max(12.0, FULL_WIDTH * len(one.title)))


def template(dataset: Dataset) -> bytes:
    """The empty workbook of a register, to be filled in."""
    return export(dataset, ())


def export(dataset: Dataset, rows: Iterable[Mapping[str, Any]], zone: ZoneInfo = TOKYO) -> bytes:
    """The workbook with these rows (:func:`registers.versions.rows_as_of`); importing it again changes nothing."""
    told = form(dataset)
    # What is known under another key is another row: a key that is edited by mistake would add one.
    return saved(workbook([Table(told, cells(told, rows, zone), kept=dataset.key)], RULES))


def cells(told: Form, rows: Iterable[Mapping[str, Any]], zone: ZoneInfo = TOKYO) -> Iterator[list[object]]:
    """The cells of rows, in the order of the form's fields."""
    for row in rows:
        yield [shown(one, row.get(one.name), zone) for one in told.fields]


def workbook(tables: Sequence[Table], rules: Sequence[str]) -> Workbook:
    """A workbook with one sheet for each table, and the guide to fill them in."""
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    sheets = [book.create_sheet(table.form.dataset.title_ja) for table in tables]
    choices = book.create_sheet(CHOICES)
    choices.sheet_state = "hidden"
    offered = 0
    for sheet, table in zip(sheets, tables, strict=True):
        _write_header(sheet, table)
        _offer_choices(sheet, choices, table.form, offered)
        offered += len(table.form.fields)
        for number, row in enumerate(table.rows, start=FIRST_ROW):
            _write_row(sheet, number, row, table)
        _lay_out(sheet, table)
    _write_guide(book.create_sheet(GUIDE), rules, [one for table in tables for one in table.form.fields])
    return book


def saved(book: Workbook) -> bytes:
    """The workbook as a file holds it."""
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _write_row(sheet: Worksheet, number: int, row: Sequence[object], table: Table) -> None:
    lines = 1
    for index, (one, value) in enumerate(zip(table.form.fields, row, strict=True), start=1):
        _write(cell_at(sheet, number, index), value, one, locked=one.name in table.fixed or one.name in table.kept)
        if isinstance(value, str):
            lines = max(lines, _lines(value, table.width(one)))
    if lines > 1:  # not every application grows a row to its text, and prints one line over the other then
        sheet.row_dimensions[number].height = LINE_HEIGHT * min(lines, MOST_LINES)


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column."""
    half = FULL_WIDTH / 2
    return sum(
        max(1, ceil(sum(half if char.isascii() else FULL_WIDTH for char in line) / width)) for line in text.split("\n")
    )


def put_text(cell: Cell, text: str) -> None:
    """Store a text as text: no application will compute it."""
    # Not by its setter: that cuts at 32,767 letters and counts each letter of what stands for a control character.
    cell._value = ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)  # type: ignore[attr-defined]
    cell.data_type = "s"
    cell.number_format = TEXT_FORMAT


def cell_at(sheet: Worksheet, row: int, column: int) -> Cell:
    """A cell by its place, from 1."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # we merge none
    return cell


def _write(cell: Cell, value: Any, field: Field, *, locked: bool) -> None:
    cell.number_format = FORMATS.get(field.column.type, TEXT_FORMAT)
    if isinstance(value, str):
        put_text(cell, value)
    elif isinstance(value, Broken):
        # An error is an error again, or the cell would be taken for a text that says so; a formula is never written.
        cell.value = value.sent if value.sent in ERROR_CODES else NO_RESULT
    elif value is not None:
        cell.value = value
    cell.protection = LOCKED if locked else OPEN
    cell.alignment = WRAPPED


def _write_header(sheet: Worksheet, table: Table) -> None:
    for index, field in enumerate(table.form.fields, start=1):
        head, name = cell_at(sheet, 1, index), cell_at(sheet, 2, index)
        put_text(head, field.title)
        put_text(name, field.name)
        head.font, head.alignment = Font(bold=True), WRAPPED
        head.fill = REQUIRED_FILL if field.required else HEADER_FILL
        head.border = Border(bottom=LINE, right=LINE)
        head.comment = Comment(field.note, AUTHOR, height=120, width=320)
        column = sheet.column_dimensions[get_column_letter(index)]
        column.width = table.width(field)
        # Cells that are still empty take the column's style: unlocked, and text where text is asked for.
        column.protection = LOCKED if field.name in table.fixed else OPEN
        column.number_format = FORMATS.get(field.column.type, TEXT_FORMAT)
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


def _lay_out(sheet: Worksheet, table: Table) -> None:
    told = table.form
    keys = [index for index, field in enumerate(told.fields, start=1) if field.key]
    frozen = max(keys) if max(keys) <= MAX_FROZEN else 0
    sheet.freeze_panes = f"{get_column_letter(frozen + 1)}{FIRST_ROW}"
    _print_on_a4(sheet, pages=ceil(sum(map(table.width, told.fields)) / PAGE_WIDTH))
    sheet.print_title_rows = "1:1"
    if frozen:
        sheet.print_title_cols = f"A:{get_column_letter(frozen)}"
    header, footer = sheet.oddHeader, sheet.oddFooter
    assert header is not None and footer is not None
    header.center.text, footer.right.text = told.dataset.title_ja, "&P / &N"
    # Against slips, not against people: without a password. What people do with rows stays allowed.
    sheet.protection.sheet = True
    for allowed in ("formatCells", "formatColumns", "formatRows", "insertRows", "deleteRows", "sort", "autoFilter"):
        setattr(sheet.protection, allowed, False)


def _write_guide(sheet: Worksheet, rules: Sequence[str], fields: Iterable[Field]) -> None:
    for row, rule in enumerate(rules, start=1):
        put_text(cell_at(sheet, row, 1), rule)
    for row, field in enumerate(fields, start=len(rules) + 2):
        put_text(cell_at(sheet, row, 1), field.title)
        put_text(cell_at(sheet, row, 2), field.note)
        cell_at(sheet, row, 1).alignment = cell_at(sheet, row, 2).alignment = WRAPPED
        sheet.row_dimensions[row].height = LINE_HEIGHT * (field.note.count("\n") + 1)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 32, 120
    _print_on_a4(sheet, pages=1)


def _print_on_a4(sheet: Worksheet, pages: int) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = pages, 0
