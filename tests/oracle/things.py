"""PHY-2 but unknown devices: things counted, owned, seen, locked away, lost (domain.md §1.10)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from evidence.period import Period
from tests.oracle.areas import attested
from tests.oracle.predicates import Facts, Marks, Parameters, Row, active, day_of, days, in_period


def phy_2_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀device last counted ≤ 365 days (media ≤ 180) before a witness; ∀site counted = register, each difference explained.

    A difference: not found at the register's site or not counted, and found where the register does not place it.
    """
    registered = {d["device_id"]: d for d in facts["devices"]}
    present = [d for d in facts["devices"] if d["status"] not in ("lost", "disposed")]
    newest = {key: _last_counts(facts, registered.get(key), key, period, parameters) for key in _things(facts)}
    marks: Marks = {}
    for device in present:
        company, key, site = device["company"], device["device_id"], device["site"]
        marks[company, key, "device", None] = bool(newest[key])
        if site is not None:
            settled = any((c["found"] and c["site"] == site) or c["explanation"] is not None for c in newest[key])
            marks[company, site, "site", None] = marks.get((company, site, "site", None), True) and settled
    for count in (c for counts in newest.values() for c in counts if c["found"]):
        company, site = count["company"], count["site"]
        if not any((d["device_id"], d["site"]) == (count["device_id"], site) for d in present):
            settled = count["explanation"] is not None
            marks[company, site, "site", None] = marks.get((company, site, "site", None), True) and settled
    return marks


def _things(facts: Facts) -> set[str]:
    return {row["device_id"] for row in (*facts["devices"], *facts["stock_counts"])}


def _last_counts(facts: Facts, device: Row | None, device_id: str, period: Period, parameters: Parameters) -> list[Row]:
    """The newest counts of a thing by one person before another; none when that was too long ago."""
    is_media = device is not None and device["kind"] == "media"
    first = period.as_of - days(parameters["media_count_days" if is_media else "count_days"])
    counts = [
        s
        for s in facts["stock_counts"]
        if s["device_id"] == device_id
        and first <= s["counted_on"] <= period.as_of
        and s["witnessed_by"] not in (None, s["counted_by"])
    ]
    return [s for s in counts if s["counted_on"] == max(c["counted_on"] for c in counts)]


def phy_2_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀device: its owner is active; in use ⇒ seen within 30 days, else it is known where, or it is treated as lost.

    One in store has no owner after a leaver gave it back (HUM-06: owner cleared).
    """
    first = period.as_of - days(parameters["seen_days"])
    marks: Marks = {}
    for device in (d for d in facts["devices"] if d["status"] != "disposed"):
        seen = device["last_seen_on"] is not None and device["last_seen_on"] >= first
        placed = seen if device["status"] == "in_use" else device["site"] is not None
        cleared = device["owner_key"] is None and device["status"] == "stored"
        owned = cleared or active(facts, device["owner_key"], period.as_of)
        marks[device["company"], device["device_id"], None, None] = device["status"] == "lost" or (owned and placed)
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
