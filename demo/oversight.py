"""How the companies look at themselves: departments check themselves each month, are audited each year, and the
representative reviews what came of it; all in order."""

from collections.abc import Iterator
from datetime import date, timedelta

from demo.days import ago, at, open_days_after
from demo.group import COMPANIES, Group
from demo.rules import appoint
from demo.values import Cell, Department
from evidence.datasets import catalogue

ITEMS = tuple(f"M{number:02}" for number in range(1, 21))
CYCLES = {month: open_days_after(last, 10) for month, last in (
    ("2025-12", date(2025, 12, 31)), ("2026-01", date(2026, 1, 31)), ("2026-02", date(2026, 2, 28)),
)}  # fmt: skip
"""The last day on which each month's check may be handed in: ten business days after the month."""
YEAR = 2025
INPUTS = tuple(code for code, _ in catalogue()["management_reviews"].column("inputs").allowed)
MEASURES = tuple(code for code, _ in catalogue()["audit_assignments"].column("measure").allowed)


def build(group: Group) -> None:
    """Let every department there is have answered and have been audited, and both companies have reviewed it."""
    for department in asked(group):
        _managed(group, department)
        for cycle in CYCLES:
            for item in ITEMS:
                answer(group, department, cycle, item)
        for measure in MEASURES:
            audit(group, department.company, department.code, measure)
    for company in COMPANIES:
        audit(group, company, f"{company}-ADM", "ORG-5", external=True, auditor_key=None, performed_on=ago(140))
        review(group, company, ago(46))


def asked(group: Group) -> Iterator[Department]:
    """The departments that must answer."""
    return (department for department in group.departments if department.in_scope)


def manager_of(group: Group, department: str) -> str:
    """Who manages a department; one without people of its own is managed from administration."""
    post = "dept_privacy_manager"
    return group.posts.get((department, post)) or group.posts[f"{department[:3]}-ADM", post]


def _managed(group: Group, department: Department) -> None:
    if (department.code, "dept_privacy_manager") not in group.posts:
        manager = manager_of(group, department.code)
        appoint(group, department.company, department.code, "dept_privacy_manager", manager)


def answer(group: Group, department: Department, cycle: str, item: str) -> None:
    """Answer one item three business days before it is due; the manager approves two days later."""
    due = CYCLES[cycle]
    group.add(
        "self_check_items",
        company=department.company,
        department=department.code,
        cycle=cycle,
        item=item,
        control_ids=(),
        due_on=due,
        answer="yes",
        answered_by=group.posts.get((department.code, "deputy")) or group.posts[f"{department.company}-ADM", "deputy"],
        answered_at=at(open_days_after(due, -3), 16),
        approved_by=manager_of(group, department.code),
        approved_on=open_days_after(due, -1),
        explanation=None,
        correction_ref=None,
    )


def audit(group: Group, company: str, department: str, measure: str, **fields: Cell) -> str:
    """Plan and do an audit in autumn, by somebody of another department; fields override."""
    number = group.number("audit", "AU-{:04d}")
    stranger = {"AOI": ("AOI-SYS", "deputy"), "MID": ("MID-OPS", "deputy")}
    own = department == f"{company}-ADM"
    on = date(YEAR, 9, 1) + timedelta(days=len(group.registers.get("audit_assignments", ())) % 50)
    row: dict[str, Cell] = {
        "company": company,
        "department": department,
        "assignment_id": number,
        "fiscal_year": YEAR,
        "measure": measure,
        "auditor_key": group.posts[stranger[company] if own else (company, "audit_officer")],
        "external": False,
        "planned_on": on,
        "performed_on": on,
        "independence_declared": True,
    }
    group.add("audit_assignments", **(row | fields))
    return number


def review(group: Group, company: str, held: date, **fields: Cell) -> None:
    """Hold a review of everything, signed by the representative, its decisions followed; fields override."""
    row: dict[str, Cell] = {
        "company": company,
        "review_id": group.number("review", "MR-{:03d}"),
        "held_on": held,
        "inputs": INPUTS,
        "decisions": 3,
        "decisions_tracked": 3,
        "signed_by": group.posts[company, "representative"],
    }
    group.add("management_reviews", **(row | fields))
