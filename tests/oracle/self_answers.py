"""ORG-5-02: what a department says of itself against what was measured (domain.md §1.7)."""

from evidence.period import Period
from tests.oracle.predicates import Facts, Marks, Parameters, Row, in_period


def org_5_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ item answered ○ of a cycle due in the period (§8.4): no control mapped to it is × for that department.

    Measured is what an earlier judging of the same period said last (datasets.md §7). △, ―, ？ and nothing are no ×, and
    × of the whole company is none of the department's. An explanation explains; it does not make the answer right.
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
    newest: dict[tuple[str, str | None, str], Row] = {}
    judged = [a for a in facts["assessments"] if a["since_on"] == period.since and a["judged_on"] <= period.as_of]
    for one in sorted(judged, key=lambda a: (a["judged_on"], a["recorded_at"])):
        newest[one["company"], one["department"], one["control_id"]] = one
    return {key for key, one in newest.items() if one["verdict"] == "fail"}
