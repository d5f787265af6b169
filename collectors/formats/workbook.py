"""Workbooks (.xlsx): one sheet with a header row, read as text that looks as a person would write the cell.

A date becomes ISO 8601, a whole number has no ``.0``, a formula is its stored result. Cells that the library would
hand over as empty or rounded (formula errors, formulas never calculated, numbers of more than 15 digits) are rejects.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from collectors.formats import BATCH_ROWS, End, Layout, Part, Reject, Unreadable, placed, positions
from collectors.formats.xlsx_cells import admit, broken_cells
from evidence.vault import StoredObject

DIGITS = 10**15  # a workbook keeps 15 digits of a number; longer ones were rounded when they were typed in


def read(objects: Sequence[StoredObject], layout: Layout) -> Iterator[Part]:
    """Read one sheet of each workbook; batches hold the wanted columns as text."""
    for stored in objects:
        yield from _object(stored, layout)


def sheet_of(stored: StoredObject, name: str | None) -> tuple[CalamineSheet, dict[int, dict[int, str]]]:
    """One sheet (the first when none is named), and its cells that cannot be believed: line → column → why."""
    try:
        with stored.plain() as path, path.open("rb") as file:
            admit(stored, path)
            workbook = CalamineWorkbook.from_filelike(file)
            names = workbook.sheet_names
            if not names or (name is not None and name not in names):
                raise Unreadable(
                    stored, 1, f"the workbook has no sheet {name}" if name else "the workbook has no sheet"
                )
            if name is None and workbook.sheets_metadata[0].visible is not SheetVisibleEnum.Visible:
                why = "the first sheet is hidden; show it, or name the sheet in the source or the profile"
                raise Unreadable(stored, 1, why, names[0])
            sheet = workbook.get_sheet_by_name(name or names[0])
            return sheet, broken_cells(stored, path, sheet.name)
    except CalamineError as error:
        raise Unreadable(stored, 1, f"not a workbook that can be read ({type(error).__name__})") from error


def cell_text(cell: Any) -> str | None:
    """A cell as text; None when the number was rounded by the workbook."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case float() | int():
            if abs(cell) >= DIGITS:
                return None
            return str(int(cell)) if cell == int(cell) else repr(float(cell))
        case datetime() | date() | time():
            return cell.isoformat()
        case timedelta():
            minutes, seconds = divmod(round(cell.total_seconds()), 60)
            return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
        case _:
            return str(cell)


def _object(stored: StoredObject, layout: Layout) -> Iterator[Part]:
    sheet, broken = sheet_of(stored, layout.sheet)
    part = sheet.name
    rows = enumerate(sheet.iter_rows(), start=1)
    header = next((row for number, row in rows if number == layout.header_row), None)
    if header is None:
        raise Unreadable(stored, layout.header_row, "the sheet ends above its header", part)
    names = [cell_text(cell) or "" for cell in header]
    found = positions(names, layout, stored, layout.header_row, part)
    left = sheet.start[1] if sheet.start else 0
    held: list[list[str]] = []
    numbers: list[int] = []
    count, reported = 0, None
    for number, row in rows:
        wrong = broken.get(number, {})
        if not wrong and all(cell == "" or (isinstance(cell, str) and not cell.strip()) for cell in row):
            continue
        if layout.trailer is not None and cell_text(row[0]) == layout.trailer.first_cell:
            reported = _counted(stored, part, number, row, layout.trailer.count_cell)
            continue
        count += 1
        if reported is not None:
            yield Reject(stored.digest, part, number, None, "a row below the trailer")
            continue
        cells = [cell_text(row[at]) for at in found.values()]
        if reject := _refused(stored, part, number, found, cells, wrong, left):
            yield reject
            continue
        held.append([cell or "" for cell in cells])
        numbers.append(number)
        if len(held) >= BATCH_ROWS:
            yield _batch(stored, part, found, numbers, held)
            held, numbers = [], []
    if held:
        yield _batch(stored, part, found, numbers, held)
    yield End(stored.digest, count, reported=reported)


def _refused(
    stored: StoredObject,
    part: str,
    number: int,
    found: dict[str, int],
    cells: Sequence[str | None],
    wrong: dict[int, str],
    left: int,
) -> Reject | None:
    for (name, at), cell in zip(found.items(), cells, strict=True):
        if why := wrong.get(left + at + 1):
            return Reject(stored.digest, part, number, name, why)
        if cell is None:
            why = "a number of more than 15 digits, rounded by the workbook; format the column as text"
            return Reject(stored.digest, part, number, name, why)
    return None


def _counted(stored: StoredObject, part: str, number: int, row: Sequence[Any], cell: int) -> int:
    told = cell_text(row[cell - 1]) if len(row) >= cell else None
    if told is None or not (told.isascii() and told.isdigit()):
        raise Unreadable(stored, number, f"the trailer has no count in cell {cell}", part)
    return int(told)


def _batch(
    stored: StoredObject, part: str, found: dict[str, int], numbers: list[int], rows: list[list[str]]
) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    arrays = {name: pa.array(cells, pa.string()) for name, cells in zip(found, columns, strict=True)}
    return placed(stored, part, numbers, arrays)
