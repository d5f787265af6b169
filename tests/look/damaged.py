"""Workbooks that are really damaged, and a sound one: what a check of workbooks must tell apart."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping

from openpyxl import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

SHEET, BOOK, STYLES = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"


def sound() -> bytes:
    """Two sheets with a text, a number, a list to choose from and a header to repeat."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "委託先"
    for row in (["委託先ID", "件数"], ["V-0001", 3], ["V-0002", 4]):
        sheet.append(row)
    offer = DataValidation("list", formula1='"はい,いいえ"')
    offer.add("C2:C9")
    sheet.add_data_validation(offer)
    sheet.print_title_rows = "1:1"
    book.create_sheet("記入方法").append(["1行に1件"])
    return saved(book)


def saved(book: Workbook) -> bytes:
    """A workbook as a file holds it."""
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def rewritten(content: bytes, part: str, change: Callable[[str], str | None]) -> bytes:
    """The archive with one part changed, or left out for None; it must be there and differ."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            before = old.read(name)
            after = change(before.decode()) if name == part else before.decode()
            assert name != part or after != before.decode()
            if after is not None:
                new.writestr(name, after)
    return out.getvalue()


def _page_setup_first(xml: str) -> str:
    [margins] = re.findall("<pageMargins[^>]*/>", xml)
    return xml.replace(margins, "").replace("<sheetData>", f"{margins}<sheetData>")


def _with_string_99(xml: str) -> str:
    return xml.replace('t="inlineStr"><is><t>V-0001</t></is>', 't="s"><v>99</v>')


# name → the workbook; none of them is opened by Excel without a message
DAMAGED: Mapping[str, bytes] = {
    "cut off": sound()[: len(sound()) // 2],
    "no workbook": b"<html><body>404</body></html>",
    "an attribute twice": rewritten(sound(), SHEET, lambda xml: xml.replace('<row r="1"', '<row r="1" r="1"')),
    "a sheet that breaks off": rewritten(sound(), SHEET, lambda xml: xml[: len(xml) // 2]),
    "a control character": rewritten(sound(), SHEET, lambda xml: xml.replace("V-0001", "V-\x01")),
    "no styles": rewritten(sound(), STYLES, lambda xml: None),
    "no sheet": rewritten(sound(), SHEET, lambda xml: None),
    "a string that there is not": rewritten(sound(), SHEET, _with_string_99),
    "a type that there is not": rewritten(sound(), SHEET, lambda xml: xml.replace('t="inlineStr"', 't="text"', 1)),
    "parts in another order": rewritten(sound(), SHEET, _page_setup_first),
    "two sheets of one name": rewritten(sound(), BOOK, lambda xml: xml.replace('name="記入方法"', 'name="委託先"')),
}
