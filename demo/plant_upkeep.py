"""Planted in how the management book is kept up: ORG-3-01, ORG-3-03, ORG-3-05 and ORG-3-06."""

from datetime import date

from demo.book import count, entry
from demo.days import OPEN_END, ago, at
from demo.group import Group, copied
from demo.plan import Plan
from demo.rules import appoint, change
from demo.values import Cell, Department
from demo.vendors import vendor

_CRM: dict[str, Cell] = {"system_ids": ("SYS-CRM",)}
_WMS: dict[str, Cell] = {"system_ids": ("SYS-WMS",)}
_ADDED_PURPOSE = "P31"


def plant(group: Group, plan: Plan) -> None:
    """Plant departments that did not answer, and entries that nobody rightly looked at again."""
    _departments_without_answer(group, plan)
    _departments_that_answered(group, plan)
    _wrongly_confirmed(group, plan)
    _changed_since(group, plan)
    _kept_too_long(group, plan)
    _rightly_kept(group, plan)
    _beyond_the_notice(group, plan)
    _my_number(group, plan)


def _department(group: Group, code: str, name: str, *, in_scope: bool = True) -> str:
    """Set up a department that handles no personal data."""
    group.departments.append(Department(code[:3], code, name, in_scope=in_scope))
    return code


def _nil_return(group: Group, department: str, answered: date, expires: date) -> None:
    company = department[:3]
    group.add(
        "attestations",
        company=company,
        department=department,
        attestation_id=group.number("attestation", "ATT-{:04d}"),
        control_id="ORG-3-01",
        question="nil_return",
        question_version="1",
        subject_kind="department",
        subject=department,
        answer="nil",
        fact="台帳に記載すべき取扱いなし",
        evidence=(),
        answered_by=group.posts[f"{company}-ADM", "dept_privacy_manager"],
        answered_at=at(answered, 10),
        expires_on=expires,
    )


def _departments_without_answer(group: Group, plan: Plan) -> None:
    control = "ORG-3-01"
    silent = _department(group, "AOI-LEG", "法務室")
    plan.fault(control, "AOI", silent, "no answer", "記載も該当なしの届出もない部門")
    planning = _department(group, "AOI-PRJ", "新規事業準備室")
    drafted = entry(group, "AOI", "AOI-SAL", "新規事業の見込客名簿", "企画", "会員", **_CRM, status="draft")
    drafted["department"] = planning
    plan.fault(control, "AOI", planning, "only a draft", "下書きの記載しかない部門")
    old = _department(group, "MID-AUD", "監査室")
    _nil_return(group, old, ago(366), ago(1))
    plan.fault(control, "MID", old, "nil return of 366 days ago", "該当なしの届出から366日")
    ended = _department(group, "MID-TRN", "研修室")
    _nil_return(group, ended, ago(200), ago(1))
    plan.fault(control, "MID", ended, "nil return expired", "該当なしの届出の期限が前日に切れた")


def _departments_that_answered(group: Group, plan: Plan) -> None:
    control = "ORG-3-01"
    last = _department(group, "AOI-PLN", "経営企画室")
    _nil_return(group, last, ago(365), ago(0))
    plan.near(control, "AOI", last, "nil return of 365 days ago", "該当なしの届出から365日、期限は当日")
    shop = _department(group, "MID-CAF", "社員食堂", in_scope=False)
    plan.near(control, "MID", shop, "out of scope", "点検の対象外の部門")
    plan.near(control, "AOI", "AOI-SAL", "a draft beside approved entries", "下書きのほかに承認済の記載がある部門")


def _entry(group: Group, company: str, note: str, **fields: Cell) -> str:
    department, base = ("AOI-SAL", _CRM) if company == "AOI" else ("MID-OPS", _WMS)
    return str(entry(group, company, department, f"{note}の名簿", "営業", "会員", **(base | fields))["entry_id"])


def _fault(plan: Plan, company: str, subject: str, kind: str, note: str) -> None:
    plan.fault("ORG-3-03", company, subject, kind, note, aspect="confirmation")


def _near(plan: Plan, company: str, subject: str, kind: str, note: str) -> None:
    plan.near("ORG-3-03", company, subject, kind, note, aspect="confirmation")


def _wrongly_confirmed(group: Group, plan: Plan) -> None:
    subject = _entry(group, "AOI", "副責任者確認", confirmed_by=group.posts["AOI-SAL", "deputy"])
    _fault(plan, "AOI", subject, "confirmed by the deputy", "部門管理者ではなく副責任者が確認")
    former = group.take("MID", "MID-OPS")
    appoint(group, "MID", "MID-OPS", "dept_privacy_manager", former.no, ago(3000), ago(101))
    subject = _entry(group, "MID", "前任者確認", confirmed_by=former.no, confirmed_on=ago(100))
    _fault(plan, "MID", subject, "confirmer's post had ended", "前日に任期が終わった部門管理者が確認")
    subject = _entry(group, "MID", "任期最終日確認", confirmed_by=former.no, confirmed_on=ago(101))
    _near(plan, "MID", subject, "confirmed on the last day of the post", "任期の最終日に部門管理者が確認")
    subject = _entry(group, "MID", "監査責任者承認", approved_by=group.posts["MID", "audit_officer"])
    _fault(plan, "MID", subject, "not approved by the privacy officer", "個人情報保護管理者ではない者が承認")


def _changed_since(group: Group, plan: Plan) -> None:
    def of_vendor(company: str, days: int, kind: str, confirmed: date) -> str:
        partner = str(vendor(group, company, "T3")["vendor_id"])
        change(group, company, partner, kind, days)
        return _entry(group, company, f"{partner} 委託", vendor_ids=(partner,), confirmed_on=confirmed)

    subject = of_vendor("AOI", 31, "vendor_change", ago(60))
    _fault(plan, "AOI", subject, "31 days after a vendor's change", "委託先の変更から31日、確認なし")
    subject = of_vendor("MID", 30, "vendor_change", ago(60))
    _near(plan, "MID", subject, "30 days after a vendor's change", "委託先の変更から30日目で期限内")
    subject = of_vendor("AOI", 50, "vendor_change", ago(50))
    _near(plan, "AOI", subject, "confirmed on the day of the change", "変更の当日に確認済")
    subject = of_vendor("MID", 90, "reorganisation", ago(120))
    _near(plan, "MID", subject, "a change of another kind", "再確認を要しない種別の変更")
    group.add(
        "purposes",
        company="AOI",
        purpose_code=_ADDED_PURPOSE,
        category="会員",
        published_from_on=ago(40),
        published_to_on=OPEN_END,
        generic=False,
    )
    change(group, "AOI", _ADDED_PURPOSE, "purpose_change", 40)
    subject = _entry(group, "AOI", "追加された利用目的", purposes=(_ADDED_PURPOSE,), confirmed_on=ago(41))
    _fault(plan, "AOI", subject, "40 days after its purpose changed", "利用目的の変更から40日、確認なし")


_THREE_YEARS_AND_A_DAY = date(2023, 3, 30)  # every entry here is kept for 36 months
_THREE_YEARS = date(2023, 3, 31)
_OLD: dict[str, Cell] = {"oldest_on": date(2021, 4, 1)}


def _counted(group: Group, company: str, store: str, oldest: date, expired: int) -> str:
    """An entry with a store of its own that counted its records; the hand count on the entry tells of less."""
    kept = copied(group.row("data_stores", db_id="DB-CRM-MEM" if company == "AOI" else "DB-WMS-SHP"))
    group.add("data_stores", **(kept | {"db_id": store}))
    subject = _entry(group, company, f"{store} 保管", db_ids=(store,), oldest_on=ago(200))
    count(group, store, oldest, entry_id=subject, expired=expired)
    return subject


def _paper(group: Group, company: str, note: str, oldest: date) -> str:
    return _entry(
        group,
        company,
        note,
        system_ids=(),
        zone_ids=(f"Z-{company}-DOC",),
        media="paper",
        disposal="shred",
        oldest_on=oldest,
    )


def _held(group: Group, company: str, note: str, last: date) -> str:
    """An entry far too old, under a legal hold that the privacy officer approved until a day."""
    subject = _entry(group, company, note, **_OLD)
    hold = group.approve(
        "retention_hold",
        company,
        group.posts[company, "cpo"],
        None,
        (subject,),
        requested_by=group.posts[f"{company}-ADM", "dept_privacy_manager"],
        purpose="係争中の法的保全",
        valid_to_at=at(last, 23, 59, 59),
    )
    group.row("book_entries", entry_id=subject)["hold_approval_id"] = hold
    return subject


def _kept_too_long(group: Group, plan: Plan) -> None:
    control = "ORG-3-05"
    subject = _counted(group, "AOI", "DB-CRM-OLD", _THREE_YEARS_AND_A_DAY, 7)
    plan.fault(control, "AOI", subject, "a day over", "計測した最古データが保管期限を1日超過")
    subject = _paper(group, "MID", "期限超過の書類", _THREE_YEARS_AND_A_DAY)
    plan.fault(control, "MID", subject, "paper a day over", "紙の最古データ(手計測)が保管期限を1日超過")
    subject = _held(group, "AOI", "保全終了", ago(1))
    plan.fault(control, "AOI", subject, "legal hold ended", "法的保全の承認が前日に終了")
    subject = _entry(group, "MID", "法定期間終了", **_OLD, retention_law="電子帳簿保存法", statutory_until_on=ago(1))
    plan.fault(control, "MID", subject, "statutory period ended", "法定の保存期間が前日に終了")


def _rightly_kept(group: Group, plan: Plan) -> None:
    control = "ORG-3-05"
    subject = _counted(group, "MID", "DB-WMS-OLD", _THREE_YEARS, 0)
    plan.near(control, "MID", subject, "the last day", "計測した最古データの保管期限は当日")
    subject = _paper(group, "AOI", "期限当日の書類", _THREE_YEARS)
    plan.near(control, "AOI", subject, "paper on its last day", "紙の最古データ(手計測)の保管期限は当日")
    subject = _held(group, "MID", "保全中", ago(0))
    plan.near(control, "MID", subject, "legal hold on its last day", "法的保全の承認は当日まで有効")
    subject = _entry(group, "AOI", "法定期間中", **_OLD, retention_law="電子帳簿保存法", statutory_until_on=ago(0))
    plan.near(control, "AOI", subject, "statutory period running", "法定の保存期間は当日まで")


def _beyond_the_notice(group: Group, plan: Plan) -> None:
    control = "ORG-3-06"
    subject = _entry(group, "AOI", "区分外の利用目的", purposes=("P01", "P10"))
    plan.fault(control, "AOI", subject, "purpose of other people", "取引先役職員にだけ公表した利用目的を会員の記載に")
    kinds = ("会員", "取引先役職員")
    subject = _entry(group, "AOI", "二つの本人区分", purposes=("P01", "P10"), subject_kinds=kinds)
    plan.near(control, "AOI", subject, "purposes of both kinds", "利用目的はそれぞれの本人区分に公表済")
    subject = _entry(
        group,
        "MID",
        "根拠のある要配慮",
        items=("氏名", "病歴"),
        special_care=True,
        special_care_kinds=("病歴",),
        special_care_basis="本人の書面同意",
        consent_ref="同意書 第1版",
    )
    plan.near(control, "MID", subject, "special care with basis", "要配慮の表示と同意の根拠あり")


def _my_number(group: Group, plan: Plan) -> None:
    def number(company: str, note: str, zone: str, access_group: str) -> str:
        return _entry(
            group,
            company,
            note,
            items=("個人番号",),
            my_number=True,
            zone_ids=(f"Z-{company}-{zone}",),
            access_group=access_group,
        )

    control = "ORG-3-06"
    subject = number("MID", "書庫の個人番号", "DOC", "GRP-MID-MYN")
    plan.fault(control, "MID", subject, "no zone of its own", "個人番号を他の書類と同じ区域で扱う")
    subject = number("AOI", "営業部の個人番号", "MYN", "GRP-AOI-SAL")
    plan.fault(control, "AOI", subject, "no access group of its own", "個人番号の権限が他の記載と共通")
    subject = number("MID", "専用区域の個人番号", "MYN", "GRP-MID-MYN")
    plan.near(control, "MID", subject, "own zone and access group", "個人番号の専用の区域と権限")
