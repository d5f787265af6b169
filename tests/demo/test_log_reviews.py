"""Log reviews and outputs are in order but for what is planted: ORG-2-03 and ORG-2-04 done again here by hand."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from demo.days import AS_OF, SINCE, open_days_after
from demo.group import Group, day_of
from demo.plan import Plan
from demo.values import Access
from tests.demo.conftest import SEEDS, world

MONTH_ENDS = (date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28))
WEEK = timedelta(days=7)


def _planned(plan: Plan, control: str, aspect: str | None = None) -> set[tuple[str, date | None]]:
    return {
        (one.subject, one.day)
        for one in plan.planted
        if (one.control, one.aspect, one.near_miss) == (control, aspect, False)
    }


def _administers(group: Group, no: object, system: object, day: Any) -> bool:
    return any(row["appointed_on"] <= day <= row["ends_on"] for row in _posts(group, no, system))


def _posts(group: Group, no: object, system: object) -> list[dict[str, Any]]:
    return list(group.rows("appointments", role="system_admin", scope_id=system, person_key=no))  # type: ignore[arg-type]


def _reviewed(group: Group, system: object, ends: date) -> date | None:
    """The day of the first sound review of a month."""
    days = []
    for row in group.rows("reviews", kind="log", scope_id=system, period=f"{ends:%Y-%m}"):  # type: ignore[arg-type]
        told: dict[str, Any] = dict(row)
        whole = told["success_count"] is not None and told["failure_count"] is not None
        day = told["reviewed_on"]
        if (
            whole
            and ends < day <= AS_OF
            and told["anomalies_disposed"] >= told["anomalies"]
            and not _administers(group, told["reviewed_by"], system, day)
        ):
            days.append(day)
    return min(days, default=None)


def _months_due(group: Group) -> Iterator[tuple[str, date, date | None]]:
    """The systems that hold personal data, the last day for a month's review, and the day on which it was done."""
    for row in group.rows("systems", holds_personal_data=True):
        told: dict[str, Any] = dict(row)
        for ends in MONTH_ENDS:
            lived = told["went_live_on"] <= ends and (told["retired_on"] or date.max) > ends.replace(day=1)
            due = open_days_after(ends, 10)
            if lived and SINCE <= due <= AS_OF:
                yield told["system_id"], due, _reviewed(group, told["system_id"], ends)


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_systems_were_not_reviewed_by_somebody_else(seed: int) -> None:
    group, plan = world(seed)
    bad = {(system, None) for system, due, done in _months_due(group) if done is None and due < AS_OF}
    assert bad == _planned(plan, "ORG-2-03", "review")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_reviews_were_late(seed: int) -> None:
    group, plan = world(seed)
    bad = {(system, done) for system, due, done in _months_due(group) if done is not None and done > due}
    assert bad == _planned(plan, "ORG-2-03", "late")


def _covers(row: dict[str, Any], access: Access, no: str | None) -> bool:
    return (
        row["person_key"] == no
        and row["approved_by"] != no
        and access.store in row["scope_ids"]
        and row["purpose"] == access.purpose
        and (row["max_rows"] is None or row["max_rows"] >= (access.rows or 0))
        and timedelta() <= access.at - row["approved_at"] <= WEEK
        and row["valid_from_at"] <= access.at <= row["valid_to_at"]
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_outputs_were_not_approved(seed: int) -> None:
    group, plan = world(seed)
    special = {row["db_id"] for row in group.rows("data_stores", special_care=True)}
    approvals: list[dict[str, Any]] = list(group.rows("approvals", kind="bulk_output", status="approved"))
    owners = {(owner.system, owner.login): owner.no for owner in group.owners if owner.login.startswith("u")}
    asked = [
        access
        for access in group.access
        if access.action in ("export", "print") and access.result != "denied"
        if (access.rows or 0) >= (1 if access.store in special else 1000)
    ]
    bad = {
        (access.id, day_of(access.at))
        for access in asked
        if not any(_covers(row, access, owners.get((access.system, access.login))) for row in approvals)
    }
    assert bad == _planned(plan, "ORG-2-04")
