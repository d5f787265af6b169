"""Worlds of TEC-1-05 and -06: privileged accounts that sleep or are used, and people who read what is not theirs."""

from datetime import datetime

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
    handed_on,
    join,
    near,
    owned,
    pick,
)
from tests.oracle.worlds.org import versions
from tests.oracle.worlds.org_1 import thrice
from tests.oracle.worlds.rights import approval, ends, entitlement
from tests.oracle.worlds.tec import account


def privileged(draw: Draw, c: str, n: int, on: str, period: Period) -> World:
    """A privileged account without fault, with its owner and approval."""
    owner = f"{c}-p{n}"
    return {
        "accounts": [
            account(
                c,
                n,
                kind="privileged",
                system_id=on,
                approval_id=f"{c}-q{n}",
                created_on=LONG_HIRED,
                last_used_on=period.as_of,
            )
        ],
        "account_owners": [owned(f"{c}-a{n}", owner)],
        "approvals": [
            {
                **approval(draw, c, f"q{n}", "privileged", owner),
                "kind": "privileged",
                "status": "approved",
                "person_key": owner,
                "approved_by": f"{c}-o1",
                "approved_at": at(period.as_of - 30 * DAY, 9),
                "scope_ids": [on],
            }
        ],
    }


def tec_1_05_count(draw: Draw, c: str, period: Period) -> World:
    """One system with as many privileged accounts as it may have, or one more, beside some that are disabled."""
    many = draw.parameters["max_privileged"] + choose(draw, 0, 1, -1)
    world = join(*(privileged(draw, c, n, f"{c}-S1", period) for n in range(1, many + 1)))
    off = account(c, 20, kind="privileged", enabled=False)
    elsewhere = privileged(draw, c, 21, f"{c}-S2", period)
    return join(world, elsewhere, {"accounts": [off] if choose(draw, True, False) else []})


def tec_1_05(draw: Draw, c: str, period: Period) -> World:
    """Two privileged accounts whose approval may be a year old or that may have slept for 90 days."""
    as_of = period.as_of
    world = join(*(privileged(draw, c, n, f"{c}-S{n}", period) for n in (1, 2)))
    oldest = as_of - draw.parameters["approval_days"] * DAY
    slept = as_of - draw.parameters["dormant_days"] * DAY
    for n in (0, 1):
        owner = f"{c}-p{n + 1}"
        world["accounts"][n] |= {
            "approval_id": pick(draw, f"{c}-q{n + 1}", None, f"{c}-q9"),
            "last_used_on": choose(draw, None if n else as_of, None, near(draw, slept)),
            "created_on": choose(draw, LONG_HIRED, None, LONG_HIRED, near(draw, slept)),
        }
        world["approvals"][n] |= {
            **approval(draw, c, f"q{n + 1}", "privileged", owner),
            "approved_by": pick(draw, f"{c}-o1", owner, None),
            "approved_at": choose(draw, at(oldest, 0), at(oldest, 0) - SECOND, at(as_of - 30 * DAY, 9)),
            "valid_from_at": pick(draw, at(LONG_HIRED, 0), at(as_of + DAY, 1)),
            "scope_ids": [pick(draw, f"{c}-S{n + 1}", f"{c}-S9")],
            **ends(draw, period),
        }
    if chance(draw):  # nobody's account any more
        world["account_owners"][0]["valid_to_on"] = near(draw, as_of)
    if choose(draw, True, True, False):
        last = choose(draw, "admin", "login_ng")
        seen = event(c, f"{c}-w", f"{c}-a2", at(near(draw, slept), 12), action=last)
        world["access_events"] = [seen]
    return world


def tec_1_05_use(draw: Draw, c: str, period: Period) -> World:
    """What a privileged account and a personal one did, and one use of the breakglass account."""
    as_of, week = period.as_of, draw.parameters["review_days"]
    world = join(*(privileged(draw, c, n, f"{c}-S{on}", period) for n, on in ((1, 1), (2, 2), (5, 1))))
    world["accounts"] += [account(c, 3, kind="breakglass"), account(c, 4)]
    world["account_owners"] += [owned(f"{c}-a3", f"{c}-p3"), owned(f"{c}-a4", f"{c}-p4")]
    uses = []
    for n in range(4):
        day = choose(draw, *(period.since, as_of - (week + 1) * DAY) * 2, as_of - week * DAY, as_of, period.since - DAY)
        told = {"action": choose(draw, "console", "admin", "login_ok", "login_ng"), "rows": choose(draw, 10, 10, None)}
        when = pick(draw, at(day, 12), day)
        uses.append(event(c, f"{c}-v{n}", f"{c}-a{choose(draw, 1, 1, 1, 4)}", when, ticket_id=f"{c}-t{n}", **told))
    opened = choose(draw, as_of, *(as_of - n * DAY for n in (1, 2, 3, 4, 5)), period.since - DAY)
    broken = event(c, f"{c}-b", f"{c}-a3", at(opened, 10), action=pick(draw, "admin", "login_ng"))
    late = [at(opened + n * DAY, *told) for n in (1, 2, 3, 4, 5) for told in ((0, 0), (23, 59))]
    return join(
        world,
        {
            "access_events": [*uses, broken],
            "incidents": [
                {
                    "company": c,
                    "incident_id": f"{c}-i",
                    "occurred_on": opened,
                    "detected_at": at(opened, 10),
                    "known_on": opened,
                    "reported_to_owner_at": choose(draw, at(opened, 11), *late, None),
                    "signal_ids": pick(draw, [f"{c}-b"], [f"{c}-v0"]),
                }
            ],
        },
        _tickets(draw, c, uses),
        _checks(draw, c, uses),
        calendar(c, period),
    )


def _tickets(draw: Draw, c: str, events: list[Row]) -> World:
    """A ticket for each use of a privileged account, that may be another's, of another day or for fewer rows."""
    return {
        "approvals": [
            {
                **approval(draw, c, f"t{n}", "ticket", f"{c}-p{used['account_key'][-1]}"),
                "approved_by": pick(draw, f"{c}-o1", f"{c}-p1", None),
                "approved_at": pick(draw, when, when + SECOND, None),
                "valid_from_at": pick(draw, when, when + SECOND),
                "valid_to_at": pick(draw, when, when - SECOND),
                "max_rows": choose(draw, None, None, 10, 9),
                "scope_ids": [pick(draw, used["system_id"], f"{c}-S9")],
            }
            for n, used in enumerate(events)
            for when in (used["occurred_at"] or at(used["occurred_on"], 0),)
            if not chance(draw)
        ]
    }


def _checks(draw: Draw, c: str, events: list[Row]) -> World:
    """Reviews a week after the uses, or a day later, by somebody else or by who holds a privileged account there."""
    week = draw.parameters["review_days"]
    reviews = [
        {
            "company": c,
            "review_id": f"{c}-k{n}",
            "kind": pick(draw, "privileged_use", "log"),
            "scope_id": pick(draw, used["system_id"], f"{c}-S9"),
            "reviewed_on": used["occurred_on"] + choose(draw, 1, 1, week, week, week + 1, -1) * DAY,
            "reviewed_by": choose(draw, f"{c}-x1", f"{c}-x1", f"{c}-p1", f"{c}-p2", f"{c}-p4"),
        }
        for n, used in enumerate(events)
        if not chance(draw)
    ]
    return {"reviews": reviews}


@thrice
def tec_1_06(draw: Draw, c: str, period: Period) -> World:
    """Reading in one's own store, another's, an unknown one, at a terminal that was lost or put away to the second."""
    as_of = period.as_of
    day = choose(draw, period.since, as_of, as_of - 5 * DAY)
    changed = choose(draw, *[at(day, 12) + SECOND] * 3, at(day, 12), at(day + DAY, 0), None)
    stores = [f"{c}-db{n}" for n in (1, 2, 3, 4)]  # the third holds no personal data, the fourth no register knows
    entries = [
        row | {"company": pick(draw, c, f"{c}x")}
        for n, held in (
            (1, choose(draw, stores[:1], stores[:2])),
            (2, choose(draw, stores[1:2], stores[:2], stores[1:])),
        )
        for row in versions(draw, c, f"{c}-000{n}", db_ids=held, access_group=f"{c}-g{n}")
    ]
    rights = [
        entitlement(c, n, choose(draw, 1, 2))
        | {
            "db_id": choose(draw, *stores, None),
            "access_group": choose(draw, f"{c}-g1", f"{c}-g1", f"{c}-g1", f"{c}-g2", None),
            "enabled": pick(draw, True, False),
            "granted_on": choose(draw, LONG_HIRED, day, day + DAY, None),
        }
        for n in (1, 2)
    ]
    seen = [
        event(
            c,
            f"{c}-v{n}",
            f"{c}-a{choose(draw, 1, 1, 2, 3)}",
            choose(draw, at(seen_on, 12), at(seen_on, 12), seen_on),
            action=pick(draw, choose(draw, "read", "export"), "update", "login_ok"),
            db_id=choose(draw, *stores[:1] * 3, *stores),
            device_id=pick(draw, choose(draw, f"{c}-m1", f"{c}-m2", f"{c}-host2"), f"{c}-m9", None),
        )
        for n, seen_on in enumerate((day, choose(draw, day, day - DAY), min(day + DAY, as_of)))
    ]
    return {
        "access_events": seen,
        "account_owners": [
            *handed_on(draw, f"{c}-a1", f"{c}-p1", f"{c}-p2", near(draw, day)),
            owned(f"{c}-a2", f"{c}-p2"),
        ],
        "entitlements": rights,
        "data_stores": [
            {"company": c, "db_id": store, "system_id": f"{c}-S1", "holds_personal_data": held}
            for store, held in zip(stores[:3], (True, True, False), strict=True)
        ],
        "book_entries": entries,
        "devices": [
            _device(c, 1, choose(draw, "in_use", "in_use", "carried", "stored", "disposed"), changed),
            _device(c, 2, choose(draw, "stored", "lost"), changed),
        ],
    }


def _device(c: str, n: int, status: str, changed: datetime | None) -> Row:
    return {
        "company": c,
        "device_id": f"{c}-m{n}",
        "kind": "pc",
        "status": status,
        "status_changed_at": changed,
        "aliases": [f"{c}-host{n}"],
    }
