"""The workbook that all documents share: dressed for paper, inert, the same bytes."""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from evidence.workbooks import half_widths, wrapped_lines
from reports.workbook import CUT, LONGEST_TEXT, TALLEST_ROW, Table, put, row_height, saved, table_sheet

AT = datetime(2026, 10, 5, 3, 20, 11, tzinfo=UTC)


def written(**fields: Any) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    table_sheet(book, Table(**({"title": "表", "headers": ("甲", "乙"), "rows": ()} | fields)))
    return saved(book, AT)


def sheet(**fields: Any) -> Worksheet:
    return load_workbook(io.BytesIO(written(**fields))).worksheets[0]


def test_the_archive_tells_no_time_and_no_machine() -> None:
    with ZipFile(io.BytesIO(written())) as archive:
        assert {(m.date_time, m.create_system, m.external_attr) for m in archive.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), 3, 0o600 << 16)
        }
        assert archive.read("docProps/core.xml").count(b"2026-10-05T03:20:11Z") == 2


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("=1+1", id="equals"),
        pytest.param("+1", id="plus"),
        pytest.param("-1", id="minus"),
        pytest.param("@SUM(1)", id="at"),
        pytest.param("\t=1", id="tab"),
        pytest.param("＝1", id="full-width equals"),
    ],
)
def test_a_text_that_could_be_live_is_marked_as_text(text: str) -> None:
    cell = sheet(rows=[(text, "")])["A2"]
    assert (cell.data_type, cell.quotePrefix, cell.value) == ("s", True, text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("_x0041_", "_x0041_", id="a text that reads as an escaped letter"),
        pytest.param("_x000D_y", "_x000D_y", id="a text that reads as an escaped line end"),
        pytest.param("a\r\nb", "a\nb", id="a line end of another system"),
        pytest.param("a\x08b", "a\ufffdb", id="a control character that no workbook can hold"),
        pytest.param("a\uffffb\ufffe", "a\ufffdb\ufffd", id="a noncharacter that openpyxl would write"),
        pytest.param("a\ud800b", "a\ufffdb", id="half of a surrogate pair"),
    ],
)
def test_a_spreadsheet_reads_the_text_that_was_put(text: str, read: str) -> None:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(written(rows=[(text, "z")]))).get_sheet_by_index(0).to_python()
    assert rows[1][0] == read


def test_a_text_longer_than_a_cell_says_that_it_was_cut() -> None:
    value = sheet(rows=[("長" * (LONGEST_TEXT + 1), "")])["A2"].value
    assert isinstance(value, str)
    assert len(value) == LONGEST_TEXT
    assert value.endswith(CUT)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(date(2026, 3, 31), ("d", "yyyy/mm/dd", datetime(2026, 3, 31)), id="a day"),
        pytest.param(AT, ("d", "yyyy/mm/dd hh:mm", datetime(2026, 10, 5, 3, 20, 11)), id="a moment"),
        pytest.param(1_234_567, ("n", "#,##0", 1_234_567), id="a count"),
        pytest.param(Decimal("1.5"), ("n", "General", 1.5), id="a decimal"),
        pytest.param(True, ("s", "General", "はい"), id="yes"),
        pytest.param(["P01", "P02"], ("s", "General", "P01、P02"), id="a list"),
        pytest.param(None, ("n", "General", None), id="nothing"),
    ],
)
def test_a_value_is_put_as_what_it_is(value: Any, shown: tuple[str, str, object]) -> None:
    cell = sheet(rows=[("a", value)])["B2"]
    assert (cell.data_type, cell.number_format, cell.value) == shown


def test_a_merged_cell_takes_no_value() -> None:
    merged = Workbook().worksheets[0]
    merged.merge_cells("A1:B1")
    with pytest.raises(TypeError, match="merged"):
        put(merged["B1"], "lost")


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        pytest.param("", 10, 1, id="nothing takes one line"),
        pytest.param("個人情報保護", 12, 1, id="fits exactly"),
        pytest.param("個人情報保護", 11, 2, id="one half width too long"),
        pytest.param("a\nb\nc", 10, 3, id="lines of its own"),
        pytest.param("word another", 8, 2, id="a word is not broken"),
        pytest.param("0" * 64, 20, 4, id="a digest is broken where the line ends"),
        pytest.param("、" * 10 + "\n", 10, 3, id="an empty last line counts"),
    ],
)
def test_the_lines_of_a_wrapped_text(text: str, width: float, lines: int) -> None:
    assert wrapped_lines(text, width) == lines


@given(st.text(), st.integers(6, 60))
def test_wrapped_lines_hold_the_whole_text(text: str, width: int) -> None:
    room = wrapped_lines(text, width) * width
    assert room >= sum(half_widths(line.rstrip(" ")) for line in text.split("\n") if line.strip(" ")) - text.count(" ")


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_a_row_is_never_taller_than_a_spreadsheet_allows(row: Sequence[str]) -> None:
    assert 16 <= row_height(row, [6] * len(row)) <= TALLEST_ROW


def test_a_row_is_as_tall_as_its_longest_text_needs() -> None:
    told = sheet(rows=[("短い", "長" * 100)], widths={"乙": 20})
    assert told.row_dimensions[2].height == pytest.approx(10 * 13.5 + 3)


@pytest.mark.parametrize(
    ("value", "least"),
    [
        pytest.param(date(2026, 3, 31), 12, id="a day"),
        pytest.param(AT, 18, id="a moment"),
        pytest.param(123_456_789_012, 17, id="a number"),
    ],
)
def test_no_column_is_too_narrow_for_a_value_that_cannot_wrap(value: Any, least: int) -> None:
    rows = [("x", None)] * 600 + [("x", value)]
    assert sheet(rows=rows, widths={"乙": 6}).column_dimensions["B"].width >= least


@pytest.mark.parametrize("mark", ["○", "△", "×", "―", "？", "×3", "△12"])
def test_a_mark_keeps_its_letter_and_stands_in_the_middle(mark: str) -> None:
    cell = sheet(rows=[("a", mark)])["B2"]
    assert (cell.value, cell.alignment.horizontal, cell.font.bold) == (mark, "center", True)


@pytest.mark.parametrize(
    ("mark", "colour"),
    [
        ("△", "00FFE699"),
        ("×", "00F4B0A0"),
        ("？", "00D0CECE"),
        ("×3", "00F4B0A0"),
        ("○", "00000000"),
        ("―", "00000000"),
    ],
)
def test_a_mark_has_its_colour(mark: str, colour: str) -> None:
    assert sheet(rows=[("a", mark)])["B2"].fill.fgColor.rgb == colour


@pytest.mark.parametrize("text", ["×印", "○ 適合", "？？", "― なし"])
def test_a_text_that_begins_like_a_mark_is_not_coloured(text: str) -> None:
    assert sheet(rows=[("a", text)])["B2"].fill.patternType is None


def test_a_page_says_what_it_belongs_to_and_cannot_be_commanded() -> None:
    above = sheet(running=("A&D社 報告書\n2行目\uffff", "SC-1")).oddHeader
    assert above is not None
    assert (above.left.text, above.right.text) == ("A＆D社 報告書 2行目\ufffd", "SC-1")


def test_a_page_is_numbered_and_names_its_sheet() -> None:
    below = sheet().oddFooter
    assert below is not None
    assert (below.left.text, below.right.text) == ("&A", "&P / &N")


def test_the_lines_above_and_below_a_page_fit_between_paper_and_table() -> None:
    margins = sheet().page_margins
    assert margins.header + 0.25 <= margins.top
    assert margins.footer + 0.25 <= margins.bottom


def test_a_sheet_of_several_pages_repeats_the_columns_that_name_a_row() -> None:
    told = sheet(pages_wide=3, frozen_columns=1)
    assert (told.page_setup.fitToWidth, told.page_setup.pageOrder) == (3, "overThenDown")
    assert told.print_title_cols == "$A:$A"


def test_an_empty_table_still_has_its_headers() -> None:
    assert [cell.value for cell in sheet()[1]] == ["甲", "乙"]


def test_a_table_without_rows_says_so() -> None:
    assert sheet(empty="何もない。")["A2"].value == "何もない。"


def test_the_note_of_a_table_of_several_pages_stands_below_each_and_is_cut_off_by_none() -> None:
    told = sheet(note="注記", pages_wide=2, running=("題", ""), rows=[("a", "b")])
    assert (told.oddFooter.center.text, told.print_area) == ("注記", "'表'!$A$2:$B$3")  # type: ignore[union-attr]
