"""Planted in how people sign in: TEC-2-02, TEC-2-03 and TEC-2-04."""

from dataclasses import replace
from datetime import date, timedelta

from demo.cast import guest
from demo.days import DAYS, at
from demo.decided import setting
from demo.group import Group, day_of, shift_of
from demo.plan import Plan
from demo.plant_access import waive
from demo.values import Cell, Worker

_CONTROL = "TEC-2-04"
_DAY = date(2026, 3, 18)  # a Wednesday
_WEEK = timedelta(days=7)
_SUNDAY = date(2026, 3, 15)


def plant(group: Group, plan: Plan) -> None:
    """Plant accounts and logins without a second factor, weak settings, and accounts that two people seem to use."""
    _factors(group, plan)
    _settings(group, plan)
    _places(group, plan)
    _devices(group, plan)
    _absent(group, plan)
    _follows(group, plan)


def _log_in(group: Group, worker: Worker, system: str, hour: int, minute: int, **fields: Cell) -> str:
    """One login, in working time unless a day is told; the login name."""
    day = fields.pop("day", _DAY)
    assert isinstance(day, date)
    told: dict[str, Cell] = {"action": "login_ok", "store": None, "rows": None}
    return group.visit(worker, system, at(day, hour, minute), **(told | fields)).login


def _factors(group: Group, plan: Plan) -> None:
    control = "TEC-2-02"

    def off(worker: Worker, system: str) -> str:
        key = system, group.login(worker, system)
        group.accounts[key] = replace(group.accounts[key], mfa=False)
        return plan.account(*key)

    def fault(subject: str, company: str, kind: str, note: str, day: date | None = None) -> None:
        plan.fault(control, company, subject, kind, note, aspect="login" if day else "account", day=day)

    worker = guest(group, "AOI", "first")
    fault(off(worker, "SYS-CRM"), "AOI", "off", "会員情報のシステムで多要素認証が無効")
    note = "個人情報のない社内ポータル"
    plan.near(control, "AOI", off(worker, "SYS-WIKI"), "no personal data", note, aspect="account")
    fault(off(guest(group, "MID", "first"), "SYS-MHR"), "MID", "off", "人事のシステムで多要素認証が無効")
    subject = off(guest(group, "MID", "second"), "SYS-MHR")
    fault(subject, "MID", "off, waived", "例外承認あり(印は付くが消えない)")
    waive(group, control, "MID", subject, "認証器の交換待ち。社内からのみ使用")
    key = "SYS-WMS", "old-temp"
    group.accounts[key] = replace(group.accounts[key], mfa=False)
    note = "停止済のIDに多要素認証は不要"
    plan.near(control, "MID", plan.account(*key), "disabled", note, aspect="account")
    worker = guest(group, "AOI", "second")
    login = _log_in(group, worker, "SYS-HRM", 14, 0, mfa=False)
    fault(plan.account("SYS-HRM", login), "AOI", "no second factor", "多要素認証なしのログイン", _DAY)
    worker = guest(group, "MID", "first")
    login = _log_in(group, worker, "SYS-SUP", 14, 0, mfa=None)
    fault(plan.account("SYS-SUP", login), "MID", "no claim", "ログに多要素認証の表示がない", _DAY)
    before = date(2026, 3, 17)
    _log_in(group, worker, "SYS-SUP", 14, 0, day=before, action="login_ng", result="denied", mfa=None)
    note = "失敗したログインに表示は不要"
    plan.near(control, "MID", plan.account("SYS-SUP", login), "failed", note, aspect="login", day=before)


def _settings(group: Group, plan: Plan) -> None:
    control = "TEC-2-03"

    def told(system: str, name: str, value: int | str, kind: str, note: str, *, near: bool = False) -> None:
        group.settings.append(setting(system, name, value))
        tell = plan.near if near else plan.fault
        tell(control, group.hosts[system].company, system, kind, note, aspect=f"setting:{name}")

    told("SYS-MKT", "password_min_length", 11, "11 characters", "パスワードが11文字から")
    told("SYS-WMS", "lock_after", 11, "locks after 11", "11回の失敗でロック")
    told("SYS-HRM", "idle_minutes", 31, "31 minutes", "無操作31分で切断")
    told("SYS-MHR", "reuse_blocked", "false", "used ones again", "パスワードの再利用ができる")
    told("SYS-SUP", "lock_after", 0, "never locks", "ロックしない設定(0)")
    told("SYS-CRM", "password_min_length", 12, "12 characters", "ちょうど12文字", near=True)
    told("SYS-MNT", "lock_after", 10, "locks after 10", "ちょうど10回", near=True)
    told("SYS-ATS", "idle_minutes", 30, "30 minutes", "ちょうど30分", near=True)


def _places(group: Group, plan: Plan) -> None:
    worker = guest(group, "AOI", "second")
    before = date(2026, 3, 17)
    for day, hour, minute in ((before, 14, 1), (_DAY, 14, 0)):
        _log_in(group, worker, "SYS-CRM", 13, 0, day=day, country="JP")
        subject = plan.account("SYS-CRM", _log_in(group, worker, "SYS-CRM", hour, minute, day=day, country="US"))
    plan.near(_CONTROL, "AOI", subject, "two countries in 61 minutes", "61分で日本と米国から", day=before)
    plan.fault(_CONTROL, "AOI", subject, "two countries in an hour", "ちょうど1時間で日本と米国から", day=_DAY)
    worker = guest(group, "MID", "second")
    _log_in(group, worker, "SYS-SUP", 13, 0, site="本社")
    subject = plan.account("SYS-SUP", _log_in(group, worker, "SYS-SUP", 13, 20, site="大阪"))
    plan.fault(_CONTROL, "MID", subject, "two sites in 20 minutes", "20分で本社と大阪から", day=_DAY)


def _devices(group: Group, plan: Plan) -> None:
    worker, before = guest(group, "MID", "third"), date(2026, 3, 17)
    hosts: set[str] = set()
    while len(hosts) < 4:
        hosts.add(group.steady_machine("MID").hosts[0])
    for day, count in ((before, 3), (_DAY, 4)):
        for minute, host in enumerate(sorted(hosts)[:count]):
            login = _log_in(group, worker, "SYS-MHR", 13, minute, day=day, host=host)
    subject = plan.account("SYS-MHR", login)
    plan.near(_CONTROL, "MID", subject, "three devices a day", "1日に3台から", day=before)
    plan.fault(_CONTROL, "MID", subject, "four devices a day", "1日に4台から", day=_DAY)


def _absent(group: Group, plan: Plan) -> None:
    """Nobody works on a Sunday: without a permit, with one, after its end; a night shift that began the day before."""
    worker = guest(group, "AOI", "third")
    subject = plan.account("SYS-CRM", _log_in(group, worker, "SYS-CRM", 11, 0, day=_SUNDAY))
    plan.fault(_CONTROL, "AOI", subject, "nobody came in", "入館も在宅許可もない日曜のログイン", day=_SUNDAY)
    worker, before = guest(group, "AOI", "first"), _SUNDAY - _WEEK
    by = group.posts["AOI-SAL", "dept_privacy_manager"]
    group.approve("remote_work", "AOI", by, worker.no, ("SYS-HRM",))
    subject = plan.account("SYS-CRM", _log_in(group, worker, "SYS-CRM", 11, 0, day=before))
    plan.fault(
        _CONTROL, "AOI", subject, "a permit for another system", "別のシステムの在宅許可でのログイン", day=before
    )
    worker, by = guest(group, "MID", "first"), group.posts["MID-ADM", "dept_privacy_manager"]
    for sunday, until in ((_SUNDAY - _WEEK, 11), (_SUNDAY, 10)):
        told = {
            "approved_at": at(date(2026, 3, 5), 9),
            "valid_from_at": at(sunday, 9),
            "valid_to_at": at(sunday, until),
        }
        group.approve("remote_work", "MID", by, worker.no, ("SYS-MHR",), **told)
        subject = plan.account("SYS-MHR", _log_in(group, worker, "SYS-MHR", 11, 0, day=sunday))
    plan.near(_CONTROL, "MID", subject, "a permit", "在宅許可の最後の時刻のログイン", day=_SUNDAY - _WEEK)
    plan.fault(_CONTROL, "MID", subject, "the permit had ended", "在宅許可の終了後のログイン", day=_SUNDAY)
    night = group.take("MID", "MID-OPS", pattern="night")
    first = next(d for d in DAYS if shift_of(night, d))
    login, day = _log_in(group, night, "SYS-WMS", 26, 0, day=first), first + timedelta(days=1)
    note = "前夜に入館した夜勤者の未明のログイン"
    plan.near(_CONTROL, "MID", plan.account("SYS-WMS", login), "night shift", note, day=day)


def _follows(group: Group, plan: Plan) -> None:
    """Whoever used an account after leaving had not come in either."""
    left = {one.subject: one for one in plan.planted if one.control == "TEC-1-03" and one.aspect == "used"}
    for access in [a for a in group.access if a.action == "login_ok"]:
        for owner in [o for o in group.owners if (o.system, o.login) == (access.system, access.login)]:
            gone = [w for w in group.workers if w.no == owner.no and plan.engagement(w) in left]
            if gone and left[plan.engagement(gone[0])].day == day_of(access.at):
                subject, day = plan.account(access.system, access.login), day_of(access.at)
                plan.fault(_CONTROL, gone[0].company, subject, "after leaving", "退職後のログイン、入館なし", day=day)
