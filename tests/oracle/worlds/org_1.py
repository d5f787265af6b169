"""Worlds of ORG-1-01, -03 and -04: posts handed on, lines that meet, rights beyond the book, contacts who are gone."""

from datetime import date

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from tests.oracle.facts import (
    DAY,
    LONG_HIRED,
    Block,
    Draw,
    Row,
    World,
    ago,
    chance,
    choose,
    join,
    near,
    owned,
    pick,
    staff,
    worker,
)
from tests.oracle.worlds.org import versions
from tests.oracle.worlds.pol import as_kept
from tests.oracle.worlds.tec import account

HEADS = ("cpo", "audit_officer")


def thrice(one: Block) -> Block:
    """Three companies for one: where a company is one member, a few would not come to every limit."""

    def block(draw: Draw, c: str, period: Period) -> World:
        return join(*(one(draw, f"{c}{n}", period) for n in (1, 2, 3)))

    return block


def post(c: str, role: str, person: str, first: date, last: date = OPEN_END, **more: object) -> Row:
    """A post that a person of the company holds in a span."""
    return {
        "appointment_id": f"{c}-{role}-{person}-{first}",
        "company": c,
        "department": None,
        "role": role,
        "person_key": f"{c}-{person}",
        "appointed_by": f"{c}-first",
        "appointed_on": first,
        "ends_on": last,
        **more,
    }


def representatives(draw: Draw, c: str, period: Period) -> World:
    """A company whose representative was followed by another 400 days ago, and one that appointed nobody."""
    turn = period.as_of - 400 * DAY
    return {
        "companies": [
            {"company": c, "in_scope": pick(draw, True, False), "representative_key": f"{c}-second"},
            {"company": f"{c}x", "in_scope": choose(draw, True, False), "representative_key": f"{c}-first"},
        ],
        "appointments": [
            post(c, "representative", "first", LONG_HIRED, turn - DAY),
            post(c, "representative", "second", turn),
        ],
    }


def terms(draw: Draw, c: str, role: str, period: Period) -> list[Row]:
    """A head's post: held for long, about to begin or end, handed on with or without an overlap, told twice, vacant."""
    first, day = period.as_of - 900 * DAY, near(draw, period.as_of)
    held = post(c, role, role, first)
    begun, heir = (post(c, role, person, day, appointed_by=f"{c}-second") for person in (role, "heir"))
    again = held | {"appointment_id": f"{c}-{role}-again"}
    odd: Row = choose(
        draw, {"company": f"{c}x"}, {"department": "D1"}, {"valid_from_on": period.as_of + DAY}
    )  # posted late
    return choose(
        draw,
        [held],
        [held],
        [held | {"ends_on": day}],
        [begun],
        [held | {"ends_on": day - DAY}, heir],
        [held | {"ends_on": day}, heir],
        [held | odd],
        choose(draw, [], [held, again], [held, again | {"department": "D1"}]),
    )


@thrice
def org_1_01(draw: Draw, c: str, period: Period) -> World:
    """Heads whose posts begin and end these days; all are at work, and nobody stands above another."""
    people = (*HEADS, "heir")
    return join(
        representatives(draw, c, period),
        {
            "appointments": [row for role in HEADS for row in terms(draw, c, role, period)],
            "postings": [posting(c, n, person, "second") for n, person in enumerate(people)],
        },
        staff(*(f"{c}-{person}" for person in people), company=c),
    )


@thrice
def org_1_01_hands(draw: Draw, c: str, period: Period) -> World:
    """Heads appointed by one of two representatives or by somebody else, or who have come or gone these days."""
    as_of, turn = period.as_of, period.as_of - 400 * DAY
    posts, workers = [], []
    odd = choose(draw, *HEADS)
    for role in HEADS:
        plain = (as_of - 900 * DAY, "first")
        told = ((turn - DAY, "first"), (turn - DAY, "second"), (turn, "first"), (turn, "second"))
        first, by = choose(draw, plain, *told, (as_of - 100 * DAY, "second"), (as_of, "heir")) if role == odd else plain
        posts.append(post(c, role, role, first, appointed_by=f"{c}-{by}"))
        workers += employed(draw, c, role, period) if role == odd else [worker(f"{c}-{role}", c, LONG_HIRED)]
    return join(
        representatives(draw, c, period),
        {
            "appointments": posts,
            "workers": workers,
            "postings": [posting(c, n, role, "second") for n, role in enumerate(HEADS)],
        },
    )


def posting(c: str, n: int, person: str, *path: str, **more: object) -> Row:
    """A post in a department, and who stands above it."""
    above = [f"{c}-{one}" for one in path]
    return {
        "posting_key": f"{c}-o{n}",
        "engagement_key": f"{c}-{person}-e1-{c}",
        "person_key": f"{c}-{person}",
        "company": c,
        "kind": "main",
        "manager_key": above[0] if above else None,
        "manager_path": above,
        "valid_from_on": LONG_HIRED,
        "valid_to_on": OPEN_END,
        **more,
    }


def employed(draw: Draw, c: str, person: str, period: Period) -> list[Row]:
    """Somebody who stays, has just come, has just left, is back, is not in the roster, or works for another company."""
    key, day = f"{c}-{person}", near(draw, period.as_of)
    return choose(
        draw,
        [worker(key, c, LONG_HIRED)],
        [worker(key, c, LONG_HIRED)],
        [worker(key, c, LONG_HIRED, day)],
        [worker(key, c, LONG_HIRED, day)],
        [worker(key, c, day)],
        [worker(key, c, LONG_HIRED, day - 9 * DAY), worker(key, c, day, nth=2)],
        [],
        [worker(key, f"{c}x", LONG_HIRED)],
    )


@thrice
def org_1_01_line(draw: Draw, c: str, period: Period) -> World:
    """Heads who are one person, or of whom one stands above the other: directly, further up, formerly, elsewhere."""
    as_of, turn = period.as_of, near(draw, period.as_of)
    one, other = choose(draw, HEADS, HEADS[::-1])
    apart = ("third", "second")
    under = choose(draw, (one, "second"), ("third", one, "second"), (one,))
    before, since = choose(draw, (apart, apart), (under, apart), (apart, under), (apart, apart))
    further = choose(
        draw,
        [],
        [],
        [],
        [posting(c, 3, "third", *under)],
        [posting(c, 3, other, *under, kind="concurrent", department="D2", valid_to_on=near(draw, as_of))],
        [posting(c, 3, other, *under, kind="seconded", company=f"{c}x")],
    )
    postings = [
        posting(c, 0, one, *pick(draw, ("second",), ())),
        posting(c, 1, other, *before, valid_to_on=turn - DAY),
        posting(c, 2, other, *since, valid_from_on=turn),
        *further,
    ]
    lost = choose(draw, None, None, None, None, None, 0, 2)  # of whom no post is known
    postings = [row for n, row in enumerate(postings) if lost is None or n not in (lost, lost and 1)]
    audited = pick(draw, "audit_officer", "cpo")
    return join(
        representatives(draw, c, period),
        {
            "appointments": [
                post(c, "cpo", "cpo", as_of - 900 * DAY),
                post(c, "audit_officer", audited, as_of - 900 * DAY),
            ],
            "postings": postings,
        },
        staff(*(f"{c}-{person}" for person in (*HEADS, "third")), company=c),
    )


def entry(draw: Draw, c: str, n: int, group: str, stores: list[str]) -> list[Row]:
    """An entry of the book whose later version may be a draft, abolish it, or let another group in."""
    often = Draw(draw.draw, 3, draw.parameters)
    rows = versions(often, c, f"{c}-{n:04}", db_ids=stores, access_group=group)
    rows[-1]["access_group"] = pick(draw, group, f"{c}-g9")
    return rows


def org_1_03(draw: Draw, c: str, period: Period) -> World:
    """Rights to stores that one entry names, two, none, or only a draft; held by staff, leavers, heirs and nobody."""
    as_of = period.as_of
    elsewhere: Row = choose(draw, {}, {"company": f"{c}x"})
    stores = [f"{c}-db{n}" for n in range(1, 5)]  # the third holds no personal data, the fourth no register knows
    groups = {store: f"{c}-g{n}" for n, store in enumerate((*stores[:2], None, stores[3]), 1)}
    rights = []
    for n in range(8):
        store = choose(draw, *stores[:2], *stores[:2], *stores[2:], None)
        rights.append(
            {
                "company": c,
                "entitlement_key": f"{c}-r{n}",
                "account_key": f"{c}-a{choose(draw, 1, 1, 2, 3, 3, 4, 5)}",
                "system_id": f"{c}-S1",
                "db_id": store,
                "right": "reader",
                "access_group": pick(draw, groups.get(store or stores[0]), *groups.values(), None),
                "enabled": pick(draw, True, False),
            }
        )
    heir_from = near(draw, as_of)
    owners = [
        owned(f"{c}-a1", f"{c}-p1", last=heir_from - DAY),
        owned(f"{c}-a1", f"{c}-p2", first=heir_from),
        *(owned(f"{c}-a{n}", f"{c}-p{holder}") for n, holder in ((2, 2), (3, 3), (4, 3))),
    ]
    return {
        "entitlements": rights,
        "accounts": [
            account(c, n, enabled=pick(draw, True, False), registered_owner_key=choose(draw, None, f"{c}-p3"))
            for n in range(1, 6)
            if not chance(draw)
        ],
        "account_owners": owners,
        "workers": [
            *employed(draw, c, "p1", period),
            *employed(draw, c, "p2", period),
            worker(f"{c}-p3", c, LONG_HIRED),
        ],
        "data_stores": [
            {"company": c, "db_id": store, "system_id": f"{c}-S1", "holds_personal_data": held}
            for store, held in zip(stores[:3], (True, True, False), strict=True)
        ],
        "book_entries": [
            *entry(draw, c, 1, f"{c}-g1", [stores[0]]),
            *entry(draw, c, 2, f"{c}-g2", choose(draw, [stores[1]], stores[:2], stores[:1], [*stores[1:3]])),
            *(
                row | elsewhere
                for row in entry(draw, c, 3, f"{c}-g4", choose(draw, stores[3:], [stores[0], stores[3]]))
            ),
        ],
    }


def org_1_04(
    draw: Draw, c: str, period: Period, documents: list[Row], tests: list[Row], contacts: World | None = None
) -> World:
    """A company whose tree, contacts and reach tests are told, or hold beyond doubt."""
    calm = {"appointments": [post(c, "emergency_contact", "p0", LONG_HIRED)], **staff(f"{c}-p0", company=c)}
    return join(
        {
            "companies": [
                {"company": c, "in_scope": pick(draw, True, False)},
                {"company": f"{c}x", "in_scope": choose(draw, False, True)},
            ],
            **as_kept(draw, documents, period),
            "exercises": tests,
        },
        calm if contacts is None else contacts,
    )


def tree(draw: Draw, c: str, version: str, made: date | None, reviewed: date | None, **more: object) -> Row:
    """A version of the contact tree; when it was approved and in force is one day."""
    return {
        "company": c,
        "document_code": draw.parameters["tree_code"],
        "document_version": version,
        "status": "effective",
        "approved_on": made,
        "effective_on": made,
        "reviewed_on": reviewed,
        **more,
    }


def reach_test(c: str, n: int, day: date, minutes: int | None = 60, **more: object) -> Row:
    """A call to all contacts, and how long the last answer took."""
    return {
        "company": c,
        "exercise_id": f"{c}-x{n}",
        "kind": "reach_test",
        "performed_on": day,
        "result": "passed",
        "reply_minutes": minutes,
        **more,
    }


@thrice
def org_1_04_tree(draw: Draw, c: str, period: Period) -> World:
    """A contact tree made or reviewed about 180 days ago, only drafted, of another company, beside its former version."""
    as_of = period.as_of
    old, limit, future = as_of - 400 * DAY, ago(draw, as_of, 180), as_of + DAY
    now, former = tree(draw, c, "2", as_of - 20 * DAY, None), tree(draw, c, "1", old, None)
    aged = choose(
        draw, (old, limit), (old, limit), (limit, None), (limit, old), (old, as_of), (old, future), (None, limit)
    )
    odd: Row = choose(
        draw, {"status": "draft"}, {"status": "superseded"}, {"company": f"{c}x"}, {"document_code": "plan"}
    )
    documents = choose(
        draw,
        [tree(draw, c, "2", *aged)],
        [tree(draw, c, "2", *aged)],
        [tree(draw, c, "2", *aged)],
        [now | odd],
        choose(draw, [now, former], [former, now], [now, former | odd]),
        [],
    )
    return org_1_04(draw, c, period, documents, [reach_test(c, 1, as_of - 30 * DAY)])


@thrice
def org_1_04_contacts(draw: Draw, c: str, period: Period) -> World:
    """Contacts whose post or whose employment begins or ends these days, and others who are no contacts."""
    as_of, day = period.as_of, near(draw, period.as_of)
    one, other = (post(c, "emergency_contact", person, as_of - 900 * DAY) for person in ("p0", "p1"))
    odd: Row = choose(
        draw,
        {"company": f"{c}x"},
        {"role": "desk"},
        {"department": "D1"},
        {"valid_from_on": as_of + DAY},  # posted late
    )
    term: Row = choose(draw, {"ends_on": day}, {"appointed_on": day}, {"ends_on": as_of - 99 * DAY})
    posts, gone = choose(
        draw,
        ([one], employed(draw, c, "p0", period)),
        ([one, other], employed(draw, c, "p0", period)),
        ([one | odd], staff(f"{c}-p0", company=c)["workers"]),
        ([one | term], staff(f"{c}-p0", company=c)["workers"]),
        ([one | odd, other], []),
        ([one | term, other], []),
    )
    told: World = {"appointments": posts, "workers": [*gone, *staff(f"{c}-p1", company=c)["workers"]]}
    documents = [tree(draw, c, "1", as_of - 20 * DAY, None)]
    return org_1_04(draw, c, period, documents, [reach_test(c, 1, as_of - 30 * DAY)], told)


@thrice
def org_1_04_reach(draw: Draw, c: str, period: Period) -> World:
    """Tests about 365 days old or just made, answered in about an hour, by some only, or not at all, one after another."""
    as_of = period.as_of
    day, plain = ago(draw, as_of, 365), as_of - 30 * DAY
    good, slow = reach_test(c, 1, plain), reach_test(c, 2, plain, 61)
    odd: Row = choose(
        draw,
        {"reply_minutes": 61},
        {"reply_minutes": None},
        {"result": choose(draw, "partly", "failed")},
        {"company": f"{c}x"},
        {"kind": "breach_drill"},
    )
    tests = choose(
        draw,
        [good | {"performed_on": day}],
        [good | {"performed_on": choose(draw, as_of, as_of + DAY)}],
        [good],
        [good | odd],
        [good | odd],
        [good, slow | {"performed_on": choose(draw, plain - DAY, plain, plain + DAY)}],
        [],
    )
    return org_1_04(draw, c, period, [tree(draw, c, "1", as_of - 20 * DAY, None)], tests)
