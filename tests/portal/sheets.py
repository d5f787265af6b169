"""Sheets of registers as somebody in the portal takes, fills in and brings them, and how they bring rows further."""

import io
import re
from html import unescape
from typing import Any

import openpyxl
import requests

from evidence.datasets import register
from house import House
from registers import versions
from tests.portal.served import Visitor

Book = openpyxl.Workbook
SUBS = "/AOBA/registers/sub_vendor_approvals"


def rows(house: House, name: str) -> dict[str, Any]:
    dataset = register(name)
    return {str(row[dataset.key[0]]): row for row in versions.rows_as_of(house.store, dataset)}


def workbook(visitor: Visitor, path: str, query: str = "") -> Book:
    answer = visitor.get(f"{path}/sheet{query}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def content(book: Book) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cell(book: Book, row: str, header: str) -> Any:
    """The cell of a row, that one of its cells names, under a header."""
    sheet = book.worksheets[0]
    [column] = [place for place, one in enumerate(sheet[1], start=1) if str(one.value).split(" ")[0] == header]
    told = enumerate(sheet.iter_rows(min_row=2), start=2)
    [line] = [place for place, line in told if row in [one.value for one in line]]
    return sheet.cell(line, column)


def brought(
    visitor: Visitor, path: str, sent: bytes, do: str = "in", name: str = "書いたもの.xlsx", reason: str = "更新"
) -> requests.Response:
    return visitor.browser.post(
        visitor.origin + path, data={"token": visitor.token(), "do": do, "reason": reason}, files={"file": (name, sent)},
        headers={"Origin": visitor.origin}, allow_redirects=False, timeout=120,
    )  # fmt: skip


def counts(answer: requests.Response) -> list[int]:
    """Rows added, changed, unchanged and refused."""
    assert answer.status_code == 200, answer.text
    return [int(one) for one in re.findall(r"<dd>(\d+)</dd>", answer.text)]


def keys(text: str, path: str) -> list[str]:
    return [unescape(told) for told in re.findall(rf'<th scope="row"><a href="{path}/\w+">([^<]*)</a>', text)]


def page_of(visitor: Visitor, path: str, called: str, query: str = "") -> str:
    [found] = re.findall(rf'href="({path}/[0-9a-f]+)">{called}<', visitor.get(path + query).text)
    return str(found)


def advanced(who: Visitor, path: str, act: str) -> int:
    """What somebody is answered who brings a row further as they saw it just now."""
    return sent_as_seen(who, path, act, seen(who, path))


def seen(who: Visitor, path: str) -> str:
    """The version of a row that a page shows; nothing where its page lets nobody bring it further."""
    return "".join(re.findall(r'name="version" value="(\d+)"', who.get(path).text))


def sent_as_seen(who: Visitor, path: str, act: str, version: str) -> int:
    told = {"act": act, "reason": "確認", "version": version, "token": who.token()}
    return who.post(path, told).status_code
