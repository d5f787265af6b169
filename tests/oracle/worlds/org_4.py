"""Worlds of ORG-4-01 to ORG-4-05: drills of a year ago, incidents judged a second late, reports due on a holiday."""

from datetime import datetime, timedelta

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from tests.oracle.facts import DAY, SECOND, Draw, Row, World, at, calendar, choose, join, near, pick
from tests.oracle.org_4 import QUESTIONS
from tests.oracle.worlds.notices import stated, text
from tests.oracle.worlds.org_1 import post, thrice

HOUR = timedelta(hours=1)
INCIDENTS = range(5)


@thrice
def org_4_01(draw: Draw, c: str, period: Period) -> World:
    """A plan and a drill of a year ago, sound but for one thing: an item, a version, a day, a lesson that is lost."""
    fault = choose(draw, "none", "item", "item", "plan", "day", "day", "drill", "drill", "scope")
    code, items = draw.parameters["plan_code"], draw.parameters["plan_items"]
    missing = choose(draw, *items)
    elements = [stated(c, n, one, document_code=code) for n, one in enumerate(items)]
    for one in elements:
        if (fault, one["element"]) == ("item", missing):
            one |= choose(
                draw,
                {"confirmed_by": None},
                {"company": f"{c}x"},
                {"document_code": "POLICY"},
                {"document_version": "0"},
            )
    again = text(c, code, "2", status=choose(draw, "draft", "effective"))
    odd_plans: tuple[list[Row], ...] = (
        [text(c, code), again],
        [text(c, code, status="superseded")],
        [text(f"{c}x", code)],
        [],
    )
    day = near(draw, period.as_of - 365 * DAY) if fault == "day" else period.as_of - 100 * DAY
    drills = [_drill(c, 1, choose(draw, day, day, period.as_of, period.as_of + DAY) if fault == "day" else day)]
    if fault == "drill":
        drills[0] |= _odd_drill(draw, c)
        drills += choose(draw, [], [_drill(c, 2, day)], [_drill(c, 2, choose(draw, day - DAY, day + DAY))])
    return {
        "companies": [{"company": c, "in_scope": True}, {"company": f"{c}x", "in_scope": fault == "scope"}],
        "documents": [
            *(choose(draw, *odd_plans) if fault == "plan" else [text(c, code)]),
            text(c, code, "0", status="draft"),
        ],
        "document_elements": elements,
        "exercises": drills,
        "findings": [{"finding_id": f"{c}-f{n}", "company": c, "origin": "drill"} for n in (1, 2)],
    }


def _drill(c: str, n: int, day: object) -> Row:
    return {
        "exercise_id": f"{c}-x{n}",
        "company": c,
        "department": None,
        "kind": "breach_drill",
        "performed_on": day,
        "result": "passed",
        "finding_ids": [f"{c}-f1", f"{c}-f2"],
    }


def _odd_drill(draw: Draw, c: str) -> Row:
    """Nothing learnt, a lesson that is no finding, another company's drill, no drill at all, or not all passed."""
    return choose(
        draw,
        {"finding_ids": []},
        {"finding_ids": [f"{c}-f1", f"{c}-f9"]},
        {"company": f"{c}x"},
        {"kind": "reach_test"},
        {"result": "partly"},
    )


def incident(c: str, n: int, detected: datetime, **more: object) -> Row:
    """A leak that everybody handled at once."""
    day = detected.date()
    return {
        "incident_id": f"{c}-i{n}",
        "company": c,
        "detected_at": detected,
        "known_on": day,
        "reported_to_owner_at": detected + HOUR,
        "judged_at": detected + 2 * HOUR,
        "judged_by": f"{c}-cpo",
        **dict.fromkeys(QUESTIONS, "no"),
        "persons_max": 10,
        "reportable": True,
        "preliminary_on": day,
        "final_on": day,
        "individuals_notified_on": day,
        "notice_items": ["1", "2", "4", "5", "9"],
        **more,
    }


def outside(draw: Draw, period: Period) -> Row:
    """An incident closed about when the period began, or known only about when it ended."""
    day = near(draw, period.as_of)
    return choose(
        draw,
        {"closed_on": near(draw, period.since)},
        {"closed_on": near(draw, period.since)},
        {"known_on": day, "detected_at": at(day, 9)},
        {"closed_on": period.as_of},
    )


def org_4_02(draw: Draw, c: str, period: Period) -> World:
    """Incidents told and judged to the second, about a day or two before the period ends, by whoever was officer then."""
    return join(*(_judged(draw, c, n, period) for n in INCIDENTS))


def _judged(draw: Draw, c: str, n: int, period: Period) -> World:
    fault = choose(draw, "none", "told", "told", "judged", "judged", "answers", "answers", "judge", "judge", "open")
    end = at(period.as_of + DAY, 0)
    ages = (24 * HOUR, 48 * HOUR)
    detected = choose(
        draw, at(period.since + 8 * DAY, choose(draw, 3, 20)), *(end - age + _second(draw) for age in ages)
    )
    officer, judged = f"cpo{n}", detected + 2 * HOUR
    one, office = incident(c, n, detected, judged_by=f"{c}-{officer}"), (judged.date() - 300 * DAY, OPEN_END)
    match fault:
        case "told":
            one["reported_to_owner_at"] = choose(draw, detected + 24 * HOUR + _second(draw), None, detected + 30 * HOUR)
        case "judged":
            one["judged_at"] = choose(draw, detected + 48 * HOUR + _second(draw), None, detected + 60 * HOUR)
        case "answers":
            one |= choose(draw, *({name: "unknown"} for name in QUESTIONS), {"persons_max": None}, {"reportable": None})
            one |= choose(draw, {}, {"special_care": "yes", "reportable": False})
        case "judge":
            day = judged.date()
            one["judged_by"] = choose(draw, f"{c}-{officer}", f"{c}-{officer}", f"{c}-other", None)
            office = choose(draw, office, (near(draw, day), OPEN_END), (day - 300 * DAY, near(draw, day)))
        case "open":
            one |= outside(draw, period) | {"judged_at": None, "reported_to_owner_at": None}
        case _:
            pass
    company = choose(draw, c, c, f"{c}x") if fault == "judge" else c
    role = choose(draw, "cpo", "cpo", "deputy") if fault == "judge" else "cpo"
    return {"incidents": [one], "appointments": [post(company, role, officer, *office, person_key=f"{c}-{officer}")]}


def _second(draw: Draw) -> timedelta:
    return choose(draw, timedelta(), SECOND, -SECOND)


def org_4_03(draw: Draw, c: str, period: Period) -> World:
    """Incidents known about five days ago, reported by then, later, or not yet; not reportable, or not judged."""
    incidents = []
    for n in INCIDENTS:
        known = choose(
            draw, period.as_of - 4 * DAY, period.as_of - 5 * DAY, period.as_of - 3 * DAY, period.since + 8 * DAY
        )
        one = incident(
            c, n, at(known, 9), preliminary_on=choose(draw, None, known, near(draw, known + 4 * DAY), period.as_of)
        )
        one |= choose(draw, {}, {}, {}, {"reportable": choose(draw, False, None)}, outside(draw, period))
        incidents.append(one)
    return {"incidents": incidents}


def org_4_04(draw: Draw, c: str, period: Period) -> World:
    """Final reports due about the end of the period, which may be a holiday; of a wrongful purpose, a month later."""
    return join({"incidents": [_final(draw, c, n, period) for n in INCIDENTS]}, calendar(c, period))


def _final(draw: Draw, c: str, n: int, period: Period) -> Row:
    due = period.as_of + choose(draw, -5, -4, -3, -2, -1, 0, 1, 2) * DAY  # before it is shifted
    purpose, fault = choose(draw, "yes", "no", "unknown"), choose(draw, "day", "day", "day", "kind", "items", "open")
    known = due - (59 if purpose == "yes" else 29) * DAY
    filed = choose(draw, None, due, *(due + k * DAY for k in (1, 2, 3, 4)))
    if filed is not None and filed > period.as_of:
        filed = None
    one = incident(c, n, at(known, 9), wrongful_purpose=purpose, final_on=filed)
    match fault:
        case "kind":
            one |= {"reportable": choose(draw, False, None), "privacy_mark_report": choose(draw, True, False)}
        case "items":
            one |= {"final_on": choose(draw, None, known + 9 * DAY), "final_items_missing": choose(draw, 0, 1, 9)}
            one |= {"follow_up_task": choose(draw, None, "task")}
        case "open":
            day = near(draw, period.as_of)
            soon = {"known_on": day, "detected_at": at(day, 9), "wrongful_purpose": "no", "final_on": None}
            one |= choose(draw, {"closed_on": near(draw, period.since)}, soon)
        case _:
            pass
    return one | {"privacy_mark_reported_on": one["final_on"]}


def org_4_05(draw: Draw, c: str, period: Period) -> World:
    """Individuals told in part, tomorrow, otherwise or never; entrusters told about the fifth day."""
    return {"incidents": [_notified(draw, c, n, period) for n in INCIDENTS]}


def _notified(draw: Draw, c: str, n: int, period: Period) -> Row:
    known = choose(draw, period.as_of - 4 * DAY, period.as_of - 5 * DAY, period.as_of - 3 * DAY, period.since + 8 * DAY)
    one = incident(c, n, at(known, 9), reportable=pick(draw, True, False, None))
    match choose(draw, "none", "day", "items", "measure", "processor", "processor", "open"):
        case "day":
            one["individuals_notified_on"] = choose(draw, None, period.as_of, period.as_of + DAY)
            one["reportable"] = choose(draw, True, True, False, None)
        case "items":
            missing = choose(draw, *draw.parameters["notice_points"], "")
            one["notice_items"] = [item for item in "1234567890" if item != missing]
        case "measure":
            one |= {
                "individuals_notified_on": None,
                "notice_items": [],
                "alternative_measure": choose(draw, None, "posted"),
            }
        case "processor":
            told = choose(draw, None, known, near(draw, known + 4 * DAY), known + 6 * DAY)
            one |= {"as_processor": choose(draw, True, True, False), "entrusting_party_notified_on": told}
        case "open":
            one |= outside(draw, period) | {"individuals_notified_on": None}
        case _:
            pass
    return one
