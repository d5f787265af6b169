"""Planted in privileged and breakglass accounts: TEC-1-05."""

from datetime import date, datetime, timedelta

from demo.care import incident
from demo.cast import guest
from demo.days import ago, at
from demo.group import Group
from demo.plan import Plan
from demo.plant_access import waive
from demo.privileged import account, administer, privileged, reviewed
from demo.values import Cell, Worker

_CONTROL = "TEC-1-05"


def plant(group: Group, plan: Plan) -> None:
    """Plant accounts without approval or use, too many of them, uses without ticket, review or report."""
    for company in ("AOI", "MID"):
        _accounts(group, plan, company, guest(group, company, "first"))
    _uses_of_aoi(group, plan, guest(group, "AOI", "second"))
    _uses_of_mid(group, plan, guest(group, "MID", "second"))
    _breakglass(group, plan)


def _accounts(group: Group, plan: Plan, company: str, worker: Worker) -> None:
    def fault(system: str, login: str, kind: str, note: str) -> str:
        subject = plan.account(system, login)
        plan.fault(_CONTROL, company, subject, kind, note, aspect="account")
        return subject

    def near(system: str, login: str, kind: str, note: str) -> None:
        plan.near(_CONTROL, company, plan.account(system, login), kind, note, aspect="account")

    if company == "AOI":
        login = account(group, "SYS-TKT", "root", worker, "特権", ago(25))
        fault("SYS-TKT", login, "no approval", "特権利用の承認がない")
        privileged(group, "SYS-TKT", worker)
        login = account(group, "SYS-TKT", "root1", worker, "特権", ago(25))
        fault("SYS-TKT", login, "approval not quoted", "承認はあるが、IDの台帳に承認番号がない")
        login = privileged(group, "SYS-HRM", worker, created=ago(91))
        fault("SYS-HRM", login, "unused for 91 days", "作成から91日、一度も使われていない")
        number = group.accounts["SYS-HRM", login].approval
        login = account(group, "SYS-HRM", "root", worker, "特権", ago(90), number)
        near("SYS-HRM", login, "made 90 days ago", "作成からちょうど90日")
        _many(group, worker, "SYS-MKT", 6)
        plan.fault(_CONTROL, "AOI", "SYS-MKT", "six of one system", "一つのシステムに特権ID6件", aspect="count")
        return
    approved = at(ago(365), 0)
    early = approved - timedelta(seconds=1)
    login = privileged(group, "SYS-SUP", worker, approved_at=early, valid_from_at=early)
    fault("SYS-SUP", login, "approved 366 days ago", "特権利用の承認から366日")
    login = privileged(group, "SYS-MNT", worker, approved_at=approved, valid_from_at=approved)
    near("SYS-MNT", login, "approved 365 days ago", "特権利用の承認からちょうど365日")
    login = privileged(group, "SYS-MHR", worker, status="withdrawn")
    subject = fault("SYS-MHR", login, "approval withdrawn, waived", "例外承認あり(印は付くが消えない)")
    waive(group, _CONTROL, "MID", subject, "年度末の移行作業のため4月に再申請")
    _many(group, worker, "SYS-WMS", 5)
    plan.near(_CONTROL, "MID", "SYS-WMS", "five of one system", "一つのシステムに特権ID5件", aspect="count")


def _many(group: Group, worker: Worker, system: str, count: int) -> None:
    number = group.accounts[system, privileged(group, system, worker)].approval
    for index in range(count - 1):
        account(group, system, f"root{index}", worker, "特権", ago(25), number)


def _ticket(group: Group, worker: Worker, system: str, day: date) -> str:
    """A ticket from ten to three."""
    host = group.hosts[system]
    by = group.posts[host.department, "dept_privacy_manager"]
    told = {"approved_at": at(day, 9), "valid_from_at": at(day, 10), "valid_to_at": at(day, 15)}
    return group.approve("ticket", host.company, by, worker.no, (system,), **told)


def _uses_of_aoi(group: Group, plan: Plan, worker: Worker) -> None:
    system = "SYS-ATS"
    login = privileged(group, system, worker, created=ago(60))
    subject = plan.account(system, login)
    day = date(2026, 3, 10)
    administer(group, worker, system, login, day)
    reviewed(group, system, date(2026, 3, 18))
    plan.fault(_CONTROL, "AOI", subject, "reviewed on the 8th day", "使用の8日後に確認", aspect="review", day=day)
    day = date(2026, 3, 17)
    number = _ticket(group, worker, system, day)
    administer(group, worker, system, login, day, ticket=number, moment=at(day, 15, 0, 1))
    plan.fault(_CONTROL, "AOI", subject, "a second late", "作業票の期限の1秒後", aspect="use", day=day)
    day = ago(7)
    administer(group, worker, system, login, day)
    plan.near(_CONTROL, "AOI", subject, "review due today", "確認の期限は本日", aspect="review", day=day)


def _uses_of_mid(group: Group, plan: Plan, worker: Worker) -> None:
    system = "SYS-MNT"
    login = privileged(group, system, worker, created=ago(60))
    subject = plan.account(system, login)
    day = date(2026, 3, 3)
    administer(group, worker, system, login, day)
    reviewed(group, system, date(2026, 3, 6), by=worker.no)
    note = "管理者が自ら確認"
    plan.fault(_CONTROL, "MID", subject, "reviewed by an administrator", note, aspect="review", day=day)
    day = date(2026, 3, 11)
    administer(group, worker, system, login, day)
    reviewed(group, system, date(2026, 3, 18))
    plan.near(
        _CONTROL, "MID", subject, "reviewed on the 7th day", "使用のちょうど7日後に確認", aspect="review", day=day
    )
    day = date(2026, 3, 17)
    administer(group, worker, system, login, day, ticket=None)
    plan.fault(_CONTROL, "MID", subject, "no ticket", "作業票なしで特権を使用", aspect="use", day=day)
    day = ago(7)
    number = _ticket(group, worker, system, day)
    administer(group, worker, system, login, day, ticket=number, moment=at(day, 15))
    plan.near(_CONTROL, "MID", subject, "at the last second", "作業票の期限ちょうど", aspect="use", day=day)


def _breakglass(group: Group, plan: Plan) -> None:
    def used(company: str, day: date) -> tuple[str, str]:
        system = "SYS-CRM" if company == "AOI" else "SYS-SUP"
        keeper = group.engagement(group.posts[group.hosts[system].department, "deputy"], company)
        event = administer(group, keeper, system, "breakglass", day, ticket=None)
        return event, plan.account(system, "breakglass")

    def found(company: str, department: str, event: str, told: datetime) -> None:
        """The use shows on Monday morning and is told to the privacy officer within the hours that ORG-4-02 gives."""
        fields: dict[str, Cell] = {"occurred_on": friday, "signal_ids": (event,), "reported_to_owner_at": told}
        incident(group, company, department, at(monday, 9), **fields)

    friday, monday = date(2026, 3, 6), date(2026, 3, 9)
    event, subject = used("AOI", friday)
    found("AOI", "AOI-SAL", event, at(monday, 23, 59))
    note = "金曜の使用を翌営業日の月曜に報告"
    plan.near(_CONTROL, "AOI", subject, "reported on Monday", note, aspect="breakglass", day=friday)
    event, subject = used("MID", friday)
    found("MID", "MID-SUP", event, at(monday, 24))
    note = "金曜の使用の報告が翌々営業日の火曜"
    plan.fault(_CONTROL, "MID", subject, "reported on Tuesday", note, aspect="breakglass", day=friday)
    day = ago(1)
    _, subject = used("MID", day)
    plan.near(_CONTROL, "MID", subject, "report due today", "報告の期限は本日", aspect="breakglass", day=day)
