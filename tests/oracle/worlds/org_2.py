"""Worlds of ORG-2-03 and ORG-2-04: months looked at a day too late or by an admin, output approved a second too early."""

from datetime import date, datetime, timedelta
from functools import cache

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from registers.calendar import LAW, calendar_rows
from tests.oracle.facts import (
    DAY,
    SECOND,
    Draw,
    Row,
    World,
    at,
    choose,
    event,
    handed_on,
    join,
    near,
    owned,
    pick,
    staff,
)
from tests.oracle.predicates import business_day_after
from tests.oracle.worlds.logs import FAR, system

SYSTEMS = (1, 2, 3)


def look(c: str, n: int, last: date, day: date, **more: object) -> Row:
    """A look at the log of a month that tells all and settled what it found."""
    return {
        "review_id": f"{c}-r{n}-{last}-{day}",
        "company": c,
        "kind": "log",
        "scope_id": f"{c}-S{n}",
        "period": f"{last:%Y-%m}",
        "reviewed_on": day,
        "reviewed_by": f"{c}-p1",
        "success_count": 100,
        "failure_count": 0,
        "anomalies": 2,
        "anomalies_disposed": 2,
        **more,
    }


def org_2_03(draw: Draw, c: str, period: Period) -> World:
    """Systems of which February was looked at about ten business days later, or in another way than it should."""
    last, spare = period.since - DAY, len(_open_days(period)) - 10
    rows = _calendar(period, choose(draw, 0, spare, spare - 1))  # the tenth open day is the period's last, or almost
    due = business_day_after({"calendar_days": rows}, "company", last, 10)
    earlier = [last - n * 28 * DAY for n in range(1, 7)]
    return join(
        {
            "systems": [
                system(
                    c,
                    n,
                    holds_personal_data=pick(draw, True, False),
                    went_live_on=choose(draw, None, last, last - DAY),
                    retired_on=pick(draw, None, period.as_of - 5 * DAY, period.as_of + DAY),
                )
                for n in SYSTEMS
            ],
            "calendar_days": [{**row, "calendar": c} for row in rows],
            "reviews": [look(c, n, month, month + 33 * DAY) for n in SYSTEMS for month in earlier],
        },
        *(_looked_at(draw, c, n, last, due, period) for n in SYSTEMS),
    )


@cache
def _calendar(period: Period, closed: int) -> tuple[Row, ...]:
    """A company's own days, of which the first open ones of the period are closed."""
    first, last = period.as_of - 90 * DAY, period.as_of + 30 * DAY
    return tuple(calendar_rows("company", first, last, _open_days(period)[:closed]))


@cache
def _open_days(period: Period) -> tuple[date, ...]:
    rows = calendar_rows(LAW, period.since, period.as_of)
    return tuple(row["day_on"] for row in rows if row["is_business_day"])


def _looked_at(draw: Draw, c: str, n: int, last: date, due: date, period: Period) -> World:
    fault = choose(draw, "none", "day", "day", "day", "post", "post", "right", "right", "record", "twice", "twice")
    one, account = look(c, n, last, due - DAY), f"{c}-a{n}"
    own = [owned(account, f"{c}-p1")]
    match fault:
        case "none":
            return {"reviews": choose(draw, [], [one])}
        case "day":
            near_limits = (near(draw, due), near(draw, due), near(draw, last), period.as_of, period.as_of + DAY)
            return {"reviews": [look(c, n, last, choose(draw, *near_limits))]}
        case "post":
            return {"reviews": [one], "appointments": [_admin(c, n, "p1", **_odd_post(draw, c, due - DAY))]}
        case "right":
            turn = near(draw, due - DAY)
            moved = [owned(account, f"{c}-p1", last=turn), owned(account, f"{c}-p2", first=turn + DAY)]
            rights = [_right(draw, c, n) | _odd_right(draw, c)]
            return {"reviews": [one], "entitlements": rights, "account_owners": choose(draw, own, own, moved)}
        case "record":
            return {"reviews": [one | _odd_record(draw, c, last)]}
        case _:
            first = one | choose(draw, {}, {"reviewed_by": f"{c}-boss"}, {"failure_count": None})
            again = [look(c, n, last, day) for day in choose(draw, [due], [due + DAY], [due + DAY, due + 2 * DAY])]
            return {"reviews": [*again, first], "appointments": [_admin(c, n, "boss")]}


def _odd_record(draw: Draw, c: str, last: date) -> Row:
    """A look at something else, or one that leaves out a number or an anomaly."""
    return choose(
        draw,
        {"kind": "privileged_use"},
        {"period": f"{last - 40 * DAY:%Y-%m}"},
        {"period": None},
        {"scope_id": f"{c}-S9"},
        {"success_count": None},
        {"failure_count": None},
        {"anomalies_disposed": 1},
        {"anomalies": 0, "anomalies_disposed": 0},
    )


def _odd_post(draw: Draw, c: str, day: date) -> Row:
    """The one who looks administers the system, or all, another one, another company's, or did or will these days."""
    return choose(
        draw,
        {"scope_id": None},
        {"scope_id": None, "company": f"{c}x"},
        {"scope_id": f"{c}-S9"},
        {"role": "data_owner"},
        {"appointed_on": near(draw, day)},
        {"ends_on": near(draw, day)},
    )


def _right(draw: Draw, c: str, n: int) -> Row:
    return {
        "entitlement_key": f"{c}-a{n}-e",
        "company": c,
        "account_key": f"{c}-a{n}",
        "system_id": f"{c}-S{n}",
        "right": choose(draw, *draw.parameters["admin_rights"]),
        "enabled": True,
    }


def _odd_right(draw: Draw, c: str) -> Row:
    """A right that is an admin's, a reader's, of another system, or can no longer be used."""
    return choose(draw, {}, {}, {"right": "reader"}, {"enabled": False}, {"system_id": f"{c}-S9"})


def _admin(c: str, n: int, person: str, **more: object) -> Row:
    return {
        "appointment_id": f"{c}-a{n}",
        "company": c,
        "role": "system_admin",
        "scope_id": f"{c}-S{n}",
        "person_key": f"{c}-{person}",
        "appointed_on": date(2020, 4, 1),
        "ends_on": OPEN_END,
        **more,
    }


def org_2_04(draw: Draw, c: str, period: Period) -> World:
    """Outputs of a thousand rows or of one, each with an approval that is whole, or lacks one thing, or a second."""
    return join(
        *(_output(draw, c, n, period) for n in range(6)),
        {
            "data_stores": [
                {"company": c, "db_id": f"{c}-db1", "holds_personal_data": True, "special_care": False},
                {"company": c, "db_id": f"{c}-db2", "holds_personal_data": True, "special_care": True},
            ]
        },
        staff(f"{c}-p1", f"{c}-p2", company=c),
    )


def _output(draw: Draw, c: str, n: int, period: Period) -> World:
    day = choose(draw, period.since + 8 * DAY, period.since + 8 * DAY, period.as_of, period.since)
    when, account = at(day, choose(draw, 0, 12, 23)), f"{c}-a{n}"
    out = event(c, f"{c}-v{n}", account, when, db_id=f"{c}-db1", action="export", rows=1000, purpose="mailing")
    approval: Row = {
        "approval_id": f"{c}-k{n}",
        "company": c,
        "kind": "bulk_output",
        "requested_by": f"{c}-p1",
        "approved_by": f"{c}-boss",
        "approved_at": when - DAY,
        "person_key": f"{c}-p1",
        "scope_ids": choose(draw, [f"{c}-db1"], [f"{c}-db0", f"{c}-db1"]),
        "purpose": "mailing",
        "valid_from_at": when - DAY,
        "valid_to_at": FAR,
        "status": "approved",
    }
    approvals, holders = [approval], [owned(account, f"{c}-p1")]
    match choose(
        draw, "none", "unapproved", "unapproved", "event", "time", "time", "approval", "limit", "purpose", "holder"
    ):
        case "unapproved":
            store = choose(draw, f"{c}-db1", f"{c}-db2", f"{c}-db2", f"{c}-db9", None)
            counts = (0, 1, 1, 999) if store == f"{c}-db2" else (1, 999, 1000, 1001)
            out |= {"db_id": store, "rows": choose(draw, *counts, None)}
            approvals = []
        case "event":
            out |= _odd_event(draw, c, period)
        case "time":
            approval |= _moments(draw, when)
        case "approval":
            approval |= _odd_approval(draw, c)
        case "limit":
            approval["max_rows"] = choose(draw, 999, 1000, 1001)
            out["rows"] = choose(draw, 1000, 1000, None)
        case "purpose":
            approval["purpose"], out["purpose"] = choose(draw, ("survey", "mailing"), (None, None), (None, "mailing"))
        case "holder":
            holders = choose(draw, [], [owned(account, f"{c}-p2")], handed_on(draw, account, f"{c}-p1", f"{c}-p2", day))
            turn = near(draw, day)
            moved = [owned(account, f"{c}-p1", last=turn), owned(account, f"{c}-p2", first=turn + DAY)]
            holders = choose(draw, holders, moved)
        case _:
            pass
    return {"access_events": [out], "approvals": approvals, "account_owners": holders}


def _odd_event(draw: Draw, c: str, period: Period) -> Row:
    """Another act, another purpose, no time, a day beside the period, another company's system."""
    outside = at(choose(draw, period.since - DAY, period.as_of + DAY), 12)
    return choose(
        draw,
        {"action": "print"},
        {"action": choose(draw, "read", "search", "update", "delete")},
        {"purpose": choose(draw, "survey", None)},
        {"db_id": choose(draw, f"{c}-db2", f"{c}-db9", None)},
        {"occurred_at": None, "time_basis": "day_only"},
        {"occurred_at": outside, "occurred_on": outside.date()},
        {"company": f"{c}x"},
    )


def _moments(draw: Draw, when: datetime) -> Row:
    """Approved or valid just before, at, or just after the first or last moment that counts."""
    second = choose(draw, timedelta(), SECOND, -SECOND)
    return choose(
        draw,
        {"approved_at": when + second},
        {"approved_at": when - 7 * DAY + second, "valid_from_at": when - 9 * DAY},
        {"valid_from_at": when + second},
        {"valid_to_at": when + second},
        {"approved_at": None},
    )


def _odd_approval(draw: Draw, c: str) -> Row:
    """An approval of something else, for somebody else, by nobody else, of too little, or that was none."""
    return choose(
        draw,
        {"kind": choose(draw, "take_out", "ticket", "outbound")},
        {"person_key": choose(draw, f"{c}-p2", None)},
        {"approved_by": choose(draw, f"{c}-p1", None)},
        {"scope_ids": choose(draw, [f"{c}-db2"], [f"{c}-S1"], [])},
        {"status": choose(draw, "refused", "withdrawn")},
    )
