"""Worlds of PHY: badges of leavers and movers, host names nobody knows, unproved encryption, half a disposal record."""

from datetime import date, datetime

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from tests.oracle.facts import (
    DAY,
    LONG_HIRED,
    SECOND,
    Draw,
    Row,
    World,
    ago,
    at,
    calendar,
    choose,
    event,
    join,
    near,
    pick,
    staff,
    worker,
)

FAR = datetime.fromisoformat("9999-12-31T00:00+00:00")


def phy_1_02(draw: Draw, c: str, period: Period) -> World:
    """Rights of staff, of leavers of the last days, of returners, of movers, of nobody."""
    as_of = period.as_of
    people = [f"{c}-p{n}" for n in range(1, 5)]
    left, back = as_of - choose(draw, 0, 1, 2, 3, 4, 5, 6) * DAY, as_of - 20 * DAY
    workers = [
        worker(people[0], c, LONG_HIRED),
        worker(people[1], c, LONG_HIRED, left),
        worker(people[2], c, LONG_HIRED, back),
        worker(people[2], c, back + 10 * DAY, nth=2),
        worker(people[3], c, LONG_HIRED),
    ]
    days = calendar(c, period)
    opened = [d["day_on"] for d in days["calendar_days"] if d["is_business_day"] and d["day_on"] < as_of]
    # whether the business day after moving follows the last day there or the first day here is not told: neither, or both
    moved = choose(draw, None, as_of, opened[-2], as_of - 15 * DAY)
    first = {"company": c, "engagement_key": workers[4]["engagement_key"], "person_key": people[3], "kind": "main"}
    spans = (
        [("D1", LONG_HIRED, OPEN_END)] if moved is None else [("D1", LONG_HIRED, moved - DAY), ("D2", moved, OPEN_END)]
    )
    postings = [
        first | {"posting_key": f"{c}-o{n}", "department": department, "valid_from_on": begin, "valid_to_on": end}
        for n, (department, begin, end) in enumerate(spans)
    ]
    postings += [
        first
        | {
            "posting_key": f"{c}-o-{w['engagement_key']}",
            "engagement_key": w["engagement_key"],
            "person_key": w["person_key"],
            "department": "D1",
        }
        | {"valid_from_on": w["hired_on"], "valid_to_on": w["left_on"] or OPEN_END}
        for w in workers[:4]
    ]
    rights, approvals, lines = [], [], []
    for n, person in enumerate([*people, pick(draw, f"{c}-p5", None)]):
        key, zone = f"{c}-r{n}", pick(draw, f"{c}-Z1", f"{c}-Z2")
        rights.append(
            {
                "company": c,
                "right_key": key,
                "person_key": person,
                "zone_id": zone,
                "approval_id": f"{key}-a",
                "enabled": True,
            }
        )
        if not pick(draw, True, False):  # nor is it told whether an approval that the right does not name is one
            rights[-1]["approval_id"] = None
            continue
        approvals.append(
            {
                "approval_id": f"{key}-a",
                "company": c,
                "kind": pick(draw, "badge", "overtime"),
                "person_key": person,
                "approved_by": pick(draw, f"{c}-boss", person, None),
                "approved_at": pick(
                    draw,
                    at(as_of - 100 * DAY, 9),
                    at(as_of - 10 * DAY, 9) if moved and person == people[3] else None,
                    None,
                ),
                "valid_from_at": at(as_of - 100 * DAY, 9),
                "valid_to_at": pick(draw, FAR, at(as_of - 5 * DAY, 9)),
                "scope_ids": pick(draw, [zone], [f"{c}-Z9"], []),
                "status": pick(draw, "approved", "refused", "withdrawn"),
            }
        )
        if pick(draw, True, False):
            lines.append({"review_id": f"{zone}-v", "item_key": key, "decision": "keep", "decided_on": as_of})
    reviews = [
        {
            "company": c,
            "review_id": f"{c}-{z}-v",
            "kind": pick(draw, "badge", "entry_log"),
            "scope_id": f"{c}-{z}",
            "reviewed_on": choose(draw, as_of, ago(draw, as_of, 90)),
        }
        for z in ("Z1", "Z2")
    ]
    return join(
        {
            "workers": workers,
            "postings": postings,
            "badge_rights": rights,
            "approvals": approvals,
            "reviews": reviews,
            "review_lines": lines,
            "zones": [
                {"company": c, "zone_id": f"{c}-Z1", "class": "controlled"},
                {"company": c, "zone_id": f"{c}-Z2", "class": "handling"},
            ],
        },
        staff(f"{c}-boss", f"{c}-p5", company=c),
        days,
    )


def device(c: str, n: int, **more: object) -> Row:
    return {
        "company": c,
        "device_id": f"{c}-d{n}",
        "kind": "pc",
        "serial": f"{c}-sn{n}",
        "portable": False,
        "status": "in_use",
        "aliases": [f"{c}-host{n}"],
        "encryption": "on",
        **more,
    }


def phy_2_02(draw: Draw, c: str, period: Period) -> World:
    """Devices seen by id or by alias, in use, put away at that very second, or known to nobody."""
    changed = at(period.as_of - 5 * DAY, choose(draw, 0, 12))
    moments = (changed, changed - SECOND, changed + DAY, at(period.since, 0), at(period.since, 0) - SECOND)
    return seen(draw, c, changed, *moments)


def phy_2_02_day_only(draw: Draw, c: str, period: Period) -> World:
    """The same in logs that tell no times; on the very day of the change they prove nothing."""
    changed = at(period.as_of - 5 * DAY, choose(draw, 0, 12))
    return seen(draw, c, changed, changed.date() - DAY, changed.date(), changed.date() + DAY)


def seen(draw: Draw, c: str, changed: datetime, *moments: datetime | date) -> World:
    devices = [
        device(
            c,
            n,
            status=choose(draw, "in_use", "carried", "stored", "lost", "disposed"),
            status_changed_at=choose(draw, changed, changed, None),
        )
        for n in (1, 2)
    ]
    names = (f"{c}-d1", f"{c}-d2", f"{c}-host1", f"{c}-host2", f"{c}-u1", None)
    events = [
        event(c, f"{c}-v{n}", f"{c}-a1", choose(draw, *moments), device_id=choose(draw, *names)) for n in range(3)
    ]
    signals = [
        event(
            c,
            f"{c}-w{n}",
            "",
            choose(draw, *moments),
            signal_id=f"{c}-s{n}",
            kind="other",
            severity="low",
            device_id=choose(draw, *names),
        )
        for n in range(2)
    ]
    return {"devices": devices, "access_events": events, "security_events": signals}


def phy_3_01(draw: Draw, c: str, period: Period) -> World:
    """Portable and fixed devices, media of any model, and take-outs of the period and before it.

    Whether a take-out is proved at its start or at the end of the period is not told: the proof is of both or of neither.
    """
    as_of = period.as_of
    out = as_of - 3 * DAY
    devices = [
        device(
            c,
            n,
            kind=kind,
            portable=portable,
            encryption="on" if kind == "media" else pick(draw, "on", "off", "unknown"),
            encryption_verified_on=pick(draw, out - DAY, None, as_of - 20 * DAY),
            approved_model=choose(draw, True, False),
        )
        for n, kind, portable in (
            (1, "pc", True),
            (2, "server", False),
            (3, "media", True),
            (4, choose(draw, "pc", "phone", "tablet"), False),
        )
    ]
    devices.append(
        device(c, 5, portable=True, encryption="on", encryption_verified_on=choose(draw, ago(draw, as_of, 7), as_of))
    )
    take_outs = [
        {
            "company": c,
            "take_out_id": f"{c}-t{n}",
            "device_id": choose(draw, *(f"{c}-d{m}" for m in (1, 2, 3)), f"{c}-unknown"),
            "carrier_key": f"{c}-p1",
            "out_at": when,
            "due_back_on": as_of,
            "returned_on": returned,
        }
        for n, when, returned in (
            (1, at(out, choose(draw, 0, 23)), choose(draw, None, as_of - DAY)),
            (2, at(out, 9), None),
            (3, at(period.since - 20 * DAY, 9), period.since - DAY),
        )
    ]
    return join({"devices": devices, "take_outs": take_outs[: choose(draw, 0, 1, 3)]}, calendar(c, period))


def phy_4_01(draw: Draw, c: str, period: Period) -> World:
    """Disposed devices with a record that lacks one thing or nothing, done here or by a vendor."""
    as_of = period.as_of
    devices, disposals = [], []
    for n in (1, 2, 3):
        done = as_of - choose(draw, 29, 30, 31, 40, 5) * DAY
        kind = choose(draw, "pc", "media", "phone", "server")
        outsourced = choose(draw, False, True)
        old = as_of - done > 30 * DAY
        devices.append(device(c, n, kind=kind, status=pick(draw, "disposed", "stored")))
        record: Row = {
            "company": c,
            "disposal_id": f"{c}-x{n}",
            "device_id": pick(draw, f"{c}-d{n}", f"{c}-d9"),
            "serial": pick(draw, f"{c}-sn{n}", None, f"{c}-sn9"),
            "method": pick(draw, "erase", "degauss", "shred", "destroy"),
            "done_on": done,
            "done_by": f"{c}-p1",
            "confirmed_by": pick(draw, f"{c}-p2", f"{c}-p1", None),
        }
        if outsourced:
            record |= {
                "vendor_id": pick(draw, f"{c}-V1", f"{c}-V2", f"{c}-V9"),
                "certificate_on": choose(draw, None, done, min(near(draw, done + 30 * DAY), as_of)),
                "certificate_serials": [f"{c}-sn0", f"{c}-sn{n}"],
            }
            if old and record["certificate_on"] == done:
                record["certificate_serials"] = pick(draw, [f"{c}-sn{n}"], [f"{c}-sn0"], [])
        disposals += [record] if pick(draw, True, False) else []
    vendor = {"company": c, "tier": "T2", "handles_personal_data": True}
    return {
        "devices": devices,
        "disposals": disposals,
        "vendors": [
            vendor | {"vendor_id": f"{c}-V1", "status": "active"},
            vendor | {"vendor_id": f"{c}-V2", "status": "ended", "ended_on": as_of - 300 * DAY},
        ],
    }
