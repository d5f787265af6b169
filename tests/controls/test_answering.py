"""Who answers for a gap: the department's manager, the owner of the control, and who stands in (issue 5, 2)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from controls.answering import Charge, Posts, Staff
from controls.model import About, ControlId, Gap

ON = date(2026, 6, 1)
FOREVER = date(9999, 12, 31)
EVERYBODY = ("manager", "deputy", "above", "cpo", "stand-in", "admin", "auditor", "top")
OWNERS = {"HUM-01": "cpo", "ORG-5-03": "audit_officer", "POL-01": None}


def post(person: str, role: str, department: str | None = None, **columns: Any) -> dict[str, Any]:
    told = {"company": "C1", "department": department, "role": role, "scope_id": None, "person_key": person}
    return {**told, "appointed_on": date(2020, 4, 1), "ends_on": FOREVER, **columns}


ALL = (
    post("manager", "dept_privacy_manager", "D2"),
    post("deputy", "deputy", "D2"),
    post("above", "dept_privacy_manager", "D1"),
    post("cpo", "cpo"),
    post("stand-in", "deputy"),
    post("admin", "system_admin"),
    post("auditor", "audit_officer"),
    post("top", "representative"),
)
UNITS = (
    {"company": "C1", "department": "D1", "ancestors": []},
    {"company": "C1", "department": "D2", "ancestors": ["D0", "D1"]},
)


def posts(
    appointments: tuple[dict[str, Any], ...] = ALL, away: tuple[str, ...] = (), left: tuple[str, ...] = ()
) -> Posts:
    gone = ON - timedelta(days=1)
    workers = [
        {"person_key": one, "hired_on": date(2019, 4, 1), "left_on": gone if one in left else None} for one in EVERYBODY
    ]
    leaves = [{"person_key": one, "leave_from_on": ON, "leave_to_on": ON} for one in away]
    return Posts(Staff(ON, OWNERS, appointments, workers, leaves, UNITS))


def gap(control: str = "HUM-01", department: str | None = "D2", subject: str = "W-1", owner: str | None = None) -> Gap:
    return Gap(ControlId(control), "C1", subject, None, About.STATE, "open", ON, department=department, owner=owner)


@pytest.mark.parametrize(
    ("told", "seen", "expected"),
    [
        pytest.param(gap(), posts(), Charge("manager", "dept_privacy_manager"), id="the manager of the department"),
        pytest.param(gap(owner="auditor"), posts(), Charge("auditor", "assigned"), id="whom somebody gave it"),
        pytest.param(gap(), posts(away=("manager",)), Charge("deputy", "deputy", "manager"), id="a manager on leave"),
        pytest.param(gap(), posts(left=("manager",)), Charge("deputy", "deputy", "manager"), id="a manager who left"),
        pytest.param(
            gap(),
            posts(away=("manager", "deputy")),
            Charge("above", "dept_privacy_manager", "manager"),
            id="the department above",
        ),
        pytest.param(
            gap(owner="auditor"),
            posts(left=("auditor",)),
            Charge("manager", "dept_privacy_manager", "auditor"),
            id="who was given it has left",
        ),
        pytest.param(gap(subject="manager"), posts(), Charge("deputy", "deputy"), id="nobody answers for himself"),
        pytest.param(gap(department="D9"), posts(), Charge("cpo", "cpo"), id="a department without a manager"),
        pytest.param(
            gap("ORG-5-03", None), posts(), Charge("auditor", "audit_officer"), id="the post that owns the control"
        ),
        pytest.param(gap("POL-01", None), posts(), Charge("cpo", "cpo"), id="a control without a post of its own"),
        pytest.param(
            gap("POL-01", None), posts(away=("cpo",)), Charge("stand-in", "deputy", "cpo"), id="an officer on leave"
        ),
        pytest.param(
            gap("POL-01", None),
            posts(left=("cpo", "stand-in")),
            Charge("top", "representative", "cpo"),
            id="at last the representative",
        ),
        pytest.param(
            gap(subject="unverified"), posts(), Charge("admin", "system_admin"), id="evidence that does not come"
        ),
        pytest.param(gap("SCHEDULE", None), posts(), Charge("admin", "system_admin"), id="work that was not done"),
        pytest.param(gap(), posts(()), None, id="nobody has any post"),
        pytest.param(
            gap(),
            posts((post("manager", "dept_privacy_manager", "D2", company="C2"),)),
            None,
            id="the post is another company's",
        ),
        pytest.param(
            gap(),
            posts((post("manager", "dept_privacy_manager", "D2", ends_on=ON - timedelta(days=1)),)),
            None,
            id="the post is over",
        ),
        pytest.param(
            gap(),
            posts((post("manager", "dept_privacy_manager", "D2", appointed_on=ON + timedelta(days=1)),)),
            None,
            id="the post has yet to begin",
        ),
        pytest.param(
            gap("SCHEDULE", None),
            posts((post("admin", "system_admin", scope_id="SYS-1"),)),
            None,
            id="the post is for one system",
        ),
    ],
)
def test_whom_a_gap_falls_to(told: Gap, seen: Posts, expected: Charge | None) -> None:
    assert seen.charge(told) == expected


def test_a_person_has_left_after_the_last_day() -> None:
    seen = posts()
    workers = [{"person_key": "manager", "hired_on": ON, "left_on": ON}]
    assert Posts(Staff(ON, OWNERS, ALL, workers, (), UNITS)).charge(gap()) == seen.charge(gap())
    assert Posts(Staff(ON + timedelta(days=1), OWNERS, ALL, workers, (), UNITS)).charge(gap()) is None


@pytest.mark.parametrize(
    ("away", "expected"),
    [pytest.param((), "cpo", id="there"), pytest.param(("cpo",), "stand-in", id="away")],
)
def test_who_is_told_of_what_is_late(away: tuple[str, ...], expected: str) -> None:
    assert posts(away=away).holder(gap(), "cpo") == expected


@pytest.mark.parametrize(
    ("subject", "without", "expected"),
    [
        pytest.param("cpo", (), "stand-in", id="about the officer"),
        pytest.param("PC-1", (), "stand-in", id="about what is the officer's"),
        pytest.param("cpo", ("stand-in",), "top", id="about the officer, who has no deputy"),
        pytest.param("stand-in", (), "cpo", id="about the deputy"),
    ],
)
def test_nobody_is_told_by_post_of_what_is_about_himself(subject: str, without: tuple[str, ...], expected: str) -> None:
    seen = replace(posts(left=without), behind={"PC-1": frozenset({"cpo"})})
    assert seen.holder(gap(subject=subject), "cpo") == expected


@pytest.mark.parametrize(
    ("workers", "away", "expected"),
    [
        pytest.param((), (), True, id="a director, who is on no roster"),
        pytest.param((), ("top",), False, id="a director on leave"),
        pytest.param(({"person_key": "top", "hired_on": ON, "left_on": None},), (), True, id="on the roster"),
        pytest.param(({"person_key": "top", "hired_on": ON, "left_on": ON - timedelta(1)},), (), False, id="who left"),
    ],
)
def test_who_holds_a_post_and_is_on_no_roster_may_approve(
    workers: tuple[dict[str, Any], ...], away: tuple[str, ...], expected: bool
) -> None:
    leaves = [{"person_key": one, "leave_from_on": ON, "leave_to_on": ON} for one in away]
    assert ("top" in Staff(ON, OWNERS, ALL, workers, leaves, UNITS).approving) is expected


def test_whose_post_is_over_and_who_is_on_no_roster_approves_nothing() -> None:
    over = (post("top", "representative", ends_on=ON - timedelta(days=1)),)
    assert Staff(ON, OWNERS, over, (), (), UNITS).approving == frozenset()


def test_what_is_somebody_s_own_does_not_fall_to_him() -> None:
    seen = replace(posts(), behind={"a-1": frozenset({"manager"})})
    assert seen.charge(gap(subject="a-1")) == Charge("deputy", "deputy")
    assert seen.charge(gap(subject="a-2")) == Charge("manager", "dept_privacy_manager")


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(gap(), id="the post is under the key of before"),
        pytest.param(gap(owner="old"), id="it was given to the key of before"),
    ],
)
def test_a_post_under_a_key_of_before_is_held_by_who_has_another_now(told: Gap) -> None:
    held = posts((post("old", "dept_privacy_manager", "D2"),))
    now = replace(held, staff=replace(held.staff, natural=lambda key: "manager" if key == "old" else key))
    charge = now.charge(told)
    assert held.charge(told) is None
    assert charge is not None
    assert charge.person == "manager"


def test_a_gap_about_the_key_of_before_does_not_fall_to_the_person() -> None:
    now = Posts(replace(posts().staff, natural=lambda key: "manager" if key == "old" else key))
    assert now.charge(gap(subject="old")) == Charge("deputy", "deputy")
