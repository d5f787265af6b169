"""Worlds of VEN-01, VEN-03, VEN-06 and VEN-07: a day late, a day too old, approved for another, not quite ended."""

from datetime import date, timedelta

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from tests.oracle.facts import DAY, SECOND, Draw, Row, World, at, calendar, chance, choose, join, near, pick
from tests.oracle.worlds.ven import vendor

TIER_DAYS = {"T1": 365, "T2": 365, "T3": 730}


def evaluation(key: str, n: int, day: date | None, **more: object) -> Row:
    """An evaluation that leaves nothing to say, made and approved on one day."""
    return {
        "evaluation_id": f"{key}-e{n}",
        "vendor_id": key,
        "evaluated_on": day,
        "score": "92.5",
        "questions_open": 0,
        "necessary_items_only": True,
        "approved_by": f"{key}-p1",
        "approved_on": day,
        **more,
    }


def unsound(draw: Draw) -> Row:
    """One thing that makes an evaluation worth nothing, or a score that just suffices."""
    faults: tuple[Row, ...] = (
        {"score": "79.9999"},
        {"score": "80"},
        {"questions_open": 1},
        {"knock_outs": ["1"]},
        {"necessary_items_only": False},
        {"approved_by": None},
        {"approved_on": None},
    )
    return choose(draw, *faults)


def ven_01(draw: Draw, c: str, period: Period) -> World:
    """Vendors supplied before, on and after the day of their first evaluation, evaluated again a day too late or in vain."""
    as_of, vendors, evaluations = period.as_of, [], []
    for n in range(1, 7):
        one = vendor(draw, c, n, handles_personal_data=pick(draw, True, False))
        key, limit = one["vendor_id"], TIER_DAYS[one["tier"]]
        newest = as_of - choose(draw, 5, 200, limit, choose(draw, limit - 1, limit + 1, limit + 1, 366)) * DAY
        match choose(draw, "again", "again", "again", "begun", "candidate", "ended", "late", "late", "unsent"):
            case "again":  # supplied for long, evaluated before that, and again
                one["first_transfer_on"] = as_of - 1000 * DAY
                first = evaluation(key, 1, as_of - 1000 * DAY)
                vain = evaluation(key, 2, as_of - 5 * DAY, **unsound(draw))
                told = [first, choose(draw, evaluation(key, 2, newest), vain, vain)]
            case "begun":  # one evaluation, about the day of the first transfer
                one["first_transfer_on"] = near(draw, newest)
                told = [evaluation(key, 1, newest)]
            case "late":  # supplied first, evaluated in the period, before it, tomorrow, or in vain before that
                one["first_transfer_on"] = near(draw, period.since + 4 * DAY)
                day = choose(draw, period.since + 4 * DAY, period.since + 9 * DAY, as_of, as_of + DAY)
                if choose(draw, True, False):
                    one["first_transfer_on"], day = period.since - 40 * DAY, near(draw, period.since)
                vain = evaluation(key, 2, one["first_transfer_on"] - DAY, score="60")
                before = one["first_transfer_on"] - limit * DAY
                vain = choose(draw, vain, evaluation(key, 2, choose(draw, before, before - DAY)))
                told = [evaluation(key, 1, day), vain][: choose(draw, 1, 2)]
            case "candidate":  # not yet a vendor, but perhaps already supplied, or tomorrow
                one |= {"status": "candidate", "first_transfer_on": choose(draw, None, near(draw, as_of))}
                told = choose(draw, *([evaluation(key, 1, day)] for day in (as_of, as_of + DAY, as_of - 30 * DAY)), [])
            case "ended":  # for long, or supplied and gone within the period
                start = choose(draw, as_of - 900 * DAY, near(draw, period.since), near(draw, as_of))
                one |= {"status": "ended", "first_transfer_on": start, "ended_on": max(start, as_of - 2 * DAY)}
                day = choose(draw, as_of - 1000 * DAY, start, start + DAY)
                told = choose(draw, [], [evaluation(key, 1, day)], [evaluation(key, 1, start, score="60")])
            case _:  # nothing went out yet
                told = pick(draw, [evaluation(key, 1, newest)], [])
        if one["status"] == "active":
            one["status"] = pick(draw, "active", "suspended")
        vendors.append(one)
        evaluations += [row | {"company": pick(draw, c, f"{c}x")} for row in told]
    return {"vendors": vendors, "vendor_evaluations": evaluations}


def ven_03(draw: Draw, c: str, period: Period) -> World:
    """Parties seen now and long ago, registered here, elsewhere or nowhere, decided on in time, wrongly and anew."""
    as_of, other = period.as_of, f"{c}x"
    statuses = ("active", "suspended", "ended", "candidate")
    register = [vendor(draw, c, n, status=choose(draw, *statuses)) for n in (1, 2)]
    register.append(vendor(draw, other, 3))
    sightings, decisions = [], []
    for n in range(7):
        party = f"{c}-y{n}.example"
        resolved = choose(draw, None, None, None, f"{c}-V1", f"{c}-V2", f"{other}-V3", f"{c}-V8")
        for m in range(choose(draw, 1, 1, 2)):
            sightings.append(
                {
                    "sighting_id": f"{c}-s{n}{m}",
                    "company": c,
                    "party": party,
                    "seen_in": choose(draw, "payment", "sso", "outbound", "account", "book"),
                    "personal_data_likely": True,
                    "vendor_id": resolved,
                    "occurred_on": choose(draw, as_of, period.since, period.since - DAY, as_of - 100 * DAY),
                }
            )
            if (
                sightings[-1]["seen_in"] != "account"
            ):  # of an account outside holders have, no text asks how likely it is
                sightings[-1]["personal_data_likely"] = pick(draw, True, False)
        decision = {
            "company": pick(draw, c, other),
            "party": pick(draw, party, f"{c}-y9.example"),
            "decided_by": f"{c}-p1",
            "reason": "no data reaches it",
        }
        days = sorted({choose(draw, as_of, as_of + DAY, as_of - 50 * DAY, as_of - 400 * DAY) for _ in range(2)})
        for m, day in enumerate(choose(draw, days, days, days[:1], [])):
            told = {"decision_id": f"{c}-d{n}{m}", "decided_on": day, "handles_personal_data": pick(draw, False, True)}
            decisions.append(decision | told)
    twin = {**sightings[0], "sighting_id": f"{c}-s90", "company": other, "vendor_id": choose(draw, None, f"{other}-V3")}
    return {"vendors": register, "party_sightings": [*sightings, twin], "party_decisions": decisions}


def ven_06(draw: Draw, c: str, period: Period) -> World:
    """Sub-vendors seen before, on and after the days of their approvals, which are for another party, work or country."""
    as_of, sightings, approvals = period.as_of, [], []
    for n in range(6):
        day = choose(draw, as_of, period.since, period.since + 5 * DAY, period.since - DAY, as_of - 300 * DAY)
        seen: Row = {
            "company": c,
            "vendor_id": f"{c}-V{1 + n % 2}",
            "sub_vendor": f"{c}-u{n}",
            "work": "printing",
            "country": choose(draw, "JP", "VN"),
        }
        approval: Row = {
            **seen,
            "approval_id": f"{c}-g{n}",
            "method": "on premises, no copies",
            "approved_by": f"{c}-p1",
            "approved_on": choose(draw, near(draw, day), day - 200 * DAY),
            "expires_on": choose(draw, OPEN_END, near(draw, day)),
            "pass_down_terms": pick(draw, True, False),
        }
        elsewhere: tuple[Row, ...] = (
            *[{}] * 8,
            {"company": f"{c}x"},
            {"vendor_id": f"{c}-V9"},
            {"sub_vendor": f"{c}-u9"},
            {"work": "shredding"},
            {"country": "SG"},
            {"country": None},
        )
        approval |= choose(draw, *elsewhere)
        if approval["expires_on"] < approval["approved_on"]:
            approval["expires_on"] = approval["approved_on"]
        named = {"sighting_id": f"{c}-s{n}", "seen_in": choose(draw, "declaration", "audit", "log", "contract")}
        sightings.append(seen | named | {"occurred_on": day, "country": choose(draw, *[seen["country"]] * 5, None)})
        if sightings[-1]["country"] is None:
            approval["country"] = choose(draw, None, approval["country"])
        approvals += pick(draw, [approval], [])
        if chance(draw):  # approved anew, from the day after the sighting
            approvals.append({**approval, **seen, "approval_id": f"{c}-h{n}", "approved_on": day + DAY} | _ENDLESS)
        if chance(draw) and day < as_of:
            sightings.append(sightings[-1] | {"sighting_id": f"{c}-t{n}", "occurred_on": day + DAY})
    return {"sub_vendors": sightings, "sub_vendor_approvals": approvals}


_ENDLESS = {"expires_on": OPEN_END, "pass_down_terms": True}


def ven_07(draw: Draw, c: str, period: Period) -> World:
    """Vendors under contract, and those of which a contract ended yesterday, today or a month ago, followed or not.

    Each has an old contract that ended and was answered: no text says whether who has nothing to return is a member.
    """
    as_of = period.as_of
    parts: list[World] = [calendar(c, period), calendar(f"{c}x", period)]
    for n in range(1, 8):
        one = vendor(draw, c, n, name=f"{c}-name{n}", first_transfer_on=as_of - 900 * DAY)
        one["handles_personal_data"] = choose(draw, True, True, False)
        answered = as_of - choose(draw, 790, 765) * DAY
        old = contract(one, "k0", as_of - 900 * DAY, as_of - 800 * DAY, return_certificate_on=answered)
        parts += [{"vendors": [one], "vendor_contracts": [old]}]
        match choose(draw, "bound", "told", "told", "paper", "paper", "account", "account", "sent", "sent"):
            case "bound":
                running = contract(one, "k1", as_of - 700 * DAY, choose(draw, OPEN_END, as_of))
                parts += [{"vendor_contracts": [running]}, _account(draw, one, as_of - 9 * DAY, period)]
                parts.append(_sent(draw, one, as_of - DAY, period))
            case "told":
                parts.append(_incident(draw, one, period))
            case "paper":
                end = choose(draw, *(near(draw, as_of - back * DAY) for back in (30, 30, 40, 40, 0)))
                parts.append(
                    _closing(
                        draw,
                        one,
                        end,
                        period,
                        choose(draw, end, end - DAY, near(draw, end + 30 * DAY), end + 31 * DAY, as_of + DAY),
                    )
                )
            case "account":
                end = choose(draw, *(as_of - back * DAY for back in (0, 1, 2, 3, 4, 5, 8)), period.since - 6 * DAY)
                parts += [_closing(draw, one, end, period), held := _account(draw, one, end, period)]
                if any(k["starts_on"] == end + 2 * DAY for k in parts[-2]["vendor_contracts"]):
                    held["accounts"][0] |= {"disabled_at": None}  # disabled late, yet bound anew: no text decides
            case _:
                end = choose(draw, as_of, as_of - DAY, as_of - 8 * DAY, *[period.since - 3 * DAY] * 2)
                parts += [_closing(draw, one, end, period), _sent(draw, one, end, period)]
    return join(*parts)


def contract(one: Row, n: str, starts: date, ends: date, **more: object) -> Row:
    key, company = one["vendor_id"], one["company"]
    return {
        "contract_id": f"{key}-{n}",
        "company": company,
        "vendor_id": key,
        "starts_on": starts,
        "ends_on": ends,
        **more,
    }


def _closing(draw: Draw, one: Row, end: date, period: Period, certified: date | None = None) -> World:
    """A contract that ends, or whose vendor is gone before, and the one that begins on the next day or a day later."""
    paper = contract(
        one, "k1", period.as_of - 700 * DAY, end, return_certificate_on=choose(draw, None, certified, certified)
    )
    followed = paper | {"contract_id": f"{paper['contract_id']}b", "starts_on": end + DAY, "ends_on": OPEN_END}
    followed["return_certificate_on"] = None
    match choose(draw, "none", "none", "gone", "early", "next", "later", "twice", "other"):
        case "gone":
            one |= {"status": "ended", "ended_on": end}
        case "early":
            one |= {"status": "ended", "ended_on": choose(draw, end, None), "valid_from_on": end}
            paper["ends_on"] = choose(draw, OPEN_END, period.as_of + 90 * DAY)
        case "next":
            return {"vendor_contracts": [paper, followed]}
        case "later":
            return {"vendor_contracts": [paper, followed | {"starts_on": end + 2 * DAY}]}
        case "twice" if end < period.as_of:
            return {"vendor_contracts": [paper, followed | {"ends_on": choose(draw, end + DAY, period.as_of)}]}
        case "other":
            return {"vendor_contracts": [paper, followed | {"company": f"{one['company']}x"}]}
    return {"vendor_contracts": [paper]}


def _account(draw: Draw, one: Row, end: date, period: Period) -> dict[str, list[Row]]:
    """An account under the vendor's id or name, open still, or closed on a day about the next business day."""
    key, closed = one["vendor_id"], end + choose(draw, 0, 1, 2, 3, 4, 5) * DAY
    account = {
        "company": one["company"],
        "account_key": f"{key}-a1",
        "account_id": "outside",
        "system_id": f"{one['company']}-S1",
        "kind": choose(draw, "personal", "shared", "service"),
        "enabled": True,
        "external_company": choose(draw, key, one["name"], one["name"], None),
    }
    if account["external_company"] == one["name"]:
        account["company"] = pick(draw, one["company"], f"{one['company']}x")  # which knows no such vendor
    if closed <= period.as_of and choose(draw, True, True, False):
        account |= {"enabled": False, "disabled_at": choose(draw, at(closed, 0), at(closed, 23, 59, 59), None)}
    return {"accounts": [account]}


def _sent(draw: Draw, one: Row, end: date, period: Period) -> World:
    """What went out on the last day, the next ones, the edges of the period, and what was no data or went to nobody known."""
    days = (end, end + DAY, end + DAY, end + 2 * DAY, period.since, period.since - DAY, period.as_of)
    sent = {
        "company": one["company"],
        "destination": "example.jp",
        "destination_kind": "vendor",
        "party_id": one["vendor_id"],
        "personal_data_hits": pick(draw, 1, 0),
        "channel": "sftp",
        "transfer_id": f"{one['vendor_id']}-x1",
        "occurred_at": at(min(choose(draw, *days), period.as_of), choose(draw, 0, 23)),
    }
    return {"outbound_transfers": [sent | pick(draw, {}, {"destination_kind": "unknown", "party_id": None})]}


def _incident(draw: Draw, one: Row, period: Period) -> World:
    """An incident on the days when a contract hands over to another one of other hours, told to the second or not at all."""
    handover, named = period.since + 7 * DAY, [choose(draw, None, 12, 24, 72) for _ in range(2)]
    contracts = [
        contract(one, "k1", handover - 700 * DAY, handover, notice_hours=named[0]),
        contract(one, "k2", handover + DAY, OPEN_END, notice_hours=named[1]),
    ]
    which = choose(draw, 0, 0, 1, 1, 1)
    within = timedelta(hours=named[which] or 24)
    days = (handover - 20 * DAY, handover) if which == 0 else (handover + DAY, period.as_of - DAY)
    seen = at(choose(draw, *days), choose(draw, 0, 9, 23))
    if which and choose(draw, True, False):
        seen = at(period.as_of + DAY, 0) - within + choose(draw, -1, 0, 1) * SECOND
    told = choose(draw, None, seen - 60 * SECOND, *(seen + within + off * SECOND for off in (-1, 0, 1)))
    closed = choose(draw, None, period.since - DAY, period.since)
    incident = {
        "company": pick(draw, one["company"], f"{one['company']}x"),
        "incident_id": f"{one['vendor_id']}-i1",
        "vendor_id": one["vendor_id"],
        "detected_at": seen,
        "known_on": seen.date(),
        "occurred_on": seen.date(),
        "vendor_noticed_at": told if told is not None and told < at(period.as_of + DAY, 0) else None,
        "closed_on": closed if closed is not None and closed >= seen.date() else None,
    }
    return {"vendor_contracts": contracts, "incidents": [incident]}
