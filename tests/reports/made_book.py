"""The invented management book of the company of ``made``."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from reports.management_book import BookView
from tests.reports.made import AS_OF, COMPANY, COMPANY_NAME, DEPARTMENTS, KNOWN_AT, hidden, person


def entry(number: int, **changes: Any) -> dict[str, Any]:
    """A row of the management book: every column filled for an even number, what may be empty is for an odd one."""
    full = number % 2 == 0
    row: dict[str, Any] = {
        "company": COMPANY,
        "department": DEPARTMENTS[number % 8][0],
        "entry_id": f"{COMPANY}-{DEPARTMENTS[number % 8][0]}-{number:04d}",
        "entry_version": 1 + number % 3,
        "status": ("draft", "requested", "approved", "abolished")[number % 4],
        "process": "求人サービスの利用登録と応募の取次ぎ",
        "name": f"各サービスのご利用者情報({number})",
        "subject_kinds": ["求職者・会員", "問合せ者"],
        "items": ["氏名", "生年月日", "住所", "電話番号", "メールアドレス", "職務経歴", "希望条件"][: 2 + number % 6],
        "legal_class": (
            "pi",
            "personal_data",
            "retained",
            "entrusted",
            "person_related",
            "pseudonymised",
            "anonymised",
        )[number % 7],
        "special_care": full,
        "special_care_kinds": ["障害", "健診結果"] if full else [],
        "special_care_basis": "同意書 第3版" if full else None,
        "my_number": number % 10 == 0,
        "esl_restricted": full or None,
        "esl_reason": "職務の遂行に必要な資格の確認" if full else None,
        "volume": 1_250_000 + number if full else None,
        "volume_on": date(2026, 8, 31) if full else None,
        "purposes": ["P01", "P02", "P03", "P05", "P07"][: 1 + number % 5],
        "acquisition": "本人から直接書面(ウェブを含む)",
        "notice_ref": "プライバシーポリシー 2026-04 版" if full else None,
        "consent_ref": "同意書 第3版(取得時に明示)" if full else None,
        "collected_from_on": date(2015, 10, 1) if full else None,
        "collected_to_on": date(9999, 12, 31) if full else None,
        "media": ("electronic", "paper", "both", "av")[number % 4],
        "db_ids": ["DB-MEMBER"],
        "system_ids": ["SYS-JOB", "SYS-CRM"],
        "zone_ids": ["Z-ARCHIVE"] if full else [],
        "countries": ["JP", "US"] if full else ["JP"],
        "protection": "保存時暗号化(AES-256)、権限管理、閲覧記録の取得、紙は施錠保管" if full else None,
        "owner_key": person(number),
        "access_group": "GRP-JOB-OPERATIONS",
        "use_until": "退会日から3年" if full else None,
        "retention_start": "退会日" if full else None,
        "retention_months": 36 if full else None,
        "retention_law": "労働基準法第109条" if number % 8 == 2 else None,
        "statutory_until_on": date(2031, 3, 31) if number % 8 == 2 else None,
        "hold_approval_id": None,
        "oldest_on": date(2023, 1, 15) if full else None,
        "disposal": "復元できない方法で消去し、消去証明書を残す" if full else None,
        "vendor_ids": ["V-0012", "V-0107"] if full else [],
        "provided": ("none", "consent", "opt_out", "law", "succession")[number % 5],
        "recipient_ids": ["R1", "R2"] if full else [],
        "provision_details": "氏名・職務経歴 / 暗号化したウェブシステム" if full else None,
        "foreign_route": "US: 本人の同意(EXT-03)" if full else None,
        "scope_ids": ["S1"] if full else [],
        "received": "紹介会社から紹介状として" if full else None,
        "usage_log_match": ("none", "own", "third_party")[number % 3],
        "ml_use": "求人の推薦(P05)" if full else None,
        "dsar_scope": full,
        "dsar_exclusion_reason": None if full else "受託のため",
        "doc_refs": ["REG-001", "REG-014"] if full else [],
        "author_key": person(number + 1),
        "department_approved_by": person(number + 2) if full else None,
        "department_approved_on": date(2026, 6, 1) if full else None,
        "approved_by": person(number + 3) if full else None,
        "approved_on": date(2026, 6, 8) if full else None,
        "confirmed_by": person(number + 3) if full else None,
        "confirmed_on": date(2026, 6, 8) if full else None,
        "next_due_on": date(2027, 6, 7) if full else None,
        "provenance": "regulation" if full else None,
        "provenance_refs": ["E-0003"] if full else [],
        "entruster": "みなと通販" if number % 14 == 10 else None,
        "entrusted_work": "問合せの受付" if number % 14 == 10 else None,
        "entruster_contract": "業務委託契約書 第2版" if number % 14 == 10 else None,
        "entruster_contact": "みなと通販 情報管理窓口" if number % 14 == 10 else None,
        "entered_at": KNOWN_AT - timedelta(days=100 - number),
        "entered_by": person(number + 1),
        "valid_from_on": date(2026, 6, 1),
    }
    return row | changes


def book(entries: Sequence[Mapping[str, Any]] | None = None, hide: Callable[[str], str] = hidden) -> BookView:
    """The book of an invented company: forty entries, some with three versions."""
    rows = [entry(n) for n in range(40)] if entries is None else entries
    told = tuple(
        sorted(({k: _hidden(v, hide) for k, v in row.items()} for row in rows), key=lambda row: row["entry_id"])
    )
    earlier = [
        row
        | {
            "entry_version": version,
            "status": "approved",
            "entered_at": row["entered_at"] - timedelta(days=400 * (row["entry_version"] - version)),
        }
        for row in told
        for version in range(1, row["entry_version"] + 1)
    ]
    risks = {
        row["entry_id"]: {"acquire": "low", "move": "medium", "use": "high", "store": "low", "erase": "medium"}
        for row in told[::2]
    }
    return BookView(COMPANY, COMPANY_NAME, AS_OF, KNOWN_AT, told, risks, tuple(earlier), drift=())


def _hidden(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return hide(value)
    return [hide(one) for one in value] if isinstance(value, list) else value
