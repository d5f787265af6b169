"""What a sheet is answered tells nothing of the rows of another company: not what they say, nor that somebody changed it."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from evidence.datasets import register
from house import House
from registers import sheets
from registers.imports import apply, plan_rows
from registers.workbook import Seen
from tests.portal.served import DAY, Served, served
from tests.portal.sheets import brought, content, counts
from tests.portal.test_registers import OF_AOI, RISK, entry

Row = dict[str, Any]
COURSE: Row = {
    "company": "AOI", "course": "C-1", "content_version": "1", "kind": "annual", "for_role": None, "pass_mark": 70,
    "approved_from_on": date(2026, 1, 1), "approved_to_on": date(9999, 12, 31),
}  # fmt: skip
APPROVED: Row = {
    "status": "approved", "department_approved_by": "101", "department_approved_on": DAY, "approved_by": "103",
    "approved_on": DAY, "confirmed_by": "101", "confirmed_on": DAY, "next_due_on": DAY + timedelta(days=300),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A row of another company, what somebody says in its place, and what the other company makes of it meanwhile."""

    register: str
    theirs: Row
    sent: Row
    then: Row
    lacks_company: bool = False


CASES = {
    "a row that is claimed": Case("vendors", OF_AOI, OF_AOI | {"company": "AOBA"}, OF_AOI | {"tier": "T1"}),
    "a risk, which has no company": Case("book_risks", RISK, RISK | {"residual": "low"}, RISK | {"residual": "medium"}),
    "a risk that is guessed": Case("book_risks", RISK, RISK | {"residual": "low"}, RISK | {"residual": "low"}),
    "a sheet that names no company": Case(
        "courses", COURSE, COURSE | {"pass_mark": 80}, COURSE | {"pass_mark": 90}, lacks_company=True
    ),
    "an entry that they approve": Case("book_entries", entry("AOI", 1), entry("AOBA", 1), entry("AOI", 1) | APPROVED),
    "a sheet that guesses and names no company": Case(
        "courses", COURSE, COURSE | {"pass_mark": 80}, COURSE | {"pass_mark": 80}, lacks_company=True
    ),
}


@pytest.fixture
def door(judged_home: Path, tmp_path: Path) -> Iterator[Served]:
    """Another company has an entry in the management book."""
    with served(judged_home, tmp_path) as one:
        written(one.house, "book_entries", entry("AOI", 1))
        yield one


def written(house: House, name: str, row: Row) -> None:
    """A row in a register, whatever its rules say of it."""
    planned = plan_rows(house.store, register(name), [row], house.keys(), "1")
    assert planned.problems == ()
    apply(planned, house.store, house.vault, house.keys(), by="1", reason="記入")


def older(door: Served, case: Case) -> bytes:
    """A sheet that was handed out as all stands now."""
    seen = door.house.store.last_commit()
    assert seen is not None
    told = sheets.export(register(case.register), [case.sent], seen=Seen(seen))
    return without_company(told) if case.lacks_company else told


def without_company(told: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(told))
    sheet = book.worksheets[0]
    [column] = [place for place, one in enumerate(sheet[1], start=1) if str(one.value).startswith("会社")]
    sheet.delete_cols(column)
    return content(book)


@pytest.mark.parametrize("name", CASES)
def test_an_older_sheet_is_answered_alike_whatever_another_company_did_since(door: Served, name: str) -> None:
    case, operator = CASES[name], door.visitor("107")
    written(door.house, case.register, case.theirs)
    sheet, path = older(door, case), f"/AOBA/registers/{case.register}"
    before = brought(operator, path, sheet, do="try")
    written(door.house, case.register, case.then)
    after = brought(operator, path, sheet, do="try")
    assert counts(before) == [0, 0, 0, 1]
    assert "is of another company or of the whole group" in before.text
    assert after.text == before.text


def test_control_what_changed_in_rows_of_its_own_is_told(door: Served) -> None:
    ours = Case("vendors", OF_AOI | {"company": "AOBA"}, OF_AOI | {"company": "AOBA", "volume": 12}, {})
    operator = door.visitor("107")
    written(door.house, "vendors", ours.theirs)
    sheet = older(door, ours)
    before = brought(operator, "/AOBA/registers/vendors", sheet, do="try")
    written(door.house, "vendors", ours.theirs | {"tier": "T1"})
    after = brought(operator, "/AOBA/registers/vendors", sheet, do="try")
    assert (counts(before), counts(after)) == ([0, 1, 0, 0], [0, 0, 0, 1])
