"""The coverage calendar: what was expected, and what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.cycles import Cycle, FiscalYear
from evidence.store.values import JudgedDay
from registers.calendar import business_day_after
from reports.coverage import Asked, Covered, Mark, Occurrence, Plan, covered, most_frequent, occurrences

TOKYO = ZoneInfo("Asia/Tokyo")
EVER = date(9999, 12, 31)
LONG_AGO = date(2022, 4, 1)
DAY = timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


def closes_on(end: date) -> date:
    return business_day_after(end, 5)


def plan(day: str = "2026-04-01", starts: str = "04-01", began: str | None = "2020-01-01T00:00") -> Plan:
    fiscal = FiscalYear.starting(starts)
    year = fiscal.holding(Cycle.YEAR, date.fromisoformat(day))
    return Plan(fiscal, year, "Asia/Tokyo", closes_on, at(began) if began else None)


@dataclass(frozen=True)
class Judged:
    """One judgement as it lies in the store."""

    since: date
    as_of: date
    at: datetime
    verdict: str
    known_until: datetime

    @property
    def concluded(self) -> bool:
        return self.verdict not in ("unverified", "not_applicable")


def rows(control: str, history: Iterable[Judged], known_at: datetime) -> list[JudgedDay]:
    """What the store tells of judgements."""
    told = sorted((one for one in history if one.at <= known_at), key=lambda one: (one.as_of, one.since, one.at))
    return [JudgedDay(control, one.as_of, one.since, one.at, one.verdict, one.known_until) for one in told]


def calendar(
    frequency: str, history: Sequence[Judged], known_at: datetime, *, events: bool = False, **of_plan: str | None
) -> Covered:
    asked = Asked("HUM-01", frequency, LONG_AGO, EVER, events)
    [told] = covered(plan(**of_plan), [asked], rows("HUM-01", history, known_at), known_at)  # type: ignore[arg-type]
    return told


def judged(*told: str) -> list[Judged]:
    """``2026-04-03 04-04T07:00 pass``: as of which day (``2026-04-01/2026-04-03``: of which days), when, what.

    ``04-04T07:00<04-03T18:00``: by what was known at the second moment.
    """
    made = []
    for line in told:
        days, when, verdict = line.split()
        (first, _, last), (made_at, _, known) = days.partition("/"), when.partition("<")
        moments = at(f"2026-{made_at}"), at(f"2026-{known or made_at}")
        made.append(
            Judged(date.fromisoformat(first), date.fromisoformat(last or first), moments[0], verdict, moments[1])
        )
    return made


@pytest.mark.parametrize(
    ("history", "known_at", "mark"),
    [
        pytest.param([], "2026-04-04T23:59:59", "open", id="the day after is not over"),
        pytest.param([], "2026-04-05T00:00", "missed", id="never judged"),
        pytest.param(["2026-04-03 04-04T07:00 pass"], "2026-04-04T08:00", "done", id="judged the next morning"),
        pytest.param(["2026-04-03 04-04T23:59 fail"], "2026-05-01T00:00", "done", id="a failure was looked at too"),
        pytest.param(["2026-04-03 04-05T00:00 pass"], "2026-05-01T00:00", "late", id="at the end of the day after"),
        pytest.param(["2026-04-03 04-20T07:00 pass"], "2026-04-19T00:00", "missed", id="late, and not known yet"),
        pytest.param(["2026-04-03 04-04T07:00 unverified"], "2026-04-04T08:00", "open", id="unverified with time left"),
        pytest.param(["2026-04-03 04-04T07:00 unverified"], "2026-04-09T00:00", "unverified", id="never verified"),
        pytest.param(["2026-04-03 04-09T07:00 unverified"], "2026-04-19T00:00", "unverified", id="late and unverified"),
        pytest.param(
            ["2026-04-03 04-04T07:00 unverified", "2026-04-03 04-09T07:00 pass"], "2026-05-01T00:00", "backfilled",
            id="evidence came after the deadline",
        ),
        pytest.param(
            ["2026-04-03 04-04T07:00 unverified", "2026-04-03 04-04T20:00 partial"], "2026-05-01T00:00", "done",
            id="evidence came in time",
        ),
        pytest.param(
            ["2026-04-03 04-06T07:00 unverified", "2026-04-03 04-09T07:00 pass"], "2026-05-01T00:00", "late",
            id="nobody looked in time, and the evidence came later still",
        ),
        pytest.param(
            ["2026-04-03 04-04T07:00 pass", "2026-04-03 04-09T07:00 unverified"], "2026-05-01T00:00", "done",
            id="what was verified once stays so",
        ),
        pytest.param(
            ["2026-04-03 04-04T07:00 not_applicable"], "2026-05-01T00:00", "not_applicable", id="does not apply"
        ),
        pytest.param(
            ["2026-04-03 04-04T07:00 not_applicable", "2026-04-03 04-09T07:00 fail"], "2026-05-01T00:00", "backfilled",
            id="it applies after all, which was found after the deadline",
        ),
        pytest.param(
            ["2026-04-03 04-09T07:00 not_applicable", "2026-04-03 04-10T07:00 fail"], "2026-05-01T00:00", "late",
            id="nobody looked in time, and it applies after all",
        ),
        pytest.param(
            ["2026-04-03 04-04T07:00 not_applicable", "2026-04-03 04-09T07:00 unverified"], "2026-05-01T00:00",
            "unverified", id="it applies after all, and nobody can tell",
        ),
        pytest.param(
            ["2026-04-03 04-04T07:00 unverified", "2026-04-03 04-09T07:00 not_applicable"], "2026-05-01T00:00",
            "not_applicable", id="somebody approved that it does not apply",
        ),
        pytest.param(["2026-04-02 04-03T07:00 pass"], "2026-05-01T00:00", "missed", id="the day before was judged"),
        pytest.param(["2026-04-04 04-05T07:00 pass"], "2026-05-01T00:00", "missed", id="the day after was judged"),
    ],
)  # fmt: skip
def test_what_becomes_of_a_day(history: list[str], known_at: str, mark: str) -> None:
    told = calendar("daily", judged(*history), at(known_at))
    assert dict(zip([one.as_of for one in told.occurrences], told.marks, strict=True))[date(2026, 4, 3)] == mark


@pytest.mark.parametrize(
    ("frequency", "history", "known_at", "mark"),
    [
        pytest.param(
            "weekly", ["2026-04-06 04-07T07:00 pass"], "2026-04-14T00:00", "done", id="of a week any day does"
        ),
        pytest.param("weekly", [], "2026-04-13T23:59:59", "open", id="on the Monday after"),
        pytest.param("weekly", [], "2026-04-14T00:00", "missed", id="after that Monday"),
        pytest.param("monthly", [], "2026-05-12T23:59:59", "open", id="on the fifth business day, after a golden week"),
        pytest.param("monthly", [], "2026-05-13T00:00", "missed", id="after it"),
        pytest.param("monthly", ["2026-04-30 05-12T23:59 pass"], "2026-05-20T00:00", "done", id="just in time"),
        pytest.param("monthly", ["2026-04-30 05-13T00:00 pass"], "2026-05-20T00:00", "late", id="just too late"),
        pytest.param(
            "monthly", ["2026-04-01 04-02T07:00 pass"], "2026-05-20T00:00", "missed", id="as of its first day"
        ),
        pytest.param("monthly", ["2026-04-01 04-02T07:00 pass"], "2026-05-12T00:00", "open", id="so, with time left"),
        pytest.param(
            "monthly",
            ["2026-04-01 04-02T07:00 not_applicable", "2026-04-30 05-01T07:00 unverified"],
            "2026-05-20T00:00",
            "unverified",
            id="it applied in the end, and nobody can tell",
        ),
        pytest.param(
            "weekly",
            ["2026-04-06 04-07T07:00 not_applicable", "2026-04-07 04-08T07:00 unverified"],
            "2026-04-14T00:00",
            "unverified",
            id="of a week, on some day nobody could tell",
        ),
        pytest.param("event", ["2026-04-30 05-01T07:00 pass"], "2026-05-20T00:00", "done", id="whether anything was"),
        pytest.param("quarterly", ["2026-06-30 07-01T07:00 pass"], "2026-07-10T00:00", "done", id="a quarter"),
        pytest.param("half_yearly", [], "2026-10-07T23:59:59", "open", id="a half that is not closed"),
        pytest.param("half_yearly", [], "2026-10-08T00:00", "missed", id="a half that is"),
        pytest.param("annual", ["2026-04-01 04-02T07:00 pass"], "2026-04-03T00:00", "open", id="a year, early on"),
    ],
)
def test_what_becomes_of_the_first_that_ends_after_the_first_of_april(
    frequency: str, history: list[str], known_at: str, mark: str
) -> None:
    told = calendar(frequency, judged(*history), at(known_at))
    place = 1 if frequency == "weekly" else 0
    assert told.marks[place] == mark


OUTAGE = "2026-03-01/2026-04-06 04-07T07:00 pass"  # the first judging after three days without a scheduler


@pytest.mark.parametrize(
    ("events", "history", "marks"),
    [
        pytest.param(True, [OUTAGE], ["late", "late", "done"], id="what happened on those days was found late"),
        pytest.param(False, [OUTAGE], ["missed", "missed", "done"], id="how things stood then nobody knows"),
        pytest.param(
            False, [OUTAGE, "2026-04-04 04-08T07:00 pass"], ["late", "missed", "done"], id="unless it was asked of a day"
        ),
        pytest.param(
            True, ["2026-04-04 04-05T07:00 unverified", OUTAGE], ["backfilled", "late", "done"],
            id="looked at in time and found late",
        ),
        pytest.param(
            True, ["2026-04-04 04-05T07:00 not_applicable", OUTAGE], ["not_applicable", "late", "done"],
            id="on a day it did not apply",
        ),
        pytest.param(
            True, [OUTAGE.replace("pass", "unverified")], ["unverified"] * 3,
            id="looked at late, and nobody can tell",
        ),
    ],
)  # fmt: skip
def test_what_becomes_of_the_days_of_an_outage(events: bool, history: list[str], marks: list[str]) -> None:
    told = calendar("daily", judged(*history), at("2026-04-08T08:00"), events=events)
    found = dict(zip([one.as_of for one in told.occurrences], told.marks, strict=True))
    assert [found[date(2026, 4, day)] for day in (4, 5, 6)] == marks


@pytest.mark.parametrize(
    ("history", "mark"),
    [
        pytest.param(["2026-03-17/2026-04-30 05-01T07:00 pass"], "done", id="at once"),
        pytest.param(
            ["2026-04-01/2026-04-20 04-21T07:00 pass", "2026-04-10/2026-05-10 05-11T07:00 fail"], "done", id="in pieces"
        ),
        pytest.param(["2026-04-02/2026-04-30 05-01T07:00 pass"], "missed", id="but for the first day"),
        pytest.param(["2026-04-30 05-01T07:00 pass"], "missed", id="of the last day alone"),
        pytest.param(
            ["2026-04-02/2026-04-30 05-01T07:00 pass", "2026-04-01 05-20T07:00 pass"], "late", id="the first day later"
        ),
        pytest.param(["2026-04-30 05-01T07:00 not_applicable"], "missed", id="that they do not apply on its last day"),
        pytest.param(
            ["2026-04-01/2026-04-29 04-30T07:00 pass", "2026-04-30 05-01T07:00 not_applicable"], "done",
            id="but for the day on which they do not apply",
        ),
        pytest.param(
            ["2026-04-01/2026-04-15 04-16T07:00 not_applicable", "2026-04-16/2026-04-30 05-01T07:00 not_applicable"],
            "not_applicable", id="all of which do not apply",
        ),
        pytest.param(
            ["2026-04-01/2026-04-14 04-15T07:00 pass", "2026-03-02/2026-04-15 04-16T07:00 not_applicable",
             "2026-03-17/2026-04-30 05-01T07:00 not_applicable"],
            "done", id="of which they do not apply from a day on, which takes nothing back",
        ),
        pytest.param(
            ["2026-04-01/2026-04-20 04-21T07:00 unverified", "2026-04-10/2026-04-30 05-01T07:00 not_applicable"],
            "unverified", id="of which nobody can tell until a day on which they do not apply",
        ),
    ],
)  # fmt: skip
def test_events_of_a_month_are_those_of_all_its_days(history: list[str], mark: str) -> None:
    assert calendar("monthly", judged(*history), at("2026-05-25T00:00"), events=True).marks[0] == mark


@pytest.mark.parametrize(
    ("events", "history", "marks"),
    [
        pytest.param(True, ["2026-04-03 04-03T10:00 pass"], ["missed", "missed"], id="in the morning of the day"),
        pytest.param(
            True, ["2026-04-03 04-03T10:00 pass", "2026-04-03 04-04T07:00 fail"], ["done", "missed"], id="and again"
        ),
        pytest.param(True, ["2026-04-03 04-04T00:00 pass"], ["done", "missed"], id="when the day was over"),
        pytest.param(True, ["2026-04-03/2026-04-10 04-04T07:00 pass"], ["done", "missed"], id="with days to come"),
        pytest.param(True, ["2026-04-03 04-03T10:00 not_applicable"], ["missed", "missed"], id="did not apply so far"),
        pytest.param(
            True, ["2026-04-03 04-03T10:00 unverified", "2026-04-03 04-06T07:00 pass"], ["late", "missed"],
            id="nobody could tell so far",
        ),
        pytest.param(
            True, ["2026-04-03 04-04T07:00<04-03T18:00 pass"], ["missed", "missed"], id="by what was known on the day"
        ),
        pytest.param(
            True, ["2026-04-03/2026-04-04 04-06T07:00<04-04T18:00 pass"], ["late", "missed"], id="so of its last day"
        ),
        pytest.param(False, ["2026-04-03 04-03T10:00 pass"], ["done", "missed"], id="how things stand on the day"),
        pytest.param(False, ["2026-04-03 04-02T10:00 pass"], ["missed", "missed"], id="how things will stand"),
        pytest.param(False, ["2026-04-03 04-06T07:00<04-02T18:00 pass"], ["missed", "missed"], id="so by what was known"),
    ],
)  # fmt: skip
def test_what_has_not_come_yet_cannot_be_looked_at(events: bool, history: list[str], marks: list[str]) -> None:
    told = calendar("daily", judged(*history), at("2026-05-01T00:00"), events=events)
    assert list(told.marks[2:4]) == marks


def test_the_end_of_a_month_that_has_not_come_cannot_be_looked_at() -> None:
    assert calendar("monthly", judged("2026-04-30 04-10T07:00 pass"), at("2026-05-25T00:00")).marks[0] == "missed"


@pytest.mark.parametrize(
    ("began", "marks"),
    [
        pytest.param("2026-04-04T23:59", ["before", "missed", "missed"], id="with a day left"),
        pytest.param("2026-04-05T00:00", ["before", "before", "missed"], id="when the day before was over"),
        pytest.param(None, ["before"] * 3, id="never"),
    ],
)
def test_nobody_is_blamed_for_what_was_due_before_anything_was_recorded(began: str | None, marks: list[str]) -> None:
    told = calendar("daily", [], at("2026-04-09T00:00"), began=began)
    assert list(told.marks[1:4]) == marks


def test_what_was_done_of_a_time_before_that_counts() -> None:
    told = calendar("daily", judged("2026-04-02 04-20T07:00 pass"), at("2026-05-01T00:00"), began="2026-04-20T00:00")
    assert list(told.marks[:3]) == ["before", "late", "before"]


@pytest.mark.parametrize(
    ("frequency", "day", "count", "first", "last"),
    [
        pytest.param("daily", "2026-04-01", 365, "2026-04-01", "2027-03-31", id="days"),
        pytest.param("daily", "2027-04-01", 366, "2027-04-01", "2028-03-31", id="days of a leap year"),
        pytest.param("weekly", "2026-04-01", 52, "2026-03-30", "2027-03-28", id="weeks, the first begins before"),
        pytest.param("monthly", "2026-04-01", 12, "2026-04-01", "2027-03-31", id="months"),
        pytest.param("event", "2026-04-01", 12, "2026-04-01", "2027-03-31", id="events"),
        pytest.param("quarterly", "2026-04-01", 4, "2026-04-01", "2027-03-31", id="quarters"),
        pytest.param("half_yearly", "2026-04-01", 2, "2026-04-01", "2027-03-31", id="halves"),
        pytest.param("annual", "2026-04-01", 1, "2026-04-01", "2027-03-31", id="the year"),
    ],
)
def test_a_year_expects(frequency: str, day: str, count: int, first: str, last: str) -> None:
    told = calendar(frequency, [], at("2026-04-01T00:00"), day=day).occurrences
    assert len(told) == count
    assert (told[0].since.isoformat(), told[-1].as_of.isoformat()) == (first, last)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "count"),
    [
        pytest.param(date(2026, 6, 15), EVER, 10, id="from the month in which it began"),
        pytest.param(LONG_AGO, date(2026, 6, 15), 3, id="to the month in which it ended"),
        pytest.param(date(2027, 4, 1), EVER, 0, id="not yet"),
    ],
)
def test_nothing_is_expected_of_what_is_not_in_force(valid_from: date, valid_to: date, count: int) -> None:
    asked = Asked("HUM-01", "monthly", valid_from, valid_to, False)
    [told] = covered(plan(), [asked], [], at("2026-04-01T00:00"))
    assert len(told.occurrences) == count


@pytest.mark.parametrize(
    ("frequency", "most"),
    [
        (("annual", "event"), "event"),
        (("monthly", "quarterly", "half_yearly"), "monthly"),
        (("quarterly", "daily"), "daily"),
        (("half_yearly", "annual"), "half_yearly"),
        (("weekly", "event"), "weekly"),
    ],
)
def test_what_comes_most_often_is_expected(frequency: tuple[str, ...], most: str) -> None:
    assert most_frequent(frequency) == most


def test_each_control_gets_its_own_rows_whatever_else_was_judged() -> None:
    known_at, history = at("2026-04-10T00:00"), judged("2026-04-03 04-04T07:00 pass")
    asked = [Asked(one, "daily", LONG_AGO, EVER, False) for one in ("TEC-01", "HUM-01", "ORG-01")]
    told = [row for one in ("AAA-01", "HUM-01", "POL-01", "TEC-01", "ZZZ-01") for row in rows(one, history, known_at)]
    found = {one.control: one.counts[Mark.DONE] for one in covered(plan(), asked, told, known_at)}
    assert found == {"HUM-01": 1, "ORG-01": 0, "TEC-01": 1}


def test_an_occurrence_counts_in_the_month_in_which_it_ends() -> None:
    told = calendar("weekly", judged("2026-04-28 04-29T07:00 pass"), at("2026-05-20T00:00"))
    months = told.by_month(plan().months)
    assert months[0] == {Mark.MISSED: 4}
    assert months[1][Mark.DONE] == 1
    assert sum(sum(month.values()) for month in months) == 52


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sampled_from(["04-01", "01-01", "03-21", "02-29", "12-31"]))
def test_days_and_months_of_a_year_leave_no_hole(day: date, starts: str) -> None:
    fiscal = FiscalYear.starting(starts)
    year = fiscal.holding(Cycle.YEAR, day)
    for frequency in ("daily", "monthly", "quarterly"):
        told: Sequence[Occurrence] = occurrences(frequency, fiscal, year, "Asia/Tokyo", closes_on)
        assert (told[0].since, told[-1].as_of) == (year.since, year.as_of)
        assert all(one.as_of + DAY == after.since for one, after in pairwise(told))
