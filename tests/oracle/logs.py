"""ORG-2: logs kept whole, and access within time and purpose (domain.md §1.4)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from evidence.period import Period, midnight
from tests.oracle.predicates import (
    Facts,
    Marks,
    Parameters,
    Row,
    all_days,
    covers,
    days,
    in_period,
    owners,
    personal_stores,
)


def org_2_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀SYS pi: collected from each source, no gap > 24 h (silence is normal on closed days), reconciled, ≥ 99.9 % mapped."""
    marks: Marks = {}
    for system in (s for s in facts["systems"] if s["holds_personal_data"]):
        sources = [
            [g for g in facts["log_segments"] if (g["system_id"], g["source_name"]) == (system["system_id"], source)]
            for source in system["log_sources"]
        ]
        judged = [g for segments in sources for g in segments if g["ends_at"] > period.since_at]
        seen, mapped = (sum(g[name] for g in judged) for name in ("accounts_seen", "accounts_mapped"))
        longest = timedelta(hours=parameters["gap_hours"])
        marks[system["company"], system["system_id"], None, None] = (
            bool(sources)
            and all(_silence(facts, system, segments, period) <= longest for segments in sources)
            and all(g["lines_read"] == g["lines_reported"] and g["lines_rejected"] == 0 for g in judged)
            and mapped * 1000 >= seen * parameters["mapped_permille"]
        )
    return marks


def _silence(facts: Facts, system: Row, segments: list[Row], period: Period) -> timedelta:
    """The longest open time in the period that no segment covers; closed days of the system's calendar do not count."""
    ends = [period.since_at]
    gaps = [(period.since_at, period.until_at)] if not segments else []
    for segment in sorted(segments, key=lambda g: g["starts_at"]):
        gaps.append((max(ends), segment["starts_at"]))
        ends.append(segment["ends_at"])
    gaps.append((max(ends), period.until_at))
    return max((sum(_open_parts(facts, system, period, *gap), timedelta()) for gap in gaps), default=timedelta())


def _open_parts(facts: Facts, system: Row, period: Period, first: datetime, last: datetime) -> Iterator[timedelta]:
    name = system["log_calendar"]
    closed = {d["day_on"] for d in facts["calendar_days"] if d["calendar"] == name and not d["is_business_day"]}
    for day in all_days(period.since, period.as_of):
        if name == "daily" or day not in closed:
            starts, ends = midnight(day, period.zone), midnight(day + days(1), period.zone)
            yield max(min(last, ends) - max(first, starts), timedelta())


def org_2_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Each segment verifies, logs reach back 730 days, clocks are right, restore tested; no stop without approved change.

    A log reaches as far back as it must where its oldest segment at hand does, and none is given up before its time; a
    system that is younger than 730 days reaches back to its first day. "In the period" stands with the stops alone:
    "every segment" is each one that is kept or must be. A clock that was put right is right (design.md §4: a state closes
    on fresh evidence): the period's drifts count; one that nobody measured is not within a minute (law 4).
    """
    marks: Marks = {}
    for system in (s for s in facts["systems"] if s["holds_personal_data"]):
        required = days(max(parameters["log_retention_days"], system["log_retention_days"]))
        own = [g for g in facts["log_segments"] if g["system_id"] == system["system_id"]]
        kept = [g for g in own if g["retained_until_on"] >= period.as_of]
        segments = [g for g in own if g in kept or g["occurred_on"] >= period.as_of - required]
        drifts = [g["clock_drift_s"] for g in segments if in_period(g["occurred_on"], period)]
        measured = [abs(drift) for drift in drifts if drift is not None]
        oldest = max(period.as_of - required, system["went_live_on"] or date.min)
        marks[system["company"], system["system_id"], "kept", None] = (
            all(g["digest_ok"] and g["chain_ok"] for g in segments)
            and bool(measured)
            and max(measured) <= parameters["drift_s"]
            and all(g["retained_until_on"] - g["occurred_on"] >= required for g in segments)
            and any(g["occurred_on"] <= oldest for g in kept)
            and any(
                (x["kind"], x["scope_id"], x["result"]) == ("restore_test", system["system_id"], "passed")
                and period.as_of - days(parameters["restore_days"]) <= x["performed_on"] <= period.as_of
                for x in facts["exercises"]
            )
        )
    for event in facts["access_events"]:
        day = event["occurred_on"]
        if event["operation"] in parameters["log_stop_operations"] and in_period(day, period):
            key = (event["company"], event["event_key"], "log_stop", day)
            marks[key] = any(
                event["system_id"] in c["affects"]
                and c["review_approved_on"] is not None
                and c["review_approved_on"] <= day
                and c["effective_on"] <= day <= c["effective_on"] + days(parameters["change_days"])
                for c in facts["changes"]
            )
    return marks


def org_2_05(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀LOG on pi db: in the shift ± 2 h or approved overtime or on call; a valid ticket where required; not on leave.

    Member: account × day (§8.16 leaves person or account, the gap message says アカウント); events with no owner appear
    in no person test (§3.1). A log that tells no time proves no working time.
    """
    ticketed = {s["system_id"] for s in facts["systems"] if s["requires_ticket"]}
    marks: Marks = {}
    for event in facts["access_events"]:
        day = event["occurred_on"]
        if event["db_id"] not in personal_stores(facts) or not in_period(day, period):
            continue
        for person in owners(facts, event["account_key"], day):
            fit = (
                _at_work(facts, person, event, parameters)
                and (event["system_id"] not in ticketed or _has_ticket(facts, person, event))
                and not any(
                    leave["person_key"] == person and leave["leave_from_on"] <= day <= leave["leave_to_on"]
                    for leave in facts["leaves"]
                )
            )
            key = (event["company"], event["account_key"], None, day)
            marks[key] = marks.get(key, True) and fit
    return marks


def _at_work(facts: Facts, person: str, event: Row, parameters: Parameters) -> bool:
    """In a shift with its grace, in overtime or on call as planned, or under an overtime approval (§8.7)."""
    when, things = event["occurred_at"], (event["system_id"], event["db_id"])
    for shift in (s for s in facts["work_shifts"] if s["person_key"] == person and when is not None):
        grace = timedelta(hours=parameters["grace_hours"] if shift["kind"] == "scheduled" else 0)
        if shift["starts_at"] - grace <= when <= shift["ends_at"] + grace:
            return True
    return any(a["kind"] == "overtime" and covers(a, when, person, things) for a in facts["approvals"])


def _has_ticket(facts: Facts, person: str, event: Row) -> bool:
    """A ticket is an approval (§8.7) that the event quotes."""
    return any(
        (a["approval_id"], a["kind"]) == (event["ticket_id"], "ticket")
        and covers(a, event["occurred_at"], person, (event["system_id"], event["db_id"]))
        and (a["max_rows"] is None or (event["rows"] or 0) <= a["max_rows"])
        for a in facts["approvals"]
    )
