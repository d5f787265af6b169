"""Worlds of ORG-3-01 and ORG-3-03: nil returns about to end, managers about to change, changes that wait for an answer."""

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from tests.oracle.facts import DAY, Draw, Row, World, ago, at, chance, choose, near, pick
from tests.oracle.worlds.org import versions

DEPARTMENTS = ("D1", "D2", "D3", "D4")


def org_3_01(draw: Draw, c: str, period: Period) -> World:
    """Departments with an entry, a draft, a nil return close to its end, or with several answers."""
    as_of = period.as_of
    units = [
        {"company": c, "department": f"{c}-{one}", "name": one, "in_scope": pick(draw, True, False)}
        for one in DEPARTMENTS
    ]
    answers = [
        {
            "attestation_id": f"{c}-a{n}",
            "company": pick(draw, c, f"{c}x"),
            "control_id": pick(draw, "ORG-3-01", "ORG-3-02"),
            "question": "nil_return",
            "subject_kind": pick(draw, "department", "company"),
            "subject": f"{c}-{choose(draw, *DEPARTMENTS[1:])}",
            "answer": pick(draw, "nil", "yes", "no"),
            "answered_at": at(near(draw, as_of - choose(draw, 365, 40, 0) * DAY), choose(draw, 0, 23), n),
            "expires_on": choose(draw, near(draw, as_of), as_of + 99 * DAY),
        }
        for n in range(4)
    ]
    entries = [
        row
        for n in (1, 2)
        for row in versions(draw, c, f"{c}-{n:04}", department=f"{c}-{choose(draw, *DEPARTMENTS[:2])}")
    ]
    return {"org_units": units, "attestations": answers, "book_entries": entries}


def org_3_03(draw: Draw, c: str, period: Period) -> World:
    """Entries confirmed close to every limit, by people whose posts begin or end on those days."""
    as_of = period.as_of
    entries, past = [], []
    for n in range(3):
        confirmed = choose(draw, ago(draw, as_of, 365), as_of - 40 * DAY, ago(draw, as_of, 30), ago(draw, as_of, 0))
        row = {
            "company": c,
            "department": "D1",
            "entry_id": f"{c}-{n}",
            "entry_version": 1,
            "status": pick(draw, "approved", "draft", "abolished"),
            "system_ids": choose(draw, [], [f"{c}-S1"]),
            "vendor_ids": choose(draw, [], [f"{c}-V1"]),
            "purposes": choose(draw, [], [f"{c}-P1"]),
            "confirmed_by": pick(draw, f"{c}-m", f"{c}-old", f"{c}-deputy", None),
            "confirmed_on": pick(draw, confirmed, None, as_of + DAY),
            "approved_by": pick(draw, f"{c}-cpo", f"{c}-m", None),
            "approved_on": as_of - choose(draw, 400, 399) * DAY,
        }
        entries.append(row)
        past.append(row)
        if chance(draw) or n == 0:
            past.append(row | {"confirmed_on": as_of - 200 * DAY, "valid_to_on": as_of - 60 * DAY})
    entries.append(entries[0] | {"entry_version": 2, "status": choose(draw, "draft", "requested")})
    return {
        "book_entries": entries,
        "book_entries_history": past,
        "appointments": posts(draw, c, period),
        "changes": [
            {
                "company": pick(draw, c, f"{c}x"),
                "change_id": f"{c}-k{n}",
                "kind": pick(draw, "system_change", "system_release", "vendor_change", "purpose_change", "law_change"),
                "affects": choose(draw, [f"{c}-S1"], [f"{c}-V1", f"{c}-S9"], [f"{c}-P1"], [f"{c}-S9"]),
                "effective_on": near(draw, as_of - choose(draw, 70, 60, 31, 30, 0) * DAY),
            }
            for n in range(choose(draw, 1, 0, 2))
        ],
    }


def posts(draw: Draw, c: str, period: Period) -> list[Row]:
    """A manager, the one before, a deputy and the privacy officer."""
    as_of = period.as_of
    handed = near(draw, as_of - choose(draw, 365, 40, 30, 0) * DAY)
    long_ago = as_of - 900 * DAY
    return [
        {
            "appointment_id": f"{person}-{role}",
            "company": c,
            "department": department,
            "role": role,
            "person_key": person,
            "appointed_on": first,
            "ends_on": last,
        }
        for person, role, department, first, last in (
            (f"{c}-m", "dept_privacy_manager", "D1", pick(draw, long_ago, handed), OPEN_END),
            (f"{c}-old", "dept_privacy_manager", "D1", long_ago, handed),
            (f"{c}-deputy", "deputy", "D1", long_ago, OPEN_END),
            (f"{c}-deputy", "dept_privacy_manager", "D2", long_ago, OPEN_END),
            (f"{c}-cpo", "cpo", None, long_ago, pick(draw, OPEN_END, as_of - 400 * DAY)),
        )
    ]
