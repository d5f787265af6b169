"""A workbook that was handed out before somebody else brought its rows further takes nothing of that back."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest

from evidence.datasets import register
from house import within
from registers import sheets, versions
from registers import workbook as workbooks
from tests.cli.conftest import tenken
from tests.following import write
from tests.portal import conftest
from tests.portal.gate import PASSED_ON
from tests.portal.served import Served, key
from tests.portal.sheets import SUBS, Book, brought, cell, content, counts, rows, workbook
from tests.test_measured import VENDOR

VENDORS = "/AOBA/registers/vendors"
OURS = VENDOR | {"department": "D2", "vendor_id": "V-2"}
door = conftest.own_door


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
    monkeypatch.setattr(workbooks, "SEEN", "something else")
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


def test_a_change_that_is_planned_is_not_undone_by_a_sheet_of_today(door: Served) -> None:
    operator = door.visitor("107")
    assert write(door.house, "vendors", OURS | {"tier": "T1", "valid_from_on": date(2026, 3, 10)}) == []
    today = workbook(operator, VENDORS, f"?on={door.house.today}")
    cell(today, "V-1", "件数(概算)").value = 12
    assert counts(brought(operator, VENDORS, content(today))) == [0, 1, 1, 0]
    told = sheets.export(
        register("vendors"), versions.rows_as_of(door.house.store, register("vendors"), on=date(2026, 3, 10))
    )
    assert "T1" in str([[one.value for one in line] for line in openpyxl.load_workbook(io.BytesIO(told)).worksheets[0]])


def test_what_another_prepares_is_not_replaced_by_who_did_not_see_it(door: Served) -> None:
    operator = door.visitor("107")
    approved: dict[str, Any] = {**PASSED_ON} | {
        "approval_id": "S-1",
        "approved_by": "103",
        "approved_on": date(2026, 3, 4),
    }
    assert write(door.house, "sub_vendor_approvals", approved) == []
    assert write(door.house, "sub_vendor_approvals", approved | {"sub_vendor": "新しい会社"}) == []
    held = workbook(operator, SUBS)
    cell(held, "S-1", "再委託する業務").value = "別の業務"
    assert counts(brought(operator, SUBS, content(held)))[:2] == [0, 0]
    with door.house.store.read() as tx:
        newest = tx.registers.visible(tx.at, "sub_vendor_approvals")[-1]
    assert newest.values["sub_vendor"] == "新しい会社"


def test_a_person_who_was_shown_then_is_still_who_is_meant(door: Served) -> None:
    operator = door.visitor("107")
    zone: dict[str, Any] = {
        "company": "AOBA", "department": "D2", "site": "本社", "class": "controlled", "plan_ref": None,
        "reader_ids": ["R-1"], "zone_id": "Z-1",
    }  # fmt: skip
    assert write(door.house, "zones", zone | {"manager_key": "101"}) == []
    older = workbook(operator, "/AOBA/registers/zones")
    assert write(door.house, "zones", zone | {"manager_key": "102"}) == []
    assert counts(brought(operator, "/AOBA/registers/zones", content(older))) == [0, 0, 1, 0]


@pytest.mark.parametrize("told", [
    b"<?xml version='1.0' encoding='shift_jis'?><a/>", b"<?xml version='1.0' encoding='foo'?><a/>", b"<a", b"",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"<a><b name='tenken seen at'>yesterday</b></a>",
    b"<a><b name='tenken seen at'>2026-03-05T10:00:00</b></a>",
])  # fmt: skip
def test_properties_that_tell_nothing_are_no_fault(door: Served, told: bytes) -> None:
    operator, out = door.visitor("107"), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content(workbook(operator, VENDORS)))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, told if name == workbooks.PROPERTIES else old.read(name))
    assert counts(brought(operator, VENDORS, out.getvalue()))[:2] == [0, 0]


def test_a_workbook_of_the_command_line_takes_nothing_back_either(door: Served) -> None:
    home, path = door.house.home, door.house.home / "vendors_of_then.xlsx"
    assert tenken(home, "registers", "export", "vendors", "--out", str(path)).returncode == 0
    assert write(door.house, "vendors", OURS | {"tier": "T1"}) == []
    told = tenken(home, "registers", "import", "vendors", str(path), "--by", "107", "--reason", "更新")
    assert told.returncode == 0, told.stderr
    assert rows(door.house, "vendors")["V-2"]["tier"] == "T1"


def by_browser(door: Served) -> Book:
    return workbook(door.visitor("109"), VENDORS)


def by_command(door: Served) -> Book:
    path = door.house.home / "vendors_of_then.xlsx"
    assert tenken(door.house.home, "registers", "export", "vendors", "--out", str(path)).returncode == 0
    return openpyxl.load_workbook(path)


MADE: dict[str, tuple[Callable[[Served], Book], Any, str]] = {  # and what reads the rows for it
    "by browser": (by_browser, within, "versions"),
    "by command": (by_command, versions, "rows_as_of"),
}


@pytest.mark.parametrize("how", MADE)
@pytest.mark.parametrize(
    ("meanwhile", "taken"), [(True, [0, 0, 1, 1]), (False, [0, 1, 1, 0])], ids=["meanwhile", "control"]
)
def test_what_is_committed_while_a_sheet_is_made_was_not_seen_by_who_fills_it_in(
    door: Served, monkeypatch: pytest.MonkeyPatch, how: str, *, meanwhile: bool, taken: list[int]
) -> None:
    made, module, name = MADE[how]
    read = getattr(module, name)

    def read_before_another_writes(*about: Any, **more: Any) -> Any:
        told = read(*about, **more)
        assert not meanwhile or write(door.house, "vendors", OURS | {"tier": "T1"}) == []
        return told

    with monkeypatch.context() as patched:
        patched.setattr(module, name, read_before_another_writes)
        older = made(door)
    assert cell(older, "V-2", "委託先の区分").value.startswith("T2")
    cell(older, "V-2", "件数(概算)").value = 12
    assert counts(brought(door.visitor("107"), VENDORS, content(older))) == taken
    assert rows(door.house, "vendors")["V-2"]["tier"] == ("T1" if meanwhile else "T2")


@pytest.mark.parametrize(("known", "taken"), [(True, [0, 1, 1, 0]), (False, [0, 0, 1, 1])], ids=["known", "control"])
def test_who_wrote_under_a_number_that_was_found_to_be_theirs_brings_their_own_row(
    door: Served, *, known: bool, taken: list[int]
) -> None:
    operator = door.visitor("107")
    older = workbook(operator, VENDORS)
    assert write(door.house, "vendors", OURS | {"tier": "T1"}, by="9107") == []
    theirs = {
        "company": "AOBA", "identity_key": "I-1", "person_key": key(door.house, "107"), "identifier_kind": "worker_no",
        "identifier": "9107", "basis": "manual", "decided_by": "104",
    }  # fmt: skip
    assert not known or write(door.house, "person_identities", theirs, by="104") == []
    cell(older, "V-2", "件数(概算)").value = 12
    assert counts(brought(operator, VENDORS, content(older))) == taken


def test_a_row_that_somebody_gave_to_another_company_is_not_taken_back(door: Served) -> None:
    home, path = door.house.home, door.house.home / "vendors_of_then.xlsx"
    assert tenken(home, "registers", "export", "vendors", "--out", str(path)).returncode == 0
    assert write(door.house, "vendors", OURS | {"company": "AOI"}) == []
    told = tenken(home, "registers", "import", "vendors", str(path), "--by", "107", "--reason", "更新")
    assert told.returncode == 0, told.stderr
    assert rows(door.house, "vendors")["V-2"]["company"] == "AOI"
