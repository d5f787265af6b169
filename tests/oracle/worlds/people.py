"""Worlds of HUM but the yearly training: trained too late or for another post, pledges of yesterday, badges kept."""

from collections.abc import Sequence
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
    at,
    calendar,
    choose,
    event,
    handed_on,
    join,
    near,
    owned,
    pick,
    worker,
)
from tests.oracle.worlds.tec import account

KINDS = ("regular", "officer", "contract", "dispatched", "onsite_contractor", "seconded_in")


def contents(draw: Draw, c: str, kind: str, period: Period, role: str | None = None) -> list[Row]:
    """A course whose first content was always approved, the second until lately; of the third nothing is known."""
    course = {"course": f"{c}-{kind}-{role}", "kind": kind, "for_role": role, "pass_mark": 80}
    until = near(draw, period.as_of - 10 * DAY)
    return [
        course | {"content_version": "1", "approved_from_on": date(2020, 1, 1), "approved_to_on": OPEN_END},
        course | {"content_version": "2", "approved_from_on": until - 40 * DAY, "approved_to_on": until},
    ]


def taken(draw: Draw, c: str, person: str, kind: str, day: date, role: str | None = None, **more: object) -> Row:
    """A training that the source calls passed exactly when its score says so."""
    score, passed = pick(draw, (Decimal(80), True), (None, True), (Decimal("79.5"), False), (None, False))
    return {
        "training_key": f"{person}-{kind}-{day}-{role}",
        "person_key": person,
        "company": c,
        "course": f"{c}-{kind}-{role}",
        "content_version": pick(draw, "1", "2", "3"),
        "kind": kind,
        "completed_on": day,
        "occurred_on": day,
        "score": score,
        "passed": passed,
        **more,
    }


def passed(draw: Draw, c: str, person: str, kind: str, day: date, role: str | None = None) -> Row:
    return taken(draw, c, person, kind, day, role, score=Decimal(95), passed=True, content_version="1")


def failed(draw: Draw, c: str, person: str, day: date) -> Row:
    told: Row = choose(draw, {"score": Decimal("79.5")}, {"score": None})
    return taken(draw, c, person, "annual", day, passed=False, content_version="1", **told)


def some(draw: Draw, c: str, period: Period, person: str, kind: str, *limits: date) -> list[Row]:
    """Once, twice or not at all, close to one of some days, at the latest on the day after the period."""
    found = {min(near(draw, choose(draw, *limits)), period.as_of + DAY) for _ in range(pick(draw, 1, 2, 0))}
    return [taken(draw, c, person, kind, day) for day in sorted(found)]


def hum_02(draw: Draw, c: str, period: Period) -> World:
    """People hired and back as long ago as they may be untrained, or at work on personal data before; rehired, seconded.

    How far back hiring is asked for, no text tells: who was hired before these weeks was trained at once. Nor whether
    a holiday is followed by a training, nor what holds for one during a leave.
    """
    as_of, since, other = period.as_of, period.since, f"{c}x"
    p = [f"{c}-p{n}" for n in range(10)]
    used = as_of - 7 * DAY
    hired = {
        1: near(draw, as_of - 30 * DAY),
        2: as_of - 40 * DAY,
        3: as_of - 12 * DAY,
        6: as_of - 45 * DAY,
        7: near(draw, as_of - 30 * DAY),
        8: near(draw, as_of),
        9: since - 35 * DAY,
    }
    workers = [worker(p[n], c, day) for n, day in hired.items()]
    workers[3]["left_on"] = near(draw, as_of)
    workers += [
        worker(p[4], c, as_of - 200 * DAY),
        worker(p[5], c, as_of - 300 * DAY, as_of - 100 * DAY),
        worker(p[5], c, near(draw, as_of - 30 * DAY), nth=2),
        worker(p[7], other, near(draw, as_of - 30 * DAY)),
    ]
    for one in workers:
        one["kind"] = choose(draw, *KINDS)
    back = choose(draw, near(draw, as_of - 14 * DAY), as_of - 20 * DAY, near(draw, as_of), since - 20 * DAY)
    back = min(back, as_of - DAY)
    leave = {"person_key": p[4], "company": c, "kind": choose(draw, "leave", "parental", "sick", "suspension")}
    leaves = [
        leave | {"leave_key": f"{p[4]}-l1", "leave_from_on": back - 40 * DAY, "leave_to_on": back},
        leave | {"leave_key": f"{p[4]}-l2", "leave_from_on": as_of + 40 * DAY, "leave_to_on": OPEN_END},
    ]
    trained = [
        *some(draw, c, period, p[1], "onboarding", hired[1] + 30 * DAY, as_of - 20 * DAY),
        *some(draw, c, period, p[2], "onboarding", hired[2] + 30 * DAY),
        *some(draw, c, period, p[3], "onboarding", used),
        passed(draw, c, p[4], "onboarding", as_of - 195 * DAY),
        *some(draw, c, period, p[4], "returner", back + 14 * DAY, back + 2 * DAY, back - 60 * DAY),
        *choose(draw, [], [passed(draw, c, p[5], "onboarding", as_of - 290 * DAY)]),
        *choose(draw, [], [passed(draw, c, p[6], "onboarding", hired[6] + 3 * DAY)]),
        *some(draw, c, period, p[7], "onboarding", hired[7] + 30 * DAY),
        *some(draw, c, period, p[9], choose(draw, "onboarding", "onboarding", "annual"), since),
    ]
    accounts = (f"{c}-a3", f"{c}-a4", f"{c}-a9")
    events = [
        event(
            c,
            f"{c}-v{n}",
            pick(draw, *accounts),
            at(near(draw, choose(draw, used, used, as_of)), choose(draw, 0, 23)),
            db_id=pick(draw, f"{c}-db1", f"{c}-db2", None),
        )
        for n in range(choose(draw, 0, 1, 2))
    ]
    events += choose(draw, [], [event(c, f"{c}-v8", f"{c}-a8", at(near(draw, as_of), 9), db_id=f"{c}-db1")])
    kinds = ("onboarding", "returner", "annual")
    return {
        "workers": workers,
        "leaves": leaves,
        "courses": [row for kind in kinds for row in contents(draw, c, kind, period)],
        "training": trained,
        "access_events": events,
        "account_owners": [
            *handed_on(draw, accounts[0], p[3], p[4], used),
            owned(accounts[1], p[4]),
            owned(f"{c}-a8", p[8]),
        ],
        "data_stores": [
            {"company": c, "db_id": f"{c}-db1", "holds_personal_data": True},
            {"company": c, "db_id": f"{c}-db2", "holds_personal_data": False},
        ],
    }


def hum_04(draw: Draw, c: str, period: Period) -> World:
    """Failures as long ago as they may be followed up, and posts of people who were trained a year ago, or for another.

    Not told: whether a remedial course of the same day follows, and what a failure of unapproved content is.
    """
    as_of, since = period.as_of, period.since
    p = [f"{c}-p{n}" for n in range(10)]
    fell = {
        1: near(draw, as_of - 30 * DAY),
        2: as_of - 45 * DAY,
        3: as_of - 45 * DAY,
        4: as_of - 60 * DAY,
        5: near(draw, as_of),
        6: since - 35 * DAY,
    }
    after = {
        1: (fell[1] + 20 * DAY, fell[1] - 5 * DAY),
        2: (fell[2] + 30 * DAY, fell[2] - 5 * DAY),
        4: (fell[4] + 5 * DAY, as_of),
        6: (since,),
    }
    training = [failed(draw, c, p[n], day) for n, day in fell.items()]
    for n, limits in after.items():
        training += some(draw, c, period, p[n], pick(draw, "remedial", "annual"), *limits)
    roles = ("dept_privacy_manager", "auditor", "system_admin", "desk")
    posts: list[Row] = []
    for n in (1, 7, 7, 8, 9):
        role = pick(draw, choose(draw, *roles), "deputy", "audit_officer", "emergency_contact")
        learnt = pick(draw, role, *roles)
        posts.append(
            {
                "appointment_id": f"{p[n]}-{len(posts)}",
                "company": c,
                "department": choose(draw, "D1", None),
                "role": role,
                "person_key": p[n],
                "appointed_on": pick(draw, as_of - 500 * DAY, near(draw, as_of)),
                "ends_on": pick(draw, OPEN_END, near(draw, as_of)),
            }
        )
        day = pick(draw, near(draw, as_of - 365 * DAY), near(draw, as_of - 10 * DAY), as_of)
        training += [taken(draw, c, p[n], "role", min(day, as_of), learnt)] if pick(draw, True, False) else []
    kinds = ("remedial", "annual")
    courses = [row for kind in kinds for row in contents(draw, c, kind, period)]
    for role in (*roles, "deputy", "audit_officer", "emergency_contact"):
        courses += contents(draw, c, "role", period, role)
        courses[-2]["approved_from_on"] = courses[-1]["approved_from_on"] = as_of - 500 * DAY
        courses[-2]["for_role"] = courses[-1]["for_role"] = pick(draw, role, None)
    return {
        "training": list({row["training_key"]: row for row in training}.values()),
        "courses": courses,
        "appointments": posts,
        "workers": [
            *(worker(p[n], c, LONG_HIRED) for n in (1, 2, 5, 6, 7)),
            worker(p[3], c, LONG_HIRED, near(draw, as_of)),
            worker(p[4], c, LONG_HIRED, as_of - 50 * DAY),
            worker(p[4], c, near(draw, as_of), nth=2),
            worker(p[8], f"{c}x", LONG_HIRED),
            worker(p[9], c, LONG_HIRED, near(draw, as_of)),
        ],
    }


def acknowledged(draw: Draw, c: str, person: str, kind: str, day: date, **more: object) -> Row:
    return {
        "acknowledgement_id": f"{person}-{kind}-{day}-{c}",
        "person_key": person,
        "company": c,
        "document_code": "PLEDGE",
        "versions_behind": pick(draw, choose(draw, 0, 1), 2),
        "kind": kind,
        "signed_on": day,
        **more,
    }


def hum_05(draw: Draw, c: str, period: Period) -> World:
    """Pledges signed to the day, of an old text, to another company, held by an agency, of leavers and the rehired."""
    as_of, since, other = period.as_of, period.since, f"{c}x"
    p = [f"{c}-p{n}" for n in range(10)]
    hired = {
        1: near(draw, as_of - 7 * DAY),
        2: as_of - 20 * DAY,
        3: as_of - 20 * DAY,
        4: as_of - 100 * DAY,
        6: LONG_HIRED,
        7: LONG_HIRED,
        8: near(draw, as_of),
        9: since - 10 * DAY,
    }
    workers = {n: worker(p[n], c, day) | {"kind": choose(draw, *KINDS)} for n, day in hired.items()}
    workers[3] |= {"kind": "dispatched", "pledge_held_by_agency": choose(draw, True, True, False)}
    workers[4] |= {"kind": choose(draw, "regular", "officer"), "pledge_held_by_agency": choose(draw, True, False)}
    workers[6]["left_on"] = near(draw, as_of)
    signed = {
        1: choose(draw, hired[1] - 3 * DAY, near(draw, as_of), as_of),
        2: near(draw, hired[2] + 7 * DAY),
        3: near(draw, hired[3] + 7 * DAY),
        4: hired[4],
        6: LONG_HIRED,
        7: LONG_HIRED,
        8: as_of,
        9: near(draw, since),
    }
    told = []
    for n, day in signed.items():
        kind = choose(draw, "pledged", "agency_certified") if n in (3, 4) else "pledged"
        if pick(draw, True, False) and n != 6:
            odd = pick(draw, kind, "acknowledged", "exit_pledged")
            told.append(acknowledged(draw, pick(draw, c, other), p[n], odd, day))
    if choose(draw, True, False):  # the text that was signed first had become old, or the person signs again
        told.append(acknowledged(draw, c, p[2], "pledged", as_of - 2 * DAY, versions_behind=0))
    if choose(draw, True, False):
        told.append(acknowledged(draw, c, p[5], "pledged", as_of - 300 * DAY))
    told += choose(draw, [], [acknowledged(draw, c, p[7], "pledged", LONG_HIRED, acknowledgement_id=f"{c}-k7")])
    rules = [work_rules(draw, company, as_of) for company in (c, other)]
    return join(
        {
            "companies": [{"company": company, "in_scope": True} for company in (c, other)],
            "workers": [
                *workers.values(),
                worker(p[5], c, as_of - 300 * DAY, as_of - 200 * DAY),
                worker(p[5], c, as_of - 30 * DAY, nth=2),
                worker(p[7], other, LONG_HIRED),
            ],
            "acknowledgements": told,
        },
        *rules,
    )


def work_rules(draw: Draw, c: str, as_of: date) -> World:
    """Rules in two versions, of which one, both or none is in force; the clause stands in one, confirmed or not."""
    code = draw.parameters["work_rules_code"]
    about = {"company": c, "document_code": code}
    now = ("superseded", "effective"), ("effective", "draft"), ("superseded", "superseded"), ("effective", "effective")
    return {
        "documents": [
            about
            | {"document_version": f"{n}", "status": status, "effective_on": choose(draw, None, near(draw, as_of))}
            for n, status in enumerate(choose(draw, *now))
        ],
        "document_elements": [
            about
            | {
                "document_code": pick(draw, code, "POLICY"),
                "element_key": f"{c}-e{n}",
                "document_version": choose(draw, "0", "1"),
                "element": pick(draw, "confidentiality", "窓口"),
                "confirmed_by": pick(draw, f"{c}-p1", None),
            }
            for n in range(choose(draw, 1, 1, 2))
        ],
    }


def hum_06(draw: Draw, c: str, period: Period) -> World:
    """Leavers of these days."""
    return leavers(draw, c, period, [period.as_of - choose(draw, 0, 1, 2, 3, 4, 5, 6, 12) * DAY for _ in range(3)])


def hum_06_earlier(draw: Draw, c: str, period: Period) -> World:
    """Leavers of an earlier period; some of them finish in this one."""
    return leavers(draw, c, period, [period.since - choose(draw, 1, 2, 3, 4, 20) * DAY for _ in range(3)])


def leavers(draw: Draw, c: str, period: Period, left: Sequence[date]) -> World:
    """One who has gone, one who is no longer in the roster, one who stays in another company; and people who are back.

    Who is back in the company later has signed, late or not: whether things were given back in between is not seen.
    """
    as_of, other = period.as_of, f"{c}x"
    a, gone, moved, back, late, stays = (f"{c}-p{n}" for n in range(1, 7))
    pause = left[0] - choose(draw, 0, 1, 2, 3) * DAY
    workers = [
        worker(a, c, as_of - 300 * DAY, left[0]),
        worker(moved, c, LONG_HIRED, left[2]),
        worker(moved, other, LONG_HIRED),
        worker(back, c, LONG_HIRED, pause),
        worker(back, where := choose(draw, c, c, other), pause + choose(draw, 1, 2, 3, 4) * DAY, nth=2),
        worker(late, c, LONG_HIRED, left[0] - 8 * DAY),
        worker(late, c, left[0], nth=2),
        worker(stays, c, LONG_HIRED, choose(draw, None, as_of + DAY)),
    ]
    for one in workers:
        one["kind"] = choose(draw, *KINDS)
    vanished = worker(gone, c, LONG_HIRED, left[1]) | {"valid_from_on": LONG_HIRED, "valid_to_on": left[1]}
    exits = [
        exit_of(draw, c, n, person, day, as_of, *(("pledge",) if (person, where) == (back, c) else THINGS))
        for n, (person, day) in enumerate(((a, left[0]), (gone, left[1]), (moved, left[2]), (back, pause)))
    ]
    things: World = {
        "devices": [
            {"company": other, "device_id": f"{c}-d8", "kind": "pc", "status": "in_use", "owner_key": moved},
            {"company": c, "device_id": f"{c}-d9", "kind": "pc", "status": "in_use", "owner_key": stays},
        ],
        "badge_rights": [badge(other, 8, moved, enabled=True), badge(c, 9, stays, enabled=True)],
        "accounts": [account(other, 8), account(c, 9), account(c, 7)],
        "account_owners": [
            owned(f"{other}-a8", moved),
            owned(f"{c}-a9", stays),
            owned(f"{c}-a7", a, last=left[0]),
            owned(f"{c}-a7", stays, first=left[0] + DAY),
            *(owned(f"{c}-a{n}", person) for n, person in enumerate((a, gone, moved, back))),
        ],
        "acknowledgements": [
            acknowledged(draw, c, late, choose(draw, "exit_pledged", "pledged"), left[0] - 9 * DAY),
            acknowledged(draw, c, a, "exit_pledged", as_of - 310 * DAY),  # of an earlier engagement
            acknowledged(draw, other, moved, "exit_pledged", left[2]),
        ],
    }
    rosters = {"workers": workers, "workers_history": [*workers, vanished]}
    return join(rosters, things, *exits, calendar(c, period), calendar(other, period))


def badge(c: str, n: int, person: str, **more: object) -> Row:
    right: Row = {"company": c, "right_key": f"{c}-r{n}", "badge_id": f"{c}-b{n}", "person_key": person}
    return right | {"zone_id": f"{c}-Z1"} | more


THINGS = ("pledge", "pledge", "device", "badge", "badge", "account", "account")


def exit_of(draw: Draw, c: str, n: int, person: str, left: date, as_of: date, *things: str) -> World:
    """What a leaver signed and gave back: all in time, or one of the things a few days later, not yet, or only in part."""
    odd = choose(draw, None, *things)

    def day(thing: str) -> date | None:
        told = left + choose(draw, 0, 1, 2, 3, 4, 5) * DAY if odd == thing else left - DAY
        return None if told > as_of or (odd == thing and choose(draw, True, False, False, False)) else told

    pledge, returned, disabled = (day(thing) for thing in ("pledge", "badge", "account"))
    state: Row = {"enabled": disabled is None, "disabled_at": disabled and at(disabled, choose(draw, 0, 23))}
    if odd == "account":  # it was disabled, nobody knows when; or is used by all, or by the mighty
        state |= choose(
            draw, {}, {"enabled": False, "disabled_at": None}, {"kind": choose(draw, "shared", "privileged")}
        )
    half: Row = choose(draw, {}, {"enabled": True}, {"returned_on": None}) if odd == "badge" else {}
    device = {"company": c, "device_id": f"{c}-d{n}", "kind": choose(draw, "pc", "phone", "media")}
    return {
        "acknowledgements": [acknowledged(draw, c, person, "exit_pledged", pledge)] if pledge else [],
        "devices": [
            device | {"status": choose(draw, "in_use", "stored"), "owner_key": person if odd == "device" else None}
        ],
        "badge_rights": [badge(c, n, person, **({"enabled": returned is None, "returned_on": returned} | half))],
        "accounts": [account(c, n, **state)],
    }
