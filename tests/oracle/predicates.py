"""The predicates that the texts share (domain.md §1.0, datasets.md §8), as plainly as they are written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from evidence.period import Period

Row = Mapping[str, Any]
Facts = Mapping[str, Sequence[Row]]
MemberKey = tuple[str, str, str | None, date | None]  # company, subject, aspect, occurred_on
Marks = dict[MemberKey, bool]
Parameters = Mapping[str, Any]


def days(count: int) -> timedelta:
    return timedelta(days=count)


def all_days(first: date, last: date) -> Iterator[date]:
    """Every day of a span, both ends included."""
    return (first + days(n) for n in range((last - first).days + 1))


def day_of(instant: datetime, period: Period) -> date:
    """The day of an instant in the companies' zone."""
    return instant.astimezone(ZoneInfo(period.zone)).date()


def within(day: date | None, first: date, last: date) -> bool:
    """Whether something happened, and in a span."""
    return day is not None and first <= day <= last


def in_period(day: date | None, period: Period) -> bool:
    return within(day, period.since, period.as_of)


def is_active(engagement: Row, day: date) -> bool:
    """active(p,d) := hired_on ≤ d and (left_on is null or left_on ≥ d)."""
    return engagement["hired_on"] <= day and (engagement["left_on"] is None or engagement["left_on"] >= day)


def active(facts: Facts, person: str | None, day: date) -> bool:
    return any(w["person_key"] == person and is_active(w, day) for w in facts["workers"])


def owners(facts: Facts, account: str, day: date) -> list[str]:
    """Whose an account was on a day (§8.1: the relation is given whole and joined on the event's day)."""
    return [
        o["person_key"]
        for o in facts["account_owners"]
        if o["account_key"] == account and within(day, o["valid_from_on"], o["valid_to_on"])
    ]


def business_day_after(facts: Facts, calendar: str, day: date, count: int) -> date:
    """n business days after a day."""
    open_days: list[date] = [
        d["day_on"] for d in facts["calendar_days"] if d["calendar"] == calendar and d["is_business_day"]
    ]
    return sorted(one for one in open_days if one > day)[count - 1]


def gone(facts: Facts, engagement: Row, count: int) -> bool:
    """§8.9: a new engagement in the same company by left_on + 1 business day is no leaving."""
    if engagement["left_on"] is None:
        return False
    due = business_day_after(facts, engagement["company"], engagement["left_on"], count)
    return not any(
        w["person_key"] == engagement["person_key"]
        and w["company"] == engagement["company"]
        and engagement["left_on"] < w["hired_on"] <= due
        for w in facts["workers"]
    )


def standing(rows: Iterable[Row], column: str, last: date) -> dict[date, Row]:
    """The days until one that the rows of one key told of in a column, and the row that tells of each, read as written.

    A row that tells of an earlier day than those before it, or of none, says that the later ones were not.
    """
    told: dict[date, Row] = {}
    for row in sorted(rows, key=lambda one: one["entered_at"]):
        day: date | None = row[column]
        told = {} if day is None else {one: by for one, by in told.items() if one < day} | {day: row}
    return {day: row for day, row in told.items() if day <= last}


def entries_in_force(facts: Facts) -> list[Row]:
    """The active entries of the management book: the newest version that was decided on, if it was approved."""
    newest: dict[str, Row] = {}
    for entry in facts["book_entries"]:
        if entry["status"] not in ("approved", "abolished"):
            continue
        kept = newest.get(entry["entry_id"])
        if kept is None or kept["entry_version"] < entry["entry_version"]:
            newest[entry["entry_id"]] = entry
    return [entry for entry in newest.values() if entry["status"] == "approved"]


def covers(approval: Row, when: datetime | None, person: str, scopes: Sequence[str | None]) -> bool:
    """§8.7: approved before the event by somebody else, valid then, for this person and one of these things."""
    return (
        when is not None
        and approval["status"] == "approved"
        and approval["approved_at"] is not None
        and approval["approved_at"] <= when
        and approval["valid_from_at"] <= when <= approval["valid_to_at"]
        and approval["approved_by"] not in (None, person)
        and approval["person_key"] == person
        and any(scope in scopes for scope in approval["scope_ids"])
    )


def personal_stores(facts: Facts) -> set[str]:
    return {s["db_id"] for s in facts["data_stores"] if s["holds_personal_data"]}


def trained(facts: Facts, person: str, kinds: Sequence[str], first: date, last: date, parameters: Parameters) -> bool:
    """§8.6: score ≥ pass_mark, or ``passed`` where there was no score; content approved on the day it was completed."""
    return any(
        t["person_key"] == person
        and t["kind"] in kinds
        and first <= t["completed_on"] <= last
        and (t["passed"] if t["score"] is None else t["score"] >= parameters["pass_mark"])
        and any(
            (c["course"], c["content_version"]) == (t["course"], t["content_version"])
            and within(t["completed_on"], c["approved_from_on"], c["approved_to_on"])
            for c in facts["courses"]
        )
        for t in facts["training"]
    )
