"""Opening a workbook that somebody sent: its size is bounded before anything unpacks it, and no cell is taken for empty
that is not (the cell reader fills a rectangle up to the farthest cell, and gives nothing for an error or a formula
without a result).
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring, iterparse
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from evidence.errors import ConfigError

MAX_BYTES = 64 * 2**20  # as sent
MAX_UNPACKED = 256 * 2**20
MAX_ROWS = 200_000
MAX_COLUMNS = 256
BOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CELL_NAME = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet from its first row on, and the places (row, column, from 1) whose value cannot be read."""

    title: str
    rows: list[list[object]]
    unread: frozenset[tuple[int, int]]


def open_sheet(content: bytes, name: str, title: str) -> Sheet:
    """The sheet of that title, else the first visible one; ConfigError for what is no workbook of bounded size."""
    try:
        with _archive(content, name) as archive:
            book = CalamineWorkbook.from_filelike(io.BytesIO(content))
            chosen = _chosen(book, name, title)
            with archive.open(_member(archive, chosen)) as stream:
                unread = _unread(stream, name)
            rows = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except (CalamineError, DefusedXmlException, ParseError, KeyError) as error:
        raise ConfigError(
            f"{name}: ブックを読めません。Excelで開いて.xlsxで保存し直してください / cannot be read as a workbook "
            f"({type(error).__name__}); open it in Excel and save it as .xlsx again"
        ) from error
    return Sheet(chosen, [list(row) for row in rows], unread)


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


def _unread(stream: IO[bytes], name: str) -> frozenset[tuple[int, int]]:
    unread = set()
    for row, column, is_unread in _cells(stream):
        if row > MAX_ROWS or column > MAX_COLUMNS:
            raise ConfigError(
                f"{name}: シートは{MAX_ROWS}行・{MAX_COLUMNS}列までです / "
                f"the sheet has a cell beyond row {MAX_ROWS} or column {MAX_COLUMNS}"
            )
        if is_unread:
            unread.add((row, column))
    return frozenset(unread)


def _cells(stream: IO[bytes]) -> Iterator[tuple[int, int, bool]]:
    row = column = 0
    for event, element in iterparse(stream, events=("start", "end")):
        tag = element.tag.rpartition("}")[2]
        if event == "start" and tag == "row":
            told = element.get("r", "")
            row, column = int(told) if re.fullmatch("[0-9]{1,7}", told) else row + 1, 0
        elif event == "end" and tag == "c":
            place = CELL_NAME.fullmatch(element.get("r", "").upper())
            row, column = (int(place[2]), _number(place[1])) if place else (row, column + 1)
            yield row, column, _is_unread(element)
        if event == "end" and tag in ("c", "row"):
            element.clear()


def _is_unread(cell: Element) -> bool:
    parts = {part.tag.rpartition("}")[2]: part.text for part in cell}
    return cell.get("t") == "e" or ("f" in parts and not parts.get("v") and cell.get("t") != "str")


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
