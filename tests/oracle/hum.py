"""HUM: training (domain.md §1.8)."""

from evidence.period import Period
from tests.oracle.predicates import (
    Facts,
    Marks,
    Parameters,
    all_days,
    days,
    in_period,
    is_active,
    owners,
    personal_stores,
    trained,
)


def hum_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀p active on as_of, hired ≥30d, not on leave the whole window: annual training passed within 365 days.

    The window is the one of that sentence: the year in which the training must lie.
    """
    first = period.as_of - days(parameters["training_days"])
    marks: Marks = {}
    for worker in facts["workers"]:
        person, company = worker["person_key"], worker["company"]
        absent = [
            any(
                leave["person_key"] == person and leave["leave_from_on"] <= day <= leave["leave_to_on"]
                for leave in facts["leaves"]
            )
            for day in all_days(first, period.as_of)
        ]
        settled = worker["hired_on"] <= period.as_of - days(parameters["newcomer_days"])
        if is_active(worker, period.as_of) and settled and not all(absent):
            fit = trained(facts, person, ("annual",), first, period.as_of, parameters)
            marks[company, person, None, None] = fit
    return marks


def hum_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀(person, day) in LOG on pi db: valid training on that day; §8.6 accepts annual or onboarding."""
    marks: Marks = {}
    for event in facts["access_events"]:
        day = event["occurred_on"]
        if event["db_id"] not in personal_stores(facts) or not in_period(day, period):
            continue
        for person in owners(facts, event["account_key"], day):
            first = day - days(parameters["valid_days"])
            fit = trained(facts, person, ("annual", "onboarding"), first, day, parameters)
            marks[event["company"], person, None, day] = fit
    return marks
