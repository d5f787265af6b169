"""Worlds of TEC-3 but detection: agents silent for a week, weaknesses open to the day, walls with one rule too many."""

from evidence.period import Period
from tests.oracle.facts import DAY, Draw, Row, World, choose, near, pick
from tests.oracle.worlds.phy import device


def tec_3_01(draw: Draw, c: str, period: Period) -> World:
    """Devices of every kind and state whose agent or signatures are a week old to the day, told by nobody, or of tomorrow."""
    as_of, devices = period.as_of, []
    for n in range(7):
        told: Row = {
            "agent_reported_on": as_of - choose(draw, 0, 6) * DAY,
            "signature_on": as_of - choose(draw, 0, 6) * DAY,
        }
        if choose(draw, True, False):
            odd = choose(draw, *told)
            told[odd] = choose(draw, near(draw, as_of - 7 * DAY), near(draw, as_of - 7 * DAY), None, as_of + DAY)
        devices.append(
            device(
                c,
                n,
                company=pick(draw, c, f"{c}x"),
                kind=choose(draw, "pc", "server", "pc", "server", "phone", "tablet", "network", "media"),
                status=pick(draw, "in_use", "in_use", "stored", "carried", "lost", "disposed"),
                **told,
            )
        )
    return {"devices": devices}


def tec_3_02(draw: Draw, c: str, period: Period) -> World:
    """Devices whose OS is supported, is not, or is not known; each with a weakness that is due about now, or mended.

    Not told: whether a thing that has no OS (a medium) is asked for one, and whether a lost one is. What is no deviation
    for certain (mended in time, medium, low) lies on a thing that is a member anyway: whether it is one, no text says.
    """
    devices, weaknesses = [], []
    for n in range(5):
        status = pick(draw, choose(draw, "in_use", "stored", "carried"), "disposed")
        kind = choose(draw, "pc", "server", "phone", "tablet", "network")
        one = device(c, n, kind=kind, status=status, os_supported=choose(draw, *[True] * 5, False, None))
        devices.append(one)
        weaknesses.append(
            _weakness(draw, c, n, period, open_only=status == "disposed") | {"device_id": one["device_id"]}
        )
    for n, place in ((5, {"system_id": f"{c}-S1"}), (6, {}), (7, {"device_id": f"{c}-d9"})):
        weaknesses.append(_weakness(draw, c, n, period, open_only=True) | place | {"company": pick(draw, c, f"{c}x")})
    return {"devices": devices, "vulnerabilities": weaknesses}


def _weakness(draw: Draw, c: str, n: int, period: Period, *, open_only: bool) -> Row:
    """A weakness whose last day is about now or about the day on which it was mended, or that is not severe."""
    as_of, severity = period.as_of, choose(draw, "critical", "high")
    limit = draw.parameters[f"{severity}_days"] * DAY
    row: Row = {"company": c, "vulnerability_key": f"{c}-w{n}", "severity": severity, "fixed_on": None}
    mended = choose(draw, period.since - DAY, period.since, as_of, as_of + DAY, as_of - 5 * DAY)
    match choose(draw, "open", "open", "tomorrow") if open_only else choose(draw, "open", "mended", "mended", "slight"):
        case "open":
            return row | {"found_on": near(draw, as_of - limit)}
        case "tomorrow":
            return row | {"found_on": near(draw, as_of - limit), "fixed_on": as_of + DAY}
        case "mended":
            return row | {"found_on": near(draw, mended - limit), "fixed_on": mended}
        case _:
            return row | {"severity": choose(draw, "medium", "low"), "found_on": as_of - 400 * DAY}


def tec_3_02_systems(draw: Draw, c: str, period: Period) -> World:
    """Systems on the internet and inside, scanned 90 and tested 365 days ago to the day, or only one of them, or others."""
    as_of, systems, tests = period.as_of, [], []
    for n in range(1, 5):
        key = f"{c}-S{n}"
        systems.append(
            {
                "company": c,
                "system_id": key,
                "internet_facing": pick(draw, True, False),
                "holds_personal_data": pick(draw, True, False),
            }
        )
        done = {
            "vulnerability_scan": (as_of - 20 * DAY, draw.parameters["scan_days"] * DAY),
            "penetration_test": (as_of - 200 * DAY, draw.parameters["pentest_days"] * DAY),
        }
        odd = choose(draw, *done, "")
        for kind, (day, limit) in done.items():
            test = {
                "company": c,
                "exercise_id": f"{key}-{kind}",
                "kind": kind,
                "scope_id": key,
                "performed_on": day,
                "result": choose(draw, "passed", "partly", "failed"),
            }
            at_limit = {"performed_on": near(draw, as_of - limit)}
            other: Row = choose(
                draw,
                {"performed_on": choose(draw, as_of, as_of + DAY)},
                {"scope_id": choose(draw, None, f"{c}x-S{n}")},
                {"kind": choose(draw, "restore_test", "breach_drill")},
            )
            tests += [test | choose(draw, at_limit, at_limit, other)] if kind == odd else [test]
        if choose(draw, True, False, False):
            tests.append(tests[-1] | {"exercise_id": f"{key}-before", "performed_on": as_of - 800 * DAY})
    return {"systems": systems, "exercises": [one for one in tests if pick(draw, True, False)]}


def tec_3_03(draw: Draw, c: str, period: Period) -> World:
    """Systems before which a wall stands or none; walls with and without rules, reviewed 180 days ago to the day.

    Not told: whether a wall of another company is this company's too, and what a review is worth that left rules open.
    """
    systems = [
        {
            "company": c,
            "system_id": f"{c}-S{n}",
            "holds_personal_data": pick(draw, True, False),
            "internet_facing": choose(draw, True, False),
            "behind_firewall": wall,
        }
        for n, wall in enumerate(
            (f"{c}-F1", choose(draw, f"{c}-F2", None), choose(draw, f"{c}-F4", f"{c}-F1", None)), 1
        )
    ]
    walls = [(c, f"{c}-F1"), (c, f"{c}-F2"), (f"{c}x", f"{c}-F3")]  # of the fourth no rule is known
    rules = [
        {"company": company, "rule_key": f"{wall}-{n}", "firewall_id": wall} | _rule(draw, period)
        for company, wall in walls
        for n in range(2)
    ]
    reviews = [
        row for company, wall in (*walls, (c, f"{c}-F4")) for row in _reviews(draw, company, wall, f"{c}-S1", period)
    ]
    return {"systems": systems, "perimeter_rules": rules, "reviews": reviews}


def _rule(draw: Draw, period: Period) -> Row:
    plain: Row = {"any_any": False, "temporary_until_on": None}
    temporary = {"temporary_until_on": choose(draw, near(draw, period.as_of), period.as_of + 30 * DAY)}
    return plain | choose(draw, {}, {}, {}, {}, {"any_any": True}, temporary, temporary)


def _reviews(draw: Draw, company: str, wall: str, system: str, period: Period) -> list[Row]:
    """A review in time or at the limit, of something else, or of tomorrow; perhaps another long ago."""
    as_of = period.as_of
    review = {
        "company": company,
        "review_id": f"{wall}-r1",
        "kind": "perimeter",
        "scope_id": wall,
        "reviewed_on": as_of - 30 * DAY,
        "reviewed_by": f"{company}-p1",
        "items_total": 9,
        "items_decided": choose(draw, 9, 9, 9, 8, 0),
    }
    limit = {"reviewed_on": near(draw, as_of - draw.parameters["review_days"] * DAY)}
    other: Row = choose(
        draw,
        {"reviewed_on": choose(draw, as_of, as_of + DAY)},
        {"kind": choose(draw, "log", "privileged_use")},
        {"scope_id": choose(draw, system, f"{wall}x")},
    )
    old = review | {"review_id": f"{wall}-r0", "reviewed_on": as_of - 400 * DAY}
    told = choose(draw, [review], [review], [review | limit], [review | limit], [review | other], [])
    return [*told, old] if choose(draw, True, False, False) else told
