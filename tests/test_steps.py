"""Findings by sheet are held to the steps and the persons that the verbs hold (issue 5, 2; domain.md §4)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from controls.model import About, ControlId, GapEvent, GapKind
from evidence.errors import ConfigError
from house import House, desk, findings
from house.standing import act
from registers.approval import Act
from tests.following import FIRST, STAFF, UNAUDITED, gap_of, key, write

CONTROL, VENDOR = UNAUDITED
TODAY = FIRST + timedelta(days=1)
PLAN: dict[str, Any] = {
    "cause": "監査計画の漏れ", "correction": "監査する", "prevention": "計画を台帳から作る", "owner_key": STAFF["manager"],
    "due_on": TODAY + timedelta(days=20), "due_set_on": TODAY,
}  # fmt: skip
DONE = PLAN | {"completed_on": TODAY, "implemented_by": STAFF["manager"]}
CHECKED = DONE | {"verified_on": TODAY, "verified_by": STAFF["clerk"], "effective": True}
CLOSED = CHECKED | {"closed_on": TODAY}
ADMIN = STAFF["admin"]


def row(number: str = "F-1", **columns: Any) -> dict[str, Any]:
    told = {"company": "AOBA", "department": "D2", "finding_id": number, "origin": "audit", "severity": "high"}
    return {**told, "raised_on": TODAY, "content": "外部監査の指摘", **columns}


def told(house: House, *versions: dict[str, Any], by: str = ADMIN) -> list[int]:
    """Import the versions of one finding after another; how many rows of each were refused."""
    return [len(write(house, "findings", row() | version, by=by)) for version in versions]


def without(columns: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if name not in names}


@pytest.mark.parametrize(
    "versions",
    [
        pytest.param([PLAN, DONE, CHECKED, CLOSED], id="step by step"),
        pytest.param([CLOSED], id="all of an earlier year at once"),
        pytest.param([PLAN, DONE, DONE | {"verified_on": TODAY, "verified_by": STAFF["clerk"], "effective": False}], id="did not hold"),
    ],
)  # fmt: skip
def test_steps_that_are_taken_in_order_are_taken(house: House, versions: list[dict[str, Any]]) -> None:
    assert told(house, *versions) == [0] * len(versions)


@pytest.mark.parametrize(
    "columns",
    [
        *(pytest.param(without(DONE, name), id=f"completed without {name}") for name in ("cause", "correction", "prevention", "owner_key", "due_on", "implemented_by")),
        *(pytest.param(without(CHECKED, name), id=f"effective without {name}") for name in ("completed_on", "verified_on", "verified_by")),
        pytest.param(without(CHECKED, "effective"), id="verified, and not said whether it held"),
        pytest.param(DONE | {"closed_on": TODAY}, id="closed without a check"),
        pytest.param(CLOSED | {"effective": False}, id="closed though it did not hold"),
        pytest.param(CHECKED | {"verified_by": STAFF["manager"]}, id="verified by who did it"),
        pytest.param(CHECKED | {"implemented_by": STAFF["deputy"], "verified_by": STAFF["manager"]}, id="verified by who owns it"),
    ],
)  # fmt: skip
def test_a_step_that_is_skipped_or_one_s_own_is_refused_and_good_rows_beside_it_stay(
    house: House, columns: dict[str, Any]
) -> None:
    assert len(write(house, "findings", row("F-1", **columns), row("F-2", **PLAN), by=ADMIN)) == 1
    assert [one.row["finding_id"] for one in findings.findings(house)] == ["F-2"]


@pytest.mark.parametrize(
    ("before", "last", "by"),
    [
        pytest.param([DONE], CHECKED, STAFF["manager"], id="the owner enters that another verified it"),
        pytest.param([CHECKED], CLOSED, STAFF["manager"], id="the owner enters that it is closed"),
        pytest.param([PLAN, PLAN | {"owner_key": STAFF["deputy"]}], CHECKED | {"owner_key": STAFF["deputy"], "implemented_by": STAFF["deputy"], "verified_by": STAFF["manager"]}, ADMIN, id="who owned it before verifies"),
        pytest.param([DONE, DONE | {"implemented_by": STAFF["deputy"], "owner_key": STAFF["deputy"]}], CHECKED | {"owner_key": STAFF["deputy"], "implemented_by": STAFF["deputy"], "verified_by": STAFF["manager"]}, ADMIN, id="who did it, and put it on another, verifies"),
        pytest.param([CHECKED], CHECKED | {"owner_key": STAFF["clerk"]}, ADMIN, id="who verified it becomes its owner"),
    ],
)  # fmt: skip
def test_who_ever_owned_or_did_it_neither_verifies_nor_closes(
    house: House, before: list[dict[str, Any]], last: dict[str, Any], by: str
) -> None:
    assert told(house, *before) == [0] * len(before)
    assert told(house, last, by=by) == [1]


def test_who_owned_it_before_does_not_verify_by_the_verb(house: House) -> None:
    assert told(house, PLAN, PLAN | {"owner_key": STAFF["deputy"]}) == [0, 0]
    findings.complete(house, findings.find(house, "F-1"), key(house, "deputy"), "監査した")
    with pytest.raises(ConfigError, match="another person"):
        findings.verify(house, findings.find(house, "F-1"), key(house, "manager"), "見た", effective=True)


def test_a_sheet_closes_no_finding_while_a_gap_of_it_is_open(house: House, raised: str) -> None:
    [problem] = write(house, "findings", row(raised, **CLOSED), by=ADMIN)
    assert "完結日" in problem
    assert "still open" in problem
    assert gap_of(house, CONTROL, VENDOR).gap.finding == raised
    assert findings.find(house, raised).state == "raised"


def test_a_finding_that_is_retired_lets_its_gaps_go(house: House, raised: str) -> None:
    desk.act_on(house, "findings", [raised], Act.RETIRE, ADMIN, "重複")
    again = findings.take_up(house, [gap_of(house, CONTROL, VENDOR)], key(house, "clerk"), "もう一度")
    assert again != raised
    assert gap_of(house, CONTROL, VENDOR).gap.finding == again


def test_its_owner_does_not_retire_a_finding(house: House, raised: str) -> None:
    with pytest.raises(ConfigError, match="another person"):
        desk.act_on(house, "findings", [raised], Act.RETIRE, STAFF["manager"], "不要")
    assert findings.find(house, raised).state == "raised"


Step = Callable[[House, findings.Finding], None]
STEPS: dict[str, Step] = {
    "verify": lambda house, one: findings.verify(house, one, key(house, "clerk"), "見た", effective=True),
    "refute": lambda house, one: findings.verify(house, one, key(house, "admin"), "ない", effective=False),
}


@pytest.mark.parametrize(("first", "second"), [("verify", "refute"), ("refute", "verify")])
def test_a_step_upon_what_somebody_else_did_meanwhile_is_refused(house: House, first: str, second: str) -> None:
    assert told(house, PLAN, DONE) == [0, 0]
    seen = findings.find(house, "F-1")
    STEPS[first](house, seen)
    state = findings.find(house, "F-1").state
    with pytest.raises(ConfigError, match="meanwhile"):
        STEPS[second](house, seen)
    assert findings.find(house, "F-1").state == state


def test_gaps_are_taken_up_with_their_finding_or_not_at_all(house: House) -> None:
    one = gap_of(house, CONTROL, VENDOR)
    again = (GapKind.FOUND, About.STATE, TODAY, None, "D2")
    act(house, GapEvent(ControlId(CONTROL), "AOBA", VENDOR, one.gap.aspect, *again))
    with pytest.raises(ConfigError, match="meanwhile found"):
        findings.take_up(house, [one], key(house, "clerk"), "委託先監査が未実施")
    assert findings.findings(house) == []


def test_control_run_a_sheet_that_no_rule_is_asked_about_closes_it(
    house: House, raised: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "held_to_rules", lambda house, planned, by: (planned, ()))
    assert told(house, CLOSED | {"finding_id": raised, "verified_by": STAFF["manager"]}, by=STAFF["manager"]) == [0]
    assert findings.find(house, raised).state == "closed"


def test_a_gap_that_comes_back_while_its_finding_is_closed_makes_the_closing_stale(
    house: House, raised: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    aspect = gap_of(house, CONTROL, VENDOR).gap.aspect
    kinds = {
        kind: GapEvent(ControlId(CONTROL), "AOBA", VENDOR, aspect, kind, About.STATE, TODAY, None, "D2")
        for kind in (GapKind.CLOSED, GapKind.REGRESSED)
    }
    act(house, kinds[GapKind.CLOSED])
    assert told(house, CHECKED | {"finding_id": raised}) == [0]
    decide = desk.held_to_rules

    def decided_then(*given: Any) -> Any:
        answer = decide(*given)
        act(house, kinds[GapKind.REGRESSED])
        return answer

    monkeypatch.setattr(desk, "held_to_rules", decided_then)
    with pytest.raises(ConfigError, match="meanwhile regressed"):
        findings.close(house, findings.find(house, raised), key(house, "clerk"), "終わった")
    assert findings.find(house, raised).state == "verified"


def test_its_owner_does_not_end_a_finding_by_its_last_day(house: House) -> None:
    assert told(house, PLAN) == [0]
    ended = PLAN | {"valid_to_on": FIRST}
    assert told(house, ended, by=STAFF["manager"]) == [1]
    assert findings.find(house, "F-1").state == "planned"
    assert told(house, ended) == [0]


def test_a_finding_stays_with_its_company(house: House) -> None:
    assert told(house, PLAN) == [0]
    assert told(house, PLAN | {"company": "AOI"}) == [1]
    assert [one.row["finding_id"] for one in findings.findings(house, "AOBA")] == ["F-1"]


@pytest.mark.parametrize("name", ["cause", "correction", "prevention", "owner_key", "completed_on", "implemented_by"])
def test_its_owner_does_not_rewrite_what_was_checked(house: House, name: str) -> None:
    other = {"owner_key": STAFF["deputy"], "implemented_by": STAFF["deputy"], "completed_on": FIRST}
    assert told(house, CHECKED) == [0]
    assert told(house, CHECKED | {name: other.get(name, "何もしない")}, by=STAFF["manager"]) == [1]


@pytest.mark.parametrize(
    ("columns", "header"),
    [
        pytest.param({"completed_on": TODAY, "verified_on": FIRST}, "有効性確認日", id="verified before it was done"),
        pytest.param({"completed_on": FIRST, "closed_on": FIRST, "verified_on": TODAY}, "完結日", id="closed before it was verified"),
        pytest.param({"closed_on": TODAY + timedelta(days=1)}, "完結日", id="closed tomorrow"),
    ],
)  # fmt: skip
def test_days_of_steps_follow_one_another_and_are_not_ahead(house: House, columns: dict[str, Any], header: str) -> None:
    [problem] = write(house, "findings", row(**CLOSED | columns), by=ADMIN)
    assert header in problem


OLD = dict.fromkeys(("raised_on", "due_on", "completed_on", "verified_on", "closed_on"), FIRST - timedelta(days=90))


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"prevention": None}, id="of when nobody asked what prevents it"),
        pytest.param({"verified_by": "999"}, id="verified by who has left since"),
        pytest.param({"verified_by": STAFF["manager"]}, id="verified by who did it"),
        pytest.param({"verified_on": None, "verified_by": None, "effective": None}, id="closed without a check"),
    ],
)
def test_what_was_closed_before_the_first_entry_of_the_ledger_is_taken_as_it_was_kept(
    house: House, columns: dict[str, Any]
) -> None:
    assert told(house, CLOSED | OLD | columns, CLOSED | OLD | columns | {"content": "誤字を直した"}) == [0, 0]
    assert told(house, CLOSED | OLD | columns | {"finding_id": "F-2", "closed_on": FIRST}) == [1]


def test_a_finding_of_today_is_not_closed_as_history(house: House, raised: str) -> None:
    assert any(told(house, CLOSED | OLD | {"finding_id": raised, "prevention": None}))
    assert findings.find(house, raised).state == "raised"


def test_what_was_history_and_is_taken_up_again_goes_step_by_step(house: House) -> None:
    old = CLOSED | OLD | {"prevention": None}
    assert told(house, old, old | {"closed_on": None}) == [0, 1]


def test_a_number_that_nobody_has_verifies_nothing(house: House) -> None:
    assert told(house, DONE, CHECKED | {"verified_by": "999"}) == [0, 1]
