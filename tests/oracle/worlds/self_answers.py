"""Worlds of ORG-5-02: items answered ○ or not, of controls judged × now, before, later, again, or elsewhere."""

from datetime import date, timedelta

from evidence.period import Period
from tests.oracle.facts import DAY, SECOND, Draw, Row, World, at, choose, join, pick

CONTROLS = ("HUM-01", "PHY-3-01", "TEC-1-03")
OTHERS = ("pass", "partial", "not_applicable", "unverified")


def org_5_02(draw: Draw, c: str, period: Period) -> World:
    """Departments that are asked the same items about now, and what was measured of them, of others, of the company.

    Not told: two cycles that are due in one period, an item that no control is mapped to, two judgings of one moment.
    """
    departments = [f"{c}-D{n}" for n in (1, 2, 3)]
    elsewhere = [
        _judgement(company, department, control, period.as_of, 0, choose(draw, "fail", "pass"), period.since)
        for company, department in ((f"{c}x", departments[0]), (f"{c}y", departments[1]))
        for control in CONTROLS
    ]
    return join(
        *(_department(draw, c, department, period) for department in departments),
        *({"assessments": _judged(draw, c, departments, control, period)} for control in CONTROLS),
        {"assessments": elsewhere},
    )


def _department(draw: Draw, c: str, department: str, period: Period) -> World:
    as_of, since = period.as_of, period.since
    due = choose(draw, since + 9 * DAY, since + 9 * DAY, since, as_of, since - DAY, as_of + DAY)
    items = []
    for n in range(1, 5):
        answer = choose(draw, "yes", "yes", "yes", choose(draw, "partly", "no", "not_applicable", None))
        items.append(
            {
                "company": pick(draw, c, f"{c}x"),
                "department": department,
                "cycle": "2026-02",
                "item": f"{c}-i{n}",
                "control_ids": choose(draw, *([one] for one in CONTROLS), list(CONTROLS[:2]), list(CONTROLS[1:])),
                "due_on": due,
                "answer": answer,
                "answered_by": f"{c}-p1" if answer else None,
                "answered_at": at(due - 3 * DAY, 9) if answer else None,
                "approved_by": choose(draw, None, f"{c}-p2"),
                "explanation": choose(draw, None, None, "known since February"),
                "correction_ref": choose(draw, None, None, f"{c}-n1"),
            }
        )
    return {"self_check_items": items}


def _judgement(c: str, department: str | None, control: str, day: date, nth: int, verdict: str, since: date) -> Row:
    return {
        "company": c,
        "department": department,
        "assessment_key": f"{c}-{department}-{control}-{day}-{nth}",
        "control_id": control,
        "since_on": since,
        "judged_on": day,
        "occurred_on": day,
        "time_basis": "day_only",
        "recorded_at": at(day + DAY, 6),
        "verdict": verdict,
        "population": 9,
        "deviations": {"fail": 4, "partial": 1}.get(verdict, 0),
    }


def _judged(draw: Draw, c: str, departments: list[str], control: str, period: Period) -> list[Row]:
    """No judging of a control; one of these days; two of which the later day, or on one day the later recorded, counts."""
    as_of, since = period.as_of, period.since
    day = choose(draw, as_of, as_of, as_of - DAY, since, as_of + DAY)

    def told(on: date, nth: int, later: timedelta = 0 * DAY, first: date = since) -> list[Row]:
        """A judging of the whole company and of some departments, or, when nothing could be judged, of none."""
        seen = pick(draw, departments, departments[1:], departments[:1], [])
        rows = [_judgement(c, one, control, on, nth, _verdict(draw), first) for one in (None, *seen)]
        return [row | {"recorded_at": row["recorded_at"] + later} for row in rows]

    newest = choose(draw, *[told(day, 1)] * 3, [_judgement(c, None, control, day, 1, "unverified", since)])
    second = choose(
        draw,
        [],
        [],
        told(day, 2, later=choose(draw, 1, -1) * SECOND),
        told(day, 2, later=choose(draw, 1, -1) * SECOND),
        told(day - DAY, 2, later=5 * DAY) if day > since else [],
        told(day - DAY, 2, later=5 * DAY) if day > since else [],
        told(day, 2, later=SECOND, first=since + choose(draw, 1, -1) * DAY),
        told(since - DAY, 2, later=SECOND, first=since - 28 * DAY),
    )
    rows = choose(draw, *[newest] * 7, []) + second
    return rows if choose(draw, True, False) else rows[::-1]


def _verdict(draw: Draw) -> str:
    return choose(draw, "fail", "fail", "pass", choose(draw, *OTHERS))
