"""ORG-5-02: what a department says of itself against what was measured (domain.md §1.7)."""

from datetime import date, datetime

from evidence.period import Period
from tests.oracle.predicates import Facts, Marks, Parameters, Row, in_period


def org_5_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ item answered ○ of a cycle due in the period (§8.4): no control mapped to it is × for that department.

    Measured is what the newest earlier judging of the same period said (datasets.md §7): a judging is of a control in a whole
    company, and a department that it does not name has no ×. △, ―, ？ and nothing are no × either, and × of the whole
    company is none of the department's. ？ takes no earlier × back (law 4). An explanation explains; it does not make the
    answer right.
    """
    failed = _failed(facts, period)
    return {
        (i["company"], f"{i['department']}:{i['item']}", None, None): not any(
            (i["company"], i["department"], control) in failed for control in i["control_ids"]
        )
        for i in facts["self_check_items"]
        if i["answer"] == "yes" and in_period(i["due_on"], period)
    }


def _failed(facts: Facts, period: Period) -> set[tuple[str, str | None, str]]:
    """Of which company, department and control the newest judging of this period is ×."""
    judgings: dict[tuple[str, str], list[Row]] = {}
    for one in facts["assessments"]:
        told = one["verdict"] != "unverified"
        if told and one["since_on"] == period.since and one["judged_on"] <= period.as_of:
            judgings.setdefault((one["company"], one["control_id"]), []).append(one)
    return {
        (company, one["department"], control)
        for (company, control), rows in judgings.items()
        for one in rows
        if _moment(one) == max(map(_moment, rows)) and one["verdict"] == "fail"
    }


def _moment(one: Row) -> tuple[date, datetime]:
    """The day that was judged, then when: the rows of one judging have both in common."""
    return (one["judged_on"], one["recorded_at"])
