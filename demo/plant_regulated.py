"""Planted in the regulations and in who has read them: REG-01 and REG-03."""

from datetime import date

from demo.days import ago
from demo.group import Group
from demo.plan import Plan
from demo.plant_access import waive
from demo.regulated import CORE, acknowledge
from demo.values import Cell, Worker

_LONG_AGO = date(2023, 7, 5)


def plant(group: Group, plan: Plan) -> None:
    """Plant in the set of regulations, in the cells of its matrix, and among the workers."""
    _regulations(group, plan)
    _cells(group, plan)
    _unread(group, plan)
    _read_after_all(group, plan)


def _regulations(group: Group, plan: Plan) -> None:
    def amend(company: str, code: str, **fields: Cell) -> None:
        group.row("documents", company=company, document_code=code, status="effective").update(fields)

    def fault(company: str, code: str, kind: str, note: str) -> None:
        plan.fault("REG-01", company, company, kind, note, aspect=f"document:{code}")

    def near(company: str, code: str, kind: str, note: str) -> None:
        plan.near("REG-01", company, company, kind, note, aspect=f"document:{code}")

    amend("AOI", "TELEWORK", status="draft", approved_by=None, approved_on=None, effective_on=None)
    fault("AOI", "TELEWORK", "only a draft", "テレワーク規程が改訂中の下書きと旧版だけ")
    amend("MID", "FOREIGN", adopted_from_company="AOI")
    fault("MID", "FOREIGN", "adopted without a record", "グループ規程の採用の記録がない")
    amend("MID", "AUDIT", adopted_from_company="AOI", adoption_record="取締役会議事録 2024-06")
    near("MID", "AUDIT", "adopted on record", "グループ規程を記録のうえ採用")
    amend("AOI", "DOCUMENTS", approved_on=ago(10), effective_on=ago(0))
    near("AOI", "DOCUMENTS", "in force from today", "当日に施行")


def _cells(group: Group, plan: Plan) -> None:
    def cell(company: str, stage: str, matter: str) -> dict[str, Cell]:
        return group.row("document_elements", company=company, document_code=CORE, stage=stage, aspect=matter)

    cell("AOI", "provide", "duty")["confirmed_by"] = None
    note = "提供の段階の任務の定めを誰も確認していない"
    plan.fault("REG-01", "AOI", "AOI", "a cell that nobody confirmed", note, aspect="stage:provide/duty")
    cell("MID", "erase", "responsible")["document_version"] = "2.0"
    note = "廃棄の責任者の定めは旧版だけ"
    plan.fault("REG-01", "MID", "MID", "only the old version says so", note, aspect="stage:erase/responsible")
    cell("MID", "use", "handler")["document_code"] = "ACCESS"
    note = "利用の担当者の定めはアクセス権規程にある"
    plan.near("REG-01", "MID", "MID", "said in another regulation", note, aspect="stage:use/handler")


def _unread(group: Group, plan: Plan) -> None:
    def fault(company: str, department: str, kind: str, note: str) -> Worker:
        worker = group.take(company, department)
        group.unread.add(worker.no)
        plan.fault("REG-03", company, plan.person(worker.no), kind, note, aspect="acknowledged")
        return worker

    fault("AOI", "AOI-SAL", "never", "取扱規程を確認していない")
    old = fault("MID", "MID-OPS", "the version before", "確認したのは旧版だけ")
    acknowledge(group, old, max(old.hired_on, _LONG_AGO), version="2.0")
    pledged = fault("AOI", "AOI-CSC", "pledged only", "誓約はしたが規程の確認がない")
    acknowledge(group, pledged, max(pledged.hired_on, _LONG_AGO), kind="pledged")
    away = fault("AOI", "AOI-SAL", "waived", "長期出張中(例外承認あり)")
    waive(group, "REG-03", "AOI", plan.person(away.no), "4月の帰任時に確認の予定")
    late = group.take("MID", "MID-SUP")
    group.unread.add(late.no)
    acknowledge(group, late, date(2026, 3, 10))
    person = plan.person(late.no)
    plan.fault("REG-03", "MID", person, "late", "期限を過ぎて確認", aspect="late", day=date(2026, 3, 10))
    plan.near("REG-03", "MID", person, "late, but done", "遅れたが現行版を確認済", aspect="acknowledged")


def _read_after_all(group: Group, plan: Plan) -> None:
    def near(worker: Worker, kind: str, note: str, aspect: str = "acknowledged", day: date | None = None) -> None:
        plan.near("REG-03", worker.company, plan.person(worker.no), kind, note, aspect=aspect, day=day)

    month = next(w for w in group.workers if w.hired_on == ago(30))
    group.unread.add(month.no)
    near(month, "hired 30 days ago", "入社30日目で期限当日")
    early = next(w for w in group.workers if w.hired_on == date(2026, 3, 16))
    near(early, "within 30 days of being hired", "入社5日後に確認", "late", date(2026, 3, 21))
    lent = next(w for w in group.workers if w.kind == "出向受入")
    near(lent, "seconded in", "出向先でも自社の規程を確認")
    again = next(w for w in group.workers if w.company == "AOI" and w.hired_on == date(2026, 3, 2))
    near(again, "rehired", "再雇用の前に確認済")
