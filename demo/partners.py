"""What is kept of vendors beside contracts and audits: evaluations, what they pass on, who else is paid or let in.

``build`` comes first; ``complete`` after every vendor is there, so that a vendor of another part is whole here as well.
"""

from datetime import date, timedelta

from demo.book import entry
from demo.days import AS_OF, ago
from demo.group import COMPANIES, Group
from demo.values import Cell
from demo.values_partners import Sighting
from demo.vendors import examine, vendor

DESK = {"AOI": "AOI-SAL", "MID": "MID-OPS"}  # who entrusts what the plan invents
PAYDAYS = (date(2026, 2, 27), AS_OF)
_CERTIFIED_AFTER = timedelta(days=20)


def build(group: Group) -> None:
    """Let both companies pay their vendors and others, and sign on to applications that were judged."""
    for company in COMPANIES:
        for own in list(group.rows("vendors", company=company)):
            for day in PAYDAYS:
                see(group, company, str(own["corporate_number"]), day, vendor=str(own["vendor_id"]))
        stationer = group.number("payee", "00000001{:05d}")
        see(group, company, stationer, AS_OF, likely=False)
        judged = f"chat.{company.lower()}.example"
        see(group, company, judged, ago(12), "sso", department=None)
        decide(group, company, judged, ago(200))


def see(group: Group, company: str, party: str, day: date, seen_in: str = "payment", **fields: object) -> None:
    """Let a party be seen in a payment of the administration; fields override."""
    told: dict[str, object] = {"department": f"{company}-ADM", "likely": True, "vendor": None}
    number = group.number("party seen", "PS-{:04d}")
    group.sightings.append(Sighting(number, day, company, party=party, seen_in=seen_in, **(told | fields)))  # type: ignore[arg-type]


def decide(group: Group, company: str, party: str, day: date, *, handles: bool = False) -> None:
    """Judge, with a reason, whether a party handles personal data."""
    group.add(
        "party_decisions",
        company=company,
        decision_id=group.number("party judged", "PD-{:04d}"),
        party=party,
        handles_personal_data=handles,
        reason="契約条項と権限設定により内容を閲覧しないことを確認",
        decided_by=group.posts[company, "cpo"],
        decided_on=day,
    )


def partner(group: Group, company: str, tier: str = "T2", **fields: Cell) -> dict[str, Cell]:
    """Register a vendor under contract that was audited and stands in the management book; fields override."""
    told: dict[str, Cell] = {"department": DESK[company]}
    row = vendor(group, company, tier, contract=True, audit=False, **(told | fields))
    examine(group, row, "on_site" if tier == "T1" else "questionnaire", 100)
    system = "SYS-CRM" if company == "AOI" else "SYS-WMS"
    name, number = f"{row['name']}への委託名簿", str(row["vendor_id"])
    entry(group, company, str(row["department"]), name, "外部委託", "会員", system_ids=(system,), vendor_ids=(number,))
    return row


def gone(group: Group, company: str, last: date, certified: date | None, **fields: Cell) -> dict[str, Cell]:
    """Register a vendor whose contract ended on a day, and when it certified that it returned or erased everything."""
    ended: dict[str, Cell] = {"department": DESK[company], "status": "ended", "ended_on": last}
    row = vendor(group, company, "T3", contract=True, audit=False, **(ended | fields))
    group.row("vendor_contracts", vendor_id=row["vendor_id"]).update(ends_on=last, return_certificate_on=certified)
    group.bare.add(("return certificate", str(row["vendor_id"])))
    return row


def evaluate(group: Group, vendor: dict[str, Cell], day: date, **fields: Cell) -> None:
    """Write a passed evaluation that was approved on a day; fields override."""
    company = str(vendor["company"])
    row: dict[str, Cell] = {
        "company": company,
        "department": vendor["department"],
        "evaluation_id": group.number("evaluation", "EV-{:04d}"),
        "vendor_id": vendor["vendor_id"],
        "evaluated_on": day - timedelta(days=3),
        "checklist_version": "1",
        "score": 92,
        "questions_open": 0,
        "knock_outs": (),
        "necessary_items_only": True,
        "approved_by": group.posts[company, "cpo"],
        "approved_on": day,
    }
    group.add("vendor_evaluations", **(row | fields))


def allow(
    group: Group, company: str, vendor: str, sub_vendor: str, day: date, work: str, country: str, **fields: Cell
) -> None:
    """Approve on a day that a vendor passes work on, with the terms of its own contract; fields override."""
    row: dict[str, Cell] = {
        "company": company,
        "department": group.row("vendors", vendor_id=vendor)["department"],
        "approval_id": group.number("passed on", "SA-{:04d}"),
        "vendor_id": vendor,
        "sub_vendor": sub_vendor,
        "work": work,
        "method": "施錠した作業室で扱い、作業後に消去",
        "country": country,
        "approved_on": day,
        "approved_by": group.posts[company, "cpo"],
        "expires_on": ago(-300),
        "pass_down_terms": True,
    }
    group.add("sub_vendor_approvals", **(row | fields))


def complete(group: Group) -> None:
    """Evaluate, approve and certify whatever the plan has not left out, after every vendor is there."""
    for own in list(group.rows("vendors", handles_personal_data=True)):
        if ("evaluation", str(own["vendor_id"])) not in group.bare:
            first = own["first_transfer_on"]
            if isinstance(first, date):
                evaluate(group, own, first - timedelta(days=7))
            evaluate(group, own, ago(90))
    for seen in group.sub_vendors:
        if ("passed on", seen.sub_vendor) not in group.bare:
            before = seen.on - timedelta(days=30)
            allow(group, seen.company, seen.vendor, seen.sub_vendor, before, seen.work, seen.country)
    for own in list(group.rows("vendors", status="ended")):
        last = own["ended_on"]
        if isinstance(last, date) and ("return certificate", str(own["vendor_id"])) not in group.bare:
            for contract in group.rows("vendor_contracts", vendor_id=own["vendor_id"]):
                contract["return_certificate_on"] = last + _CERTIFIED_AFTER
