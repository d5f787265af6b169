"""Worlds of TPP-01 to TPP-03: recorded a day late, agreed a second late, deleted a day early, received from nobody knows where."""

from datetime import date, datetime

from evidence.period import Period
from tests.oracle.facts import DAY, SECOND, Draw, Row, World, at, calendar, chance, choose, join, near, pick
from tests.oracle.upkeep import months_after

ROUTES = ("consent", "opt_out", "exception_27_1", "entrustment", "succession", "shared_use")


def provision(c: str, n: int, when: datetime | date, **more: object) -> Row:
    """Data of one person sent to a recipient; a bare date is a log that tells no time."""
    told = isinstance(when, datetime)
    return {
        "company": c,
        "provision_id": f"{c}-t{n}",
        "recipient_id": f"{c}-R{n}",
        "destination": "recipient.example",
        "subject_key": f"{c}-s{n}",
        "data_subjects": 1,
        "items": ["career", "name"],
        "channel": "web",
        "occurred_at": when if told else None,
        "occurred_on": when.date() if isinstance(when, datetime) else when,
        "time_basis": "zone_given" if told else "day_only",
        **more,
    }


def record(c: str, n: int, day: date, **more: object) -> Row:
    """The record of a provision that the person agreed to, written at once."""
    return {
        "company": c,
        "record_id": f"{c}-r{n}",
        "provision_ids": [f"{c}-t{n}"],
        "recipient_id": f"{c}-R{n}",
        "recipient_complete": True,
        "provided_on": day,
        "last_provision_on": day,
        "subject_stated": True,
        "items": ["career", "name"],
        "route": "consent",
        "consent_stated": True,
        "manner": "each",
        "recorded_on": day,
        **more,
    }


def consent(c: str, n: int, given: datetime, **more: object) -> Row:
    return {
        "company": c,
        "consent_id": f"{c}-c{n}",
        "subject_key": f"{c}-s{n}",
        "recipient_class": "offerer",
        "items": ["career", "mail", "name"],
        "given_at": given,
        **more,
    }


def tpp_01(draw: Draw, c: str, period: Period) -> World:
    """Provisions at the edges of the period, recorded about five business days later, by channels of every kind."""
    return _provided(draw, c, period, "none", "edge", "record", "record", "pending", "pending")


def tpp_01_basis(draw: Draw, c: str, period: Period) -> World:
    """Provisions by consents that begin or end about then, by other routes, and of people who had it stopped.

    Not told: whether consents that a record names speak for a set of persons, and when an instant equals a midnight.
    """
    return _provided(draw, c, period, "none", "consent", "consent", "consent", "route", "stop", "stop")


def _provided(draw: Draw, c: str, period: Period, *faults: str) -> World:
    """Provisions that are sound but for one thing."""
    parts: list[World] = []
    for n in range(7):
        fault = choose(draw, *faults)
        when = at(period.as_of - choose(draw, 12, 13, 14, 15) * DAY, 12)
        if fault == "edge":
            when = choose(draw, at(period.since, 0), at(period.since, 0) - SECOND, at(period.as_of, 23, 59, 59))
        if fault == "pending":
            when = at(period.as_of - choose(draw, 4, 5, 6, 7, 8, 9, 10) * DAY, 12)
        told, day = choose(draw, True, False), when.date()
        row = provision(c, n, when if told else day, channel=pick(draw, "web", "mail", "fax", "hand", "sftp", "post"))
        company = choose(draw, None, c)
        part: World = {
            "provision_events": [row],
            "provision_records": [record(c, n, day)],
            "consents": [consent(c, n, at(day - 20 * DAY, 9))],
            "recipients": [{"recipient_id": f"{c}-R{n}", "company": company, "recipient_class": "offerer"}],
        }
        match fault:
            case "record":
                _recorded(draw, c, n, part)
            case "pending":  # with a consent or without
                part["provision_records"] = []
                part["consents"] = pick(draw, part["consents"], [])
            case "consent":
                _agreed(draw, c, n, part)
            case "route":
                _based(draw, part)
            case "stop":
                _stopped(draw, c, n, part)
        parts.append(part)
    return join(*parts, calendar(c, period))


def _recorded(draw: Draw, c: str, n: int, part: World) -> None:
    """Written about five business days later, deleted since, or about another provision, recipient or company."""
    [one], day = part["provision_records"], part["provision_events"][0]["occurred_on"]
    late = {"recorded_on": day + choose(draw, 4, 5, 6, 7, 8, 9, 10) * DAY}
    one |= choose(
        draw,
        late,
        late,
        late,
        {"deleted_on": day + choose(draw, 3, 11, 12, 13, 14, 15, 60) * DAY},
        choose(draw, {"provision_ids": [f"{c}-t99"]}, {"provision_ids": []}, {"provision_ids": [f"{c}-t{n}", "z"]}),
        choose(draw, {"recipient_id": f"{c}-R99"}, {"company": f"{c}x"}),
    )


def _agreed(draw: Draw, c: str, n: int, part: World) -> None:
    """A consent given or withdrawn about then, for other items, of another person, to another company or class."""
    [one], [event], [recipient] = part["consents"], part["provision_events"], part["recipients"]
    when = event["occurred_at"]
    day = at(event["occurred_on"], 0)
    moments = (when - SECOND, when, when + SECOND) if when else (day - SECOND, day + SECOND, day + DAY - SECOND)
    ends = moments if when else (*moments, day + DAY + SECOND)
    aspect = choose(draw, "given", "given", "withdrawn", "withdrawn", "told", "told", "recipient", "items")
    if aspect == "given":
        one |= {"given_at": choose(draw, *moments)}
    if aspect == "withdrawn":
        one |= {"withdrawn_at": choose(draw, *ends)}
    if aspect == "told":
        one |= choose(
            draw,
            {"items": ["career"]},
            {"items": ["career", "name"]},
            {"subject_key": f"{c}-s99"},
            {"company": f"{c}x"},
            {"company": f"{c}x"},
            {"recipient_class": choose(draw, None, "agency")},
        )
    if aspect == "items":  # of two consents, or of none
        part["consents"].append(one | {"consent_id": f"{c}-c{n}-2", "items": choose(draw, ["name"], ["mail"])})
        one |= {"items": ["career"]}
        event |= {"items": pick(draw, event["items"], [])}
    if aspect == "recipient":
        recipient |= choose(draw, {"company": f"{c}x"}, {"recipient_class": "agency"}, {"recipient_id": f"{c}-R99"})
    event |= pick(draw, {}, {"data_subjects": 2})
    if chance(draw):
        event["recipient_id"] = None


def _based(draw: Draw, part: World) -> None:
    """A provision without any consent, of one person or of a set, by each of the routes."""
    [event], [one] = part["provision_events"], part["provision_records"]
    part["consents"] = []
    one |= {"route": choose(draw, *ROUTES, *ROUTES[2:3] * 2), "exception_reason": choose(draw, None, "warrant")}
    event |= choose(draw, {}, {"subject_key": None, "data_subjects": 40})


def _stopped(draw: Draw, c: str, n: int, part: World) -> None:
    """A request of the person or of another, to the company or to another, of any kind, done about then or not yet."""
    day = part["provision_events"][0]["occurred_on"]
    kind = choose(draw, "stop_use", "erase", "stop_provision", "stop_provision", choose(draw, "disclose", "correct"))
    part["requests"] = [
        {
            "company": choose(draw, c, c, c, f"{c}x"),
            "request_id": f"{c}-q{n}",
            "subject_key": pick(draw, f"{c}-s{n}", f"{c}-s99"),
            "action": kind,
            "arrived_on": day - 9 * DAY,
            "decision": "granted",
            "done_on": pick(draw, near(draw, day), None),
        }
    ]


def tpp_02(draw: Draw, c: str, period: Period) -> World:
    """Records that lack one thing, or were deleted about when they may be; last provided to when they were written."""
    records = []
    for n in range(6):
        fault = choose(draw, "none", "lacking", "lacking", "deleted", "deleted", "deleted")
        day = period.as_of - choose(draw, 1200, 1300, 2100, 2200) * DAY
        one = record(c, n, day, route=choose(draw, *ROUTES), manner=choose(draw, "each", "batch", "contract"))
        if one["route"] != "consent":
            one |= {"consent_stated": choose(draw, True, False)}
        if fault == "lacking":
            one |= choose(
                draw,
                {"recipient_complete": False},
                {"subject_stated": False},
                {"items": []},
                {"consent_stated": False, "route": choose(draw, "consent", "consent", one["route"])},
                {"provided_on": None, "route": choose(draw, "opt_out", "opt_out", one["route"])},
            )
        if fault == "deleted":
            one |= {"last_provision_on": day + choose(draw, 0, 3, 50) * DAY}
            one |= {"recorded_on": one["last_provision_on"] + choose(draw, 0, 2) * DAY}
            start = one["recorded_on" if one["manner"] == "each" else "last_provision_on"]
            keep = draw.parameters["contract_keep_months" if one["manner"] == "contract" else "keep_months"]
            one |= {"deleted_on": near(draw, months_after(start, keep))}
        records.append(one)
    return {"provision_records": records}


def tpp_03(draw: Draw, c: str, period: Period) -> World:
    """Receipts that lack one thing; merged ones with a proof of the provider's, of ours, of one not yet or no more held, or none.

    Not told: a consent that begins or ends at a midnight.
    """
    receipts, consents = [], []
    for n in range(6):
        row: Row = {
            "company": c,
            "receipt_id": f"{c}-e{n}",
            "provider": "provider.example",
            "provider_complete": True,
            "acquired_how": "from the person",
            "received_on": period.as_of - choose(draw, 5, 400) * DAY,
            "items": ["cookie"],
            "person_related": choose(draw, True, False),
            "consent_check_ref": choose(draw, f"{c}-c{n}", f"{c}-c{n}", "the provider's letter 7", None),
        }
        lacking: Row = choose(draw, {"provider_complete": False}, {"acquired_how": None}, {"items": []})
        receipts.append(row | choose(draw, {}, {}, {}, lacking))
        first, last = at(row["received_on"], 0), at(row["received_on"] + DAY, 0)
        given = choose(draw, first - 9 * DAY, first - SECOND, first + SECOND, last - SECOND)
        withdrawn = choose(draw, None, None, last - SECOND, last + SECOND, at(period.as_of, 9))
        consents.append(consent(c, n, given, withdrawn_at=withdrawn) | {"company": pick(draw, c, f"{c}x")})
    return {"receipts": receipts, "consents": consents}
