"""Planted in how the management book is kept up: ORG-3-01 and ORG-3-03."""

from datetime import date

from demo.book import entry
from demo.days import OPEN_END, ago, at
from demo.group import Group
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
    _nil_return(group, old, ago(366), ago(-30))
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
