"""Registers as CSV: strictly read, in the one encoding that the file shows or that is said, and inert where shown.

A spreadsheet computes what begins with = + - @, so such a text is written behind an apostrophe; a text that begins with
apostrophes before such a letter gets one more, so that reading takes away exactly what writing put there.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl.utils import get_column_letter

from evidence.datasets import Dataset
from evidence.errors import ConfigError
from registers.cells import Broken, Unreadable, shown
from registers.forms import form
from registers.workbook import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, Sheet

SUFFIX = ".csv"
BOM = b"\xef\xbb\xbf"
OTHER_BOMS = (b"\xff\xfe", b"\xfe\xff")
GETA = "〓"  # what Japanese print shows for a letter that is not there
LIVE = re.compile(r"'*[\s\x00-\x1f\x7f-\x9f\u200b\ufeff]*[=+\-@\t\r＝＋－＠]")
FIELD = re.compile(r'"(?:[^"]|"")*+"(?=[,\r\n]|\Z)|(?!")[^,\r\n]*')
NOT_OF_THE_ENCODING = re.compile(r"[\udc80-\udcff]")
UNDECODABLE = Unreadable(
    "文字コードに合わないバイトがあります。入力し直してください", "holds a byte that is not of the file's encoding"
)
REPLACED = Unreadable(
    f"cp932で表せない文字の代わりの「{GETA}」があります。元の文字を入力してください",
    f"holds {GETA}, which stands for a letter that cp932 lacks; type the letter, in UTF-8 or a workbook",
)
MISSING = Unreadable(
    "見出しより項目が少ない行です。空欄にも区切り文字が要ります",
    "the row has fewer fields than the header; empty ones need their separator, too",
)


class Encoding(StrEnum):
    """The two that Japanese spreadsheets read and write."""

    UTF_8 = "utf-8-sig"
    CP932 = "cp932"


@dataclass(frozen=True, slots=True)
class Unheld:
    """Letters of one cell that the encoding cannot hold: where it was written, and their numbers, never the text."""

    line: int
    column: str
    header: str
    codes: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"line {self.line}: column {self.column}({self.header}): {' '.join(self.codes)}: "
            f"cp932にない文字です。{GETA}と書きました / cp932 cannot hold this; written as {GETA}"
        )


@dataclass(frozen=True, slots=True)
class Written:
    """A CSV file, and what its encoding could not hold."""

    content: bytes
    unheld: tuple[Unheld, ...]


def is_csv(name: str) -> bool:
    """Whether a file is CSV, by its name."""
    return name.lower().endswith(SUFFIX)


def encoding_of(content: bytes) -> Encoding:
    """The encoding of a file that was imported once, hence is one of the two."""
    return Encoding.UTF_8 if content.startswith(BOM) else Encoding.CP932


def open_csv(content: bytes, name: str, encoding: Encoding | None) -> Sheet:
    """The rows of a CSV file, each at the number of its first line; ConfigError when its shape cannot be trusted."""
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{name}: {MAX_BYTES >> 20}MBを超えています / is larger than {MAX_BYTES >> 20} MB")
    told = _declared(content, name, encoding)
    # A byte that does not decode becomes a lone surrogate: it is refused with its cell, and given back as it was.
    text = content.decode(told, "surrogateescape")
    return Sheet(None, _rows(text, name, told))


def export(dataset: Dataset, rows: Iterable[Mapping[str, Any]], zone: ZoneInfo, encoding: Encoding) -> Written:
    """The CSV with these rows (:func:`registers.versions.rows_as_of`); importing it again changes nothing."""
    fields = form(dataset).fields
    cells = ([shown(field, row.get(field.name), zone) for field in fields] for row in rows)
    return written([field.title for field in fields], cells, encoding)


def template(dataset: Dataset, encoding: Encoding) -> Written:
    """The header alone, to be filled in below."""
    return written([field.title for field in form(dataset).fields], (), encoding)


def written(header: Sequence[str], rows: Iterable[Sequence[object]], encoding: Encoding) -> Written:
    """Rows as CSV with lines ended by CRLF; no text is one that a spreadsheet would compute."""
    out, unheld, line = io.BytesIO(BOM if encoding is Encoding.UTF_8 else b""), list[Unheld](), 1
    out.seek(0, io.SEEK_END)
    for row in (header, *rows):
        record = io.StringIO(newline="")
        cells = []
        for index, cell in enumerate(row):
            text, lacking = _held(_inert(cell), encoding)
            cells.append(text)
            if lacking:
                unheld.append(Unheld(line, get_column_letter(index + 1), header[index], lacking))
        csv.writer(record, lineterminator="\r\n").writerow(cells)
        out.write(record.getvalue().encode(encoding.replace("-sig", ""), "surrogateescape"))
        record.seek(0)
        line += sum(1 for _ in record)
    return Written(out.getvalue(), tuple(unheld))


def _declared(content: bytes, name: str, encoding: Encoding | None) -> Encoding:
    if content.startswith(OTHER_BOMS):
        raise ConfigError(f"{name}: UTF-16です。「CSV UTF-8」で保存し直してください / is UTF-16; save it as CSV UTF-8")
    shows = Encoding.UTF_8 if content.startswith(BOM) else None
    if shows is None and encoding is not Encoding.CP932:
        raise ConfigError(
            f"{name}: 文字コードが分かりません。「CSV UTF-8」(BOM付き)で保存し直すか、Shift_JISなら--encoding cp932を"
            "付けてください / does not say its encoding: save it as CSV UTF-8 (with BOM), or give --encoding cp932"
        )
    if shows is not None and encoding is Encoding.CP932:
        raise ConfigError(
            f"{name}: BOMはUTF-8を示しています。--encoding cp932を外してください / "
            "begins with the mark of UTF-8; leave out --encoding cp932"
        )
    return shows or Encoding.CP932


def _rows(text: str, name: str, encoding: Encoding) -> Iterator[list[object]]:
    """A row at each line; a line that goes on with the row before it is empty."""
    width = None
    for begins, ends, fields in _records(text, name):
        if begins > MAX_ROWS or len(fields) > MAX_COLUMNS:
            raise ConfigError(
                f"{name}: line {begins}: {MAX_ROWS}行・{MAX_COLUMNS}列までです / "
                f"at most {MAX_ROWS} lines and {MAX_COLUMNS} columns"
            )
        row: list[object] = [_cell(one, encoding) for one in fields]
        width = len(row) if width is None else width
        if any(fields) and len(row) < width:
            row.append(Broken("", MISSING))
        yield row
        yield from ([] for _ in range(ends - begins))


def _records(text: str, name: str) -> Iterator[tuple[int, int, list[str]]]:
    """The first line, the last line and the fields of each row; ConfigError tells where a quote is wrong."""
    csv.field_size_limit(MAX_BYTES)  # a text that is too long is refused with its cell
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, strict=True)
    begins = 1
    try:
        for fields in reader:
            yield begins, reader.line_num, fields
            begins = reader.line_num + 1
    except csv.Error as error:
        line, column = _misquoted("".join(lines[begins - 1 :]), begins)
        raise ConfigError(
            f"{name}: line {line}: column {column}: 引用符が閉じていないか、引用符の後に文字があります。"
            f"直してください / a quote is not closed, or something follows the closing one ({error})"
        ) from error


def _misquoted(text: str, line: int) -> tuple[int, str]:
    """The line and the column of the first field that is no field."""
    at, column = 0, 1
    while (found := FIELD.match(text, at)) and found.end() < len(text) and text[found.end()] == ",":
        line += sum(1 for _ in io.StringIO(found[0], newline="")) - 1 if found[0] else 0
        at, column = found.end() + 1, column + 1
    return line, get_column_letter(column)


def _cell(text: str, encoding: Encoding) -> str | Broken:
    if text.startswith("'") and LIVE.match(text):
        text = text[1:]
    if NOT_OF_THE_ENCODING.search(text):
        return Broken(text, UNDECODABLE)
    if encoding is Encoding.CP932 and GETA in text:
        return Broken(text, REPLACED)
    return text


def _inert(cell: object) -> str:
    match cell:
        case None:
            return ""
        case bool() | int() | date():
            return str(cell)
        case Decimal():
            return f"{cell:f}"
        case _:
            text = str(cell)
            return f"'{text}" if LIVE.match(text) else text


def _held(text: str, encoding: Encoding) -> tuple[str, tuple[str, ...]]:
    """The text as the encoding can hold it, and the numbers of the letters that it cannot."""
    if encoding is not Encoding.CP932 or (GETA not in text and _survives(text)):
        return text, ()
    lacking = dict.fromkeys(one for one in text if one == GETA or not _survives(one))
    return "".join(GETA if one in lacking else one for one in text), tuple(f"U+{ord(one):04X}" for one in lacking)


def _survives(text: str) -> bool:
    """Some letters are encoded as their likes (U+301C as U+FF5E): they would come back as others."""
    try:
        return text.encode("cp932", "surrogateescape").decode("cp932", "surrogateescape") == text
    except UnicodeEncodeError:
        return False
