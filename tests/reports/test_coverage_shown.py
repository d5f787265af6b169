"""The coverage calendar as people see it: no colour without a letter, in the workbook and on the page."""

import io
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell

from evidence.cycles import Cycle, FiscalYear
from reports import self_check
from reports.coverage import Counts, Mark
from reports.self_check_coverage import LEGEND, SIGN_LEGEND, cell_text, month_name, sign
from reports.self_check_view import SelfCheckView, self_check_view
from tests.reports import made

FILLS = {"F4B0A0": "欠", "D0CECE": "未", "FFE699": "遅補"}


@cache
def view() -> SelfCheckView:
    return self_check_view(made.judged())


@cache
def page() -> str:
    return self_check.html_page(view()).content.decode()


@cache
def cells() -> tuple[Cell | MergedCell, ...]:
    sheet = load_workbook(io.BytesIO(self_check.workbook(view()).content))["点検実施状況"]
    return tuple(cell for row in sheet.iter_rows(min_row=3, min_col=4) for cell in row)


@pytest.mark.parametrize(
    ("counts", "text", "mark"),
    [
        pytest.param({}, "", "", id="nothing ends in the month"),
        pytest.param({Mark.DONE: 30}, "30/30", "○", id="all in time"),
        pytest.param(
            {Mark.DONE: 26, Mark.LATE: 2, Mark.BACKFILLED: 1, Mark.UNVERIFIED: 1}, "26/30 遅2 補1 未1", "？", id="some"
        ),
        pytest.param({Mark.DONE: 26, Mark.LATE: 2}, "26/28 遅2", "△", id="late"),
        pytest.param({Mark.BACKFILLED: 1}, "0/1 補1", "△", id="backfilled"),
        pytest.param({Mark.MISSED: 2, Mark.UNVERIFIED: 1}, "0/3 未1 欠2", "×", id="missed is the worst"),
        pytest.param({Mark.DONE: 3, Mark.OPEN: 27}, "3/3", "○", id="the rest is not due"),
        pytest.param({Mark.OPEN: 30}, "期限前", "", id="nothing is due"),
        pytest.param({Mark.NOT_APPLICABLE: 30}, "対象外", "", id="does not apply"),
        pytest.param({Mark.NOT_APPLICABLE: 3, Mark.OPEN: 1}, "期限前", "", id="has not applied so far"),
        pytest.param({Mark.BEFORE: 30}, "導入前", "", id="nothing was recorded yet"),
        pytest.param({Mark.BEFORE: 9, Mark.DONE: 21}, "21/21", "○", id="it began within the month"),
        pytest.param({Mark.NOT_APPLICABLE: 3, Mark.DONE: 1}, "1/1", "○", id="applied once"),
    ],
)
def test_a_cell_says(counts: Counts, text: str, mark: str) -> None:
    assert (cell_text(Counter(counts)), sign(Counter(counts))) == (text, mark)


@pytest.mark.parametrize("fill", FILLS)
def test_a_colour_of_the_sheet_never_stands_without_its_letter(fill: str) -> None:
    coloured = [str(cell.value) for cell in cells() if cell.fill.fgColor.rgb[2:] == fill and cell.fill.patternType]
    assert coloured
    assert all(any(letter in text for letter in FILLS[fill]) for text in coloured)


def test_what_lacks_nothing_has_no_colour() -> None:
    plain = [str(cell.value) for cell in cells() if not cell.fill.patternType]
    assert not [text for text in plain if any(letter in text for letter in "欠未遅補")]
    assert [text for text in plain if "/" in text]


@pytest.mark.parametrize("kind", ["fail", "unverified", "partial"])
def test_a_colour_of_the_page_never_stands_without_its_letter(kind: str) -> None:
    letters = {"fail": "欠", "unverified": "未", "partial": "遅補"}[kind]
    coloured = re.findall(rf'<td class="c {kind}">([^<]*)</td>', page())
    assert coloured
    assert all(any(letter in text for letter in letters) for text in coloured)


def test_sheet_and_page_say_the_same() -> None:
    shown = re.findall(r'<td class="c [a-z]*">([^<]*)</td>', page())
    assert shown == [str(cell.value or "") for cell in cells()]


def test_the_chart_is_told_in_words_and_each_of_its_cells_has_a_sign() -> None:
    [desc] = re.findall(r'<desc id="grid-text">([^<]*)</desc>', page())
    assert "○ すべて期限内" in desc
    assert "POL: 2026/04 導入前 2026/05 ×21/22 " in desc
    assert [measure.code for measure in view().measures if f"。{measure.code}: " not in desc] == []
    coloured = re.findall(r'fill="(?:#f4b0a0|#ffe699|url\(#hatch\))"/>\n<text [^>]*>([^<]*)</text>', page())
    assert coloured
    assert all(text[0] in "×△？" for text in coloured)


def test_both_say_as_of_when_and_what_the_letters_mean() -> None:
    assert LEGEND in page()
    assert f"<p>措置ごとの各月: {SIGN_LEGEND}</p>" in page()
    assert "2026/10/05 12:20 現在" in page()
    sheet = load_workbook(io.BytesIO(self_check.workbook(view()).content))["点検実施状況"]
    assert str(sheet.cell(1, 1).value).startswith("年度 2026/04/01〜2027/03/31、2026/10/05 12:20 現在。")


def test_months_that_begin_on_another_day_are_named_by_it() -> None:
    fiscal = FiscalYear(3, 21)
    assert month_name(fiscal.holding(Cycle.MONTH, made.AS_OF)) == "09/21〜"
    assert month_name(FiscalYear().holding(Cycle.MONTH, made.AS_OF)) == "2026/09"


def test_another_moment_gives_other_bytes() -> None:
    later = replace(view().coverage, known_at=made.KNOWN_AT + timedelta(days=1))
    other = replace(view(), coverage=later)
    assert self_check.html_page(other).content != self_check.html_page(view()).content
