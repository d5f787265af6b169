"""PHY: entry rights, unknown devices, carried devices, disposals (domain.md §1.9 to §1.12)."""

from datetime import datetime

from evidence.period import Period
from tests.oracle.predicates import (
    Facts,
    Marks,
    Parameters,
    Row,
    active,
    business_day_after,
    day_of,
    days,
    in_period,
    within,
)


def phy_1_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ right on a controlled zone: person active, approved, reviewed ≤ 90 d; removed ≤ 1 bd after leaving or moving."""
    controlled = {z["zone_id"] for z in facts["zones"] if z["class"] == "controlled"}
    marks: Marks = {}
    for right in (r for r in facts["badge_rights"] if r["enabled"] and r["zone_id"] in controlled):
        marks[right["company"], right["right_key"], None, None] = (
            _staff(facts, right["person_key"], period, parameters)
            and _approved(facts, right, period)
            and not _moved(facts, right, period, parameters)
            and _kept(facts, right, period, parameters)
        )
    return marks


def _staff(facts: Facts, person: str | None, period: Period, parameters: Parameters) -> bool:
    """Active, or left so lately that the right need not be gone yet."""
    return active(facts, person, period.as_of) or any(
        w["person_key"] == person
        and w["left_on"] is not None
        and w["left_on"] <= period.as_of
        and period.as_of <= business_day_after(facts, w["company"], w["left_on"], parameters["leaver_days"])
        for w in facts["workers"]
    )


def _approval(facts: Facts, right: Row, when: datetime) -> Row | None:
    for a in facts["approvals"]:
        if (a["approval_id"], a["kind"], a["person_key"]) != (right["approval_id"], "badge", right["person_key"]):
            continue
        given = a["status"] == "approved" and a["approved_at"] is not None and a["approved_at"] < when
        valid = a["valid_from_at"] <= when <= a["valid_to_at"]
        if given and valid and a["approved_by"] not in (None, a["person_key"]) and right["zone_id"] in a["scope_ids"]:
            return a
    return None


def _approved(facts: Facts, right: Row, period: Period) -> bool:
    return _approval(facts, right, period.until_at) is not None


def _moved(facts: Facts, right: Row, period: Period, parameters: Parameters) -> bool:
    """Whether the holder moved longer ago than the right may stay, and it was not approved again since."""
    approval = _approval(facts, right, period.until_at)
    return approval is not None and any(
        p["person_key"] == right["person_key"]
        and p["kind"] == "main"
        and day_of(approval["approved_at"], period) <= p["valid_to_on"] < period.as_of
        and period.as_of
        > business_day_after(facts, p["company"], p["valid_to_on"] + days(1), parameters["removal_days"])
        for p in facts["postings"]
    )


def _kept(facts: Facts, right: Row, period: Period, parameters: Parameters) -> bool:
    """Whether a review of the last 90 days decided to keep this right."""
    first = period.as_of - days(parameters["badge_review_days"])
    return any(
        (v["kind"], v["scope_id"]) == ("badge", right["zone_id"])
        and first <= v["reviewed_on"] <= period.as_of
        and (line["review_id"], line["item_key"], line["decision"]) == (v["review_id"], right["right_key"], "keep")
        for v in facts["reviews"]
        for line in facts["review_lines"]
    )


def phy_2_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ device in LOG or SEC in the period: in the inventory as in use or carried at that moment (§8.11)."""
    marks: Marks = {}
    for seen in [*facts["access_events"], *facts["security_events"]]:
        if seen["device_id"] is None or not in_period(seen["occurred_on"], period):
            continue
        device = next(
            (d for d in facts["devices"] if seen["device_id"] in (d["device_id"], *d["aliases"])),
            None,
        )
        name = seen["device_id"] if device is None else device["device_id"]
        key = (seen["company"], name, None, seen["occurred_on"])
        fit = device is not None and _in_use(device, seen, period)
        marks[key] = marks.get(key, True) and fit
    return marks


def _in_use(device: Row, seen: Row, period: Period) -> bool:
    """Before status_changed_at it was in use; since then it is what it is. A log may tell only the day."""
    changed, when = device["status_changed_at"], seen["occurred_at"]
    if device["status"] in ("in_use", "carried"):
        return True
    if changed is None:
        return False
    return bool(seen["occurred_on"] < day_of(changed, period) if when is None else when < changed)


def phy_3_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀DEV portable or out: encrypted, proved ≤ 7 d (MDM); media of an approved model; so each take-out of the period."""

    def safe(device: Row | None) -> bool:
        first = period.as_of - days(parameters["proof_days"])
        return device is not None and (
            device["approved_model"]
            if device["kind"] == "media"
            else device["encryption"] == "on" and within(device["encryption_verified_on"], first, period.as_of)
        )

    out = [
        t
        for t in facts["take_outs"]
        if day_of(t["out_at"], period) <= period.as_of
        and (t["returned_on"] is None or t["returned_on"] >= period.since)
    ]
    devices = {d["device_id"]: d for d in facts["devices"]}
    marks: Marks = {
        (d["company"], d["device_id"], "device", None): safe(d)
        for d in facts["devices"]
        if d["portable"] or any(t["device_id"] == d["device_id"] and t["returned_on"] is None for t in out)
    }
    for take_out in out:
        key = (take_out["company"], take_out["take_out_id"], "take_out", day_of(take_out["out_at"], period))
        marks[key] = safe(devices.get(take_out["device_id"]))
    return marks


def phy_4_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀DEV disposed: a record with serial, allowed method, operator and another's confirmation; outsourced: certificate."""
    marks: Marks = {}
    active_vendors = {v["vendor_id"] for v in facts["vendors"] if v["status"] == "active"}
    for device in (d for d in facts["devices"] if d["status"] == "disposed"):
        records = [r for r in facts["disposals"] if r["device_id"] == device["device_id"]]
        marks[device["company"], device["device_id"], "device", None] = any(
            record["serial"] == device["serial"]
            and f"{device['kind']}:{record['method']}" in parameters["allowed_methods"]
            and record["confirmed_by"] not in (None, record["done_by"])
            and (
                record["vendor_id"] is None
                or (record["vendor_id"] in active_vendors and _certified(record, device, period, parameters))
            )
            for record in records
        )
        for record in records:
            due, told = record["done_on"] + days(parameters["certificate_days"]), record["certificate_on"]
            if record["vendor_id"] is not None and told is not None and told > due and in_period(told, period):
                marks[device["company"], device["device_id"], "late", told] = False
    return marks


def _certified(record: Row, device: Row, period: Period, parameters: Parameters) -> bool:
    """A certificate that lists the serial, or one that is not yet due (§8.5); a late one is one (§8.8)."""
    if record["certificate_on"] is None:
        return bool(period.as_of <= record["done_on"] + days(parameters["certificate_days"]))
    return device["serial"] in record["certificate_serials"]
