"""CSV and TSV as other systems export them: only the declared encoding, every row as wide as the header.

A quoted field may span lines, so a row's line is the first line it stands on. A row that is too short, too long or
wrongly quoted, or that has a wrong byte or NUL, is a reject; behind a quote that never ends nothing can be read. What
stands above that counts.
"""

import csv
from collections.abc import Iterator, Sequence

import pyarrow as pa

from collectors.formats import BATCH_BYTES, BATCH_ROWS, End, Layout, Part, Reject, Unreadable, placed, positions
from collectors.formats.text import text_lines
from evidence.vault import StoredObject

FATAL = {
    "unexpected end of data": "a quoted field that does not end",
    "field larger than field limit": f"a field that does not end within {csv.field_size_limit()} characters",
}


class _Lines:
    """The lines that the reader of csv takes, counted."""

    __slots__ = ("lines", "size", "wrong")

    def __init__(self, stored: StoredObject, encoding: str) -> None:
        self.wrong: dict[int, str] = {}  # by line, why it cannot be read
        self.lines = text_lines(stored, encoding, self.wrong)
        self.size = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self.lines)
        self.size += len(line)
        return line


def read(objects: Sequence[StoredObject], layout: Layout) -> Iterator[Part]:
    """Read tables with a header; batches hold the wanted columns as text."""
    for stored in objects:
        yield from _object(stored, layout)


def _object(stored: StoredObject, layout: Layout) -> Iterator[Part]:
    lines = _Lines(stored, layout.encoding)
    for _ in zip(range(layout.skip_lines), lines, strict=False):
        pass
    rows = _Rows(lines, layout.delimiter, layout.skip_lines)
    header_line, header = _header(stored, rows)
    found = positions(header, layout, stored, header_line, None)
    width, trailer = len(header), layout.trailer
    held: list[list[str]] = []
    numbers: list[int] = []
    count, reported, stopped = 0, None, None
    for number, row in _told(stored, rows):
        if isinstance(row, Unreadable):
            stopped = row
            break
        if isinstance(row, str):
            count += 1
            yield Reject(stored.digest, None, number, None, row)
            continue
        if not any(map(str.strip, row)):
            continue
        if trailer is not None and row[0].strip() == trailer.first_cell:
            if reported is not None:
                raise Unreadable(stored, number, "a second trailer")
            reported = _counted(stored, number, row, trailer.count_cell)
            continue
        count += 1
        if reported is not None:
            yield Reject(stored.digest, None, number, None, "a row below the trailer")
        elif len(row) != width:
            yield Reject(stored.digest, None, number, None, f"{len(row)} fields, the header has {width}")
        else:
            held.append(row)
            numbers.append(number)
        if len(held) >= BATCH_ROWS or lines.size > BATCH_BYTES:
            yield _batch(stored, found, numbers, held)
            held, numbers, lines.size = [], [], 0
    if held:
        yield _batch(stored, found, numbers, held)
    if stopped is not None:
        raise stopped
    yield End(stored.digest, count, reported=reported)


class _Rows:
    """Rows with the line that each begins on."""

    __slots__ = ("before", "lines", "reader")

    def __init__(self, lines: _Lines, delimiter: str, before: int) -> None:
        self.reader, self.lines, self.before = csv.reader(lines, delimiter=delimiter, strict=True), lines, before

    @property
    def next_line(self) -> int:
        """The line that the next row begins on."""
        return self.before + int(self.reader.line_num) + 1

    def wrong(self, number: int) -> str | None:
        """Why the row that was just read, from this line on, cannot be read."""
        wrong = self.lines.wrong
        return next((wrong[n] for n in range(number, self.next_line) if n in wrong), None) if wrong else None


def _told(stored: StoredObject, rows: _Rows) -> Iterator[tuple[int, list[str] | str | Unreadable]]:
    """Rows, the reasons of those that are refused, and at last why nothing more can be read."""
    while True:
        number = rows.next_line
        try:
            row = next(rows.reader)
        except StopIteration:
            return
        except Unreadable as error:
            yield number, error
            return
        except csv.Error as error:
            if why := next((why for what, why in FATAL.items() if what in str(error)), None):
                yield number, Unreadable(stored, number, why)
                return
            yield number, rows.wrong(number) or "wrongly quoted, or a carriage return inside of a line"
            continue
        yield number, rows.wrong(number) or row


def _header(stored: StoredObject, rows: _Rows) -> tuple[int, list[str]]:
    for number, row in _told(stored, rows):
        if isinstance(row, Unreadable):
            raise row
        if isinstance(row, str):
            raise Unreadable(stored, number, f"the header: {row}")
        if any(map(str.strip, row)):
            return number, row
    raise Unreadable(stored, 1, "it is empty: not even a header")


def _counted(stored: StoredObject, number: int, row: Sequence[str], cell: int) -> int:
    told = row[cell - 1].strip().replace(",", "") if len(row) >= cell else ""
    if not (told.isascii() and told.isdigit()):
        raise Unreadable(stored, number, f"the trailer has no count in field {cell}")
    return int(told)


def _batch(stored: StoredObject, found: dict[str, int], numbers: list[int], rows: list[list[str]]) -> pa.RecordBatch:
    columns = list(zip(*rows, strict=True))
    return placed(stored, None, numbers, {name: pa.array(columns[at], pa.string()) for name, at in found.items()})
