"""ORG-3-01, -03, -05 and -06: how the book is kept up, by department and entry (domain.md §1.5)."""

from calendar import monthrange
from datetime import date

from evidence.period import Period
from tests.oracle.predicates import (
    Facts,
    Marks,
    Parameters,
    Row,
    day_of,
    days,
    entries_in_force,
    in_period,
    standing,
    within,
)

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
        company, key, told = entry["company"], entry["entry_id"], _confirmations(facts, entry, period.as_of)
        confirmed = max(told, default=None)
        confirmer = told[confirmed]["confirmed_by"] if confirmed is not None else None
        changed = _changed(facts, entry, period)
        limit = days(parameters["change_days"])
        marks[company, key, "confirmation", None] = (
            within(confirmed, period.as_of - days(parameters["confirm_days"]), period.as_of)
            and _held(facts, entry, "dept_privacy_manager", entry["department"], confirmer, confirmed)
            and _held(facts, entry, "cpo", None, entry["approved_by"], entry["approved_on"])
            and all(within(confirmed, day, period.as_of) or period.as_of <= day + limit for day in changed)
        )
        for day in changed:
            again = _again(facts, entry, day, period.as_of)
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


def _confirmations(facts: Facts, entry: Row, last: date) -> dict[date, Row]:
    """When a version of an entry was confirmed, until a day; what happens later does not undo it."""
    version = (entry["entry_id"], entry["entry_version"])
    mine = (one for one in facts["book_entries_history"] if (one["entry_id"], one["entry_version"]) == version)
    return standing(mine, "confirmed_on", last)


def _again(facts: Facts, entry: Row, changed_on: date, last: date) -> date | None:
    """When an entry that is known to have been confirmed before a change was first confirmed after it."""
    versions = {
        past["entry_version"]: past for past in facts["book_entries_history"] if past["entry_id"] == entry["entry_id"]
    }
    confirmed = {day for version in versions.values() for day in _confirmations(facts, version, last)}
    after = [day for day in confirmed if day >= changed_on]
    return min(after) if after and min(confirmed) < changed_on else None


def org_3_05(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀entry: oldest_record_on + retention ≥ today, or an approved legal hold, or a statutory period running."""
    return {
        (entry["company"], entry["entry_id"], None, None): _still_kept(facts, entry, period)
        or (entry["statutory_until_on"] is not None and entry["statutory_until_on"] >= period.as_of)
        or any(_holds(approval, entry, period) for approval in facts["approvals"])
        for entry in entries_in_force(facts)
    }


def _still_kept(facts: Facts, entry: Row, period: Period) -> bool:
    """By what was measured of the entry or of its stores, else by what was counted by hand; on both media, by both."""
    measured = [
        m["oldest_record_on"]
        for m in facts["store_statistics"]
        if m["oldest_record_on"] is not None
        and (m["entry_id"] == entry["entry_id"] or (m["entry_id"] is None and m["db_id"] in entry["db_ids"]))
    ]
    counted = [entry["oldest_on"]] if entry["oldest_on"] is not None else []
    known = measured + counted if entry["media"] == "both" else measured or counted
    months = entry["retention_months"]
    return bool(known) and months is not None and months_after(min(known), months) >= period.as_of


def months_after(day: date, count: int) -> date:
    """The same day of a later month, or the last one that it has."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _holds(approval: Row, entry: Row, period: Period) -> bool:
    """§8.7: the hold that the entry names, of this entry, approved by another than who asked, on this day."""
    return (
        (approval["company"], approval["approval_id"]) == (entry["company"], entry["hold_approval_id"])
        and (approval["kind"], approval["status"]) == ("retention_hold", "approved")
        and entry["entry_id"] in approval["scope_ids"]
        and approval["approved_by"] not in (None, approval["requested_by"])
        and approval["approved_at"] is not None
        and max(approval["approved_at"], approval["valid_from_at"]) < period.until_at
        and day_of(approval["valid_to_at"], period) >= period.as_of
    )


def org_3_06(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Purposes ⊆ published(category) ∧ special-care items ⇒ flag ∧ basis ∧ 個人番号 ⇒ own entry, zone, access group."""
    entries = entries_in_force(facts)
    return {
        (entry["company"], entry["entry_id"], None, None): _published(facts, entry, period).issuperset(
            entry["purposes"]
        )
        and (
            not _is(facts, entry, "special_care") or (entry["special_care"] and entry["special_care_basis"] is not None)
        )
        and (not _is(facts, entry, "my_number") or _apart(facts, entry, [e for e in entries if not e["my_number"]]))
        for entry in entries
    }


def _published(facts: Facts, entry: Row, period: Period) -> set[str]:
    """What the notice tells the entry's kinds of people on that day."""
    return {
        p["purpose_code"]
        for p in facts["purposes"]
        if p["company"] == entry["company"]
        and p["category"] in entry["subject_kinds"]
        and within(period.as_of, p["published_from_on"], p["published_to_on"])
    }


def _is(facts: Facts, entry: Row, kind: str) -> bool:
    """Whether an entry says so, or the dictionary finds it in an item."""
    terms = [v["term"] for v in facts["vocabulary"] if v["kind"] == kind]
    return bool(entry[kind]) or any(term in item for term in terms for item in entry["items"])


def _apart(facts: Facts, entry: Row, others: list[Row]) -> bool:
    """A separate entry with a registered zone and an access group that no entry without My Number has."""
    zones = {z["zone_id"] for z in facts["zones"] if z["company"] == entry["company"]}
    mine = _zones(facts, entry)
    return (
        bool(entry["my_number"])
        and not entry["special_care"]
        and bool(mine)
        and mine <= zones
        and not any(mine & _zones(facts, other) for other in others)
        and not any(
            (other["company"], other["access_group"]) == (entry["company"], entry["access_group"]) for other in others
        )
    )


def _zones(facts: Facts, entry: Row) -> set[str]:
    return set(entry["zone_ids"]) | {
        s["zone_id"] for s in facts["data_stores"] if s["db_id"] in entry["db_ids"] and s["zone_id"] is not None
    }
