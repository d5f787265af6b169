"""Nothing that was collected becomes alive in what is handed out (promises.md P10)."""

import io
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from reports import management_book, self_check
from tests.reports import poisoned

TAGS = frozenset(
    (
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "dl", "dt", "dd", "ul", "li", "b", "span"),
        *("div", "table", "thead", "tbody", "tr", "th", "td", "br", "code", "footer"),
        *("svg", "desc", "defs", "pattern", "rect", "line", "text"),
    )
)
INVALID = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffe\uffff]")  # HTML §13.2.3.5: controls, noncharacters
VOID = frozenset(["meta", "br", "rect", "line"])
ADDRESSES = frozenset(["href", "src", "srcset", "action", "data", "style", "xlink:href"])
SHOWN = {  # sheet → columns whose whole text is the planted one
    "管理策別結果": ("所見",),
    "部門別一覧": ("部門", "部門名"),
    "例外明細": ("対象キー(仮名化)", "区分", "部門", "内容", "例外承認番号"),
    "指摘・是正処置": ("指摘番号", "検出元", "部門", "管理策ID", "区分", "原因", "是正内容", "再発防止策", "担当者", "有効性確認者"),
    "証跡索引": ("証跡番号", "管理策ID", "証跡名", "種類", "取得元", "取得方法", "SHA-256", "読取(形式)", "完全性確認"),
    "判定基準": ("記号・用語・パラメータ", "意味・値", "単位", "所管"),
    "個人情報管理台帳": ("5 業務名 ●", "6 個人情報の名称 ●", "7 本人の区分 ●", "15 取得方法 ●", "23 取扱責任者 ●"),
    "変更履歴": ("記入者", "個人情報の名称"),
}  # fmt: skip


@cache
def workbooks(shared: Path) -> tuple[bytes, bytes]:
    texts = poisoned.strings(shared)
    return (
        self_check.workbook(poisoned.self_check(texts)).content,
        management_book.workbook(poisoned.book(texts)).content,
    )


def of_sheet(shared: Path, title: str) -> bytes:
    return workbooks(shared)[title in ("個人情報管理台帳", "変更履歴")]


def as_read(text: str) -> str:
    """A text as a workbook can hold it (XML 1.0 §2.2 and §2.11)."""
    ended = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        c if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c not in "\ufffe\uffff" else "\ufffd" for c in ended
    )


class Page(HTMLParser):
    """What a browser would make of a page: its elements, attributes and texts."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.cells: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag in ("td", "th"):
            self.cells.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self.open):
            self.cells[-1] += data


@cache
def page(shared: Path) -> Page:
    return Page(self_check.html_page(poisoned.self_check(poisoned.strings(shared))).content.decode())


@pytest.mark.parametrize("number", [0, 1], ids=["self-check", "book"])
def test_no_cell_of_a_workbook_is_a_formula(shared: Path, number: int) -> None:
    with ZipFile(io.BytesIO(workbooks(shared)[number])) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
    assert sheets
    assert not any(re.search(rb"<f[ >/]", sheet) for sheet in sheets)


@pytest.mark.parametrize("number", [0, 1], ids=["self-check", "book"])
def test_openpyxl_finds_neither_formula_nor_error_nor_link(shared: Path, number: int) -> None:
    book = load_workbook(io.BytesIO(workbooks(shared)[number]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not {cell.data_type for cell in cells} & {"f", "e"}
    assert not any(cell.hyperlink for cell in cells)


@pytest.mark.parametrize("title", SHOWN)
def test_a_sheet_shows_each_string_as_it_was(shared: Path, title: str) -> None:
    sheet = load_workbook(io.BytesIO(of_sheet(shared, title)))[title]
    rows = list(sheet.iter_rows(values_only=True))
    told = {as_read(text) for text in poisoned.strings(shared)} - {""}
    for header in SHOWN[title]:
        top = next(n for n, row in enumerate(rows) if header in row)
        column = rows[top].index(header)
        assert told <= {row[column] for row in rows[top + 1 :]}, header


@pytest.mark.parametrize("title", SHOWN)
def test_a_second_reader_sees_the_same_strings(shared: Path, title: str) -> None:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(of_sheet(shared, title))).get_sheet_by_name(title).to_python()
    told = {as_read(text) for text in poisoned.strings(shared) if text.strip()}  # calamine reads a blank as nothing
    for header in SHOWN[title]:
        top = next(n for n, row in enumerate(rows) if header in row)
        column = rows[top].index(header)
        assert told <= {row[column] for row in rows[top + 1 :]}, header


@pytest.mark.parametrize("text", poisoned.INJECTIONS, ids=repr)
def test_the_name_of_a_company_or_measure_is_inert_too(text: str) -> None:
    view = poisoned.company(text)
    book = load_workbook(io.BytesIO(self_check.workbook(view).content))
    assert book["総括"]["B3"].value == as_read(text)
    assert "f" not in {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert Page(self_check.html_page(view).content.decode()).tags <= TAGS


def test_a_page_has_only_elements_of_its_template(shared: Path) -> None:
    assert page(shared).tags == TAGS


def test_a_page_opens_and_closes_what_its_template_does(shared: Path) -> None:
    assert page(shared).open == []


def attributes(shared: Path) -> Iterator[str]:
    yield from (name for name, _ in page(shared).attributes)


def test_a_page_has_no_event_handler_and_no_address(shared: Path) -> None:
    names = set(attributes(shared))
    assert not {name for name in names if name.startswith("on")}
    assert not names & ADDRESSES


def test_a_page_shows_each_string_as_it_was(shared: Path) -> None:
    assert {INVALID.sub("\ufffd", text) for text in poisoned.strings(shared)} <= set(page(shared).cells)


def test_a_page_holds_no_character_that_html_forbids(shared: Path) -> None:
    assert not INVALID.search(self_check.html_page(poisoned.self_check(poisoned.strings(shared))).content.decode())


def test_no_string_reaches_an_attribute(shared: Path) -> None:
    planted = {text for text in poisoned.strings(shared) if len(text) > 3} - {"undefined", "null"}
    assert not {value for _, value in page(shared).attributes if value in planted}
