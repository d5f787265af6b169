"""Worlds of PHY-3 and PHY-4: out a second before it was allowed, copied to any stick, dead but online, erased by nobody."""

from datetime import date, datetime, timedelta

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from tests.oracle.facts import (
    DAY,
    SECOND,
    Draw,
    Row,
    World,
    at,
    calendar,
    choose,
    event,
    handed_on,
    join,
    near,
    owned,
    pick,
)
from tests.oracle.worlds.phy import FAR, device

HOUR = timedelta(hours=1)


def move(c: str, n: int, device_id: str | None, out: datetime, due: date, **more: object) -> Row:
    """A take-out as it should be."""
    return {
        "company": c,
        "take_out_id": f"{c}-t{n}",
        "device_id": device_id,
        "carrier_key": f"{c}-p1",
        "content": "list",
        "record_count": 5,
        "approved_by": f"{c}-boss",
        "approved_at": out - HOUR,
        "out_at": out,
        "due_back_on": due,
        "returned_on": None,
        **more,
    }


def hasty(draw: Draw, c: str, out: datetime) -> Row:
    """What may be wrong with the permission of a take-out."""
    return choose(
        draw,
        {"approved_at": out},
        {"approved_at": out + SECOND},
        {"approved_at": None},
        {"approved_by": f"{c}-p1"},
        {"approved_by": None},
    )


def permit(draw: Draw, c: str, key: str, kind: str, when: datetime, scopes: list[str]) -> Row:
    """An approval for a person at a moment: as it should be, to the second, too late, over, of somebody else, refused."""
    late, over = {"approved_at": when + SECOND}, {"valid_to_at": when - SECOND}
    odd: Row = choose(
        draw,
        {},
        {},
        {},
        choose(draw, {"approved_at": when, "valid_from_at": when, "valid_to_at": when}, late, {"approved_at": None}),
        choose(draw, {"valid_from_at": when + SECOND}, over, {"status": "refused"}, {"status": "withdrawn"}),
        choose(
            draw, {"approved_by": f"{c}-p1"}, {"approved_by": None}, {"person_key": f"{c}-p3"}, {"kind": "overtime"}
        ),
        choose(draw, {"scope_ids": [f"{c}-d99"]}, {"scope_ids": []}),
    )
    return {
        "company": c,
        "approval_id": f"{c}-{key}",
        "kind": kind,
        "requested_by": f"{c}-p1",
        "person_key": f"{c}-p1",
        "approved_by": f"{c}-boss",
        "approved_at": when - 20 * DAY,
        "valid_from_at": when - 20 * DAY,
        "valid_to_at": FAR,
        "scope_ids": scopes,
        "status": "approved",
        **odd,
    }


def phy_3_02(draw: Draw, c: str, period: Period) -> World:
    """Take-outs of the period and around it: hastily approved, uncounted, back too late or not at all."""
    as_of, since = period.as_of, period.since
    moves = []
    for n in range(4):
        due = as_of - choose(draw, 0, 1, 2, 3, 4, 5, 6, 12) * DAY
        out = at(due - 3 * DAY, choose(draw, 0, 9, 23))
        back = due + choose(draw, 0, 1, 2, 3, 4, 5) * DAY
        moves.append(move(c, n, f"{c}-d{n}", out, due, returned_on=choose(draw, None, back, back) if n else None))
        moves[-1] |= choose(
            draw, {}, {}, hasty(draw, c, out), choose(draw, hasty(draw, c, out), {"record_count": None})
        )
    moves.append(move(c, 8, None, at(near(draw, as_of), choose(draw, 0, 23)), as_of + 9 * DAY))
    moves.append(
        move(
            c, 9, f"{c}-d9", at(since - 20 * DAY, 9), since + 3 * DAY, returned_on=choose(draw, None, near(draw, since))
        )
    )
    return join({"take_outs": moves}, calendar(c, period))


def phy_3_02_outside(draw: Draw, c: str, period: Period) -> World:
    """Computers seen inside and outside, taken out or not, by people with a permit, an expired one, or without.

    Not told: whether an approval that names a system but not the computer is enough, and who must be the carrier.
    """
    moves, permits, events = [], [], []
    for n in range(6):
        day = choose(draw, period.as_of - 5 * DAY, period.since, period.as_of, period.since - DAY)
        when, key = at(day, 12), f"{c}-d{n}"
        outside = pick(draw, True, False)
        told = choose(draw, True, True, False)
        events.append(
            event(
                c,
                f"{c}-v{n}",
                pick(draw, f"{c}-a1", f"{c}-a9"),
                when if told else day,
                device_id=pick(draw, key, None),
                site=None if outside else f"{c}-HQ",
                source_ip="203.0.113.5" if outside else "10.0.0.5",
                country="JP" if outside else None,
            )
        )
        way = choose(draw, "move", "move", "permit", "permit", "none")
        if way == "move":
            out, back = choose(
                draw, (when, None), (when + SECOND, None), (when - 2 * DAY, day), (when - 2 * DAY, day - DAY)
            )
            out, back = (out, back) if told else choose(draw, (when - 2 * DAY, None), (when, None), (when + DAY, None))
            moves.append(move(c, n, pick(draw, key, f"{c}-d9"), out, period.as_of + DAY, returned_on=back))
        elif way == "permit":
            permits.append(permit(draw, c, f"k{n}", "remote_work", when, [key, f"{c}-S1"]))
    return join(
        {
            "take_outs": moves,
            "approvals": permits,
            "access_events": events,
            "account_owners": handed_on(draw, f"{c}-a1", f"{c}-p1", f"{c}-p2", period.as_of - 5 * DAY),
        },
        calendar(c, period),
    )


def phy_3_03(draw: Draw, c: str, period: Period) -> World:
    """Writes to media of any kind, out with or without permission, by people with or without an approval."""
    day = period.as_of - 5 * DAY
    media, writes, moves, permits = [], [], [], []
    for n in range(7):
        when = choose(draw, at(day, 12), at(period.since, 0), at(period.since, 0) - SECOND, at(period.as_of, 23, 59))
        key, told = f"{c}-d{n}", choose(draw, True, True, False)
        media.append(
            device(
                c,
                n,
                kind="media",
                portable=True,
                approved_model=pick(draw, True, False),
                encryption=pick(draw, "on", "off", "unknown"),
            )
        )
        way = choose(draw, "move", "move", "permit", "permit", "none")
        account = f"{c}-a2" if way == "move" else pick(draw, f"{c}-a1", f"{c}-a9")
        writes.append(
            event(
                c,
                "",
                account,
                when if told else when.date(),
                write_id=f"{c}-w{n}",
                device_id=pick(draw, f"{c}-pc", "-"),
            )
            | {"media_id": pick(draw, key, None, f"{c}-d77"), "files": 3}
        )
        if way == "move":
            out, back = choose(draw, (when, None), (when - 2 * DAY, when.date()), (when - 2 * DAY, when.date() - DAY))
            out, back = (out, back) if told else (when - choose(draw, 0, 2) * DAY, None)
            odd = choose(draw, {}, {}, hasty(draw, c, out))
            moves.append(move(c, n, pick(draw, key, f"{c}-d99"), out, day + 9 * DAY, returned_on=back, **odd))
        elif way == "permit":
            permits.append(permit(draw, c, f"k{n}", "media_write", when, [key, f"{c}-pc"]))
    return {
        "devices": media,
        "media_writes": writes,
        "take_outs": moves,
        "approvals": permits,
        "account_owners": [
            *handed_on(draw, f"{c}-a1", f"{c}-p1", f"{c}-p2", day),
            owned(f"{c}-a2", f"{c}-p1"),
        ],
    }


def phy_4_02(draw: Draw, c: str, period: Period) -> World:
    """Things disposed of by a record, by their state or by both, and lost ones, seen before and after that by any name."""
    as_of, since = period.as_of, period.since
    devices, disposals, seen = [], [], []
    for n in range(6):
        done = choose(draw, as_of - 5 * DAY, since - 3 * DAY, as_of)
        changed = choose(draw, at(done, 12), at(done, 0))
        recorded = choose(draw, "disposed", "in_use", "gone", None, None)
        status = recorded or choose(draw, "disposed", "lost", "lost", "stored")
        if recorded is not None:  # the state follows the record, so that both tell the same moment
            told = {"device_id": f"{c}-d{n}", "serial": None}
            if recorded != "gone":
                told = choose(draw, told, told, {"device_id": None, "serial": f"{c}-sn{n}"})
            disposals.append({"company": c, "disposal_id": f"{c}-x{n}", "done_on": done, **told})
            changed = at(done + DAY, 0)
        since_when = changed if status != "lost" else choose(draw, changed, changed, None)
        if recorded != "gone":
            devices.append(device(c, n, status=status, status_changed_at=since_when))
        moments = (changed, changed - SECOND, changed + DAY, at(since, 0), at(since, 0) - SECOND)
        dates = (changed.date(), changed.date() - DAY, changed.date() + DAY)
        for m in range(choose(draw, 0, 1, 1, 2)):
            when = choose(draw, choose(draw, *moments), choose(draw, *moments), choose(draw, *dates))
            name = f"{c}-d{n}" if recorded == "gone" else choose(draw, f"{c}-d{n}", f"{c}-host{n}")
            signal = {"signal_id": f"{c}-s{n}{m}", "kind": "other", "severity": "low", "device_id": name}
            kind = choose(draw, "access_events", "security_events")
            seen.append((kind, event(c, f"{c}-v{n}{m}", f"{c}-a1", when, **signal)))
    return {
        "devices": devices,
        "disposals": disposals,
        **{kind: [row for one, row in seen if one == kind] for kind in ("access_events", "security_events")},
    }


def erasure(c: str, n: int, reason: str, ref: str, due: date, **more: object) -> Row:
    return {"company": c, "erasure_id": f"{c}-e{n}", "reason": reason, "ref_id": ref, "due_on": due, **more}


def done(draw: Draw, day: date, as_of: date, person: str) -> Row:
    """An erasure of a day with its record, confirmed at once, a month later, not yet, or by nobody."""
    odd: Row = choose(
        draw,
        {},
        {},
        {"confirmed_on": near(draw, day + 30 * DAY)},
        {"confirmed_on": as_of + choose(draw, 0, 1) * DAY},
        {"confirmed_on": None, "confirmed_by": None},
        choose(draw, {"method": None}, {"count_before": None}, {"count_after": None}, {"backup_expires_on": None}),
        choose(draw, {"count_after": 90}, {"count_after": 89}, {"confirmed_by": None}, {"confirmed_on": None}),
    )
    record = {
        "done_on": day,
        "method": "erase",
        "count_before": 90,
        "count_after": 0,
        "backup_expires_on": day + 40 * DAY,
    }
    return record | {"confirmed_by": person, "confirmed_on": day + DAY} | odd


def entry(c: str, n: int, version: int, status: str, owner: str) -> Row:
    about = {"company": c, "entry_id": f"{c}-b{n}", "entry_version": version}
    return about | {"status": status, "owner_key": owner}


def phy_4_03(draw: Draw, c: str, period: Period) -> World:
    """Erasures of every kind that are due, done or confirmed about now; what else is due for a request, is not asked."""
    as_of = period.as_of
    tasks, entries, requests = [], [], []
    for n in range(5):
        reason = pick(draw, choose(draw, "retention", "request", "contract_end"), "request_documents")
        ref = {"retention": f"{c}-b{n}", "contract_end": f"{c}-k{n}"}.get(reason, f"{c}-r{n}")
        day = choose(draw, near(draw, as_of - 30 * DAY), near(draw, as_of), as_of - 34 * DAY, as_of - 12 * DAY)
        due = choose(draw, near(draw, day), near(draw, as_of), day + 5 * DAY)
        tasks.append(erasure(c, n, reason, ref, due))
        if pick(draw, True, False):
            tasks[-1] |= done(draw, day, as_of, f"{c}-owner")
        entries.append(entry(c, n, 1, choose(draw, "approved", "abolished"), f"{c}-owner"))
        if reason == "request":
            granted = {"decision": "granted", "decided_on": day - 3 * DAY}
            requests.append({"company": c, "request_id": ref, "action": "erase", **granted})
    return {"erasures": tasks, "book_entries": entries, "requests": requests}


def phy_4_03_owner(draw: Draw, c: str, period: Period) -> World:
    """Erasures of entries, confirmed by their owner, the owner in a draft, somebody else, or of an unknown entry."""
    day = period.as_of - 40 * DAY
    right = {"method": "erase", "count_before": 9, "count_after": 0, "backup_expires_on": OPEN_END, "confirmed_on": day}
    tasks, entries = [], []
    for n in range(4):
        by = pick(draw, f"{c}-owner", f"{c}-other", f"{c}-drafted")
        ref = pick(draw, f"{c}-b{n}", f"{c}-b99")
        tasks.append(erasure(c, n, "retention", ref, day, done_on=day, confirmed_by=by, **right))
        entries.append(entry(c, n, 1, "approved", choose(draw, f"{c}-owner", f"{c}-other")))
        entries.append(entry(c, n, 2, choose(draw, "approved", "abolished"), f"{c}-owner"))
        entries.append(entry(c, n, 3, choose(draw, "draft", "requested"), f"{c}-drafted"))
    return {"erasures": tasks, "book_entries": entries}


def phy_4_03_untold(draw: Draw, c: str, period: Period) -> World:
    """Requests to erase that were granted about a month ago, with and without a task."""
    requests, tasks = [], []
    for n in range(4):
        day = choose(draw, near(draw, period.as_of - 30 * DAY), near(draw, period.as_of), period.as_of - 60 * DAY)
        requests.append(
            {
                "company": c,
                "request_id": f"{c}-r{n}",
                "action": pick(draw, "erase", "disclose", "correct"),
                "decision": pick(draw, "granted", "partly", "refused", "withdrawn", None),
                "decided_on": pick(draw, day, None),
            }
        )
        if choose(draw, True, False):
            reason = pick(draw, "request", "request_documents")
            tasks.append(erasure(c, n, reason, f"{c}-r{n}", period.as_of + 9 * DAY))
    return {"requests": requests, "erasures": tasks}
