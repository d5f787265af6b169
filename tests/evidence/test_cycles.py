"""The months, quarters, halves and years of a fiscal year, whatever day it begins on."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.cycles import Cycle, FiscalYear

APRIL = FiscalYear()
DAYS = st.dates(date(1999, 1, 1), date(2101, 12, 31))
STARTS = st.dates(date(2000, 1, 1), date(2000, 12, 31)).map(lambda day: FiscalYear(day.month, day.day))
CYCLES = st.sampled_from(list(Cycle))
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "cycle", "day", "since", "as_of"),
    [
        pytest.param("04-01", "month", "2026-04-01", "2026-04-01", "2026-04-30", id="the first day of the year"),
        pytest.param("04-01", "month", "2028-02-29", "2028-02-01", "2028-02-29", id="a leap day"),
        pytest.param("04-01", "month", "2027-02-28", "2027-02-01", "2027-02-28", id="no leap day"),
        pytest.param("04-01", "month", "2100-02-28", "2100-02-01", "2100-02-28", id="a century without one"),
        pytest.param("04-01", "quarter", "2027-01-01", "2027-01-01", "2027-03-31", id="the last quarter"),
        pytest.param("04-01", "quarter", "2026-12-31", "2026-10-01", "2026-12-31", id="the end of the calendar's year"),
        pytest.param("04-01", "half", "2027-03-31", "2026-10-01", "2027-03-31", id="the second half"),
        pytest.param("04-01", "year", "2027-03-31", "2026-04-01", "2027-03-31", id="the last day of the year"),
        pytest.param("04-01", "year", "2028-03-01", "2027-04-01", "2028-03-31", id="a year with a leap day"),
        pytest.param("01-01", "year", "2026-12-31", "2026-01-01", "2026-12-31", id="a year of the calendar"),
        pytest.param("03-21", "month", "2026-03-20", "2026-02-21", "2026-03-20", id="months to the 20th"),
        pytest.param("03-21", "quarter", "2026-06-21", "2026-06-21", "2026-09-20", id="quarters to the 20th"),
        pytest.param("01-31", "month", "2026-02-28", "2026-02-28", "2026-03-30", id="no such day in February"),
        pytest.param("01-31", "month", "2028-02-28", "2028-01-31", "2028-02-28", id="the day before a leap day"),
        pytest.param("02-29", "year", "2027-03-01", "2027-02-28", "2028-02-28", id="a year that begins on a leap day"),
        pytest.param("10-01", "half", "2026-09-30", "2026-04-01", "2026-09-30", id="a year from October on"),
    ],
)
def test_the_days_that_a_cycle_has(start: str, cycle: str, day: str, since: str, as_of: str) -> None:
    span = FiscalYear.starting(start).holding(Cycle(cycle), date.fromisoformat(day))
    assert (span.cycle, span.since.isoformat(), span.as_of.isoformat()) == (cycle, since, as_of)


@pytest.mark.parametrize(
    ("day", "ended"),
    [
        pytest.param("2026-04-29", "", id="no last day"),
        pytest.param("2026-04-30", "month", id="a month"),
        pytest.param("2026-06-30", "month quarter", id="a quarter"),
        pytest.param("2026-09-30", "month quarter half", id="a half"),
        pytest.param("2027-03-31", "month quarter half year", id="a year"),
        pytest.param("2028-02-29", "month", id="a leap day"),
        pytest.param("2028-02-28", "", id="the day before one"),
    ],
)
def test_what_ended_with_a_day(day: str, ended: str) -> None:
    assert [span.cycle.value for span in APRIL.ended_with(date.fromisoformat(day))] == ended.split()


@given(STARTS, CYCLES, DAYS)
def test_the_cycles_of_a_kind_follow_one_another_without_a_hole(start: FiscalYear, cycle: Cycle, day: date) -> None:
    span = start.holding(cycle, day)
    assert span.since <= day <= span.as_of
    assert start.holding(cycle, span.since) == start.holding(cycle, span.as_of) == span
    assert start.holding(cycle, span.as_of + DAY).since == span.as_of + DAY
    assert start.holding(cycle, span.since - DAY).as_of == span.since - DAY


@given(STARTS, DAYS)
def test_a_year_is_two_halves_four_quarters_and_twelve_months(start: FiscalYear, day: date) -> None:
    year = start.holding(Cycle.YEAR, day)
    for cycle, count in ((Cycle.HALF, 2), (Cycle.QUARTER, 4), (Cycle.MONTH, 12)):
        parts = start.parts(year, cycle)
        assert len(parts) == count
        assert (parts[0].since, parts[-1].as_of) == (year.since, year.as_of)
        assert all(one.as_of + DAY == after.since for one, after in pairwise(parts))


@given(STARTS, st.integers(1999, 2101))
def test_a_fiscal_year_is_named_by_the_year_it_begins_in(start: FiscalYear, year: int) -> None:
    span = start.beginning_in(year)
    assert (span.cycle, span.since.year, span.since.month) == (Cycle.YEAR, year, start.month)


@given(STARTS, CYCLES, DAYS)
def test_a_cycle_ends_with_its_last_day_and_no_other(start: FiscalYear, cycle: Cycle, day: date) -> None:
    assert (cycle in {span.cycle for span in start.ended_with(day)}) == (start.holding(cycle, day).as_of == day)


@pytest.mark.parametrize("text", ["", "4-1", "04/01", "13-01", "02-30", "04-01 ", "2026-04-01", "０４-０１"])
def test_what_is_no_day_of_a_year_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="MM-DD"):
        FiscalYear.starting(text)
