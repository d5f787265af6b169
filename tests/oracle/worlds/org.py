"""Worlds of ORG-1, ORG-3-04, ORG-4 and ORG-5: vacancies, unknown stores, signs of a leak, findings that come back."""

from datetime import datetime, timedelta

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from tests.oracle.facts import (
    DAY,
    LONG_HIRED,
    SECOND,
    Draw,
    Row,
    World,
    at,
    calendar,
    chance,
    choose,
    event,
    join,
    near,
    pick,
    staff,
    worker,
)


def versions(draw: Draw, c: str, entry: str, **columns: object) -> list[Row]:
    """An entry of the book, perhaps with a later version that is only a draft, or abolishes it."""
    first = {
        "company": c,
        "entry_id": entry,
        "entry_version": 1,
        "status": pick(draw, "approved", "draft", "requested"),
    }
    rows = [first | columns]
    if chance(draw):
        rows.append(first | columns | {"entry_version": 2, "status": choose(draw, "draft", "abolished", "approved")})
    return rows


def org_1_02(draw: Draw, c: str, period: Period) -> World:
    """Managers and deputies whose post, or whose employment, ended about 14 days ago."""
    as_of, vacant = period.as_of, period.as_of - 14 * DAY
    people = [f"{c}-p{n}" for n in range(3)]
    terms = [
        (as_of - 900 * DAY, OPEN_END),
        (as_of - 900 * DAY, near(draw, vacant)),
        (as_of - 900 * DAY, near(draw, as_of)),
        (near(draw, as_of), OPEN_END),
    ]
    appointments = [
        {
            "appointment_id": f"{c}-{n}",
            "company": pick(draw, c, f"{c}x"),
            "department": pick(draw, "D1", "D2", None),
            "role": role,
            "person_key": choose(draw, *people),
            "appointed_on": first,
            "ends_on": last,
        }
        for n, role in enumerate(("dept_privacy_manager", "deputy", "dept_privacy_manager", "deputy", "data_owner"))
        for first, last in [choose(draw, *terms)]
    ]
    return {
        "org_units": [{"company": c, "department": one, "name": one, "in_scope": True} for one in ("D1", "D2")],
        "book_entries": [
            *versions(draw, c, f"{c}-D1-0001", department="D1"),
            *versions(draw, c, f"{c}-D2-0001", department=choose(draw, "D1", "D2", "D3")),
        ],
        "appointments": appointments,
        "workers": [
            worker(people[0], c, LONG_HIRED),
            worker(people[1], c, LONG_HIRED, near(draw, vacant)),
            worker(people[2], c, pick(draw, LONG_HIRED, near(draw, as_of))),
        ],
    }


def org_3_04(draw: Draw, c: str, period: Period) -> World:
    """Systems, stores and vendors that the book names, forgets, or names although they are gone."""
    as_of = period.as_of
    systems = [
        {"company": c, "system_id": f"{c}-S{n}", "holds_personal_data": held, "retired_on": retired}
        for n, held, retired in (
            (1, True, None),
            (2, True, None),
            (3, False, pick(draw, as_of - DAY, as_of + DAY, None)),
        )
    ]
    vendors = [
        {
            "company": c,
            "vendor_id": f"{c}-V{n}",
            "tier": "T1",
            "status": pick(draw, "active", "ended"),
            "handles_personal_data": choose(draw, True, False),
        }
        for n in (1, 2)
    ]
    stores = [f"{c}-db1", f"{c}-db2", f"{c}-unknown"]
    days = (period.since - DAY, period.since, as_of)
    events = [
        event(
            c, f"{c}-v{n}", f"{c}-a1", at(choose(draw, *days), choose(draw, 0, 23)), db_id=choose(draw, *stores, None)
        )
        for n in range(3)
    ]
    entries = [
        row
        for n in (1, 2)
        for row in versions(
            draw,
            c,
            f"{c}-D1-{n:04}",
            system_ids=sorted({f"{c}-S{choose(draw, 1, 2, 3)}", f"{c}-S{pick(draw, 1, 4)}"}),
            db_ids=[choose(draw, *stores)],
            vendor_ids=choose(draw, [], [f"{c}-V1"], [f"{c}-V1", f"{c}-V2"], [f"{c}-V3"]),
        )
    ]
    return {
        "systems": systems,
        "vendors": vendors,
        "access_events": events,
        "book_entries": entries,
        "data_stores": [
            {"company": c, "db_id": one, "system_id": f"{c}-S1", "holds_personal_data": True} for one in stores[:2]
        ],
    }


def moments(draw: Draw, period: Period) -> datetime:
    """When a sign is seen: the first and last instants of a period, and about a day before its end."""
    return choose(
        draw,
        at(period.since + 8 * DAY, 12),
        at(period.since, 0),
        at(period.since, 0) - SECOND,
        at(period.as_of, 0),
        at(period.as_of, 0) - SECOND,
        at(period.as_of, 23, 59),
    )


def answers(draw: Draw, c: str, kind: str, signal: str, seen: datetime) -> World:
    """What was done about a sign: nothing, a judgement in or out of time, or an incident that grew from it."""
    when = seen + choose(draw, timedelta(hours=24), timedelta(hours=24) + SECOND, timedelta(hours=1))
    told = choose(draw, (True, f"{c}-i1", None), (False, None, "test mail"), (True, None, "?"), (False, None, None))
    triage = {
        "triage_id": f"{signal}-t",
        "company": choose(draw, c, None),
        "signal_kind": pick(draw, kind, "login_pattern"),
        "signal_id": signal,
        "triaged_at": when,
        "is_incident": told[0],
        "incident_id": told[1],
        "reason": told[2],
    }
    incident = {
        "incident_id": f"{signal}-i",
        "company": c,
        "detected_at": when,
        "known_on": when.date(),
        "signal_ids": [signal],
        "device_id": signal if kind == "lost_device" else None,
    }
    return choose(draw, {}, {"triages": [triage]}, {"incidents": [incident]}, {"triages": [triage]})


def day_only(draw: Draw, c: str, signal: str, period: Period) -> World:
    """An alert that tells no time, answered on its day, to the second of midnight or the next day, or never."""
    day = choose(draw, period.since + 8 * DAY, period.as_of - DAY, period.as_of)
    midnight = at(day + DAY, 0)
    alert = {
        "signal_id": signal,
        "company": c,
        "kind": "malware",
        "severity": "high",
        "occurred_on": day,
        "time_basis": "day_only",
    }
    triage = {
        "triage_id": f"{signal}-t",
        "company": c,
        "signal_kind": "security_event",
        "signal_id": signal,
        "triaged_at": choose(draw, at(day, 13), midnight, midnight + SECOND, at(day + DAY, 13)),
        "reason": "test",
    }
    return {"security_events": [alert], "triages": [triage] if choose(draw, True, False) else []}


def org_4_06(draw: Draw, c: str, period: Period) -> World:
    """Detections, lost devices and complaints, answered or not."""
    a, b, lost, told = (moments(draw, period) for _ in range(4))
    grave = {"company": c, "time_basis": "zone_given"}
    signals = [
        grave
        | {
            "signal_id": f"{c}-s{n}",
            "kind": kind,
            "severity": choose(draw, "high", "critical", "medium"),
            "occurred_at": when,
        }
        for n, when, kind in (
            (1, a, choose(draw, "malware", "intrusion", "other")),
            (2, b, choose(draw, "dlp_block_failed", "mis_send")),
        )
    ]
    device = {
        "company": c,
        "device_id": f"{c}-d1",
        "kind": "pc",
        "status": pick(draw, "lost", "stored"),
        "encryption": "on",
        "status_changed_at": lost,
    }
    complaint = {
        "company": c,
        "complaint_id": f"{c}-k1",
        "class": pick(draw, "leak_suspected", "attitude"),
        "arrived_at": told,
        "arrived_on": told.date(),
    }
    return join(
        {"security_events": signals, "devices": [device], "complaints": [complaint]},
        day_only(draw, c, f"{c}-s3", period),
        answers(draw, c, "security_event", f"{c}-s1", a),
        answers(draw, c, "security_event", f"{c}-s2", b),
        answers(draw, c, "lost_device", f"{c}-d1", lost),
        answers(draw, c, "complaint", f"{c}-k1", told),
        calendar(c, period),
    )


def org_4_06_undated(draw: Draw, c: str, period: Period) -> World:
    """A device that the inventory calls lost since a day that it does not tell, and we have known of for days."""
    known = at(period.since + 8 * DAY, 9)
    device = {
        "company": c,
        "device_id": f"{c}-d1",
        "kind": "pc",
        "status": pick(draw, "lost", "stored"),
        "encryption": "on",
        "known_since_at": known,
    }
    return {"devices": [device], **calendar(c, period)}


def finding(draw: Draw, c: str, key: str, period: Period) -> Row:
    """A finding in one of its ages: just raised, running, completed lately, or long enough ago to be verified."""
    as_of = period.as_of
    raised = as_of - choose(draw, 60, 13, 14, 15, 16, 17, 18, 19) * DAY
    row: Row = {
        "company": c,
        "finding_id": key,
        "origin": "audit",
        "control_id": None,
        "severity": "high",
        "raised_on": raised,
        "cause": choose(draw, "?", "?", None),
        "correction": pick(draw, "?", None),
        "owner_key": pick(draw, f"{c}-p1", f"{c}-p9" if as_of - raised == 60 * DAY else None, None),
        "due_on": choose(draw, near(draw, as_of), as_of + 30 * DAY),
        "due_set_on": pick(draw, raised, min(raised + choose(draw, 13, 14, 15, 16, 17, 18) * DAY, as_of), None),
    }
    if row["due_set_on"] is None:
        row["due_on"] = None
    return row


def completed(draw: Draw, c: str, key: str, period: Period) -> Row:
    """A finding that was completed about 180 days ago, and verified too early, in time, late, by the wrong one or never."""
    as_of = period.as_of
    done = near(draw, as_of - 181 * DAY)
    row = finding(draw, c, key, period) | {
        "raised_on": done - 60 * DAY,
        "cause": "?",
        "correction": "?",
        "owner_key": f"{c}-p1",
        "due_set_on": done - 60 * DAY,
        "due_on": done,
        "completed_on": done,
        "implemented_by": f"{c}-p1",
        "closed_on": None,
    }
    checked = choose(draw, near(draw, done + 30 * DAY), as_of, None)
    if as_of <= done + 180 * DAY and checked is not None:
        return row | {"verified_on": done + 100 * DAY, "verified_by": f"{c}-p2", "effective": True}
    if checked is None:
        return row
    return row | {
        "verified_on": checked,
        "verified_by": pick(draw, f"{c}-p2", f"{c}-p1", None),
        "implemented_by": pick(draw, f"{c}-p1", None),
        "effective": pick(draw, True, False, None),
    }


def org_5_04(draw: Draw, c: str, period: Period) -> World:
    """Findings about ten business days old, overdue by a day, done late, verified by their own implementer, back again."""
    as_of = period.as_of
    plain = finding(draw, c, f"{c}-f3", period) | {
        "raised_on": as_of - 60 * DAY,
        "cause": "?",
        "correction": "?",
        "owner_key": f"{c}-p1",
        "due_set_on": as_of - 60 * DAY,
        "due_on": period.since + 4 * DAY,
        "completed_on": near(draw, period.since + 4 * DAY),
        "implemented_by": f"{c}-p1",
    }
    back = as_of - 60 * DAY - choose(draw, 360, 375) * DAY  # a year before by either day, of raising or completing
    again = plain | {
        "finding_id": f"{c}-f4",
        "raised_on": back,
        "due_set_on": back,
        "due_on": back + 5 * DAY,
        "completed_on": back + 5 * DAY,
    }
    again |= {"verified_on": back + 45 * DAY, "verified_by": f"{c}-p2", "effective": True}
    repeat = choose(draw, {}, {"control_id": "HUM-01"})
    findings = [
        finding(draw, c, f"{c}-f1", period),
        completed(draw, c, f"{c}-f2", period),
        plain | repeat,
        again | repeat,
    ]
    return join(
        {"findings": findings, "workers": [worker(f"{c}-p9", c, LONG_HIRED, as_of - 200 * DAY)]},
        staff(f"{c}-p1", f"{c}-p2", company=c),
        calendar(c, period, back=460),
    )
