"""Worlds of POL and REG: approved by the wrong hand, reviewed a day too late, not confirmed, twice in force."""

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from tests.oracle.facts import DAY, Draw, Row, World, ago, at, chance, choose, near, pick


def appointed(draw: Draw, c: str, person: str, role: str, period: Period) -> Row:
    """A role held around the day of approval, which is 200 days ago."""
    day = period.as_of - 200 * DAY
    return {
        "appointment_id": f"{c}-{person}-{role}",
        "company": c,
        "role": role,
        "person_key": f"{c}-{person}",
        "appointed_on": pick(draw, day - 500 * DAY, near(draw, day)),
        "ends_on": pick(draw, OPEN_END, near(draw, day)),
    }


def document(draw: Draw, c: str, code: str, version: str, period: Period) -> Row:
    """A document approved 200 days ago, in force about then, reviewed about a year ago, lately or never."""
    day = period.as_of - 200 * DAY
    return {
        "company": c,
        "document_code": code,
        "document_version": version,
        "status": pick(draw, "effective", "draft", "superseded"),
        "author_key": f"{c}-p2",
        "approved_by": pick(draw, f"{c}-p1", f"{c}-p2", None),
        "approved_on": pick(draw, day, None),
        "effective_on": pick(draw, day, near(draw, day), None),
        "reviewed_on": choose(
            draw,
            period.as_of - DAY,
            period.as_of - 150 * DAY,
            period.as_of - 365 * DAY,
            period.as_of - 366 * DAY,
            ago(draw, period.as_of, 365),
            pick(draw, period.as_of, None),
        ),
        "revision_reason": pick(draw, "yearly", None),
    }


def as_kept(draw: Draw, documents: list[Row], period: Period) -> World:
    """Documents as they hold, beside all rows that ever told of them: reviewed again since, told wrongly at first."""
    holding, told = [], []
    for row in documents:
        again = row | {"reviewed_on": period.as_of + choose(draw, 1, 60) * DAY}
        wrong = row | {"reviewed_on": period.as_of - choose(draw, 0, 10, 100) * DAY}
        rows = choose(draw, [row], [row], [row, again], [row, again], [wrong, row], [again, row], [wrong, row, again])
        written = [one | {"entered_at": at(period.as_of + n * DAY, 9)} for n, one in enumerate(rows)]
        told += written
        holding.append(written[-1])
    return {"documents": holding, "documents_history": told}


def pol_01(draw: Draw, c: str, period: Period) -> World:
    """One policy or two, whole or with an item missing, unconfirmed or confirmed of another version."""
    other, code, items = f"{c}x", draw.parameters["policy_code"], draw.parameters["policy_items"]
    documents = [document(draw, c, code, "1", period), document(draw, other, code, "1", period)]
    if chance(draw):
        documents.append(document(draw, c, code, "2", period) | {"status": pick(draw, "superseded", "effective")})
    missing = choose(draw, None, None, items[0], items[-1])
    elements = [
        {
            "element_key": f"{company}-{item}",
            "company": company,
            "document_code": code,
            "document_version": choose(draw, "1", "2") if item == missing else "1",
            "element": item,
            "confirmed_by": None if item == missing and choose(draw, True, False) else f"{c}-p2",
        }
        for company in (c, other)
        for item in items
        if item != missing or choose(draw, True, False)
    ]
    return {
        "companies": [{"company": one, "in_scope": True} for one in (c, other, f"{c}y")],
        **as_kept(draw, documents, period),
        "document_elements": elements,
        "appointments": [
            appointed(draw, c, "p1", pick(draw, "representative", "cpo"), period),
            appointed(draw, c, "p2", "cpo", period),
        ],
    }


def reg_02(draw: Draw, c: str, period: Period) -> World:
    """Two regulations and what should have made somebody review them; reviews never lie before the approval.

    The texts do not say whether a lateness belongs to the day of the deadline or of the act: both fall in one period.
    """
    day, documents, changes = period.as_of - 200 * DAY, [], []
    for code in ("rules", "training"):
        one = document(draw, c, code, "1", period)
        before_approval = one["reviewed_on"] is not None and one["reviewed_on"] < day
        documents.append(
            one | ({"approved_on": one["reviewed_on"], "effective_on": one["reviewed_on"]} if before_approval else {})
        )
    for n in range(choose(draw, 0, 1, 2)):
        due = choose(
            draw,
            near(draw, period.as_of),
            period.as_of,
            period.as_of - DAY,
            period.since + 10 * DAY,
            period.since + 2 * DAY,
        )
        changes.append(
            {
                "change_id": f"{c}-c{n}",
                "company": pick(draw, c, f"{c}x"),
                "kind": choose(draw, "law_change", "serious_incident", "reorganisation", "system_change"),
                "affects": [choose(draw, "rules", "training")],
                "effective_on": due - 90 * DAY,
            }
        )
    if choose(draw, False, True):
        documents[0]["reviewed_on"] = choose(
            draw, period.since + 9 * DAY, period.since + 10 * DAY, period.since + 12 * DAY
        )
    return {
        **as_kept(draw, documents, period),
        "changes": changes,
        "appointments": [
            appointed(draw, c, "p1", pick(draw, "representative", "cpo", "auditor"), period),
            appointed(draw, c, "p2", "cpo", period),
        ],
    }
