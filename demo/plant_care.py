"""Planted in signals, first answers and corrections: ORG-4-06, TEC-3-04 (alerts) and ORG-5-04."""

from datetime import date, timedelta

from demo.care import UNDONE, UNVERIFIED_YET, alert, complaint, finding, incident, triage
from demo.days import AS_OF, ago, at, open_days_after
from demo.group import Group
from demo.plan import Plan
from demo.plant_access import waive
from demo.systems import machine
from demo.values import Cell, Signal


def plant(group: Group, plan: Plan) -> None:
    """Plant signals that nobody answered and findings that were not followed up."""
    _unanswered(group, plan)
    _answered(group, plan)
    _alerts(group, plan)
    _lost(group, plan)
    _findings(group, plan)
    _findings_in_time(group, plan)
    _repeats(group, plan)


def _unanswered(group: Group, plan: Plan) -> None:
    control = "ORG-4-06"

    def fault(signal: Signal, kind: str, note: str, *, high: bool = False) -> None:
        day = signal.at.date()
        plan.fault(control, signal.company, signal.id, kind, note, day=day)
        if high:
            plan.fault("TEC-3-04", signal.company, signal.id, kind, note, day=day)

    fault(
        alert(group, "AOI", at(date(2026, 3, 5), 14), "malware", "high"),
        "malware, no answer",
        "マルウェア検知(高)に記録なし",
        high=True,
    )
    late = alert(group, "MID", at(date(2026, 3, 9), 9), "intrusion", "critical")
    triage(group, "MID", "security_event", late.id, at(date(2026, 3, 10), 10))
    fault(late, "answered after 25 hours", "侵入検知(重大)の一次対応が25時間後", high=True)
    fault(
        alert(group, "AOI", at(date(2026, 3, 11), 16), "dlp_block_failed", "medium"),
        "DLP, no answer",
        "持出遮断の失敗に記録なし",
    )
    bare = alert(group, "MID", at(date(2026, 3, 12), 11), "mis_send", "low")
    triage(group, "MID", "security_event", bare.id, at(date(2026, 3, 12), 13), reason=None)
    fault(bare, "not an incident, no reason", "事案でないとする理由がない")
    moment = at(date(2026, 3, 16), 10)
    number = complaint(group, "AOI", moment, "leak_suspected", answered=False)
    for asked in (control, "REQ-05"):
        plan.fault(asked, "AOI", number, "leak complaint, no answer", "漏えいの申出に判断の記録なし", day=moment.date())
    known = alert(group, "AOI", at(date(2026, 3, 24), 10), "dlp_block_failed", "medium")
    waive(group, control, "AOI", known.id, "検証用の送信であることを事前に届出")
    fault(known, "waived", "例外承認あり(印は付くが消えない)")


def _answered(group: Group, plan: Plan) -> None:
    control = "ORG-4-06"

    def near(signal: Signal, kind: str, note: str) -> None:
        plan.near(control, signal.company, signal.id, kind, note, day=signal.at.date())

    prompt = alert(group, "AOI", at(date(2026, 3, 6), 9), "malware", "high")
    triage(group, "AOI", "security_event", prompt.id, at(date(2026, 3, 7), 9))
    near(prompt, "after exactly 24 hours", "ちょうど24時間後に一次対応")
    plan.near(
        "TEC-3-04", "AOI", prompt.id, "after exactly 24 hours", "ちょうど24時間後に一次対応", day=date(2026, 3, 6)
    )
    near(
        alert(group, "MID", at(date(2026, 3, 10), 9), "malware", "medium"),
        "medium malware",
        "中程度のマルウェアは対象外",
    )
    opened = alert(group, "MID", at(date(2026, 3, 13), 9), "dlp_block_failed", "medium")
    incident(group, "MID", "MID-ADM", at(date(2026, 3, 13), 12), signal_ids=(opened.id,))
    near(opened, "incident opened", "3時間後に事案として登録済")
    near(alert(group, "AOI", at(AS_OF, 20), "mis_send", "low"), "still in time", "期限は翌日、判断は期限前")
    number = complaint(group, "MID", at(date(2026, 3, 17), 10), "attitude")
    plan.near(control, "MID", number, "another complaint", "漏えいに関わらない苦情", day=date(2026, 3, 17))


def _alerts(group: Group, plan: Plan) -> None:
    """Alerts of another kind are no leak signals, but high ones still want an answer."""
    control = "TEC-3-04"
    other = alert(group, "MID", at(date(2026, 3, 18), 10), "other", "high")
    plan.fault(control, "MID", other.id, "other, no answer", "その他の高検知に一次対応なし", day=date(2026, 3, 18))
    plan.near("ORG-4-06", "MID", other.id, "other kind", "漏えいの兆候に当たらない種別", day=date(2026, 3, 18))
    low = alert(group, "AOI", at(date(2026, 3, 18), 11), "other", "medium")
    plan.near(control, "AOI", low.id, "medium", "中程度の検知", day=date(2026, 3, 18))
    fresh = alert(group, "AOI", at(AS_OF, 15), "other", "high")
    plan.near(control, "AOI", fresh.id, "still in time", "当日午後の検知、期限は翌日", day=AS_OF)


def _lost(group: Group, plan: Plan) -> None:
    control = "ORG-4-06"
    day = ago(5)
    gone = machine(group, "520001", "AOI", "AOI-SAL", status="lost", changed_at=at(day, 10), verified_ago=5)
    plan.fault(control, "AOI", gone.id, "lost, no incident", "紛失した端末に事案も判断もない", day=day)
    found = machine(
        group, "520002", "MID", "MID-OPS", status="lost", changed_at=at(day, 10), verified_ago=5, wiped_at=at(day, 12)
    )
    number = incident(group, "MID", "MID-OPS", at(day, 11), device_id=found.id)
    triage(group, "MID", "lost_device", found.id, at(day, 11), is_incident=True, incident_id=number)
    plan.near(control, "MID", found.id, "lost, incident opened", "1時間後に事案として登録済", day=day)


def _findings(group: Group, plan: Plan) -> None:
    def fault(row: dict[str, Cell], kind: str, note: str, aspect: str = "finding", day: date | None = None) -> None:
        plan.fault("ORG-5-04", str(row["company"]), str(row["finding_id"]), kind, note, aspect=aspect, day=day)

    open_yet = UNDONE | {"due_on": ago(-20)}
    row = finding(group, "AOI", "AOI-SAL", ago(80), cause=None, **open_yet)
    fault(row, "no cause", "原因の記載なし")
    gone = group.leave_company(group.take("MID", "MID-OPS"), date(2025, 11, 28))
    row = finding(group, "MID", "MID-OPS", ago(80), owner_key=gone.no, **open_yet)
    fault(row, "owner has left", "担当者が退職済")
    raised = date(2026, 3, 2)
    set_on = open_days_after(raised, 11)
    row = finding(group, "AOI", "AOI-CSC", raised, due_set_on=set_on, due_on=ago(-30), **UNDONE)
    fault(row, "due date set on the 11th business day", "期限の設定が11営業日後(遅延)", "late", set_on)
    row = finding(group, "MID", "MID-SUP", ago(60), **(UNDONE | {"due_on": ago(1)}))
    fault(row, "overdue by a day", "期限を1日超過")
    row = finding(group, "AOI", "AOI-SYS", ago(240), **UNVERIFIED_YET)
    fault(row, "never verified", "完了から215日、有効性未確認")
    row = finding(group, "MID", "MID-ADM", ago(200), verified_on=ago(200 - 25 - 29))
    fault(row, "verified after 29 days", "完了の29日後に有効性確認(早すぎる)")
    done = ago(32)
    row = finding(group, "AOI", "AOI-SAL", ago(70), **(UNVERIFIED_YET | {"due_on": ago(35), "completed_on": done}))
    fault(row, "completed late", "期限の3日後に完了(遅延)", "late", done)


def _findings_in_time(group: Group, plan: Plan) -> None:
    control = "ORG-5-04"

    def near(company: str, department: str, days: int, kind: str, note: str, **fields: Cell) -> None:
        row = finding(group, company, department, ago(days), **fields)
        plan.near(control, company, str(row["finding_id"]), kind, note)

    raised = date(2026, 3, 2)
    near(
        "MID",
        "MID-OPS",
        (AS_OF - raised).days,
        "due date set on the 10th business day",
        "期限の設定がちょうど10営業日後",
        due_set_on=open_days_after(raised, 10),
        due_on=ago(-30),
        **UNDONE,
    )
    near("AOI", "AOI-CSC", 60, "due today", "本日が期限", **(UNDONE | {"due_on": AS_OF}))
    near(
        "AOI",
        "AOI-SAL",
        210,
        "180 days after completion",
        "完了からちょうど180日、有効性確認は期限内",
        completed_on=ago(180),
        due_on=ago(180),
        **UNVERIFIED_YET,
    )
    near(
        "MID",
        "MID-SUP",
        200,
        "verified after 30 days",
        "完了のちょうど30日後に有効性確認",
        verified_on=ago(200 - 25 - 30),
    )
    near(
        "AOI",
        "AOI-MKT",
        300,
        "verified after 180 days",
        "完了のちょうど180日後に有効性確認",
        verified_on=ago(300 - 25 - 180),
        closed_on=ago(90),
    )


def _repeats(group: Group, plan: Plan) -> None:
    control = "ORG-5-04"
    first = finding(group, "AOI", "AOI-SAL", ago(340), control_id="PHY-3-02")
    again = finding(group, "AOI", "AOI-SAL", ago(150), control_id="PHY-3-02")
    note = "同じ部門・管理策の指摘が365日以内に再発(是正が効いていない)"
    plan.fault(control, "AOI", str(first["finding_id"]), "came back after 190 days", note, aspect="finding")
    plan.near(control, "AOI", str(again["finding_id"]), "the one that came back", "再発した側の指摘は是正済")
    held = finding(group, "MID", "MID-OPS", ago(150) - timedelta(days=25 + 366), control_id="PHY-3-02")
    later = finding(group, "MID", "MID-OPS", ago(150), control_id="PHY-3-02")
    plan.near(control, "MID", str(held["finding_id"]), "held for 366 days", "是正完了の366日後の指摘は再発に数えない")
    plan.near(control, "MID", str(later["finding_id"]), "another after 366 days", "前回の是正完了から366日後の指摘")
    elsewhere = finding(group, "AOI", "AOI-CSC", ago(140), control_id="PHY-3-02")
    plan.near(control, "AOI", str(elsewhere["finding_id"]), "another department", "同じ管理策だが別の部門")
