"""Posts, reporting lines and rights are clean but for what is planted: ORG-1 done again here by hand over the same values."""

from collections import Counter, defaultdict
from datetime import date

import pytest

from demo.days import AS_OF
from demo.group import COMPANIES, Group
from demo.plan import Plan
from tests.demo.conftest import SEEDS, world

ORG_1 = ("ORG-1-01", "ORG-1-03", "ORG-1-04")


def _planned(plan: Plan, control: str) -> set[tuple[str, str | None]]:
    return {(one.subject, one.aspect) for one in plan.planted if one.control == control and not one.near_miss}


def _pairs(group: Group, plan: Plan) -> dict[tuple[str, str | None], bool]:
    """Person and store: whether the person is at work, in a group that an approved entry of the store names."""
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    for owner in group.owners:
        if owner.from_on <= AS_OF <= owner.to_on:
            owners[owner.system, owner.login].append(owner.no)
    live = [right for right in group.rights if right.enabled and (right.removed_on or date.max) > AS_OF]
    held = [(no, right) for right in live for no in owners[right.system, right.login]]
    at_work = {w.no for w in group.workers if w.hired_on <= AS_OF <= (w.left_on or date.max)}
    groups: dict[str, set[str | None]] = defaultdict(set)
    for no, right in held:
        groups[no].add(right.group)
    allowed: dict[str | None, set[object]] = defaultdict(set)
    for entry in group.rows("book_entries", status="approved"):
        for store in entry["db_ids"]:  # type: ignore[union-attr]
            allowed[store].add(entry["access_group"])
    personal = {row["db_id"] for row in group.rows("data_stores", holds_personal_data=True)}
    return {
        (plan.person(no), f"store:{right.store}"): no in at_work and bool(groups[no] & allowed[right.store])
        for no, right in held
        if right.store in personal
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_people_reach_a_store_without_being_its_handlers(seed: int) -> None:
    group, plan = world(seed)
    assert {pair for pair, conforms in _pairs(group, plan).items() if not conforms} == _planned(plan, "ORG-1-03")


@pytest.mark.parametrize("seed", SEEDS)
def test_whoever_reads_a_store_in_everyday_work_holds_a_right_on_it(seed: int) -> None:
    group, _ = world(seed)
    granted = {(right.system, right.login, right.store) for right in group.rights}
    personal = {key for key, account in group.accounts.items() if account.kind == "個人"}
    used = {(a.system, a.login, a.store) for a in group.access if a.store in group.hosts[a.system].stores}
    assert {one for one in used if one[:2] in personal} <= granted


@pytest.mark.parametrize("control", ORG_1)
@pytest.mark.parametrize("seed", SEEDS)
def test_each_has_three_faults_and_three_near_misses(seed: int, control: str) -> None:
    told = Counter(one.near_miss for one in world(seed)[1].planted if one.control == control)
    assert min(told[True], told[False]) >= 3


@pytest.mark.parametrize("company", COMPANIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_posts_are_not_held_by_one_person_named_by_the_representative(seed: int, company: str) -> None:
    group, plan = world(seed)
    top = group.row("companies", company=company)["representative_key"]
    bad = set()
    for post in ("cpo", "audit_officer"):
        held = [
            row
            for row in group.rows("appointments", company=company, role=post)
            if row["appointed_on"] <= AS_OF <= row["ends_on"]  # type: ignore[operator]
        ]
        if len(held) != 1 or held[0]["appointed_by"] != top:
            bad.add((company, post))
    assert bad == {one for one in _planned(plan, "ORG-1-01") if one[0] == company and one[1] != "separation"}
