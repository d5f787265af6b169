"""Giving back the rows that an import did not take: as they were sent, with what is wrong told and marked beside them.

The file can be corrected and imported as it is. It has the columns that were sent and no others, for an empty cell of
another would empty what the register holds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from registers import csv_files, sheets
from registers.cells import Broken
from registers.csv_files import Encoding, encoding_of, is_csv
from registers.forms import Form, form
from registers.imports import Plan
from registers.reading import ERROR_HEADER, Place, Problem, Sent, as_sent
from registers.workbook import Seen

WRONG_FILL = PatternFill("solid", fgColor="F4B0A0")
WIDTH = 60.0


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken, and every reason."""

    sent: Sent
    problems: tuple[Problem, ...]


def returned(plan: Plan) -> bytes | None:
    """The rows that were not taken, in the format they came in; None when all were."""
    if not plan.problems:
        return None
    wrong = {row: tuple(found) for row, found in groupby(sorted(plan.problems, key=_row), key=_row)}
    fields = form(plan.dataset)
    encoding = encoding_of(plan.content) if is_csv(plan.name) else None
    sheet, places, sent = as_sent(fields, plan.content, plan.name, encoding)
    order = [field.name for field in fields.fields]
    places = tuple(sorted(places, key=lambda place: order.index(place.field.name)))
    refused = [Refused(one, wrong[one.row]) for one in sent if one.row in wrong]
    if is_csv(plan.name):
        return _csv(refused, places, encoding_of(plan.content))
    return _workbook(plan, refused, places, sheet.seen)


def told(problems: Iterable[Problem]) -> str:
    """All problems of a row, each under the header of its column, in both languages."""
    return "\n".join(f"{one.header or one.column}: {one.ja} / {one.en}" for one in problems)


def _row(problem: Problem) -> int:
    return problem.row


def _csv(refused: Sequence[Refused], places: Sequence[Place], encoding: Encoding) -> bytes:
    header = [*(place.field.title for place in places), ERROR_HEADER]
    # What stood beyond the header stands beyond it again, so that the row is not taken before somebody looked.
    rows = (
        [*(one.sent.cells[place] for place in places), told(one.problems), *one.sent.surplus.values()]
        for one in refused
    )
    return csv_files.written(header, rows, encoding).content


def _workbook(plan: Plan, refused: Sequence[Refused], places: Sequence[Place], seen: Seen | None) -> bytes:
    fields = Form(plan.dataset, tuple(place.field for place in places))
    rows = ([one.sent.cells[place] for place in places] for one in refused)
    book = sheets.workbook([sheets.Table(fields, rows)], sheets.RULES)
    sheet, last = book.worksheets[0], len(places) + 1
    head = sheets.cell_at(sheet, 1, last)
    sheets.put_text(head, ERROR_HEADER)
    head.font, head.fill, head.alignment = Font(bold=True), WRONG_FILL, sheets.WRAPPED
    sheet.column_dimensions[get_column_letter(last)].width = WIDTH
    for number, one in enumerate(refused, start=sheets.FIRST_ROW):
        said = sheets.cell_at(sheet, number, last)
        sheets.put_text(said, told(one.problems))
        said.alignment = sheets.WRAPPED
        for problem in one.problems:
            at = [(n, place) for n, place in enumerate(places, start=1) if place.letters == problem.column]
            for column, place in at:  # none: what is wrong is that the sheet lacks the column
                _mark(sheets.cell_at(sheet, number, column), problem, one.sent.cells[place])
    return sheets.saved(book, seen)


def _mark(cell: Cell, problem: Problem, sent: object) -> None:
    lines = [problem.ja, problem.en]
    if isinstance(sent, Broken):  # a formula is told, never written
        lines.append(f"送られた内容 (sent): {sent}")
    cell.fill = WRONG_FILL
    cell.comment = Comment("\n".join(lines), sheets.AUTHOR, height=120, width=320)
