"""PHY-1-01 and -03: places registered and walked, and who was in them (domain.md §1.9)."""

from collections.abc import Iterator
from datetime import date, timedelta

from evidence.period import Period
from tests.oracle.predicates import (
    Facts,
    Marks,
    Parameters,
    Row,
    business_day_after,
    day_of,
    days,
    in_period,
    owners,
    within,
)


def attested(facts: Facts, control: str, company: str, kind: str, subject: str, limit: int, period: Period) -> bool:
    """Whether the newest answer about a thing, of the last days and not expired, is yes."""
    about = (control, company, kind, subject)
    given = [
        (a["answered_at"], a["answer"])
        for a in facts["attestations"]
        if (a["control_id"], a["company"], a["subject_kind"], a["subject"]) == about
        and within(day_of(a["answered_at"], period), period.as_of - days(limit), period.as_of)
        and a["expires_on"] >= period.as_of
    ]
    return bool(given) and max(given)[1] == "yes"


def phy_1_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀place of servers or of paper in the book: a zone with a plan; ∀handling zone: walked within 92 days.

    A place is told by a store's zone (datasets.md §5 gives systems none); a store of paper without one is nowhere.
    """
    zones = {z["zone_id"]: z for z in facts["zones"]}
    marks: Marks = {}
    for store in facts["data_stores"]:
        place, paper = store["zone_id"], store["system_id"] is None
        if store["holds_personal_data"] and (paper or place is not None):
            fit = place in zones and zones[place]["plan_ref"] is not None
            marks[store["company"], store["db_id"], "registered", None] = fit
    for zone in (z for z in facts["zones"] if z["class"] == "handling"):
        company, key = zone["company"], zone["zone_id"]
        fit = attested(facts, "PHY-1-01", company, "zone", key, parameters["patrol_days"], period)
        marks[company, key, "walked", None] = fit
    return marks


def phy_1_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀zone: first in and last out each working day, reviewed each month; ∀visit complete; ∀console login after entering.

    A zone has a log when it is a controlled one, or has readers (datasets.md §5). A month's review is due 10 business days
    after it (as ORG-2-03) and missed when that day is over (§8.5): it belongs to the period of the next.
    """
    seen = {(e["zone_id"], e["occurred_on"], e["marks"]) for e in facts["entry_events"]}
    marks: Marks = {}
    for zone in (z for z in facts["zones"] if z["class"] == "controlled" or z["reader_ids"]):
        company, key = zone["company"], zone["zone_id"]
        for day in _working_days(facts, company, period):
            marks[company, key, "day", day] = all((key, day, mark) in seen for mark in ("first_in", "last_out"))
        for last in _month_ends(period):
            due = business_day_after(facts, company, last, parameters["review_bd"])
            if in_period(due + days(1), period):
                done = _reviewed(facts, zone, last, period)
                marks[company, key, "review", due + days(1)] = any(day <= due for day in done)
    for visit in (v for v in facts["visitor_records"] if in_period(v["occurred_on"], period)):
        marks[visit["company"], visit["visit_id"], "visit", visit["occurred_on"]] = (
            visit["name_filled"]
            and visit["organisation_filled"]
            and all(visit[name] is not None for name in ("host_key", "in_at", "out_at"))
            and visit["escorted"] is True
        )
    for event in (e for e in facts["access_events"] if e["action"] == "console" and e["zone_id"] is not None):
        if in_period(event["occurred_on"], period):
            fit = _entered(facts, event, timedelta(minutes=parameters["console_minutes"]))
            marks[event["company"], event["event_key"], "console", event["occurred_on"]] = fit
    return marks


def _working_days(facts: Facts, company: str, period: Period) -> list[date]:
    return [
        d["day_on"]
        for d in facts["calendar_days"]
        if d["calendar"] == company and d["is_business_day"] and in_period(d["day_on"], period)
    ]


def _month_ends(period: Period) -> Iterator[date]:
    """The last days of the months that ended within 62 days before the end of the period."""
    return (day for n in range(62) if (day := period.as_of - days(n)).month != (day + days(1)).month)


def _reviewed(facts: Facts, zone: Row, last: date, period: Period) -> list[date]:
    about = ("entry_log", zone["zone_id"], f"{last:%Y-%m}")
    return [
        r["reviewed_on"]
        for r in facts["reviews"]
        if (r["kind"], r["scope_id"], r["period"]) == about and r["reviewed_on"] <= period.as_of
    ]


def _entered(facts: Facts, event: Row, margin: timedelta) -> bool:
    """Whether the account's holder entered that zone at most so long before or after; no owner, no time: not shown."""
    holders = owners(facts, event["account_key"], event["occurred_on"])
    return event["occurred_at"] is not None and any(
        (e["zone_id"], e["direction"], e["result"]) == (event["zone_id"], "in", "ok")
        and e["person_key"] in holders
        and e["occurred_at"] is not None
        and abs(e["occurred_at"] - event["occurred_at"]) <= margin
        for e in facts["entry_events"]
    )
