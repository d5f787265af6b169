"""Planted in what people did with data: ORG-2-05, TEC-2-01, TEC-3-04 (patterns) and TEC-4-04."""

from datetime import date, datetime, timedelta

from demo.days import AS_OF, DAYS, SINCE, ago, at, is_open
from demo.group import Group, shift_of
from demo.plan import Plan
from demo.values import Access, Account, Cell, Leave, Shift, Worker


def plant(group: Group, plan: Plan) -> None:
    """Plant accesses outside working time, accounts of nobody, guessed passwords and great volumes."""
    _outside_working_time(group, plan)
    _tickets(group, plan)
    _rightly_late(group, plan)
    _accounts_of_nobody(group, plan)
    _accounts_in_order(group, plan)
    _guessed(group, plan)
    _volumes(group, plan)


def _outside_working_time(group: Group, plan: Plan) -> None:
    def fault(worker: Worker, moment: datetime, system: str, kind: str, note: str) -> None:
        account = plan.account(system, group.visit(worker, system, moment).login)
        plan.fault("ORG-2-05", worker.company, account, kind, note, day=moment.date())

    away = group.take("AOI", "AOI-SAL")
    group.leaves.append(Leave(away.no, "AOI", away.department, "傷病", date(2026, 3, 9), date(2026, 3, 13)))
    fault(away, at(date(2026, 3, 11), 10), "SYS-CRM", "on leave", "傷病休暇中に会員情報を参照")
    fault(
        group.take("AOI", "AOI-ADM"),
        at(date(2026, 3, 5), 20, 0, 1),
        "SYS-HRM",
        "2 h and 1 s after the shift",
        "終業の2時間1秒後に参照",
    )
    fault(
        group.take("MID", "MID-OPS"), at(date(2026, 3, 15), 11), "SYS-WMS", "a Sunday", "勤務のない日曜に承認なく参照"
    )
    fault(
        group.take("MID", "MID-SUP"),
        at(date(2026, 3, 4), 6, 59, 59),
        "SYS-SUP",
        "2 h and 1 s before the shift",
        "始業の2時間1秒前に参照",
    )


def _tickets(group: Group, plan: Plan) -> None:
    control, day = "ORG-2-05", date(2026, 3, 10)

    def used(worker: Worker, system: str, hour: int, ticket: str | None = None) -> str:
        return plan.account(system, group.visit(worker, system, at(day, hour), ticket=ticket).login)

    account = used(_quiet(group, "AOI", "AOI-SYS"), "SYS-TKT", 11)
    plan.fault(control, "AOI", account, "no ticket", "作業票なしで本番保守コンソールを使用", day=day)
    drawn = _quiet(group, "AOI", "AOI-SYS")
    number = _ticket(group, drawn, "SYS-TKT", status="withdrawn")
    account = used(drawn, "SYS-TKT", 13, number)
    plan.fault(control, "AOI", account, "ticket withdrawn", "取り下げられた作業票を使用", day=day)
    stale = _quiet(group, "MID", "MID-SUP")
    number = _ticket(group, stale, "SYS-MNT", valid_to_at=at(day, 13))
    account = used(stale, "SYS-MNT", 14, number)
    plan.fault(control, "MID", account, "ticket expired", "有効期限を1時間過ぎた作業票を使用", day=day)
    right = _quiet(group, "MID", "MID-SUP")
    number = _ticket(group, right, "SYS-MNT", valid_to_at=at(day, 15))
    account = used(right, "SYS-MNT", 14, number)
    plan.near(control, "MID", account, "ticket still good", "有効期限の1時間前の作業", day=day)


def _quiet(group: Group, company: str, department: str) -> Worker:
    """Somebody whose only accesses are those that are planted."""
    worker = group.take(company, department)
    group.silent.add(worker.no)
    return worker


def _ticket(group: Group, worker: Worker, system: str, **fields: Cell) -> str:
    host = group.hosts[system]
    manager = group.posts[host.department, "dept_privacy_manager"]
    given: dict[str, Cell] = {
        "approved_at": at(date(2026, 3, 9), 16),
        "valid_from_at": at(date(2026, 3, 10), 0),
        "valid_to_at": at(date(2026, 3, 10), 24),
    }
    return group.approve("ticket", host.company, manager, worker.no, (system, *host.stores), **(given | fields))


def _rightly_late(group: Group, plan: Plan) -> None:
    def near(worker: Worker, system: str, moment: datetime, kind: str, note: str) -> None:
        account = plan.account(system, group.visit(worker, system, moment).login)
        plan.near("ORG-2-05", worker.company, account, kind, note, day=moment.date())

    day = date(2026, 3, 5)
    near(group.take("AOI", "AOI-SAL"), "SYS-CRM", at(day, 20), "exactly 2 h after the shift", "終業のちょうど2時間後")
    near(group.take("MID", "MID-OPS"), "SYS-WMS", at(day, 7), "exactly 2 h before the shift", "始業のちょうど2時間前")
    night, day = group.take("MID", "MID-OPS", pattern="night"), date(2026, 3, 12)
    start = next(d for d in (day, ago(-1, day), ago(-2, day), ago(-3, day)) if shift_of(night, d))
    near(night, "SYS-WMS", at(start, 28, 30), "night shift", "夜勤の翌日未明の参照")
    sunday = date(2026, 3, 8)
    extra = group.take("AOI", "AOI-CSC")
    _overtime(group, extra, sunday, "時間外承認")
    near(extra, "SYS-CRM", at(sunday, 14), "approved overtime on a Sunday", "承認済の日曜時間外勤務")
    called = group.take("MID", "MID-OPS")
    _overtime(group, called, sunday, "待機")
    near(called, "SYS-WMS", at(sunday, 15), "on call on a Sunday", "待機当番中の呼出し対応")
    returned = group.take("AOI", "AOI-MKT")
    group.leaves.append(Leave(returned.no, "AOI", returned.department, "傷病", date(2026, 3, 9), date(2026, 3, 13)))
    near(returned, "SYS-ATS", at(date(2026, 3, 16), 9, 30), "first day after a leave", "休暇明け初日の参照")
    reader = group.take("AOI", "AOI-SAL")
    near(reader, "SYS-WIKI", at(date(2026, 3, 6), 23), "no personal data", "深夜の社内ポータル閲覧(個人情報なし)")


def _overtime(group: Group, worker: Worker, day: date, kind: str) -> None:
    group.shifts.append(Shift(worker.no, worker.company, worker.department, day, at(day, 13), at(day, 17), kind))
    scopes = tuple(key[0] for key, _ in group.accounts_of(worker.no))
    by = group.posts[worker.department, "dept_privacy_manager"]
    group.approve("overtime", worker.company, by, worker.no, scopes, valid_from_at=at(day, 12), valid_to_at=at(day, 18))


def _accounts_of_nobody(group: Group, plan: Plan) -> None:
    control = "TEC-2-01"

    def fault(company: str, account: Account, kind: str, note: str) -> str:
        group.accounts[account.system, account.login] = account
        key = plan.account(account.system, account.login)
        plan.fault(control, company, key, kind, note, aspect="account")
        return key

    fault("AOI", Account("SYS-CRM", "temp01"), "enabled orphan", "所有者のいない有効なID")
    day, host = date(2026, 3, 17), group.steady_machine("MID").hosts[0]
    number, stranger = group.number("visit", "X{:06d}"), plan.account("SYS-SUP", "legacy-admin")
    group.access.append(Access(number, at(day, 10, 40), "SYS-SUP", "legacy-admin", "login_ok", host=host))
    note = "台帳にないIDのログイン"
    plan.fault(control, "MID", stranger, "unknown account in the log", note, aspect="seen", day=day)
    ends = date(2026, 9, 30)
    desk = Account("SYS-MKT", "desk", "共有", registered_owner=group.posts["AOI-MKT", "deputy"], expires_on=ends)
    fault("AOI", desk, "shared on personal data", "個人情報システムの共有ID")
    dock = Account("SYS-WMS", "dock", "共有", registered_owner=group.posts["MID-OPS", "deputy"], expires_on=ends)
    key = fault("MID", dock, "shared, waived", "共有IDだが例外承認あり(印は付くが消えない)")
    waive(group, control, "MID", key, "荷受場の端末。個人別IDへの移行を6月に予定")
    fault(
        "AOI",
        Account("SYS-HRM", "sync", "サービス", expires_on=ends),
        "service without owner",
        "責任者のいないサービスID",
    )
    owner, ends = group.posts["MID-ADM", "deputy"], AS_OF + timedelta(days=366)
    feed = Account("SYS-MHR", "feed", "サービス", registered_owner=owner, expires_on=ends)
    fault("MID", feed, "expires in 366 days", "期限が366日先のサービスID")


def waive(group: Group, control: str, company: str, subject: str, reason: str) -> None:
    """Accept a deviation until the middle of the year."""
    group.add(
        "waivers",
        company=company,
        department=None,
        waiver_id=group.number("waiver", "WV-{:04d}"),
        control_id=control,
        subject=subject,
        aspect=None,
        reason=reason,
        approved_by=group.posts[company, "cpo"],
        approved_on=SINCE,
        expires_on=date(2026, 6, 30),
    )


def _accounts_in_order(group: Group, plan: Plan) -> None:
    control = "TEC-2-01"
    owner = group.posts["AOI-SYS", "deputy"]

    def near(company: str, account: Account, kind: str, note: str) -> None:
        group.accounts[account.system, account.login] = account
        plan.near(control, company, plan.account(account.system, account.login), kind, note)

    near(
        "AOI",
        Account("SYS-AWS", "svc-export", "サービス", registered_owner=owner, expires_on=AS_OF + timedelta(days=365)),
        "expires in 365 days",
        "期限がちょうど365日先",
    )
    near(
        "AOI",
        Account("SYS-WIKI", "lobby", "共有", registered_owner=owner, expires_on=date(2026, 9, 30)),
        "shared, no personal data",
        "個人情報のないシステムの共有ID",
    )
    near(
        "MID",
        Account("SYS-WMS", "old-temp", enabled=False, disabled_at=at(ago(200), 9)),
        "disabled orphan",
        "停止済のIDに所有者は不要",
    )
    plan.near(control, "AOI", plan.account("SYS-CRM", "batch-crm"), "service in the log", "登録済サービスIDの夜間処理")


def _guessed(group: Group, plan: Plan) -> None:
    """Failed logins and then a success, in different measures; the user sits at the own desk each time."""
    control, day = "TEC-3-04", date(2026, 3, 24)

    def attempts(worker: Worker, system: str, count: int, minutes: float) -> str:
        for index in range(count):
            moment = at(day, 13) + timedelta(seconds=int(index * minutes * 60 / (count - 1)))
            failed = group.visit(worker, system, moment, action="login_ng", store=None, rows=None, result="denied")
        return failed.id

    def entered(worker: Worker, system: str, count: int, minutes: float) -> str:
        attempts(worker, system, count, minutes)
        moment = at(day, 13) + timedelta(seconds=int(minutes * 60) + 10)
        return group.visit(worker, system, moment, action="login_ok", store=None, rows=None).id

    event = entered(_quiet(group, "AOI", "AOI-SAL"), "SYS-CRM", 20, 9)
    plan.fault(control, "AOI", event, "20 failures, then in", "9分間に20回失敗の後に成功、調査なし", day=day)
    event = entered(_quiet(group, "MID", "MID-SUP"), "SYS-SUP", 26, 5)
    plan.fault(control, "MID", event, "26 failures, then in", "5分間に26回失敗の後に成功、調査なし", day=day)
    event = entered(_quiet(group, "AOI", "AOI-SAL"), "SYS-CRM", 19, 9)
    plan.near(control, "AOI", event, "19 failures", "19回の失敗は基準未満", day=day)
    event = entered(_quiet(group, "MID", "MID-OPS"), "SYS-WMS", 20, 30)
    plan.near(control, "MID", event, "20 failures in 30 minutes", "20回だが30分間に分散", day=day)
    event = attempts(_quiet(group, "AOI", "AOI-ADM"), "SYS-HRM", 25, 8)
    plan.near(control, "AOI", event, "never got in", "成功していない", day=day)
    event = entered(_quiet(group, "AOI", "AOI-MKT"), "SYS-ATS", 22, 8)
    group.add(
        "triages",
        company="AOI",
        triage_id=group.number("triage", "TG-{:04d}"),
        signal_kind="login_pattern",
        signal_id=event,
        triaged_at=at(day, 15),
        triaged_by=group.posts["AOI-SYS", "deputy"],
        is_incident=False,
        incident_id=None,
        reason="本人がパスワード更新後に誤入力と確認",
    )
    plan.near(control, "AOI", event, "triaged", "同日に一次対応済", day=day)


def _volumes(group: Group, plan: Plan) -> None:
    control, day = "TEC-4-04", date(2026, 3, 25)

    def took(worker: Worker, system: str, rows: int) -> str:
        for index, part in enumerate((rows // 2, rows - rows // 2)):
            group.visit(worker, system, at(day, 10 + index), rows=part)
        return plan.account(system, group.login(worker, system))

    plan.fault(
        control,
        "AOI",
        took(_steady(group, _quiet(group, "AOI", "AOI-SAL"), "SYS-CRM", 60), "SYS-CRM", 5001),
        "5001 rows",
        "平常60件の利用者が5001件",
        day=day,
    )
    plan.fault(
        control,
        "MID",
        took(_steady(group, _quiet(group, "MID", "MID-OPS"), "SYS-WMS", 80), "SYS-WMS", 9000),
        "9000 rows",
        "平常80件の利用者が9000件",
        day=day,
    )
    heavy = _steady(group, _quiet(group, "AOI", "AOI-MKT"), "SYS-ATS", 2000)
    going = group.change(heavy, left_on=date(2026, 4, 10), announced_on=date(2026, 3, 2))
    plan.fault(
        control,
        "AOI",
        took(going, "SYS-ATS", 7000),
        "7000 rows before leaving",
        "退職16日前、平常2000件の利用者が7000件(退職前は半分の基準)",
        day=day,
    )
    plan.near("TEC-1-03", "AOI", plan.engagement(going), "leaves next month", "退職日は来月")
    plan.near(
        control,
        "AOI",
        took(_steady(group, _quiet(group, "AOI", "AOI-CSC"), "SYS-CRM", 60), "SYS-CRM", 5000),
        "5000 rows",
        "ちょうど5000件",
        day=day,
    )
    plan.near(
        control,
        "MID",
        took(_steady(group, _quiet(group, "MID", "MID-SUP"), "SYS-SUP", 2000), "SYS-SUP", 7000),
        "7000 of usually 2000",
        "平常2000件の3.5倍、退職予定なし",
        day=day,
    )
    later = _steady(group, _quiet(group, "MID", "MID-OPS"), "SYS-WMS", 2000)
    later = group.change(later, left_on=day + timedelta(days=31), announced_on=date(2026, 3, 2))
    subject, note = took(later, "SYS-WMS", 7000), "退職31日前、平常2000件の3.5倍"
    plan.near(control, "MID", subject, "7000 rows 31 days before leaving", note, day=day)


def _steady(group: Group, worker: Worker, system: str, rows: int) -> Worker:
    """Give a worker the same volume every business day."""
    for day in DAYS:
        if is_open(day) and day != date(2026, 3, 25):
            group.visit(worker, system, at(day, 11, 30), rows=rows)
    return worker
