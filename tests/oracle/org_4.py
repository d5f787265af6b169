"""ORG-4-01 to ORG-4-05: ready for a leak, and what follows one by the hour and the day (domain.md §1.6)."""

from collections.abc import Iterator
from datetime import date, timedelta

from evidence.period import Period
from registers.calendar import LAW
from tests.oracle.pol import holds
from tests.oracle.predicates import Facts, Marks, Parameters, Row, day_of, days, within

QUESTIONS = ("special_care", "property_damage", "wrongful_purpose", "over_1000", "encrypted")  # 規7①〜④, 高度な暗号化


def org_4_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Per company a plan in force that covers all items, and a drill of at most 365 days whose lessons are findings.

    An item counts when its mapping was confirmed, as POL-01 has it. A drill from which nothing was recorded taught
    nothing, and an earlier one does not speak for a later one.
    """
    known = {f["finding_id"] for f in facts["findings"]}
    first = period.as_of - days(parameters["drill_days"])
    marks: Marks = {}
    for company in (c["company"] for c in facts["companies"] if c["in_scope"]):
        about = (company, parameters["plan_code"], "effective")
        plans = [d for d in facts["documents"] if (d["company"], d["document_code"], d["status"]) == about]
        drills = [
            e
            for e in facts["exercises"]
            if (e["company"], e["kind"]) == (company, "breach_drill") and within(e["performed_on"], first, period.as_of)
        ]
        last = max((e["performed_on"] for e in drills), default=None)
        marks[company, company, "plan", None] = bool(plans) and all(
            _covered(facts, plan).issuperset(parameters["plan_items"]) for plan in plans
        )
        marks[company, company, "drill", None] = bool(drills) and all(
            e["finding_ids"] and known.issuperset(e["finding_ids"]) for e in drills if e["performed_on"] == last
        )
    return marks


def _covered(facts: Facts, plan: Row) -> set[str]:
    key = ("company", "document_code", "document_version")
    return {
        e["element"]
        for e in facts["document_elements"]
        if all(e[name] == plan[name] for name in key) and e["confirmed_by"] is not None
    }


def _open(facts: Facts, period: Period) -> Iterator[Row]:
    """Incidents are members while open on any day of the period (§8.4), reportable or not."""
    for incident in facts["incidents"]:
        closed = incident["closed_on"] is not None and incident["closed_on"] < period.since
        if incident["known_on"] <= period.as_of and not closed:
            yield incident


def org_4_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀INC: the privacy officer told within 24 hours; judged within 48, by the officer, every question answered.

    A late act stays a deviation: the control is about what happened (domain.md §1), and nothing undoes the hours.
    """
    marks: Marks = {}
    for incident in _open(facts, period):
        told, detected = incident["reported_to_owner_at"], incident["detected_at"]
        tell_by = detected + timedelta(hours=parameters["escalate_hours"])
        judge_by = detected + timedelta(hours=parameters["judge_hours"])
        key = (incident["company"], incident["incident_id"])
        marks[*key, "escalated", incident["known_on"]] = period.until_at <= tell_by or (
            told is not None and told <= tell_by
        )
        marks[*key, "judged", incident["known_on"]] = period.until_at <= judge_by or (
            incident["judged_at"] is not None
            and incident["judged_at"] <= judge_by
            and incident["reportable"] is not None
            and incident["persons_max"] is not None
            and all(incident[question] in ("yes", "no") for question in QUESTIONS)
            and holds(
                facts, incident["company"], incident["judged_by"], ("cpo",), day_of(incident["judged_at"], period)
            )
        )
    return marks


def org_4_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀INC: reportable ⇒ the preliminary report by known_on + 4 days; whether it is reportable ORG-4-02 asks."""
    return {
        (incident["company"], incident["incident_id"], None, incident["known_on"]): not incident["reportable"]
        or _by(incident["preliminary_on"], incident["known_on"] + days(parameters["prelim_days"]), period)
        for incident in _open(facts, period)
    }


def _by(done: date | None, due: date, period: Period) -> bool:
    """Whether something was done by a day, or may still be (§8.5)."""
    return period.as_of <= due or (done is not None and done <= due)


def org_4_04(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀INC: reportable, to the commission or the P-mark body ⇒ the final report in time, and whole or being completed.

    The last day shifts by the law's calendar. Only a wrongful purpose that is known gives the longer time. What was
    filed with items missing and no task open is a fault at once.
    """
    shifted = {d["day_on"]: d["next_business_day_on"] for d in facts["calendar_days"] if d["calendar"] == LAW}
    marks: Marks = {}
    for incident in _open(facts, period):
        wrongful = incident["wrongful_purpose"] == "yes"
        allowed = parameters["improper_days"] if wrongful else parameters["final_days"]
        due = shifted[incident["known_on"] + days(allowed)]
        whole = incident["final_items_missing"] == 0 or incident["follow_up_task"] is not None
        marks[incident["company"], incident["incident_id"], None, incident["known_on"]] = not (
            incident["reportable"] or incident["privacy_mark_report"]
        ) or (_by(incident["final_on"], due, period) and (incident["final_on"] is None or whole))
    return marks


def org_4_05(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀INC: reportable ⇒ the individuals told all items, or another measure; as processor ⇒ the entruster by day 5.

    The texts give the individuals no last day: until they are told they are not. A processor owes both.
    """
    marks: Marks = {}
    for incident in _open(facts, period):
        key = (incident["company"], incident["incident_id"])
        told = within(incident["individuals_notified_on"], date.min, period.as_of)
        marks[*key, "individuals", incident["known_on"]] = (
            not incident["reportable"]
            or incident["alternative_measure"] is not None
            or (told and set(parameters["notice_points"]).issubset(incident["notice_items"]))
        )
        due = incident["known_on"] + days(parameters["processor_days"])
        marks[*key, "entrusting_party", incident["known_on"]] = not incident["as_processor"] or _by(
            incident["entrusting_party_notified_on"], due, period
        )
    return marks
