from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.datasets import catalogue
from evidence.persons import Keys
from evidence.store import Store
from evidence.vault.memory import MemoryVault
from registers.calendar import LAW, calendar_rows
from registers.imports import apply, plan_rows

FIRST, LAST = date(2025, 12, 1), date(2026, 12, 31)
LAW_ROWS = {row["day_on"]: row for row in calendar_rows(LAW, FIRST, LAST)}
DAYS = st.dates(FIRST, LAST)


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        pytest.param(date(2025, 12, 26), True, id="the last Friday of the year's work"),
        pytest.param(date(2025, 12, 29), False, id="29 December"),
        pytest.param(date(2026, 1, 2), False, id="2 January, no holiday of the law of holidays"),
        pytest.param(date(2026, 1, 5), True, id="the first Monday after the New Year"),
        pytest.param(date(2026, 1, 10), False, id="a Saturday"),
        pytest.param(date(2026, 1, 11), False, id="a Sunday"),
        pytest.param(date(2026, 1, 12), False, id="Coming of Age Day"),
        pytest.param(date(2026, 5, 6), False, id="the substitute for a holiday on a Sunday"),
        pytest.param(date(2026, 9, 22), False, id="a day between two holidays"),
        pytest.param(date(2026, 9, 24), True, id="the day after the autumn holidays"),
    ],
)
def test_which_days_the_law_leaves_open(day: date, is_open: bool) -> None:
    assert LAW_ROWS[day]["is_business_day"] is is_open


def test_a_calendar_has_every_day_once_and_in_order() -> None:
    assert list(LAW_ROWS) == [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


@given(DAYS, DAYS)
def test_the_difference_of_two_numbers_is_the_count_of_open_days_between(one: date, other: date) -> None:
    early, late = sorted((one, other))
    between = [day for day in LAW_ROWS if early < day <= late and LAW_ROWS[day]["is_business_day"]]
    assert LAW_ROWS[late]["business_day_number"] - LAW_ROWS[early]["business_day_number"] == len(between)


@given(DAYS)
def test_the_next_open_day_is_the_day_itself_or_the_first_open_one_after(day: date) -> None:
    following = LAW_ROWS[day]["next_business_day_on"]
    shut = [one for one in LAW_ROWS if day <= one < following]
    assert following >= day
    assert not any(LAW_ROWS[one]["is_business_day"] for one in shut)


def test_the_next_open_day_may_lie_beyond_the_calendar() -> None:
    assert LAW_ROWS[LAST]["next_business_day_on"] == date(2027, 1, 4)


def test_a_company_closes_its_own_days_too() -> None:
    foundation = date(2026, 6, 15)
    rows = {row["day_on"]: row for row in calendar_rows("AOI", FIRST, LAST, {foundation})}
    closed = [day for day in rows if rows[day]["is_business_day"] != LAW_ROWS[day]["is_business_day"]]
    assert closed == [foundation]
    assert LAW_ROWS[LAST]["business_day_number"] - rows[LAST]["business_day_number"] == 1


def test_a_calendar_that_grows_keeps_the_numbers_it_had() -> None:
    longer = {row["day_on"]: row for row in calendar_rows(LAW, date(2020, 1, 1), date(2028, 12, 31))}
    assert all(longer[day] == row for day, row in LAW_ROWS.items())


@pytest.mark.parametrize(
    ("calendar", "first", "last", "closed"),
    [
        pytest.param("AOI", date(1999, 12, 31), LAST, (), id="before numbers begin"),
        pytest.param("AOI", LAST, FIRST, (), id="an end before the beginning"),
        pytest.param(LAW, FIRST, LAST, (date(2026, 6, 15),), id="a day that the law does not close"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(calendar: str, first: date, last: date, closed: Any) -> None:
    with pytest.raises(ValueError, match=r"calendar|closed"):
        calendar_rows(calendar, first, last, closed)


def test_a_calendar_is_kept_as_a_register_and_twice_is_once(store: Store, vault: MemoryVault, keys: Keys) -> None:
    days, rows = catalogue()["calendar_days"], calendar_rows(LAW, FIRST, LAST)
    planned = plan_rows(store, days, rows, keys)
    assert apply(planned, store, vault, keys, by="tenken", reason="暦の展開") == len(rows)
    assert plan_rows(store, days, rows, keys).unchanged == len(rows)
