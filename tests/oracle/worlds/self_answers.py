"""Worlds of ORG-5-02: items answered ○ or not, of controls judged × now, before, later, again, or elsewhere."""

from datetime import date

from evidence.period import Period
from tests.oracle.facts import DAY, SECOND, Draw, Row, World, at, choose, join, near, pick

CONTROLS = ("HUM-01", "PHY-3-01", "TEC-1-03")
OTHERS = ("pass", "partial", "not_applicable", "unverified")


def org_5_02(draw: Draw, c: str, period: Period) -> World:
    """Departments that are asked the same items about now, and what was measured of them, of others, of the company.

    Not told: two cycles that are due in one period, an item that no control is mapped to, two judgings of one moment.
    """
    return join(*(_department(draw, c, f"{c}-D{n}", period) for n in (1, 2, 3)), _company(draw, c, period))


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
    rows = [row for control in CONTROLS for row in _judged(draw, c, department, control, period)]
    return {"self_check_items": items, "assessments": rows}


def _company(draw: Draw, c: str, period: Period) -> World:
    """The whole company's verdict, and that of another company about a department of the same name."""
    elsewhere = [(c, None), (f"{c}x", f"{c}-D1"), (f"{c}y", f"{c}-D2")]
    return {
        "assessments": [
            _judgement(company, department, control, period.as_of, 0, choose(draw, "fail", "pass"), period.since)
            for company, department in elsewhere
            for control in CONTROLS
        ]
    }


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


def _judged(draw: Draw, c: str, department: str, control: str, period: Period) -> list[Row]:
    """Nothing; one judging of these days; two of which the later day, or on one day the later recorded, counts."""
    as_of, since = period.as_of, period.since
    day = choose(draw, as_of, as_of - DAY, since, as_of + DAY)
    verdict = choose(draw, "fail", "fail", "pass", choose(draw, *OTHERS))
    other = "fail" if verdict != "fail" else choose(draw, "pass", *OTHERS)

    def told(on: date, nth: int, said: str) -> Row:
        return _judgement(c, department, control, on, nth, said, since)

    first = told(day, 1, verdict)
    later = told(max(day - DAY, since), 2, other) | {"recorded_at": first["recorded_at"] + 5 * DAY}
    again = told(day, 3, other) | {"recorded_at": first["recorded_at"] + choose(draw, 1, -1) * SECOND}
    before = first | {"since_on": near(draw, since)}
    past = told(since - DAY, 4, other) | {"since_on": since - 28 * DAY}
    both = [first, later] if later["judged_on"] < day else [first]
    rows = choose(draw, [first], [first], [first, again], [first, again], both, both, [before], [before, past], [])
    return rows if choose(draw, True, False) else rows[::-1]
