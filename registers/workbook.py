"""Opening a workbook that somebody sent: its size is bounded before anything unpacks it, and no cell is taken for empty
that is not (the cell reader fills a rectangle up to the farthest cell, and gives nothing for an error or a formula
without a result).
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import chain, repeat
from typing import IO
from xml.etree.ElementTree import ParseError
from xml.sax import ContentHandler, SAXParseException
from xml.sax.xmlreader import AttributesImpl

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from defusedxml.sax import make_parser
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from evidence.errors import ConfigError
from registers.cells import Broken, Unreadable

MAX_BYTES = 64 * 2**20  # as sent
MAX_UNPACKED = 256 * 2**20
MAX_ROWS = 200_000
MAX_COLUMNS = 256
BOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
PROPERTIES = "docProps/custom.xml"
SEEN = "tenken seen at"  # the property of that name
RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CELL_NAME = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
NO_CHARACTER = re.compile(r"_x([Ff]{3}[EeFf])_")
NO_VALUE = Unreadable(
    "エラー値か、計算されていない数式です。値を入力してください",
    "is an error or a formula without a result; type the value",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """The moment as known at which, and the day on which (None: whichever) a workbook shows rows."""

    at: datetime
    on: date | None = None

    def __str__(self) -> str:
        return f"{self.at.isoformat()} {self.on or ''}".strip()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one sheet from its first one on, read once, row by row; what is no workbook has no title."""

    title: str | None
    rows: Iterator[list[object]]
    seen: Seen | None = None  # as what it was handed out; None: it does not tell


def open_sheet(content: bytes, name: str, title: str) -> Sheet:
    """The sheet of that title, else the first visible one; ConfigError for what is no workbook of bounded size."""
    try:
        with _archive(content, name) as archive:
            book = CalamineWorkbook.from_filelike(io.BytesIO(content))
            chosen = _chosen(book, name, title)
            with archive.open(_member(archive, chosen)) as stream:
                unread = _unread(stream, name)
            seen = _seen(archive)
        return Sheet(chosen, _rows(book.get_sheet_by_name(chosen), unread), seen)
    except (CalamineError, DefusedXmlException, ParseError, SAXParseException, KeyError) as error:
        raise ConfigError(
            f"{name}: ブックを読めません。Excelで開いて.xlsxで保存し直してください / cannot be read as a workbook "
            f"({type(error).__name__}); open it in Excel and save it as .xlsx again"
        ) from error


def _rows(sheet: CalamineSheet, unread: Mapping[int, Mapping[int, Broken]]) -> Iterator[list[object]]:
    """Row by row: all cells of a large sheet at once would fill the memory."""
    first, height = (sheet.start or (0, 0))[1], (sheet.end or (-1, -1))[0] + 1
    width = max(first + sheet.width, *(column for cells in unread.values() for column in cells), 0)
    given = chain(sheet.iter_rows(), repeat([]))
    for number, cells in zip(range(1, max(height, *unread, 0) + 1), given, strict=False):
        row = [*[None] * first, *map(_restored, cells)]
        row += [None] * (width - len(row))
        for column, cell in unread.get(number, {}).items():
            row[column - 1] = cell
        yield row


def _restored(cell: object) -> object:
    """The cell reader turns _x0000_ to _x00FF_ into what they stand for, and leaves the two that no XML can hold."""
    return NO_CHARACTER.sub(lambda found: chr(int(found[1], 16)), cell) if isinstance(cell, str) else cell


def _archive(content: bytes, name: str) -> zipfile.ZipFile:
    """The archive, every file of it read once: the sizes that it claims are true."""
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{name}: {MAX_BYTES >> 20}MBを超えています / is larger than {MAX_BYTES >> 20} MB")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        if sum(one.file_size for one in archive.infolist()) > MAX_UNPACKED:
            raise ConfigError(f"{name}: 展開すると大きすぎます / unpacks to more than {MAX_UNPACKED >> 20} MB")
        if archive.testzip() is not None:
            raise ConfigError(f"{name}: ファイルが壊れています / is damaged; send it again")
        return archive
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise ConfigError(
            f"{name}: パスワードのないExcelブック(.xlsx)ではありません / is not an .xlsx workbook without a password"
        ) from error


def _chosen(book: CalamineWorkbook, name: str, title: str) -> str:
    sheets = [one for one in book.sheets_metadata if one.typ is SheetTypeEnum.WorkSheet]
    visible = [one.name for one in sheets if one.visible is SheetVisibleEnum.Visible]
    if not visible:
        raise ConfigError(f"{name}: 表示されているシートがありません / has no visible sheet")
    return title if title in visible else visible[0]


def _member(archive: zipfile.ZipFile, title: str) -> str:
    """The file in the archive that holds a sheet; KeyError when the book does not say."""
    relations = {one.get("Id"): one.get("Target", "") for one in fromstring(archive.read(RELATIONS))}
    ids = {
        one.get("name"): one.get(RELATION_ID) for one in fromstring(archive.read(BOOK)).iter() if one.get(RELATION_ID)
    }
    return posixpath.normpath(posixpath.join("/xl", relations[ids[title]])).removeprefix("/")


def _seen(archive: zipfile.ZipFile) -> Seen | None:
    """As what the book was handed out: programs of tables keep its properties. What else stands there tells nothing."""
    try:
        [told] = [one for one in fromstring(archive.read(PROPERTIES)) if one.get("name") == SEEN]
        at, _, on = "".join(told.itertext()).strip().partition(" ")
        seen = Seen(datetime.fromisoformat(at), date.fromisoformat(on) if on else None)
    except (KeyError, ValueError, LookupError, ParseError, DefusedXmlException):
        return None
    return seen if seen.at.tzinfo else None


def _unread(stream: IO[bytes], name: str) -> dict[int, dict[int, Broken]]:
    """The cells, by row and column, for which the cell reader gives nothing."""
    watch = _Watch(name)
    parser = make_parser()
    parser.setContentHandler(watch)
    parser.parse(stream)
    return watch.unread


class _Watch(ContentHandler):
    """Follows the cells of a sheet, holding one at a time."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.unread: dict[int, dict[int, Broken]] = {}
        self._row = self._column = 0
        self._kind = ""
        self._parts: dict[str, str] = {}
        self._part: str | None = None

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        """See where a row or a cell stands."""
        tag = name.rpartition(":")[2]
        if tag == "c":
            place = CELL_NAME.fullmatch(attrs.get("r", "").upper())
            self._row, self._column = (int(place[2]), _number(place[1])) if place else (self._row, self._column + 1)
            self._kind, self._parts = attrs.get("t", ""), {}
            if self._row > MAX_ROWS or self._column > MAX_COLUMNS:
                raise ConfigError(
                    f"{self.name}: シートは{MAX_ROWS}行・{MAX_COLUMNS}列までです / "
                    f"the sheet has a cell beyond row {MAX_ROWS} or column {MAX_COLUMNS}"
                )
        elif tag == "row":
            told = attrs.get("r", "")
            self._row, self._column = int(told) if re.fullmatch("[0-9]{1,7}", told) else self._row + 1, 0
        elif tag in ("f", "v"):
            self._part, self._parts[tag] = tag, ""

    def characters(self, content: str) -> None:
        """Keep a formula and a value, nothing else."""
        if self._part:
            self._parts[self._part] += content

    def endElement(self, name: str) -> None:  # noqa: N802
        """Judge a cell when it is whole."""
        self._part = None
        if name.rpartition(":")[2] == "c" and self._says_nothing():
            sent = f"={self._parts['f']}" if "f" in self._parts else self._parts.get("v", "")
            self.unread.setdefault(self._row, {})[self._column] = Broken(sent, NO_VALUE)

    def _says_nothing(self) -> bool:
        is_unresolved = "f" in self._parts and not self._parts.get("v") and self._kind != "str"
        return self._kind == "e" or is_unresolved


@cache
def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
