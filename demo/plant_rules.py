"""Planted in what the group decided: POL-01, REG-02, ORG-1-02."""

from demo.days import DAY, ago
from demo.group import Group
from demo.plan import Plan
from demo.rules import APPROVED, appoint, change, document
from demo.values import Cell


def plant(group: Group, plan: Plan) -> None:
    """Plant in the registers of rules."""
    _policies(group, plan)
    _broken_documents(group, plan)
    _documents_on_the_edge(group, plan)
    _vacancies(group, plan)


def _policies(group: Group, plan: Plan) -> None:
    policy = group.row("documents", company="AOI", document_code="POLICY", status="effective")
    policy["reviewed_on"] = ago(366)
    plan.fault("POL-01", "AOI", "AOI", "review overdue", "基本方針の見直しから366日")
    plan.fault("REG-02", "AOI", "POLICY", "review overdue", "同じ文書は規程としても見直し期限超過", aspect="document")
    _amend(group, "MID", "POLICY", reviewed_on=ago(365))
    note = "基本方針の見直しからちょうど365日"
    plan.near("POL-01", "MID", "MID", "reviewed 365 days ago", note)
    plan.near("REG-02", "MID", "POLICY", "reviewed 365 days ago", note, aspect="document")


def _amend(group: Group, company: str, code: str, **fields: Cell) -> None:
    group.row("documents", company=company, document_code=code, status="effective").update(fields)


def _broken_documents(group: Group, plan: Plan) -> None:
    def fault(company: str, code: str, kind: str, note: str, **fields: Cell) -> None:
        _amend(group, company, code, **fields)
        plan.fault("REG-02", company, code, kind, note, aspect="document")

    officer = group.posts["AOI", "cpo"]
    fault("AOI", "HANDLING", "review overdue", "見直しから400日", reviewed_on=ago(400))
    fault("AOI", "TRAINING", "approver is author", "起案者が自ら承認", author_key=officer)
    outsider = group.take("MID", "MID-OPS")
    fault("MID", "OUTSOURCING", "approver not authorised", "任命のない者が承認", approved_by=outsider.no)
    retired = group.take("AOI", "AOI-SAL")
    appoint(group, "AOI", None, "cpo", retired.no, ago(3000), APPROVED - DAY)
    fault("AOI", "DEVICES", "approver's post had ended", "前日に任期が終わった者が承認", approved_by=retired.no)
    fault(
        "MID",
        "DISPOSAL",
        "approved after it took effect",
        "施行日の翌日に承認",
        approved_on=ago(500),
        effective_on=ago(501),
    )
    fault("AOI", "ACCESS", "no reason for the revision", "改訂理由が空", revision_reason=None)
    fault("MID", "LOGS", "no review after a change of law", "法改正から120日、見直しなし", reviewed_on=ago(200))
    change(group, "MID", "LOGS", "law_change", 120)


def _documents_on_the_edge(group: Group, plan: Plan) -> None:
    def near(company: str, code: str, kind: str, note: str, **fields: Cell) -> None:
        _amend(group, company, code, **fields)
        plan.near("REG-02", company, code, kind, note)

    near("AOI", "STRUCTURE", "reviewed 365 days ago", "見直しからちょうど365日", reviewed_on=ago(365))
    approved = ago(600)
    last_day = group.take("AOI", "AOI-SAL")
    appoint(group, "AOI", None, "cpo", last_day.no, ago(3000), approved)
    near(
        "AOI",
        "ENTRY",
        "approved on the last day of the post",
        "任期の最終日に承認",
        approved_by=last_day.no,
        approved_on=approved,
        effective_on=ago(590),
    )
    near(
        "MID",
        "INCIDENT",
        "approved on the day it took effect",
        "承認日と施行日が同じ",
        approved_on=ago(500),
        effective_on=ago(500),
    )
    near("MID", "REQUESTS", "90 days after the change", "組織再編から90日目で期限内", reviewed_on=ago(200))
    change(group, "MID", "REQUESTS", "reorganisation", 90)
    near("AOI", "PROVISION", "reviewed on the 90th day", "法改正の90日後に見直し済", reviewed_on=ago(30))
    change(group, "AOI", "PROVISION", "law_change", 120)
    document(
        group,
        "AOI",
        "DRAFTS",
        status="draft",
        document_version="0.1",
        approved_by=None,
        approved_on=None,
        effective_on=None,
        reviewed_on=None,
        revision_reason=None,
    )
    group.registers["documents"].remove(group.row("documents", document_code="DRAFTS", status="superseded"))
    plan.near("REG-02", "AOI", "DRAFTS", "a draft", "草案は対象外")


def _vacancies(group: Group, plan: Plan) -> None:
    control = "ORG-1-02"

    def end(department: str, post: str, days: int) -> None:
        row = group.row("appointments", department=department, role=post, person_key=group.posts[department, post])
        row["ends_on"] = ago(days)

    end("AOI-SAL", "dept_privacy_manager", 15)
    plan.fault(control, "AOI", "AOI-SAL", "manager vacant for 15 days", "部門管理者が15日間空席")
    group.registers["appointments"].remove(group.row("appointments", department="MID-SUP", role="deputy"))
    plan.fault(control, "MID", "MID-SUP", "no deputy", "副責任者が任命されていない")
    gone = group.take("AOI", "AOI-CSC")
    row = group.row("appointments", department="AOI-CSC", role="deputy")
    row["person_key"] = gone.no
    group.leave_company(gone, ago(40))
    plan.fault(control, "AOI", "AOI-CSC", "deputy has left", "副責任者が40日前に退職")
    end("AOI-MKT", "dept_privacy_manager", 14)
    plan.near(control, "AOI", "AOI-MKT", "vacant for 14 days", "空席14日は許容内")
    end("AOI-SYS", "deputy", 20)
    other = group.take("AOI", "AOI-MKT")
    appoint(group, "AOI", "AOI-SYS", "deputy", other.no, ago(19))
    plan.near(control, "AOI", "AOI-SYS", "handed over the next day", "翌日に他部門の者が後任(兼務)")
    plan.near(control, "MID", "MID-OPS", "both posts held", "正副とも在任")
