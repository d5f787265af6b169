"""Formats: bytes as received → rows of text with their place. Pure: the same bytes give the same rows and rejects.

A format knows how an object is laid out, not what it means: it hands over the columns that a profile asks for (text,
or typed where the format itself fixes the type), each row with its object, part and line. What cannot be read is a
:class:`Reject` with its place and never its content; an object that ends before its end has no :class:`End`.
A new format is one module and one line in ``FORMATS``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, TypeAlias, cast

import pyarrow as pa

from evidence.errors import SourceMalformed
from evidence.vault import StoredObject

FORMATS: Mapping[str, str] = {
    "csv": "collectors.formats.csv",
    "workbook": "collectors.formats.workbook",
    "json_lines": "collectors.formats.json_lines",
    "cloudtrail": "collectors.formats.cloudtrail",
    "sshd": "collectors.formats.sshd",
    "vendor_audit": "collectors.formats.vendor_audit",
}
VERSION = 3  # raised when a format reads the same bytes differently: old objects may then be read again
BATCH_ROWS = 50_000
BATCH_BYTES = 32 << 20
UNREAD = "; nothing from here on was read"  # how the reason of an object that was given up ends
MOST_REJECTS = 1_000  # an object with more is laid out in another way than declared: reading on proves nothing

OBJECT, PART, LINE = "#object", "#part", "#line"  # where a row stood; no header can be called so by accident
PLACE = (
    pa.field(OBJECT, pa.string(), nullable=False),
    pa.field(PART, pa.string()),
    pa.field(LINE, pa.int64(), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that could not be read: where and why, never its content."""

    object: str
    part: str | None
    line: int
    column: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class End:
    """One object was read to its end: how many lines it has, and how many of them its source says there are."""

    object: str
    lines: int  # data lines or records, rejected ones included
    skipped: int = 0  # lines that are not about what the format reads (other programs' lines in a log)
    reported: int | None = None  # the source's own count: a trailer, a total


Part: TypeAlias = pa.RecordBatch | Reject | End


class Unreadable(SourceMalformed):
    """An object cannot be read from a line on; the other objects of the run can."""

    def __init__(self, stored: StoredObject, line: int, why: str, part: str | None = None) -> None:
        super().__init__(f"object {stored.digest[:12]} line {line}", why)
        self.reject = Reject(stored.digest, part, line, None, f"{why}{UNREAD}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One column that a profile reads: the name in the file, or several that mean the same."""

    names: tuple[str, ...]
    required: bool = True  # the header must have it
    many: bool = False  # several values in one field (a JSON array)

    @property
    def name(self) -> str:
        """What the column is called in the batches."""
        return self.names[0]


@dataclass(frozen=True, slots=True)
class Trailer:
    """The last row of a file, which counts the rows above it."""

    first_cell: str
    count_cell: int  # 1-based


@dataclass(frozen=True, slots=True)
class Layout:
    """How the objects of a source are laid out; a format reads what concerns it."""

    kind: str
    columns: tuple[Wanted, ...] = ()  # none = every column of the header
    encoding: str = "utf-8"
    delimiter: str = ","
    skip_lines: int = 0
    sheet: str | None = None
    header_row: int = 1
    records: str | None = None
    trailer: Trailer | None = None
    count_pointer: str | None = None
    zone: str | None = None  # of times that are written without one
    drift_s: int = 300  # how far a log's lines may run back
    growing: bool = False  # objects may end in the middle of a line, whose rest comes with the next collection


class Format(Protocol):
    """What every module of ``FORMATS`` offers."""

    def read(self, objects: Sequence[StoredObject], layout: Layout) -> Iterator[Part]:
        """Turn stored objects into batches, rejects and ends, object after object; Unreadable stops at a bad one."""
        ...


def format_of(kind: str) -> Format:
    """The module of a declared format."""
    return cast(Format, import_module(FORMATS[kind]))


def read_all(objects: Sequence[StoredObject], layout: Layout) -> Iterator[Part]:
    """Read a run's objects; one that cannot be read is a reject with its place, the others are read."""
    module = format_of(layout.kind)
    groups = [tuple(objects)] if layout.kind == "cloudtrail" else [(stored,) for stored in objects]
    for group in groups:
        rejected = 0
        try:
            for part in module.read(group, layout):
                yield part
                if not isinstance(part, Reject):
                    continue
                rejected += 1
                if rejected >= MOST_REJECTS and len(group) == 1:
                    why = f"{rejected} lines could not be read; is it laid out as declared?"
                    raise Unreadable(group[0], part.line, why, part.part)
        except Unreadable as error:
            yield error.reject


def in_large_batches(parts: Iterable[Part]) -> Iterator[Part]:
    """The same, with the batches of small objects joined: what is done with a batch costs little for one more row."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for part in parts:
        if not isinstance(part, pa.RecordBatch):
            yield part
            continue
        if held and (rows + part.num_rows > BATCH_ROWS or not part.schema.equals(held[0].schema)):
            yield pa.concat_batches(held)
            held, rows = [], 0
        held.append(part)
        rows += part.num_rows
    if held:
        yield pa.concat_batches(held)


def placed(
    stored: StoredObject, part: str | None, lines: Sequence[int] | pa.Array, columns: Mapping[str, pa.Array]
) -> pa.RecordBatch:
    """A batch of columns with the place of every row."""
    count = len(lines)
    where = [
        pa.repeat(pa.scalar(str(stored.digest), pa.string()), count),
        pa.repeat(pa.scalar(part, pa.string()), count),
        lines if isinstance(lines, pa.Array) else pa.array(lines, pa.int64()),
    ]
    fields = [pa.field(name, array.type) for name, array in columns.items()]
    return pa.RecordBatch.from_arrays([*columns.values(), *where], schema=pa.schema([*fields, *PLACE]))


def positions(
    header: Sequence[str], layout: Layout, stored: StoredObject, line: int, part: str | None
) -> dict[str, int]:
    """Where each wanted column stands in a header; Unreadable names what is missing or stands twice."""
    names = [name.strip() for name in header]
    wanted = layout.columns or tuple(Wanted((name,)) for name in names if name)
    known = {name for column in layout.columns for name in column.names}
    for name in names:
        if name and names.count(name) > 1:
            # Where the header is missing, the first row stands in its place: only names that we know are no values.
            what = name if name in known else f"the name of column {names.index(name) + 1}"
            raise Unreadable(stored, line, f"the header has {what} more than once", part)
    found: dict[str, int] = {}
    missing = []
    for column in wanted:
        at = [names.index(name) for name in column.names if name in names]
        if len(at) > 1:
            raise Unreadable(stored, line, f"the header has both {' and '.join(names[i] for i in at)}", part)
        if at:
            found[column.name] = at[0]
        elif column.required:
            missing.append(" or ".join(column.names))
    if missing:
        raise Unreadable(stored, line, f"the header has no {', '.join(missing)}", part)
    if not found:
        raise Unreadable(stored, line, "the header names no column that is read", part)
    return found
