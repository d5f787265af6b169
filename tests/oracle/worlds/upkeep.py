"""Worlds of ORG-3-01, -03, -05 and -06: answers, confirmations, holds and data about to be too old, what is kept apart."""

from calendar import monthrange
from datetime import date

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from tests.oracle.facts import DAY, SECOND, Draw, Row, World, ago, at, chance, choose, near, pick
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
        told = [row | {"confirmed_on": as_of - 200 * DAY}] if chance(draw) or n == 0 else []
        again = row | {"confirmed_on": as_of + choose(draw, 1, 60) * DAY, "confirmed_by": f"{c}-m"}
        told += choose(draw, [row], [row], [row, row], [row, again], [row, again], [again, row])
        written = [one | {"entered_at": at(as_of + place * DAY, 9)} for place, one in enumerate(told)]
        entries.append(written[-1])
        past += written
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


def org_3_05(draw: Draw, c: str, period: Period) -> World:
    """Entries whose oldest data is as old as their retention, measured, counted by hand, held or not."""
    as_of = period.as_of
    entries, counts, approvals = [], [], []
    for n in range(4):
        months = choose(draw, 36, 12, 1)
        entries.append(
            {
                "company": c,
                "entry_id": f"{c}-{n}",
                "entry_version": 1,
                "status": pick(draw, "approved", "draft", "abolished"),
                "media": choose(draw, "electronic", "paper", "both"),
                "db_ids": choose(draw, [], [f"{c}-db1"], [f"{c}-db1", f"{c}-db2"]),
                "retention_months": pick(draw, months, None),
                "oldest_on": choose(draw, months_before(draw, as_of, months), None),
                "statutory_until_on": pick(draw, None, near(draw, as_of)),
                "hold_approval_id": choose(draw, None, f"{c}-h{n}"),
            }
        )
        approvals.append(hold(draw, c, n, period))
    for n in (1, 2, 3):
        counts.append(
            {
                "db_id": f"{c}-db{n}",
                "entry_id": choose(draw, None, f"{c}-0", f"{c}-1"),
                "oldest_record_on": pick(draw, months_before(draw, as_of, choose(draw, 36, 12, 1)), None),
                "expired_records": 1,
                "measured_on": as_of,
            }
        )
    return {"book_entries": entries, "store_statistics": counts, "approvals": approvals}


def months_before(draw: Draw, day: date, count: int) -> date:
    """About so many months earlier."""
    year, month = divmod(day.year * 12 + day.month - 1 - count, 12)
    return near(draw, date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])))


def hold(draw: Draw, c: str, n: int, period: Period) -> Row:
    """A legal hold that is approved and ends around the judged day."""
    as_of = period.as_of
    return {
        "company": pick(draw, c, f"{c}x"),
        "approval_id": f"{c}-h{n}",
        "kind": pick(draw, "retention_hold", "ticket"),
        "requested_by": f"{c}-p1",
        "approved_by": pick(draw, f"{c}-p2", f"{c}-p1", None),
        "approved_at": pick(draw, at(as_of - 9 * DAY, 9), at(as_of, 23, 59), at(as_of + DAY, 0), None),
        "scope_ids": pick(draw, [f"{c}-{n}"], [f"{c}-9"], []),
        "valid_from_at": pick(draw, at(as_of - 9 * DAY, 9), at(as_of, 23, 59), at(as_of + DAY, 0)),
        "valid_to_at": choose(draw, at(as_of + 9 * DAY, 9), at(as_of, 0), at(as_of, 0) - SECOND, at(as_of, 12)),
        "status": pick(draw, "approved", "refused"),
    }


def org_3_06(draw: Draw, c: str, period: Period) -> World:
    """Entries beside each other: purposes of other people, hidden special care, My Number among other papers."""
    as_of = period.as_of
    entries = []
    for n in range(4):
        number = choose(draw, False, True)
        row: Row = {
            "company": c,
            "entry_id": f"{c}-{n}",
            "entry_version": 1,
            "status": pick(draw, "approved", "draft", "requested"),
            "subject_kinds": pick(draw, [f"{c}-members"], [f"{c}-members", f"{c}-guests"], []),
            "purposes": pick(draw, [f"{c}-P1"], [f"{c}-P1", f"{c}-P2"], [f"{c}-P3"], [f"{c}-P4"], []),
            "items": pick(draw, ["name"], ["name", "病歴の概要"], ["病歴"]),
            "special_care": pick(draw, False, True),
            "special_care_basis": choose(draw, "consent", None),
            "my_number": number,
            "zone_ids": choose(draw, [f"{c}-Z1"], []) if number else pick(draw, [f"{c}-Z2"], [f"{c}-Z1"]),
            "db_ids": pick(draw, [], [f"{c}-db1"], [f"{c}-db2"], [f"{c}-db3"]),
            "access_group": pick(draw, f"{c}-numbers", f"{c}-all")
            if number
            else pick(draw, f"{c}-all", f"{c}-numbers"),
        }
        if pick(draw, number, not number):
            row["items"] = [*row["items"], "従業者の個人番号"]
        entries.append(row)
    return {
        "book_entries": entries,
        "purposes": [
            {
                "company": pick(draw, c, f"{c}x"),
                "purpose_code": f"{c}-P{n}",
                "category": f"{c}-{kind}",
                "published_from_on": choose(draw, as_of - 900 * DAY, near(draw, as_of)),
                "published_to_on": pick(draw, OPEN_END, near(draw, as_of)),
            }
            for n, kind in ((1, "members"), (2, "guests"), (3, "guests"), (3, "members"))
        ],
        "vocabulary": [{"kind": "special_care", "term": "病歴"}, {"kind": "my_number", "term": "個人番号"}],
        "zones": [{"company": pick(draw, c, f"{c}x"), "zone_id": f"{c}-Z{n}", "class": "handling"} for n in (1, 2)],
        "data_stores": [
            {"company": c, "db_id": f"{c}-db{n}", "zone_id": zone, "holds_personal_data": True}
            for n, zone in ((1, f"{c}-Z1"), (2, f"{c}-Z2"), (3, None))
        ],
    }
