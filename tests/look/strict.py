"""What Excel mends with a message or refuses, found without Excel.

LibreOffice opens almost everything and mends it in silence: that it made a PDF proves nothing. So a workbook is read by
two readers that mend nothing, its parts are held against the format's rules and Excel's limits, and what LibreOffice
understood is compared with what was written (:func:`differences`).
"""

import io
import posixpath
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineError, CalamineWorkbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# The order of a sheet's parts (ECMA-376, CT_Worksheet); another order is "unreadable content".
ORDER = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
    "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
    "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins",
    "pageSetup", "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors",
    "smartTags", "drawing", "legacyDrawing", "legacyDrawingHF", "picture", "oleObjects", "controls",
    "webPublishItems", "tableParts", "extLst",
)  # fmt: skip
CELL_TYPES = frozenset({"b", "d", "e", "inlineStr", "n", "s", "str"})
LONGEST_TEXT, LONGEST_LIST, LONGEST_TITLE, LONGEST_MESSAGE, LONGEST_RUNNING = 32_767, 255, 32, 255, 255
MOST_LINKS = 65_490
Rows = dict[str, list[list[object]]]


def faults(content: bytes) -> list[str]:
    """Everything about a workbook that makes Excel mend or refuse it; places only, never what stands there."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # openpyxl warns of what it does not understand, and leaves it out
            book, told = load_workbook(io.BytesIO(content)), rows(content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        roots = {name: fromstring(part) for name, part in parts.items() if name.endswith((".xml", ".rels"))}
    except (zipfile.BadZipFile, ParseError, CalamineError, LookupError, ValueError, TypeError, UserWarning) as error:
        return [f"a strict reader does not open it: {type(error).__name__}"]
    return [
        *_of_package(roots, parts),
        *_of_names(book, roots),
        *(fault for name, root in roots.items() if root.tag == f"{MAIN}worksheet" for fault in _of_part(name, root)),
        *(fault for sheet in book.worksheets for fault in (*_of_offers(sheet), *_of_notes(sheet))),
        *(
            f"{name}: row {number}: more than {LONGEST_TEXT} letters in a cell"
            for name, lines in told.items()
            for number, line in enumerate(lines, start=1)
            if any(isinstance(cell, str) and len(cell) > LONGEST_TEXT for cell in line)
        ),
    ]


def rows(content: bytes) -> Rows:
    """What stands in the cells of every sheet."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: [list(row) for row in book.get_sheet_by_name(name).iter_rows()] for name in book.sheet_names}


def differences(written: Rows, understood: Rows) -> list[str]:
    """The places where somebody else understood a workbook otherwise than it was written: there he has mended it."""
    if list(written) != list(understood):
        return ["other sheets than were written"]
    return [
        f"{name}: row {number} is not what was written"
        for name in written
        for number, (ours, theirs) in enumerate(_paired(written[name], understood[name]), start=1)
        if len(ours) != len(theirs) or not all(map(_same, ours, theirs))
    ]


def _same(ours: object, theirs: object) -> bool:
    """A moment is a fraction of days, which every program rounds to the millisecond in its own way."""
    if isinstance(ours, datetime) and isinstance(theirs, datetime):
        return abs(ours - theirs) <= timedelta(milliseconds=1)
    return ours == theirs


def _paired(ours: list[list[object]], theirs: list[list[object]]) -> Iterator[tuple[list[object], list[object]]]:
    for number in range(max(len(ours), len(theirs))):
        yield _stripped(ours, number), _stripped(theirs, number)


def _stripped(lines: list[list[object]], number: int) -> list[object]:
    """A row without the empty cells at its end."""
    line = lines[number] if number < len(lines) else []
    last = max((at for at, cell in enumerate(line, start=1) if cell != ""), default=0)
    return line[:last]


def _of_package(roots: dict[str, Element], parts: Iterable[str]) -> Iterator[str]:
    there = frozenset(parts)
    for name, root in roots.items():
        if name.endswith(".rels"):
            folder = PurePosixPath(name).parent.parent.as_posix()
            named = (one.get("Target", "") for one in root if one.get("TargetMode") != "External")
            wanted = {posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/") for target in named}
        elif name == "[Content_Types].xml":
            wanted = {one.get("PartName", "").lstrip("/") for one in root if one.get("PartName")}
        else:
            continue
        yield from (f"{name}: names {lost}, which is not there" for lost in sorted(wanted - there))


def _of_names(book: Workbook, roots: dict[str, Element]) -> Iterator[str]:
    for title in book.sheetnames:
        if title != title.strip("'"):  # openpyxl refuses the other names that a sheet may not have
            yield f"{title}: no name that a sheet may have"
    named = roots["xl/workbook.xml"]
    told = (
        *(("sheet", "", one) for one in named.iter(f"{MAIN}sheet")),
        *(("name", one.get("localSheetId", ""), one) for one in named.iter(f"{MAIN}definedName")),
        *(("name", "", root) for root in roots.values() if root.tag == f"{MAIN}table"),
    )
    counted = Counter((kind, where, one.get("name", "").casefold()) for kind, where, one in told)
    yield from (f"the {kind} {name} is given twice" for (kind, _, name), times in counted.items() if times > 1)


def _of_part(name: str, root: Element) -> Iterator[str]:
    places = [ORDER.index(tag) if (tag := child.tag.removeprefix(MAIN)) in ORDER else -1 for child in root]
    if places != sorted(places) or -1 in places:
        yield f"{name}: its parts are not in the order of the format"
    for cell in root.iter(f"{MAIN}c"):
        if cell.get("t", "n") not in CELL_TYPES:
            yield f"{name}: {cell.get('r')}: no type that a cell may have"
    if len(root.findall(f"{MAIN}hyperlinks/{MAIN}hyperlink")) > MOST_LINKS:
        yield f"{name}: more than {MOST_LINKS} links"
    for running in root.findall(f"{MAIN}headerFooter/*"):
        if len(running.text or "") > LONGEST_RUNNING:
            yield f"{name}: more than {LONGEST_RUNNING} letters above or below the page"


def _of_offers(sheet: Worksheet) -> Iterator[str]:
    offers = sheet.data_validations.dataValidation
    for offer in offers:
        lengths = (
            (offer.formula1, LONGEST_LIST),
            (offer.formula2, LONGEST_LIST),
            (offer.errorTitle, LONGEST_TITLE),
            (offer.promptTitle, LONGEST_TITLE),
            (offer.error, LONGEST_MESSAGE),
            (offer.prompt, LONGEST_MESSAGE),
        )
        if any(len(text or "") > most for text, most in lengths):
            yield f"{sheet.title}: {offer.sqref}: a text of the validation is too long"
    for one, other in combinations(offers, 2):
        if any(not a.isdisjoint(b) for a in one.sqref.ranges for b in other.sqref.ranges):
            yield f"{sheet.title}: {other.sqref}: validated twice"


def _of_notes(sheet: Worksheet) -> Iterator[str]:
    for line in sheet.iter_rows():
        for cell in line:
            if cell.comment is not None and len(cell.comment.text) > LONGEST_TEXT:
                yield f"{sheet.title}: {cell.coordinate}: the note is too long"
