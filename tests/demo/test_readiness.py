"""Leaks are met in time but for what is planted: ORG-4 done again here by hand over the same values."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from demo.days import AS_OF, JST, SINCE, is_open
from demo.group import COMPANIES, Group
from demo.plan import Plan
from demo.readiness import NOTICE_ITEMS, PLAN, PLAN_ITEMS
from tests.demo.conftest import SEEDS, world

ORG_4 = ("ORG-4-01", "ORG-4-02", "ORG-4-03", "ORG-4-04", "ORG-4-05")
Incident = dict[str, Any]
UNTIL = datetime.combine(AS_OF + timedelta(days=1), datetime.min.time(), JST)


def _planned(plan: Plan, control: str, aspect: str | None = None) -> set[str]:
    told = [one for one in plan.planted if one.control == control and not one.near_miss]
    return {one.subject for one in told if aspect in (None, one.aspect)}


def _open(group: Group) -> list[Incident]:
    return [one for one in group.rows("incidents") if one["closed_on"] is None or one["closed_on"] >= SINCE]  # type: ignore[operator]


def _not_judged(group: Group, one: Incident) -> bool:
    told, judged = one["detected_at"] + timedelta(hours=24), one["detected_at"] + timedelta(hours=48)
    grounds = {one[name] for name in ("special_care", "property_damage", "wrongful_purpose", "over_1000", "encrypted")}
    if told < UNTIL and not (one["reported_to_owner_at"] and one["reported_to_owner_at"] <= told):
        return True
    if judged >= UNTIL:
        return False
    if one["judged_at"] is None or one["judged_at"] > judged or None in (one["persons_max"], one["reportable"]):
        return True
    officers = [
        row["person_key"]
        for row in group.rows("appointments", company=one["company"], role="cpo")
        if row["appointed_on"] <= one["judged_at"].astimezone(JST).date() <= row["ends_on"]
    ]
    return "unknown" in grounds or one["judged_by"] not in officers


def _preliminary_late(_: Group, one: Incident) -> bool:
    due = one["known_on"] + timedelta(days=4)
    return bool(one["reportable"]) and due < (one["preliminary_on"] or AS_OF)


def _final_late(_: Group, one: Incident) -> bool:
    if not (one["reportable"] or one["privacy_mark_report"]):
        return False
    due: date = one["known_on"] + timedelta(days=59 if one["wrongful_purpose"] == "yes" else 29)
    while not is_open(due):
        due += timedelta(days=1)
    incomplete = one["final_on"] and one["final_items_missing"] and not one["follow_up_task"]
    return bool(due < (one["final_on"] or AS_OF) or incomplete)


def _individuals_untold(_: Group, one: Incident) -> bool:
    told = one["individuals_notified_on"] is not None and set(one["notice_items"]) >= set(NOTICE_ITEMS)
    return bool(one["reportable"]) and not (told or one["alternative_measure"])


def _entruster_untold(_: Group, one: Incident) -> bool:
    due = one["known_on"] + timedelta(days=4)
    return bool(one["as_processor"]) and due < (one["entrusting_party_notified_on"] or AS_OF)


CLOCKS = [
    pytest.param("ORG-4-02", None, _not_judged, id="told and judged"),
    pytest.param("ORG-4-03", None, _preliminary_late, id="reported preliminarily"),
    pytest.param("ORG-4-04", None, _final_late, id="reported finally"),
    pytest.param("ORG-4-05", "individuals", _individuals_untold, id="individuals told"),
    pytest.param("ORG-4-05", "entrusting_party", _entruster_untold, id="entrusting party told"),
]


@pytest.mark.parametrize(("control", "aspect", "missed"), CLOCKS)
@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_incidents_miss_their_clock(
    seed: int, control: str, aspect: str | None, missed: Callable[[Group, Incident], bool]
) -> None:
    group, plan = world(seed)
    found = {str(one["incident_id"]) for one in _open(group) if missed(group, one)}
    assert found == _planned(plan, control, aspect)


@pytest.mark.parametrize("company", COMPANIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_only_the_planted_plan_lacks_an_item(seed: int, company: str) -> None:
    group, plan = world(seed)
    told = group.rows("document_elements", company=company, document_code=PLAN, document_version="3.0")
    lacking = set(PLAN_ITEMS) - {str(row["element"]) for row in told if row["confirmed_by"]}
    assert bool(lacking) is (company in _planned(plan, "ORG-4-01", "plan"))


@pytest.mark.parametrize("company", COMPANIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_drills_are_old_or_taught_nothing_that_was_followed(seed: int, company: str) -> None:
    group, plan = world(seed)
    [drill] = group.rows("exercises", company=company, kind="breach_drill")
    known = {row["finding_id"] for row in group.rows("findings", company=company)}
    old = drill["performed_on"] < AS_OF - timedelta(days=365)  # type: ignore[operator]
    lost = not drill["finding_ids"] or not set(drill["finding_ids"]) <= known  # type: ignore[arg-type]
    wanted = tuple(company in _planned(plan, "ORG-4-01", aspect) for aspect in ("drill", "lessons"))
    assert (old, lost) == wanted


@pytest.mark.parametrize("control", ORG_4)
@pytest.mark.parametrize("seed", SEEDS)
def test_each_has_three_faults_and_three_near_misses(seed: int, control: str) -> None:
    told = Counter(one.near_miss for one in world(seed)[1].planted if one.control == control)
    assert min(told[True], told[False]) >= 3
