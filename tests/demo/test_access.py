"""Rights, administrators and logins are clean but for what is planted: TEC-1 and TEC-2, a few done again here by hand."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from demo.days import AS_OF, DAYS, OPEN_END, at, is_open
from demo.decided import SETTINGS
from demo.group import Group, day_of
from demo.plan import Plan
from tests.demo.conftest import SEEDS, world

CONTROLS = ("TEC-1-01", "TEC-1-02", "TEC-1-04", "TEC-1-05", "TEC-1-06", "TEC-2-02", "TEC-2-03", "TEC-2-04")
BASELINE = {"password_min_length": range(12, 99), "lock_after": range(1, 11), "idle_minutes": range(1, 31)}


def _planned(plan: Plan, control: str) -> set[tuple[str, str | None, date | None]]:
    return {(one.subject, one.aspect, one.day) for one in plan.planted if one.control == control and not one.near_miss}


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("seed", SEEDS)
def test_each_has_three_faults_and_three_near_misses(seed: int, control: str) -> None:
    told = Counter(one.near_miss for one in world(seed)[1].planted if one.control == control)
    assert min(told[True], told[False]) >= 3


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_rights_quote_no_approval_of_an_owner(seed: int) -> None:
    group, plan = world(seed)
    approvals = {str(row["approval_id"]): row for row in group.rows("approvals", kind="entitlement")}
    personal = {row["system_id"]: row["owner_key"] for row in group.rows("systems", holds_personal_data=True)}
    trusted = {row["person_key"]: row["appointed_on"] for row in group.rows("appointments", role="data_owner")}
    bad = set()
    for right in [r for r in group.rights if r.enabled and r.system in personal and r.removed_on is None]:
        account, given = group.accounts[right.system, right.login], approvals.get(right.approval or "")
        by, day = (given["approved_by"], day_of(given["approved_at"])) if given else (None, AS_OF)  # type: ignore[arg-type]
        owner = by == personal[right.system] or trusted.get(by, OPEN_END) <= day  # type: ignore[operator]
        if account.enabled and not owner:
            key = plan.keys.mint(
                "entitlement", right.system, right.login, f"{right.store or right.system}:{right.name}"
            )
            bad.add((key, None, None))
    assert bad and bad <= _planned(plan, "TEC-1-01")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_systems_were_not_reviewed_by_their_owner_within_ninety_days(seed: int) -> None:
    group, plan = world(seed)
    live = [row for row in group.rows("systems", holds_personal_data=True) if (row["retired_on"] or AS_OF) >= AS_OF]  # type: ignore[operator]
    bad = {
        (row["system_id"], "review", None)
        for row in live
        if not any(
            review["reviewed_by"] == row["owner_key"]
            and review["items_decided"] == review["items_total"]
            and review["reviewed_on"] >= AS_OF - timedelta(days=90)  # type: ignore[operator]
            for review in group.rows("reviews", kind="entitlement", scope_id=row["system_id"])
        )
    }
    assert bad and bad <= _planned(plan, "TEC-1-02")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_accounts_are_used_as_privileged_without_a_ticket(seed: int) -> None:
    group, plan = world(seed)
    tickets = {str(row["approval_id"]): row for row in group.rows("approvals", kind="ticket")}
    bad = set()
    for access in group.access:
        account = group.accounts.get((access.system, access.login))
        if account is None or account.kind != "特権":
            continue
        given = tickets.get(access.ticket or "")
        if given is None or not given["valid_from_at"] <= access.at <= given["valid_to_at"]:  # type: ignore[operator]
            bad.add((plan.account(access.system, access.login), "use", day_of(access.at)))
    assert bad and bad <= _planned(plan, "TEC-1-05")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_systems_have_more_than_five_privileged_accounts(seed: int) -> None:
    group, plan = world(seed)
    counted = Counter(system for (system, _), account in group.accounts.items() if account.kind == "特権")
    many = {(system, "count", None) for system, count in counted.items() if count > 5}
    assert many and many <= _planned(plan, "TEC-1-05")


@pytest.mark.parametrize("seed", SEEDS)
def test_administrators_work_every_week_in_both_companies(seed: int) -> None:
    group, _ = world(seed)
    used = {day_of(a.at) for a in group.access if a.action == "admin" and a.system in ("SYS-CRM", "SYS-SUP")}
    assert {day for day in DAYS if day.weekday() == 1 and is_open(day)} <= used


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_logins_show_no_second_factor(seed: int) -> None:
    group, plan = world(seed)
    bad = {
        (plan.account(a.system, a.login), "login", day_of(a.at))
        for a in group.access
        if a.action == "login_ok" and not a.mfa
    }
    assert bad and bad <= _planned(plan, "TEC-2-02")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_settings_are_below_the_baseline(seed: int) -> None:
    group, plan = world(seed)
    bad = {
        (one.system, f"setting:{one.name}", None)
        for one in group.settings
        if one.part == "auth"
        and (one.value != "true" if one.name == "reuse_blocked" else one.number not in BASELINE[one.name])
    }
    assert bad == _planned(plan, "TEC-2-03")


@pytest.mark.parametrize("seed", SEEDS)
def test_every_system_tells_each_setting_once(seed: int) -> None:
    group, _ = world(seed)
    told = Counter((one.system, one.name) for one in group.settings if one.part == "auth")
    assert told == Counter((str(row["system_id"]), name) for row in group.rows("systems") for name in SETTINGS)


def _present(group: Group) -> dict[str, list[tuple[object, object]]]:
    """When each person was in the office: from each pass inwards to the next outwards."""
    stays: dict[str, list[tuple[object, object]]] = defaultdict(list)
    since: dict[str, object] = {}
    for entry in sorted(group.passes, key=lambda e: e.at):
        if entry.direction == "入":
            since[entry.no] = entry.at
        elif entry.no in since:
            stays[entry.no].append((since.pop(entry.no), entry.at))
    for no, first in since.items():
        stays[no].append((first, at(AS_OF, 24)))
    return stays


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_people_log_in_without_having_come_in_or_a_permit(seed: int) -> None:
    group, plan = world(seed)
    stays, owners = _present(group), defaultdict(list)
    for owner in group.owners:
        owners[owner.system, owner.login].append(owner)
    bad = set()
    for access in [a for a in group.access if a.action == "login_ok"]:
        day = day_of(access.at)
        for owner in [o for o in owners[access.system, access.login] if o.from_on <= day <= o.to_on]:
            permits = group.rows("approvals", kind="remote_work", person_key=owner.no)
            allowed = any(row["valid_from_at"] <= access.at <= row["valid_to_at"] for row in permits)  # type: ignore[operator]
            if not allowed and not any(first <= access.at <= last for first, last in stays[owner.no]):  # type: ignore[operator]
                bad.add((plan.account(access.system, access.login), None, day))
    assert bad and bad <= _planned(plan, "TEC-2-04")
