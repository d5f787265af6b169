"""Worlds of ORG-3-02: entries of the management book that are sound but for one thing, or two."""

from datetime import date

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from tests.oracle.facts import (
    COMPANIES,
    DAY,
    LONG_HIRED,
    Draw,
    Row,
    World,
    ago,
    chance,
    choose,
    join,
    near,
    pick,
    staff,
    worker,
)

STAGES = ("acquire", "move", "use", "store", "erase")


def sound(c: str, entry: str, period: Period) -> Row:
    """An entry that breaks no rule."""
    return {
        "company": c,
        "department": "D1",
        "entry_id": entry,
        "entry_version": 1,
        "status": "approved",
        "process": "sales",
        "name": entry,
        "subject_kinds": [f"{c}-members"],
        "items": ["name", "mail"],
        "legal_class": "retained",
        "special_care": False,
        "my_number": False,
        "esl_restricted": False,
        "volume": 100,
        "volume_on": period.as_of - 10 * DAY,
        "purposes": [f"{c}-P01"],
        "acquisition": "form",
        "notice_ref": "notice 3",
        "consent_ref": None,
        "collected_from_on": date(2016, 1, 1),
        "collected_to_on": date(2020, 1, 1),
        "media": "electronic",
        "db_ids": [f"{c}-db1"],
        "system_ids": [f"{c}-S1"],
        "zone_ids": [f"{c}-Z1"],
        "countries": ["JP"],
        "protection": "encrypted",
        "owner_key": f"{c}-p1",
        "access_group": f"{c}-sales",
        "use_until": "withdrawal",
        "retention_start": "withdrawal",
        "retention_months": 36,
        "disposal": "erase",
        "vendor_ids": [],
        "provided": "none",
        "foreign_route": "none",
        "received": "none",
        "usage_log_match": "none",
        "ml_use": "none",
        "dsar_scope": True,
        "author_key": f"{c}-p2",
        "department_approved_by": f"{c}-p3",
        "department_approved_on": period.as_of - 21 * DAY,
        "approved_by": f"{c}-p1",
        "approved_on": period.as_of - 20 * DAY,
        "confirmed_by": f"{c}-p3",
        "confirmed_on": period.as_of - 20 * DAY,
        "next_due_on": period.as_of + 300 * DAY,
        "provenance": "system",
    }


def changes(draw: Draw, c: str, period: Period) -> list[Row]:
    """What may be different in an entry: each is one step over a rule, or just not."""
    as_of = period.as_of
    return [
        {choose(draw, "subject_kinds", "items", "purposes", "countries"): []},
        {choose(draw, "volume", "volume_on", "notice_ref", "protection", "disposal"): None},
        {choose(draw, "department_approved_by", "approved_by", "confirmed_on", "next_due_on"): None},
        {"system_ids": [], "db_ids": [], "zone_ids": choose(draw, [], [f"{c}-Z1"])},
        {"purposes": [f"{c}-P01", choose(draw, f"{c}-P02", f"{c}-P03", f"{c}-P04", f"{c}-P99")]},
        {"retention_start": choose(draw, None, "永久", "as long as needed")},
        {"retention_months": None, "retention_law": choose(draw, None, "APPI 23")},
        {"statutory_until_on": as_of + 99 * DAY, "retention_law": choose(draw, None, "APPI 23")},
        {"items": choose(draw, ["病歴"], ["mail", "病歴"], ["mail"]), "special_care": False},
        {
            "items": ["病歴"],
            "special_care": True,
            "special_care_kinds": pick(draw, ["illness"], []),
            "special_care_basis": choose(draw, "consent", None),
            "consent_ref": "consent 1",
        },
        {"items": ["個人番号"], "my_number": True},
        {"items": ["name", "個人番号"], "my_number": False},
        {
            "provided": choose(draw, "consent", "opt_out", "law", "succession"),
            "recipient_ids": choose(draw, [f"{c}-R1"], []),
            "consent_ref": "consent 1",
            "provision_details": choose(draw, "mail", None),
        },
        {"provided": "consent", "recipient_ids": [f"{c}-R1"], "consent_ref": None, "provision_details": "mail"},
        {"provided": "opt_out", "recipient_ids": [f"{c}-R1"], "consent_ref": "list", "provision_details": "mail"}
        | {
            "special_care": choose(draw, True, False),
            "special_care_kinds": ["illness"],
            "special_care_basis": "consent",
        },
        {"countries": choose(draw, ["JP", f"{c}-US"], [f"{c}-XX"]), "foreign_route": choose(draw, "consent", None)},
        {
            "provided": "consent",
            "recipient_ids": [choose(draw, f"{c}-R2", f"{c}-R3")],
            "consent_ref": "consent 1",
            "provision_details": "mail",
        }
        | {"foreign_route": "consent"},
        {"vendor_ids": choose(draw, [f"{c}-V1"], [f"{c}-V2"], [f"{c}-V3"], [f"{c}-V1", f"{c}-V4"], [f"{c}-V9"])},
        {
            "scope_ids": choose(draw, [f"{c}-U1"], [f"{c}-U9"]),
            "items": choose(draw, ["mail"], ["mail", "name"], ["name", "phone"]),
            "collected_from_on": near(draw, date(2015, 10, 1)),
        },
        {"owner_key": choose(draw, f"{c}-p4", f"{c}-p5", f"{c}-nobody")},
        {"approved_by": choose(draw, f"{c}-nobody", f"{c}-p2")},
        {"system_ids": choose(draw, [f"{c}-S2"], [f"{c}-S3"], [f"{c}-S1", f"{c}-S9"])},
        {"zone_ids": choose(draw, [f"{c}-Z9"], [])},
        {"media": choose(draw, "paper", "both", "av"), "disposal": choose(draw, "shred", "erase", "burning")},
        {"volume_on": as_of - 900 * DAY},
        {"usage_log_match": choose(draw, "third_party", "own"), "consent_ref": choose(draw, None, "consent 1")},
        {"esl_restricted": True, "esl_reason": choose(draw, None, "licence")},
        {"legal_class": "entrusted", "entruster": choose(draw, "client", None), "entruster_contact": "their desk"},
        {"status": choose(draw, "draft", "requested", "abolished")},
    ]


def org_3_02(draw: Draw, c: str, period: Period) -> World:
    """Four entries; the last has a second version, the first was perhaps edited after its approval."""
    as_of = period.as_of
    entries = []
    for n in range(4):
        row = sound(c, f"{c}-D1-{n:04}", period)
        row["confirmed_on"] = pick(draw, row["confirmed_on"], ago(draw, as_of, 365))
        for _ in range(choose(draw, 1, 0, 2)):
            row = row | choose(draw, *changes(draw, c, period))
        if row["my_number"]:  # what else makes a row a mixed one is not told
            row |= {"items": ["個人番号"], "special_care": False}
        entries.append(row)
    second = {"entry_version": 2, "status": choose(draw, "draft", "abolished", "approved")}
    entries.append(sound(c, f"{c}-D1-0003", period) | second)
    history = list(entries)
    if chance(draw):
        history[0] = entries[0] | {"valid_from_on": as_of}
        history.append(entries[0] | {"name": "as approved", "valid_to_on": as_of - DAY})
    risks = [
        {"entry_id": row["entry_id"], "stage": stage, "residual": choose(draw, "low", "high")}
        for row in entries[:4]
        for stage in STAGES
    ]
    return join(
        {"book_entries": entries, "book_entries_history": history, "book_risks": risks},
        words(draw, c, period),
        parties(draw, c, period),
        places(c, period),
        staff(f"{c}-p1", f"{c}-p2", f"{c}-p3", company=c),
        {
            "workers": [
                worker(f"{c}-p4", c, LONG_HIRED, near(draw, as_of)),
                worker(f"{c}-p5", c, LONG_HIRED, as_of - 99 * DAY),
            ]
        },
    )


def words(draw: Draw, c: str, period: Period) -> World:
    """Published purposes, one of them new, one of them ending, one of them empty; the dictionaries, once for all."""
    as_of = period.as_of
    purpose = {"company": c, "category": f"{c}-members", "published_from_on": as_of - 900 * DAY, "generic": False}
    terms = {"special_care": "病歴", "my_number": "個人番号", "retention_refused": "永久"}
    return {
        "purposes": [
            purpose | {"purpose_code": f"{c}-P01", "published_to_on": OPEN_END},
            purpose | {"purpose_code": f"{c}-P02", "published_from_on": near(draw, as_of), "published_to_on": OPEN_END},
            purpose | {"purpose_code": f"{c}-P03", "published_to_on": near(draw, as_of)},
            purpose | {"purpose_code": f"{c}-P04", "published_to_on": OPEN_END, "generic": True},
        ],
        "vocabulary": [{"kind": kind, "term": term} for kind, term in terms.items() if c == COMPANIES[0]],
    }


def parties(draw: Draw, c: str, period: Period) -> World:
    """Recipients at home and abroad, vendors in and out of contract, a shared use of a time and some items."""
    as_of = period.as_of
    countries = ((1, "JP", "domestic"), (2, f"{c}-US", "consent"), (3, f"{c}-XX", "consent"))
    vendor = {"company": c, "tier": "T1", "status": "active", "handles_personal_data": True}
    contract = {"company": c, "nda": True, "starts_on": as_of - 900 * DAY, "ends_on": OPEN_END}
    assessment = {
        "country": f"{c}-US",
        "assessment_version": "1",
        "assessed_on": as_of - 9 * DAY,
        "approved_by": f"{c}-p1",
    }
    scope = {
        "scope_id": f"{c}-U1",
        "company": pick(draw, c, f"{c}x"),
        "scope_version": "1",
        "items": ["mail", "name"],
        "manager_complete": True,
        "collected_from_on": date(2015, 10, 1),
        "collected_to_on": choose(draw, OPEN_END, near(draw, date(2020, 1, 1))),
    }
    return {
        "country_assessments": [assessment | {"company": choose(draw, None, c, f"{c}x")}],
        "recipients": [
            {"recipient_id": f"{c}-R{n}", "company": choose(draw, None, c), "country": country, "legal_route": route}
            for n, country, route in countries
        ],
        "vendors": [
            *(vendor | {"vendor_id": f"{c}-V{n}"} for n in (1, 2, 3)),
            vendor | {"vendor_id": f"{c}-V4", "status": "ended"},
        ],
        "vendor_contracts": [
            contract | {"contract_id": f"{c}-K1", "vendor_id": f"{c}-V1"},
            contract | {"contract_id": f"{c}-K2", "vendor_id": f"{c}-V2", "ends_on": near(draw, as_of)},
            contract | {"contract_id": f"{c}-K4", "vendor_id": f"{c}-V4"},
        ],
        "shared_use_scopes": [scope],
    }


def places(c: str, period: Period) -> World:
    """A system in use, one retired yesterday, one that retires tomorrow, and a zone."""
    retiring = ((1, None), (2, period.as_of - DAY), (3, period.as_of + DAY))
    return {
        "systems": [
            {"company": c, "system_id": f"{c}-S{n}", "holds_personal_data": True, "retired_on": retired}
            for n, retired in retiring
        ],
        "zones": [{"company": c, "zone_id": f"{c}-Z1", "class": "handling"}],
        "org_units": [{"company": c, "department": "D1", "name": "D1", "in_scope": True}],
    }
