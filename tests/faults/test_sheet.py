"""The sheet: a row a kind, from whichever tests ran, and red where nothing was tried or something went wrong."""

from dataclasses import asdict

import pytest

from tests.faults.sheet import Kind, Row, lines, rows


def report(nodeid: str, when: str, seconds: float, *told: tuple[Kind, Row]) -> pytest.TestReport:
    properties = [("faults", {"kind": kind, **asdict(row)}) for kind, row in told]
    return pytest.TestReport(nodeid, ("", 0, ""), {}, "passed", None, when, (), seconds, user_properties=properties)  # type: ignore[arg-type]


def is_red(row: Row) -> bool:
    return [red for line, red in lines({"kills": row}) if "kills" in line] == [True]


def test_rows_of_a_kind_are_added_with_the_seconds_of_their_tests_and_of_their_setting_up() -> None:
    first = [report("a", "setup", 5.0), report("a", "call", 1.0, ("kills", Row(3, 3)))]
    second = report("b", "call", 2.0, ("kills", Row(2, 1, lost=1)))
    assert rows([*first, second])["kills"] == Row(5, 4, lost=1, seconds=8.0)


def test_a_kind_that_nobody_tried_has_a_red_row() -> None:
    sheet = rows([report("a", "call", 1.0, ("kills", Row(1, 1)))])
    assert sheet["signer"] == Row(0, 0)
    assert is_red(sheet["signer"])
    assert "tamper" not in sheet


def test_without_any_fault_there_is_no_sheet() -> None:
    assert rows([report("a", "call", 1.0)]) == {}


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(Row(2, 1), id="not handled"),
        pytest.param(Row(2, 2, lost=1), id="lost"),
        pytest.param(Row(2, 2, duplicated=1), id="duplicated"),
        pytest.param(Row(2, 2, accepted_wrongly=1), id="accepted wrongly"),
        pytest.param(Row(2, 2, false_alarms=1), id="false alarm"),
    ],
)
def test_a_row_with_harm_is_red(row: Row) -> None:
    assert is_red(row)
    assert not is_red(Row(2, 2))
