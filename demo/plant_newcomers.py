"""Planted in who is new, came back, failed or holds a role: HUM-02, HUM-04, and what a newcomer signs late (HUM-05)."""

from datetime import date, timedelta

from demo.days import OPEN_END, ago, at
from demo.group import Group
from demo.people import train_again, trained
from demo.personnel import ROLES, pledge, spare, temporary, took
from demo.plan import Plan
from demo.plant_access import waive
from demo.plant_people import join, rehired_on
from demo.rules import appoint
from demo.values import Leave, Worker


def plant(group: Group, plan: Plan) -> None:
    """Plant in the training of newcomers, of returners, of those who failed and of those in a role."""
    _newcomers(group, plan)
    _newcomers_in_time(group, plan)
    _returners(group, plan)
    _failures(group, plan)
    _roles(group, plan)


def newcomer(group: Group, company: str, day: date) -> Worker:
    """Somebody hired on a day for office hours, without everyday access and without any training yet."""
    worker = spare(group, company)
    group.silent.add(worker.no)
    group.bare.add(("onboarding", worker.no))
    train_again(group, worker)
    return rehired_on(group, group.change(worker, pattern="office"), day)


def _pledged(group: Group, worker: Worker, days: int) -> None:
    """Let a newcomer sign the pledge so many days after the hire."""
    group.bare.add(("pledge", worker.no))
    pledge(group, worker, "pledged", worker.hired_on + timedelta(days=days))


def _newcomers(group: Group, plan: Plan) -> None:
    def fault(worker: Worker, aspect: str, kind: str, note: str, day: date | None = None) -> None:
        plan.fault("HUM-02", worker.company, plan.person(worker.no), kind, note, aspect=aspect, day=day)

    worker = newcomer(group, "AOI", ago(31))
    took(group, worker, "年次", ago(20))
    fault(worker, "onboarding", "hired 31 days ago", "入社31日、年次教育だけ受講")
    worker = newcomer(group, "MID", ago(45))
    took(group, worker, "年次", ago(20))
    took(group, worker, "入社時", ago(30), 79)
    took(group, worker, "補習", ago(25))
    waive(group, "HUM-02", "MID", plan.person(worker.no), "導入教育の再開講は4月。補習で代替")
    fault(worker, "onboarding", "onboarding failed, waived", "導入教育は79点で不合格(例外承認あり)")
    worker = newcomer(group, "MID", date(2026, 2, 2))
    took(group, worker, "年次", ago(20))
    took(group, worker, "入社時", date(2026, 3, 5))
    fault(worker, "late", "onboarded on the 31st day", "導入教育が入社31日目", date(2026, 3, 5))
    _pledged(group, worker, 7)
    note = "入社7日目に署名"
    person = plan.person(worker.no)
    plan.near("HUM-05", "MID", person, "signed on the 7th day", note, aspect="late", day=date(2026, 2, 9))
    worker = newcomer(group, "AOI", date(2026, 3, 2))
    took(group, worker, "年次", date(2026, 3, 3))
    took(group, worker, "入社時", date(2026, 3, 6))
    group.visit(worker, "SYS-CRM", at(date(2026, 3, 4), 14))
    fault(worker, "late", "access before onboarding", "導入教育の2日前に会員情報を参照", date(2026, 3, 6))
    worker = newcomer(group, "AOI", date(2026, 3, 9))
    took(group, worker, "入社時", date(2026, 3, 11))
    group.visit(worker, "SYS-CRM", at(date(2026, 3, 11), 9))
    fault(worker, "late", "access on the day", "導入教育の当日、修了より前か分からない参照", date(2026, 3, 11))
    worker = newcomer(group, "AOI", ago(20))
    took(group, worker, "年次", ago(15))
    group.visit(worker, "SYS-CRM", at(ago(12), 14))
    fault(worker, "onboarding", "access within the respite", "入社20日、導入教育の前に会員情報を参照")


def _newcomers_in_time(group: Group, plan: Plan) -> None:
    def near(worker: Worker, aspect: str, kind: str, note: str, day: date | None = None) -> None:
        plan.near("HUM-02", worker.company, plan.person(worker.no), kind, note, aspect=aspect, day=day)

    worker = newcomer(group, "MID", ago(30))
    took(group, worker, "年次", ago(20))
    near(worker, "onboarding", "hired 30 days ago", "入社30日目、導入教育はまだ期限内")
    worker = newcomer(group, "AOI", date(2026, 2, 2))
    took(group, worker, "年次", ago(20))
    took(group, worker, "入社時", date(2026, 3, 4))
    near(worker, "late", "onboarded on the 30th day", "導入教育がちょうど入社30日目", date(2026, 3, 4))
    _pledged(group, worker, 8)
    note = "入社8日目に署名"
    person = plan.person(worker.no)
    plan.fault("HUM-05", "AOI", person, "signed on the 8th day", note, aspect="late", day=date(2026, 2, 10))
    worker = newcomer(group, "AOI", date(2026, 3, 9))
    took(group, worker, "入社時", date(2026, 3, 11))
    group.visit(worker, "SYS-CRM", at(date(2026, 3, 12), 9))
    near(worker, "late", "access on the next day", "導入教育の翌日に会員情報を参照", date(2026, 3, 11))
    worker = spare(group, "AOI")
    group.silent.add(worker.no)
    again = join(group, group.leave_company(worker, date(2025, 6, 30)), "AOI", worker.department, date(2026, 2, 16))
    near(again, "onboarding", "rehired", "再雇用。以前の在籍時に導入教育を修了")


def _returners(group: Group, plan: Plan) -> None:
    def back(company: str, kind: str, first: date, last: date, after: int | None) -> Worker:
        worker = temporary(group, company)
        group.silent.add(worker.no)
        group.bare.add(("returner", worker.no))
        group.leaves.append(Leave(worker.no, company, worker.department, kind, first, last))
        if after is not None:
            took(group, worker, "復職", last + timedelta(days=after))
        return worker

    worker = back("AOI", "傷病", date(2026, 2, 2), ago(15), None)
    person = plan.person(worker.no)
    plan.fault("HUM-02", "AOI", person, "back for 15 days", "復職15日、復職者教育なし", aspect="returner")
    worker = back("MID", "休職", date(2026, 2, 2), date(2026, 3, 8), 15)
    day, person = date(2026, 3, 23), plan.person(worker.no)
    plan.fault("HUM-02", "MID", person, "trained on the 15th day", "復職15日目に受講", aspect="late", day=day)
    worker = back("AOI", "育児", date(2025, 7, 1), date(2026, 3, 8), 14)
    day, person = date(2026, 3, 22), plan.person(worker.no)
    plan.near("HUM-02", "AOI", person, "trained on the 14th day", "復職14日目に受講", aspect="late", day=day)
    worker = back("MID", "傷病", date(2026, 2, 2), ago(14), None)
    person = plan.person(worker.no)
    plan.near("HUM-02", "MID", person, "back for 14 days", "復職14日、まだ期限内", aspect="returner")
    worker = back("AOI", "傷病", date(2026, 1, 5), date(2026, 2, 27), None)
    group.leaves.append(Leave(worker.no, "AOI", worker.department, "休職", date(2026, 2, 28), OPEN_END))
    person = plan.person(worker.no)
    plan.near("HUM-02", "AOI", person, "leave goes on", "傷病休職に休職が続き、まだ復職していない", aspect="returner")


def _failures(group: Group, plan: Plan) -> None:
    control = "HUM-04"

    def failed(company: str, day: date) -> tuple[Worker, str]:
        """Somebody who passed before, takes the course again and fails."""
        worker = temporary(group, company)
        train_again(group, worker, trained(worker, ago(150), 90), trained(worker, day, 70))
        return worker, plan.person(worker.no)

    _, person = failed("AOI", ago(31))
    plan.fault(control, "AOI", person, "failed 31 days ago", "不合格から31日、再受講なし", aspect="remedial")
    worker, person = failed("MID", date(2026, 2, 2))
    took(group, worker, "補習", date(2026, 3, 5))
    note = "不合格から31日目に補習で合格"
    plan.fault(control, "MID", person, "31 days later", note, aspect="late", day=date(2026, 3, 5))
    _, person = failed("MID", ago(30))
    plan.near(control, "MID", person, "failed 30 days ago", "不合格から30日、まだ期限内", aspect="remedial")
    worker, person = failed("AOI", date(2026, 2, 2))
    took(group, worker, "補習", date(2026, 3, 4))
    note = "不合格からちょうど30日目に補習で合格"
    plan.near(control, "AOI", person, "30 days later", note, aspect="late", day=date(2026, 3, 4))
    worker, person = failed("AOI", date(2026, 2, 12))
    took(group, worker, "年次", date(2026, 2, 16), 85)
    plan.near(control, "AOI", person, "same course again", "同じ講座を再受講して合格", aspect="remedial")


def _roles(group: Group, plan: Plan) -> None:
    control = "HUM-04"

    def holder(no: str, company: str, role: str, days: int) -> str:
        took(group, group.engagement(no, company), "役割別", ago(days), course=ROLES[role])
        return plan.person(no)

    role = "dept_privacy_manager"
    person = holder(group.posts["MID-SUP", role], "MID", role, 366)
    plan.fault(control, "MID", person, "366 days ago", "部門管理者の教育から366日", aspect=f"role:{role}")
    person = holder(group.posts["AOI-MKT", role], "AOI", role, 365)
    plan.near(control, "AOI", person, "365 days ago", "部門管理者の教育からちょうど365日", aspect=f"role:{role}")

    def auditor(company: str, last: date = OPEN_END) -> str:
        worker = temporary(group, company, "契約社員")
        group.bare.add(("auditor", worker.no))
        appoint(group, company, worker.department, "auditor", worker.no, ago(40), last)
        return plan.person(worker.no)

    person = auditor("AOI")
    waive(group, control, "AOI", person, "4月の監査員講座に申込済。それまで単独で監査しない")
    plan.fault(
        control, "AOI", person, "new auditor, waived", "役割別教育なしの監査員(例外承認あり)", aspect="role:auditor"
    )
    person = auditor("MID", ago(1))
    plan.near(control, "MID", person, "auditor until yesterday", "監査員の任期は前日まで", aspect="role:auditor")
