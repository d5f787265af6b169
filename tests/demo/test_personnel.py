"""Pledges, exits, courses and doors are clean but for what is planted: done again here by hand over the same values."""

import csv
import io
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest

from demo.days import AS_OF, DAYS, OPEN_END, SINCE, is_open, open_days_after
from demo.group import Group, day_of
from demo.plan import UNVERIFIED, Plan
from tests.demo.conftest import SEEDS, world

CONTROLS = ("HUM-02", "HUM-04", "HUM-05", "HUM-06", "PHY-1-01", "PHY-1-03")
ROLES = {
    "dept_privacy_manager": "ROLE-DPM",
    "auditor": "ROLE-AUD",
    "system_admin": "ROLE-SYS",
    "desk": "ROLE-DESK",
}


def _planned(plan: Plan, control: str, aspect: str) -> set[str]:
    told = [one for one in plan.planted if (one.control, one.near_miss) == (control, False)]
    return {one.subject for one in told if (one.aspect or "").split(":")[0] == aspect}


def _works(group: Group, no: str) -> bool:
    return any(w.no == no and w.hired_on <= AS_OF and (w.left_on or AS_OF) >= AS_OF for w in group.workers)


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("seed", SEEDS)
def test_each_has_three_faults_and_three_near_misses(seed: int, control: str) -> None:
    told = Counter(one.near_miss for one in world(seed)[1].planted if one.control == control)
    assert min(told[True], told[False]) >= 3


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_people_lack_the_onboarding_after_its_days_or_after_they_touched_personal_data(seed: int) -> None:
    group, plan = world(seed)
    onboarded = {t.no for t in group.training if t.kind == "入社時" and t.passed}
    asked = {w.no for w in group.workers if w.hired_on < AS_OF - timedelta(days=30)} | set(_touched(group))
    bad = {no for no in asked if _works(group, no)} - onboarded
    assert {plan.person(no) for no in bad} == _planned(plan, "HUM-02", "onboarding")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_people_are_onboarded_late_or_not_before_they_touched_personal_data(seed: int) -> None:
    group, plan = world(seed)
    touched, done = _touched(group), _onboarded(group)
    bad = {
        (plan.person(w.no), done[w.no])
        for w in group.workers
        if w.no in done
        and done[w.no] >= max(w.hired_on, SINCE)
        and (done[w.no] > w.hired_on + timedelta(days=30) or done[w.no] >= touched.get(w.no, OPEN_END))
    }
    returned = {(plan.person(t.no), t.on) for t in group.training if t.kind == "復職"}
    told = [one for one in plan.planted if (one.control, one.aspect, one.near_miss) == ("HUM-02", "late", False)]
    assert bad == {(one.subject, one.day) for one in told} - returned


def _onboarded(group: Group) -> dict[str, date]:
    """The day on which each person passed the onboarding first."""
    passed = sorted((t for t in group.training if t.kind == "入社時" and t.passed), key=lambda t: t.on, reverse=True)
    return {t.no: t.on for t in passed}


def _touched(group: Group) -> dict[str, date]:
    """The first day on which each person touched personal data."""
    held = {row["db_id"] for row in group.rows("data_stores", holds_personal_data=True)}
    days: dict[tuple[str, str], set[date]] = defaultdict(set)
    for access in [a for a in group.access if a.store in held]:
        days[access.system, access.login].add(day_of(access.at))
    first: dict[str, date] = {}
    for owner in group.owners:
        own = {day for day in days[owner.system, owner.login] if owner.from_on <= day <= owner.to_on}
        first[owner.no] = min(own | {first.get(owner.no, OPEN_END)})
    return {no: day for no, day in first.items() if day < OPEN_END}


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_people_hold_a_role_without_its_course(seed: int) -> None:
    group, plan = world(seed)
    taken = {(t.no, t.course) for t in group.training if t.passed and (AS_OF - t.on).days <= 365}
    held = [
        (str(row["person_key"]), str(row["role"]))
        for row in group.rows("appointments")
        if row["role"] in ROLES and row["appointed_on"] <= AS_OF <= row["ends_on"]  # type: ignore[operator]
    ]
    bad = {plan.person(no) for no, role in held if _works(group, no) and (no, ROLES[role]) not in taken}
    assert bad == _planned(plan, "HUM-04", "role")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_people_are_over_the_days_of_the_pledge(seed: int) -> None:
    group, plan = world(seed)
    dispatched = {w.no for w in group.workers if w.kind == "派遣"}
    signed = {
        str(row["person_key"])
        for row in group.rows("acknowledgements")
        if row["versions_behind"] in (0, 1)
        and (row["kind"] == "pledged" or (row["kind"] == "agency_certified" and row["person_key"] in dispatched))
    }
    bad = {w.no for w in group.workers if w.hired_on < AS_OF - timedelta(days=7) and _works(group, w.no)} - signed
    assert {plan.person(no) for no in bad} == _planned(plan, "HUM-05", "pledge")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_leavers_keep_a_machine(seed: int) -> None:
    group, plan = world(seed)
    bad = set()
    for worker in [w for w in group.workers if w.company == "AOI" and w.left_on and not _works(group, w.no)]:
        kept = [d for d in group.devices.values() if d.owner == worker.no and d.status != "disposed"]
        if kept and worker.left_on and open_days_after(worker.left_on, 1) < AS_OF:
            bad.add(plan.engagement(worker))
    assert bad == _planned(plan, "HUM-06", "device")


def test_exits_cannot_be_judged_where_no_cards_are_told() -> None:
    plan = world(1)[1]
    assert [one.company for one in plan.planted if (one.control, one.subject) == ("HUM-06", UNVERIFIED)] == ["MID"]


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_business_days_lack_a_first_or_a_last_mark(seed: int) -> None:
    group, plan = world(seed)
    marks: dict[tuple[str, date], set[str]] = defaultdict(set)
    for entry in group.entries:
        if entry.result == "許可":
            marks[entry.zone, day_of(entry.at)].add(entry.mark)
    zones = [str(z["zone_id"]) for z in group.rows("zones") if z["class"] == "controlled" or z["reader_ids"]]
    bad = {(zone, day) for zone in zones for day in DAYS if is_open(day) and not {"最初", "最後"} <= marks[zone, day]}
    told = [one for one in plan.planted if one.aspect == "entries" and not one.near_miss]
    assert bad == {(one.subject, one.day) for one in told}


def test_the_tablet_hands_out_no_name_of_a_visitor(written: Path) -> None:
    told = []
    for path in (written / "home/inbox/visitors").iterdir():
        rows = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
        told += [(row["氏名記入"], row["所属記入"]) for row in rows]
    assert set(told) == {("○", "○")}
