"""What the reader of workbooks hides: cells whose formula failed or was never calculated, which it shows as empty.

Also keeps hostile archives out before any parser sees them: too many members, too large, packed too tightly.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException, ElementTree

from collectors.formats import Unreadable
from evidence.vault import StoredObject

MEMBERS, LARGEST, TIGHTEST = 1_000, 200 << 20, 100
SMALL = 1 << 20  # below this a tight member does no harm
CHUNK = 1 << 20
OVERLAP = 64 << 10  # longer than the opening of any cell with its formula that matters here
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
CELL = re.compile(
    rb"<c\b(?P<a>[^>]*?)(?:/>|>\s*(?:<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)(?P<none>\s*(?:<v\s*/>|<v>\s*</v>|</c>))?)?)"
)
REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
FAILED, NEVER = "its formula ended in an error", "its formula was never calculated; open and save the workbook once"


def admit(stored: StoredObject, path: Path) -> None:
    """Refuse what is no .xlsx archive, or one that would swell when it is opened."""
    with _naming_damage(stored), zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        total = sum(member.file_size for member in members)
        tight = any(m.file_size > SMALL and m.file_size > TIGHTEST * max(m.compress_size, 1) for m in members)
        if len(members) > MEMBERS or total > LARGEST or tight:
            raise Unreadable(stored, 1, "an archive out of proportion (members, size or compression)")
        if len({member.filename for member in members}) != len(members) or "xl/workbook.xml" not in archive.namelist():
            raise Unreadable(stored, 1, "not an .xlsx workbook; save it as one")


def broken_cells(stored: StoredObject, path: Path, sheet: str) -> dict[int, dict[int, str]]:
    """The cells of a sheet that hold no value to be believed: line → column (both from 1) → why."""
    with _naming_damage(stored), zipfile.ZipFile(path) as archive, archive.open(_member(archive, sheet)) as file:
        return _scan(file)


@contextmanager
def _naming_damage(stored: StoredObject) -> Iterator[None]:
    try:
        yield
    # What zipfile raises of something else, a missing member, a method it lacks, encryption, a name with NUL.
    except (zipfile.BadZipFile, zipfile.LargeZipFile, KeyError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Unreadable(stored, 1, "not an .xlsx workbook; save it as one") from error
    except (ParseError, DefusedXmlException, EOFError, OSError, zlib.error) as error:
        raise Unreadable(stored, 1, f"a damaged workbook ({type(error).__name__})") from error


def _member(archive: zipfile.ZipFile, sheet: str) -> str:
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    links = {node.get(LINK) for node in book.iter(f"{MAIN}sheet") if node.get("name") == sheet}
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = [node.get("Target", "") for node in relations.iter(RELATION) if node.get("Id") in links]
    if len(targets) != 1:
        raise KeyError(sheet)
    target = targets[0]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _scan(file: IO[bytes]) -> dict[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = {}
    rest = b""
    while chunk := file.read(CHUNK):
        text = rest + chunk
        for cell in CELL.finditer(text):
            empty = cell["none"] and b't="str"' not in cell["a"]  # a formula may well give an empty text
            why = FAILED if b't="e"' in cell["a"] else NEVER if empty else None
            if why and (place := REFERENCE.search(cell["a"])):
                found.setdefault(int(place[2]), {})[_column(place[1])] = why
        rest = text[-OVERLAP:]
    return found


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
