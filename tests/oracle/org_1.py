"""ORG-1-01, -03 and -04: who is responsible, who may handle what, and whether the alarm reaches anybody (domain.md §1.3)."""

from collections.abc import Sequence
from datetime import date

from evidence.period import Period
from tests.oracle.pol import holds, last_review
from tests.oracle.predicates import Facts, Marks, Parameters, Row, active, days, entries_in_force, owners, within


def org_1_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Per company exactly one privacy officer and one audit head, appointed by the representative, at work, apart.

    Two rows are two appointments, whoever they name; the post is the company's, not a department's.
    """
    marks: Marks = {}
    for company in _companies(facts):
        officers, auditors = (_posts(facts, company, role, period.as_of) for role in ("cpo", "audit_officer"))
        for role, posts in (("cpo", officers), ("audit_officer", auditors)):
            marks[company, company, role, None] = len(posts) == 1 and all(
                post["department"] is None
                and active(facts, post["person_key"], period.as_of)
                and holds(facts, company, post["appointed_by"], ("representative",), post["appointed_on"])
                for post in posts
            )
        marks[company, company, "apart", None] = all(
            _apart(facts, one["person_key"], other["person_key"], period.as_of)
            for one in officers
            for other in auditors
        )
    return marks


def _companies(facts: Facts) -> list[str]:
    return [c["company"] for c in facts["companies"] if c["in_scope"]]


def _posts(facts: Facts, company: str, role: str, day: date) -> list[Row]:
    """The posts of a company that are held on a day, both ends included (§8.1: the relation is given whole)."""
    return [
        a
        for a in facts["appointments"]
        if (a["company"], a["role"]) == (company, role) and within(day, a["appointed_on"], a["ends_on"])
    ]


def _apart(facts: Facts, one: str, other: str, day: date) -> bool:
    """Whether two persons are two, and neither reports to the other; of whom no post is known, nothing is shown."""
    lines = [_superiors(facts, person, day) for person in (one, other)]
    return (
        one != other
        and all(lines)
        and not any(other in line for line in lines[0])
        and not any(one in line for line in lines[1])
    )


def _superiors(facts: Facts, person: str, day: date) -> list[Sequence[str]]:
    """The lines above a person, one for each post of that day, in whatever company."""
    return [
        p["manager_path"]
        for p in facts["postings"]
        if p["person_key"] == person and within(day, p["valid_from_on"], p["valid_to_on"])
    ]


def org_1_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀(person, db) with an enabled entitlement: person ∈ BOOK(db).access_group, which is shown by a right of the group.

    Handlers are workers (取扱者 of GL 10-3(1) are 従業者; Src HR). A store that no register knows may hold personal data.
    """
    others = {s["db_id"] for s in facts["data_stores"] if not s["holds_personal_data"]}
    held = [
        (person, right)
        for right in facts["entitlements"]
        if right["enabled"]
        for person in owners(facts, right["account_key"], period.as_of)
    ]
    marks: Marks = {}
    for person, right in held:
        store = right["db_id"]
        if store is None or store in others:
            continue
        groups = {entry["access_group"] for entry in entries_in_force(facts) if store in entry["db_ids"]}
        inside = any(holder == person and other["access_group"] in groups for holder, other in held)
        marks[right["company"], f"{person}:{store}", None, None] = inside and active(facts, person, period.as_of)
    return marks


def org_1_04(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Per company a contact tree of at most 180 days, contacts who are all at work, a reach test answered within the hour.

    A tree is as old as its last review, or as itself; without a tree, a contact or a test nothing works.
    """
    marks: Marks = {}
    for company in _companies(facts):
        about = (company, parameters["tree_code"], "effective")
        trees = [d for d in facts["documents"] if (d["company"], d["document_code"], d["status"]) == about]
        contacts = _posts(facts, company, "emergency_contact", period.as_of)
        first = period.as_of - days(parameters["tree_days"])
        marks[company, company, "tree", None] = bool(trees) and all(
            any(
                within(day, first, period.as_of)
                for day in (tree["effective_on"], last_review(facts, tree, period.as_of))
            )
            for tree in trees
        )
        marks[company, company, "contacts", None] = bool(contacts) and all(
            active(facts, contact["person_key"], period.as_of) for contact in contacts
        )
        marks[company, company, "reach", None] = _reached(facts, company, period, parameters)
    return marks


def _reached(facts: Facts, company: str, period: Period, parameters: Parameters) -> bool:
    """Whether the last reach test of the year was passed in time; an earlier one does not speak for a later one."""
    first = period.as_of - days(parameters["reach_days"])
    tests = [
        e
        for e in facts["exercises"]
        if (e["company"], e["kind"]) == (company, "reach_test") and within(e["performed_on"], first, period.as_of)
    ]
    return bool(tests) and all(
        e["result"] == "passed" and e["reply_minutes"] is not None and e["reply_minutes"] <= parameters["reach_min"]
        for e in tests
        if e["performed_on"] == max(test["performed_on"] for test in tests)
    )
