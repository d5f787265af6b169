"""Worlds of TEC-2-02 to -04: systems of every kind, settings one below the limit, an hour between two places."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from evidence.period import Period
from tests.oracle.facts import (
    DAY,
    SECOND,
    Draw,
    Row,
    World,
    at,
    chance,
    choose,
    event,
    handed_on,
    join,
    owned,
    pick,
    staff,
)
from tests.oracle.worlds.org_1 import thrice
from tests.oracle.worlds.tec import account

REACHES = ("holds_personal_data", "internet_facing", "requires_mfa")


def tec_2_02(draw: Draw, c: str, period: Period) -> World:
    """A system for each reason to demand a second factor, one for none, one unknown; accounts and logins with and without."""
    systems = [f"{c}-S{n}" for n in range(5)]  # the fourth has no reason, the fifth no register knows
    registered: list[Row] = [
        {"company": c, "system_id": one, **{reach: n == m for m, reach in enumerate(REACHES)}}
        for n, one in enumerate(systems[:4])
    ]
    accounts = [
        account(
            c,
            n,
            system_id=choose(draw, *systems, systems[3]),
            kind=choose(draw, "personal", "privileged", "personal", "service"),
            enabled=pick(draw, True, False),
            mfa=choose(draw, True, True, True, False, None),
        )
        for n in range(1, 5)
    ]
    days = (period.since, period.as_of, period.as_of - 3 * DAY, period.since - DAY)
    events = []
    for n in range(5):
        who = choose(draw, 0, 0, 0, 1, 2, None)  # an account that no export knows
        system = choose(draw, *systems, systems[3]) if who is None else accounts[who]["system_id"]
        day = choose(draw, *days)
        events.append(
            event(
                c,
                f"{c}-v{n}",
                f"{c}-a9" if who is None else accounts[who]["account_key"],
                pick(draw, at(day, choose(draw, 0, 23)), day),
                action=pick(draw, "login_ok", "login_ng", "read"),
                system_id=system,
                site="HQ",
                country="JP",
                mfa=choose(draw, True, True, True, False, None),
            )
        )
    return {"systems": registered, "accounts": accounts, "access_events": events}


def tec_2_03(draw: Draw, c: str, period: Period) -> World:
    """Systems whose settings are at the limit, one off it, never, or told by nobody."""
    limits = {
        "password_min_length": draw.parameters["min_length"],
        "lock_after": draw.parameters["max_attempts"],
        "idle_minutes": draw.parameters["idle_minutes"],
    }
    systems = [{"company": c, "system_id": f"{c}-S{n}", "holds_personal_data": True} for n in (1, 2, 3)]
    settings: list[Row] = []
    for system in systems:
        for setting, limit in limits.items():
            number = choose(draw, limit, limit, limit - 1, limit + 1, 0, None)
            told = {
                "number": None if number is None else Decimal(number),
                "value": None if number is None else f"{number}",
            }
            settings.append(_setting(system, setting, told))
        blocked = pick(draw, "true", "false", None)
        told = {"number": None if blocked is None else Decimal(blocked == "true"), "value": blocked}
        settings += [
            _setting(system, "reuse_blocked", told),
            _setting(system, "tls_min", {"value": "1.2"}, "endpoint:web"),
        ]
    return {"systems": systems, "system_settings": [one for one in settings if not chance(draw)]}


def _setting(system: Row, setting: str, told: Row, component: str = "auth") -> Row:
    return {"system_id": system["system_id"], "component": component, "setting": setting, **told}


@thrice
def tec_2_04(draw: Draw, c: str, period: Period) -> World:
    """Two uses an hour and a second apart, a fourth device, and a login before coming in or after going out."""
    as_of = period.as_of
    a, b = f"{c}-p1", f"{c}-p2"
    day = choose(draw, as_of, as_of - 3 * DAY)
    start = choose(draw, at(day, 12), at(period.since, 0, 30))
    hour = timedelta(hours=draw.parameters["hours"])
    apart = choose(draw, hour, hour, hour + SECOND, hour - SECOND, 0 * hour)
    uses = [
        _use(draw, c, 2, choose(draw, 1, 1, 2, 3), start, at_home=choose(draw, True, False)),
        _use(draw, c, 1, 1, start - apart, at_home=True),
    ]
    many = draw.parameters["max_devices"] + choose(draw, 0, 1, -1)
    busy = as_of - choose(draw, 8, 9) * DAY
    uses += [
        event(
            c,
            f"{c}-d{n}",
            f"{c}-a4",
            at(pick(draw, busy, busy - DAY), 8 + n),
            device_id=pick(draw, f"{c}-m{n}", f"{c}-m0", None),
        )
        for n in range(many)
    ]
    came, login = at(as_of - 5 * DAY, 9), at(as_of - 5 * DAY, choose(draw, 9, 12, 18))
    uses.append(event(c, f"{c}-l", f"{c}-a5", login, action=pick(draw, "login_ok", "read")))
    doors = [
        _pass(draw, c, 1, a, came + choose(draw, 0, 0, 1) * SECOND, "in"),
        _pass(draw, c, 2, a, at(as_of - 5 * DAY, 18) - choose(draw, 0, 1, -1) * SECOND, "out"),
        _pass(draw, c, 3, pick(draw, b, a), came, "in"),
    ]
    permit = {
        "company": c,
        "approval_id": f"{c}-q1",
        "kind": choose(draw, "remote_work", "remote_work", "overtime"),
        "status": pick(draw, "approved", "refused"),
        "requested_by": a,
        "person_key": pick(draw, a, b),
        "approved_by": pick(draw, f"{c}-o1", a, None),
        "approved_at": pick(draw, login, login + SECOND),
        "scope_ids": pick(draw, [f"{c}-S1"], [f"{c}-S9"]),
        "valid_from_at": pick(draw, login, login + SECOND),
        "valid_to_at": pick(draw, login, login - SECOND),
    }
    return join(
        {
            "access_events": uses,
            "account_owners": [
                *handed_on(draw, f"{c}-a5", a, b, as_of - choose(draw, 5, 4) * DAY),
                owned(f"{c}-a1", a),
            ],
            "entry_events": [one for one in doors if not chance(draw)],
            "approvals": [permit] if choose(draw, True, False) else [],
        },
        staff(a, b, company=c),
    )


def _use(draw: Draw, c: str, n: int, who: int, when: datetime | date, *, at_home: bool) -> Row:
    """A use at the first place or, in site or country, at another; either may be unknown."""
    other = {"site": "HQ", "country": "US"}, {"site": "KIX", "country": "JP"}, {"site": "KIX", "country": None}
    place: Row = {"site": "HQ", "country": "JP"} if at_home else choose(draw, *other)
    told = {name: pick(draw, value, None) for name, value in place.items()}
    return event(c, f"{c}-v{n}", f"{c}-a{who}", when, action=choose(draw, "read", "export"), **told)


def _pass(draw: Draw, c: str, n: int, person: str, when: datetime, direction: str) -> Row:
    return {
        "company": c,
        "event_key": f"{c}-e{n}",
        "zone_id": f"{c}-Z1",
        "person_key": pick(draw, person, None),
        "direction": direction,
        "result": pick(draw, "ok", "denied"),
        "occurred_at": when,
        "time_basis": "zone_given",
    }


@thrice
def tec_2_04_day_only(draw: Draw, c: str, period: Period) -> World:
    """Two uses at two places of which one tells its day only."""
    day = period.as_of - choose(draw, 1, 3) * DAY
    when = choose(draw, at(day, 12), day, at(day - DAY, 12), at(day + DAY, 12))
    return {
        "access_events": [
            _use(draw, c, 1, 1, day, at_home=True),
            _use(draw, c, 2, choose(draw, 1, 1, 2), when, at_home=choose(draw, False, False, True)),
        ]
    }
