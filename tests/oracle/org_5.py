"""ORG-5-01, ORG-5-03 and ORG-5-05: self-checks, internal audits and the management's own look (domain.md §1.7)."""

from datetime import date

from evidence.period import Period
from tests.oracle.predicates import Facts, Marks, Parameters, Row, days, in_period, within

MEASURES = (  # the notice's section 4
    *("POL", "REG", "ORG-1", "ORG-2", "ORG-3", "ORG-4", "ORG-5", "HUM", "PHY-1", "PHY-2", "PHY-3", "PHY-4"),
    *("TEC-1", "TEC-2", "TEC-3", "TEC-4", "VEN", "EXT"),
)
INPUTS = (  # 監査・運用確認結果, 苦情, 事故, 法令変化, 前回指示, 委託先, リスク変化, 改善提案
    *("audit_results", "complaints", "incidents", "law_changes"),
    *("previous_decisions", "vendors", "risk_changes", "improvements"),
)


def org_5_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀dept in scope, cycle due in the period (§8.4): "all items answered, dept manager approved ≤ due; overdue=0".

    What a cycle asks of one department of the company it asks of all. What stayed open of earlier cycles is overdue
    still; where no cycle is due nobody is asked. The state is what is so on as_of; an approval after the due day,
    whoever signed, is an event besides (§8.8).
    """
    marks: Marks = {}
    for unit in (u for u in facts["org_units"] if u["in_scope"]):
        company, department = unit["company"], unit["department"]
        rows = [i for i in facts["self_check_items"] if i["company"] == company]
        own = {(i["cycle"], i["item"]): i for i in rows if i["department"] == department}
        asked = {(i["cycle"], i["item"]): i["due_on"] for i in rows if in_period(i["due_on"], period)}
        past = [key for key, day in asked.items() if day < period.as_of]
        past += [key for key, item in own.items() if item["due_on"] < period.since]
        if asked:
            marks[company, department, None, None] = all(
                key in own and _handed_in(facts, own[key], period) for key in past
            )
        for item in own.values():
            if in_period(item["approved_on"], period) and item["approved_on"] > item["due_on"]:
                marks[company, department, "late", item["approved_on"]] = False
    return marks


def _handed_in(facts: Facts, item: Row, period: Period) -> bool:
    """Whether an item is answered, and approved by who was the department's manager on that day."""
    return (
        item["answer"] is not None
        and _past(item["approved_on"], period)
        and any(
            (a["company"], a["department"], a["person_key"])
            == (item["company"], item["department"], item["approved_by"])
            and a["role"] == "dept_privacy_manager"
            and within(item["approved_on"], a["appointed_on"], a["ends_on"])
            for a in facts["appointments"]
        )
    )


def _past(day: date | None, period: Period) -> bool:
    return within(day, date.min, period.as_of)


def org_5_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """The fiscal year of as_of, per company: each department audited on each measure, by nobody of its own.

    An audit may still be to come until the day it is planned for (§8.5); what no plan holds is not to come. A
    department is in the plan, or should be because it is in scope. External audits that are planned are done.
    """
    marks: Marks = {}
    for company in (c for c in facts["companies"] if c["in_scope"]):
        key, year = company["company"], _fiscal_year(company, period.as_of)
        plan = [a for a in facts["audit_assignments"] if (a["company"], a["fiscal_year"]) == (key, year)]
        departments = {a["department"] for a in plan} | {
            u["department"] for u in facts["org_units"] if u["company"] == key and u["in_scope"]
        }
        marks[key, key, "plan", None] = bool(plan)
        for department, measure in ((department, measure) for department in departments for measure in MEASURES):
            marks[key, department, measure, None] = any(
                _done_or_to_come(a, period) for a in plan if (a["department"], a["measure"]) == (department, measure)
            )
        for assignment in plan:
            marks[key, assignment["assignment_id"], None, None] = (
                _done_or_to_come(assignment, period)
                if assignment["external"]
                else _independent(facts, assignment, period)
            )
    return marks


def _fiscal_year(company: Row, day: date) -> int:
    """The year in which the fiscal year of a day began."""
    return day.year if f"{day:%m-%d}" >= company["fiscal_year_starts"] else day.year - 1


def _done_or_to_come(assignment: Row, period: Period) -> bool:
    return _past(assignment["performed_on"], period) or assignment["planned_on"] >= period.as_of


def _independent(facts: Facts, assignment: Row, period: Period) -> bool:
    """Whether no post of the auditor on the day of the audit is in the audited department, and it was declared.

    Of whom no post is known that day, nothing is shown; an audit to come is declared when it is done.
    """
    done = _past(assignment["performed_on"], period)
    day = assignment["performed_on"] if done else assignment["planned_on"]
    posts = {
        (p["company"], p["department"])
        for p in facts["postings"]
        if p["person_key"] == assignment["auditor_key"] and within(day, p["valid_from_on"], p["valid_to_on"])
    }
    return (
        bool(posts)
        and (assignment["company"], assignment["department"]) not in posts
        and (assignment["independence_declared"] or not done)
    )


def org_5_05(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Per company a review of at most 365 days: all inputs, each decision tracked, signed by the representative.

    An earlier review does not speak for a later one.
    """
    first = period.as_of - days(parameters["review_days"])
    marks: Marks = {}
    for company in (c for c in facts["companies"] if c["in_scope"]):
        key = company["company"]
        held = [
            r for r in facts["management_reviews"] if r["company"] == key and within(r["held_on"], first, period.as_of)
        ]
        marks[key, key, None, None] = bool(held) and all(
            set(review["inputs"]).issuperset(INPUTS)
            and review["decisions_tracked"] >= review["decisions"]
            and review["signed_by"] == company["representative_key"]
            for review in held
            if review["held_on"] == max(r["held_on"] for r in held)
        )
    return marks
