"""Departments are checked and audited but for what is planted: ORG-5 done again here by hand over the same values."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import pytest

from demo.days import AS_OF, SINCE
from demo.group import COMPANIES, Group
from demo.oversight import INPUTS, MEASURES, YEAR, asked
from demo.plan import Plan
from tests.demo.conftest import SEEDS, world

ORG_5 = ("ORG-5-01", "ORG-5-03", "ORG-5-05")
Row = dict[str, Any]


def _planned(plan: Plan, control: str, aspect: str) -> set[str]:
    told = [one for one in plan.planted if one.control == control and one.aspect == aspect]
    return {one.subject for one in told if not one.near_miss}


def _approved(group: Group, row: Row) -> bool:
    return row["answer"] is not None and any(
        post["appointed_on"] <= row["approved_on"] <= post["ends_on"]
        for post in group.rows("appointments", department=row["department"], role="dept_privacy_manager")
        if row["approved_on"] and post["person_key"] == row["approved_by"]
    )


def _year(group: Group) -> list[Row]:
    return list(group.rows("audit_assignments", fiscal_year=YEAR))


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_departments_owe_an_item(seed: int) -> None:
    group, plan = world(seed)
    wanted: dict[str, set[tuple[Any, Any]]] = defaultdict(set)
    held: dict[object, set[tuple[Any, Any]]] = defaultdict(set)
    bad: set[object] = set()
    for row in group.rows("self_check_items"):
        if row["due_on"] >= AS_OF:  # type: ignore[operator]
            continue
        held[row["department"]].add((row["cycle"], row["item"]))
        if row["due_on"] >= SINCE:  # type: ignore[operator]
            wanted[str(row["company"])].add((row["cycle"], row["item"]))
        if not _approved(group, row):
            bad.add(row["department"])
    bad |= {unit.code for unit in asked(group) if wanted[unit.company] - held[unit.code]}
    assert bad == _planned(plan, "ORG-5-01", "self_check")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_approvals_came_late(seed: int) -> None:
    group, plan = world(seed)
    late = {
        row["department"]
        for row in group.rows("self_check_items")
        if row["approved_on"] and row["approved_on"] > row["due_on"]  # type: ignore[operator]
    }
    assert late == _planned(plan, "ORG-5-01", "late")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_departments_are_not_audited_for_every_measure(seed: int) -> None:
    group, plan = world(seed)
    covered: dict[object, set[object]] = defaultdict(set)
    for row in _year(group):
        if row["performed_on"] or row["planned_on"] >= AS_OF:
            covered[row["department"]].add(row["measure"])
    assert {unit.code for unit in asked(group) if set(MEASURES) - covered[unit.code]} == _planned(
        plan, "ORG-5-03", "coverage"
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_auditors_belong_to_whom_they_audit_or_declared_nothing(seed: int) -> None:
    group, plan = world(seed)
    bad = set()
    for row in _year(group):
        day: date = row["performed_on"] or row["planned_on"]
        posts = [p.department for p in group.postings if p.no == row["auditor_key"] and p.from_on <= day <= p.to_on]
        declared = row["independence_declared"] or row["performed_on"] is None
        if row["auditor_key"] and (not posts or row["department"] in posts or not declared):
            bad.add(row["assignment_id"])
    assert bad == _planned(plan, "ORG-5-03", "independence")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_external_audits_fell_out(seed: int) -> None:
    group, plan = world(seed)
    missed = {
        row["assignment_id"]
        for row in _year(group)
        if row["external"] and row["performed_on"] is None and row["planned_on"] < AS_OF
    }
    assert missed == _planned(plan, "ORG-5-03", "external")


@pytest.mark.parametrize("company", COMPANIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_reviews_are_old_unsigned_incomplete_or_not_followed(seed: int, company: str) -> None:
    group, plan = world(seed)
    top = group.row("companies", company=company)["representative_key"]
    first = AS_OF - timedelta(days=365)
    newest: Row = max(group.rows("management_reviews", company=company), key=lambda row: str(row["held_on"]))
    bad = {
        "review": newest["signed_by"] != top or newest["held_on"] < first,
        "inputs": not set(newest["inputs"]) >= set(INPUTS),
        "decisions": newest["decisions_tracked"] < newest["decisions"],
    }
    assert bad == {aspect: company in _planned(plan, "ORG-5-05", aspect) for aspect in bad}


@pytest.mark.parametrize("control", ORG_5)
@pytest.mark.parametrize("seed", SEEDS)
def test_each_has_three_faults_and_three_near_misses(seed: int, control: str) -> None:
    told = Counter(one.near_miss for one in world(seed)[1].planted if one.control == control)
    assert min(told[True], told[False]) >= 3
