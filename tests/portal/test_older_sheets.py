"""A workbook that was handed out before somebody else brought its rows further takes nothing of that back."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from registers import workbook as workbooks
from tests.following import write
from tests.portal.served import Served, served
from tests.portal.sheets import brought, cell, content, counts, rows, workbook
from tests.test_measured import VENDOR

VENDORS = "/AOBA/registers/vendors"
OURS = VENDOR | {"department": "D2", "vendor_id": "V-2"}


@pytest.fixture
def door(judged_home: Path, tmp_path: Path) -> Iterator[Served]:
    with served(judged_home, tmp_path) as one:
        yield one


def test_rows_that_nobody_touched_stay_as_somebody_else_wrote_them(door: Served) -> None:
    operator = door.visitor("107")
    older = workbook(operator, VENDORS)
    assert write(door.house, "vendors", OURS | {"tier": "T1"}) == []
    cell(older, "V-1", "件数(概算)").value = 12
    assert counts(brought(operator, VENDORS, content(older))) == [0, 1, 1, 0]
    held = rows(door.house, "vendors")
    assert (held["V-1"]["volume"], held["V-2"]["tier"]) == (12, "T1")


def test_control_a_workbook_that_does_not_tell_when_takes_it_back(
    door: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = door.visitor("107")
    older = workbook(operator, VENDORS)
    assert write(door.house, "vendors", OURS | {"tier": "T1"}) == []
    monkeypatch.setattr(workbooks, "SEEN_AT", "something else")
    assert counts(brought(operator, VENDORS, content(older)))[:2] == [0, 1]
    assert rows(door.house, "vendors")["V-2"]["tier"] == "T2"


@pytest.mark.parametrize("also", [{"tier": "T1"}, {"volume": 7}], ids=["another cell", "the same cell"])
def test_a_row_that_both_wrote_is_refused_and_the_good_ones_count(door: Served, also: dict[str, Any]) -> None:
    operator = door.visitor("107")
    older = workbook(operator, VENDORS)
    assert write(door.house, "vendors", OURS | also) == []
    for row in ("V-1", "V-2"):
        cell(older, row, "件数(概算)").value = 12
    answer = brought(operator, VENDORS, content(older))
    assert counts(answer) == [0, 1, 0, 1]
    assert "write into a new one" in answer.text
    assert rows(door.house, "vendors")["V-2"].items() >= also.items()


def test_who_fills_in_one_workbook_again_and_again_is_let(door: Served) -> None:
    operator = door.visitor("107")
    one = workbook(operator, VENDORS)
    for volume in (12, 13):
        cell(one, "V-2", "件数(概算)").value = volume
        assert counts(brought(operator, VENDORS, content(one)))[:2] == [0, 1]
    assert rows(door.house, "vendors")["V-2"]["volume"] == 13


def test_a_row_that_both_added_is_refused(door: Served) -> None:
    operator = door.visitor("107")
    older = workbook(operator, VENDORS)
    cell(older, "V-2", "委託先ID").value = "V-7"
    assert write(door.house, "vendors", OURS | {"vendor_id": "V-7", "tier": "T1"}) == []
    assert counts(brought(operator, VENDORS, content(older)))[:2] == [0, 0]
    assert rows(door.house, "vendors")["V-7"]["tier"] == "T1"


def test_the_rows_of_an_earlier_day_take_nothing_back(door: Served) -> None:
    door.house.clock.at += timedelta(days=1)  # type: ignore[attr-defined]
    operator = door.visitor("107")
    assert write(door.house, "vendors", OURS | {"tier": "T1", "valid_from_on": date(2026, 3, 5)}) == []
    older = workbook(operator, VENDORS, "?on=2026-03-04")
    assert cell(older, "V-2", "委託先の区分").value.startswith("T2")
    assert counts(brought(operator, VENDORS, content(older)))[:2] == [0, 0]
    assert rows(door.house, "vendors")["V-2"]["tier"] == "T1"
