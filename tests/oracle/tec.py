"""TEC: leavers' accounts, orphans, detection, unusual volume (domain.md §1.13 to §1.16)."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from evidence.period import Period, midnight
from tests.oracle.predicates import (
    Facts,
    Marks,
    Parameters,
    Row,
    active,
    business_day_after,
    day_of,
    days,
    gone,
    in_period,
    is_active,
    owners,
    within,
)


def tec_1_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀p left: personal accounts disabled ≤ left_on + 1 bd; no LOG by p after left_on.

    A person missing from the newest roster without a leaving date is a deviation, not a leaver (design.md §5).
    """
    marks: Marks = {}
    count = parameters["leaver_days"]
    present = {w["engagement_key"] for w in facts["workers"]}
    vanished = [
        w for w in facts["workers_history"] if w["engagement_key"] not in present and w["valid_to_on"] < period.as_of
    ]
    left = [w for w in (*facts["workers"], *vanished) if w["left_on"] and w["left_on"] <= period.as_of]
    for leaver in (w for w in left if gone(facts, w, count)):
        person, company = leaver["person_key"], leaver["company"]
        due = business_day_after(facts, company, leaver["left_on"], count)
        own = [a for a in facts["accounts"] if a["company"] == company and a["kind"] == "personal"]
        held = [a for a in own if person in owners(facts, a["account_key"], period.as_of)]
        marks[company, person, "account", None] = period.as_of <= due or not any(a["enabled"] for a in held)
        for account in held:
            ended = account["disabled_at"] and day_of(account["disabled_at"], period)
            if ended and due < ended and in_period(ended, period):
                marks[company, person, "late", ended] = False
        for event in facts["access_events"]:
            day = event["occurred_on"]
            mine = event["company"] == company and person in owners(facts, event["account_key"], day)
            back = any(
                w["person_key"] == person and w["company"] == company and is_active(w, day) for w in facts["workers"]
            )
            if mine and day > leaver["left_on"] and in_period(day, period) and not back:
                marks[company, person, "used", day] = False
    for past in (w for w in vanished if w["left_on"] is None):
        marks[past["company"], past["person_key"], "roster", None] = False
    return marks


def tec_2_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀(enabled account ∪ identity in LOG): known, and of an active person or registered with owner and expiry ≤ 365 d.

    The population is a union: an enabled account that was also seen is one member.
    """
    personal = {s["system_id"] for s in facts["systems"] if s["holds_personal_data"]}
    known = {a["account_key"]: a for a in facts["accounts"]}

    def fits(account: Row, day: date) -> bool:
        if account["kind"] == "shared" and account["system_id"] in personal:
            return False
        if any(active(facts, person, day) for person in owners(facts, account["account_key"], day)):
            return True
        return (
            account["kind"] in ("service", "shared")
            and account["registered_owner_key"] is not None
            and within(account["expires_on"], period.as_of, period.as_of + days(parameters["expiry_days"]))
        )

    marks: Marks = {
        (a["company"], a["account_key"], "account", None): fits(a, period.as_of)
        for a in facts["accounts"]
        if a["enabled"]
    }
    enabled = {a["account_key"] for a in facts["accounts"] if a["enabled"]}
    for event in (e for e in facts["access_events"] if in_period(e["occurred_on"], period)):
        if event["account_key"] in enabled:
            continue
        account = known.get(event["account_key"])
        key = (event["company"], event["account_key"], "seen", event["occurred_on"])
        marks[key] = account is not None and fits(account, event["occurred_on"])
    return marks


def tec_3_04(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ alert of high or above: triaged ≤ 24 h; ≥ 20 failures in 10 min, then a success ⇒ linked incident or triage."""
    marks: Marks = {}
    for alert in facts["security_events"]:
        if alert["severity"] not in ("high", "critical") or not in_period(alert["occurred_on"], period):
            continue
        seen = alert["occurred_at"] or midnight(alert["occurred_on"], period.zone)  # it may have been the first second
        due = seen + timedelta(hours=parameters["alert_hours"])
        triaged = any(
            (t["signal_kind"], t["signal_id"]) == ("security_event", alert["signal_id"]) and t["triaged_at"] <= due
            for t in facts["triages"]
        )
        key = (alert["company"], alert["signal_id"], "alert", alert["occurred_on"])
        marks[key] = triaged or period.until_at <= due
    for success in (
        e for e in facts["access_events"] if e["action"] == "login_ok" and in_period(e["occurred_on"], period)
    ):
        if sum(1 for _ in _failures_before(facts, success, parameters)) < parameters["ng"]:
            continue
        key = (success["company"], success["event_key"], "pattern", success["occurred_on"])
        marks[key] = any(
            (t["signal_kind"], t["signal_id"]) == ("login_pattern", success["event_key"]) for t in facts["triages"]
        ) or any(success["event_key"] in i["signal_ids"] for i in facts["incidents"])
    return marks


def _failures_before(facts: Facts, success: Row, parameters: Parameters) -> Iterator[Row]:
    first = success["occurred_at"] - timedelta(minutes=parameters["ng_minutes"])
    for event in facts["access_events"]:
        mine = event["account_key"] == success["account_key"] and event["action"] == "login_ng"
        if mine and first <= event["occurred_at"] < success["occurred_at"]:
            yield event


def tec_4_04(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Rows per account and day ≤ max(5000, k × own p95 of 60 days, k × peers' p95); in the 30 days before leaving k/2.

    Which percentile is meant is not told: histories are the same every day, so that each of them gives this number.
    Peers: the accounts of people with the same role of the main post (datasets.md §7).
    """
    volumes: dict[tuple[str, str, date], int] = {}
    for event in facts["access_events"]:
        key = (event["company"], event["account_key"], event["occurred_on"])
        volumes[key] = volumes.get(key, 0) + (event["rows"] or 0)
    marks: Marks = {}
    for (company, account, day), rows in volumes.items():
        if not in_period(day, period):
            continue
        roles = _roles(facts, account, day)
        usual = [
            volumes.get((company, other, day - days(1)), 0)
            for other in {key[1] for key in volumes if key[0] == company}
            if other == account or roles & _roles(facts, other, day)
        ]
        factor = Decimal(parameters["factor"])
        if _leaving(facts, account, day, parameters):
            factor /= parameters["leaver_divisor"]
        marks[company, account, None, day] = rows <= max(parameters["floor_rows"], factor * max(usual))
    return marks


def _roles(facts: Facts, account: str, day: date) -> set[str]:
    holders = owners(facts, account, day)
    return {
        p["role"]
        for p in facts["postings"]
        if p["person_key"] in holders and p["kind"] == "main" and within(day, p["valid_from_on"], p["valid_to_on"])
    } - {None}


def _leaving(facts: Facts, account: str, day: date, parameters: Parameters) -> bool:
    return any(
        w["person_key"] in owners(facts, account, day)
        and w["left_on"] is not None
        and w["left_on"] - days(parameters["leaver_window_days"]) <= day <= w["left_on"]
        for w in facts["workers"]
    )
