"""The management book: entries that keep all 24 rules of domain.md §2.2, with their risks."""

from datetime import date, timedelta

from demo.days import OPEN_END, ago
from demo.group import COMPANIES, Group
from demo.rules import CATEGORIES, purpose
from demo.values import Cell

STAGES = {"acquire": "low", "move": "medium", "use": "medium", "store": "low", "erase": "low"}
NOTHING = "なし"  # as people fill in a required cell when there is nothing to tell
COLLECTED_FROM = date(2016, 4, 1)
_ELECTRONIC = (
    ("AOI", "AOI-SAL", "会員管理", "会員登録情報", "会員", "SYS-CRM", ("DB-CRM-MEM",)),
    ("AOI", "AOI-CSC", "問合せ対応", "問合せ受付記録", "問合せ者", "SYS-CRM", ("DB-CRM-INQ",)),
    ("AOI", "AOI-MKT", "採用", "応募者情報", "応募者", "SYS-ATS", ("DB-ATS-APP",)),
    ("AOI", "AOI-MKT", "案内配信", "案内配信先名簿", "会員", "SYS-MKT", ("DB-MKT-SUB",)),
    ("AOI", "AOI-SYS", "分析", "利用状況分析用データ", "会員", "SYS-AWS", ("aoi-analysis",)),
    ("AOI", "AOI-SYS", "保守", "本番保守の作業記録", "会員", "SYS-TKT", ("DB-TKT-OPS",)),
    ("AOI", "AOI-SYS", "社内連絡", "社内ポータル利用者名簿", "従業者・家族", "SYS-WIKI", ("DB-WIKI",)),
    ("AOI", "AOI-ADM", "人事給与", "従業者名簿", "従業者・家族", "SYS-HRM", ("DB-HRM-EMP",)),
    ("MID", "MID-OPS", "配送手配", "配送先名簿", "会員", "SYS-WMS", ("DB-WMS-SHP",)),
    ("MID", "MID-SUP", "受託窓口", "受託問合せ記録", "受託元の本人", "SYS-SUP", ("DB-SUP-CASE",)),
    ("MID", "MID-SUP", "保守", "保守作業記録", "会員", "SYS-MNT", ("DB-MNT-OPS",)),
    ("MID", "MID-ADM", "人事給与", "従業者名簿", "従業者・家族", "SYS-MHR", ("DB-MHR-EMP",)),
)
_ITEMS = ("氏名", "住所", "電話番号", "メールアドレス")


def build(group: Group) -> None:
    """Write one entry for each use of each store, the paper ones, and those that list the vendors."""
    _shared_use(group)
    for company, department, process, name, kind, system, stores in _ELECTRONIC:
        entry(
            group,
            company,
            department,
            name,
            process,
            kind,
            system_ids=(system,),
            db_ids=stores,
            countries=_countries(group, system),
        )
    entry(
        group,
        "AOI",
        "AOI-ADM",
        "個人番号関係事務の台帳",
        "人事給与",
        "従業者・家族",
        system_ids=("SYS-HRM",),
        db_ids=("DB-HRM-MYN",),
        zone_ids=("Z-AOI-MYN",),
        items=("個人番号",),
        my_number=True,
        access_group="GRP-AOI-MYN",
    )
    entry(
        group,
        "AOI",
        "AOI-ADM",
        "健康診断結果",
        "労務",
        "従業者・家族",
        system_ids=("SYS-HRM",),
        db_ids=("DB-HRM-EMP",),
        items=("氏名", "健康診断"),
        special_care=True,
        special_care_kinds=("健診結果",),
        special_care_basis="本人の同意(入社時同意書 第2版)",
        consent_ref="入社時同意書 第2版",
    )
    _provided(group)
    for company in COMPANIES:
        _paper(group, company)
    for unit in group.departments:
        own = list(group.rows("vendors", department=unit.code, handles_personal_data=True, status="active"))
        if own:
            entry(
                group,
                unit.company,
                unit.code,
                f"{unit.name}の委託業務用名簿",
                "外部委託",
                "会員",
                system_ids=(_own_system(unit.company),),
                vendor_ids=tuple(str(v["vendor_id"]) for v in own),
            )
    _counts(group)


def _counts(group: Group) -> None:
    """What every store counts of itself: all within its retention."""
    for number, store in enumerate(list(group.rows("data_stores"))):
        count(group, str(store["db_id"]), ago(400 + 20 * number))


def count(group: Group, store: str, oldest: date, *, entry_id: str | None = None, expired: int = 0) -> None:
    """Write what a store counts of itself, for one entry or for all that name it."""
    group.add(
        "store_statistics",
        db_id=store,
        entry_id=entry_id,
        oldest_record_on=oldest,
        expired_records=expired,
        measured_on=ago(2),
    )


def _own_system(company: str) -> str:
    return "SYS-CRM" if company == "AOI" else "SYS-WMS"


def _countries(group: Group, system: str) -> tuple[str, ...]:
    return (str(group.row("systems", system_id=system)["server_country"]),)


def entry(
    group: Group, company: str, department: str, name: str, process: str, kind: str, **fields: Cell
) -> dict[str, Cell]:
    """Write an approved entry that keeps every rule, with risks of all five stages; fields override."""
    number = f"{company}-{department[4:]}-{group.number(f'entry {department}')}"
    foreign = any(c != "JP" for c in fields.get("countries") or ())  # type: ignore[union-attr]
    entrusted = kind == "受託元の本人"
    confirmed = ago(group.rng.randrange(20, 300))
    row: dict[str, Cell] = {
        "company": company,
        "department": department,
        "entry_id": number,
        "entry_version": 1,
        "status": "approved",
        "process": process,
        "name": name,
        "subject_kinds": (kind,),
        "items": _ITEMS,
        "legal_class": "entrusted" if entrusted else "retained",
        "special_care": False,
        "special_care_kinds": (),
        "special_care_basis": None,
        "my_number": False,
        "esl_restricted": False,
        "volume": 100 + group.rng.randrange(4000),
        "volume_on": ago(group.rng.randrange(20, 300)),
        "purposes": tuple(purpose(company, code) for code in CATEGORIES[kind][:2]),
        "acquisition": "受託" if entrusted else "本人から直接書面(ウェブを含む)",
        "notice_ref": "委託契約書 第2版" if entrusted else "利用目的の公表 第4版",
        "collected_from_on": COLLECTED_FROM,
        "collected_to_on": OPEN_END,
        "media": "electronic",
        "db_ids": (),
        "system_ids": (),
        "zone_ids": (),
        "countries": ("JP",),
        "protection": "暗号化とアクセス制御",
        "owner_key": group.posts[department, "dept_privacy_manager"],
        "access_group": f"GRP-{department}",
        "use_until": "利用目的の達成まで",
        "retention_start": "利用終了日",
        "retention_months": 36,
        "retention_law": None,
        "statutory_until_on": None,
        "hold_approval_id": None,
        "oldest_on": ago(group.rng.randrange(100, 900)),
        "disposal": "degauss",
        "vendor_ids": (),
        "provided": "none",
        "recipient_ids": (),
        "foreign_route": "契約による相当措置と国別評価に基づく保管" if foreign else NOTHING,
        "scope_ids": (),
        "received": "委託元から契約に基づき受領" if entrusted else NOTHING,
        "usage_log_match": "none",
        "consent_ref": None,
        "ml_use": NOTHING,
        "dsar_scope": not entrusted,
        "dsar_exclusion_reason": "受託分であり開示等の権限がない" if entrusted else None,
        "entruster": "みなと通販" if entrusted else None,
        "entrusted_work": "問合せの受付" if entrusted else None,
        "entruster_contract": "業務委託契約書 第2版" if entrusted else None,
        "entruster_contact": "みなと通販 情報管理窓口" if entrusted else None,
        "doc_refs": ("HANDLING",),
        "author_key": group.posts[department, "deputy"],
        "department_approved_by": group.posts[department, "dept_privacy_manager"],
        "department_approved_on": date(2025, 5, 26),
        "approved_by": group.posts[company, "cpo"],
        "approved_on": date(2025, 6, 2),
        "confirmed_by": group.posts[department, "dept_privacy_manager"],
        "confirmed_on": confirmed,
        "next_due_on": confirmed + timedelta(days=365),
        "provenance": "hearing",
        "provenance_refs": (f"聞取り記録 {department}",),
    }
    written = group.add("book_entries", **(row | fields))
    for stage, residual in STAGES.items():
        group.add("book_risks", entry_id=number, stage=stage, residual=residual)
    return written


def _paper(group: Group, company: str) -> None:
    zone, admin = f"Z-{company}-DOC", f"{company}-ADM"
    group.add(
        "data_stores",
        company=company,
        department=admin,
        db_id=f"PAPER-{company}-01",
        system_id=None,
        zone_id=zone,
        special_care=False,
        my_number=False,
        holds_personal_data=True,
    )
    for name, kind in (("入社書類綴り", "従業者・家族"), ("来訪者受付票", "来訪者")):
        entry(
            group,
            company,
            admin,
            name,
            "総務",
            kind,
            media="paper",
            zone_ids=(zone,),
            db_ids=(f"PAPER-{company}-01",),
            disposal="shred",
            protection="施錠保管",
        )
    system = _own_system(company)
    entry(
        group,
        company,
        admin,
        "入退室記録・監視カメラ映像",
        "警備",
        "来訪者",
        system_ids=(system,),
        media="av",
        disposal="destroy",
    )
    entry(
        group,
        company,
        admin,
        "ウェブ閲覧記録(Cookie等)",
        "広報",
        "ウェブ閲覧者",
        system_ids=(system,),
        legal_class="person_related",
    )


def _provided(group: Group) -> None:
    for company, department, recipient, system in (
        ("AOI", "AOI-MKT", "REC-01", "SYS-ATS"),
        ("MID", "MID-OPS", "REC-02", "SYS-WMS"),
    ):
        entry(
            group,
            company,
            department,
            "求人企業への提供情報",
            "紹介",
            "会員",
            system_ids=(system,),
            provided="consent",
            recipient_ids=(recipient,),
            provision_details="応募に必要な氏名・連絡先を暗号化したウェブシステムで提供",
            consent_ref="利用規約同意 第5版",
        )
    entry(
        group,
        "AOI",
        "AOI-SAL",
        "取引先担当者名簿",
        "取引先管理",
        "取引先役職員",
        system_ids=("SYS-CRM",),
        scope_ids=("S1",),
        items=("氏名", "電話番号"),
    )


def _shared_use(group: Group) -> None:
    for company in COMPANIES:
        group.add(
            "shared_use_scopes",
            scope_id="S1",
            scope_version="1",
            company=company,
            items=("氏名", "電話番号", "メールアドレス", "取引・商談・接触履歴"),
            purposes=(purpose(company, "09"), purpose(company, "10")),
            manager_complete=True,
            collected_from_on=date(2015, 10, 1),
            collected_to_on=OPEN_END,
            change_basis=None,
        )
