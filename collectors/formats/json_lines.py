"""JSON: one object a line, or one document with a pointer to its array of objects.

Strict where the standard library is lenient: a repeated key, NaN and a lone surrogate are refused. Numbers keep the
digits they are written with. A field that is absent is empty (some systems leave empty ones out). Of a log that is
still being written, a last line without its line feed is left for the next collection unless it is an object already:
one that is whole cannot go on.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import pyarrow as pa

from collectors.formats import BATCH_BYTES, BATCH_ROWS, End, Layout, Part, Reject, Unreadable, Wanted, placed
from collectors.formats.text import LONGEST, TOO_LONG, byte_lines, whole
from evidence.vault import StoredObject

LARGEST = 256 << 20  # bytes of one document, which is held in memory


class NotStrict(ValueError):
    """JSON that two readers could read in two ways."""


def read(objects: Sequence[StoredObject], layout: Layout) -> Iterator[Part]:
    """Read records; batches hold the wanted fields as text. A name with a leading slash is a pointer."""
    for stored in objects:
        yield from _lines(stored, layout) if layout.records is None else _document(stored, layout)


def parse(content: bytes) -> Any:
    """Decode strictly; ValueError when it is no JSON, or JSON that is read in two ways."""
    text = content.decode("utf-8")
    try:
        told = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse, parse_float=str, parse_int=str)
        if b"\\ud" in content.lower():
            json.dumps(told, ensure_ascii=False).encode("utf-8")
    except RecursionError as error:
        raise NotStrict("nested too deeply") from error
    except UnicodeEncodeError as error:
        raise NotStrict("half of a character (a lone surrogate)") from error
    return told


def pointed(document: Any, pointer: str) -> Any:
    """What a JSON pointer (RFC 6901) leads to; KeyError where it leads nowhere."""
    for step in pointer.split("/")[1:] if pointer else []:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list) and name.isascii() and name.isdigit() and int(name) < len(document):
            document = document[int(name)]
        elif isinstance(document, dict) and name in document:
            document = document[name]
        else:
            raise KeyError(pointer)
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise NotStrict("a key stands twice in one object")
    return told


def _refuse(constant: str) -> NoReturn:
    raise NotStrict(f"{constant} is not JSON")


def _lines(stored: StoredObject, layout: Layout) -> Iterator[Part]:
    held = _Held(stored, None, layout)
    count = 0
    for number, line in enumerate(byte_lines(stored), start=1):
        if not line.strip():
            continue
        is_unfinished = layout.growing and not line.endswith(b"\n")
        count += 1
        if len(line) > LONGEST:
            yield Reject(stored.digest, None, number, None, TOO_LONG)
            continue
        try:
            record = parse(line)
        except ValueError as error:
            if is_unfinished:
                count -= 1
                break
            yield Reject(stored.digest, None, number, None, _why(error))
            continue
        if is_unfinished and not isinstance(record, dict):
            count -= 1
            break
        if reject := held.take(number, record):
            yield reject
        if held.is_full(len(line)):
            yield held.batch()
    if held.numbers:
        yield held.batch()
    yield End(stored.digest, count)


def _document(stored: StoredObject, layout: Layout) -> Iterator[Part]:
    pointer = layout.records or ""
    part = pointer or None
    try:
        document = parse(whole(stored, LARGEST))
    except json.JSONDecodeError as error:
        raise Unreadable(stored, error.lineno, _why(error)) from error
    except ValueError as error:
        raise Unreadable(stored, 1, _why(error)) from error
    try:
        records = pointed(document, pointer)
    except KeyError as error:
        raise Unreadable(stored, 1, f"there is nothing at {pointer}") from error
    if not isinstance(records, list):
        raise Unreadable(stored, 1, f"at {pointer or 'its top'} is no array")
    held = _Held(stored, part, layout)
    for number, record in enumerate(records, start=1):
        if reject := held.take(number, record):
            yield reject
        if held.is_full(0):
            yield held.batch()
    if held.numbers:
        yield held.batch()
    yield End(stored.digest, len(records), reported=_reported(stored, document, layout))


def _reported(stored: StoredObject, document: Any, layout: Layout) -> int | None:
    if layout.count_pointer is None:
        return None
    try:
        told = pointed(document, layout.count_pointer)
    except KeyError:
        return None
    if not (isinstance(told, str) and told.isascii() and told.isdigit()):
        raise Unreadable(stored, 1, f"at {layout.count_pointer} is no count")
    return int(told)


def _why(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} at character {error.pos + 1}"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start + 1} is not utf-8"
    return str(error) if isinstance(error, NotStrict) else "cannot be read"


class _Held:
    """Rows of one object on their way into a batch."""

    __slots__ = ("columns", "numbers", "part", "size", "stored", "wanted")

    def __init__(self, stored: StoredObject, part: str | None, layout: Layout) -> None:
        self.stored, self.part, self.wanted = stored, part, layout.columns
        self._clear()

    def take(self, number: int, record: Any) -> Reject | None:
        """Keep one record; a reject when it is no object or a field is not what was asked for."""
        if not isinstance(record, dict):
            return Reject(self.stored.digest, self.part, number, None, "not an object with fields")
        row: list[str | list[str] | None] = []
        for column in self.wanted:
            value = _field(record, column)
            if column.many:
                fits = value is None or (isinstance(value, list) and all(isinstance(one, str) for one in value))
            else:
                fits = value is None or isinstance(value, str | bool)
            if not fits:
                what = "no array of texts" if column.many else "an array or object, not one value"
                return Reject(self.stored.digest, self.part, number, column.name, f"holds {what}")
            row.append(str(value).lower() if isinstance(value, bool) else value)
        for held, cell in zip(self.columns, row, strict=True):
            held.append(cell)
        self.numbers.append(number)
        return None

    def is_full(self, size: int) -> bool:
        """Whether the batch should go now that ``size`` more bytes were taken."""
        self.size += size
        return len(self.numbers) >= BATCH_ROWS or (self.size > BATCH_BYTES and bool(self.numbers))

    def batch(self) -> pa.RecordBatch:
        """The rows taken so far."""
        arrays = {
            column.name: pa.array(cells, pa.list_(pa.string()) if column.many else pa.string())
            for column, cells in zip(self.wanted, self.columns, strict=True)
        }
        told = placed(self.stored, self.part, self.numbers, arrays)
        self._clear()
        return told

    def _clear(self) -> None:
        self.numbers: list[int] = []
        self.columns: list[list[Any]] = [[] for _ in self.wanted]
        self.size = 0


def _field(record: dict[str, Any], column: Wanted) -> Any:
    for name in column.names:
        if name.startswith("/"):
            try:
                return pointed(record, name)
            except KeyError:
                continue
        if name in record:
            return record[name]
    return None
