"""Planted in the supervision of vendors and in foreign storage: VEN-02, VEN-04, VEN-05 and EXT-02."""

from datetime import date

from demo.book import entry
from demo.care import UNDONE, finding, incident
from demo.days import AS_OF, ago, at, open_days_after
from demo.group import Group
from demo.plan import Plan
from demo.plant_access import waive
from demo.values import Cell
from demo.values_security import Cloud
from demo.vendors import CLAUSES, assess_country, declare, examine, locate, send, sign, vendor


def plant(group: Group, plan: Plan) -> None:
    """Plant contracts, audits and findings that do not hold, and countries that nobody assessed."""
    _contracts(group, plan)
    _contracts_in_order(group, plan)
    _audits(group, plan)
    _audits_in_time(group, plan)
    _after_incidents(group, plan)
    _vendor_findings(group, plan)
    _countries(group, plan)
    _countries_in_order(group, plan)


def _listed(group: Group, row: dict[str, Cell]) -> dict[str, Cell]:
    """Put a vendor into the management book; the entry."""
    company, department = str(row["company"]), str(row["department"])
    system = "SYS-CRM" if company == "AOI" else "SYS-WMS"
    return entry(
        group,
        company,
        department,
        f"{row['name']}への委託名簿",
        "外部委託",
        "会員",
        system_ids=(system,),
        vendor_ids=(str(row["vendor_id"]),),
    )


def _known(group: Group, company: str, tier: str, **fields: Cell) -> dict[str, Cell]:
    row = vendor(group, company, tier, contract=False, audit=False, **fields)
    _listed(group, row)
    return row


def _contracts(group: Group, plan: Plan) -> None:
    control = "VEN-02"

    def fault(company: str, kind: str, note: str, *contracts: dict[str, Cell]) -> dict[str, Cell]:
        row = _known(group, company, "T2")
        examine(group, row, "questionnaire", 100)
        for fields in contracts:
            sign(group, row, **fields)
        plan.fault(control, company, str(row["vendor_id"]), kind, note)
        return row

    expired = fault("AOI", "expired yesterday", "契約が3月30日で満了", {"ends_on": ago(1)})
    made = next(e for e in group.rows("book_entries") if e["vendor_ids"] == (expired["vendor_id"],))
    plan.fault("ORG-3-02", "AOI", str(made["entry_id"]), "BK-09", "有効な契約のない委託先を記載(契約は満了)")
    fault("MID", "no NDA", "秘密保持の定めなし", {"nda": False})
    fault("AOI", "clause missing", "監査権の条項なし", {"clauses": tuple(c for c in CLAUSES if c != "audit_right")})
    fault(
        "MID",
        "clauses in two contracts",
        "二つの契約に条項が分かれ、単独で満たすものがない",
        {"clauses": CLAUSES[:4]},
        {"clauses": CLAUSES[4:]},
    )
    unnoticed = vendor(group, "AOI", "T3", contract=False, handles_personal_data=False)
    sender = next(
        w
        for w in group.workers
        if w.department == "AOI-MKT" and w.handles and w.kind != "正社員" and w.pattern == "office"
    )
    send(group, "AOI", sender.no, "AOI-MKT", "SYS-ATS", str(unnoticed["vendor_id"]), date(2026, 3, 11), hits=40)
    plan.fault(
        control,
        "AOI",
        str(unnoticed["vendor_id"]),
        "data sent without contract",
        "取扱なしと登録した先へ個人情報を送信、契約なし",
    )


def _contracts_in_order(group: Group, plan: Plan) -> None:
    control = "VEN-02"

    def near(company: str, kind: str, note: str, *contracts: dict[str, Cell]) -> None:
        row = _known(group, company, "T2")
        examine(group, row, "questionnaire", 100)
        for fields in contracts:
            sign(group, row, **fields)
        plan.near(control, company, str(row["vendor_id"]), kind, note)

    near("AOI", "last day", "契約の最終日", {"ends_on": AS_OF})
    near(
        "MID",
        "followed the next day",
        "満了の翌日から新契約",
        {"ends_on": ago(1)},
        {"starts_on": AS_OF, "ends_on": ago(-365)},
    )
    near(
        "AOI",
        "one of two is whole",
        "覚書は部分的だが基本契約が全条項を持つ",
        {},
        {"clauses": CLAUSES[:2], "nda": False},
    )
    idle = vendor(group, "MID", "T3", contract=False, handles_personal_data=False)
    plan.near(control, "MID", str(idle["vendor_id"]), "no personal data", "個人情報を扱わない取引先に契約条項は不要")


def _audits(group: Group, plan: Plan) -> None:
    control = "VEN-04"

    def fault(company: str, tier: str, kind: str, note: str) -> dict[str, Cell]:
        row = _known(group, company, tier)
        sign(group, row)
        plan.fault(control, company, str(row["vendor_id"]), kind, note, aspect="vendor")
        return row

    examine(group, fault("AOI", "T1", "T1 by questionnaire", "T1に書面監査のみ"), "questionnaire", 100)
    examine(group, fault("MID", "T1", "T1 366 days ago", "実地監査から366日"), "on_site", 366)
    examine(
        group, fault("AOI", "T2", "T2 without samples", "書面監査だが抽出確認なし"), "questionnaire", 100, samples=0
    )
    examine(group, fault("MID", "T3", "T3 731 days ago", "監査から731日"), "questionnaire", 731)
    fault("AOI", "T3", "never audited", "一度も監査していない")
    examine(
        group,
        fault("MID", "T2", "report without scope", "報告書に対象範囲の記載なし"),
        "questionnaire",
        100,
        has_scope=False,
    )
    waived = fault("AOI", "T3", "never audited, waived", "例外承認あり(印は付くが消えない)")
    waive(group, control, "AOI", str(waived["vendor_id"]), "5月の実地監査を予約済")


def _audits_in_time(group: Group, plan: Plan) -> None:
    control = "VEN-04"

    def near(company: str, tier: str, method: str, days: int, kind: str, note: str) -> None:
        row = _known(group, company, tier)
        sign(group, row)
        examine(group, row, method, days)
        plan.near(control, company, str(row["vendor_id"]), kind, note)

    near("AOI", "T1", "remote", 365, "T1 365 days ago", "遠隔監査からちょうど365日")
    near("MID", "T3", "questionnaire", 730, "T3 730 days ago", "監査からちょうど730日")
    near("MID", "T2", "questionnaire", 365, "T2 365 days ago", "書面監査からちょうど365日")


def _after_incidents(group: Group, plan: Plan) -> None:
    control = "VEN-04"

    def struck(company: str, days: int) -> dict[str, Cell]:
        row = _known(group, company, "T2")
        sign(group, row)
        examine(group, row, "questionnaire", 250)
        moment = at(ago(days), 11)
        incident(group, company, str(row["department"]), moment, vendor_id=row["vendor_id"], vendor_noticed_at=moment)
        return row

    missed = struck("AOI", 91)
    plan.fault(
        control,
        "AOI",
        str(missed["vendor_id"]),
        "no special audit in 90 days",
        "事案から91日、特別監査なし",
        aspect="vendor",
    )
    due = struck("MID", 90)
    plan.near(control, "MID", str(due["vendor_id"]), "90 days after an incident", "事案から90日目で期限内")
    done = struck("AOI", 150)
    examine(group, done, "special", 60)
    plan.near(control, "AOI", str(done["vendor_id"]), "special audit on the 90th day", "事案の90日後に特別監査")


def _vendor_findings(group: Group, plan: Plan) -> None:
    control = "VEN-05"

    def raised(company: str, days: int, **fields: Cell) -> dict[str, Cell]:
        tier = "T1"
        partner = next(group.rows("vendors", company=company, tier=tier, status="active"))
        department = str(partner["department"])
        return finding(
            group,
            company,
            department,
            ago(days),
            origin="vendor_audit",
            vendor_id=partner["vendor_id"],
            **(UNDONE | fields),
        )

    def fault(row: dict[str, Cell], kind: str, note: str) -> None:
        company, number = str(row["company"]), str(row["finding_id"])
        plan.fault(control, company, number, kind, note)
        plan.fault("ORG-5-04", company, number, kind, note, aspect="finding")

    fault(raised("AOI", 60, due_on=None, due_set_on=None), "no due date", "是正期限の設定なし")
    fault(raised("MID", 60, due_on=ago(1)), "one day overdue", "是正期限を1日超過")
    fault(raised("AOI", 90, due_on=ago(31)), "31 days overdue, not escalated", "31日超過、上申なし")
    fault(
        raised("MID", 160, due_on=ago(91), severity="critical", escalated_on=ago(60)),
        "91 days overdue, not suspended",
        "重大な指摘が91日超過、取引停止の判断なし",
    )

    seen = _known(group, "MID", "T2")
    sign(group, seen)
    told = examine(group, seen, "questionnaire", 60, remark=5)
    fault(
        {"company": "MID", "finding_id": f"{told.id}-05"},
        "noted on the sheet, never followed up",
        "監査票の指摘に期限・原因・担当がない",
    )

    def near(row: dict[str, Cell], kind: str, note: str) -> None:
        plan.near(control, str(row["company"]), str(row["finding_id"]), kind, note)
        plan.near("ORG-5-04", str(row["company"]), str(row["finding_id"]), kind, note)

    near(raised("AOI", 60, due_on=AS_OF), "due today", "本日が期限")
    near(
        raised("MID", 60, due_on=ago(20), completed_on=ago(20), implemented_by=group.posts["MID-ADM", "deputy"]),
        "done on the day",
        "期限当日に是正済、有効性確認は期限前",
    )
    new = open_days_after(AS_OF, -3)
    bare: dict[str, Cell] = {"cause": None, "correction": None, "owner_key": None}
    near(
        raised("AOI", (AS_OF - new).days, due_on=ago(-30), due_set_on=new, **bare),
        "three business days old",
        "指摘から3営業日、期限は設定済、原因の調査は期限前",
    )
    undated = str(raised("MID", (AS_OF - new).days, due_on=None, due_set_on=None, **bare)["finding_id"])
    plan.fault(control, "MID", undated, "no due date yet", "指摘から3営業日、是正期限の設定なし")
    plan.near("ORG-5-04", "MID", undated, "no due date yet", "期限の設定は10営業日以内でよい")


def _countries(group: Group, plan: Plan) -> None:
    control = "EXT-02"

    def fault(company: str, country: str, kind: str, note: str) -> None:
        row = _known(group, company, "T3")
        sign(group, row)
        examine(group, row, "questionnaire", 100)
        location = group.row("storage_locations", holder_id=row["vendor_id"])
        location["server_country"] = location["operator_country"] = country
        plan.fault(control, company, country, kind, note)

    fault("AOI", "PH", "assessed 366 days ago", "評価から366日")
    assess_country(group, "PH", 366)
    fault("MID", "IN", "government access not described", "政府アクセスの記載なし")
    assess_country(group, "IN", government_access=None)
    fault("AOI", "TH", "not approved", "評価が未承認")
    assess_country(group, "TH", approved_by=None)
    fault("MID", "KR", "no measures tied", "結び付いた措置がない")
    assess_country(group, "KR", measures=())
    partner = next(group.rows("vendors", company="AOI", tier="T2"))
    declare(group, partner, "ベトナム架空開発", "VN")
    plan.fault(control, "AOI", "VN", "sub-vendor's country not assessed", "再委託先の保管国に評価がない")
    group.cloud.append(Cloud("arn:aws:s3:::mid-report", "MID", "SYS-WMS", "bucket", "eu-central-1", "DE"))
    locate(group, "MID", "system", "SYS-WMS", "DE", "DE", "cloud_api")
    plan.fault(control, "MID", "DE", "real region not assessed", "クラウドの実リージョンの国に評価がない")


def _countries_in_order(group: Group, plan: Plan) -> None:
    control = "EXT-02"
    for company, country, days, kind, note in (
        ("AOI", "IE", 365, "assessed 365 days ago", "評価からちょうど365日"),
        ("MID", "AU", 100, "group assessment", "グループ共通の評価を使う"),
    ):
        row = _known(group, company, "T3")
        sign(group, row)
        examine(group, row, "questionnaire", 100)
        group.row("storage_locations", holder_id=row["vendor_id"])["server_country"] = country
        assess_country(group, country, days)
        plan.near(control, company, country, kind, note)
    assess_country(group, "AU", 700, assessment_version="2024")
    plan.near(control, "AOI", "US", "assessed", "評価済の国の配信サービス")
    plan.near(control, "MID", "SG", "assessed", "評価済の国の受託システム")
    plan.near(control, "AOI", "JP", "not foreign", "国内保管に評価は不要")
