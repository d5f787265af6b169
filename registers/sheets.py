"""The workbook of a register: empty to be filled in (template), or with its rows (export); both are read back alike.

Nothing on it is ever a formula: every text is stored as text, whatever it begins with.
"""

import io
import re
from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from evidence.datasets import Dataset
from registers.cells import SHOWN_BOOLEANS, shown
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
WRAPPED = Alignment(wrap_text=True, vertical="top")
FORMATS = {"integer": "0", "decimal": "General", "date": "yyyy-mm-dd"}
TEXT_FORMAT = "@"
MAX_FROZEN = 4  # columns: more would fill the screen
PAGE_WIDTH = 200.0  # characters that stay readable across A4
LINE_HEIGHT = 15.0
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


def template(dataset: Dataset) -> bytes:
    """The empty workbook of a register, to be filled in."""
    return export(dataset, ())


def export(dataset: Dataset, rows: Iterable[Mapping[str, Any]], zone: ZoneInfo = TOKYO) -> bytes:
    """The workbook with these rows (:func:`registers.versions.rows_as_of`); importing it again changes nothing."""
    told = form(dataset)
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = dataset.title_ja
    choices = book.create_sheet(CHOICES)
    choices.sheet_state = "hidden"
    _write_header(sheet, told)
    _offer_choices(sheet, choices, told)
    for number, row in enumerate(rows, start=FIRST_ROW):
        for index, field in enumerate(told.fields, start=1):
            _write(_cell(sheet, number, index), shown(field, row.get(field.name), zone), field)
    _lay_out(sheet, told)
    _write_guide(book.create_sheet(GUIDE), told)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def put_text(cell: Cell, text: str) -> None:
    """Store a text as text: no application will compute it."""
    cell.value = ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    cell.data_type = "s"
    cell.number_format = TEXT_FORMAT


def _cell(sheet: Worksheet, row: int, column: int) -> Cell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # we merge none
    return cell


def _write(cell: Cell, value: Any, field: Field) -> None:
    cell.number_format = FORMATS.get(field.column.type, TEXT_FORMAT)
    if isinstance(value, str):
        put_text(cell, value)
    elif value is not None:
        cell.value = value
    cell.protection = Protection(locked=False)
    cell.alignment = WRAPPED


def _write_header(sheet: Worksheet, told: Form) -> None:
    for index, field in enumerate(told.fields, start=1):
        head, name = _cell(sheet, 1, index), _cell(sheet, 2, index)
        put_text(head, field.title)
        put_text(name, field.name)
        head.font, head.alignment = Font(bold=True), WRAPPED
        head.fill = REQUIRED_FILL if field.required else HEADER_FILL
        head.border = Border(bottom=LINE, right=LINE)
        head.comment = Comment(field.note, AUTHOR, height=120, width=320)
        column = sheet.column_dimensions[get_column_letter(index)]
        column.width = _width(field)
        # Cells that are still empty take the column's style: unlocked, and text where text is asked for.
        column.protection = Protection(locked=False)
        column.number_format = FORMATS.get(field.column.type, TEXT_FORMAT)
    sheet.row_dimensions[2].hidden = True


def _offer_choices(sheet: Worksheet, choices: Worksheet, told: Form) -> None:
    """A list to choose from in each column of one closed choice; the choices themselves lie on a hidden sheet."""
    for index, field in enumerate(told.fields, start=1):
        labels = [label for _, label in field.column.allowed]
        if field.column.type == "boolean":
            labels = list(SHOWN_BOOLEANS.values())
        if not labels or field.column.type == "list":
            continue
        letters = get_column_letter(index)
        for row, label in enumerate(labels, start=1):
            put_text(_cell(choices, row, index), label)
        source = f"'{CHOICES}'!${letters}$1:${letters}${len(labels)}"
        offer = DataValidation("list", formula1=source, allow_blank=not field.required, showErrorMessage=True)
        offer.errorTitle, offer.error = field.header, "一覧から選んでください / choose from the list"
        offer.add(f"{letters}{FIRST_ROW}:{letters}{MAX_ROWS}")
        sheet.add_data_validation(offer)


def _lay_out(sheet: Worksheet, told: Form) -> None:
    keys = [index for index, field in enumerate(told.fields, start=1) if field.key]
    frozen = max(keys) if max(keys) <= MAX_FROZEN else 0
    sheet.freeze_panes = f"{get_column_letter(frozen + 1)}{FIRST_ROW}"
    _print_on_a4(sheet, pages=ceil(sum(map(_width, told.fields)) / PAGE_WIDTH))
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


def _write_guide(sheet: Worksheet, told: Form) -> None:
    for row, rule in enumerate(RULES, start=1):
        put_text(_cell(sheet, row, 1), rule)
    for row, field in enumerate(told.fields, start=len(RULES) + 2):
        put_text(_cell(sheet, row, 1), field.title)
        put_text(_cell(sheet, row, 2), field.note)
        _cell(sheet, row, 1).alignment = _cell(sheet, row, 2).alignment = WRAPPED
        sheet.row_dimensions[row].height = LINE_HEIGHT * (field.note.count("\n") + 1)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 32, 120
    _print_on_a4(sheet, pages=1)


def _print_on_a4(sheet: Worksheet, pages: int) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = pages, 0


def _width(field: Field) -> float:
    return min(28.0, max(12.0, 2.2 * len(field.title)))
