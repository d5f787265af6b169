"""Worlds of ORG-5-01, -03 and -05: checks approved a day late, auditors of their own department, reviews of a year ago."""

from datetime import date

from evidence.period import Period
from tests.oracle.facts import DAY, LONG_HIRED, Draw, Row, World, at, choose, join, near
from tests.oracle.org_5 import INPUTS, MEASURES
from tests.oracle.worlds.org_1 import post, posting, thrice

DEPARTMENTS = ("D1", "D2", "D3")


def org_5_01(draw: Draw, c: str, period: Period) -> World:
    """Departments whose check was due about now: whole, half answered, approved late or by another, never begun.

    A cycle is due on one day for all departments of a company; some companies ask nothing in the period.
    """
    as_of, since = period.as_of, period.since
    due = choose(draw, since + 8 * DAY, since, as_of, as_of - DAY)
    told = {"0": since - DAY, "1": due, "2": as_of + DAY, "3": since + 2 * DAY}
    cycles = choose(draw, "1", "12", "01", "012", "012", "13", "02")
    return join(
        {
            "org_units": [
                *(_unit(c, department, in_scope=True) for department in DEPARTMENTS),
                _unit(c, "D4", in_scope=False),
            ],
            "self_check_items": [row for n in "12" for row in _checked(f"{c}x", "D1", n, as_of - DAY)],
        },
        *(_department(draw, c, department, period, {n: told[n] for n in cycles}) for department in DEPARTMENTS),
    )


def _unit(c: str, department: str, *, in_scope: bool) -> Row:
    return {"company": c, "department": department, "name": department, "in_scope": in_scope}


def _checked(c: str, department: str, cycle: str, due: date) -> list[Row]:
    """A cycle of which all is answered and approved in time."""
    return [
        {
            "cycle": f"2026-0{cycle}",
            "company": c,
            "department": department,
            "item": item,
            "due_on": due,
            "answer": "yes",
            "answered_by": f"{c}-p1",
            "answered_at": at(due - 3 * DAY, 9),
            "approved_by": f"{c}-{department}",
            "approved_on": due - 2 * DAY,
        }
        for item in ("1", "2", "3")
    ]


def _department(draw: Draw, c: str, department: str, period: Period, due: dict[str, date]) -> World:
    rows = {n: _checked(c, department, n, day) for n, day in due.items()}
    for row in rows.get("2", []):
        row |= {"answer": None, "approved_by": None, "approved_on": None}
    managers, cycle, odd = [_manager(c, department)], rows.get("1", []), choose(draw, 0, 1, 2)
    match (
        choose(draw, "none", "items", "items", "late", "late", "absent", "post", "post", "earlier") if cycle else "none"
    ):
        case "items":
            cycle[odd] |= _unfinished_item(draw)
        case "late":
            day = choose(draw, near(draw, due["1"]), near(draw, due["1"]), period.as_of, period.as_of + DAY)
            for row in choose(draw, cycle, cycle[odd:], cycle[odd : odd + 1]):
                row["approved_on"] = day
        case "absent":
            rows["1"] = choose(draw, [], cycle[:2], cycle[1:])
        case "post":
            signed = cycle[odd]["approved_on"]
            managers = [_manager(c, department, **_odd_manager(draw, c, near(draw, signed)))]
            cycle[odd]["approved_by"] = choose(draw, f"{c}-{department}", f"{c}-{department}", f"{c}-D1")
        case "earlier":
            for row in rows.get("0", [])[odd:]:
                row |= choose(
                    draw,
                    {"answer": None},
                    {"approved_by": None, "approved_on": None},
                    {"approved_on": near(draw, period.since)},
                    {"approved_on": near(draw, period.as_of)},
                )
        case _:
            pass
    return {"self_check_items": [row for one in rows.values() for row in one], "appointments": managers}


def _manager(c: str, department: str, /, **more: object) -> Row:
    return post(c, "dept_privacy_manager", department, LONG_HIRED, department=department) | more


def _odd_manager(draw: Draw, c: str, day: date) -> Row:
    """Whose post begins or ends about a day, is another one, of another department or company, or the company's."""
    return choose(
        draw,
        {"appointed_on": day},
        {"ends_on": day},
        {"role": "deputy"},
        {"department": "D9"},
        {"department": None},
        {"company": f"{c}x"},
    )


def _unfinished_item(draw: Draw) -> Row:
    """An item that is not answered, does not apply, or is approved by nobody or on no day."""
    return choose(
        draw,
        {"answer": None},
        {"answer": "not_applicable"},
        {"approved_by": None},
        {"approved_on": None},
        {"answer": None, "answered_at": None, "approved_by": None, "approved_on": None},
    )


@thrice
def org_5_03(draw: Draw, c: str, period: Period) -> World:
    """A year's audits that are all done, but for one: not planned, not done, of another year, by one of the department."""
    as_of = period.as_of
    fault = choose(
        draw, "none", "year", "year", "measure", "measure", "external", "auditor", "auditor", "auditor", "scope"
    )
    audited = [
        _audit(c, n, department, measure, as_of)
        for n, (department, measure) in enumerate((d, m) for d in ("D1", "D2") for m in MEASURES)
    ]
    last_year = [one | {"assignment_id": f"{one['assignment_id']}-0", "fiscal_year": 2024} for one in audited]
    starts, odd = "04-01", audited[choose(draw, *range(len(audited)))]
    postings = [posting(c, 0, "auditor", department="AUDIT"), posting(c, 1, "own", department=odd["department"])]
    match fault:
        case "year":
            starts, year = choose(draw, "04-01", "01-01", f"{near(draw, as_of):%m-%d}"), choose(draw, 2025, 2026)
            audited, last_year = [one | {"fiscal_year": year} for one in audited], []
        case "measure":
            audited = _unfinished(draw, c, audited, odd, as_of)
        case "external":
            extra = _audit(c, 90, odd["department"], odd["measure"], near(draw, as_of)) | {
                "external": True,
                "auditor_key": None,
            }
            extra |= {"performed_on": choose(draw, None, as_of, as_of + DAY)}
            inside = {"external": False, "auditor_key": f"{c}-auditor"}
            audited.append(extra | choose(draw, {}, {}, {"fiscal_year": 2024}, inside))
        case "auditor":
            postings += _posted(draw, c, odd, as_of)
        case _:
            pass
    return {
        "companies": [
            {"company": c, "in_scope": True, "fiscal_year_starts": starts},
            {"company": f"{c}x", "in_scope": fault == "scope", "fiscal_year_starts": "04-01"},
        ],
        "org_units": [
            *(_unit(c, department, in_scope=department != "AUDIT") for department in ("D1", "D2", "AUDIT")),
            _unit(f"{c}x", choose(draw, "D1", "D9"), in_scope=fault != "scope" or choose(draw, True, False)),
        ],
        "audit_assignments": audited + last_year,
        "postings": postings,
    }


def _audit(c: str, n: int, department: str, measure: str, day: date) -> Row:
    """An audit planned for a day and done on it by somebody of another department."""
    return {
        "assignment_id": f"{c}-u{n}",
        "company": c,
        "department": department,
        "fiscal_year": 2025,
        "measure": measure,
        "auditor_key": f"{c}-auditor",
        "external": False,
        "planned_on": day,
        "performed_on": day,
        "independence_declared": True,
    }


def _unfinished(draw: Draw, c: str, audited: list[Row], odd: Row, as_of: date) -> list[Row]:
    """One audit is missing, to come, overdue, done tomorrow, done by others, another company's; or one department is new."""
    rest = [one for one in audited if one is not odd]
    outside = {"external": True, "auditor_key": None}
    return choose(
        draw,
        rest,
        [*rest, odd | {"planned_on": near(draw, as_of), "performed_on": None}],
        [*rest, odd | {"planned_on": near(draw, as_of), "performed_on": None}],
        [*rest, odd | {"planned_on": as_of - DAY, "performed_on": as_of + DAY}],
        [*rest, odd | outside],
        [*rest, odd | {"company": f"{c}x"}],
        [*audited, _audit(c, 91, "D3", odd["measure"], as_of)],
        [one for one in audited if one["department"] == "D1"],
    )


def _posted(draw: Draw, c: str, odd: Row, as_of: date) -> list[Row]:
    """Change who audits, when, and where that person is posted: there these days, in a second post, in no post at all."""
    odd |= {"planned_on": as_of - 9 * DAY, "performed_on": as_of - 4 * DAY}
    match choose(draw, "own", "moved", "moved", "moved", "elsewhere", "nowhere", "undeclared", "undeclared"):
        case "own":
            odd |= {"auditor_key": f"{c}-own"}
        case "moved":
            odd |= {"auditor_key": f"{c}-mover"}
            if choose(draw, False, True):
                odd |= {"planned_on": as_of + 4 * DAY, "performed_on": None, "independence_declared": False}
            turn = near(draw, odd["performed_on"] or odd["planned_on"])
            here, away = choose(draw, (odd["department"], "AUDIT"), ("AUDIT", odd["department"]))
            return [
                posting(c, 2, "mover", department=here, valid_to_on=turn),
                posting(c, 3, "mover", department=away, valid_from_on=turn + DAY),
            ]
        case "elsewhere":
            kind = choose(draw, "concurrent", "seconded")
            company = choose(draw, c, f"{c}x")
            return [posting(c, 2, "auditor", department=odd["department"], kind=kind, company=company)]
        case "nowhere":
            odd |= {"auditor_key": f"{c}-nobody"}
        case _:
            odd |= {
                "independence_declared": False,
                "performed_on": choose(draw, as_of, as_of + DAY),
                "planned_on": as_of,
            }
    return []


@thrice
def org_5_05(draw: Draw, c: str, period: Period) -> World:
    """A review of a year ago or less, in which one input, one decision or the signature is missing; or a second one."""
    day, fault = (
        period.as_of - 100 * DAY,
        choose(draw, "none", "day", "day", "content", "content", "twice", "twice", "scope"),
    )
    if fault == "day":
        day = choose(draw, near(draw, period.as_of - 365 * DAY), near(draw, period.as_of))
    reviews = [_review(c, 1, day) | (_lacking(draw, c) if fault in ("content", "twice") else {})]
    if fault == "twice":
        reviews.append(_review(c, 2, choose(draw, day - DAY, day, day + DAY)))
    return {
        "companies": [
            {"company": c, "in_scope": True, "representative_key": f"{c}-p1"},
            {"company": f"{c}x", "in_scope": fault == "scope", "representative_key": f"{c}-p1"},
        ],
        "management_reviews": [] if fault == "none" and choose(draw, False, True) else reviews,
    }


def _review(c: str, n: int, day: date) -> Row:
    return {
        "review_id": f"{c}-m{n}",
        "company": c,
        "held_on": day,
        "inputs": sorted(INPUTS),
        "decisions": 2,
        "decisions_tracked": 2,
        "signed_by": f"{c}-p1",
    }


def _lacking(draw: Draw, c: str) -> Row:
    """A review without an input, a decision nobody follows, no signature or somebody else's, another company's."""
    missing = choose(draw, *INPUTS)
    return choose(
        draw,
        {"inputs": sorted(set(INPUTS) - {missing})},
        {"decisions_tracked": 1},
        {"decisions": 0, "decisions_tracked": 0},
        {"signed_by": choose(draw, None, f"{c}-p2")},
        {"company": f"{c}x"},
    )
