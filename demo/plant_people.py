"""Planted in training and in who came and went: HUM-01, HUM-03, TEC-1-03."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from demo.days import OPEN_END, ago, at
from demo.group import Group
from demo.people import train_again, trained
from demo.plan import Plan
from demo.values import Account, Leave, Owner, Posting, Worker


def plant(group: Group, plan: Plan) -> None:
    """Plant in the roster, the records of training and the accounts of those who left."""
    _untrained(group, plan)
    _trained_just_so(group, plan)
    _access_without_training(group, plan)
    _access_with_training(group, plan)
    _leavers(group, plan)
    _in_order_after_leaving(group, plan)


def _idle(group: Group, company: str, department: str | None = None) -> Worker:
    """Somebody without everyday access: what is planted about them cannot show in a log."""
    worker = group.take(company, department)
    group.silent.add(worker.no)
    return worker


def _untrained(group: Group, plan: Plan) -> None:
    def fault(company: str, kind: str, note: str, *, worker: Worker | None = None) -> Worker:
        idle = worker or _idle(group, company)
        plan.fault("HUM-01", company, plan.person(idle.no), kind, note)
        return idle

    late = fault("AOI", "366 days ago", "最終受講から366日")
    train_again(group, late, trained(late, ago(366), 90, version="2024"))
    failed = fault("MID", "79 points", "合格点80に対して79点")
    train_again(group, failed, trained(failed, ago(100), 79))
    outdated = fault("AOI", "old content", "承認が終わった版の教材で受講")
    train_again(group, outdated, trained(outdated, ago(90), 95, version="2024"))
    never = fault("MID", "never trained", "受講記録なし")
    train_again(group, never)
    officer = group.engagement(group.posts["AOI", "cpo"], "AOI")
    group.silent.add(officer.no)
    fault("AOI", "an officer, 400 days ago", "役員も従業者。最終受講から400日", worker=officer)
    train_again(group, officer, trained(officer, ago(400), 90, version="2024"))
    month = _idle(group, "AOI", "AOI-MKT")
    month = rehired_on(group, month, ago(30))
    fault("AOI", "hired 30 days ago", "入社30日で年次教育なし(導入教育のみ)", worker=month)
    train_again(group, month, trained(month, ago(28), 90, kind="入社時"))


def rehired_on(group: Group, worker: Worker, day: date) -> Worker:
    """Make a worker a newcomer of a day: roster, post and accounts begin with it."""
    for index, posting in enumerate(group.postings):
        if posting.no == worker.no:
            group.postings[index] = replace(posting, hired_on=day, from_on=day)
    for index, owner in enumerate(group.owners):
        if owner.no == worker.no:
            group.owners[index] = replace(owner, from_on=day)
    for key, account in group.accounts_of(worker.no):
        group.accounts[key] = replace(account, created_on=day)
    return group.change(worker, hired_on=day)


def _trained_just_so(group: Group, plan: Plan) -> None:
    def near(worker: Worker, kind: str, note: str) -> None:
        plan.near("HUM-01", worker.company, plan.person(worker.no), kind, note)

    edge = _idle(group, "AOI")
    train_again(group, edge, trained(edge, ago(365), 80, version="2024"))
    near(edge, "365 days ago, 80 points", "ちょうど365日前に合格点ちょうどで受講")
    newcomer = rehired_on(group, _idle(group, "MID", "MID-OPS"), ago(29))
    train_again(group, newcomer)
    near(newcomer, "hired 29 days ago", "入社29日目で対象前")
    away = _idle(group, "AOI", "AOI-SAL")
    train_again(group, away)
    group.leaves.append(Leave(away.no, "AOI", away.department, "育児", ago(420), OPEN_END))
    near(away, "on leave throughout", "全期間が休業中")
    classroom = _idle(group, "MID")
    train_again(group, classroom, trained(classroom, ago(150), None))
    near(classroom, "classroom without score", "集合研修(署名名簿)で修了、得点なし")
    twice = _idle(group, "MID")
    train_again(group, twice, trained(twice, ago(120), 60), trained(twice, ago(110), 85))
    near(twice, "failed, then passed", "不合格のあと再受講で合格")
    both = _idle(group, "AOI", "AOI-ADM")
    number = group.number("posting", "H{:06d}")
    group.postings.append(
        Posting(number, both.no, "AOI", "AOI-MKT", "marketer", "兼務", both.hired_on, ago(200), OPEN_END, both.manager)
    )
    near(both, "two posts", "兼務でも一人として数える")
    lent = _idle(group, "AOI", "AOI-SAL")
    near(lent, "seconded", "出向元での在籍")
    host = join(group, lent, "MID", "MID-OPS", ago(180), kind="出向受入", employer="AOI")
    near(host, "seconded in", "出向先でも同じ受講記録が通用する")
    group.visit(host, "SYS-WMS", at(date(2026, 3, 10), 14))
    plan.near("TEC-2-01", "MID", plan.account("SYS-WMS", group.login(host, "SYS-WMS")), "seconded in", "出向者のID")
    plan.near("HUM-03", "MID", plan.person(host.no), "seconded in", "出向元で受講済", day=date(2026, 3, 10))


def _access_without_training(group: Group, plan: Plan) -> None:
    def fault(worker: Worker, system: str, day: date, kind: str, note: str) -> None:
        group.visit(worker, system, at(day, 14))
        plan.fault("HUM-03", worker.company, plan.person(worker.no), kind, note, day=day)

    # Hired long ago: the onboarding of a newcomer would still count.
    long_ago = date(2020, 4, 1)
    lapsed = rehired_on(group, _idle(group, "AOI", "AOI-CSC"), long_ago)
    day = date(2026, 2, 18)
    train_again(
        group,
        lapsed,
        trained(lapsed, day - timedelta(days=366), 90, version="2024"),
        trained(lapsed, date(2026, 2, 25), 92),
    )
    fault(lapsed, "SYS-CRM", day, "training lapsed", "受講から366日目に会員情報を参照、翌週に再受講")
    early = rehired_on(group, _idle(group, "MID", "MID-SUP"), date(2026, 3, 16))
    train_again(group, early, trained(early, date(2026, 3, 24), 90, kind="入社時"))
    day, note = date(2026, 3, 24), "導入教育の前に受託データを参照"
    fault(early, "SYS-SUP", date(2026, 3, 18), "before onboarding", note)
    plan.fault("HUM-02", "MID", plan.person(early.no), "onboarded after the access", note, aspect="late", day=day)
    plan.near("HUM-01", "MID", plan.person(early.no), "newcomer", "入社15日で年次教育の対象前")
    unlucky = rehired_on(group, _idle(group, "AOI", "AOI-SAL"), long_ago)
    train_again(group, unlucky, trained(unlucky, date(2026, 3, 2), 75), trained(unlucky, date(2026, 3, 6), 88))
    fault(unlucky, "SYS-CRM", date(2026, 3, 4), "after a failed test", "不合格のまま参照、2日後に合格")


def _access_with_training(group: Group, plan: Plan) -> None:
    def near(worker: Worker, system: str, moment: datetime, kind: str, note: str) -> None:
        group.visit(worker, system, moment)
        plan.near("HUM-03", worker.company, plan.person(worker.no), kind, note, day=moment.date())

    edge = _idle(group, "MID", "MID-OPS")
    day = date(2026, 3, 3)
    train_again(
        group, edge, trained(edge, day - timedelta(days=365), 90, version="2024"), trained(edge, date(2026, 3, 6), 90)
    )
    near(edge, "SYS-WMS", at(day, 14), "365th day", "受講からちょうど365日目の参照")
    fresh = rehired_on(group, _idle(group, "AOI", "AOI-SAL"), date(2026, 3, 9))
    train_again(group, fresh, trained(fresh, date(2026, 3, 11), 85, kind="入社時"))
    day, note = date(2026, 3, 11), "導入教育の当日から参照"
    near(fresh, "SYS-CRM", at(day, 16), "onboarding only", note)
    plan.fault("HUM-02", "AOI", plan.person(fresh.no), "not before the day of access", note, aspect="late", day=day)
    reader = _idle(group, "AOI", "AOI-MKT")
    train_again(group, reader, trained(reader, date(2026, 3, 23), 90))
    near(reader, "SYS-WIKI", at(date(2026, 3, 5), 14), "no personal data", "個人情報のない社内ポータルだけを閲覧")


def _enabled(group: Group, worker: Worker) -> tuple[str, str]:
    """Leave one account of somebody who left usable; the key of the account."""
    key, account = group.accounts_of(worker.no, worker.company)[0]
    group.accounts[key] = replace(account, enabled=True, disabled_at=None)
    return key


def _leavers(group: Group, plan: Plan) -> None:
    def fault(left: Worker, aspect: str, kind: str, note: str, day: date | None = None) -> None:
        plan.fault("TEC-1-03", left.company, plan.engagement(left), kind, note, aspect=aspect, day=day)

    live = group.leave_company(group.take("AOI", "AOI-SAL"), date(2026, 3, 13))
    key = _enabled(group, live)
    account = plan.account(*key)
    fault(live, "account", "account still live", "3月13日退職、アカウントが有効のまま")
    note = "退職者のアカウントが有効のまま"
    plan.fault("TEC-2-01", "AOI", account, "leaver's live account", note, aspect="account")
    for store in group.hosts[key[0]].stores:
        note, aspect = "退職者の有効なアカウントに残る権限", f"store:{store}"
        plan.fault("ORG-1-03", "AOI", plan.person(live.no), "leaver's live rights", note, aspect=aspect)

    used = group.leave_company(group.take("MID", "MID-OPS"), date(2026, 3, 6), disabled_at=at(date(2026, 3, 9), 17))
    login = group.login(used, "SYS-WMS")
    day = date(2026, 3, 8)
    group.visit(
        used,
        "SYS-WMS",
        at(day, 13),
        action="login_ok",
        store=None,
        rows=None,
        host=group.steady_machine("MID").hosts[0],
    )
    account = plan.account("SYS-WMS", login)
    fault(used, "used", "used after leaving", "3月6日退職、8日にログイン(停止は期限内)", day)
    plan.fault("TEC-2-01", "MID", account, "leaver in the log", "退職者のアカウントの使用", aspect="seen", day=day)
    plan.near("ORG-2-05", "MID", account, "leaver's login", "ログインのみで個人データに触れていない", day=day)

    slow = group.leave_company(group.take("AOI", "AOI-MKT"), date(2026, 2, 27), disabled_at=at(date(2026, 3, 5), 12))
    fault(slow, "late", "disabled late", "2月27日退職、停止は3月5日(期限は3月2日)", date(2026, 3, 5))

    moved = group.take("AOI", "AOI-SAL")
    group.leave_company(moved, date(2026, 2, 28))
    account = plan.account(*_enabled(group, moved))
    join(group, moved, "MID", "MID-OPS", date(2026, 3, 1))
    fault(moved, "account", "transfer, old account live", "グループ内転籍後も旧会社のアカウントが有効")
    plan.near("TEC-2-01", "AOI", account, "transferred owner", "所有者はグループの別会社で在籍中、孤児IDではない")


def join(
    group: Group,
    worker: Worker,
    company: str,
    department: str,
    day: date,
    *,
    kind: str = "正社員",
    employer: str | None = None,
) -> Worker:
    """Begin another engagement of a person."""
    role = next(w.role for w in group.workers if w.department == department and w.no not in group.posts.values())
    manager = group.posts[department, "dept_privacy_manager"]
    told = replace(
        worker,
        company=company,
        department=department,
        kind=kind,
        employer=employer,
        hired_on=day,
        role=role,
        left_on=None,
        announced_on=None,
        posted_on=None,
        manager=manager,
        pattern="office",
    )
    group.workers.append(told)
    device = group.devices[f"DV-{worker.no[1:]}"]
    group.devices[device.id] = replace(
        device, company=company, department=department, owner=told.no, status="in_use", changed_at=None
    )
    number = group.number("posting", "H{:06d}")
    group.postings.append(Posting(number, told.no, company, department, role, "主務", day, day, OPEN_END, manager))
    return told


def _in_order_after_leaving(group: Group, plan: Plan) -> None:
    control = "TEC-1-03"
    weekend = group.leave_company(
        group.take("MID", "MID-OPS"), date(2026, 3, 19), disabled_at=at(date(2026, 3, 23), 17)
    )
    plan.near(
        control,
        "MID",
        plan.engagement(weekend),
        "disabled after the holidays",
        "木曜退職、祝日と週末の後の翌営業日に停止",
    )

    again = group.take("AOI", "AOI-ADM")
    left = group.leave_company(again, date(2026, 2, 27))
    for key, told in group.accounts_of(again.no):
        group.accounts[key] = replace(told, enabled=True, disabled_at=None)
    join(group, left, "AOI", "AOI-ADM", date(2026, 3, 2))
    plan.near(control, "AOI", plan.engagement(left), "rehired in time", "翌営業日に再雇用され、同じIDを使い続ける")

    giver = group.take("MID", "MID-SUP")
    group.leave_company(giver, date(2026, 3, 11), disabled_at=at(date(2026, 3, 11), 20))
    taker = _idle(group, "MID", "MID-SUP")
    _hand_on(group, "SYS-SUP", "desk-night", giver, taker, date(2026, 3, 12))
    group.visit(taker, "SYS-SUP", at(date(2026, 3, 17), 14), login="desk-night")
    plan.near(control, "MID", plan.engagement(giver), "account handed on", "退職の翌日に後任へ引き継いだID")
    plan.near("TEC-2-01", "MID", plan.account("SYS-SUP", "desk-night"), "account handed on", "後任が在籍")

    last = group.take("AOI", "AOI-SAL")
    group.leave_company(last, date(2026, 3, 24), disabled_at=at(date(2026, 3, 25), 9))
    evening = at(date(2026, 3, 24), 19, 55)
    account = plan.account("SYS-CRM", group.visit(last, "SYS-CRM", evening).login)
    plan.near(control, "AOI", plan.engagement(last), "last evening", "退職日当日の夜(終業後2時間以内)の使用")
    plan.near("ORG-2-05", "AOI", account, "within the grace", "終業後1時間55分の参照", day=evening.date())

    mover = group.leave_company(group.take("AOI", "AOI-SAL"), date(2026, 2, 28))
    joined = join(group, mover, "MID", "MID-OPS", date(2026, 3, 1))
    group.login(joined, "SYS-WMS")
    plan.near(
        control, "AOI", plan.engagement(mover), "transfer in order", "転籍し旧会社のIDは停止、新会社のIDだけを使う"
    )
    plan.near(
        "TEC-2-01",
        "MID",
        plan.account("SYS-WMS", group.login(joined, "SYS-WMS")),
        "transferred person",
        "転籍先で在籍中",
    )


def _hand_on(group: Group, system: str, login: str, giver: Worker, taker: Worker, day: date) -> None:
    """An account that changes hands on a day: two spans that do not meet."""
    group.accounts[system, login] = Account(system, login, created_on=date(2024, 4, 1))
    group.owners.append(Owner(system, login, giver.no, date(2024, 4, 1), day - timedelta(days=1)))
    group.owners.append(Owner(system, login, taker.no, day, OPEN_END))
