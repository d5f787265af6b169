"""Written times: datasets.md §4, line by line."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import stamps
from collectors.stamps import NoInstant

TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
ZONES = st.sampled_from([ZoneInfo(name) for name in ("Asia/Tokyo", "America/New_York", "Australia/Lord_Howe")])


@pytest.mark.parametrize(
    ("text", "zone", "pattern", "at", "basis"),
    [
        pytest.param(
            "2026-03-10T09:00:00+09:00", None, None, datetime(2026, 3, 10, tzinfo=UTC), "zone_given", id="offset"
        ),
        pytest.param("2026-03-10T00:00:00Z", TOKYO, None, datetime(2026, 3, 10, tzinfo=UTC), "zone_given", id="Z wins"),
        pytest.param("2026-03-10 09:00", TOKYO, None, datetime(2026, 3, 10, tzinfo=UTC), "zone_declared", id="no zone"),
        pytest.param(
            "2026/03/10 09:00:00",
            TOKYO,
            "%Y/%m/%d %H:%M:%S",
            datetime(2026, 3, 10, tzinfo=UTC),
            "zone_declared",
            id="a pattern",
        ),
        pytest.param(
            "2026/03/10 09:00:60",
            TOKYO,
            "%Y/%m/%d %H:%M:%S",
            datetime(2026, 3, 10, 0, 0, 59, 999_999, tzinfo=UTC),
            "zone_declared",
            id="second 60",
        ),
        pytest.param(
            "2026-11-01 01:30",
            NEW_YORK,
            None,
            datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
            "zone_declared_ambiguous",
            id="twice",
        ),
    ],
)
def test_a_time_is_read_with_how_it_was(
    text: str, zone: ZoneInfo | None, pattern: str | None, at: datetime, basis: str
) -> None:
    assert stamps.read(text, zone, pattern) == (at, basis)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        pytest.param("2026-03-08 02:30", NEW_YORK, id="a skipped hour"),
        pytest.param("2026-03-10 09:00", None, id="no zone at all"),
        pytest.param("2026-03-10", TOKYO, id="a day only"),
        pytest.param("2026-02-30 00:00", TOKYO, id="no such day"),
        pytest.param("１０", TOKYO, id="something else"),
    ],
)
def test_what_names_no_instant_is_refused(text: str, zone: ZoneInfo | None) -> None:
    with pytest.raises(NoInstant):
        stamps.read(text, zone)


@given(st.datetimes(datetime(2000, 1, 2), datetime(2100, 1, 1)), ZONES)
def test_every_instant_written_with_its_zone_comes_back(wall: datetime, zone: ZoneInfo) -> None:
    at = wall.replace(tzinfo=UTC)
    assert stamps.read(at.astimezone(zone).isoformat(), None) == (at, "zone_given")


@given(st.datetimes(datetime(2000, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)), st.integers(0, 300), ZONES)
def test_a_line_without_a_year_comes_back_within_a_year_of_the_end(at: datetime, days: int, zone: ZoneInfo) -> None:
    at = at.replace(microsecond=0)
    wall = at.astimezone(zone)
    written = (wall.month, wall.day, wall.hour, wall.minute, wall.second)
    assert stamps.without_year(written, zone, at + timedelta(days=days), at) == at


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        pytest.param("1773100800", "s", id="seconds"),
        pytest.param("1773100800000", "ms", id="milliseconds"),
        pytest.param("1773100800000000", "us", id="microseconds"),
    ],
)
def test_a_count_of_time_is_in_the_declared_unit(text: str, unit: str) -> None:
    assert stamps.epoch(text, unit) == (datetime(2026, 3, 10, tzinfo=UTC), "epoch_declared")


@pytest.mark.parametrize("text", ["-1", "1e9", "x", "9" * 18])
def test_a_count_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(NoInstant):
        stamps.epoch(text, "s")


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(datetime(1999, 12, 31, 23, 59, tzinfo=UTC), id="before 2000"),
        pytest.param(datetime(2026, 3, 10, 0, 11, tzinfo=UTC), id="after the collection"),
    ],
)
def test_an_instant_out_of_bounds_is_refused(at: datetime) -> None:
    with pytest.raises(NoInstant):
        stamps.bounded(at, datetime(2026, 3, 10, tzinfo=UTC), timedelta(minutes=10))


@pytest.mark.parametrize(
    ("text", "pattern", "iso_too"),
    [
        pytest.param("2026-04-01", None, False, id="ISO"),
        pytest.param("2026/4/1", "%Y/%m/%d", False, id="a pattern"),
        pytest.param("2026-04-01", "%Y/%m/%d", True, id="a workbook's own day"),
        pytest.param("2026-04-01T00:00:00", None, True, id="a workbook's midnight"),
    ],
)
def test_a_day_is_read(text: str, pattern: str | None, iso_too: bool) -> None:
    assert stamps.day(text, pattern, iso_too=iso_too) == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        pytest.param("2026/04/01", None, id="slashes for ISO"),
        pytest.param("20260401", None, id="basic ISO"),
        pytest.param("2026-04-01", "%Y/%m/%d", id="ISO for a pattern"),
        pytest.param("2026-02-30", None, id="no such day"),
    ],
)
def test_a_day_that_is_not_as_declared_is_refused(text: str, pattern: str | None) -> None:
    with pytest.raises(NoInstant):
        stamps.day(text, pattern)
