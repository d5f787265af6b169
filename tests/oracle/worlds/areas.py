"""Worlds of PHY-1-01 and -03: rooms nobody registered or walked, days without a last out, a console nobody went to."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from registers.calendar import calendar_rows
from tests.oracle.facts import (
    DAY,
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
    pick,
)

QUESTIONS = {"PHY-1-01": "patrol", "PHY-2-04": "locks"}  # what the catalogue calls what is asked


def answers(draw: Draw, c: str, control: str, kind: str, subject: str, period: Period, limit: int) -> list[Row]:
    """What was answered about a thing: nothing, long ago, twice, about another, to another question, for a while."""
    as_of = period.as_of
    right = {"control_id": control, "company": c, "subject_kind": kind, "subject": subject}
    oldest = near(draw, as_of - limit * DAY)
    yes = right | {"answered_at": at(as_of - 10 * DAY, 9), "answer": "yes", "expires_on": OPEN_END}
    no = yes | {"answer": choose(draw, "no", "partly", "not_applicable", "nil")}
    later = {"answered_at": at(as_of - 5 * DAY, 9)}
    other: Row = choose(
        draw, {"company": f"{c}x"}, {"subject_kind": "department"}, {"subject": f"{c}-9"}, {"control_id": "ORG-3-01"}
    )
    given = choose(
        draw,
        [],
        [yes],
        [yes],
        [yes | {"answered_at": at(oldest, choose(draw, 0, 23))}],
        [yes | {"answered_at": at(near(draw, as_of), choose(draw, 0, 23))}],
        [yes | {"expires_on": near(draw, as_of)}],
        choose(draw, [no], [no, yes | later], [yes, no | later]),
        [yes | other],
    )
    return [
        row | {"attestation_id": f"{subject}-q{n}", "question": QUESTIONS[control], "evidence": [f"{subject}-photo"]}
        for n, row in enumerate(given)
    ]


def zone(c: str, n: int, **more: object) -> Row:
    """A zone at a site of its own."""
    return {
        "company": c,
        "zone_id": f"{c}-Z{n}",
        "site": f"{c}-site{n}",
        "class": "controlled",
        "manager_key": f"{c}-p1",
        "plan_ref": f"{c}-plan{n}",
        "reader_ids": [f"{c}-reader{n}"],
        **more,
    }


def phy_1_01(draw: Draw, c: str, period: Period) -> World:
    """Zones with and without a plan, walked or not, each with a store; paper that lies nowhere or in an unknown zone.

    Where a system stands that has no zone, and whether a zone must have a plan in which nothing is kept, is not told.
    """
    kinds = ("handling", "controlled", "handling", "handling")
    zones = [zone(c, n, **{"class": kind, "plan_ref": pick(draw, "plan", None)}) for n, kind in enumerate(kinds)]
    store = {"company": c, "holds_personal_data": True}
    stores = [
        store | {"db_id": f"{c}-db{n}", "system_id": choose(draw, None, f"{c}-S1"), "zone_id": one["zone_id"]}
        for n, one in enumerate(zones)
    ]
    nowhere = choose(draw, None, f"{c}-Z9")
    stores += choose(draw, [], [store | {"db_id": f"{c}-db8", "system_id": None, "zone_id": nowhere}])
    if choose(draw, True, False):  # nothing in it about anybody
        stores.append(store | {"db_id": f"{c}-db9", "zone_id": f"{c}-Z8", "holds_personal_data": False})
    return {
        "zones": zones,
        "data_stores": stores,
        "systems": [{"company": c, "system_id": f"{c}-S1", "holds_personal_data": True}],
        "attestations": [
            row for one in zones for row in answers(draw, c, "PHY-1-01", "zone", one["zone_id"], period, 92)
        ],
    }


def phy_1_03(draw: Draw, c: str, period: Period) -> World:
    """A zone with a day that lacks a mark, one with visitors, two with a console; all are reviewed in time."""
    days = calendar(c, period)
    zones = [
        zone(
            c, n, **{"class": choose(draw, "controlled", "handling"), "reader_ids": pick(draw, [f"{c}-reader{n}"], [])}
        )
        for n in range(1, 5)
    ]
    working = [d["day_on"] for d in days["calendar_days"] if d["is_business_day"] and d["day_on"] <= period.as_of]
    working = [day for day in working if day >= period.since]
    entries = [row for one in zones for row in marked(c, one["zone_id"], working)]
    if choose(draw, True, True, False):
        lacking = (choose(draw, working[0], working[-1], working[6]), choose(draw, "first_in", "last_out"))
        entries = [e for e in entries if e["zone_id"] != f"{c}-Z1" or (e["occurred_on"], e["marks"]) != lacking]
    entries.append(entry(c, "z", f"{c}-Z1", at(working[0], 12)))
    return join(
        {
            "zones": zones,
            "entry_events": entries,
            "visitor_records": [visit(draw, c, n, period) for n in range(choose(draw, 1, 2, 3))],
            "reviews": [
                review(c, one["zone_id"], month, day)
                for one in zones
                for month, day in (("2026-01", date(2026, 2, 5)), ("2026-02", date(2026, 3, 5)))
            ],
        },
        *(console(draw, c, n, period) for n in (3, 4)),
        days,
    )


def entry(c: str, key: str, zone_id: str, when: datetime | date, **more: object) -> Row:
    """Somebody's way through a door."""
    told = isinstance(when, datetime)
    return {
        "company": c,
        "event_key": f"{c}-n{key}",
        "zone_id": zone_id,
        "person_key": f"{c}-guard",
        "direction": "in",
        "result": "ok",
        "occurred_at": when if told else None,
        "occurred_on": when.date() if isinstance(when, datetime) else when,
        "time_basis": "zone_given" if told else "day_only",
        **more,
    }


def marked(c: str, zone_id: str, days: Sequence[date]) -> list[Row]:
    """The first in and the last out of each day."""
    return [
        entry(c, f"{zone_id}-{day}-{mark}", zone_id, at(day, hour), direction=direction, marks=mark)
        for day in days
        for hour, direction, mark in ((8, "in", "first_in"), (20, "out", "last_out"))
    ]


def visit(draw: Draw, c: str, n: int, period: Period) -> Row:
    """A visitor's row, complete or without one thing; whether a zone is registered does not matter."""
    day = choose(draw, period.since, period.as_of, period.since + 8 * DAY, period.since - DAY)
    return {
        "company": c,
        "visit_id": f"{c}-w{n}",
        "zone_id": pick(draw, f"{c}-Z2", f"{c}-Z9"),
        "occurred_on": day,
        "occurred_at": at(day, 10),
        "time_basis": "zone_given",
        "name_filled": True,
        "organisation_filled": True,
        "host_key": f"{c}-p1",
        "in_at": at(day, 10),
        "out_at": at(day, 11),
        "escorted": True,
        **choose(
            draw,
            {},
            {},
            choose(draw, {"name_filled": False}, {"organisation_filled": False}, {"host_key": None}),
            choose(draw, {"in_at": None}, {"out_at": None}, {"escorted": None}, {"escorted": False}),
        ),
    }


def console(draw: Draw, c: str, n: int, period: Period) -> World:
    """A console login of an account that may be another's by then or nobody's, close to its holder's way in."""
    day = choose(draw, period.since, period.as_of, period.since + 8 * DAY, period.since - DAY)
    zone_id, account, person, when = f"{c}-Z{n}", f"{c}-a{n}", f"{c}-p{n}", at(day, 12)
    untold = not pick(draw, True, False)
    login = event(
        c,
        f"{c}-v{n}",
        pick(draw, account, f"{c}-a9"),
        day if untold else when,
        action=pick(draw, "console", "login_ok"),
        zone_id=zone_id,
    )
    if login["action"] == "login_ok":  # whether it is a login in a zone when it is called otherwise, is not told
        login["zone_id"] = None
    margin = timedelta(minutes=15)
    away = choose(draw, timedelta(), -margin, margin, -margin - SECOND, margin + SECOND)
    odd: Row = choose(
        draw, {}, {}, {"direction": "out"}, {"result": "denied"}, {"person_key": None}, {"zone_id": f"{c}-Z1"}
    )
    moment = pick(draw, when + away, day) if away == timedelta() else when + away
    way = entry(c, f"{n}", zone_id, moment, person_key=person) | odd
    return {
        "access_events": [login],
        "account_owners": handed_on(draw, account, person, f"{c}-p8", choose(draw, day, day + DAY)),
        "entry_events": [way] if pick(draw, True, False) else [],
    }


def review(c: str, zone_id: str, month: str | None, day: date, **more: object) -> Row:
    return {
        "company": c,
        "review_id": f"{zone_id}-{month}-{day}",
        "kind": "entry_log",
        "scope_id": zone_id,
        "period": month,
        "reviewed_on": day,
        "items_total": 9,
        "items_decided": 9,
        **more,
    }


@cache
def _shut(period: Period, count: int) -> tuple[tuple[Row, ...], date]:
    """A calendar that closes the first working days of March, and the tenth that is left."""
    first, last = date(2026, 1, 1), date(2026, 4, 30)
    plain = calendar_rows("company", first, last)
    march = [d["day_on"] for d in plain if d["is_business_day"] and d["day_on"] >= date(2026, 3, 1)]
    return tuple(calendar_rows("company", first, last, march[:count])), march[count + 9]


def phy_1_03_reviews(draw: Draw, c: str, period: Period) -> World:
    """Zones that were reviewed in time, a day late, for another month, or not; the last day is about now."""
    until = next(n for n in range(30) if _shut(period, n)[1] >= period.as_of)  # closed days that make it today
    days, due = _shut(period, choose(draw, 0, until - 1, until, until + 1))
    working = [d["day_on"] for d in days if d["is_business_day"] and period.since <= d["day_on"] <= period.as_of]
    zones = [zone(c, n) for n in range(1, 5)]
    reviews: list[Row] = []
    for one in zones:
        day = min(choose(draw, near(draw, due), due - DAY), period.as_of + DAY)
        told = review(c, one["zone_id"], pick(draw, "2026-02", "2026-01", None), day)
        odd: Row = choose(draw, {}, {}, {}, {"kind": "badge"}, {"scope_id": f"{c}-Z9"})
        reviews += pick(draw, [told | odd], [], [told, told | {"review_id": f"{one['zone_id']}-2", "reviewed_on": due}])
    return {
        "zones": zones,
        "entry_events": [row for one in zones for row in marked(c, one["zone_id"], working)],
        "reviews": reviews,
        "calendar_days": [{**day, "calendar": c} for day in days],
    }
