"""Worlds of PHY-2 but unknown devices: counted a day too long ago, owned by leavers, lost on the last day."""

from datetime import date, datetime, timedelta

from evidence.period import Period
from tests.oracle.facts import (
    DAY,
    LONG_HIRED,
    SECOND,
    Draw,
    Row,
    World,
    at,
    calendar,
    choose,
    join,
    near,
    pick,
    worker,
)
from tests.oracle.worlds.areas import answers
from tests.oracle.worlds.phy import device


def phy_2_01(draw: Draw, c: str, period: Period) -> World:
    """Devices and media counted to the day, once or again, found elsewhere or not at all, and things nobody registered.

    Whether what is lost is counted, no text tells.
    """
    devices = [
        device(
            c,
            n,
            kind=kind,
            site=pick(draw, f"{c}-site1", None),
            status=pick(draw, choose(draw, "in_use", "stored", "carried"), "disposed"),
        )
        for n, kind in enumerate(("pc", "media", "server", choose(draw, "phone", "media")))
    ]
    counts: list[Row] = []
    for one in devices if choose(draw, True, True, False) else devices[:2]:
        if one["status"] == "disposed":
            continue
        far = period.as_of - (180 if one["kind"] == "media" else 365) * DAY
        day = choose(draw, near(draw, far), min(near(draw, period.as_of), period.as_of), period.as_of - 20 * DAY)
        counts += [count(draw, c, one["device_id"], day)] if pick(draw, True, False) else []
        if choose(draw, True, False, False):
            counts.append(count(draw, c, one["device_id"], choose(draw, day - 9 * DAY, period.as_of + DAY)))
    if choose(draw, True, False):
        counts.append(count(draw, c, f"{c}-d9", period.as_of - 20 * DAY))
    return {"devices": devices, "stock_counts": counts}


def count(draw: Draw, c: str, device_id: str, day: date) -> Row:
    """A count that found the thing in its place before a witness, or not quite."""
    return {
        "company": c,
        "count_id": f"{c}-{day}",
        "device_id": device_id,
        "counted_on": day,
        "site": pick(draw, f"{c}-site1", f"{c}-site2"),
        "found": pick(draw, True, False),
        "counted_by": f"{c}-p1",
        "witnessed_by": pick(draw, f"{c}-p2", f"{c}-p1", None),
        "explanation": choose(draw, None, None, "repair"),
    }


def phy_2_03(draw: Draw, c: str, period: Period) -> World:
    """Devices of staff, of leavers and returners of these days, of a sister company's, of nobody; seen to the day.

    Whose a lost device is, is not asked here: its owner is at work. Nor where a device is that is not in use.
    """
    as_of = period.as_of
    people = [f"{c}-p{n}" for n in range(1, 6)]
    devices = []
    for n in range(6):
        status = choose(draw, "in_use", "in_use", "stored", "carried", "lost", "disposed")
        owner = people[0] if status == "lost" else pick(draw, people[0], *people[1:], None)
        devices.append(
            device(
                c,
                n,
                kind=choose(draw, "pc", "phone", "server"),
                status=status,
                owner_key=owner,
                site=f"{c}-site1",
                last_seen_on=pick(draw, near(draw, as_of - 30 * DAY), as_of, None),
            )
        )
    return {
        "devices": devices,
        "workers": [
            worker(people[0], c, LONG_HIRED),
            worker(people[1], c, LONG_HIRED, near(draw, as_of)),
            worker(people[2], c, LONG_HIRED, as_of - 40 * DAY),
            worker(people[2], c, near(draw, as_of), nth=2),
            worker(people[3], f"{c}x", LONG_HIRED),
        ],
    }


def phy_2_04(draw: Draw, c: str, period: Period) -> World:
    """Cupboards and carried things about which somebody answered, and devices lost to the hour.

    Not told: whether a lost device is asked for its lock (these are none that is carried), how soon it is to be wiped,
    whether a store of a system that lies in a zone is paper, and how long before a loss its incident may have begun.
    """
    stores = [
        {"company": c, "db_id": f"{c}-db{n}", "system_id": system, "zone_id": zone_id, "holds_personal_data": True}
        for n, (system, zone_id) in enumerate(pick(draw, (None, f"{c}-Z1"), (f"{c}-S1", None)) for _ in range(2))
    ]
    devices = [
        device(
            c,
            n,
            kind="phone",
            portable=pick(draw, True, False),
            status=pick(draw, status, "disposed"),
            status_changed_at=choose(draw, None, at(period.since + 8 * DAY, 12)),
        )
        for n, status in enumerate(("in_use", "stored", "carried"))
    ]
    about = [("store", store["db_id"]) for store in stores] + [("device", one["device_id"]) for one in devices]
    attestations = [row for kind, key in about for row in answers(draw, c, "PHY-2-04", kind, str(key), period, 92)]
    incidents: list[Row] = []
    for n in (5, 6):
        lost = _moment(draw, period)
        one = device(
            c,
            n,
            kind=choose(draw, "pc", "phone", "media"),
            portable=False,
            status="lost",
            status_changed_at=lost,
            wiped_at=pick(draw, lost, lost + timedelta(hours=3), None, lost - 90 * DAY),
        )
        if choose(draw, True, False, False):  # only when we heard of it is known
            one |= {"status_changed_at": None, "known_since_at": lost}
        devices.append(one)
        after = choose(draw, timedelta(), DAY, DAY, DAY + SECOND, timedelta(hours=2), -90 * DAY)
        incidents.append(
            {
                "company": c,
                "incident_id": f"{c}-i{n}",
                "detected_at": lost + after,
                "closed_on": (lost - 60 * DAY).date() if after < timedelta() else None,
                "device_id": pick(draw, one["device_id"], f"{c}-d1", None),
            }
        )
    things = {
        "data_stores": stores,
        "devices": devices,
        "attestations": attestations,
        "incidents": incidents if choose(draw, True, True, False) else incidents[:1],
    }
    return join(things, calendar(c, period))


def _moment(draw: Draw, period: Period) -> datetime:
    """When something was lost: within the period, so late that its day is not over, or before the period."""
    midnight = at(period.as_of + DAY, 0)
    return choose(
        draw,
        at(period.since + 8 * DAY, 12),
        at(period.since, 0),
        at(period.since, 0) - SECOND,
        midnight - DAY,
        midnight - DAY - SECOND,
        midnight - SECOND,
    )
