"""TEC-2: a second factor, what a system demands of a password, and one account at two places (domain.md §1.14)."""

from datetime import datetime, timedelta
from decimal import Decimal

from evidence.period import Period, midnight
from tests.oracle.predicates import Facts, Marks, Parameters, Row, covers, days, in_period, owners


def tec_2_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """pi systems, remote, privileged: mfa = on; login_ok without mfa claim = 0. Not known is not on.

    Remote: reachable from the internet, or registered as requiring it. A system that no register knows may be any of them.
    """
    within_reach = {s["system_id"] for s in facts["systems"] if not _may_do_without(s)}
    known = {s["system_id"] for s in facts["systems"]}
    kinds = {a["account_key"]: a["kind"] for a in facts["accounts"]}

    def concerned(one: Row) -> bool:
        system, kind = one["system_id"], kinds.get(one["account_key"])
        return system in within_reach or system not in known or kind == "privileged"

    marks: Marks = {
        (a["company"], a["account_key"], "account", None): a["mfa"] is True
        for a in facts["accounts"]
        if a["enabled"] and concerned(a)
    }
    for event in facts["access_events"]:
        day = event["occurred_on"]
        if event["action"] == "login_ok" and in_period(day, period) and concerned(event):
            key = (event["company"], event["account_key"], "login", day)
            marks[key] = marks.get(key, True) and event["mfa"] is True
    return marks


def _may_do_without(system: Row) -> bool:
    return not (system["holds_personal_data"] or system["internet_facing"] or system["requires_mfa"])


def tec_2_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ system: length ≥ 12, reuse blocked, lock after ≤ 10, session ≤ idle; what nobody told, or 0 (never), is not met."""
    told = {
        (s["system_id"], s["setting"]): (s["number"], s["value"])
        for s in facts["system_settings"]
        if s["component"] == "auth"
    }
    marks: Marks = {}
    for system in facts["systems"]:

        def number(setting: str, of: str = system["system_id"]) -> Decimal:
            return told.get((of, setting), (None, None))[0] or Decimal(0)

        key = (system["company"], system["system_id"])
        marks[*key, "password_min_length", None] = number("password_min_length") >= parameters["min_length"]
        marks[*key, "lock_after", None] = 0 < number("lock_after") <= parameters["max_attempts"]
        marks[*key, "idle_minutes", None] = 0 < number("idle_minutes") <= parameters["idle_minutes"]
        marks[*key, "reuse_blocked", None] = told.get((key[1], "reuse_blocked"), (None, None))[1] == "true"
    return marks


def tec_2_04(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Account × day: no two sites or countries within an hour, ≤ 3 devices, no login of who is out and may not be remote.

    Of two places the later use shows it. A log that tells only the day may mean any moment of it.
    """
    hours = timedelta(hours=parameters["hours"])
    marks: Marks = {}
    for event in (e for e in facts["access_events"] if in_period(e["occurred_on"], period)):
        own = [e for e in facts["access_events"] if e["account_key"] == event["account_key"]]
        first, last = _span(event, period)
        torn = any(
            _elsewhere(event, other) and begun <= last and first - ended <= hours
            for other in own
            for begun, ended in (_span(other, period),)
        )
        devices = {e["device_id"] for e in own if e["occurred_on"] == event["occurred_on"]} - {None}
        fit = not torn and len(devices) <= parameters["max_devices"] and not _absent(facts, event)
        key = (event["company"], event["account_key"], None, event["occurred_on"])
        marks[key] = marks.get(key, True) and fit
    return marks


def _span(event: Row, period: Period) -> tuple[datetime, datetime]:
    """The first and the last moment at which it may have happened."""
    if event["occurred_at"] is not None:
        return event["occurred_at"], event["occurred_at"]
    return midnight(event["occurred_on"], period.zone), midnight(event["occurred_on"] + days(1), period.zone)


def _elsewhere(one: Row, other: Row) -> bool:
    return any(None not in (one[place], other[place]) and one[place] != other[place] for place in ("site", "country"))


def _absent(facts: Facts, event: Row) -> bool:
    """Whether the holder logged in while the last pass of a door, if any, led out, with no remote permit (§8.7)."""
    when, holders = event["occurred_at"], owners(facts, event["account_key"], event["occurred_on"])
    if event["action"] != "login_ok" or not holders:
        return False
    passes = [
        (e["occurred_at"], e["direction"])
        for e in facts["entry_events"]
        if e["person_key"] in holders and e["result"] == "ok" and None not in (when, e["occurred_at"])
    ]
    inside = max((one for one in passes if one[0] <= when), default=(when, "out"))[1] == "in"
    return not inside and not any(
        a["kind"] == "remote_work" and covers(a, when, holder, (event["system_id"], event["db_id"], event["device_id"]))
        for a in facts["approvals"]
        for holder in holders
    )
