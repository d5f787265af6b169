"""Vendors, their contracts, audits and sub-vendors, where data lies, and what is sent out; all in order."""

from datetime import date, timedelta

from demo.days import AS_OF, SINCE, ago, at, is_open
from demo.group import COMPANIES, WEEK, Group
from demo.values import Cell, SubVendor, VendorAudit
from demo.values_security import Transfer

CLAUSES = (
    "responsibility",
    "security",
    "subcontracting",
    "reporting",
    "audit_right",
    "breach_measures",
    "incident_notice",
    "after_end",
)
_TRADES = ("印刷", "発送", "保管", "開発", "保守", "調査", "研修", "清算代行")
_NAMES = ("架空", "見本", "例示", "仮想", "模擬")
_COUNTS = {"AOI": 7, "MID": 5}  # the others play a part


def build(group: Group) -> None:
    """Fill the vendor registers, the foreign ones and the outbound log."""
    for company, count in _COUNTS.items():
        for index in range(round(count * group.people)):
            tier = ("T1", "T2", "T2", "T3", "T3")[index % 5]
            own = vendor(group, company, tier, handles_personal_data=index % 10 != 9)
            if index % 4 == 0:
                declare(group, own, f"{own['name']}協力会社")
    for country in ("US", "SG"):
        assess_country(group, country)
    for row in list(group.rows("systems")):
        locate(
            group,
            str(row["company"]),
            "system",
            str(row["system_id"]),
            str(row["server_country"]),
            str(row["operator_country"]),
        )
    _recipients(group)
    for company in COMPANIES:
        _send(group, company)


def vendor(
    group: Group, company: str, tier: str, *, contract: bool = True, audit: bool = True, **fields: Cell
) -> dict[str, Cell]:
    """Register a vendor with a whole contract, an audit in time and its place of storage."""
    number = group.number("vendor", "V-{:04d}")
    index = int(number[2:])
    departments = [d.code for d in group.departments if d.company == company]
    row: dict[str, Cell] = {
        "company": company,
        "department": departments[index % len(departments)],
        "vendor_id": number,
        "corporate_number": f"00000000{index:05d}",
        "name": f"{_NAMES[index % len(_NAMES)]}{_TRADES[index % len(_TRADES)]}{index:02d}社",
        "tier": tier,
        "status": "active",
        "handles_personal_data": True,
        "items": ("氏名", "住所"),
        "first_transfer_on": date(2024, 4, 15) if fields.get("handles_personal_data", True) else None,
        "certificate_expires_on": date(2027, 3, 31),
        "certificate_covers_scope": True,
        "ended_on": None,
    }
    row = group.add("vendors", **(row | fields))
    if contract:
        sign(group, row)
    if audit:
        method = {"T1": "on_site", "T2": "questionnaire", "T3": "questionnaire"}[tier]
        examine(group, row, method, group.rng.randrange(40, 330))
    if row["handles_personal_data"] and row["status"] == "active":
        locate(group, company, "vendor", number, "JP", "JP")
    return row


def sign(group: Group, vendor: dict[str, Cell], **fields: Cell) -> str:
    """Write a contract with the NDA and all eight clauses; fields override."""
    number = group.number("contract", "C-{:04d}")
    row: dict[str, Cell] = {
        "company": vendor["company"],
        "department": vendor["department"],
        "contract_id": number,
        "vendor_id": vendor["vendor_id"],
        "starts_on": date(2024, 4, 1),
        "ends_on": date(2027, 3, 31),
        "nda": True,
        "clauses": CLAUSES,
        "notice_hours": 24,
        "return_certificate_on": None,
    }
    group.add("vendor_contracts", **(row | fields))
    return number


def examine(
    group: Group,
    vendor: dict[str, Cell],
    method: str,
    days: int,
    *,
    has_scope: bool = True,
    samples: int = 5,
    remark: int | None = None,
) -> VendorAudit:
    """Audit a vendor so many days ago."""
    company = str(vendor["company"])
    told = VendorAudit(
        group.number("audit", "VA-{:04d}"),
        str(vendor["vendor_id"]),
        company,
        str(vendor["department"]),
        method,
        ago(days),
        group.posts[company, "audit_officer"],
        has_scope,
        samples,
        remark,
    )
    group.audits.append(told)
    return told


def declare(
    group: Group, vendor: dict[str, Cell], name: str, country: str = "JP", *, on: date = date(2026, 2, 2)
) -> None:
    """Let a vendor declare a sub-vendor whose storage is known, and approve it beforehand."""
    company, number = str(vendor["company"]), str(vendor["vendor_id"])
    group.sub_vendors.append(
        SubVendor(
            group.number("sighting", "SV-{:04d}"),
            on,
            company,
            str(vendor["department"]),
            number,
            name,
            "発送の一部",
            country,
            country,
        )
    )
    locate(group, company, "sub_vendor", name, country, country)


def locate(
    group: Group, company: str, kind: str, holder: str, server: str, operator: str, basis: str = "register"
) -> None:
    """Record where a holder keeps data and who operates there."""
    group.add(
        "storage_locations",
        company=company,
        location_key=group.number("location", "SL-{:04d}"),
        holder_kind=kind,
        holder_id=holder,
        server_country=server,
        operator_country=operator,
        basis=basis,
    )


def assess_country(group: Group, country: str, days: int = 120, **fields: Cell) -> None:
    """Assess a foreign country for the whole group; fields override."""
    row: dict[str, Cell] = {
        "company": None,
        "country": country,
        "assessment_version": "2025",
        "system_summary": "包括的な個人情報保護法制の有無と概要",
        "oecd_covered": country != "US",
        "government_access": "政府による情報収集への協力義務の有無",
        "data_localisation": "国内保存義務の有無",
        "source_ref": "外国制度調査資料 2025年版",
        "measures": ("契約による安全管理", "暗号化"),
        "assessed_on": ago(days),
        "approved_by": group.posts["AOI", "cpo"],
    }
    group.add("country_assessments", **(row | fields))


def _recipients(group: Group) -> None:
    for number, name, kind, domain in (
        ("REC-01", "架空求人企業A", "求人者", "employer-a.example"),
        ("REC-02", "架空職業紹介B", "職業紹介事業者", "agency-b.example"),
    ):
        group.add(
            "recipients",
            company=None,
            recipient_id=number,
            name=name,
            address="東京都架空区例示9-9",
            representative="見本 代表",
            recipient_class=kind,
            country="JP",
            domains=(domain,),
            legal_route="domestic",
            checked_on=None,
            impaired=False,
            stop_decided_on=None,
        )


def _send(group: Group, company: str) -> None:
    """Two protected transfers a week: one to a vendor under contract, one to a recipient."""
    department = "AOI-MKT" if company == "AOI" else "MID-OPS"
    system = "SYS-ATS" if company == "AOI" else "SYS-WMS"
    senders = [w for w in group.workers if w.department == department and w.handles and w.pattern == "office"]
    own = list(group.rows("vendors", company=company, handles_personal_data=True))
    week = SINCE
    while week <= AS_OF:
        days = [d for d in (week + timedelta(days=n) for n in range(7)) if is_open(d) and d <= AS_OF]
        if days:
            sender, partner = group.rng.choice(senders), group.rng.choice(own)
            send(group, company, sender.no, department, system, str(partner["vendor_id"]), days[0])
            recipient = group.rng.choice(("REC-01", "REC-02"))
            domain = "employer-a.example" if recipient == "REC-01" else "agency-b.example"
            send(
                group, company, sender.no, department, system, recipient, days[-1], kind="recipient", destination=domain
            )
        week += WEEK


def send(
    group: Group,
    company: str,
    no: str,
    department: str,
    system: str,
    party: str,
    day: date,
    *,
    kind: str = "vendor",
    destination: str | None = None,
    hits: int = 12,
) -> None:
    """Write one transfer into the outbound log."""
    login = group.login(group.engagement(no, company), system)
    contract = next((str(c["contract_id"]) for c in group.rows("vendor_contracts", vendor_id=party)), None)
    group.transfers.append(
        Transfer(
            group.number("transfer", "TR-{:06d}"),
            at(day, 14, group.rng.randrange(60)),
            company,
            department,
            system,
            login,
            destination or f"{party.lower()}.vendor.example",
            kind,
            party,
            hits,
            ("氏名", "住所"),
            None,
            contract,
        )
    )
