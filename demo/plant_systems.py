"""Planted in the logs of systems and their cover: ORG-2-01 and ORG-2-02."""

from datetime import date
from typing import Any

from demo.book import entry
from demo.days import AS_OF, DAYS, at
from demo.group import Group
from demo.plan import Plan
from demo.systems import TRAIL, register
from demo.values import Host

_HOLE = (date(2026, 3, 10), date(2026, 3, 11))
_QUIET_SATURDAY = date(2026, 2, 7)


def plant(group: Group, plan: Plan) -> None:
    """Plant holes, losses and damage in the delivery of logs."""
    _cover(group, plan)
    _integrity(group, plan)
    _stopped(group, plan)


def _cover(group: Group, plan: Plan) -> None:
    control = "ORG-2-01"
    group.unlogged["SYS-MHR"] = set(_HOLE)
    for day in _HOLE:
        group.segment_edits["SYS-MHR", day] = None
    plan.fault(control, "MID", "SYS-MHR", "hole of 48 hours", "3月10日と11日のログが届いていない")
    register(group, Host("SYS-FAX", "AOI", "AOI-CSC", None, "none", ("DB-FAX-IN",), fields={"name": "受信FAX管理"}))
    entry(group, "AOI", "AOI-CSC", "受信FAXの内容", "受付", "問合せ者", system_ids=("SYS-FAX",), db_ids=("DB-FAX-IN",))
    plan.fault(control, "AOI", "SYS-FAX", "no collector", "個人情報を持つがログの取得元が登録されていない")
    plan.fault("ORG-2-02", "AOI", "SYS-FAX", "no segments at all", "ログ区間も測定もない", aspect="kept")
    _edit(group, "SYS-SUP", date(2026, 3, 26), accounts_mapped=0)
    plan.fault(control, "MID", "SYS-SUP", "accounts not mapped", "3月26日のログのIDを一つも対応付けられない")
    _edit(group, "SYS-MKT", date(2026, 3, 17), lost=3)
    plan.fault(control, "AOI", "SYS-MKT", "fewer lines than reported", "送信側の件数と受信件数が一致しない")
    group.unlogged["SYS-ATS"] = {_QUIET_SATURDAY}
    group.segment_edits["SYS-ATS", _QUIET_SATURDAY] = None
    plan.near(control, "AOI", "SYS-ATS", "gap of exactly 24 hours", "2月7日の1日分、ちょうど24時間")
    plan.near(control, "MID", "SYS-WMS", "every line mapped", "サービスIDは台帳の責任者に対応付け済")
    plan.near(control, "AOI", "SYS-GONE", "retired", "廃止済のシステムに収集器は不要")


def _edit(group: Group, system: str, day: date, **fields: Any) -> None:
    group.segment_edits[system, day] = fields


def _integrity(group: Group, plan: Plan) -> None:
    control = "ORG-2-02"

    def fault(company: str, system: str, kind: str, note: str) -> None:
        plan.fault(control, company, system, kind, note, aspect="kept")

    _edit(group, "SYS-CRM", date(2026, 2, 19), digest_ok=False)
    fault("AOI", "SYS-CRM", "digest differs", "2月19日の区間のハッシュが管理表と不一致")
    _edit(group, "SYS-SUP", date(2026, 3, 5), chain_ok=False)
    fault("MID", "SYS-SUP", "chain broken", "3月5日の区間が前の区間に続かない")
    _edit(group, "SYS-HRM", date(2026, 3, 9), drift_s=61)
    fault("AOI", "SYS-HRM", "clock drift 61 s", "時刻のずれ61秒")
    group.row("systems", system_id="SYS-MNT")["log_retention_days"] = 365
    for day in DAYS:
        _edit(group, "SYS-MNT", day, retained_until=date.fromordinal(day.toordinal() + 365))
    fault("MID", "SYS-MNT", "kept for 365 days", "保存365日は規定の730日に満たない")
    day = date(2026, 3, 12)
    _edit(group, "SYS-MKT", day, retained_until=date.fromordinal(day.toordinal() + 729))
    fault("AOI", "SYS-MKT", "one day kept for 729 days", "3月12日の区間だけ保存729日")
    for day in set(DAYS) - set(_HOLE):
        _edit(group, "SYS-MHR", day, drift_s=None)
    fault("MID", "SYS-MHR", "clock never measured", "時刻のずれの測定が期間中に一度もない")
    _edit(group, "SYS-LNX", date(2026, 3, 9), drift_s=None)
    plan.near(control, "AOI", "SYS-LNX", "one day without a measurement", "3月9日だけ時刻のずれの測定なし")
    _tested(group, "SYS-TKT", 366)
    fault("AOI", "SYS-TKT", "restore test 366 days ago", "復元試験から366日")
    _edit(group, "SYS-ATS", date(2026, 3, 9), drift_s=60)
    plan.near(control, "AOI", "SYS-ATS", "clock drift 60 s", "時刻のずれちょうど60秒")
    group.row("systems", system_id="SYS-WMS")["log_retention_days"] = 730
    for day in DAYS:
        _edit(group, "SYS-WMS", day, retained_until=date.fromordinal(day.toordinal() + 730))
    plan.near(control, "MID", "SYS-WMS", "kept for 730 days", "保存ちょうど730日")
    _tested(group, "SYS-WIKI", 365)
    plan.near(control, "AOI", "SYS-WIKI", "restore test 365 days ago", "復元試験からちょうど365日")


def _tested(group: Group, system: str, days: int) -> None:
    row = group.row("exercises", kind="restore_test", scope_id=system)
    row["performed_on"] = date.fromordinal(AS_OF.toordinal() - days)


def _stopped(group: Group, plan: Plan) -> None:
    """Somebody turns the trail off: once unplanned, once in an approved change, once in vain."""
    control = "ORG-2-02"
    admin = group.take("AOI", "AOI-SYS", role="engineer")
    day = date(2026, 3, 13)
    group.visit(admin, "SYS-AWS", at(day, 15, 20), action="stop_logging", store=None, rows=None)
    plan.fault(
        control,
        "AOI",
        "SYS-AWS",
        "log source stopped",
        "承認された変更なしに記録を停止(StopLogging)",
        aspect="log_stop",
        day=day,
    )
    planned = date(2026, 3, 18)
    group.add(
        "changes",
        company="AOI",
        department=None,
        change_id=group.number("change", "CH-{:04d}"),
        kind="system_change",
        affects=("SYS-AWS", TRAIL),
        effective_on=planned,
        review_approved_on=date(2026, 3, 16),
        pia_ref="PIA-2026-03",
        production_data=False,
        production_data_basis=None,
    )
    group.visit(admin, "SYS-AWS", at(planned, 11, 5), action="stop_logging", store=None, rows=None)
    plan.near(control, "AOI", "SYS-AWS", "stopped in an approved change", "承認済の変更の日の停止", day=planned)
    vain = date(2026, 3, 19)
    group.visit(admin, "SYS-AWS", at(vain, 11, 5), action="stop_logging", store=None, rows=None, result="denied")
    plan.near(control, "AOI", "SYS-AWS", "denied attempt to stop", "停止を試みたが拒否された", day=vain)
