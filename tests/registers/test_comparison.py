"""The difference of two days as a workbook: one sheet to be read, filtered and printed."""

import io
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from evidence.datasets import catalogue
from registers.comparison import workbook
from registers.versions import differences
from tests.look.strict import faults
from tests.registers.samples import sample

BOOK, VENDORS = (catalogue()[name] for name in ("book_entries", "vendors"))
TOKYO = ZoneInfo("Asia/Tokyo")
FIRST, LAST = date(2026, 3, 31), date(2026, 9, 30)
HEADERS = ("台帳ID/版", "変更", "項目", "変更前(2026-03-31)", "変更後(2026-09-30)")
OLD = {**sample(BOOK), "entry_id": "AOI-SALES-0001", "entry_version": 1}
KEY = "AOI-SALES-0001/1"


def content(before: list[dict[str, Any]], after: list[dict[str, Any]], register: Any = BOOK) -> bytes:
    return workbook(register, differences(register, before, after), FIRST, LAST, TOKYO)


def sheet(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Worksheet:
    book = load_workbook(io.BytesIO(content(before, after)))
    assert book.sheetnames == ["個人情報管理台帳"]
    [only] = book.worksheets
    return only


def lines(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in sheet(before, after).iter_rows(min_row=2, values_only=True)]


def test_the_headers_name_the_key_and_the_days() -> None:
    assert tuple(cell.value for cell in sheet([], [OLD])[1]) == HEADERS


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param([], [OLD], (KEY, "追加", None, None, None), id="a row that is new"),
        pytest.param([OLD], [], (KEY, "削除", None, None, None), id="a row that is gone"),
        pytest.param(
            [OLD], [{**OLD, "process": "採用"}], (KEY, "変更", "業務名", "process 1", "採用"), id="another text"
        ),
        pytest.param(
            [{**OLD, "status": "draft"}],
            [{**OLD, "status": "approved"}],
            (KEY, "変更", "状態", "下書", "承認"),
            id="codes by their labels",
        ),
        pytest.param(
            [{**OLD, "special_care": True}],
            [{**OLD, "special_care": False}],
            (KEY, "変更", "要配慮個人情報", "はい", "いいえ"),
            id="yes and no",
        ),
        pytest.param(
            [{**OLD, "items": ["氏名"]}],
            [{**OLD, "items": ["氏名", "住所"]}],
            (KEY, "変更", "個人情報の項目", "氏名", "氏名、住所"),
            id="a longer list",
        ),
        pytest.param(
            [{**OLD, "volume": None}], [{**OLD, "volume": 1200}], (KEY, "変更", "件数(概算)", None, 1200), id="a number"
        ),
    ],
)
def test_a_difference_is_a_line(before: Any, after: Any, told: tuple[Any, ...]) -> None:
    assert lines(before, after) == [told]


def test_a_day_stays_a_day() -> None:
    [told] = lines([OLD], [{**OLD, "volume_on": date(2026, 4, 1)}])
    assert [day.date() for day in told[3:]] == [OLD["volume_on"], date(2026, 4, 1)]


def test_without_a_difference_the_sheet_says_so() -> None:
    assert lines([OLD], [OLD]) == [("この2日の間に違いはない。", None, None, None, None)]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://invalid")'])
def test_what_looks_like_a_formula_is_inert_text(text: str) -> None:
    told = sheet([OLD], [{**OLD, "process": text}])["E2"]
    assert (told.value, told.data_type, told.number_format) == (text, "s", "@")


def test_it_is_filtered_and_prints_its_header_and_what_it_is_of_on_every_page() -> None:
    told = sheet([], [OLD, {**OLD, "entry_version": 2}])
    footer, header = told.oddFooter, told.oddHeader
    assert footer is not None
    assert header is not None
    assert (told.auto_filter.ref, told.freeze_panes, told.print_title_rows) == ("A1:E3", "B2", "$1:$1")
    assert (footer.left.text, footer.right.text) == ("&A", "&P / &N")
    assert header.center.text == "個人情報管理台帳 2026-03-31 と 2026-09-30 の比較"
    assert (told.page_setup.paperSize, told.page_setup.orientation) == (9, "landscape")


def test_asked_for_twice_it_is_the_same_bytes() -> None:
    assert content([], [OLD]) == content([], [OLD])


def test_a_strict_reader_finds_nothing_to_mend() -> None:
    assert faults(content([OLD], [{**OLD, "process": "採用", "volume": 7}])) == []


def test_a_key_of_one_part_is_called_by_its_header() -> None:
    book = load_workbook(io.BytesIO(content([], [{**sample(VENDORS)}], VENDORS)))
    assert [book.worksheets[0][place].value for place in ("A1", "A2")] == ["委託先ID", "vendor_id 1"]
