"""ORG-2-03 and ORG-2-04: logs looked at by somebody else, bulk output approved beforehand (domain.md §1.4)."""

from collections.abc import Iterator
from datetime import date

from evidence.period import Period
from tests.oracle.predicates import (
    Facts,
    Marks,
    Parameters,
    Row,
    all_days,
    business_day_after,
    covers,
    days,
    in_period,
    owners,
    within,
)


def org_2_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ pi system, month: looked at by 10 business days after the month, not by its admins, counted, anomalies settled.

    A month belongs to the period that holds its last day allowed, as a self-check cycle does (§8.4). Before a month has
    ended nobody has seen it. A sound look that came late answers the state; its lateness is an event (§8.8).
    """
    marks: Marks = {}
    for system in (s for s in facts["systems"] if s["holds_personal_data"]):
        company, key = system["company"], system["system_id"]
        for last, due in _months(facts, company, period, parameters):
            looks = [
                r["reviewed_on"]
                for r in facts["reviews"]
                if (r["kind"], r["scope_id"], r["period"]) == ("log", key, f"{last:%Y-%m}")
                and last < r["reviewed_on"] <= period.as_of
                and _tells(r)
                and r["reviewed_by"] not in _admins(facts, system, r["reviewed_on"], parameters)
            ]
            marks[company, key, f"{last:%Y-%m}", None] = bool(looks) or period.as_of <= due
            if looks and min(looks) > due:
                marks[company, key, "late", min(looks)] = False
    return marks


def _months(facts: Facts, company: str, period: Period, parameters: Parameters) -> Iterator[tuple[date, date]]:
    """The last day of each month that must be looked at by a day of the period, and that day."""
    for day in all_days(period.since - days(62), period.as_of):
        if (day + days(1)).day == 1:
            due = business_day_after(facts, company, day, parameters["review_bd"])
            if in_period(due, period):
                yield day, due


def _tells(review: Row) -> bool:
    """Records success and failure counts and each anomaly's disposition."""
    return (
        review["success_count"] is not None
        and review["failure_count"] is not None
        and review["anomalies_disposed"] >= review["anomalies"]
    )


def _admins(facts: Facts, system: Row, day: date, parameters: Parameters) -> set[str]:
    """Who is appointed to administer a system, or all of its company's, or holds an admin's right in it on a day."""
    appointed = {
        a["person_key"]
        for a in facts["appointments"]
        if a["role"] == "system_admin"
        and (a["scope_id"] == system["system_id"] or (a["scope_id"], a["company"]) == (None, system["company"]))
        and within(day, a["appointed_on"], a["ends_on"])
    }
    return appointed | {
        person
        for right in facts["entitlements"]
        if right["system_id"] == system["system_id"]
        and right["enabled"]
        and right["right"] in parameters["admin_rights"]
        for person in owners(facts, right["account_key"], day)
    }


def org_2_04(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ export or print of 1,000 rows, or of one of a special-care store: approved in the seven days before (§8.7).

    How many rows nobody counted may be many. No owner, no time, no store or no purpose in the log means no approval
    that is for it (§8.2). Whether an unknown store holds special-care data is not asked here (ORG-3-04 finds it).
    """
    special = {s["db_id"] for s in facts["data_stores"] if s["special_care"]}
    marks: Marks = {}
    for event in facts["access_events"]:
        limit = parameters["special_care_rows"] if event["db_id"] in special else parameters["bulk_rows"]
        few = event["rows"] is not None and event["rows"] < limit
        if event["action"] in ("export", "print") and not few and in_period(event["occurred_on"], period):
            key = (event["company"], event["event_key"], None, event["occurred_on"])
            marks[key] = any(_approves(facts, approval, event, parameters) for approval in facts["approvals"])
    return marks


def _approves(facts: Facts, approval: Row, event: Row, parameters: Parameters) -> bool:
    """Same person, store and purpose, given in the seven days before the instant, for as many rows."""
    when, rows, most = event["occurred_at"], event["rows"], approval["max_rows"]
    return (
        approval["kind"] == "bulk_output"
        and approval["purpose"] is not None
        and approval["purpose"] == event["purpose"]
        and (most is None or (rows is not None and rows <= most))
        and any(
            covers(approval, when, person, [event["db_id"]])
            for person in owners(facts, event["account_key"], event["occurred_on"])
        )
        and approval["approved_at"] >= when - days(parameters["approval_days"])
    )
