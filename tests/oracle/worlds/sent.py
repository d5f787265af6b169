"""Worlds of TEC-4-03: a hundred records or one fewer, to partners, persons and strangers, approved to the second."""

from datetime import date, datetime

from evidence.period import Period
from tests.oracle.facts import DAY, SECOND, Draw, Row, World, at, choose, join, owned, staff

FAR = at(date(2030, 1, 1), 0)


def tec_4_03(draw: Draw, c: str, period: Period) -> World:
    """Transfers of a hundred records or fewer to recipients, vendors, persons and strangers, each with one thing amiss.

    Not told: fax and hand, vendors whose work has ended, and what an approval is worth to who did not ask for it.
    """
    return join(
        *(_sent(draw, c, n, period) for n in range(10)),
        {
            "recipients": [
                _recipient(f"{c}-R1", c, ["partner-mail.example", "partner.example"]),
                _recipient(f"{c}-R2", None, ["group.example"]),
                _recipient(f"{c}-R3", f"{c}x", ["sister.example"]),
            ],
            "vendors": [_vendor(f"{c}-V1", c), _vendor(f"{c}-V2", f"{c}x")],
            "account_owners": [owned(f"{c}-a1", f"{c}-p1")],
        },
        staff(f"{c}-p1", f"{c}-p2", company=c),
    )


def _recipient(key: str, company: str | None, domains: list[str]) -> Row:
    return {"recipient_id": key, "company": company, "domains": domains}


def _vendor(key: str, company: str) -> Row:
    return {"vendor_id": key, "company": company, "status": "active", "tier": "T1", "handles_personal_data": True}


def _sent(draw: Draw, c: str, n: int, period: Period) -> World:
    day = choose(draw, period.since, period.as_of, period.since + 8 * DAY)
    bulk, when = draw.parameters["bulk_rows"], at(day, choose(draw, 0, 12, 23))
    sent: Row = {
        "company": c,
        "transfer_id": f"{c}-t{n}",
        "account_key": f"{c}-a1",
        "system_id": f"{c}-S1",
        "destination": "partner.example",
        "destination_kind": "recipient",
        "party_id": f"{c}-R1",
        "personal_data_hits": choose(draw, bulk, bulk + 1, bulk, bulk - 1),
        "protected": True,
        "approval_id": f"{c}-q{n}",
        "channel": choose(draw, "mail", "web", "sftp", "api"),
        "occurred_at": when,
        "occurred_on": day,
        "time_basis": "zone_given",
    }
    approval: Row = {
        "company": c,
        "approval_id": f"{c}-q{n}",
        "kind": "outbound",
        "status": "approved",
        "requested_by": f"{c}-p1",
        "person_key": f"{c}-p1",
        "approved_by": f"{c}-boss",
        "approved_at": when - DAY,
        "valid_from_at": when - DAY,
        "valid_to_at": FAR,
        "scope_ids": [f"{c}-R1", f"{c}-S1", f"{c}-V1", "partner.example"],
    }
    approvals = [approval]
    match choose(draw, "none", "party", "party", "party", "event", "few", "approval", "approval", "approval"):
        case "party":
            sent |= _party(draw, c)
        case "event":
            outside = at(choose(draw, period.since - DAY, period.as_of + DAY), 12)
            sent |= choose(
                draw,
                {"protected": False},
                {"personal_data_hits": 0},
                {"occurred_at": outside, "occurred_on": outside.date()},
                {"occurred_at": None, "time_basis": "day_only", "personal_data_hits": choose(draw, 1, bulk)},
            )
            if sent["occurred_at"] is None:  # of an approval of the day before two texts speak differently
                approval["approved_at"] = approval["valid_from_at"] = at(day, 12)
        case "few":
            sent |= {"personal_data_hits": choose(draw, 1, bulk - 1, bulk), "approval_id": None}
            sent["system_id"] = choose(draw, f"{c}-S1", None)
        case "approval":
            sent["personal_data_hits"] = bulk
            amiss = _amiss(draw, c, sent["transfer_id"], when, bulk)
            approvals = choose(draw, [approval | amiss], [approval | amiss], [approval | amiss], [])
        case _:
            pass
    return {"outbound_transfers": [sent], "approvals": approvals}


def _party(draw: Draw, c: str) -> Row:
    """To whom else: of the group or of another company, unregistered, at another domain, a stranger, the person."""
    recipient: Row = choose(
        draw,
        {"party_id": f"{c}-R2", "destination": "group.example"},
        {"party_id": f"{c}-R3", "destination": "sister.example"},
        {"destination": choose(draw, "partner-mail.example", "stranger.example")},
        {"party_id": choose(draw, f"{c}-R2", f"{c}-R9", None)},
    )
    party = choose(draw, f"{c}-V1", choose(draw, f"{c}-V2", f"{c}-V9", f"{c}-R1", None))
    vendor: Row = {"destination_kind": "vendor", "destination": "vendor.example", "party_id": party}
    nobody: Row = {"destination_kind": choose(draw, "unknown", "data_subject"), "party_id": None}
    nobody["destination"] = choose(draw, "stranger.example", "group.example", "sister.example")
    told = choose(draw, recipient, recipient, vendor, nobody)
    return told | {"personal_data_hits": draw.parameters["bulk_rows"] - 1}


def _amiss(draw: Draw, c: str, sent: str, when: datetime, bulk: int) -> Row:
    """An approval that comes or ends a second too late or early, is too small, of another kind, by or for the wrong one."""
    second = choose(draw, 0, 1, -1) * SECOND
    return choose(
        draw,
        {"approved_at": choose(draw, when + second, when + second, None)},
        {"valid_from_at": when + second},
        {"valid_to_at": when + second},
        {"max_rows": bulk + choose(draw, 0, 1, -1)},
        {"kind": choose(draw, "bulk_output", "media_write")},
        {"status": choose(draw, "refused", "withdrawn")},
        {"requested_by": f"{c}-p2", "approved_by": choose(draw, f"{c}-p1", None)},
        {"requested_by": f"{c}-p2", "approved_by": f"{c}-p2"},
        {"scope_ids": choose(draw, [], [f"{c}-S9"])},
        {"approval_id": f"{sent}-q"},
        {"company": f"{c}x"},
    )
