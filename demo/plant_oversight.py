"""Planted in self-checks, audits and management reviews: ORG-5-01, ORG-5-03 and ORG-5-05."""

from collections.abc import Iterator
from datetime import date

from demo import oversight
from demo.days import AS_OF, OPEN_END, ago, open_days_after
from demo.group import Group
from demo.oversight import CYCLES, INPUTS, ITEMS, audit, review
from demo.plan import Plan
from demo.rules import appoint
from demo.values import Cell, Posting, Worker

_AUDITED = date(2025, 10, 20)


def plant(group: Group, plan: Plan) -> None:
    """Build what every department did, those that others planted too, and plant in it."""
    oversight.build(group)
    _owed(group, plan)
    _late(group, plan)
    _answered(group, plan)
    _not_audited(group, plan)
    _audited(group, plan)
    _auditors(group, plan)
    _external(group, plan)
    _reviews(group, plan)


def _rows(group: Group, department: str, cycle: str) -> Iterator[dict[str, Cell]]:
    return group.rows("self_check_items", department=department, cycle=cycle)


def _drop(group: Group, register: str, **like: Cell) -> None:
    gone = [id(row) for row in group.rows(register, **like)]
    group.registers[register] = [row for row in group.registers[register] if id(row) not in gone]


def _owed(group: Group, plan: Plan) -> None:
    def fault(department: str, kind: str, note: str) -> None:
        plan.fault("ORG-5-01", department[:3], department, kind, note, aspect="self_check")

    _drop(group, "self_check_items", department="AOI-LEG", cycle="2026-02")
    fault("AOI-LEG", "handed nothing in", "2月分の自己点検が未提出")
    next(_rows(group, "MID-SUP", "2026-02"))["answer"] = None
    fault("MID-SUP", "one item not answered", "2月分の1項目が未回答")
    deputy = group.posts["AOI-CSC", "deputy"]
    for row in _rows(group, "AOI-CSC", "2026-02"):
        row["approved_by"] = deputy
    fault("AOI-CSC", "approved by the deputy", "部門管理者ではなく副責任者が承認")
    next(_rows(group, "MID-OPS", "2025-12")).update({"approved_by": None, "approved_on": None})
    fault("MID-OPS", "open since December", "12月分の1項目が未承認のまま")
    _drop(group, "self_check_items", department="MID-AUD", cycle="2026-01", item=ITEMS[-1])
    fault("MID-AUD", "an item less than the others", "1月分に他部門にある項目がない")


def _late(group: Group, plan: Plan) -> None:
    def approved(department: str, cycle: str, days: int) -> date:
        day = open_days_after(CYCLES[cycle], days) if days else CYCLES[cycle]
        for row in _rows(group, department, cycle):
            row["approved_on"] = day
        return day

    def near(department: str, kind: str, note: str, day: date | None) -> None:
        aspect = "late" if day else "self_check"
        plan.near("ORG-5-01", department[:3], department, kind, note, aspect=aspect, day=day)

    for department, cycle in (("AOI-MKT", "2026-02"), ("MID-ADM", "2026-01")):
        day = approved(department, cycle, 1)
        note = "期限の翌営業日に承認"
        plan.fault("ORG-5-01", department[:3], department, "a day late", note, aspect="late", day=day)
        near(department, "late, but done", "遅れても承認済なら未提出ではない", None)
    day = approved("AOI-SAL", "2026-02", 0)
    near("AOI-SAL", "on the due day", "期限の当日に承認", day)
    last = group.take("MID", "MID-OPS")
    day = approved("MID-TRN", "2026-02", -1)
    _drop(group, "appointments", department="MID-TRN", role="dept_privacy_manager")
    appoint(group, "MID", "MID-TRN", "dept_privacy_manager", last.no, last=day)
    for item in list(group.rows("self_check_items", department="MID-TRN")):
        item["approved_by"] = last.no
    near("MID-TRN", "the last day of the manager's post", "部門管理者の任期の最終日に承認", None)


def _answered(group: Group, plan: Plan) -> None:
    def near(department: str, kind: str, note: str) -> None:
        plan.near("ORG-5-01", department[:3], department, kind, note, aspect="self_check")

    for row in list(_rows(group, "AOI-ADM", "2026-02")):
        told: dict[str, Cell] = row | dict.fromkeys(
            ("answer", "answered_by", "answered_at", "approved_by", "approved_on")
        )
        group.add("self_check_items", **(told | {"cycle": "2026-03", "due_on": open_days_after(AS_OF, 10)}))
    near("AOI-ADM", "March is not due", "3月分は期限前で未回答")
    next(_rows(group, "AOI-SYS", "2026-02"))["answer"] = "not_applicable"
    near("AOI-SYS", "one item does not apply", "1項目は対象外と回答")
    near("MID-CAF", "out of scope", "点検の対象外の部門")


def _not_audited(group: Group, plan: Plan) -> None:
    def fault(department: str, kind: str, note: str) -> None:
        plan.fault("ORG-5-03", department[:3], department, kind, note, aspect="coverage")

    _drop(group, "audit_assignments", department="AOI-PRJ")
    fault("AOI-PRJ", "not in the plan", "監査計画にない部門")
    group.row("audit_assignments", department="MID-SUP", measure="TEC-4").update(
        {"planned_on": ago(1), "performed_on": None}
    )
    fault("MID-SUP", "planned for yesterday", "1つの措置の監査が予定日を過ぎて未実施")
    group.row("audit_assignments", department="AOI-MKT", measure="VEN")["fiscal_year"] = 2024
    fault("AOI-MKT", "last year's audit", "1つの措置は前年度の監査しかない")


def _audited(group: Group, plan: Plan) -> None:
    def near(department: str, kind: str, note: str) -> None:
        plan.near("ORG-5-03", department[:3], department, kind, note, aspect="coverage")

    group.row("audit_assignments", department="MID-OPS", measure="EXT").update(
        {"planned_on": AS_OF, "performed_on": None}
    )
    near("MID-OPS", "planned for today", "1つの措置の監査の予定は当日")
    again: dict[str, Cell] = {"planned_on": ago(20), "performed_on": None, "independence_declared": False}
    audit(group, "AOI", "AOI-SAL", "HUM", **again)
    near("AOI-SAL", "the second audit fell out", "同じ措置の2回目の監査は未実施、1回目は実施済")
    near("MID-CAF", "out of scope", "監査の対象外の部門")


def _post(group: Group, worker: Worker, department: str, first: date, last: date) -> None:
    """Give somebody a second post for a time."""
    number = group.number("posting", "H{:06d}")
    role = next(w.role for w in group.workers if w.department == department and w.no not in group.posts.values())
    told = (worker.no, department[:3], department, role, "兼務", worker.hired_on, first, last)
    group.postings.append(Posting(number, *told, worker.manager))


def _auditors(group: Group, plan: Plan) -> None:
    def audited(department: str, auditor: str, **fields: Cell) -> str:
        told: dict[str, Cell] = {"auditor_key": auditor, "planned_on": _AUDITED, "performed_on": _AUDITED}
        return audit(group, department[:3], department, "PHY-1", **(told | fields))

    def fault(subject: str, company: str, kind: str, note: str) -> None:
        plan.fault("ORG-5-03", company, subject, kind, note, aspect="independence")

    def near(subject: str, company: str, kind: str, note: str) -> None:
        plan.near("ORG-5-03", company, subject, kind, note, aspect="independence")

    own = group.take("AOI", "AOI-SAL")
    fault(audited("AOI-SAL", own.no), "AOI", "of the department", "監査員が被監査部門に所属")
    both = group.take("AOI", "AOI-MKT")
    _post(group, both, "AOI-SYS", _AUDITED, OPEN_END)
    fault(audited("AOI-SYS", both.no), "AOI", "second post since that day", "監査員が当日から被監査部門を兼務")
    silent = group.posts["MID", "audit_officer"]
    subject = audited("MID-OPS", silent, independence_declared=False)
    fault(subject, "MID", "not declared", "監査員の独立性の宣言なし")
    lent = next(w for w in group.workers if w.kind == "出向受入" and w.department == "MID-OPS")
    fault(audited("MID-OPS", lent.no), "MID", "seconded into the department", "監査員が被監査部門に出向中")
    near(audited("MID-SUP", lent.no), "MID", "seconded into another department", "監査員の出向先は別の部門")
    once = group.take("AOI", "AOI-MKT")
    _post(group, once, "AOI-ADM", date(2025, 9, 1), _AUDITED.replace(day=19))
    near(audited("AOI-ADM", once.no), "AOI", "second post until the day before", "監査員の兼務は前日で終了")
    sister = group.take("MID", "MID-ADM")
    near(audited("AOI-ADM", sister.no), "AOI", "from the sister company", "グループの別会社の管理部門の監査員")
    waiting = audited("MID-ADM", group.posts["MID-OPS", "deputy"], planned_on=AS_OF, performed_on=None)
    near(waiting, "MID", "to be done, not declared yet", "当日予定の監査に宣言なし(実施前)")


def _external(group: Group, plan: Plan) -> None:
    def planned(company: str, day: date) -> str:
        told: dict[str, Cell] = {"external": True, "auditor_key": None, "independence_declared": False}
        return audit(group, company, f"{company}-ADM", "ORG-5", **told, planned_on=day, performed_on=None)

    control, aspect = "ORG-5-03", "external"
    subject = planned("MID", ago(1))
    plan.fault(control, "MID", subject, "planned for yesterday", "外部監査が予定日を過ぎて未実施", aspect=aspect)
    subject = planned("AOI", AS_OF)
    plan.near(control, "AOI", subject, "planned for today", "外部監査の予定は当日", aspect=aspect)


def _reviews(group: Group, plan: Plan) -> None:
    def told(company: str, aspect: str, kind: str, note: str, *, near: bool = False) -> None:
        plan.fault("ORG-5-05", company, company, kind, note, aspect=aspect, near_miss=near)

    lacking = tuple(code for code in INPUTS if code != "vendors")
    by = group.posts["AOI", "cpo"]
    group.row("management_reviews", company="AOI").update({"inputs": lacking, "decisions_tracked": 2, "signed_by": by})
    review(group, "AOI", ago(100))
    told(
        "AOI", "review", "the newest is signed by another", "最新の見直しの署名は別人(代表者が署名した前回では足りない)"
    )
    told("AOI", "inputs", "one input missing", "最新の見直しの入力に委託先がない(前回は全入力)")
    told("AOI", "decisions", "a decision not followed", "指示3件のうち1件が指摘・課題になっていない")
    nothing: dict[str, Cell] = {"decisions": 0, "decisions_tracked": 0}
    group.row("management_reviews", company="MID").update({"held_on": ago(365)} | nothing)
    review(group, "MID", ago(366), inputs=("incidents",), signed_by=group.posts["MID", "cpo"], decisions_tracked=1)
    told("MID", "review", "365 days ago", "代表者が署名した見直しからちょうど365日", near=True)
    told("MID", "inputs", "the day after one of one matter", "前日の見直しは事故のみ、最新は全入力", near=True)
    told("MID", "decisions", "a review without decisions", "最新の見直しには指示なし(前日の指示は未追跡)", near=True)
