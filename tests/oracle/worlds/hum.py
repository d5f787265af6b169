"""Worlds of HUM: people who are new, away, back, and trained a day too early."""

from datetime import date
from decimal import Decimal

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from tests.oracle.facts import (
    DAY,
    LONG_HIRED,
    Draw,
    Row,
    World,
    ago,
    at,
    chance,
    choose,
    event,
    handed_on,
    near,
    owned,
    pick,
    worker,
)


def courses(draw: Draw, c: str, period: Period) -> list[Row]:
    """One content that was approved throughout, and one whose approval ended close to the day that counts."""
    until = near(draw, period.as_of - 10 * DAY)
    kinds = {"course": f"{c}-course", "kind": "annual", "pass_mark": 80}
    return [
        {**kinds, "content_version": "1", "approved_from_on": date(2020, 1, 1), "approved_to_on": OPEN_END},
        {
            **kinds,
            "content_version": "2",
            "approved_from_on": near(draw, period.as_of - 365 * DAY),
            "approved_to_on": until,
        },
    ]


def completed(draw: Draw, c: str, key: str, person: str, day: date) -> Row:
    """A training: with or without a score, of approved, once approved or unknown content."""
    return {
        "training_key": key,
        "person_key": person,
        "company": c,
        "course": f"{c}-course",
        "content_version": pick(draw, "1", "2", "3"),
        "kind": pick(draw, "annual", "onboarding", "role"),
        "completed_on": day,
        "occurred_on": day,
        "score": pick(draw, Decimal(80), None, Decimal("79.5"), Decimal(100)),
        "passed": choose(draw, True, False),
        "method": "e_learning",
    }


def trainings(draw: Draw, c: str, person: str, *limits: date) -> list[Row]:
    return [
        completed(draw, c, f"{person}-t{n}", person, near(draw, choose(draw, *limits)))
        for n in range(pick(draw, 1, 2, 0))
    ]


def hum_01(draw: Draw, c: str, period: Period) -> World:
    """Newcomers, leavers, returners, people on leave, people of two companies."""
    as_of, other = period.as_of, f"{c}x"
    a, b, d = f"{c}-p1", f"{c}-p2", f"{c}-p3"
    workers = [
        worker(a, c, ago(draw, as_of, 30)),
        worker(b, c, LONG_HIRED, pick(draw, None, near(draw, as_of))),
        worker(d, c, LONG_HIRED, as_of - 200 * DAY),
        worker(d, c, near(draw, as_of - 30 * DAY), nth=2),
    ]
    if chance(draw):
        workers.append(worker(a, other, LONG_HIRED))
    for one in workers:
        one["kind"] = choose(draw, "regular", "officer", "dispatched", "onsite_contractor", "seconded_in")
    leaves = []
    if choose(draw, True, False):
        first = choose(draw, near(draw, as_of - 365 * DAY), period.since)
        middle = period.since + 5 * DAY
        last = choose(draw, OPEN_END, as_of, as_of - DAY)
        gap = pick(draw, 1, 2)
        leaves = [
            {
                "leave_key": f"{b}-l1",
                "person_key": b,
                "company": c,
                "kind": "parental",
                "leave_from_on": first,
                "leave_to_on": middle,
            },
            {
                "leave_key": f"{b}-l2",
                "person_key": b,
                "company": c,
                "kind": "sick",
                "leave_from_on": middle + gap * DAY,
                "leave_to_on": last,
            },
        ]
    limits = (as_of - 365 * DAY, as_of - 10 * DAY, as_of)
    return {
        "workers": workers,
        "leaves": leaves,
        "courses": courses(draw, c, period),
        "training": [row for person in (a, b, d) for row in trainings(draw, c, person, *limits)],
    }


def hum_03(draw: Draw, c: str, period: Period) -> World:
    """Accesses on the last day that a training holds and a day on either side; accounts handed on; orphans."""
    a, b, day = f"{c}-p1", f"{c}-p2", period.as_of - 8 * DAY
    account, spare, orphan = f"{c}-a1", f"{c}-a2", f"{c}-a3"
    when = [near(draw, day) for _ in range(3)]
    events = [
        event(
            c,
            f"{c}-v{n}",
            choose(draw, account, spare, orphan),
            at(one, choose(draw, 0, 23)),
            db_id=pick(draw, f"{c}-db1", f"{c}-db2", None),
        )
        for n, one in enumerate(when)
    ]
    if chance(draw):
        events.append(event(c, f"{c}-v9", account, choose(draw, day, period.since - DAY), db_id=f"{c}-db1"))
    return {
        "access_events": events,
        "account_owners": [*handed_on(draw, account, a, b, day), owned(spare, a)],
        "data_stores": [
            {"company": c, "db_id": f"{c}-db1", "holds_personal_data": True},
            {"company": c, "db_id": f"{c}-db2", "holds_personal_data": False},
        ],
        "workers": [worker(a, c, LONG_HIRED), worker(b, c, LONG_HIRED)],
        "courses": courses(draw, c, period),
        "training": [row for person in (a, b) for row in trainings(draw, c, person, day - 365 * DAY, day)],
    }
