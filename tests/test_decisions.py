"""Exclusions and thresholds take an approver apart and a fresh signature too, and excuse nothing of before."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from controls.model import About, ControlId, GapEvent, GapKind, Verdict
from evidence.datasets import register
from evidence.errors import ConfigError
from house import House, acting, desk, newest, waiving
from house.standing import act
from registers.approval import Act
from registers.versions import entered
from tests.following import FIRST, STAFF, UNAUDITED, furnished, gap_of, judged, key, post, write
from tests.test_duties import WAIVER
from tests.test_thresholds import CHANGE, EXCLUSION

CONTROL, VENDOR = UNAUDITED
TODAY = FIRST + timedelta(days=1)
REST = "106"  # the clerk, who has no post
SIGNED: dict[str, Any] = {"requested_by": STAFF["admin"], "approved_by": STAFF["cpo"], "approved_on": TODAY}
ROWS: dict[str, dict[str, Any]] = {
    "exclusions": EXCLUSION | SIGNED | {"company": "AOBA", "valid_from_on": None},
    "parameter_values": CHANGE | SIGNED | {"company": "AOBA", "valid_from_on": None},
}
KEYS = {"exclusions": "exclusion_id", "parameter_values": "change_id"}


@pytest.fixture(params=ROWS)
def name(request: pytest.FixtureRequest) -> str:
    """Either register."""
    return str(request.param)


def put(house: House, name: str, columns: dict[str, Any], by: str = REST) -> list[str]:
    return list(write(house, name, ROWS[name] | columns, by=by))


def held(house: House, name: str) -> int:
    return len(newest(house, (name,)).rows(name))


def test_what_three_persons_decided_today_is_taken(house: House, name: str) -> None:
    assert put(house, name, {}) == []
    assert held(house, name) == 1


@pytest.mark.parametrize(
    ("columns", "by", "says"),
    [
        pytest.param({"approved_by": STAFF["manager"]}, REST, "somebody else", id="approved by who owns the gap"),
        pytest.param({"approved_by": REST}, REST, "somebody else", id="approved by who brings it in"),
        pytest.param({"approved_by": STAFF["admin"]}, REST, "another person", id="approved by who asks"),
        pytest.param({"approved_by": "999"}, REST, "roster", id="approved by a number that nobody has"),
        pytest.param({"requested_by": "999"}, REST, "roster", id="asked for by a number that nobody has"),
        pytest.param(
            {"approved_on": TODAY - timedelta(days=8), "review_on": TODAY},
            REST,
            "anew",
            id="approved eight days before",
        ),
        pytest.param({"approved_on": TODAY + timedelta(days=1)}, REST, "ahead", id="approved tomorrow"),
    ],
)
def test_a_sheet_is_held_to_three_persons_and_a_fresh_signature_and_the_good_row_stays(
    house: House, name: str, columns: dict[str, Any], by: str, says: str
) -> None:
    good = ROWS[name] | {KEYS[name]: "GOOD", "parameter": "tier_1_days"}
    [problem] = write(house, name, ROWS[name] | columns, good, by=by)
    assert says in problem
    assert held(house, name) == 1


def test_a_threshold_of_the_group_is_not_approved_by_who_owns_a_gap_in_any_company(house: House) -> None:
    assert len(put(house, "parameter_values", {"company": None, "approved_by": STAFF["manager"]})) == 1
    assert put(house, "parameter_values", {"company": None}) == []


def test_who_is_behind_a_subject_of_the_control_does_not_approve_that_it_does_not_apply(house: House) -> None:
    about = (key(house, "cpo"), None, GapKind.OPENED, About.STATE, FIRST, None, "D2")
    act(house, GapEvent(ControlId("HUM-01"), "AOBA", *about))
    assert len(put(house, "exclusions", {"control_id": "HUM-01"})) == 1


def test_a_draft_is_signed_by_the_verb_under_the_same_rules(house: House, name: str) -> None:
    assert put(house, name, {"approved_by": None, "approved_on": None}) == []
    row = ROWS[name][KEYS[name]]
    desk.act_on(house, name, [row], Act.SUBMIT, REST, "申請")
    with pytest.raises(ConfigError, match="somebody else"):
        desk.act_on(house, name, [row], Act.APPROVE, STAFF["manager"], "承認")
    desk.act_on(house, name, [row], Act.APPROVE, STAFF["cpo"], "承認")
    assert held(house, name) == 1


def test_a_sheet_that_says_what_is_known_passes_at_any_later_time(house: House, name: str) -> None:
    assert put(house, name, {}) == []
    house.clock.at += timedelta(days=60)  # type: ignore[attr-defined]
    assert put(house, name, {}) == []


def test_a_home_that_has_judged_nothing_yet_takes_its_older_approvals(tmp_path: Path, name: str) -> None:
    house = furnished(tmp_path)
    assert put(house, name, {"approved_on": FIRST - timedelta(days=300), "review_on": FIRST}) == []


def test_a_threshold_holds_at_the_earliest_from_its_approval(house: House) -> None:
    [problem] = put(house, "parameter_values", {"valid_from_on": FIRST})
    assert "有効開始日" in problem
    assert put(house, "parameter_values", {"valid_from_on": TODAY + timedelta(days=30)}) == []


@pytest.mark.parametrize("door", ["sheet", "verb"])
def test_a_threshold_that_names_no_first_day_holds_from_its_approval(house: House, door: str) -> None:
    if door == "verb":
        put(house, "parameter_values", {"approved_by": None, "approved_on": None})
        for kind, by in ((Act.SUBMIT, REST), (Act.APPROVE, STAFF["cpo"])):
            desk.act_on(house, "parameter_values", ["PV-1"], kind, by, "承認")
    else:
        assert put(house, "parameter_values", {}) == []
    assert entered(house.store, register("parameter_values"))[-1].valid_from_on == TODAY


def test_a_threshold_that_is_changed_in_its_row_leaves_the_earlier_days_as_they_were(house: House) -> None:
    assert put(house, "parameter_values", {}) == []
    house.clock.at += timedelta(days=9)  # type: ignore[attr-defined]
    later = house.today
    assert put(house, "parameter_values", {"value": ["200"], "approved_on": later}) == []
    told = entered(house.store, register("parameter_values"))
    assert [(one.values["value"], one.valid_from_on) for one in told] == [(["300"], TODAY), (["200"], later)]


def test_control_run_what_no_rule_is_asked_about_excuses_the_judged_day(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "held_to_rules", lambda house, planned, by: (planned, ()))
    own = {"approved_by": STAFF["manager"], "approved_on": date(2026, 1, 1), "review_on": date(2026, 12, 1)}
    assert put(house, "exclusions", own, STAFF["manager"]) == []
    assert judged(house, FIRST, [CONTROL])[0].verdict is Verdict.NOT_APPLICABLE


def own_post(ends_on: date, **columns: Any) -> dict[str, Any]:
    return post("P-1", "manager", "dept_privacy_manager", "D2") | {"ends_on": ends_on} | columns


@pytest.mark.parametrize("way", ["ended", "moved", "retired", "given away by somebody else"])
def test_who_owned_a_gap_by_post_does_not_accept_it_afterwards(house: House, way: str) -> None:
    if way == "retired":
        desk.act_on(house, "appointments", ["P-1"], Act.RETIRE, STAFF["manager"], "異動")
    elif way == "given away by somebody else":
        one = gap_of(house, CONTROL, VENDOR)
        acting.record(house, one.gap, GapKind.ASSIGNED, key(house, "clerk"), key(house, "deputy"))
    else:
        moved = {"department": "D1"} if way == "moved" else {"ends_on": FIRST}
        assert write(house, "appointments", own_post(date(9999, 12, 31)) | moved, by=STAFF["manager"]) == []
    charge = gap_of(house, CONTROL, VENDOR).charge
    assert charge is not None
    assert charge.person == key(house, "deputy")
    with pytest.raises(ConfigError, match="somebody else"):
        waiving.waive(house, gap_of(house, CONTROL, VENDOR), key(house, "clerk"), "理由", key(house, "manager"), TODAY)
    waiving.waive(house, gap_of(house, CONTROL, VENDOR), key(house, "clerk"), "理由", key(house, "cpo"), TODAY)


@pytest.mark.parametrize("kind", [GapKind.ASSIGNED, GapKind.PLANNED])
def test_who_only_passed_a_gap_on_or_planned_what_is_done_may_ask_and_its_owner_may_not(
    house: House, kind: GapKind
) -> None:
    acting.record(house, gap_of(house, CONTROL, VENDOR).gap, kind, key(house, "clerk"), key(house, "deputy"))
    for who in ("manager", "deputy") if kind is GapKind.ASSIGNED else ("manager",):
        with pytest.raises(ConfigError, match="somebody else must ask"):
            waiving.waive(house, gap_of(house, CONTROL, VENDOR), key(house, who), "理由", key(house, "cpo"), TODAY)
    waiving.waive(house, gap_of(house, CONTROL, VENDOR), key(house, "clerk"), "理由", key(house, "cpo"), TODAY)


def test_who_stood_in_between_two_managers_does_not_accept_the_gap(house: House) -> None:
    assert write(house, "appointments", own_post(FIRST)) == []
    house.clock.at += timedelta(days=5)  # type: ignore[attr-defined]
    later = post("P-9", "admin", "dept_privacy_manager", "D2") | {"appointed_on": house.today}
    assert write(house, "appointments", later) == []
    for who in ("deputy", "admin"):
        with pytest.raises(ConfigError, match="somebody else"):
            waiving.waive(
                house, gap_of(house, CONTROL, VENDOR), key(house, "clerk"), "理由", key(house, who), house.today
            )


def test_a_waiver_does_not_cover_what_opens_later_and_falls_to_its_approver(house: House) -> None:
    wide = WAIVER | {"subject": "V-7", "department": "D2", "approved_by": STAFF["manager"]}
    assert (
        write(
            house, "waivers", wide, wide | {"waiver_id": "W-2", "subject": "V-8", "approved_by": STAFF["cpo"]}, by=REST
        )
        == []
    )
    for subject in ("V-7", "V-8"):
        act(house, GapEvent(ControlId(CONTROL), "AOBA", subject, None, GapKind.OPENED, About.STATE, TODAY, None, "D2"))
    assert gap_of(house, CONTROL, "V-7").waiver is None
    assert gap_of(house, CONTROL, "V-8").waiver is not None
