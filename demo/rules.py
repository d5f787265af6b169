"""What the group has decided and appointed: posts, documents, courses, purposes, words, zones, answers."""

from datetime import date

from demo.days import OPEN_END, ago, at
from demo.group import COMPANIES, Group
from demo.values import Cell

POLICY_ELEMENTS = ("事業者名称", "法令・指針遵守", "安全管理", "窓口", "継続的改善", "制定日・改定日", "代表者名")
DOCUMENTS = (
    "POLICY",
    "HANDLING",
    "STRUCTURE",
    "TRAINING",
    "OUTSOURCING",
    "ENTRY",
    "DEVICES",
    "DISPOSAL",
    "ACCESS",
    "LOGS",
    "INCIDENT",
    "REQUESTS",
    "PROVISION",
    "FOREIGN",
    "AUDIT",
    "DOCUMENTS",
    "TELEWORK",
    "MY_NUMBER",
)
CATEGORIES = {
    "会員": ("01", "02", "03"),
    "取引先役職員": ("09", "10"),
    "問合せ者": ("14", "15"),
    "応募者": ("23",),
    "来訪者": ("19",),
    "従業者・家族": ("24",),
    "受託元の本人": ("13",),
    "ウェブ閲覧者": ("16",),
}
APPROVED = date(2024, 6, 1)  # when the documents in force were approved
_WORDS = {
    "special_care": ("健康診断", "障害者手帳", "病歴", "傷病手当", "犯罪歴", "宗教", "労組"),
    "my_number": ("個人番号", "マイナンバー"),
    "generic_purpose": ("業務のため", "事業活動", "社内利用"),
    "retention_refused": ("永久", "当面", "必要な期間"),
}


def build(group: Group) -> None:
    """Fill the registers of rules for both companies, all in order."""
    for kind, words in _WORDS.items():
        for word in words:
            group.add("vocabulary", kind=kind, term=word)
    for course, version, kind, first, last in (
        ("PI-ANNUAL", "2024", "annual", date(2024, 4, 1), date(2025, 4, 15)),
        ("PI-ANNUAL", "2025", "annual", date(2025, 4, 1), OPEN_END),
        ("PI-ONBOARD", "2025", "onboarding", date(2023, 4, 1), OPEN_END),
    ):
        group.add(
            "courses",
            company=None,
            course=course,
            content_version=version,
            kind=kind,
            for_role=None,
            pass_mark=80,
            approved_from_on=first,
            approved_to_on=last,
        )
    for company in COMPANIES:
        _company(group, company)


def _company(group: Group, company: str) -> None:
    representative = group.posts[company, "representative"]
    group.add(
        "companies",
        company=company,
        name=COMPANIES[company],
        representative_key=representative,
        address="東京都架空区見本町1-2-3" if company == "AOI" else "大阪府架空市例示町4-5-6",
        in_scope=True,
        fiscal_year_starts="04-01",
    )
    for (scope, post), no in sorted(group.posts.items()):
        if scope == company or scope.startswith(f"{company}-"):
            appoint(group, company, None if scope == company else scope, post, no)
    for code in DOCUMENTS:
        document(group, company, code)
    for element in POLICY_ELEMENTS:
        _element(group, company, element)
    for category, codes in CATEGORIES.items():
        for code in codes:
            group.add(
                "purposes",
                company=company,
                purpose_code=purpose(company, code),
                category=category,
                published_from_on=date(2022, 4, 1),
                published_to_on=OPEN_END,
                generic=False,
            )
    _zones(group, company)
    _exercises(group, company)
    for control in ("POL-01", "ORG-2-02", "VEN-04"):
        attest(group, company, control)


def purpose(company: str, code: str) -> str:
    """A purpose code: the register's key has no company, so each has its own series."""
    return f"{'P' if company == 'AOI' else 'M'}{code}"


def appoint(
    group: Group,
    company: str,
    department: str | None,
    role: str,
    no: str,
    first: date = date(2019, 4, 1),
    last: date = OPEN_END,
) -> None:
    """Appoint a person to a post."""
    group.add(
        "appointments",
        company=company,
        department=department,
        appointment_id=group.number("appointment", "APT-{:04d}"),
        role=role,
        scope_id=None,
        person_key=no,
        appointed_by=group.posts[company, "representative"],
        appointed_on=first,
        ends_on=last,
    )


def change(group: Group, company: str, thing: str, kind: str, days: int) -> None:
    """Write a change, so many days ago, that names one thing."""
    group.add(
        "changes",
        company=company,
        department=None,
        change_id=group.number("change", "CH-{:04d}"),
        kind=kind,
        affects=(thing,),
        effective_on=ago(days),
        review_approved_on=None,
        pia_ref=None,
        production_data=False,
        production_data_basis=None,
    )


def document(group: Group, company: str, code: str, **fields: Cell) -> None:
    """Write a document in force, reviewed within the year, with the version that it replaced."""
    approver = group.posts[company, "representative" if code == "POLICY" else "cpo"]
    row: dict[str, Cell] = {
        "company": company,
        "department": None,
        "document_code": code,
        "document_version": "3.0",
        "status": "effective",
        "adopted_from_company": None,
        "adoption_record": None,
        "sha256_normalised": f"{group.rng.getrandbits(256):064x}",
        "author_key": group.posts[f"{company}-ADM", "deputy"],
        "approved_by": approver,
        "approved_on": APPROVED,
        "effective_on": date(2024, 7, 1),
        "reviewed_on": ago(group.rng.randrange(95, 300)),
        "revision_reason": "法令改正と運用の見直しによる改訂",
    }
    row |= fields
    group.add("documents", **row)
    replaced: dict[str, Cell] = row | {
        "document_version": "2.0",
        "status": "superseded",
        "approved_on": date(2022, 6, 1),
        "effective_on": date(2022, 7, 1),
        "reviewed_on": date(2023, 7, 1),
    }
    group.add("documents", **replaced)


def _element(group: Group, company: str, element: str) -> None:
    group.add(
        "document_elements",
        company=company,
        element_key=group.number("element", "EL-{:04d}"),
        document_code="POLICY",
        document_version="3.0",
        element=element,
        stage=None,
        aspect=None,
        value="記載あり",
        clause_ref="基本方針",
        confirmed_by=group.posts[company, "cpo"],
    )


def _zones(group: Group, company: str) -> None:
    manager = group.posts[f"{company}-ADM", "dept_privacy_manager"]
    for code, kind in (("SRV", "controlled"), ("DOC", "controlled"), ("WRK", "handling"), ("MYN", "handling")):
        row: dict[str, Cell] = {
            "company": company,
            "department": f"{company}-ADM",
            "zone_id": f"Z-{company}-{code}",
            "site": "本社",
            "class": kind,
            "manager_key": manager,
            "plan_ref": f"PLAN-{company}-{code}",
            "reader_ids": () if code == "WRK" else (f"RD-{company}-{code}",),
        }
        group.add("zones", **row)


def _exercises(group: Group, company: str) -> None:
    for kind in ("breach_drill", "reach_test"):
        group.add(
            "exercises",
            company=company,
            department=None,
            exercise_id=group.number("exercise", "EX-{:04d}"),
            kind=kind,
            scope_id=None,
            performed_on=ago(group.rng.randrange(30, 300)),
            result="passed",
            reply_minutes=35 if kind == "reach_test" else None,
            finding_ids=(),
        )


def attest(group: Group, company: str, control: str) -> None:
    """Let the privacy officer answer for the whole company."""
    group.add(
        "attestations",
        company=company,
        department=None,
        attestation_id=group.number("attestation", "ATT-{:04d}"),
        control_id=control,
        question=control,
        question_version="1",
        subject_kind="company",
        subject=company,
        answer="yes",
        fact="記載・記録を突き合わせて確認した",
        evidence=(),
        answered_by=group.posts[company, "cpo"],
        answered_at=at(ago(20), 11),
        expires_on=ago(-300),
    )
