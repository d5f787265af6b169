"""Worlds of ORG-2: logs with a gap of a second too much, night shifts, leave, tickets of somebody else."""

from datetime import datetime, timedelta

from evidence.period import Period
from tests.oracle.facts import (
    DAY,
    SECOND,
    Draw,
    Row,
    World,
    ago,
    at,
    calendar,
    chance,
    choose,
    event,
    handed_on,
    join,
    near,
    owned,
    pick,
    staff,
)

HOUR = timedelta(hours=1)
FAR = datetime.fromisoformat("9999-12-31T00:00+00:00")


def segment(key: str, system: str, source: str, starts: datetime, ends: datetime, **more: object) -> Row:
    """A stretch of log that is whole, complete and mapped."""
    return {
        "segment_key": key,
        "system_id": system,
        "source_name": source,
        "starts_at": starts,
        "ends_at": ends,
        "occurred_at": starts,
        "lines_read": 100,
        "lines_reported": 100,
        "lines_rejected": 0,
        "accounts_seen": 0,
        "accounts_mapped": 0,
        "digest_ok": True,
        "chain_ok": True,
        "clock_drift_s": 0,
        "retained_until_on": starts.date() + 3650 * DAY,
        **more,
    }


def system(c: str, n: int, **more: object) -> Row:
    return {
        "company": c,
        "system_id": f"{c}-S{n}",
        "holds_personal_data": True,
        "log_sources": [f"{c}-S{n}-log"],
        "log_calendar": "daily",
        "log_retention_days": 730,
        **more,
    }


def gap(draw: Draw, c: str, period: Period) -> tuple[datetime, datetime]:
    """A gap of 24 hours or a second more, over a weekend, over a day that only the company closes, or none."""
    open_day, weekend = at(period.since + 2 * DAY, 9), at(period.as_of, 0) - (period.as_of.weekday() + 9) * DAY
    return choose(
        draw,
        (open_day, open_day),
        (open_day, open_day + 24 * HOUR),
        (open_day, open_day + 24 * HOUR + SECOND),
        (weekend, weekend + 48 * HOUR),
        (weekend, weekend + 72 * HOUR),
        (weekend, weekend + 73 * HOUR),
    )


def org_2_01(draw: Draw, c: str, period: Period) -> World:
    """Two systems: one with two sources and a gap in one of them, one that lacks a source, a line or an owner."""
    one, two = f"{c}-S1", f"{c}-S2"
    begin, end = at(period.since - DAY, 12), at(period.as_of + DAY, 0)
    hole = gap(draw, c, period)
    last = end - choose(draw, 0, 24, 25) * HOUR
    counted = {"accounts_seen": 1000, "accounts_mapped": choose(draw, 1000, 999, pick(draw, 999, 998))}
    lines = {"lines_read": pick(draw, 100, 99)}
    segments = [
        segment(f"{c}-g1", one, f"{one}-log", begin, hole[0], **counted),
        segment(f"{c}-g2", one, f"{one}-log", hole[1], end),
        segment(f"{c}-g3", one, f"{one}-audit", begin, pick(draw, end, last)),
        segment(f"{c}-g4", two, f"{two}-log", begin, end, **lines),
    ]
    systems = [
        system(c, 1, log_sources=[f"{one}-audit", f"{one}-log"], log_calendar=choose(draw, "daily", c)),
        system(
            c,
            2,
            log_sources=pick(draw, [f"{two}-log"], [], [f"{two}-log", f"{two}-other"]),
            holds_personal_data=pick(draw, True, False),
        ),
    ]
    runs = [
        {
            "run_key": f"{source}-{day}",
            "company": c,
            "source_name": source,
            "dataset": "access_events",
            "slot_on": period.since + day * DAY,
            "occurred_on": period.since + day * DAY,
            "outcome": "collected",
            "complete": True,
            "rows": 100,
            "rows_reported": 100,
        }
        for source in (f"{one}-log", f"{one}-audit", f"{two}-log")
        for day in range((period.as_of - period.since).days + 1)
    ]
    return join({"systems": systems, "log_segments": segments, "source_runs": runs}, calendar(c, period))


def org_2_02(draw: Draw, c: str, period: Period) -> World:
    """A broken segment, a slow clock, a restore test of a year ago, and stops of the log with and without a change."""
    as_of, one = period.as_of, f"{c}-S1"
    oldest, recent = as_of - 731 * DAY, as_of - 5 * DAY
    broken = pick(draw, {}, {"digest_ok": False}, {"chain_ok": False})
    segments = [
        segment(f"{c}-g1", one, f"{one}-log", at(oldest, 0), at(oldest, 23), clock_drift_s=choose(draw, 0, 61, None)),
        segment(
            f"{c}-g2",
            one,
            f"{one}-log",
            at(recent, 0),
            at(recent, 23),
            clock_drift_s=choose(draw, 0, 60, -60, 61, pick(draw, -61, None)),
            **broken,
        ),
    ]
    exercise = {
        "exercise_id": f"{c}-x1",
        "company": c,
        "kind": pick(draw, "restore_test", "breach_drill"),
        "scope_id": pick(draw, one, f"{c}-S2"),
        "performed_on": choose(draw, ago(draw, as_of, 365), as_of),
        "result": pick(draw, "passed", "failed"),
    }
    stop = as_of - 6 * DAY
    events = [
        event(
            c,
            f"{c}-v{n}",
            f"{c}-a1",
            at(stop + n * DAY, choose(draw, 0, 23)),
            action="admin",
            operation=choose(draw, "StopLogging", "auditd_stop", "GetObject", None),
        )
        for n in range(3)
    ]
    change = {
        "change_id": f"{c}-c1",
        "company": c,
        "kind": "system_change",
        "affects": [pick(draw, one, f"{c}-S2")],
        "effective_on": choose(draw, stop, stop + DAY, stop - DAY),
        "review_approved_on": pick(draw, stop - DAY, stop, stop + DAY, None),
    }
    return {
        "systems": [system(c, 1)],
        "log_segments": segments,
        "exercises": [exercise],
        "access_events": events,
        "changes": [change],
    }


def org_2_02_reach(draw: Draw, c: str, period: Period) -> World:
    """Logs that reach back just long enough or not, were deleted yesterday or will be too soon, or broke long ago."""
    as_of, one, log = period.as_of, f"{c}-S1", f"{c}-S1-log"
    gone, oldest, young, recent = (
        as_of - 900 * DAY,
        near(draw, as_of - 730 * DAY),
        as_of - 104 * DAY,
        as_of - 5 * DAY,
    )
    kept = pick(draw, as_of + 10 * DAY, as_of, as_of - DAY)
    until = pick(draw, as_of - 100 * DAY, as_of)
    reach = segment(f"{c}-g1", one, log, at(oldest, 0), at(oldest, 23), retained_until_on=kept)
    world = org_2_02(draw, c, period)
    world["systems"] = [system(c, 1, went_live_on=choose(draw, None, near(draw, young)))]
    world["log_segments"] = [
        segment(f"{c}-g0", one, log, at(gone, 0), at(gone, 23), digest_ok=False, retained_until_on=until),
        *pick(draw, [reach], []),
        segment(f"{c}-g2", one, log, at(young, 0), at(recent, 0), digest_ok=pick(draw, True, False)),
        segment(
            f"{c}-g3",
            one,
            log,
            at(recent, 0),
            at(recent, 23),
            retained_until_on=recent + pick(draw, 3650, 730, 729) * DAY,
        ),
    ]
    return world


def org_2_05(draw: Draw, c: str, period: Period) -> World:
    """A day shift and a night shift, two hours before and after them, overtime, leave and tickets."""
    a, b, day = f"{c}-p1", f"{c}-p2", period.as_of - 4 * DAY
    account, spare = f"{c}-a1", f"{c}-a2"
    first = choose(draw, (9, 17), (22, 30))
    starts, ends = at(day, first[0]), at(day, 0) + first[1] * HOUR
    over = (ends + 4 * HOUR, ends + 6 * HOUR)
    moments = [
        starts,
        starts - 2 * HOUR,
        starts - 2 * HOUR - SECOND,
        ends + 2 * HOUR,
        ends + 2 * HOUR + SECOND,
        over[0],
        over[1],
        over[1] + SECOND,
        day,
    ]
    events = [
        event(
            c,
            f"{c}-v{n}",
            choose(draw, account, account, spare, f"{c}-a3"),
            choose(draw, *moments),
            db_id=pick(draw, f"{c}-db1", f"{c}-db2", None),
            system_id=choose(draw, f"{c}-S1", f"{c}-S2"),
            ticket_id=pick(draw, f"{c}-k1", None),
            rows=choose(draw, 1, 10, 11, None),
        )
        for n in range(3)
    ]
    shifts = [
        {
            "shift_key": f"{c}-h1",
            "person_key": a,
            "company": c,
            "work_on": day,
            "starts_at": starts,
            "ends_at": ends,
            "kind": "scheduled",
        },
        {
            "shift_key": f"{c}-h2",
            "person_key": choose(draw, a, b),
            "company": c,
            "work_on": day,
            "starts_at": over[0],
            "ends_at": over[1],
            "kind": choose(draw, "overtime_approved", "on_call"),
        },
    ]
    ticket = {
        "approval_id": f"{c}-k1",
        "company": c,
        "kind": pick(draw, "ticket", "overtime"),
        "person_key": pick(draw, a, b),
        "requested_by": a,
        "approved_by": pick(draw, f"{c}-boss", a, None),
        "approved_at": pick(draw, starts - 30 * HOUR, starts, starts + SECOND, None),
        "valid_from_at": pick(draw, starts - 30 * HOUR, starts),
        "valid_to_at": pick(draw, FAR, ends + 3 * HOUR),
        "scope_ids": pick(draw, [f"{c}-S1", f"{c}-S2"], [f"{c}-db1"], [f"{c}-S9"], []),
        "max_rows": pick(draw, None, 10),
        "status": pick(draw, "approved", "refused", "withdrawn"),
    }
    away = near(draw, day)
    leave = {
        "leave_key": f"{c}-l1",
        "person_key": a,
        "company": c,
        "kind": "holiday",
        "leave_from_on": away,
        "leave_to_on": away,
    }
    return join(
        {
            "access_events": events,
            "account_owners": [*handed_on(draw, account, b, a, near(draw, day)), owned(spare, a)],
            "data_stores": [
                {"company": c, "db_id": f"{c}-db1", "holds_personal_data": True},
                {"company": c, "db_id": f"{c}-db2", "holds_personal_data": False},
            ],
            "systems": [system(c, 1, requires_ticket=False), system(c, 2, requires_ticket=True)],
            "work_shifts": shifts,
            "approvals": [ticket],
            "leaves": [leave] if chance(draw) else [],
        },
        staff(a, b, company=c),
    )
