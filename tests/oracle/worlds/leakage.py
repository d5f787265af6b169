"""Worlds of TEC-4-01, -02 and -05: one setting open, a review a day late, a public link."""

from datetime import date
from decimal import Decimal

from evidence.period import Period
from tests.oracle.facts import (
    DAY,
    SECOND,
    Draw,
    Row,
    World,
    at,
    choose,
    join,
    near,
    pick,
)

FAR = at(date(2030, 1, 1), 0)


def tec_4_01(draw: Draw, c: str, period: Period) -> World:
    """Systems of which one thing in four is not as it should be, or is told by nobody.

    Not told: what a resource of no registered system, or one that stores nothing (a link), has to show; whether a snapshot
    is all the backup that a system needs.
    """
    return join(*(_kept(draw, c, n, period) for n in range(1, 11)))


def _kept(draw: Draw, c: str, n: int, period: Period) -> World:
    key = f"{c}-S{n}"
    system: Row = {
        "company": c,
        "system_id": key,
        "holds_personal_data": pick(draw, True, False),
        "key_owner_key": f"{c}-p1",
        "data_admin_key": f"{c}-p2",
    }
    settings = [_tls(key, "web", "1.2"), *(_sealed(key, one) for one in ("storage", "backup"))]
    clouds: list[Row] = []
    tests = [_restore(c, key, 1, period.as_of - 30 * DAY)]
    match choose(draw, "none", "transit", "rest", "rest", "cloud", "keys", "restore", "restore"):
        case "transit":
            settings = settings[1:] + _endpoints(draw, key)
        case "rest":
            settings = choose(
                draw,
                [one for one in settings if one["component"] != choose(draw, "storage", "backup")],
                [
                    one | _value(choose(draw, "false", None)) if one["component"] == "storage" else one
                    for one in settings
                ],
                [
                    one | _value(choose(draw, "false", None)) if one["component"] == "backup" else one
                    for one in settings
                ],
                [*settings, _sealed(key, "bucket:b1") | _value(choose(draw, "true", "false"))],
            )
        case "cloud":
            clouds = _clouds(draw, c, key)
            settings = choose(draw, settings, settings, [one for one in settings if one["component"] != "storage"])
        case "keys":
            system |= choose(
                draw,
                {"key_owner_key": None},
                {"data_admin_key": None},
                {"key_owner_key": None, "data_admin_key": None},
                {"data_admin_key": f"{c}-p1"},
            )
        case "restore":
            tests = _restores(draw, c, key, period)
        case _:
            pass
    return {"systems": [system], "system_settings": settings, "cloud_resources": clouds, "exercises": tests}


def _value(told: str | None) -> Row:
    return {"value": told, "number": None if told is None else Decimal(told == "true")}


def _sealed(system: str, component: str) -> Row:
    return {"system_id": system, "component": component, "setting": "encrypted", **_value("true")}


def _tls(system: str, endpoint: str, version: str | None) -> Row:
    return {
        "system_id": system,
        "component": f"endpoint:{endpoint}",
        "setting": "tls_min",
        "value": version,
        "number": None if version is None else Decimal(version),
    }


def _endpoints(draw: Draw, system: str) -> list[Row]:
    """No endpoint, one or two; of each the version is enough, too old, or not known; or another setting of it."""
    first, second = (_tls(system, one, choose(draw, "1.3", "1.2", "1.1", "1.0", None)) for one in ("web", "api"))
    odd = first | {"setting": "reuse_blocked"}
    elsewhere = first | {"component": "auth"}
    return choose(
        draw, [], [first], [first], [first, second], [first, second], [odd], [_tls(system, "api", "1.2"), elsewhere]
    )


def _clouds(draw: Draw, c: str, system: str) -> list[Row]:
    """One or two resources of the system, and one of another company's."""
    rows = [
        {
            "company": c,
            "resource_id": f"{system}-r{n}",
            "system_id": system if n < 2 else f"{c}x-S1",
            "kind": choose(draw, "bucket", "snapshot", "database", "share"),
            "personal_data_tag": choose(draw, True, False),
            "encrypted": choose(draw, True, True, False, None) if n < 2 else False,
        }
        for n in range(3)
    ]
    return choose(draw, rows[1:], rows, rows[2:])


def _restore(c: str, system: str, n: int, day: date) -> Row:
    return {
        "company": c,
        "exercise_id": f"{system}-x{n}",
        "kind": "restore_test",
        "scope_id": system,
        "performed_on": day,
        "result": "passed",
    }


def _restores(draw: Draw, c: str, system: str, period: Period) -> list[Row]:
    """A test a year ago to the day, of tomorrow, not passed, of something else; or two of which the later counts."""
    as_of, plain = period.as_of, period.as_of - 30 * DAY
    limit = near(draw, as_of - draw.parameters["restore_days"] * DAY)
    test, failed = _restore(c, system, 1, plain), choose(draw, "partly", "failed")
    again = choose(draw, plain - DAY, plain, plain + DAY, as_of, as_of + DAY)
    return choose(
        draw,
        [test | {"performed_on": limit}],
        [test | {"performed_on": limit}],
        [test | {"performed_on": choose(draw, as_of, as_of + DAY)}],
        [test | {"result": failed}],
        [test | choose(draw, {"scope_id": choose(draw, None, f"{c}x-S1")}, {"kind": "reach_test"})],
        [test, _restore(c, system, 2, again) | {"result": failed}],
        [test, _restore(c, system, 2, again) | {"result": failed}],
        [],
    )


def tec_4_02(draw: Draw, c: str, period: Period) -> World:
    """Systems that went live or changed about the ends of the period, reviewed to the day; uses of production data.

    Not told: whether a use that began before the period is asked again, which kind of approval it needs, what an approval
    of that very day is worth, and of a use without production data whether it is a member: it is of a system that is one.
    """
    return join(*(_changed(draw, c, n, period) for n in range(1, 13)))


def _changed(draw: Draw, c: str, n: int, period: Period) -> World:
    system, since, as_of = f"{c}-S{n}", period.since, period.as_of
    day = choose(draw, since + 8 * DAY, since, as_of, since - DAY, as_of + DAY)
    release: Row = {
        "company": c,
        "change_id": f"{system}-k1",
        "kind": choose(draw, "system_release", "system_change"),
        "affects": choose(draw, [system], [system], [system, f"{c}-V1"], [system, f"{system}b"]),
        "effective_on": day,
        "review_approved_on": choose(draw, near(draw, day), near(draw, day), day - 20 * DAY, None),
        "pia_ref": choose(draw, None, "PIA-1"),
    }
    row = {
        "company": c,
        "system_id": system,
        "holds_personal_data": choose(draw, True, True, False),
        "went_live_on": since - 900 * DAY,
    }
    changes: list[Row] = [release]
    approvals: list[Row] = []
    match choose(draw, "changed", "changed", "new", "new", "unregistered", "data", "data", "data", "other"):
        case "new":
            live = choose(draw, since, as_of, since - DAY, as_of + DAY, since + 8 * DAY)
            row["went_live_on"] = choose(draw, live, live, live, None)
            changes = _released(draw, release, system, live)
        case "unregistered":
            release["affects"] = choose(draw, [], [f"{c}-S9{n}"])
        case "data":
            first = choose(draw, since, as_of, as_of + DAY, since + 8 * DAY)
            use, approvals = _use(draw, c, system, first)
            calm = release | {"effective_on": since + 3 * DAY, "review_approved_on": since}
            changes = choose(draw, [use], [use, calm], [calm, use | {"production_data": False}])
            if choose(draw, True, False, False):
                told = ("effective_on", "production_data", "production_data_basis")
                changes = [calm | {name: use[name] for name in told} | {"change_id": use["change_id"]}]
        case "other":
            release["kind"] = choose(draw, "vendor_change", "purpose_change", "reorganisation")
        case _:
            pass
    for change in changes:
        if change["effective_on"] == since - DAY and change["review_approved_on"] == since:
            change["review_approved_on"] = None  # whether it is late in this period, no text says
    return {"systems": [row], "changes": changes, "approvals": approvals}


def _released(draw: Draw, release: Row, system: str, live: date) -> list[Row]:
    """What the register tells of a system that went live: its release, another's, one that is no release, nothing."""
    plain = release | {"kind": "system_release", "effective_on": live}
    plain["review_approved_on"] = choose(draw, near(draw, live), near(draw, live), None)
    reviewed = {"review_approved_on": live - 90 * DAY}
    return choose(
        draw,
        [plain],
        [plain],
        *[[plain | {"effective_on": live + 4 * DAY}]] * 3,  # it went live before it was to
        [plain | reviewed | {"effective_on": live - 60 * DAY}],
        [plain | reviewed | {"affects": [f"{system}b"]}],
        [plain | reviewed | {"company": f"{release['company']}x", "effective_on": live - 60 * DAY}],
        [plain | reviewed | {"kind": "vendor_change"}],
        [],
    )


def _use(draw: Draw, c: str, system: str, first: date) -> tuple[Row, list[Row]]:
    """A use of production data for a test, with its basis, and an approval that is whole or lacks one thing."""
    use: Row = {
        "company": c,
        "change_id": f"{system}-k2",
        "kind": "test_data_use",
        "affects": [system],
        "effective_on": first,
        "production_data": True,
        "production_data_basis": choose(
            draw, "approval", "approval", "approval", "approval", "pseudonymised", "anonymised", None
        ),
    }
    begins = at(first, 0)
    approval: Row = {
        "company": c,
        "approval_id": f"{system}-q1",
        "kind": "ticket",
        "status": "approved",
        "requested_by": f"{c}-p1",
        "person_key": f"{c}-p1",
        "approved_by": f"{c}-boss",
        "approved_at": begins - DAY,
        "valid_from_at": begins - DAY,
        "valid_to_at": FAR,
        "scope_ids": choose(draw, [system], [f"{c}-S0", system]),
    }
    lacking: Row = choose(
        draw,
        {"status": choose(draw, "refused", "withdrawn")},
        {"approved_by": f"{c}-p1", "person_key": f"{c}-p2"},
        {"approved_by": choose(draw, f"{c}-p2", None), "person_key": f"{c}-p2"},
        {"approved_at": choose(draw, begins, begins + DAY, None)},
        {"valid_from_at": choose(draw, begins, begins + DAY)},
        {"valid_to_at": begins - choose(draw, 1, 9) * SECOND},
        {"scope_ids": choose(draw, [], [f"{c}-S0"])},
    )
    return use, choose(draw, [approval], [approval | lacking], [approval | lacking], [approval | lacking], [])


def tec_4_05(draw: Draw, c: str, period: Period) -> World:
    """Resources of every kind, public or shared or neither, tagged or not, of a pi system, of another, of none."""
    systems = [{"company": c, "system_id": f"{c}-S{n}", "holds_personal_data": n == 1} for n in (1, 2)]
    resources = [
        {
            "company": pick(draw, c, f"{c}x"),
            "resource_id": f"{c}-r{n}",
            "system_id": choose(draw, f"{c}-S1", f"{c}-S2", f"{c}-S2", None),
            "kind": choose(draw, "bucket", "link", "snapshot", "database", "share"),
            "public": choose(draw, True, False),
            "anonymous_share": pick(draw, False, True),
            "personal_data_tag": choose(draw, True, False),
        }
        for n in range(7)
    ]
    return {"systems": systems, "cloud_resources": resources}
