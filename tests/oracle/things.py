"""PHY-2 but unknown devices: things counted, owned, seen, locked away, lost (domain.md §1.10)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from evidence.period import Period
from tests.oracle.areas import attested
from tests.oracle.predicates import Facts, Marks, Parameters, Row, active, day_of, days, in_period


def phy_2_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀device last counted ≤ 365 days (media ≤ 180) before a witness; each difference to the register explained.

    A difference: not found, found at another site than the register's, found but not in the register.
    """
    registered = {d["device_id"]: d for d in facts["devices"]}
    marks: Marks = {}
    for device in (d for d in facts["devices"] if d["status"] != "disposed"):
        limit = parameters["media_count_days"] if device["kind"] == "media" else parameters["count_days"]
        count = _last_count(facts, device["device_id"], period)
        marks[device["company"], device["device_id"], "device", None] = (
            count is not None
            and count["counted_on"] >= period.as_of - days(limit)
            and ((count["found"] and count["site"] == device["site"]) or count["explanation"] is not None)
        )
    for device_id in {s["device_id"] for s in facts["stock_counts"]} - registered.keys():
        unknown = _last_count(facts, device_id, period)
        if unknown is not None and unknown["found"]:
            marks[unknown["company"], device_id, "unknown", None] = unknown["explanation"] is not None
    return marks


def _last_count(facts: Facts, device_id: str, period: Period) -> Row | None:
    """The newest count of a device by one person before another."""
    counts = [
        s
        for s in facts["stock_counts"]
        if s["device_id"] == device_id
        and s["counted_on"] <= period.as_of
        and s["witnessed_by"] not in (None, s["counted_by"])
    ]
    return max(counts, key=lambda s: s["counted_on"], default=None)


def phy_2_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀device: its owner is active; in use ⇒ seen within 30 days, else it is known where, or it is treated as lost."""
    first = period.as_of - days(parameters["seen_days"])
    marks: Marks = {}
    for device in (d for d in facts["devices"] if d["status"] != "disposed"):
        seen = device["last_seen_on"] is not None and device["last_seen_on"] >= first
        placed = seen if device["status"] == "in_use" else device["site"] is not None
        marks[device["company"], device["device_id"], None, None] = active(
            facts, device["owner_key"], period.as_of
        ) and (placed or device["status"] == "lost")
    return marks


def phy_2_04(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ paper store, ∀ portable device at hand: locked, says an answer of 92 days; lost ⇒ incident ≤ 24 h ∧ wiped or locked.

    Paper is a store that belongs to no system. What was wiped or reported before the loss was so for another reason.
    """
    limit = parameters["lock_days"]
    marks: Marks = {}
    for store in facts["data_stores"]:
        if store["system_id"] is None and store["holds_personal_data"]:
            fit = attested(facts, "PHY-2-04", store["company"], "store", store["db_id"], limit, period)
            marks[store["company"], store["db_id"], "lock", None] = fit
    for device in facts["devices"]:
        company, key = device["company"], device["device_id"]
        if device["portable"] and device["status"] not in ("lost", "disposed"):
            marks[company, key, "lock", None] = attested(facts, "PHY-2-04", company, "device", key, limit, period)
    for device, lost in _lost(facts):
        if in_period(day_of(lost, period), period):
            due = lost + timedelta(hours=parameters["lost_hours"])
            reported = any(
                i["device_id"] == device["device_id"] and lost <= i["detected_at"] <= due for i in facts["incidents"]
            )
            wiped = device["wiped_at"] is not None and device["wiped_at"] >= lost
            key = (device["company"], device["device_id"], "lost", day_of(lost, period))
            marks[key] = (reported and wiped) or period.until_at <= due
    return marks


def _lost(facts: Facts) -> Iterator[tuple[Row, datetime]]:
    """Lost things, and since when: since it was first known where the register tells no time."""
    return ((d, d["status_changed_at"] or d["known_since_at"]) for d in facts["devices"] if d["status"] == "lost")
