"""VEN but contracts, audits and findings: chosen, undeclared, entrusted further, ended (domain.md §1.17)."""

from collections.abc import Iterator
from datetime import date, timedelta

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from tests.oracle.predicates import (
    Facts,
    Marks,
    Parameters,
    Row,
    business_day_after,
    day_of,
    days,
    in_period,
    within,
)

Told = Iterator[tuple[str, date | None, bool]]  # of one vendor: aspect, day, whether it conforms
ENTRUSTED = ("company", "vendor_id", "sub_vendor", "work", "country")
TIERS = {"T1": "tier_1_days", "T2": "tier_2_days", "T3": "tier_3_days"}


def ven_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Approved ≤ first transfer; all items scored, score ≥ 80 %, no knock-out, only necessary items; again per tier.

    The state asks what is so on as_of (§8.8): the newest approved evaluation is sound and not too old. Where it was not so on
    the day of the first transfer, the first sound one that came after is an event besides. To whom data went out is asked
    also as a candidate or as one that handles none (「評価なしで委託開始」); ended ones are VEN-07's, but who started in the
    period and has no such event is on record. An evaluation serves the whole group (domain.md §6, shared assessment).
    """
    marks: Marks = {}
    for vendor in facts["vendors"]:
        company, key, started = vendor["company"], vendor["vendor_id"], vendor["first_transfer_on"]
        term = days(parameters[TIERS[vendor["tier"]]])
        approved = [
            e
            for e in facts["vendor_evaluations"]
            if e["vendor_id"] == key
            and e["approved_by"] is not None
            and e["approved_on"] is not None
            and e["approved_on"] <= period.as_of
        ]
        sent, ended = started is not None and started <= period.as_of, vendor["status"] == "ended"
        valid = _evaluated(approved, started, term, parameters) if sent else True
        after = [e["approved_on"] for e in approved if sent and e["approved_on"] > started and _sound(e, parameters)]
        if not valid and after and in_period(min(after), period):
            marks[company, key, "late", min(after)] = False
        if ended and not valid and not after and in_period(started, period):
            marks[company, key, "vendor", None] = False
        if not ended and (sent or (vendor["handles_personal_data"] and vendor["status"] != "candidate")):
            marks[company, key, "vendor", None] = _evaluated(approved, period.as_of, term, parameters)
    return marks


def _evaluated(approved: list[Row], day: date, term: timedelta, parameters: Parameters) -> bool:
    """Whether the newest evaluation of a day is sound and within the days of the tier."""
    newest = max((e["approved_on"] for e in approved if e["approved_on"] <= day), default=None)
    return (
        newest is not None
        and newest >= day - term
        and all(_sound(e, parameters) for e in approved if e["approved_on"] == newest)
    )


def _sound(evaluation: Row, parameters: Parameters) -> bool:
    return (
        evaluation["questions_open"] == 0
        and evaluation["score"] >= parameters["pass_score"]
        and not evaluation["knock_outs"]
        and evaluation["necessary_items_only"]
    )


def ven_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ party seen that probably gets personal data: a row of the company's vendor register, or decided that it does not.

    Whatever the register calls a vendor's status, it is registered (「台帳に未登録」). The newest decision counts. Who was
    seen once stays undeclared (§1: a state), so what was seen before the period counts too.
    """
    register = {(v["company"], v["vendor_id"]) for v in facts["vendors"]}
    marks: Marks = {}
    for seen in (s for s in facts["party_sightings"] if s["personal_data_likely"] and s["occurred_on"] <= period.as_of):
        company, party = seen["company"], seen["party"]
        decisions = [
            d
            for d in facts["party_decisions"]
            if (d["company"], d["party"]) == (company, party) and d["decided_on"] <= period.as_of
        ]
        last = max((d["decided_on"] for d in decisions), default=None)
        cleared = bool(decisions) and not any(d["handles_personal_data"] for d in decisions if d["decided_on"] == last)
        fit = cleared or (company, seen["vendor_id"]) in register
        marks[company, party, None, None] = marks.get((company, party, None, None), True) and fit
    return marks


def ven_06(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ sub-vendor seen: approved before for this vendor, party, work and country, with the same terms passed down.

    Prior is approved_on ≤ sighting day ≤ expires_on (§8.15). The state asks what is so on as_of (§8.8): approved by now for
    the last sighting of each work and country; the first approval that came after a sighting is an event of its day besides.
    An approval that names no country, or a sighting of which no country is known, is not shown to fit.
    """
    marks: Marks = {}
    sightings = [s for s in facts["sub_vendors"] if s["occurred_on"] <= period.as_of]
    for seen in sightings:
        company, name = seen["company"], f"{seen['vendor_id']}:{seen['sub_vendor']}"
        given = [
            a["approved_on"]
            for a in facts["sub_vendor_approvals"]
            if seen["country"] is not None
            and all(a[part] == seen[part] for part in ENTRUSTED)
            and a["pass_down_terms"]
            and a["approved_on"] <= period.as_of
            and a["expires_on"] >= seen["occurred_on"]
        ]
        again = [s for s in sightings if all(s[part] == seen[part] for part in ENTRUSTED)]
        if seen["occurred_on"] == max(s["occurred_on"] for s in again):
            marks[company, name, "approval", None] = marks.get((company, name, "approval", None), True) and bool(given)
        if given and min(given) > seen["occurred_on"] and in_period(min(given), period):
            marks[company, name, "late", min(given)] = False
    return marks


def ven_07(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Ended: certificate ≤ end + 30 d, accounts disabled ≤ end + 1 bd, nothing sent after; incidents told within hours.

    Members are told by the vendor (「{委託先}: 終了後 {n}日」). What is not done is a state, done late is an event of the day
    it was done (§8.8).
    """
    marks: Marks = {}
    for vendor in facts["vendors"]:
        for part in (_certificates, _accounts, _transfers):
            for aspect, day, fit in part(facts, vendor, period, parameters):
                name = (vendor["company"], vendor["vendor_id"], aspect, day)
                marks[name] = marks.get(name, True) and fit
    return marks | _notices(facts, period, parameters)


def _contracts(facts: Facts, vendor: Row) -> list[tuple[Row, date]]:
    """The contracts of a vendor and when each ends; a relation that ended before its paper has ended.

    Of a vendor that is called ended without a day, the day from which it is called so.
    """
    gone = vendor["ended_on"] or (vendor["valid_from_on"] if vendor["status"] == "ended" else OPEN_END)
    return [(k, min(k["ends_on"], gone)) for k in facts["vendor_contracts"] if _same(k, vendor)]


def _same(row: Row, vendor: Row) -> bool:
    return (row["company"], row["vendor_id"]) == (vendor["company"], vendor["vendor_id"])


def _bound(facts: Facts, vendor: Row, day: date) -> bool:
    return any(within(day, k["starts_on"], end) for k, end in _contracts(facts, vendor))


def _ended(facts: Facts, vendor: Row, day: date) -> list[tuple[Row, date]]:
    """What had ended by a day; a contract followed the next day has not (§8.15)."""
    return [(k, e) for k, e in _contracts(facts, vendor) if e < day and not _bound(facts, vendor, e + days(1))]


def _certificates(facts: Facts, vendor: Row, period: Period, parameters: Parameters) -> Told:
    """A contract that was not followed the next day is one to return from, also when another began later.

    What was certified before the end shows nothing of it. To whom data went out, the register's word on handling is no matter.
    """
    for contract, end in _ended(facts, vendor, period.as_of):
        due, given = end + days(parameters["certificate_days"]), contract["return_certificate_on"]
        given = None if given is None or given < end else given
        yield "certificate", None, period.as_of <= due or (given is not None and given <= period.as_of)
        if given is not None and given > due and in_period(given, period):
            yield "late", given, False


def _accounts(facts: Facts, vendor: Row, period: Period, parameters: Parameters) -> Told:
    """The accounts that the company's systems keep for a vendor, under its id or its name; while bound it may sign in."""
    ends = [end for _, end in _ended(facts, vendor, period.as_of)]
    if not ends or _bound(facts, vendor, period.as_of):
        return
    names, company = (vendor["vendor_id"], vendor["name"]), vendor["company"]
    due = business_day_after(facts, company, max(ends), parameters["disable_business_days"])
    for account in facts["accounts"]:
        if account["company"] == company and account["external_company"] in names:
            yield "account", None, period.as_of <= due or not account["enabled"]
            disabled = account["disabled_at"] and day_of(account["disabled_at"], period)
            if disabled and disabled > due and in_period(disabled, period):
                yield "late", disabled, False


def _transfers(facts: Facts, vendor: Row, period: Period, parameters: Parameters) -> Told:
    """Personal data that went to a vendor in the period: not after an end, unless under contract again that day."""
    for sent in facts["outbound_transfers"]:
        day, to = sent["occurred_on"], (sent["company"], sent["destination_kind"], sent["party_id"])
        mine = to == (vendor["company"], "vendor", vendor["vendor_id"]) and sent["personal_data_hits"] > 0
        if mine and in_period(day, period):
            yield "transfer", day, _bound(facts, vendor, day) or not _ended(facts, vendor, day)


def _notices(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Incidents open on any day of the period (§8.4), told within the hours of the contract of then, from detected_at (§8.15).

    All that name a vendor, registered by that company or not. In hours a deadline is missed when until_at > due (§8.5).
    """
    marks: Marks = {}
    for incident in (i for i in facts["incidents"] if i["vendor_id"] is not None):
        closed = incident["closed_on"] is not None and incident["closed_on"] < period.since
        if incident["known_on"] > period.as_of or closed:
            continue
        vendors = [v for v in facts["vendors"] if _same(incident, v)]
        hours = [
            k["notice_hours"]
            for vendor in vendors
            for k, end in _contracts(facts, vendor)
            if within(incident["known_on"], k["starts_on"], end)
        ]
        named = min((h for h in hours if h is not None), default=parameters["notice_hours"])
        due, told = incident["detected_at"] + timedelta(hours=named), incident["vendor_noticed_at"]
        name = (incident["company"], incident["incident_id"], "notice", incident["known_on"])
        marks[name] = period.until_at <= due if told is None else told <= due
    return marks
