"""Worlds of VEN and EXT-02: contracts that end today, audits a day too old, findings overdue, countries nobody assessed."""

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from tests.oracle.facts import DAY, Draw, Row, World, ago, at, chance, choose, near, pick


def vendor(draw: Draw, c: str, n: int, **more: object) -> Row:
    return {
        "company": c,
        "vendor_id": f"{c}-V{n}",
        "tier": choose(draw, "T1", "T2", "T3"),
        "status": "active",
        "handles_personal_data": True,
        **more,
    }


def ven_02(draw: Draw, c: str, period: Period) -> World:
    """A contract that ends about now and the one that follows it; an NDA or a clause only in the other contract."""
    as_of, clauses = period.as_of, list(draw.parameters["required_clauses"])
    contracts = []
    for n in (1, 2, 3):
        ends = near(draw, as_of)
        first = {
            "company": c,
            "contract_id": f"{c}-K{n}",
            "vendor_id": f"{c}-V{n}",
            "starts_on": as_of - 700 * DAY,
            "ends_on": choose(draw, OPEN_END, ends),
        }
        first |= {"nda": pick(draw, True, False), "clauses": sorted(pick(draw, clauses, clauses[1:], []))}
        contracts.append(first)
        if choose(draw, False, True):
            follows = {
                "contract_id": f"{c}-K{n}b",
                "starts_on": ends + DAY,
                "ends_on": OPEN_END,
                "clauses": sorted(pick(draw, clauses, clauses[:-1])),
            }
            contracts.append(first | follows | {"nda": pick(draw, True, False)})
    transfers = [
        {
            "company": c,
            "transfer_id": f"{c}-x{n}",
            "destination": "example.jp",
            "destination_kind": kind,
            "party_id": choose(draw, f"{c}-V2", f"{c}-V3", f"{c}-V9") if kind == "vendor" else f"{c}-R1",
            "personal_data_hits": pick(draw, 1, 0),
            "channel": "sftp",
            "occurred_at": at(choose(draw, period.since, as_of, period.since - DAY), choose(draw, 0, 23)),
        }
        for n, kind in enumerate([pick(draw, "vendor", "recipient") for _ in range(choose(draw, 0, 1, 2))])
    ]
    entry = {
        "company": c,
        "entry_id": f"{c}-D1-0001",
        "entry_version": 1,
        "status": pick(draw, "approved", "draft", "abolished"),
    }
    return {
        "vendors": [vendor(draw, c, n, handles_personal_data=n == 1) for n in (1, 2, 3)],
        "vendor_contracts": contracts,
        "outbound_transfers": transfers,
        "book_entries": [entry | {"vendor_ids": choose(draw, [], [f"{c}-V2"], [f"{c}-V2", f"{c}-V8"])}],
    }


def ven_02_ended(draw: Draw, c: str, period: Period) -> World:
    """Vendors that the register calls not yet, not now or no longer active, and that the book or the log may name."""
    world = ven_02(draw, c, period)
    for one in world["vendors"]:
        one["status"] = choose(draw, "candidate", "suspended", "ended")
    return world


def ven_04(draw: Draw, c: str, period: Period) -> World:
    """Audits about a year or two old, without scope or samples, of the wrong method; incidents about 90 days ago."""
    as_of = period.as_of
    vendors = [vendor(draw, c, n, first_transfer_on=as_of - 1500 * DAY) for n in (1, 2)]
    audits, incidents = [], []
    for one in vendors:
        key, tier = one["vendor_id"], one["tier"]
        limit = 730 if tier == "T3" else 365
        audit = {
            "company": c,
            "audit_id": f"{key}-u1",
            "vendor_id": key,
            "auditor_key": f"{c}-p1",
            "finding_ids": [f"{key}-f1"],
        }
        usual = {
            "T1": choose(draw, "on_site", "remote"),
            "T2": "questionnaire",
            "T3": choose(draw, "on_site", "questionnaire"),
        }[tier]
        audits.append(
            audit
            | {
                "method": pick(draw, usual, "questionnaire" if tier == "T1" else usual),
                "performed_on": choose(draw, as_of - 9 * DAY, *(as_of - (limit + off) * DAY for off in (0, 1))),
                "has_scope": pick(draw, True, False),
                "samples": pick(draw, 5, 0),
            }
        )
        if choose(draw, False, True):
            due = choose(draw, near(draw, as_of), period.since + 5 * DAY)
            seen = due - 90 * DAY
            incidents.append(
                {
                    "company": c,
                    "incident_id": f"{key}-i1",
                    "vendor_id": key,
                    "detected_at": at(seen, 9),
                    "known_on": seen,
                    "occurred_on": seen,
                }
            )
            done = choose(draw, None, due - 10 * DAY, due, due + DAY, seen - DAY)
            if done is not None and done <= as_of:
                audits.append(
                    audit
                    | {
                        "audit_id": f"{key}-u2",
                        "method": "special",
                        "performed_on": done,
                        "has_scope": True,
                        "samples": 3,
                    }
                )
    return {"vendors": vendors, "vendor_audits": audits if pick(draw, True, False) else [], "incidents": incidents}


def ven_05(draw: Draw, c: str, period: Period) -> World:
    """Findings due today, 30 and 90 days ago, with and without escalation and decision."""
    as_of = period.as_of
    findings = []
    for n in range(4):
        due = choose(draw, near(draw, as_of), near(draw, as_of - 30 * DAY), near(draw, as_of - 90 * DAY))
        done = pick(draw, None, due, as_of - 3 * DAY)
        findings.append(
            {
                "company": c,
                "finding_id": f"{c}-f{n}",
                "origin": "vendor_audit",
                "vendor_id": f"{c}-V1",
                "severity": choose(draw, "critical", "high"),
                "raised_on": as_of - 200 * DAY,
                "due_on": due if done else pick(draw, due, None),
                "due_set_on": as_of - 199 * DAY,
                "escalated_on": choose(draw, None, as_of - 5 * DAY),
                "suspension_decided_on": choose(draw, None, as_of - 5 * DAY),
                "completed_on": done,
            }
        )
    own = {**findings[0], "finding_id": f"{c}-f9", "origin": "audit", "vendor_id": None}
    return {"findings": [*findings, own], "vendors": [vendor(draw, c, 1)]}


def ext_02(draw: Draw, c: str, period: Period) -> World:
    """Countries of every kind of holder, with an assessment that lacks one thing, is a day too old, or is another's."""
    as_of = period.as_of
    countries = ["JP", f"{c}-US", f"{c}-SG", f"{c}-VN", None]
    some = [choose(draw, *countries) for _ in range(8)]
    assessments = []
    for n, country in enumerate(countries[1:4]):
        row: Row = {
            "company": pick(draw, None, c, f"{c}x"),
            "country": country,
            "assessment_version": "1",
            "system_summary": "law",
            "oecd_covered": True,
            "government_access": "none known",
            "data_localisation": "none",
            "source_ref": "PPC 2025",
            "measures": ["encryption"],
            "assessed_on": choose(draw, as_of, ago(draw, as_of, 365)),
            "approved_by": f"{c}-p{n}",
        }
        lacking = (
            "system_summary",
            "oecd_covered",
            "government_access",
            "data_localisation",
            "source_ref",
            "approved_by",
        )
        row |= pick(draw, {}, {choose(draw, *lacking): None}, {"measures": []})
        assessments += [row] if pick(draw, True, False) else []
        if chance(draw):
            assessments.append(row | {"assessment_version": "0", "assessed_on": as_of - 500 * DAY})
    systems = [
        {
            "company": c,
            "system_id": f"{c}-S{n}",
            "holds_personal_data": n == 1,
            "server_country": some[n],
            "operator_country": some[n + 1],
        }
        for n in (1, 2)
    ]
    return {
        "country_assessments": assessments,
        "systems": systems,
        "vendors": [vendor(draw, c, 1)],
        "storage_locations": [
            {
                "location_key": f"{c}-l1",
                "company": c,
                "holder_kind": "vendor",
                "holder_id": f"{c}-V1",
                "server_country": some[4],
                "operator_country": some[5],
                "basis": "statement",
            },
            {
                "location_key": f"{c}-l2",
                "company": c,
                "holder_kind": "system",
                "holder_id": f"{c}-S{choose(draw, 1, 2)}",
                "server_country": some[6],
                "basis": "register",
            },
        ],
        "sub_vendors": [
            {
                "sighting_id": f"{c}-y1",
                "company": pick(draw, c, f"{c}x"),
                "vendor_id": f"{c}-V1",
                "sub_vendor": "sub",
                "work": "mail",
                "country": some[7],
                "operator_country": some[0],
                "seen_in": "declaration",
                "occurred_on": as_of - choose(draw, 0, 400) * DAY,
            }
        ],
        "cloud_resources": [
            {
                "resource_id": f"{c}-b{n}",
                "company": c,
                "system_id": f"{c}-S{n}",
                "kind": "bucket",
                "country": choose(draw, *countries),
                "personal_data_tag": n == 1,
            }
            for n in (1, 2)
        ],
    }
