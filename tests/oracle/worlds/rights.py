"""Worlds of TEC-1: grants a day before their approval, stocktakings of 91 days, movers of ten business days ago."""

from datetime import date

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from tests.oracle.facts import (
    DAY,
    LONG_HIRED,
    SECOND,
    Draw,
    Row,
    World,
    ago,
    at,
    calendar,
    chance,
    choose,
    handed_on,
    join,
    near,
    owned,
    pick,
)
from tests.oracle.worlds.org_1 import thrice
from tests.oracle.worlds.tec import account


def system(c: str, n: int, owner: str = "o1", *, personal: bool = True) -> Row:
    return {"company": c, "system_id": f"{c}-S{n}", "owner_key": f"{c}-{owner}", "holds_personal_data": personal}


def entitlement(c: str, n: int, holder: int, on: str | None = None, **more: object) -> Row:
    """A right of an account to a system's store."""
    return {
        "company": c,
        "entitlement_key": f"{c}-r{n}",
        "account_key": f"{c}-a{holder}",
        "system_id": on or f"{c}-S1",
        "db_id": f"{c}-db1",
        "right": "reader",
        "enabled": True,
        **more,
    }


def approval(draw: Draw, c: str, key: str, kind: str, person: str | None, **more: object) -> Row:
    """What somebody else approved for a person, now and then not, or for another, or no longer."""
    return {
        "company": c,
        "approval_id": f"{c}-{key}",
        "kind": pick(draw, kind, "take_out"),
        "status": pick(draw, "approved", "refused", "withdrawn"),
        "requested_by": f"{c}-x1",
        "person_key": pick(draw, person, f"{c}-x1", None),
        **more,
    }


def ends(draw: Draw, period: Period) -> Row:
    """An approval that still holds at the end of the last day, or ended with the day before."""
    held, lapsed = {"valid_to_at": period.until_at}, {"valid_to_at": at(period.as_of, 0) - SECOND}
    return pick(draw, {}, held, held, lapsed)


def tec_1_01(draw: Draw, c: str, period: Period) -> World:
    """Rights to systems of every kind, of staff, heirs, services and nobody, and approvals of the right day or not."""
    as_of = period.as_of
    granted = as_of - choose(draw, 0, 1, 30) * DAY
    approved = granted - choose(draw, 0, 3) * DAY
    heir_from = near(draw, as_of)
    registered = choose(draw, f"{c}-p3", f"{c}-p3", None)
    holders = {
        1: f"{c}-p1",
        2: choose(draw, f"{c}-p2", f"{c}-o1"),  # the owner may hold a right too
        3: registered,
        4: registered,  # nobody's: the approval is of somebody else's account
    }
    rights: list[Row] = []
    approvals: list[Row] = []
    for n in range(7):
        holder = choose(draw, 1, 1, 2, 2, 3, 4)
        right = entitlement(c, n, holder, pick(draw, f"{c}-S1", f"{c}-S2", f"{c}-S3"))
        right["db_id"] = choose(draw, f"{c}-db1", None)
        right["granted_on"] = pick(draw, granted, None)
        right["enabled"] = pick(draw, True, False)
        right["approval_id"] = pick(draw, f"{c}-q{n}", None, f"{c}-q9")
        scope = pick(draw, right["entitlement_key"], right["db_id"] or f"{c}-S1", f"{c}-S1", f"{c}-db9", None)
        at_last = choose(draw, at(approved, 10), at(approved, 10), at(granted, 23, 59, 59))
        late = at(granted + DAY, 0)
        rights.append(right)
        approvals.append(
            {
                **approval(draw, c, f"q{n}", "entitlement", holders[holder]),
                "approved_by": pick(draw, choose(draw, f"{c}-o1", f"{c}-d1"), f"{c}-x2", holders[holder], None),
                "approved_at": pick(draw, at_last, late, None),
                "valid_from_at": choose(draw, at(approved, 0), at(approved, 0), at(granted, 0), late),
                "scope_ids": [scope] if scope else [],
                **ends(draw, period),
            }
        )
    return {
        "systems": [system(c, 1), system(c, 2, personal=False)],
        "accounts": [
            account(c, 1),
            account(c, 2),
            account(c, 3, kind="service", registered_owner_key=registered),
            account(c, 4),
        ],
        "account_owners": [
            *handed_on(draw, f"{c}-a1", f"{c}-p1", f"{c}-p2", heir_from),
            owned(f"{c}-a2", holders[2] or ""),
        ],
        "entitlements": rights,
        "approvals": approvals,
        "appointments": [
            {
                "company": c,
                "appointment_id": f"{c}-m",
                "role": pick(draw, "data_owner", "system_admin"),
                "scope_id": pick(draw, f"{c}-S1", f"{c}-S9", None),
                "person_key": f"{c}-d1",
                "appointed_by": f"{c}-x3",
                "appointed_on": choose(draw, LONG_HIRED, LONG_HIRED, near(draw, approved)),
                "ends_on": choose(draw, OPEN_END, OPEN_END, near(draw, approved)),
            }
        ],
    }


def tec_1_02(draw: Draw, c: str, period: Period) -> World:
    """Stocktakings of about 90 days ago that may miss a right, and revocations that took five business days or six."""
    return join(
        {"systems": [system(c, 1), system(c, 2), system(c, 3, personal=False)]},
        *(_stocktaking(draw, c, n, period) for n in (1, 2, 3)),
        calendar(c, period, back=150),
    )


def _stocktaking(draw: Draw, c: str, n: int, period: Period) -> World:
    """One system's review, an older one, and four rights: kept, doubted, too new for it, gone before it."""
    as_of, on = period.as_of, f"{c}-S{n}"
    reviewed = choose(
        draw,
        ago(draw, as_of, draw.parameters["review_days"]),
        as_of - choose(draw, 3, 5, 6, 7, 8, 9, 10, 11, 12) * DAY,
        as_of - choose(draw, 15, 20) * DAY,
        as_of + choose(draw, 0, 1) * DAY,
    )
    wrong = pick(draw, {}, {"kind": "log"}, {"scope_id": f"{c}-S9"})
    review = {
        "company": c,
        "review_id": f"{on}-new",
        "kind": "entitlement",
        "scope_id": on,
        "reviewed_on": reviewed,
        "reviewed_by": pick(draw, f"{c}-o1", f"{c}-x1"),
        "items_total": 2,
        "items_decided": pick(draw, 2, 1),
        **wrong,
    }
    before = review | {"review_id": f"{on}-old", "reviewed_on": as_of - 120 * DAY, "items_decided": 2}
    kept, doubted = (entitlement(c, 10 * n + one, 1, on) for one in (1, 2))
    newer, older = (entitlement(c, 10 * n + one, 1, on) for one in (3, 4))
    removed = reviewed + choose(draw, 1, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15) * DAY
    gone = removed <= as_of and choose(draw, True, True, False)
    disabled = choose(draw, True, False)
    lines = [] if wrong else [_line(c, review, doubted, pick(draw, "revoke", "keep", "change"), reviewed)]
    if not (wrong or chance(draw)):
        lines.append(_line(c, review, kept, "keep", reviewed))
    return {
        "reviews": [review] if pick(draw, False, True) else [review, before],
        "review_lines": [*lines, _line(c, before, kept, "keep", as_of - 120 * DAY)],
        "entitlements": [
            kept,
            *([] if gone and not disabled else [doubted | {"enabled": not gone}]),
            newer,
        ],
        "entitlements_history": [
            _span(kept, LONG_HIRED),
            _span(doubted, LONG_HIRED, removed - DAY if gone else OPEN_END),
            *([_span(doubted | {"enabled": False}, removed)] if gone and disabled else []),
            _span(newer, min(reviewed + DAY, as_of) if reviewed < as_of else OPEN_END),
            _span(older, LONG_HIRED, reviewed - DAY),
            _span(older | {"enabled": False}, reviewed, reviewed + DAY),
        ],
    }


def _span(right: Row, first: date, last: date = OPEN_END) -> Row:
    return right | {"valid_from_on": first, "valid_to_on": last}


def _line(c: str, review: Row, right: Row, decision: str, day: date) -> Row:
    return {
        "company": c,
        "review_id": review["review_id"],
        "item_key": right["entitlement_key"],
        "decision": decision,
        "decided_by": f"{c}-o1",
        "decided_on": day,
    }


@thrice
def tec_1_04(draw: Draw, c: str, period: Period) -> World:
    """Movers of about ten business days ago, with a second post, a way back or a later goodbye, and what they kept."""
    as_of = period.as_of
    last = as_of - choose(draw, 1, 17, 18, 19, 20, 40) * DAY  # in the old department
    moved_on = last + DAY
    p1, p2, p3, p4 = (f"{c}-p{n}" for n in range(1, 5))
    more: list[Row] = []
    if choose(draw, True, False, False):  # a second post in the old department, for longer or to the day
        until = choose(draw, OPEN_END, near(draw, as_of))
        more = [_post(c, 3, p1, "D1", moved_on, until, choose(draw, "concurrent", "seconded"))]
    back = choose(draw, None, None, None, last + 3 * DAY)
    back = back if back and back < as_of else None
    half, soon = last - 100 * DAY, near(draw, as_of)
    postings = [
        _post(c, 10, p1, "D3", LONG_HIRED, half - DAY),
        _post(c, 0, p1, "D1", half, half),
        _post(c, 1, p1, "D1", half + DAY, last),
        _post(c, 2, p1, "D2", moved_on) | {"engagement_key": f"{p1}-e{choose(draw, 1, 2)}-{c}"},  # no leaving (§8.9)
        *more,
        _post(c, 4, p2, "D1", LONG_HIRED, soon),
        _post(c, 11, p2, "D2", soon + DAY),
        _post(c, 5, p3, "D1", LONG_HIRED, last),  # left
        _post(c, 6, p4, "D1", LONG_HIRED, last),
        _post(c, 7, p4, choose(draw, "D2", "D3"), moved_on, back - DAY if back else OPEN_END),
        *([_post(c, 8, p4, "D1", back)] if back else []),
    ]
    if choose(draw, True, False):  # a new engagement elsewhere is no move
        postings.append(_post(c, 9, p3, "D2", moved_on) | {"company": f"{c}x"})
    rights = [
        entitlement(c, n, choose(draw, 1, 1, 2, 3, 4, 4), department="D1")
        | {
            "owner_department": choose(draw, "D1", "D1", "D1", "D1", "D2", "D3", None),
            "company": pick(draw, c, f"{c}x"),
            "enabled": pick(draw, True, False),
        }
        for n in range(4)
    ]
    approvals = [
        {
            **approval(draw, c, f"q{n}", "entitlement", p4 if right["account_key"] == f"{c}-a4" else p1),
            "approved_by": pick(draw, f"{c}-o1", p1, p4, None),
            "approved_at": pick(
                draw,
                choose(draw, at(moved_on, 0), at(moved_on, 0) - SECOND, at(as_of, 23, 59)),
                at(as_of + DAY, 1),
                None,
            ),
            "scope_ids": [pick(draw, right["entitlement_key"], f"{c}-db1", f"{c}-S1", f"{c}-S9")],
            **ends(draw, period),
        }
        for n, right in enumerate(rights)
        if choose(draw, True, False)
    ]
    for one in approvals:
        one["valid_from_at"] = pick(draw, at(LONG_HIRED, 0), at(as_of, 0), at(as_of + DAY, 1))
    return join(
        {
            "postings": postings,
            "entitlements": rights,
            "approvals": approvals,
            "account_owners": [
                *handed_on(draw, f"{c}-a1", p1, p2, near(draw, as_of)),
                *(owned(f"{c}-a{n}", f"{c}-p{n}") for n in (2, 3, 4)),
            ],
        },
        calendar(c, period),
        calendar(f"{c}x", period),
    )


def _post(c: str, n: int, person: str, department: str, first: date, last: date = OPEN_END, kind: str = "main") -> Row:
    return {
        "posting_key": f"{c}-o{n}",
        "company": c,
        "department": department,
        "engagement_key": f"{person}-e1-{c}",
        "person_key": person,
        "kind": kind,
        "valid_from_on": first,
        "valid_to_on": last,
    }
