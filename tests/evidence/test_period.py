"""The days of a period, and the instants that bound it."""

from datetime import UTC, date, datetime

import pytest

from evidence.period import Period


def test_a_period_ends_at_the_midnight_after_its_last_day() -> None:
    march = Period(date(2026, 3, 1), date(2026, 3, 31))
    assert march.since_at == datetime(2026, 2, 28, 15, tzinfo=UTC)
    assert march.until_at == datetime(2026, 3, 31, 15, tzinfo=UTC)


def test_the_period_before_is_as_long_and_ends_the_day_before() -> None:
    assert Period(date(2026, 3, 1), date(2026, 3, 31)).before == Period(date(2026, 1, 29), date(2026, 2, 28))


def test_a_day_that_the_clocks_change_is_shorter() -> None:
    day = Period(date(2026, 3, 8), date(2026, 3, 8), "America/New_York")
    assert (day.until_at - day.since_at).total_seconds() == 23 * 3600


def test_a_period_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        Period(date(2026, 3, 2), date(2026, 3, 1))
