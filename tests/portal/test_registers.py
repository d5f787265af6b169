"""Registers by browser: read masked, searched, compared; handed out as a workbook, brought back, and signed by another."""

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import requests

import portal.forms
from evidence.datasets import register
from house import House, day, within
from registers import sheets, versions
from registers.starting_book import Given
from registers.starting_book import rows as book
from tests import homes
from tests.following import write
from tests.portal.fed import feed
from tests.portal.served import DAY, Served, Visitor, digest, key, served
from tests.portal.sheets import (
    Book,
    brought,
    cell,
    content,
    counts,
    keys,
    page_of,
    rows,
    workbook,
)
from tests.test_measured import VENDOR

MAIL = "hanako@aoba.example"
VENDORS, ZONES = (f"/AOBA/registers/{name}" for name in ("vendors", "zones"))
OF_AOI = VENDOR | {"company": "AOI", "department": "D9", "vendor_id": "V-9", "name": "青井の委託先"}
ZONE: dict[str, Any] = {
    "company": "AOBA", "department": "D2", "site": "本社", "class": "controlled", "plan_ref": None, "reader_ids": ["R-1"],
}  # fmt: skip


@pytest.fixture
def door(own_door: Served) -> Served:
    assert write(own_door.house, "vendors", OF_AOI) == []
    zones = [{**ZONE, "zone_id": f"Z-{n}", "manager_key": f"10{n}"} for n in (1, 2, 3)]
    assert write(own_door.house, "zones", *zones) == []
    told = VENDOR | {"department": "D2", "vendor_id": "V-3", "work": f"発送。連絡は {MAIL} まで"}
    assert write(own_door.house, "vendors", told) == []
    return own_door


def test_a_company_sees_its_own_rows_as_of_a_day_and_those_with_a_word_in_them(door: Served) -> None:
    auditor = door.visitor("109")
    assert keys(auditor.get(VENDORS).text, VENDORS) == ["V-1", "V-2", "V-3"]
    assert keys(auditor.get(VENDORS + "?q=ｖ-2").text, VENDORS) == ["V-2"]
    assert keys(auditor.get(VENDORS + "?q=nothing").text, VENDORS) == []
    assert (
        write(
            door.house, "vendors", VENDOR | {"department": "D2", "vendor_id": "V-4", "valid_from_on": date(2026, 3, 4)}
        )
        == []
    )
    assert keys(auditor.get(VENDORS).text, VENDORS) == ["V-1", "V-2", "V-3", "V-4"]
    assert keys(auditor.get(VENDORS + "?on=2026-03-03").text, VENDORS) == ["V-1", "V-2", "V-3"]
    assert auditor.get(VENDORS + "?on=yesterday").status_code == 422


def test_nobody_is_named_in_a_page_or_a_workbook(door: Served) -> None:
    auditor = door.visitor("109")
    told = [
        auditor.get(path).text
        for path in (VENDORS, page_of(auditor, VENDORS, "V-3"), ZONES, page_of(auditor, ZONES, "Z-1"))
    ]
    told += [
        str([[one.value for one in line] for line in workbook(auditor, path).worksheets[0]])
        for path in (VENDORS, ZONES)
    ]
    for text in told:
        assert MAIL not in text
        assert key(door.house, "101") not in text
    assert rows(door.house, "vendors")["V-3"]["work"].endswith(f"{MAIL} まで"), "it is there"


def test_a_row_tells_what_changed_by_whom_and_why(door: Served) -> None:
    assert write(door.house, "vendors", VENDOR | {"department": "D2", "vendor_id": "V-2", "tier": "T1"}) == []
    auditor = door.visitor("109")
    [line] = [
        one
        for one in re.findall(r"<tr>.*?</tr>", auditor.get(page_of(auditor, VENDORS, "V-2")).text)
        if "T1(" in one and "T2(" in one
    ]
    assert "記入" in line
    assert "委託先の区分" in line


def test_two_days_are_compared_on_a_page_and_as_a_workbook(door: Served) -> None:
    door.house.clock.at += timedelta(days=1)  # type: ignore[attr-defined]
    told = VENDOR | {"department": "D2", "vendor_id": "V-2", "tier": "T1"}
    assert write(door.house, "vendors", told, OF_AOI | {"tier": "T1"}) == []
    auditor, query = door.visitor("109"), VENDORS + "/compare?first=2026-03-04&last=2026-03-05"
    text = auditor.get(query).text
    assert re.findall(r'<th scope="row">([^<]*)</th><td class="d">([^<]*)</td><td>([^<]*)</td>', text) == [
        ("V-2", "Changed", "委託先の区分")
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(auditor.get(query + "&as=xlsx").content)).worksheets[0]
    assert [[one.value for one in line] for line in sheet.iter_rows(min_row=2)] == [
        ["V-2", "変更", "委託先の区分", "T2(標準)", "T1(重要)"]
    ]


@pytest.mark.parametrize("path", [VENDORS, ZONES])
def test_a_workbook_that_comes_back_as_it_was_handed_out_changes_nothing(door: Served, path: str) -> None:
    operator, name = door.visitor("107"), path.rpartition("/")[2]
    before = rows(door.house, name)
    _, _, unchanged, problems = got = counts(brought(operator, path, content(workbook(operator, path))))
    assert got[:2] == [0, 0]
    assert (unchanged > 0, problems) == (True, 0)
    assert rows(door.house, name) == before


def test_what_is_filled_in_beside_masked_cells_is_taken_and_they_stay_what_they_were(door: Served) -> None:
    operator = door.visitor("107")
    zones, vendors = workbook(operator, ZONES), workbook(operator, VENDORS)
    cell(zones, "Z-1", "平面図").value = "図面3"
    cell(zones, "Z-2", "区域管理者").value = "106"
    cell(vendors, "V-3", "件数(概算)").value = 120
    assert counts(brought(operator, ZONES, content(zones)))[:2] == [0, 2]
    assert counts(brought(operator, VENDORS, content(vendors)))[:2] == [0, 1]
    held = rows(door.house, "zones")
    assert (held["Z-1"]["manager_key"], held["Z-1"]["plan_ref"]) == (key(door.house, "101"), "図面3")
    assert held["Z-2"]["manager_key"] == key(door.house, "106")
    vendor = rows(door.house, "vendors")["V-3"]
    assert (vendor["volume"], vendor["work"]) == (120, f"発送。連絡は {MAIL} まで")


def test_a_pseudonym_that_stands_elsewhere_is_nobody(door: Served) -> None:
    """Moved to another row, or within another text: the good rows beside it count."""
    operator = door.visitor("107")
    zones, vendors = workbook(operator, ZONES), workbook(operator, VENDORS)
    taken = cell(zones, "Z-1", "区域管理者").value
    cell(zones, "Z-2", "区域管理者").value = taken.translate(
        {ord(one): ord(one) + 0xFEE0 for one in taken}
    )  # full width
    cell(zones, "Z-3", "平面図").value = "図面3"
    cell(vendors, "V-3", "委託する業務").value = cell(vendors, "V-3", "委託する業務").value.split(" ")[0]
    assert counts(brought(operator, ZONES, content(zones))) == [0, 1, 1, 1]
    assert counts(brought(operator, VENDORS, content(vendors))) == [0, 0, 2, 1]
    assert rows(door.house, "vendors")["V-3"]["work"].endswith("まで")


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(OF_AOI | {"tier": "T1"}, id="another company's"),
        pytest.param(OF_AOI | {"company": "AOBA"}, id="another company's, taken over"),
        pytest.param(VENDOR | {"company": "AOI", "department": "D2", "vendor_id": "V-2"}, id="its own, given away"),
    ],
)
def test_no_row_of_another_company_is_written(door: Served, told: dict[str, Any]) -> None:
    operator, before = door.visitor("107"), rows(door.house, "vendors")
    own = VENDOR | {"department": "D2", "vendor_id": "V-5"}
    assert counts(brought(operator, VENDORS, sheets.export(register("vendors"), [told, own]))) == [1, 0, 0, 1]
    assert {name: row for name, row in rows(door.house, "vendors").items() if name != "V-5"} == before


def test_no_row_of_the_whole_group_is_written(door: Served) -> None:
    told: dict[str, Any] = {
        "content_version": "1", "kind": "annual", "for_role": None, "pass_mark": 80,
        "approved_from_on": date(2026, 1, 1), "approved_to_on": date(9999, 12, 31),
    }  # fmt: skip
    sheet = [told | {"company": company, "course": f"of {company}"} for company in ("AOBA", None)]
    answer = brought(door.visitor("107"), "/AOBA/registers/courses", sheets.export(register("courses"), sheet))
    assert counts(answer) == [1, 0, 0, 1]
    assert [*rows(door.house, "courses")] == ["of AOBA"]


def test_a_check_writes_nothing_and_says_what_would_come(door: Served) -> None:
    operator, before = door.visitor("107"), rows(door.house, "vendors")
    told = sheets.export(register("vendors"), [VENDOR | {"department": "D2", "vendor_id": "V-5"}])
    assert counts(brought(operator, VENDORS, told, do="try")) == [1, 0, 0, 0]
    assert rows(door.house, "vendors") == before


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        pytest.param(b"", "a.xlsx", id="nothing"),
        pytest.param(b"PK\x03\x04 no workbook", "a.xlsx", id="no workbook"),
        pytest.param("会社,名前\n".encode(), "a.csv", id="other columns"),
        pytest.param(b"\x00" * 4096, "../../a.csv", id="no text"),
    ],
)
def test_a_file_that_is_none_is_refused_and_leaves_nothing(door: Served, sent: bytes, name: str) -> None:
    operator = door.visitor("107")
    before = sorted(path for path in door.house.home.rglob("*") if "access" not in path.parts)
    assert brought(operator, VENDORS, sent, name=name).status_code == 422
    assert sorted(path for path in door.house.home.rglob("*") if "access" not in path.parts) == before


def test_a_csv_file_is_taken(door: Served) -> None:
    told = "会社,部門,委託先ID,委託先の名称,委託先の区分,取引の状態,個人情報の取扱い,個人情報の項目\nAOBA,D2,V-6,印刷所,T2,取引中,はい,氏名\n"
    assert counts(brought(door.visitor("107"), VENDORS, told.encode("utf-8-sig"), name="V.CSV")) == [1, 0, 0, 0]


def test_what_is_too_long_is_not_read_to_its_end(door: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portal.forms, "MOST_FILE_BYTES", 1 << 16)
    told = sheets.export(register("vendors"), [VENDOR | {"department": "D2", "vendor_id": "V-5"}])
    assert brought(door.visitor("107"), VENDORS, told + bytes(1 << 17)).status_code == 404
    assert "V-5" not in rows(door.house, "vendors")


def test_nobody_who_has_not_come_in_has_a_file_read(door: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    read = list[object]()
    monkeypatch.setattr(portal.forms, "_with_file", read.append)
    assert requests.post(door.origin + VENDORS, files={"file": ("a.xlsx", b"x")}, timeout=60).status_code == 404
    assert read == []


@pytest.mark.parametrize("name", ["portal_grants", "person_identities", "account_owners", "workers", "gaps", "x"])
def test_what_identifies_people_and_what_is_no_register_is_not_there(door: Served, name: str) -> None:
    operator = door.visitor("107")
    assert operator.get(f"/AOBA/registers/{name}").status_code == 404
    assert operator.get(f"/AOBA/registers/{name}/sheet").status_code == 404
    assert brought(operator, f"/AOBA/registers/{name}", b"x").status_code == 404


def test_rows_of_others_have_no_page_here(door: Served) -> None:
    auditor = door.visitor("109")
    write(door.house, "vendors", OF_AOI | {"company": "AOI"})
    assert auditor.get(f"{VENDORS}/{digest(['V-9'])}").status_code == 404
    assert auditor.get(f"{VENDORS}/{digest(['V-2'])}").status_code == 200


AUDITS = "/AOBA/registers/vendor_audits"


def test_rows_that_a_source_delivers_stand_beside_those_that_people_wrote(judged_home: Path, tmp_path: Path) -> None:
    home = homes.copied(judged_home, tmp_path / "fed")
    feed(home)
    with served(home, tmp_path / "served") as door:
        for _ in day.collect_day(door.house, DAY + timedelta(days=1), only=["audits"]):
            pass
        auditor, officer = door.visitor("109"), door.visitor("103")
        assert keys(auditor.get(AUDITS).text, AUDITS) == ["A-1", "A-7"]
        path = page_of(auditor, AUDITS, "A-7")
        [digest_] = re.findall(r'href="/AOBA/evidence/(\w{64})"', auditor.get(path).text)
        assert auditor.get(f"/AOBA/evidence/{digest_}").status_code == 200
        assert key(door.house, "109") not in auditor.get(path).text
        told = {"act": "retire", "reason": "終了", "token": officer.token()}
        assert officer.post(path, told).status_code == 404, "nobody wrote it, so nobody ends it"
        assert 'name="act"' not in officer.get(path).text
        assert rows_of_sheet(workbook(auditor, AUDITS)) == ["A-1"], "what is brought back is what people write"
        vendors = auditor.get("/AOBA/vendors").text
        assert "2026-03-01" in vendors


def rows_of_sheet(book: Book) -> list[str]:
    sheet = book.worksheets[0]
    [column] = [place for place, one in enumerate(sheet[1]) if str(one.value).startswith("監査ID")]
    return [str(line[column].value) for line in sheet.iter_rows(min_row=3)]


BOOK, RISKS = (f"/AOBA/registers/{name}" for name in ("book_entries", "book_risks"))
RISK = {"entry_id": "BE-9", "stage": "use", "residual": "high"}


def entry(company: str, version: int, entry_id: str = "BE-9") -> dict[str, Any]:
    """A draft of an entry of the management book."""
    told = book("book_entries", Given(company, "D2", author="107", owner="107", published_on=DAY))[0]
    return {**told, "entry_id": entry_id, "entry_version": version}


@pytest.fixture
def claimed(door: Served) -> Served:
    """Another company has an entry and its risks; a draft that nobody looked at says that the entry is ours."""
    assert write(door.house, "book_entries", entry("AOI", 1), entry("AOBA", 1, "BE-8")) == []
    assert write(door.house, "book_risks", RISK, {**RISK, "entry_id": "BE-8"}) == []
    assert write(door.house, "book_entries", entry("AOBA", 2)) == []
    return door


def of_whoever_wrote_last(house: House) -> dict[str, set[str]]:
    """Whose entries are where the newest version tells it."""
    written = versions.entered(house.store, register("book_entries"))
    return {str(one.values["entry_id"]): {str(one.values["company"])} for one in written}


def changed_risk(operator: Visitor) -> list[int]:
    risks = [{**RISK, "residual": "low"}, {**RISK, "entry_id": "BE-8", "residual": "low"}]
    return counts(brought(operator, RISKS, sheets.export(register("book_risks"), risks)))


def test_a_company_takes_no_risks_of_another_by_a_draft_of_its_entry(claimed: Served) -> None:
    operator = claimed.visitor("107")
    assert keys(operator.get(RISKS).text, RISKS) == ["BE-8 / use"]
    assert changed_risk(operator) == [0, 1, 0, 1]


def test_control_where_the_newest_version_tells_whose_risks_are_they_are_taken(
    claimed: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(within, "_owners", of_whoever_wrote_last)
    operator = claimed.visitor("107")
    assert keys(operator.get(RISKS).text, RISKS) == ["BE-8 / use", "BE-9 / use"]
    assert changed_risk(operator) == [0, 2, 0, 0]


@pytest.mark.parametrize(
    ("owners", "taken"),
    [pytest.param(within._owners, 0, id="as it is"), pytest.param(lambda _: {}, 1, id="control: nobody looks")],
)
def test_no_draft_of_an_entry_of_another_company_is_written(
    door: Served, monkeypatch: pytest.MonkeyPatch, owners: Callable[[House], dict[str, set[str]]], taken: int
) -> None:
    assert write(door.house, "book_entries", entry("AOI", 1)) == []
    monkeypatch.setattr(within, "_owners", owners)
    told = sheets.export(register("book_entries"), [entry("AOBA", 2)])
    assert counts(brought(door.visitor("107"), BOOK, told)) == [taken, 0, 0, 1 - taken]


def test_a_row_that_came_from_another_company_tells_nothing_of_before(door: Served) -> None:
    moved = OF_AOI | {"company": "AOBA", "name": "移ってきた委託先"}
    assert write(door.house, "vendors", moved) == []
    auditor = door.visitor("109")
    page = auditor.get(page_of(auditor, VENDORS, "V-9")).text
    assert "移ってきた委託先" in page
    assert "青井の委託先" not in page
