"""Planted where what departments answer meets what is measured: ORG-5-02.

It comes after everything else that is planted: which department is measured × follows from the plan of other controls.
"""

from demo.days import AS_OF, SINCE
from demo.group import Group
from demo.plan import Plan

MAPPED = {"M02": ("ORG-1-02",), "M15": ("TEC-3-01",), "M16": ("TEC-4-03",), "M18": ("ORG-1-02", "TEC-4-03")}
"""The items that stand for controls: a department is measured × by one deviation; of M15 one of many is △."""
_DECIDED = ("ORG-1-02", "TEC-4-03")
_CONTROL = "ORG-5-02"


def plant(group: Group, plan: Plan) -> None:
    """Map the items, let departments that are measured × answer honestly, and some of them not."""
    for item, controls in MAPPED.items():
        for row in group.rows("self_check_items", item=item):
            row["control_ids"] = controls
    failing = {control: _failing(group, plan, control) for control in _DECIDED}
    for item, controls in MAPPED.items():
        for department in sorted({d for c in controls for d in failing.get(c, ())}):
            _say(group, department, item, "no")
    _contradicted(group, plan)
    _not_contradicted(group, plan)


def _failing(group: Group, plan: Plan, control: str) -> set[str]:
    """The departments in which something planted fails a control that forgives nothing."""
    accepted = {row["subject"] for row in group.rows("waivers", control_id=control)}
    of_transfer = {one.id: one.department for one in group.transfers}
    return {
        of_transfer.get(one.subject, one.subject)
        for one in plan.planted
        if one.control == control and not one.near_miss and one.subject not in accepted
    }


def _say(group: Group, department: str, item: str, answer: str, cycle: str | None = None) -> None:
    """Let a department answer an item in one cycle, or in all that are due in the period."""
    for row in group.rows("self_check_items", department=department, item=item):
        due = row["due_on"]
        if cycle == row["cycle"] or (cycle is None and SINCE <= due <= AS_OF):  # type: ignore[operator]
            row["answer"] = answer


def _contradicted(group: Group, plan: Plan) -> None:
    def fault(department: str, item: str, kind: str, note: str, cycle: str | None = None) -> None:
        _say(group, department, item, "yes", cycle)
        plan.fault(_CONTROL, department[:3], f"{department}:{item}", kind, note)

    fault("AOI-SAL", "M02", "answered yes", "部門管理者の配置に○、実測は空席15日")
    fault("MID-SUP", "M02", "explained", "○の理由を説明したが、代理者は任命されていない")
    for row in group.rows("self_check_items", department="MID-SUP", item="M02"):
        row["explanation"] = "代理者は口頭で指名済のため適合とした"
    fault("AOI-MKT", "M16", "yes in January, no in February", "1月分は○、2月分は×。実測は×", "2026-01")
    fault("MID-OPS", "M18", "one of two controls", "対応する2つの管理策の一方が×")


def _not_contradicted(group: Group, plan: Plan) -> None:
    def near(department: str, item: str, kind: str, note: str) -> None:
        plan.near(_CONTROL, department[:3], f"{department}:{item}", kind, note)

    near("AOI-CSC", "M02", "answered no", "代理者の退職を自ら×と回答")
    _say(group, "AOI-MKT", "M18", "partly")
    near("AOI-MKT", "M18", "answered partly", "一部適合と回答、実測は×")
    near("MID-OPS", "M16", "yes before the period", "期限が期間の前の12月分だけ○、その後は×と回答")
    near("AOI-SYS", "M02", "another department fails", "×は別の部門、この部門は適合")
    near("AOI-SAL", "M15", "one of many machines", "多数の端末のうち1台の不適合は△で、×ではない")
    near("MID-ADM", "M15", "only a waived one", "例外承認のある端末だけが不適合(△)")
    near("AOI-LEG", "M16", "not measured", "外部送信がなく実測のない部門")
