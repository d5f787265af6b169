"""Worlds of REQ: answered a day late, disclosed a second early, refused on the wrong ground, mailed after a stop."""

from datetime import date

from evidence.period import Period
from tests.oracle.facts import DAY, SECOND, Draw, Row, World, at, calendar, choose, join, near, pick
from tests.oracle.requests import ALLOWED

GROUNDS = ("G0", "G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "H1", "H2")


def request(c: str, n: int, arrived: date, **more: object) -> Row:
    """A request that was registered at once and is not yet decided."""
    return {
        "company": c,
        "request_id": f"{c}-q{n}",
        "arrived_on": arrived,
        "registered_on": arrived,
        "action": "disclose",
        "subject_key": f"{c}-s{n}",
        "identity": "ok",
        "identity_judged_at": at(arrived, 12),
        "handler_key": f"{c}-p1",
        **more,
    }


def outside(draw: Draw, period: Period) -> Row:
    """Closed about when the period began, or arrived about when it ended."""
    closed = {"closed_on": near(draw, period.since), "arrived_on": period.since - 20 * DAY}
    return choose(draw, closed, {"arrived_on": near(draw, period.as_of)})


def req_01(draw: Draw, c: str, period: Period) -> World:
    """Requests registered a business day later, answered or extended on the 14th day, disclosed to somebody unknown.

    Not told: who asked no more, and which came first where it was identified and disclosed at one instant.
    """
    requests = []
    for n in range(7):
        fault = choose(draw, "none", "edge", "register", "register", "disclose", "answer", "answer", "pending")
        arrived = period.as_of - choose(draw, 16, 17, 18, 19, 20) * DAY
        if fault == "pending":
            arrived = near(draw, period.as_of - 14 * DAY)
        row = request(c, n, arrived, responded_on=arrived + 5 * DAY)
        due = arrived + 14 * DAY
        if fault == "edge":
            row |= outside(draw, period) | {"registered_on": None, "responded_on": None}
        if fault == "register":
            arrived = choose(draw, arrived, period.as_of - 6 * DAY)
            row |= {"arrived_on": arrived, "responded_on": arrived + 5 * DAY}
            row |= {"registered_on": pick(draw, arrived + choose(draw, 1, 2, 3, 4, 5) * DAY, None)}
            if choose(draw, False, False, True):
                recent = period.as_of - choose(draw, 0, 1, 2, 3, 4, 5) * DAY
                row |= {"arrived_on": recent, "registered_on": None, "responded_on": None}
        if fault == "disclose":
            told = at(arrived + 3 * DAY, 12)
            row |= {"disclosed_at": told, "action": choose(draw, "disclose", "disclose_provision_record")}
            row |= choose(
                draw,
                {"identity_judged_at": told + choose(draw, -1, 1) * SECOND},
                {"identity_judged_at": None},
                {"identity": choose(draw, "pending", "failed")},
            )
            if choose(draw, False, True):  # only a day is told
                judged = at(arrived + 3 * DAY, 23, 59, 59) + choose(draw, 0, 1) * SECOND
                done = {"done_on": choose(draw, arrived + 3 * DAY, period.as_of + DAY), "identity_judged_at": judged}
                row |= done | {"disclosed_at": None, "action": choose(draw, row["action"], "correct")}
        if fault == "answer":
            answers: Row = choose(
                draw, {"responded_on": near(draw, due)}, {"responded_on": None}, {"responded_on": due + DAY}
            )
            row |= answers | {"extension_notified_on": choose(draw, None, near(draw, due))}
        if fault == "pending":
            row |= {"responded_on": None}
        requests.append(row)
    return join({"requests": requests}, calendar(c, period))


def req_02(draw: Draw, c: str, period: Period) -> World:
    """Requests of every kind, refused on every ground, with a reason or without, seen by a second person or the same.

    Not told: what of a reason that is still to be sent.
    """
    requests = []
    for n in range(18):
        arrived = period.as_of - 12 * DAY
        action = choose(draw, *ALLOWED, "disclose", "disclose_provision_record", "disclose_provision_record")
        row = request(c, n, arrived, action=action, decision=choose(draw, "refused", "partly", "deemed_no_request"))
        row |= {
            "decided_on": arrived + 3 * DAY,
            "refusal_ground": choose(draw, *sorted(ALLOWED[action])),
            "responded_on": arrived + 4 * DAY,
            "reason_sent": True,
            "approved_by": f"{c}-p2",
            "second_reviewer_key": f"{c}-p3",
        }
        odd: Row = choose(
            draw,
            {"refusal_ground": choose(draw, *GROUNDS, None)},
            {"refusal_ground": choose(draw, *GROUNDS)},
            {"refusal_ground": choose(draw, *GROUNDS)},
            {"second_reviewer_key": choose(draw, None, f"{c}-p1", f"{c}-p2")},
            {"second_reviewer_key": choose(draw, None, f"{c}-p1", f"{c}-p2")},
            {"handler_key": None},
            choose(draw, {"reason_sent": False}, {"decision": choose(draw, "granted", "withdrawn", None)}),
            outside(draw, period),
        )
        requests.append(row | odd)
    return {"requests": requests}


def req_03(draw: Draw, c: str, period: Period) -> World:
    """Papers of requests closed or refused about when they must be gone, disposed of a day late, on record or not.

    Not told: a request that is refused in part, a new one on the day of the answer, and a delivery later than that day.
    """
    as_of, requests, erasures = period.as_of, [], []
    for n in range(9):
        way = choose(draw, "open", "closed", "closed", "refused", "refused", "again", "again", "deemed", "gone", "edge")
        due = near(draw, choose(draw, as_of, as_of - 6 * DAY, as_of - 6 * DAY)) if way != "again" else as_of - 6 * DAY
        row = request(c, n, due - 60 * DAY, documents_received=pick(draw, True, False))
        row |= {"documents_masked": pick(draw, choose(draw, None, True), False)}
        if way == "edge":
            row |= {"arrived_on": near(draw, as_of)}
        if way == "closed":
            row |= {"closed_on": due - 14 * DAY, "decision": "granted", "responded_on": due - 50 * DAY}
        if way in ("refused", "again"):
            answered = due - 28 * DAY
            row |= {"decision": choose(draw, "refused", "refused", "granted"), "responded_on": answered}
            if choose(draw, False, False, True):
                row |= {"closed_on": answered + choose(draw, 16, 20) * DAY}
        if way == "again":
            row |= {"decision": "refused"}
            arrived = choose(draw, *(answered + day * DAY for day in (-1, 1, 13, 14, 14, 15, 15)))
            new = {"subject_key": pick(draw, row["subject_key"], f"{c}-s99"), "company": pick(draw, c, f"{c}x")}
            requests.append(request(c, 90 + n, arrived, **new))
        if row.get("decision") == "refused" and choose(draw, False, True):
            row |= {"decision": "deemed_no_request"}
        if way == "deemed":  # about when it may be, or by no answer
            told = pick(draw, near(draw, as_of - 14 * DAY), None)
            row |= {"decision": "deemed_no_request", "responded_on": told, "closed_on": None}
        if way == "gone":  # over for long, or only its papers are, or only it is
            end = near(draw, period.since)
            spans = choose(draw, (end, end), (end - 9 * DAY, end), (end - 9 * DAY, None), (None, end - 9 * DAY))
            row |= {"closed_on": spans[0], "documents_disposed_on": spans[1]}
        elif way not in ("edge", "deemed") and choose(draw, True, True, way in ("refused", "closed")):
            row |= {"documents_disposed_on": min(near(draw, due), as_of)}
        if row.get("documents_disposed_on") is not None and pick(draw, True, False):
            erasures.append(_disposal(draw, c, n, row["documents_disposed_on"]))
        requests.append(row)
    return {"requests": requests, "erasures": erasures}


def _disposal(draw: Draw, c: str, n: int, day: date) -> Row:
    """The record of a disposal: as it should be, half written, of another time or thing or company."""
    odd: Row = choose(
        draw,
        {},
        {},
        {},
        choose(draw, {"method": None}, {"confirmed_by": None}),
        choose(draw, {"done_on": None}, {"reason": "request"}),
        {"done_on": day + choose(draw, -100, -1, 1, 1) * DAY},
        choose(draw, {"ref_id": f"{c}-q99"}, {"company": f"{c}x"}),
    )
    return {
        "company": c,
        "erasure_id": f"{c}-e{n}",
        "reason": "request_documents",
        "ref_id": f"{c}-q{n}",
        "due_on": day,
        "done_on": day,
        "method": "shred",
        "confirmed_by": f"{c}-p3",
        "confirmed_on": day,
        **odd,
    }


def req_04(draw: Draw, c: str, period: Period) -> World:
    """Uses of every kind, one or two, about 30 days after a stop of every kind, by the company or another, of that person or another."""
    uses, requests = [], []
    for n in range(8):
        day = choose(draw, period.as_of - 5 * DAY, near(draw, period.since), near(draw, period.as_of))
        done = day - choose(draw, 0, 29, 30, 31, 31, 90) * DAY
        action = choose(
            draw, "stop_use", "erase", "stop_provision", "stop_provision", choose(draw, "disclose", "correct")
        )
        stop = request(c, n, done - 9 * DAY, action=action, decision="granted", done_on=pick(draw, done, None))
        requests.append(stop | {"closed_on": choose(draw, None, done)})
        for twice in range(choose(draw, 1, 1, 2)):
            use: Row = {
                "company": pick(draw, c, f"{c}x"),
                "use_id": f"{c}-u{n}-{twice}",
                "subject_key": pick(draw, f"{c}-s{n}", f"{c}-s99"),
                "use": choose(draw, "mail", "call", "ad_list", "read", "provision", "provision"),
                "lawful_exception": pick(draw, None, "answer"),
                "occurred_on": day - twice * choose(draw, 0, 1) * DAY,
                "time_basis": "day_only",
            }
            uses.append(use)
    return {"requests": requests, "subject_uses": uses}


def req_05(draw: Draw, c: str, period: Period) -> World:
    """Complaints acknowledged about three business days and resolved about 30 days later, without a cause, of a leak.

    Not told: a leak that was told of today.
    """
    complaints: list[Row] = []
    incidents: list[Row] = []
    triages: list[Row] = []
    for n in range(7):
        fault = choose(draw, "none", "edge", "acknowledge", "acknowledge", "resolve", "resolve", "cause", "leak")
        arrived = period.as_of - choose(draw, 12, 13, 14, 15) * DAY
        row: Row = {"company": c, "complaint_id": f"{c}-k{n}", "class": choose(draw, "purpose", "attitude", "other")}
        row |= {"acknowledged_on": arrived, "resolved_on": arrived + 5 * DAY, "cause": "a list"}
        if fault == "edge":
            row |= {"resolved_on": None, "cause": None, "acknowledged_on": None}
            arrived = near(draw, period.as_of)
            if choose(draw, False, True):
                arrived = period.since - 20 * DAY
                row |= {"resolved_on": near(draw, period.since), "cause": "a list"}
        if fault == "acknowledge":
            recent = period.as_of - choose(draw, 1, 2, 3, 4, 5, 6) * DAY
            arrived = choose(draw, arrived, recent, period.as_of - 6 * DAY)
            told = arrived + choose(draw, 2, 3, 4, 5, 6, 7) * DAY
            row |= {"acknowledged_on": told if told <= period.as_of else None, "resolved_on": None, "cause": None}
        if fault == "resolve":
            arrived = near(draw, choose(draw, period.as_of, period.as_of - 6 * DAY) - 30 * DAY)
            done = choose(draw, None, min(near(draw, arrived + 30 * DAY), period.as_of))
            row |= {"acknowledged_on": arrived, "resolved_on": done}
        if fault == "cause":
            row |= {"cause": None, "resolved_on": choose(draw, None, row["resolved_on"])}
        if fault == "leak":
            row |= {"class": "leak_suspected"}
            triages += [_triage(draw, c, n)] if choose(draw, True, False) else []
        signals = pick(draw, [row["complaint_id"]], [f"{c}-k99"], [])
        if choose(draw, True, False):
            incidents.append({"company": pick(draw, c, f"{c}x"), "incident_id": f"{c}-i{n}", "signal_ids": signals})
        complaints.append(row | {"arrived_on": arrived, "arrived_at": at(arrived, 9)})
    return join({"complaints": complaints, "incidents": incidents, "triages": triages}, calendar(c, period))


def _triage(draw: Draw, c: str, n: int) -> Row:
    """What was judged of a complaint, with a reason or without; of another signal, by another company, by the group."""
    incident = choose(draw, True, False, False)
    return {
        "company": pick(draw, c, None, f"{c}x"),
        "triage_id": f"{c}-t{n}",
        "signal_kind": pick(draw, "complaint", "vendor_notice"),
        "signal_id": pick(draw, f"{c}-k{n}", f"{c}-k99"),
        "is_incident": incident,
        "incident_id": choose(draw, f"{c}-i{n}", None) if incident else None,
        "reason": choose(draw, "a mistaken address", "a mistaken address", None),
    }
