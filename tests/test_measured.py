"""What was judged is evidence of the next judging of the same period, and of no other."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from controls.model import Verdict
from evidence import ledger
from evidence.clock import StandingClock
from evidence.datasets import register
from evidence.errors import ConfigError
from evidence.facts.feeds import Doubt
from evidence.period import Period
from evidence.vault import Digest
from house import House, create, day, desk, window
from registers.sheets import export
from tests.evidence.vault.keyed import content_of
from tests.test_thresholds import INCIDENT

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
APRIL = Period(date(2026, 4, 1), date(2026, 4, 30))
STARTED = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)
VENDOR: dict[str, Any] = {
    "company": "AOBA",
    "name": "委託先",
    "tier": "T2",
    "status": "active",
    "handles_personal_data": True,
}
AUDIT: dict[str, Any] = {"company": "AOBA", "department": "D1", "audit_id": "A-1", "vendor_id": "V-1",
    "method": "questionnaire", "performed_on": date(2025, 6, 3), "has_scope": True, "samples": 3, "auditor_key": "監査室"}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> House:
    """One company with an audited vendor in one department and one that nobody audited in another."""
    house = create(tmp_path / "home", "青葉グループ", [("AOBA", "株式会社青葉")], StandingClock(STARTED))
    vendors = [VENDOR | {"department": f"D{n}", "vendor_id": f"V-{n}"} for n in (1, 2)]
    incident = INCIDENT | {"company": "AOBA", "incident_id": "INC-1"}
    for name, rows in {"vendors": vendors, "vendor_audits": [AUDIT], "incidents": [incident]}.items():
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(export(register(name), rows))
        assert not desk.import_register(house, name, path, "1", "初回登録").problems
    return house


def put(house: House, name: str, *rows: dict[str, Any]) -> None:
    path = house.home / f"{name}.xlsx"
    path.write_bytes(export(register(name), rows))
    assert not desk.import_register(house, name, path, "1", "記入").problems


def seen(house: House, period: Period, known_at: datetime | None = None) -> list[list[Any]]:
    """What a judging of a period is told of earlier ones."""
    known_at = known_at or house.store.last_commit() or STARTED
    rows = window(house, period, known_at).rows("assessments")
    names = ("control_id", "department", "since_on", "verdict", "population", "deviations")
    return sorted(([row[name] for name in names] for row in rows), key=str)


def doubt(house: House, period: Period) -> Doubt | None:
    return window(house, period, house.store.last_commit() or STARTED).doubt("AOBA", ["assessments"])


def test_a_judging_tells_the_next_one_of_each_department_and_of_the_whole(house: House) -> None:
    day.judge(house, MARCH, only=["VEN-04"])
    assert seen(house, MARCH) == [
        ["VEN-04", "D1", date(2026, 3, 1), "pass", 1, 0],
        ["VEN-04", "D2", date(2026, 3, 1), "fail", 1, 1],
        ["VEN-04", None, date(2026, 3, 1), "fail", 2, 1],
    ]


def test_only_an_earlier_judging_of_the_same_period_proves_anything(house: House) -> None:
    never = doubt(house, MARCH)
    day.judge(house, MARCH, only=["VEN-04"])
    assert (never is None, doubt(house, MARCH), doubt(house, APRIL) is None) == (False, None, False)


def test_a_judging_that_is_repeated_as_of_then_is_not_told_of_later_ones_and_tells_nobody(house: House) -> None:
    before = house.store.last_commit()
    day.judge(house, MARCH, only=["VEN-04"])
    told = seen(house, MARCH)
    day.judge(house, MARCH, before, only=["VEN-04"])
    assert (seen(house, MARCH, before), seen(house, MARCH)) == ([], told)


def test_the_ledger_commits_to_what_the_next_judging_reads(house: House) -> None:
    day.judge(house, MARCH, only=["VEN-04"])
    with house.store.read() as tx:
        told = [json.loads(one.leaf) for one in tx.ledger.leaves(ledger.log_of("AOBA"))]
        [held] = tx.objects.of_source("tenken")
    [entry] = [one for one in told if one["kind"] == "judged"]
    assert entry["commitments"] == [ledger.commitment(bytes.fromhex(held.salt), bytes.fromhex(held.digest)).hex()]
    lines = [json.loads(line) for line in content_of(house.vault, Digest(held.digest)).splitlines()]
    assert [line["verdict"] for line in lines] == ["fail", "pass", "fail"]


def test_an_answer_that_the_same_judging_measures_otherwise_is_a_deviation_until_it_is_mended(house: House) -> None:
    asked = {"company": "AOBA", "cycle": "2026-03", "item": "I-1", "control_ids": ["VEN-04"], "due_on": date(2026, 3, 31),
             "answer": "yes", "answered_by": "1", "answered_at": STARTED}  # fmt: skip
    put(house, "self_check_items", asked | {"department": "D1"}, asked | {"department": "D2"})
    [first] = day.judge(house, MARCH, only=["ORG-5-02"])
    assert (first.verdict, [one.subject for one in first.deviations]) == (Verdict.FAIL, ["D2:I-1"])
    put(house, "vendor_audits", AUDIT | {"department": "D2", "audit_id": "A-2", "vendor_id": "V-2"})
    [second] = day.judge(house, MARCH, only=["ORG-5-02"])
    assert second.verdict is Verdict.PASS


def test_an_answer_nobody_compared_is_unverified(house: House) -> None:
    [judged] = day.judge(house, MARCH, only=["ORG-5-02"])
    assert (judged.verdict, (judged.reason or "").startswith("assessments(tenken)")) == (Verdict.UNVERIFIED, True)


def test_a_control_that_is_not_there_is_refused_before_anything_is_judged(house: House) -> None:
    asked = {"company": "AOBA", "department": "D1", "cycle": "2026-03", "item": "I-1", "control_ids": ["VEN-04"],
             "due_on": date(2026, 3, 31)}  # fmt: skip
    put(house, "self_check_items", asked)
    with pytest.raises(ConfigError, match="no control VEN-99"):
        day.judge(house, MARCH, only=["ORG-5-02", "VEN-99"])
    assert day.assessments(house, MARCH) == []
