"""Worlds of TEC: leavers and returners, accounts handed on, twenty wrong passwords, a day of too many rows."""

from datetime import datetime, timedelta

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
    choose,
    event,
    handed_on,
    join,
    near,
    owned,
    pick,
    staff,
    worker,
)
from tests.oracle.worlds.org import day_only


def account(c: str, n: int, **more: object) -> Row:
    return {
        "company": c,
        "account_key": f"{c}-a{n}",
        "account_id": f"user{n}",
        "system_id": f"{c}-S1",
        "kind": "personal",
        "enabled": True,
        **more,
    }


def tec_1_03(draw: Draw, c: str, period: Period) -> World:
    """A leaver of these days, one who is back by the next business day, one who comes back later, one who vanished."""
    as_of = period.as_of
    a, b, d, e, stays = (f"{c}-p{n}" for n in range(1, 6))
    left = as_of - choose(draw, 0, 1, 2, 3, 4, 5, 6, 12) * DAY
    pause, late = as_of - choose(draw, 3, 4, 5, 6, 9, 10, 11) * DAY, as_of - 20 * DAY
    workers = [
        worker(a, c, LONG_HIRED, left),
        worker(b, c, LONG_HIRED, pause),
        worker(b, choose(draw, c, c, f"{c}x"), pause + choose(draw, 1, 2, 3, 4) * DAY, nth=2),
        worker(d, c, LONG_HIRED, late),
        worker(d, c, late + 10 * DAY, nth=2),
        worker(stays, c, LONG_HIRED),
    ]
    for one in workers:
        one["kind"] = choose(draw, "regular", "officer", "dispatched", "onsite_contractor", "seconded_in")
    last_seen = as_of - choose(draw, 1, 10) * DAY
    vanished = worker(e, c, LONG_HIRED, choose(draw, None, last_seen)) | {
        "valid_from_on": LONG_HIRED,
        "valid_to_on": last_seen,
    }
    disabled = left + choose(draw, 0, 1, 2, 3, 4) * DAY
    off: Row = choose(draw, {}, {"enabled": False, "disabled_at": at(disabled, 12)}, {"enabled": False})
    if disabled > as_of:
        off = {}
    accounts = [
        account(c, 1, **off),
        account(c, 2, enabled=choose(draw, True, False)),
        account(c, 3, enabled=False),
        account(c, 4, kind=choose(draw, "shared", "service")),
        account(c, 5, enabled=choose(draw, True, False)),
    ]
    days = [left, left + DAY, as_of, pause, pause + DAY, late + DAY, late + 9 * DAY, late + 10 * DAY]
    events = [
        event(
            c,
            f"{c}-v{n}",
            choose(draw, f"{c}-a1", f"{c}-a2", f"{c}-a3"),
            at(min(choose(draw, *days), as_of), choose(draw, 0, 23)),
            action=choose(draw, "login_ok", "read"),
        )
        for n in range(4)
    ]
    return join(
        {
            "workers": workers,
            "accounts": accounts,
            "account_owners": [
                *handed_on(draw, f"{c}-a1", a, stays, left + DAY),
                owned(f"{c}-a2", b),
                owned(f"{c}-a3", d),
                owned(f"{c}-a4", a),
                owned(f"{c}-a5", e),
            ],
            "access_events": events,
        },
        {"workers_history": [*workers, vanished] if choose(draw, True, False) else workers},
        calendar(c, period),
        calendar(f"{c}x", period),
    )


def tec_2_01(draw: Draw, c: str, period: Period) -> World:
    """Accounts of staff, leavers, services and nobody, and identities in the log that no system knows."""
    as_of = period.as_of
    a, b = f"{c}-p1", f"{c}-p2"
    left = near(draw, as_of)
    accounts = [
        account(
            c,
            n,
            system_id=f"{c}-S{choose(draw, 1, 2)}",
            kind=kind,
            enabled=pick(draw, True, False),
            registered_owner_key=pick(draw, a, None),
            expires_on=choose(draw, as_of + 30 * DAY, near(draw, as_of + 365 * DAY), pick(draw, as_of, None)),
        )
        for n, kind in (
            (1, "personal"),
            (2, choose(draw, "personal", "privileged", "breakglass")),
            (3, "service"),
            (4, "shared"),
        )
    ]
    owners = [*handed_on(draw, f"{c}-a1", b, a, near(draw, as_of)), owned(f"{c}-a2", choose(draw, a, b))]
    owners = owners if pick(draw, True, False) else owners[:-1]
    events = [
        event(
            c,
            f"{c}-v{n}",
            choose(draw, f"{c}-a1", f"{c}-a2", f"{c}-u1"),
            at(choose(draw, left, as_of - 3 * DAY, period.since - DAY), 9),
        )
        for n in range(3)
    ]
    return {
        "accounts": accounts,
        "account_owners": owners,
        "access_events": events,
        "workers": [worker(a, c, LONG_HIRED), worker(b, c, LONG_HIRED, left)],
        "systems": [{"company": c, "system_id": f"{c}-S{n}", "holds_personal_data": n == 2} for n in (1, 2)],
    }


def tec_3_04(draw: Draw, c: str, period: Period) -> World:
    """Alerts that are triaged to the second, and logins after one failure too few, too many or too long ago."""
    moments = (at(period.since + 8 * DAY, 12), at(period.as_of, 0), at(period.as_of, 0) - SECOND, at(period.since, 0))
    alerts: list[Row] = []
    triages: list[Row] = []
    for n in (1, 2):
        seen = choose(draw, *moments)
        alerts.append(
            {
                "company": c,
                "signal_id": f"{c}-s{n}",
                "kind": choose(draw, "malware", "other"),
                "severity": choose(draw, "high", "critical", "medium"),
                "occurred_at": seen,
            }
        )
        if choose(draw, True, False):
            triages.append(
                _triage(
                    draw,
                    c,
                    f"{c}-s{n}",
                    "security_event",
                    seen + timedelta(hours=24) + choose(draw, 0, 1, -3600) * SECOND,
                )
            )
    needed = draw.parameters["ng"]
    success = choose(draw, at(period.as_of - 5 * DAY, 0, 4), at(period.as_of - 9 * DAY, 15), at(period.since, 0, 1))
    failures, first = (
        needed + choose(draw, 0, -1, 5),
        success - timedelta(minutes=9, seconds=59) + choose(draw, 0, 0, -3) * SECOND,
    )
    events = [
        event(
            c,
            f"{c}-v{n}",
            f"{c}-a{pick(draw, 1, 2) if n == 0 else 1}",
            first + n * 20 * SECOND,
            action="login_ng",
            result="denied",
        )
        for n in range(failures)
    ]
    events += [event(c, f"{c}-ok{n}", f"{c}-a{n}", success, action="login_ok") for n in (1, 2)]
    incident = {
        "incident_id": f"{c}-i",
        "company": c,
        "detected_at": success,
        "known_on": success.date(),
        "signal_ids": [f"{c}-ok1"],
    }
    if choose(draw, True, False):
        triages.append(_triage(draw, c, f"{c}-ok1", "login_pattern", success + timedelta(hours=2)))
    return {
        "security_events": alerts,
        "access_events": events,
        "triages": triages,
        "incidents": [incident] if pick(draw, False, True) else [],
    }


def tec_3_04_day_only(draw: Draw, c: str, period: Period) -> World:
    """Alerts that tell their day only."""
    return day_only(draw, c, f"{c}-s1", period)


def _triage(draw: Draw, c: str, signal: str, kind: str, when: datetime) -> Row:
    return {
        "triage_id": f"{signal}-t",
        "company": choose(draw, c, None),
        "signal_kind": pick(draw, kind, "complaint"),
        "signal_id": signal,
        "triaged_at": when,
        "triaged_by": f"{c}-p1",
        "is_incident": False,
        "reason": "known test",
    }


def tec_4_04(draw: Draw, c: str, period: Period) -> World:
    """Three accounts that do the same every day, until one of them takes a row more than it may."""
    as_of = period.as_of
    people = [f"{c}-p{n}" for n in (1, 2, 3)]
    left = choose(draw, None, as_of + 29 * DAY, as_of + 30 * DAY, as_of + 31 * DAY, as_of)
    usual = [choose(draw, 900, 1100, 2000, 2001, 4000) for _ in people]
    roles = [choose(draw, "sales", "sales", "clerk", None) for _ in people]
    owners = [owned(f"{c}-a{n}", person) for n, person in enumerate(people, 1)]
    limits = (5000, *(5 * one for one in usual), *(one * 5 // 2 for one in usual))
    events = []
    for n, rows in enumerate(usual, 1):
        last = choose(draw, *limits) + choose(draw, 0, 1)
        events += [
            event(c, f"{c}-v{n}-{day}", f"{c}-a{n}", at(as_of - day * DAY, 12), rows=rows) for day in range(1, 93)
        ]
        half = choose(draw, 0, last // 2)
        events += [
            event(c, f"{c}-v{n}-x", f"{c}-a{n}", at(as_of, 9), rows=last - half),
            event(c, f"{c}-v{n}-y", f"{c}-a{n}", at(as_of, 23), rows=half or None),
        ]
    return join(
        {
            "workers": [worker(people[0], c, LONG_HIRED, left)],
            "account_owners": owners if pick(draw, True, False) else owners[:-1],
            "access_events": events,
            "postings": [
                {
                    "posting_key": f"{c}-o{n}",
                    "company": c,
                    "engagement_key": f"{person}-e1-{c}",
                    "person_key": person,
                    "kind": "main",
                    "role": role,
                    "valid_from_on": LONG_HIRED,
                    "valid_to_on": as_of + 900 * DAY,
                }
                for n, (person, role) in enumerate(zip(people, roles, strict=True))
            ],
        },
        staff(*people[1:], company=c),
    )
