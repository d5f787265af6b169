"""Planted in who reads the logs and in what was put out: ORG-2-03 and ORG-2-04."""

from datetime import date, timedelta

from demo.days import DAY, ago, at, open_days_after
from demo.group import Group, shift_of
from demo.log_reviews import MONTHS, approve_output, put_out, review
from demo.plan import Plan
from demo.plant_access import waive
from demo.systems import appoint_admin
from demo.values import Access, Cell, Worker

_WEEK = timedelta(days=7)
_SECOND = timedelta(seconds=1)
_DAY = date(2026, 3, 17)


def plant(group: Group, plan: Plan) -> None:
    """Plant in the monthly reviews of the logs and in the exports and prints."""
    _reviews(group, plan)
    _late_reviews(group, plan)
    _reviews_in_order(group, plan)
    _unapproved(group, plan)
    _approved_otherwise(group, plan)
    _outputs_in_order(group, plan)


def _of(group: Group, system: str, month: str) -> dict[str, Cell]:
    return group.row("reviews", kind="log", scope_id=system, period=month)


def _reviews(group: Group, plan: Plan) -> None:
    def fault(system: str, kind: str, note: str) -> None:
        plan.fault("ORG-2-03", group.hosts[system].company, system, kind, note, aspect="review")

    group.registers["reviews"].remove(_of(group, "SYS-HRM", "2026-02"))
    fault("SYS-HRM", "no review", "2月のログ確認の記録がない")
    _of(group, "SYS-CRM", "2026-01")["reviewed_by"] = group.posts["AOI-SAL", "deputy"]
    fault("SYS-CRM", "by the administrator", "システム管理者が自分で確認")
    _of(group, "SYS-SUP", "2026-01")["anomalies_disposed"] = 1
    fault("SYS-SUP", "an anomaly without disposition", "異常2件のうち1件の処置が未記載")
    _of(group, "SYS-MKT", "2026-02")["failure_count"] = None
    waive(group, "ORG-2-03", "AOI", "SYS-MKT", "配信サービスの管理画面が失敗の件数を示さない。5月に改修予定")
    fault("SYS-MKT", "no count of failures, waived", "失敗の件数の記録がない(例外承認あり)")


def _late_reviews(group: Group, plan: Plan) -> None:
    control = "ORG-2-03"
    day = open_days_after(MONTHS["2026-02"], 11)
    _of(group, "SYS-WMS", "2026-02")["reviewed_on"] = day
    note = "月末から11営業日目に確認"
    plan.fault(control, "MID", "SYS-WMS", "on the 11th business day", note, aspect="late", day=day)
    plan.near(control, "MID", "SYS-WMS", "late, but reviewed", "遅れても確認済なら未実施ではない", aspect="review")
    day = open_days_after(MONTHS["2026-02"], 10)
    _of(group, "SYS-ATS", "2026-02")["reviewed_on"] = day
    note = "月末から10営業日目に確認"
    plan.near(control, "AOI", "SYS-ATS", "on the 10th business day", note, aspect="late", day=day)


def _reviews_in_order(group: Group, plan: Plan) -> None:
    def near(system: str, kind: str, note: str) -> None:
        plan.near("ORG-2-03", group.hosts[system].company, system, kind, note, aspect="review")

    row = _of(group, "SYS-MHR", "2026-01")
    reviewed = open_days_after(MONTHS["2026-01"], 4)
    appoint_admin(group, group.hosts["SYS-MHR"], str(row["reviewed_by"]), last=reviewed - DAY)
    near("SYS-MHR", "administrator until the day before", "前日までシステム管理者だった者の確認")
    first = _of(group, "SYS-AWS", "2026-02")
    first["reviewed_by"] = group.posts["AOI-SYS", "deputy"]
    review(group, "SYS-AWS", "2026-02", open_days_after(MONTHS["2026-02"], 9))
    near("SYS-AWS", "again by somebody else", "管理者の確認のあと別の者が期限内に確認")


def _unapproved(group: Group, plan: Plan) -> None:
    def fault(access: Access, kind: str, note: str) -> None:
        company = group.hosts[access.system].company
        plan.fault("ORG-2-04", company, access.id, kind, note, day=_DAY)

    seller = group.take("AOI", "AOI-SAL")
    fault(put_out(group, seller, "SYS-CRM", _DAY, 14, 1000), "1000 rows, no approval", "会員情報1,000件を承認なく出力")
    clerk = group.take("AOI", "AOI-ADM")
    printed = put_out(group, clerk, "SYS-HRM", _DAY, 14, 1, action="print")
    fault(printed, "one row of special care", "要配慮を含む従業者情報1件を承認なく印刷")
    caller = group.take("AOI", "AOI-CSC")
    waived = put_out(group, caller, "SYS-CRM", _DAY, 15, 1200)
    waive(group, "ORG-2-04", "AOI", waived.id, "監督官庁の照会への即日回答。翌日に責任者が追認")
    fault(waived, "waived", "承認なく出力(例外承認あり、印は付くが消えない)")


def _approved_otherwise(group: Group, plan: Plan) -> None:
    moment = at(_DAY, 14)

    def fault(worker: Worker, system: str, kind: str, note: str, **approved: Cell) -> None:
        approve_output(group, worker, system, **({"approved_at": moment - DAY} | approved))
        subject = put_out(group, worker, system, _DAY, 14, 1500).id
        plan.fault("ORG-2-04", worker.company, subject, kind, note, day=_DAY)

    mover = group.take("MID", "MID-OPS")
    stale = moment - _WEEK - _SECOND
    fault(mover, "SYS-WMS", "approved 7 days and 1 second before", "7日と1秒前の承認", approved_at=stale)
    note = "承認した目的と異なる目的で出力"
    fault(group.take("MID", "MID-SUP"), "SYS-SUP", "another purpose", note, purpose="問合せ傾向の分析")
    note = "承認した上限1,000件を超えて出力"
    fault(group.take("AOI", "AOI-SAL"), "SYS-CRM", "more rows than approved", note, max_rows=1000)
    later = moment + _SECOND
    fault(group.take("MID", "MID-OPS"), "SYS-WMS", "approved afterwards", "出力の1秒後に承認", approved_at=later)


def _outputs_in_order(group: Group, plan: Plan) -> None:
    def near(access: Access, kind: str, note: str) -> None:
        company = group.hosts[access.system].company
        plan.near("ORG-2-04", company, access.id, kind, note, day=access.at.date())

    seller = group.take("AOI", "AOI-SAL")
    near(put_out(group, seller, "SYS-CRM", _DAY, 14, 999), "999 rows", "基準未満の999件")
    refused = put_out(group, seller, "SYS-CRM", _DAY, 15, 3000, result="denied")
    near(refused, "denied", "出力はシステムが拒否")
    mover = group.take("MID", "MID-OPS")
    approve_output(group, mover, "SYS-WMS", approved_at=at(_DAY, 14) - _WEEK, max_rows=1500)
    near(put_out(group, mover, "SYS-WMS", _DAY, 14, 1500), "approved 7 days before", "ちょうど7日前の承認、上限と同数")
    night = group.take("MID", "MID-OPS", pattern="night")
    start = next(d for d in (_DAY, ago(-1, _DAY), ago(-2, _DAY), ago(-3, _DAY)) if shift_of(night, d))
    approve_output(group, night, "SYS-WMS", approved_at=at(start, 22))
    near(put_out(group, night, "SYS-WMS", start, 28, 1200), "at night", "夜勤中の承認済の出力")
