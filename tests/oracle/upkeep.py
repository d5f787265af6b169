"""ORG-3-01 and ORG-3-03: whether every department answered, and whether what it wrote is looked at again (domain.md §1.5)."""

from datetime import date

from evidence.period import Period
from tests.oracle.predicates import Facts, Marks, Parameters, Row, day_of, days, entries_in_force, in_period, within

TOUCHING = ("system_change", "system_release", "vendor_change", "purpose_change")


def org_3_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀dept in scope: ≥1 active entry, or a signed nil return of at most 365 days that still holds."""
    entered = {(e["company"], e["department"]) for e in entries_in_force(facts)}
    return {
        (unit["company"], unit["department"], None, None): (unit["company"], unit["department"]) in entered
        or _answers(facts, unit, period, parameters)[-1:] == ["nil"]
        for unit in facts["org_units"]
        if unit["in_scope"]
    }


def _answers(facts: Facts, unit: Row, period: Period, parameters: Parameters) -> list[str]:
    """What a department answered and stands by, the newest last."""
    about = ("ORG-3-01", "department", unit["department"], unit["company"])
    first = period.as_of - days(parameters["nil_days"])
    given = [
        (a["answered_at"], a["answer"])
        for a in facts["attestations"]
        if (a["control_id"], a["subject_kind"], a["subject"], a["company"]) == about
        and within(day_of(a["answered_at"], period), first, period.as_of)
        and a["expires_on"] >= period.as_of
    ]
    return [answer for _, answer in sorted(given)]


def org_3_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀active entry: confirmed within 365 days by its manager, approved by the privacy officer, again after changes.

    A change is waited for until its 30th day; what is confirmed again later is late on that day (§8.8).
    """
    marks: Marks = {}
    for entry in entries_in_force(facts):
        company, key, confirmed = entry["company"], entry["entry_id"], entry["confirmed_on"]
        changed = _changed(facts, entry, period)
        limit = days(parameters["change_days"])
        marks[company, key, "confirmation", None] = (
            within(confirmed, period.as_of - days(parameters["confirm_days"]), period.as_of)
            and _held(facts, entry, "dept_privacy_manager", entry["department"], entry["confirmed_by"], confirmed)
            and _held(facts, entry, "cpo", None, entry["approved_by"], entry["approved_on"])
            and all(within(confirmed, day, period.as_of) or period.as_of <= day + limit for day in changed)
        )
        for day in changed:
            again = _again(facts, entry, day)
            if again and in_period(again, period):
                in_time = again <= day + limit and marks.get((company, key, "late", again), True)
                marks[company, key, "late", again] = in_time
    return marks


def _changed(facts: Facts, entry: Row, period: Period) -> list[date]:
    """The days on which a system, vendor or purpose of an entry changed; systems and vendors are the whole group's."""
    things = {*entry["system_ids"], *entry["vendor_ids"]}
    return [
        k["effective_on"]
        for k in facts["changes"]
        if k["kind"] in TOUCHING
        and k["effective_on"] <= period.as_of
        and not (things | set(entry["purposes"] if k["company"] == entry["company"] else ())).isdisjoint(k["affects"])
    ]


def _held(facts: Facts, entry: Row, role: str, department: str | None, person: str | None, day: date | None) -> bool:
    """Whether a person held a post of the entry's company on a day."""
    return any(
        (a["company"], a["role"], a["department"], a["person_key"]) == (entry["company"], role, department, person)
        and within(day, a["appointed_on"], a["ends_on"])
        for a in facts["appointments"]
    )


def _again(facts: Facts, entry: Row, changed_on: date) -> date | None:
    """When an entry that is known to have been confirmed before a change was first confirmed after it."""
    confirmed = {
        past["confirmed_on"]
        for past in facts["book_entries_history"]
        if past["entry_id"] == entry["entry_id"] and past["confirmed_on"] is not None
    }
    after = [day for day in confirmed if day >= changed_on]
    return min(after) if after and min(confirmed) < changed_on else None
