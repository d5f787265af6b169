"""VEN and EXT-02: contracts, audits, findings of vendors, foreign countries (domain.md §1.17, §1.18)."""

from collections.abc import Iterator
from datetime import date

from evidence.period import Period
from tests.oracle.predicates import Facts, Marks, Parameters, Row, day_of, days, entries_in_force, in_period, within

TIERS = {"T1": ("tier_1_days", ("on_site", "remote")), "T2": ("tier_2_days", ("questionnaire",))}


def ven_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀VND with pi data flow: one contract (§8.15) is valid today and holds the NDA and all clauses.

    Who is not in the vendor register is no member: VEN-03 and ORG-3-04 find it. What the register calls a vendor does
    not end a flow that the book or the log shows; that it handles personal data is a flow while it holds some: not yet as
    a candidate, and once ended its return is VEN-07's.
    """
    register = {(v["company"], v["vendor_id"]) for v in facts["vendors"]}
    declared = [
        (v["company"], v["vendor_id"])
        for v in facts["vendors"]
        if v["handles_personal_data"] and v["status"] not in ("candidate", "ended")
    ]
    named = [(e["company"], vendor) for e in entries_in_force(facts) for vendor in e["vendor_ids"]]
    sent = [
        (t["company"], t["party_id"])
        for t in facts["outbound_transfers"]
        if t["destination_kind"] == "vendor" and t["personal_data_hits"] > 0 and in_period(t["occurred_on"], period)
    ]
    return {
        (company, vendor, None, None): any(
            (k["company"], k["vendor_id"]) == (company, vendor)
            and within(period.as_of, k["starts_on"], k["ends_on"])
            and k["nda"]
            and set(parameters["required_clauses"]) <= set(k["clauses"])
            for k in facts["vendor_contracts"]
        )
        for company, vendor in register & {*declared, *named, *sent}
    }


def ven_04(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """T1 on site or remote ≤365d; T2 questionnaire and sample ≤365d; T3 ≤730d; special audit ≤90d after an incident."""
    marks: Marks = {}
    for vendor in (v for v in facts["vendors"] if v["status"] == "active" and v["handles_personal_data"]):
        company, key = vendor["company"], vendor["vendor_id"]
        sound = [a for a in facts["vendor_audits"] if a["vendor_id"] == key and a["has_scope"] and a["samples"] > 0]
        limit, methods = TIERS.get(vendor["tier"], ("tier_3_days", ("on_site", "remote", "questionnaire")))
        first = period.as_of - days(parameters[limit])
        waiting = False
        for incident in (i for i in facts["incidents"] if i["vendor_id"] == key):
            seen = day_of(incident["detected_at"], period)
            due = seen + days(parameters["special_days"])
            special = [a["performed_on"] for a in sound if a["method"] == "special" and a["performed_on"] >= seen]
            waiting |= period.as_of > due and not special
            if special and due < min(special) and in_period(min(special), period):
                marks[company, key, "late", min(special)] = False
        marks[company, key, "vendor", None] = not waiting and any(
            a["method"] in methods and first <= a["performed_on"] <= period.as_of for a in sound
        )
    return marks


def ven_05(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ vendor finding: due set and not overdue; overdue > 30 d ⇒ escalation; a critical one > 90 d ⇒ suspension decision."""
    marks: Marks = {}
    for finding in (f for f in facts["findings"] if f["vendor_id"] is not None):
        key, due = (finding["company"], finding["finding_id"]), finding["due_on"]
        overdue = (period.as_of - due).days if due is not None and finding["completed_on"] is None else 0
        marks[*key, "due", None] = due is not None and overdue <= 0
        if overdue > parameters["escalate_days"]:
            marks[*key, "escalation", None] = finding["escalated_on"] is not None
        if overdue > parameters["suspend_days"] and finding["severity"] == "critical":
            marks[*key, "suspension", None] = finding["suspension_decided_on"] is not None
    return marks


def ext_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ foreign country of storage or operator: an approved, complete assessment ≤ 365 d old, tied to measures."""
    home = parameters["home_country"]
    return {
        (company, country, None, None): any(
            _sound(a, period.as_of - days(parameters["assessment_days"]), period.as_of)
            for a in facts["country_assessments"]
            if a["country"] == country and a["company"] in (None, company)
        )
        for company, country in _countries(facts)
        if country not in (None, home)
    }


def _countries(facts: Facts) -> Iterator[tuple[str, str | None]]:
    """Of systems with personal data, vendors and sub-vendors, and where the cloud really runs (EXT-01)."""
    personal = {s["system_id"] for s in facts["systems"] if s["holds_personal_data"]}
    for system in (s for s in facts["systems"] if s["holds_personal_data"]):
        yield system["company"], system["server_country"]
        yield system["company"], system["operator_country"]
    for place in facts["storage_locations"]:
        if place["holder_kind"] != "system" or place["holder_id"] in personal:
            yield place["company"], place["server_country"]
            yield place["company"], place["operator_country"]
    for sub in facts["sub_vendors"]:
        yield sub["company"], sub["country"]
        yield sub["company"], sub["operator_country"]
    for resource in facts["cloud_resources"]:
        if resource["system_id"] in personal:
            yield resource["company"], resource["country"]


def _sound(assessment: Row, first: date, last: date) -> bool:
    stated = ("system_summary", "oecd_covered", "government_access", "data_localisation", "source_ref", "approved_by")
    return (
        all(assessment[name] is not None for name in stated)
        and bool(assessment["measures"])
        and first <= assessment["assessed_on"] <= last
    )
