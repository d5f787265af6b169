"""A threshold that a company changed, and a control that does not apply to it, from the register to the sealed pack."""

import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from controls.model import Verdict
from evidence.clock import StandingClock
from evidence.datasets import register
from evidence.period import Period
from house import House, create, day, desk, handout
from registers import imports
from registers.sheets import export

CODES = ("AOBA", "MIDORI")
PERIOD = Period(date(2026, 3, 1), date(2026, 3, 31))
STARTED = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)
BY = ("1", "変更の登録")
CHANGE: dict[str, Any] = {
    "company": "AOBA", "change_id": "PV-1", "control_id": "VEN-04", "parameter": "tier_2_days", "value": ["300"],
    "reason": "前年の事故", "requested_by": "2", "approved_by": "3", "approved_on": date(2026, 3, 1),
    "valid_from_on": date(2026, 3, 1),
}  # fmt: skip
EXCLUSION: dict[str, Any] = {
    "company": "MIDORI", "exclusion_id": "EX-1", "control_id": "VEN-04", "reason": "委託がない", "requested_by": "2",
    "approved_by": "3", "approved_on": date(2026, 3, 1), "review_on": date(2027, 2, 28), "valid_from_on": date(2026, 3, 1),
}  # fmt: skip
INCIDENT: dict[str, Any] = {
    "department": "D1", "detected_at": STARTED - timedelta(days=400), "known_on": date(2025, 2, 13), "items": ["氏名"],
    "special_care": "no", "property_damage": "no", "wrongful_purpose": "no", "over_1000": "no", "encrypted": "no",
    "privacy_mark_report": False, "as_processor": False, "final_items_missing": 0,
}  # fmt: skip


def put(house: House, name: str, *rows: dict[str, Any], folder: Path) -> imports.Plan:
    path = folder / f"{name}.xlsx"
    path.write_bytes(export(register(name), rows))
    return desk.import_register(house, name, path, *BY)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Two companies with one vendor each, audited 301 days before the period ends."""
    house = create(tmp_path / "home", "青葉グループ", [(code, code) for code in CODES], StandingClock(STARTED))
    for code in CODES:
        vendor = {"company": code, "department": "D1", "vendor_id": f"V-{code}"}
        told = {"name": "委託先", "tier": "T2", "status": "active", "handles_personal_data": True}
        audit = {"method": "questionnaire", "performed_on": date(2025, 6, 3), "has_scope": True, "samples": 3}
        rows = {
            "vendors": vendor | told,
            "vendor_audits": vendor | audit | {"audit_id": f"A-{code}", "auditor_key": "監査室"},
            "incidents": INCIDENT | {"company": code, "incident_id": f"INC-{code}"},  # of no vendor
        }
        assert [put(house, name, row, folder=tmp_path).problems for name, row in rows.items()] == [(), (), ()]
    return house


def judged(house: House, known_at: datetime | None = None) -> dict[str, Verdict]:
    return {one.company: one.verdict for one in day.judge(house, PERIOD, known_at, only=["VEN-04"])}


def criteria(house: House, company: str) -> list[str]:
    """What the self-check report says beside the threshold."""
    [workbook, _] = handout.self_check_documents(house, company, PERIOD)
    sheet = load_workbook(BytesIO(workbook.content))["判定基準"]
    return [str(row[-1] or "") for row in sheet.iter_rows(values_only=True) if "tier_2_days" in row]


def test_a_company_is_stricter_and_the_report_says_by_what(house: House, tmp_path: Path) -> None:
    assert judged(house) == {"AOBA": Verdict.PASS, "MIDORI": Verdict.PASS}
    before, signed = house.store.last_commit(), {"approved_on": house.today, "valid_from_on": house.today}
    assert not put(house, "parameter_values", CHANGE | signed, folder=tmp_path).problems
    assert judged(house) == {"AOBA": Verdict.FAIL, "MIDORI": Verdict.PASS}
    assert criteria(house, "AOBA") == ["PV-1(承認 2026/03/20、基準 365)"]
    assert criteria(house, "MIDORI") == [""]
    assert judged(house, before) == {"AOBA": Verdict.PASS, "MIDORI": Verdict.PASS}


def test_a_change_that_was_entered_after_the_period_is_shown_as_such(house: House, tmp_path: Path) -> None:
    assert isinstance(house.clock, StandingClock)
    house.clock.at += timedelta(days=20)
    put(house, "parameter_values", CHANGE, folder=tmp_path)
    judged(house)
    assert criteria(house, "AOBA") == ["PV-1(承認 2026/03/01、基準 365)。対象期間の後に記録"]


@pytest.mark.parametrize(("name", "row"), [("parameter_values", CHANGE), ("exclusions", EXCLUSION)])
def test_what_nobody_approved_changes_nothing(house: House, tmp_path: Path, name: str, row: dict[str, Any]) -> None:
    planned = put(house, name, row | {"approved_by": None, "approved_on": None}, folder=tmp_path)
    assert (planned.problems, [one.state for one in planned.added]) == ((), ["draft"])
    assert judged(house) == {"AOBA": Verdict.PASS, "MIDORI": Verdict.PASS}


def test_what_its_author_approved_or_the_control_does_not_know_is_refused(house: House, tmp_path: Path) -> None:
    wrong: list[dict[str, Any]] = [
        {"approved_by": "2"},
        {"value": ["30"]},
        {"parameter": "tier_4_days"},
        {"control_id": "VEN-99"},
    ]
    rows = [CHANGE | change | {"change_id": f"PV-{n}"} for n, change in enumerate(wrong, start=2)]
    planned = put(house, "parameter_values", CHANGE, *rows, folder=tmp_path)
    assert [(problem.row, problem.column) for problem in planned.problems] == [(4, "H"), (5, "E"), (6, "D"), (7, "C")]
    assert len(planned.added) == 1


def test_what_does_not_apply_is_told_with_its_reason_and_no_gap_stays_of_it(house: House, tmp_path: Path) -> None:
    assert not put(house, "exclusions", EXCLUSION, folder=tmp_path).problems
    assert judged(house) == {"AOBA": Verdict.PASS, "MIDORI": Verdict.NOT_APPLICABLE}
    [one] = day.assessments(house, PERIOD, "MIDORI")
    assert one.reason == "委託がない(承認 EX-1、2026-03-01、次回見直し 2027-02-28)"
    assert day.gaps(house, "MIDORI") == []


def test_a_pack_of_a_changed_threshold_verifies(house: House, tmp_path: Path) -> None:
    put(house, "parameter_values", CHANGE, folder=tmp_path)
    put(house, "exclusions", EXCLUSION, folder=tmp_path)
    judged(house)
    for code in CODES:
        pack = Path(handout.create_pack(house, code, PERIOD, tmp_path))
        with zipfile.ZipFile(pack) as archive:
            archive.extractall(tmp_path / code)
        command = [sys.executable, "-I", "verify.py", "--key", house.vkey(code)]
        done = subprocess.run(command, cwd=tmp_path / code / pack.stem, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_a_confirmation_holds_as_long_as_the_company_that_gives_it_says(house: House, tmp_path: Path) -> None:
    stricter = CHANGE | {"control_id": "ORG-3-02", "parameter": "book_confirm_days", "value": ["299"]}
    assert not put(house, "parameter_values", stricter, folder=tmp_path).problems
    until = desk.confirmed_until(house)
    assert [until(code) - house.today for code in CODES] == [timedelta(days=299), timedelta(days=365)]
