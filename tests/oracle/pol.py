"""POL and REG: the policy and the regulations (domain.md §1.1, §1.2)."""

from datetime import date

from evidence.period import Period
from tests.oracle.predicates import Facts, Marks, Parameters, Row, day_of, days, in_period, within

DOCUMENT = ("company", "document_code")
VERSION = (*DOCUMENT, "document_version")


def holds(facts: Facts, company: str, person: str | None, roles: tuple[str, ...], day: date | None) -> bool:
    """Whether a person held one of some roles of a company on a day (APT)."""
    return any(
        (a["company"], a["person_key"]) == (company, person)
        and a["role"] in roles
        and within(day, a["appointed_on"], a["ends_on"])
        for a in facts["appointments"]
    )


def reviews(facts: Facts, document: Row, day: date, key: tuple[str, ...] = VERSION) -> list[date]:
    """The reviews of a document by a day, read row by row as the register was written: a correction is a new row.

    A row that tells of an earlier review than those before it, or of none, says that the later ones were not made.
    """
    told: dict[str, list[date]] = {}
    for row in sorted(facts["documents_history"], key=lambda one: one["entered_at"]):
        if all(row[name] == document[name] for name in key):
            last, before = row["reviewed_on"], told.get(row["document_version"], [])
            told[row["document_version"]] = [] if last is None else [*(one for one in before if one < last), last]
    return sorted(one for days_of_version in told.values() for one in days_of_version if one <= day)


def last_review(facts: Facts, document: Row, day: date) -> date | None:
    """The last review of a version by a day; what happens later does not undo it."""
    return max(reviews(facts, document, day), default=None)


def pol_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Per company exactly one effective policy, approved by the representative, complete, reviewed within 365 days.

    An item counts when somebody confirmed that it is stated (datasets.md §7: "must be rows, confirmed by a person").
    """
    marks: Marks = {}
    for company in (c["company"] for c in facts["companies"]):
        policies = [
            d
            for d in facts["documents"]
            if (d["company"], d["document_code"], d["status"]) == (company, parameters["policy_code"], "effective")
        ]
        marks[company, company, None, None] = len(policies) == 1 and all(
            holds(facts, company, policy["approved_by"], ("representative",), policy["approved_on"])
            and set(parameters["policy_items"]) <= _stated(facts, policy)
            and within(
                last_review(facts, policy, period.as_of),
                period.as_of - days(parameters["policy_review_days"]),
                period.as_of,
            )
            for policy in policies
        )
    return marks


def _stated(facts: Facts, document: Row) -> set[str]:
    return {
        e["element"]
        for e in facts["document_elements"]
        if all(e[name] == document[name] for name in VERSION) and e["confirmed_by"] is not None
    }


def reg_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Reviewed within 365 days, approved by an authorised other by the day in force, with a reason, and after each trigger.

    A state asks what is so on as_of (§8.8): a review after the trigger answers it; done late, it is an event besides.
    """
    marks: Marks = {}
    for document in (d for d in facts["documents"] if d["status"] == "effective"):
        company, code, reviewed = (
            document["company"],
            document["document_code"],
            last_review(facts, document, period.as_of),
        )
        dues = {t: t + days(parameters["trigger_review_days"]) for t in _triggers(facts, period, company, code)}
        marks[company, code, "document", None] = (
            within(reviewed, period.as_of - days(parameters["document_review_days"]), period.as_of)
            and document["approved_by"] not in (None, document["author_key"])
            and holds(facts, company, document["approved_by"], parameters["approver_roles"], document["approved_on"])
            and document["effective_on"] is not None
            and document["approved_on"] <= document["effective_on"]
            and document["revision_reason"] is not None
            and all(within(reviewed, trigger, period.as_of) for trigger, due in dues.items() if period.as_of > due)
        )
        for trigger, due in dues.items():
            first = min((r for r in reviews(facts, document, period.as_of, DOCUMENT) if r >= trigger), default=None)
            if first is not None and in_period(first, period) and first > due:
                marks[company, code, "late", first] = False
    return marks


def _triggers(facts: Facts, period: Period, company: str, code: str) -> list[date]:
    """Changes of the law, serious incidents and reorganisations that affect a document; reportable incidents affect all."""
    kinds = ("law_change", "serious_incident", "reorganisation")
    changes = [
        c["effective_on"]
        for c in facts["changes"]
        if c["company"] == company and c["kind"] in kinds and code in c["affects"]
    ]
    incidents = [
        day_of(i["detected_at"], period) for i in facts["incidents"] if i["company"] == company and i["reportable"]
    ]
    return changes + incidents
