"""A workbook that Excel would mend or refuse is told from one that it opens."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from tests.look.damaged import BOOK, DAMAGED, SHEET, rewritten, saved, sound
from tests.look.strict import differences, faults, rows


def changed(change: Callable[[Worksheet], object]) -> bytes:
    book = load_workbook(io.BytesIO(sound()))
    change(book["委託先"])
    return saved(book)


def offer(**told: str) -> Callable[[Worksheet], None]:
    """Adds a second list to choose from, beside the first."""
    place = told.pop("place", "D2:D9")
    one = DataValidation("list", **{"formula1": '"○,×"', **told})  # type: ignore[arg-type]
    one.add(place)
    return lambda sheet: sheet.add_data_validation(one)


def put(text: str) -> Callable[[Worksheet], None]:
    def change(sheet: Worksheet) -> None:
        sheet["B2"]._value, sheet["B2"].data_type = text, "s"

    return change


def note(text: str) -> Callable[[Worksheet], None]:
    def change(sheet: Worksheet) -> None:
        sheet["A1"].comment = Comment(text, "tenken")

    return change


def below(text: str) -> Callable[[Worksheet], None]:
    def change(sheet: Worksheet) -> None:
        sheet.oddFooter.left.text = text  # type: ignore[union-attr]

    return change


def test_a_sound_workbook_has_no_fault() -> None:
    assert faults(sound()) == []


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_workbook_has_a_fault(content: bytes) -> None:
    assert faults(content)


@pytest.mark.parametrize(
    ("within", "beyond", "fault"),
    [
        pytest.param(put("あ" * 32_767), put("あ" * 32_768), "letters in a cell", id="text of a cell"),
        pytest.param(note("あ" * 32_767), note("あ" * 32_768), "note is too long", id="note"),
        pytest.param(below("あ" * 250), below("あ" * 260), "above or below", id="footer"),
        pytest.param(
            offer(formula1=f'"{"あ" * 253}"'), offer(formula1=f'"{"あ" * 254}"'), "too long", id="list to choose from"
        ),
        pytest.param(offer(errorTitle="あ" * 32), offer(errorTitle="あ" * 33), "too long", id="title of a message"),
        pytest.param(offer(error="あ" * 255), offer(error="あ" * 256), "too long", id="message"),
        pytest.param(offer(place="D2:D9"), offer(place="B1:C2"), "validated twice", id="two lists for one cell"),
    ],
)
def test_what_excel_has_no_room_for_is_a_fault(
    within: Callable[[Worksheet], None], beyond: Callable[[Worksheet], None], fault: str
) -> None:
    [told] = faults(changed(beyond))
    assert (faults(changed(within)), fault in told) == ([], True)


@pytest.mark.parametrize(("count", "told"), [(65_490, 0), (65_491, 1)])
def test_more_links_than_a_sheet_may_have_are_a_fault(count: int, told: int) -> None:
    links = '<hyperlink ref="A1" location="B1"/>' * count
    content = rewritten(
        sound(), SHEET, lambda xml: xml.replace("<pageMargins", f"<hyperlinks>{links}</hyperlinks><pageMargins")
    )
    assert len(faults(content)) == told


@pytest.mark.parametrize("name", ["あ" * 32, "a[b]", "a:b", "a*b", "a?b", "a/b", "a\\b", "'a"])
def test_a_name_that_no_sheet_may_have_is_a_fault(name: str) -> None:
    content = rewritten(sound(), BOOK, lambda xml: xml.replace('name="記入方法"', f'name="{name}"'))
    assert len(faults(content)) == 1


def test_a_name_that_is_given_twice_is_a_fault() -> None:
    content = rewritten(sound(), BOOK, lambda xml: xml.replace("</definedName>", "</definedName>" + titles(xml)))
    assert any("given twice" in fault for fault in faults(content))


def titles(xml: str) -> str:
    return xml[xml.index("<definedName ") : xml.index("</definedName>")] + "</definedName>"


def test_a_fault_never_says_what_stands_in_a_cell() -> None:
    assert "秘密" not in str(faults(changed(put("秘密" * 20_000))))


@pytest.mark.parametrize(
    ("understood", "places"),
    [
        pytest.param({"a": [["x", 1.0], ["y"]]}, [], id="the same"),
        pytest.param({"a": [["x", 1.0, ""], ["y", ""], [""]]}, [], id="empty cells beyond"),
        pytest.param({"a": [["x", 1.0]]}, ["a: row 2 is not what was written"], id="a row lost"),
        pytest.param({"a": [["x", 2.0], ["y"]]}, ["a: row 1 is not what was written"], id="another value"),
        pytest.param({"b": [["x", 1.0], ["y"]]}, ["other sheets than were written"], id="another sheet"),
    ],
)
def test_what_another_program_understood_otherwise_is_told_by_its_place(
    understood: dict[str, list[list[object]]], places: list[str]
) -> None:
    assert differences({"a": [["x", 1.0], ["y"]]}, understood) == places


@pytest.mark.parametrize(("off", "told"), [(1, 0), (2, 1)], ids=["as it rounds", "another moment"])
def test_a_moment_is_understood_to_the_millisecond(off: int, told: int) -> None:
    at = datetime(2026, 3, 31, 23, 11, 24, 915_000)
    assert len(differences({"a": [[at]]}, {"a": [[at + timedelta(milliseconds=off)]]})) == told


def test_cells_are_read_as_they_stand() -> None:
    assert rows(saved(_book()))["Sheet"] == [["a", 1.0], ["", True]]


def _book() -> Workbook:
    book = Workbook()
    assert book.active is not None
    book.active.append(["a", 1])
    book.active.append([None, True])
    return book
