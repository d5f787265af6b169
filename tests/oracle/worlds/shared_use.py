"""Worlds of TPP-04: members who join and leave these days, items beyond the scope, a notice that is silent, old records.

A company is one member: each is sound but for one thing, so that no fault hides behind another.
"""

from datetime import date

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from tests.oracle.facts import DAY, LONG_HIRED, Draw, Row, World, choose, near, owned, pick, worker
from tests.oracle.worlds.notices import stated, text
from tests.oracle.worlds.org_1 import thrice
from tests.oracle.worlds.tec import account

BEGAN, TURN = date(2015, 10, 1), date(2015, 9, 30)


def scope(c: str, n: int, company: str, first: date = LONG_HIRED, last: date = OPEN_END, **more: object) -> Row:
    """A company that shares names and phones in a span."""
    return {
        "scope_id": f"{c}-U{n}",
        "scope_version": f"{first}",
        "company": company,
        "items": ["name", "phone", "title"],
        "manager_complete": True,
        "collected_from_on": BEGAN,
        "valid_from_on": first,
        "valid_to_on": last,
        **more,
    }


def right(c: str, n: int, store: int, **more: object) -> Row:
    return {
        "company": c,
        "entitlement_key": f"{c}-a{n}-{store}",
        "account_key": f"{c}-a{n}",
        "system_id": f"{c}-S1",
        "db_id": f"{c}-db{store}",
        "right": "reader",
        "enabled": True,
        **more,
    }


def entry(c: str, n: int, **more: object) -> Row:
    """What the store of that number keeps, and the scope of that number shares."""
    return {
        "company": c,
        "entry_id": f"{c}-b{n}",
        "entry_version": 1,
        "status": "approved",
        "items": ["name", "phone"],
        "db_ids": [f"{c}-db{n}"],
        "scope_ids": [f"{c}-U{n}"],
        "collected_from_on": BEGAN,
        "collected_to_on": OPEN_END,
        **more,
    }


def sound(draw: Draw, c: str) -> World:
    """A system that a company shares with another, one that it shares with nobody, old records, people of both companies."""
    code = draw.parameters["published_codes"][1]
    members = [f"{c}{letter}" for letter in "xz"]  # with a notice of their own
    elements = draw.parameters["published_elements"]
    return {
        "systems": [
            {"company": c, "system_id": f"{c}-S1", "shared_use_scope": f"{c}-U1"},
            {"company": c, "system_id": f"{c}-S2"},
        ],
        "shared_use_scopes": [
            scope(c, 1, c),
            scope(c, 1, f"{c}x"),
            scope(c, 2, c, BEGAN, collected_from_on=date(2000, 1, 1), collected_to_on=TURN),
        ],
        "workers": [
            worker(f"{c}-p1", c, LONG_HIRED),
            worker(f"{c}-p2", f"{c}x", LONG_HIRED),
            worker(f"{c}-p3", f"{c}y", LONG_HIRED),
        ],
        "accounts": [account(c, 1), account(c, 2), *(account(c, n, system_id=f"{c}-S2") for n in (3, 5))],
        "account_owners": [owned(f"{c}-a{n}", f"{c}-p{person}") for n, person in ((1, 1), (2, 2), (3, 3), (5, 1))],
        "entitlements": [right(c, 1, 1), right(c, 2, 1), right(c, 5, 2, system_id=f"{c}-S2")],
        "book_entries": [entry(c, 1), entry(c, 2, collected_from_on=date(2000, 1, 1), collected_to_on=TURN)],
        "documents": [text(one, code) for one in (c, *members)],
        "document_elements": [
            stated(one, n, element, document_code=code) for one in (c, *members) for n, element in enumerate(elements)
        ],
    }


@thrice
def tpp_04(draw: Draw, c: str, period: Period) -> World:
    """Companies that come to a scope or leave it, and people who move between them, these days.

    Not told: whose an account is that names an outside company, and what a holder may who left them all.
    """
    world, as_of, day = sound(draw, c), period.as_of, near(draw, period.as_of)
    match choose(draw, "none", "scope", "scope", "scope", "worker", "worker", "owner", "account", "account", "unknown"):
        case "unknown":
            world["systems"][1] |= {"shared_use_scope": f"{c}-U9"}
            world["accounts"] = world["accounts"][:2]
        case "scope":
            odd: Row = choose(
                draw,
                {"valid_to_on": day},
                {"valid_to_on": day},
                {"valid_from_on": day, "change_basis": "consent"},
                {"valid_from_on": day, "change_basis": "consent"},
                choose(draw, {"company": f"{c}z"}, {"scope_id": f"{c}-U9"}),
            )
            world["shared_use_scopes"][choose(draw, 0, 1)] |= odd
        case "worker":
            other = choose(draw, f"{c}x", f"{c}y")
            again = worker(f"{c}-p{choose(draw, 1, 2)}", other, LONG_HIRED, nth=2) | {"kind": "seconded_in"}
            world["workers"].append(again | choose(draw, {"hired_on": day}, {"left_on": day}))
        case "owner":  # handed on to or by somebody of a company outside
            one, then = choose(draw, (f"{c}-p3", f"{c}-p1"), (f"{c}-p1", f"{c}-p3"))
            world["account_owners"][0] = owned(f"{c}-a1", one, last=day - DAY)
            world["account_owners"] += choose(draw, [owned(f"{c}-a1", then, first=day)], [])
        case "account":
            registered = {"registered_owner_key": choose(draw, f"{c}-p1", f"{c}-p3")}
            technical: Row = registered | {"kind": choose(draw, "service", "shared", "personal")}
            more: Row = choose(draw, {}, {"enabled": False}, {"system_id": f"{c}-S2"}, technical, technical)
            world["accounts"].append(account(c, 4, **more))
            holder, last = choose(draw, f"{c}-p3", f"{c}-p3", f"{c}-p2"), choose(draw, OPEN_END, as_of - DAY)
            world["account_owners"].append(owned(f"{c}-a4", holder, last=last))
    return world


@thrice
def tpp_04_scope(draw: Draw, c: str, period: Period) -> World:
    """Items read beyond the scope; scopes that changed on no basis; what the notice does not say, or nobody confirmed."""
    world, day = sound(draw, c), near(draw, period.as_of)
    scopes = world["shared_use_scopes"]
    fault = choose(draw, "items", "items", "items", "notice", "notice", "manager", "change", "change", "change", "none")
    if fault == "items":
        more = ["name", "sex"]
        beyond = entry(c, 1, entry_id=f"{c}-b3", items=more, db_ids=[f"{c}-db3"], scope_ids=[])
        world["book_entries"].append(beyond | {"status": pick(draw, "approved", "draft", "requested")})
        if choose(draw, False, False, True):
            later = {"entry_version": 2, "status": choose(draw, "approved", "draft", "abolished"), "items": ["name"]}
            world["book_entries"].append(beyond | later)
        world["entitlements"].append(
            right(c, pick(draw, choose(draw, 1, 2), 3), 3, enabled=pick(draw, True, False)) | {"system_id": f"{c}-S1"}
        )
        if choose(draw, False, False, True):  # the one or the other version of the scope has them all
            wide = {"items": ["name", "phone", "sex", "title"], "change_basis": "consent"}
            for n in choose(draw, (0, 1), (0, 1), (0,), (1,)):
                scopes.append(scopes[n] | wide | {"valid_from_on": day, "scope_version": "2"})
                scopes[n] |= {"valid_to_on": day - DAY}
    if fault == "notice":
        missing = choose(draw, *world["document_elements"])
        missing |= choose(
            draw, {"confirmed_by": None}, {"company": f"{c}x"}, {"document_code": "HANDLING"}, {"element": "目的外"}
        )
    if fault == "manager":
        choose(draw, *scopes[:2], scopes[2])["manager_complete"] = False
        if choose(draw, False, True):
            scopes[choose(draw, 0, 1)] |= {"valid_to_on": day}
    if fault == "change":
        first = choose(draw, day, period.as_of - 5 * DAY)
        basis: Row = {"change_basis": choose(draw, None, None, "consent", "succession"), "scope_version": "2"}
        if choose(draw, False, False, True):
            scopes.append(scope(c, 1, f"{c}z", choose(draw, first, LONG_HIRED), **basis))
        else:
            one = scopes[choose(draw, 0, 1)]
            items = choose(draw, one["items"], one["items"], ["name", "phone"], [*one["items"], "zeal"])
            scopes.append(one | basis | {"valid_from_on": first, "items": items})
            one |= {"valid_to_on": first - choose(draw, 1, 1, 2) * DAY}
    return world


@thrice
def tpp_04_history(draw: Draw, c: str, period: Period) -> World:
    """Old and newer records that show what was traded, or that people of another company may read."""
    world, history = sound(draw, c), choose(draw, *draw.parameters["history_items"])
    old = world["book_entries"][1]
    fault = choose(draw, "none", "items", "items", "items", "reader", "reader", "reader", "reader")
    if fault != "none":
        first = choose(draw, date(2000, 1, 1), date(2000, 1, 1), near(draw, TURN), None)
        old |= {"collected_from_on": first, "collected_to_on": choose(draw, TURN, OPEN_END)}
    if fault == "items":
        old |= {"items": ["name", history]}
        world["shared_use_scopes"][2] |= {"items": ["name", "phone", history]}
        if choose(draw, False, False, True):
            old |= choose(draw, {"scope_ids": []}, {"status": "draft"}, {"status": "abolished"})
    if fault == "reader":
        world["accounts"].append(account(c, 4, system_id=f"{c}-S2", enabled=pick(draw, True, False)))
        world["account_owners"].append(
            owned(
                f"{c}-a4",
                pick(draw, f"{c}-p{choose(draw, 2, 3)}", f"{c}-p1"),
                last=choose(draw, OPEN_END, near(draw, period.as_of)),
            )
        )
        world["entitlements"].append(
            right(c, 4, pick(draw, 2, 1), system_id=f"{c}-S2", enabled=pick(draw, True, False))
        )
        world["workers"][2] |= choose(draw, {}, {"left_on": near(draw, period.as_of)})
    return world
