"""ORG-1, ORG-3 but the book's own rules, ORG-4 and ORG-5 (domain.md §1.3, §1.5 to §1.7)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from evidence.period import Period, midnight
from tests.oracle.predicates import (
    Facts,
    Marks,
    Parameters,
    Row,
    active,
    all_days,
    business_day_after,
    day_of,
    days,
    entries_in_force,
    in_period,
    within,
)


def org_1_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀dept with ≥1 active BOOK entry: an active manager and deputy; a vacancy of at most 14 days."""
    recent = all_days(period.as_of - days(parameters["vacancy_days"]), period.as_of)
    since = list(recent)
    marks: Marks = {}
    for company, department in {(e["company"], e["department"]) for e in entries_in_force(facts)}:
        marks[company, department, None, None] = all(
            any(
                (a["company"], a["department"], a["role"]) == (company, department, role)
                and within(day, a["appointed_on"], a["ends_on"])
                and active(facts, a["person_key"], day)
                for a in facts["appointments"]
                for day in since
            )
            for role in ("dept_privacy_manager", "deputy")
        )
    return marks


def org_3_04(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """(a) systems, (b) stores in the log, (c) vendors with pi scope are in the book; (d) what the book names is active."""
    entries, marks = entries_in_force(facts), Marks()

    def named(column: str, key: str) -> bool:
        return any(key in entry[column] for entry in entries)

    for system in (s for s in facts["systems"] if s["holds_personal_data"]):
        marks[system["company"], system["system_id"], "a", None] = named("system_ids", system["system_id"])
    for event in (e for e in facts["access_events"] if e["db_id"] and in_period(e["occurred_on"], period)):
        marks[event["company"], event["db_id"], "b", None] = named("db_ids", event["db_id"])
    for vendor in (v for v in facts["vendors"] if v["status"] == "active" and v["handles_personal_data"]):
        marks[vendor["company"], vendor["vendor_id"], "c", None] = named("vendor_ids", vendor["vendor_id"])
    systems = {s["system_id"] for s in facts["systems"] if s["retired_on"] is None or s["retired_on"] > period.as_of}
    vendors = {v["vendor_id"] for v in facts["vendors"] if v["status"] == "active"}
    for entry in entries:
        sound = systems.issuperset(entry["system_ids"]) and vendors.issuperset(entry["vendor_ids"])
        marks[entry["company"], entry["entry_id"], "d", None] = sound
    return marks


def org_4_06(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ sign of a leak (§8.13): an incident, or "not an incident" with a reason, within 24 hours; pending until then."""
    marks: Marks = {}
    for kind, signal, company, instant, day in _signals(facts, period):
        if not in_period(day, period):
            continue
        due = instant + timedelta(hours=parameters["triage_hours"])
        closed = any(
            (t["signal_kind"], t["signal_id"]) == (kind, signal)
            and (t["incident_id"] is not None if t["is_incident"] else t["reason"] is not None)
            and t["triaged_at"] <= due
            for t in facts["triages"]
        )
        linked = any(signal in i["signal_ids"] and i["detected_at"] <= due for i in facts["incidents"])
        marks[company, signal, kind, day] = closed or linked or period.until_at <= due
    return marks


def _signals(facts: Facts, period: Period) -> Iterator[tuple[str, str, str, datetime, date]]:
    for s in facts["security_events"]:
        grave = s["kind"] in ("malware", "intrusion") and s["severity"] in ("high", "critical")
        if grave or s["kind"] in ("dlp_block_failed", "mis_send"):
            seen = s["occurred_at"] or midnight(s["occurred_on"], period.zone)  # it may have been the first second
            yield "security_event", s["signal_id"], s["company"], seen, s["occurred_on"]
    for d in facts["devices"]:
        if d["status"] == "lost":
            lost = d["status_changed_at"] or d["known_since_at"]  # lost it is, since whatever day
            yield "lost_device", d["device_id"], d["company"], lost, day_of(lost, period)
    for c in facts["complaints"]:
        if c["class"] == "leak_suspected":
            yield "complaint", c["complaint_id"], c["company"], c["arrived_at"], c["arrived_on"]


def org_5_04(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀FND: planned within 10 business days, not overdue, verified effective by another in 30–180 days, no repeat.

    What is so on as_of decides the state; setting the due date, completing or verifying late is an event (§8.8).
    """
    marks: Marks = {}
    for finding in facts["findings"]:
        company, key = finding["company"], finding["finding_id"]
        set_by = business_day_after(facts, company, finding["raised_on"], parameters["set_days"])
        planned = active(facts, finding["owner_key"], period.as_of) and all(
            finding[name] is not None for name in ("cause", "correction", "due_on", "due_set_on")
        )
        due, done, verified = finding["due_on"], finding["completed_on"], finding["verified_on"]
        overdue = due is not None and done is None and period.as_of > due
        verify_by = done and done + days(parameters["verify_until_days"])
        marks[company, key, "finding", None] = (
            (planned or period.as_of <= set_by)
            and not overdue
            and (done is None or period.as_of <= verify_by or _effective(finding, parameters))
            and not _repeats(facts, finding, parameters)
        )
        for act, limit in ((finding["due_set_on"], set_by), (done, due), (verified, verify_by)):
            if act is not None and limit is not None and act > limit and in_period(act, period):
                marks[company, key, "late", act] = False
    return marks


def _effective(finding: Row, parameters: Parameters) -> bool:
    return (
        finding["verified_on"] is not None
        and finding["verified_on"] >= finding["completed_on"] + days(parameters["verify_from_days"])
        and finding["implemented_by"] is not None
        and finding["verified_by"] not in (None, finding["implemented_by"])
        and finding["effective"] is True
    )


def _repeats(facts: Facts, finding: Row, parameters: Parameters) -> bool:
    """Whether the same control failed again in the same department within 365 days: this correction did not hold."""
    key = ("company", "department", "control_id")
    return finding["control_id"] is not None and any(
        all(other[name] == finding[name] for name in key)
        and other["finding_id"] != finding["finding_id"]
        and finding["raised_on"] < other["raised_on"] <= finding["raised_on"] + days(parameters["repeat_days"])
        for other in facts["findings"]
    )
