"""The world is clean but for what is planted: a few controls, done again here by hand over the same values."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pytest

from demo.days import AS_OF, DAYS
from demo.group import Group, day_of
from demo.plan import Plan
from demo.values import Access, Device
from evidence.datasets import catalogue
from tests.demo.conftest import SEEDS, world

GRACE = timedelta(hours=2)
REQUIRED = (
    "process",
    "name",
    "subject_kinds",
    "items",
    "volume",
    "volume_on",
    "purposes",
    "acquisition",
    "notice_ref",
    "countries",
    "protection",
    "owner_key",
    "access_group",
    "retention_start",
    "retention_months",
    "disposal",
    "foreign_route",
    "received",
    "author_key",
    "department_approved_by",
    "department_approved_on",
    "approved_by",
    "approved_on",
    "confirmed_on",
    "next_due_on",
)


def _planned(plan: Plan, control: str) -> set[str]:
    return {one.subject for one in plan.planted if one.control == control and not one.near_miss}


def _owner(group: Group) -> dict[tuple[str, str], list[tuple[date, date, str]]]:
    owners: dict[tuple[str, str], list[tuple[date, date, str]]] = defaultdict(list)
    for owner in group.owners:
        owners[owner.system, owner.login].append((owner.from_on, owner.to_on, owner.no))
    return owners


def _personal(group: Group) -> list[tuple[Access, str]]:
    """Accesses to personal data with the person behind the account that day."""
    held = {str(row["db_id"]) for row in group.rows("data_stores", holds_personal_data=True)}
    owners = _owner(group)
    told = []
    for access in group.access:
        if access.store in held:
            day = day_of(access.at)
            told += [(access, no) for first, last, no in owners[access.system, access.login] if first <= day <= last]
    return told


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_people_access_without_training(seed: int) -> None:
    group, plan = world(seed)
    approved = {(row["course"], row["content_version"]): row["approved_to_on"] for row in group.rows("courses")}
    good: dict[str, list[date]] = defaultdict(list)
    for training in group.training:
        if training.passed and training.on <= approved[training.course, training.version]:  # type: ignore[operator]
            good[training.no].append(training.on)
    bad = {
        plan.person(no)
        for access, no in _personal(group)
        if not any(0 <= (day_of(access.at) - on).days <= 365 for on in good[no])
    }
    assert bad and bad <= _planned(plan, "HUM-03")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_accounts_are_used_outside_working_hours(seed: int) -> None:
    group, plan = world(seed)
    shifts = defaultdict(list)
    for shift in group.shifts:
        shifts[shift.no].append((shift.starts_at - GRACE, shift.ends_at + GRACE))
    away: set[tuple[str, date]] = set()
    for leave in group.leaves:
        away |= {(leave.no, day) for day in DAYS if leave.from_on <= day <= leave.to_on}
    bad = {
        plan.account(access.system, access.login)
        for access, no in _personal(group)
        if (no, day_of(access.at)) in away or not any(first <= access.at <= last for first, last in shifts[no])
    }
    assert bad and bad <= _planned(plan, "ORG-2-05")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_accounts_lack_a_valid_ticket(seed: int) -> None:
    group, plan = world(seed)
    tickets = {str(row["approval_id"]): row for row in group.rows("approvals", kind="ticket", status="approved")}
    bad = set()
    for access, no in _personal(group):
        if not group.hosts[access.system].tickets:
            continue
        row = tickets.get(access.ticket or "")
        if not row or row["person_key"] != no or not row["valid_from_at"] <= access.at < row["valid_to_at"]:  # type: ignore[operator]
            bad.add(plan.account(access.system, access.login))
    assert len(bad) == 3 and bad <= _planned(plan, "ORG-2-05")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_machines_are_strangers(seed: int) -> None:
    group, plan = world(seed)
    known: dict[str, Device] = {}
    for device in group.devices.values():
        known |= {plan.device(name): device for name in device.hosts}
    used = [(plan.device(a.host), a.at) for a in group.access if a.host]
    used += [(plan.device(s.host), s.at) for s in group.signals if s.host]
    bad = set()
    for key, moment in used:
        found = known.get(key)
        changed = found and found.changed_at
        if found is None or (found.status not in ("in_use", "carried") and changed and moment >= changed):
            bad.add(key)
    assert bad and bad <= _planned(plan, "PHY-2-02")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_accounts_belong_to_nobody_who_works_here(seed: int) -> None:
    group, plan = world(seed)
    owners = _owner(group)
    bad = set()
    for (system, login), account in group.accounts.items():
        if not account.enabled or account.kind in ("共有", "サービス"):
            continue
        today = [no for first, last, no in owners[system, login] if first <= AS_OF <= last]
        if not any(_works(group, no, AS_OF) for no in today):
            bad.add(plan.account(system, login))
    for access in group.access:
        day = day_of(access.at)
        used = group.accounts.get((access.system, access.login))
        that_day = [no for first, last, no in owners[access.system, access.login] if first <= day <= last]
        if used is None or (used.kind == "個人" and not any(_works(group, no, day) for no in that_day)):
            bad.add(plan.account(access.system, access.login))
    assert bad and bad <= _planned(plan, "TEC-2-01")


def _works(group: Group, no: str, day: date) -> bool:
    return any(w.no == no and w.hired_on <= day and (w.left_on is None or day <= w.left_on) for w in group.workers)


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_accounts_take_more_than_five_thousand_rows_a_day(seed: int) -> None:
    group, plan = world(seed)
    rows: dict[tuple[str, str, date], int] = defaultdict(int)
    for access in group.access:
        rows[access.system, access.login, day_of(access.at)] += access.rows or 0
    much = {plan.account(system, login) for (system, login, _), count in rows.items() if count > 5000}
    spared = {one.subject for one in plan.planted if one.control == "TEC-4-04" and one.near_miss}
    assert much <= _planned(plan, "TEC-4-04") | spared


@pytest.mark.parametrize("seed", SEEDS)
def test_every_person_named_in_a_register_is_in_the_roster(seed: int) -> None:
    group, _ = world(seed)
    known = {worker.no for worker in group.workers}
    named = {
        str(value)
        for rows in group.registers.values()
        for row in rows
        for column, value in row.items()
        if value and (column.endswith("_by") or column in ("person_key", "owner_key", "carrier_key", "author_key"))
    }
    assert named <= known


@pytest.mark.parametrize("seed", SEEDS)
def test_every_log_day_is_reported_once_but_for_the_planted_holes(seed: int) -> None:
    group, _ = world(seed)
    missing = {
        (host.system, day)
        for host in group.hosts.values()
        if host.source
        for day in DAYS
        if not any(s.system == host.system and day_of(s.starts_at) == day for s in group.segments)
    }
    assert missing == {("SYS-MHR", date(2026, 3, 10)), ("SYS-MHR", date(2026, 3, 11)), ("SYS-ATS", date(2026, 2, 7))}


@pytest.mark.parametrize("seed", SEEDS)
def test_keys_of_registers_are_unique(seed: int) -> None:
    group, _ = world(seed)
    for register, rows in group.registers.items():
        keys = [tuple(row[name] for name in catalogue()[register].key) for row in rows]
        assert len(keys) == len(set(keys)), register


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_has_the_same_shift_twice(seed: int) -> None:
    group, _ = world(seed)
    keys = [(s.company, s.no, s.on, s.kind, s.starts_at) for s in group.shifts]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_entries_leave_a_required_cell_empty(seed: int) -> None:
    group, plan = world(seed)
    bad = {
        str(row["entry_id"])
        for row in group.rows("book_entries", status="approved")
        if any(row[column] in (None, ()) for column in REQUIRED)
        or not (row["system_ids"] or row["zone_ids"])
        or (row["special_care"] and not row["special_care_kinds"])
        or not (row["dsar_scope"] or row["dsar_exclusion_reason"])
        or (row["legal_class"] == "entrusted" and not (row["entruster"] and row["entruster_contact"]))
    }
    planted = {p.subject for p in plan.planted if p.control == "ORG-3-02" and p.kind in ("BK-01", "BK-03")}
    assert bad and bad <= planted


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_findings_come_back_within_a_year(seed: int) -> None:
    group, plan = world(seed)
    raised: dict[tuple[object, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in group.rows("findings"):
        if row["control_id"]:
            raised[row["company"], row["department"], row["control_id"]].append(row)
    bad = {
        str(first["finding_id"])
        for rows in raised.values()
        for first in rows
        for again in rows
        if again["raised_on"] > first["raised_on"] and (again["raised_on"] - first["completed_on"]).days <= 365
    }
    assert bad == {p.subject for p in plan.planted if p.kind == "came back after 190 days"}
