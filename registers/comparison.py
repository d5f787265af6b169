"""The difference of two days as a workbook of one sheet, to be read and kept; nobody imports it again."""

from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from evidence.datasets import Dataset
from registers.cells import shown
from registers.forms import Field, form
from registers.sheets import (
    DATA,
    GRID,
    HEAD,
    HEADER_FILL,
    LINE_HEIGHT,
    STRONG,
    blank,
    cell_at,
    look,
    print_on_a4,
    put_text,
    saved,
    write_row,
)
from registers.versions import Difference

CHANGES = {"added": "追加", "removed": "削除", "changed": "変更"}
WIDTHS = (24.0, 8.0, 26.0, 42.0, 42.0)
NONE = "この2日の間に違いはない。"


def workbook(dataset: Dataset, told: Sequence[Difference], first: date, last: date, zone: ZoneInfo) -> bytes:
    """What differs between the ends of two days, a line a column; the same bytes whenever it is asked for."""
    fields = {one.name: one for one in form(dataset).fields}
    book = blank()
    sheet = book.create_sheet(dataset.title_ja)
    key = "/".join(fields[name].header for name in dataset.key)
    headers = (key, "変更", "項目", f"変更前({first})", f"変更後({last})")
    for number, (header, width) in enumerate(zip(headers, WIDTHS, strict=True), start=1):
        cell = cell_at(sheet, 1, number)
        put_text(cell, header)
        cell.font, cell.alignment, cell.border, cell.fill = STRONG, HEAD, GRID, HEADER_FILL
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.row_dimensions[1].height = 2 * LINE_HEIGHT + 6
    looks = {kind: look(sheet, kind) for kind in {"text", *(one.column.type for one in fields.values())}}
    for number, one in enumerate(told, start=2):
        kind = fields[one.column].column.type if one.column else "text"
        dressed = [looks["text"]] * 3 + [looks[kind]] * 2
        write_row(sheet, number, _cells(one, fields, zone), dressed, WIDTHS)
    if not told:
        put_text(cell_at(sheet, 2, 1), NONE)
        cell_at(sheet, 2, 1).font = DATA
    sheet.freeze_panes, sheet.auto_filter.ref = "B2", f"A1:E{max(len(told), 1) + 1}"
    sheet.print_title_rows = "1:1"
    print_on_a4(sheet, f"{dataset.title_ja} {first} と {last} の比較", pages=1)
    return saved(book)


def _cells(one: Difference, fields: Mapping[str, Field], zone: ZoneInfo) -> list[object]:
    named: list[object] = ["/".join(one.key), CHANGES[one.change], one.header]
    if one.column is None:
        return [*named, None, None]
    return [*named, *(shown(fields[one.column], value, zone) for value in (one.before, one.after))]
