"""The dates of promises.md §5.2, CLK-02 and CLK-03, told by hand: when a schedule is due, in the company's zone."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from evidence.clock import StandingClock
from evidence.settings import CompanySettings
from house import House, create
from scheduler import Schedule, due_times, moments

TOKYO = ZoneInfo("Asia/Tokyo")
OWN_REST = (date(2026, 6, 1), date(2026, 6, 5))  # days on which AOBA is closed


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("golden") / "home"
    built = create(home, "青葉グループ", [("AOBA", "株式会社青葉")], StandingClock(datetime(2026, 1, 1, tzinfo=UTC)))
    closing = CompanySettings(code="AOBA", name="株式会社青葉", closed_days=OWN_REST)
    built.settings = built.settings.model_copy(update={"companies": (closing,)})
    yield built
    built.store.close()


def days(house: House, since: str, until: str, cron: str, **told: object) -> list[str]:
    """The local days on which something is due from one day until another, both included."""
    schedule = Schedule.model_validate({"name": "s", "does": "judge", "cron": cron, **told})
    first, last = (datetime.combine(date.fromisoformat(day), datetime.min.time(), TOKYO) for day in (since, until))
    found = moments(house, schedule, first - timedelta(microseconds=1), last + timedelta(days=1, microseconds=-1))
    return [f"{at.astimezone(TOKYO):%Y-%m-%d}" for at in found]


@pytest.mark.parametrize("year", range(2024, 2032))
def test_a_fiscal_year_begins_at_fifteen_hours_utc_of_the_day_before(house: House, year: int) -> None:
    schedule = Schedule(name="year", does="judge", cron="0 0 1 4 *")
    found = list(moments(house, schedule, datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, tzinfo=UTC)))
    assert found == [datetime(year, 3, 31, 15, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("cron", "since", "until", "due"),
    [
        pytest.param("0 8 last * *", "2027-01-01", "2027-12-31",
            ["01-31", "02-28", "03-31", "04-30", "05-31", "06-30", "07-31", "08-31", "09-30", "10-31", "11-30", "12-31"],
            id="the last of each month"),
        pytest.param("0 8 last * *", "2028-01-01", "2028-03-31", ["01-31", "02-29", "03-31"], id="in a leap year"),
        pytest.param("0 8 31 * *", "2027-01-01", "2027-12-31", ["01-31", "03-31", "05-31", "07-31", "08-31", "10-31", "12-31"],
            id="the 31st, where there is one"),
        pytest.param("0 8 30 * *", "2027-01-01", "2027-04-30", ["01-30", "03-30", "04-30"], id="the 30th, not in February"),
        pytest.param("0 8 29 2 *", "2025-01-01", "2033-12-31", ["02-29", "02-29"], id="leap days of 2028 and 2032"),
        pytest.param("0 8 1 4,7,10,1 *", "2026-04-01", "2027-03-31", ["04-01", "07-01", "10-01", "01-01"], id="quarters"),
        pytest.param("0 8 1 4,10 *", "2026-04-01", "2027-03-31", ["04-01", "10-01"], id="halves"),
        pytest.param("0 0 * * *", "2026-12-31", "2027-01-02", ["12-31", "01-01", "01-02"], id="over the turn of the year"),
        pytest.param("59 23 31 3 *", "2026-01-01", "2027-12-31", ["03-31", "03-31"], id="the last minute of the fiscal year"),
        pytest.param("0 8 * * fri", "2028-02-25", "2028-03-03", ["02-25", "03-03"], id="weeks over a leap day"),
    ],
)  # fmt: skip
def test_a_day_of_the_calendar(house: House, cron: str, since: str, until: str, due: list[str]) -> None:
    assert [day[5:] for day in days(house, since, until, cron)] == due


@pytest.mark.parametrize(
    ("month", "number", "due"),
    [
        pytest.param("2026-01", 5, "2026-01-09", id="New Year until the 3rd"),
        pytest.param("2026-02", 5, "2026-02-06", id="a month that begins on Sunday"),
        pytest.param("2026-03", 5, "2026-03-06", id="2026-03"),
        pytest.param("2026-04", 5, "2026-04-07", id="a month that begins in midweek"),
        pytest.param("2026-05", 5, "2026-05-12", id="Golden Week, with a substitute holiday on the 6th"),
        pytest.param("2026-06", 5, "2026-06-05", id="2026-06"),
        pytest.param("2026-07", 5, "2026-07-07", id="2026-07"),
        pytest.param("2026-08", 5, "2026-08-07", id="2026-08"),
        pytest.param("2026-09", 5, "2026-09-07", id="2026-09"),
        pytest.param("2026-10", 5, "2026-10-07", id="2026-10"),
        pytest.param("2026-11", 5, "2026-11-09", id="Culture Day"),
        pytest.param("2026-12", 5, "2026-12-07", id="2026-12"),
        pytest.param("2027-01", 5, "2027-01-08", id="the 4th is a Monday"),
        pytest.param("2027-05", 5, "2027-05-12", id="Golden Week of 2027: the 1st is a Saturday"),
        pytest.param("2026-05", 1, "2026-05-01", id="the first"),
        pytest.param("2026-05", 2, "2026-05-07", id="the first after the holidays"),
        pytest.param("2026-08", 10, "2026-08-17", id="Mountain Day"),
        pytest.param("2026-09", 10, "2026-09-14", id="the tenth"),
        pytest.param("2026-09", 15, "2026-09-24", id="a day between two holidays is one"),
        pytest.param("2026-12", 15, "2026-12-21", id="the fifteenth"),
    ],
)
def test_a_business_day_of_a_month(house: House, month: str, number: int, due: str) -> None:
    until = (date.fromisoformat(f"{month}-28") + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    assert days(house, f"{month}-01", str(until), "0 8 * * *", business_day=number) == [due]


def test_a_company_counts_its_own_business_days(house: House) -> None:
    assert days(house, "2026-06-01", "2026-06-30", "0 8 * * *", business_day=5, company="AOBA") == ["2026-06-09"]


def test_a_schedule_of_another_office_is_due_by_its_own_clock(house: House) -> None:
    schedule = Schedule(name="ny", does="collect", cron="30 5 * * *", zone="America/New_York")
    since, until = datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)
    found = [f"{at:%d %H:%M}" for at in moments(house, schedule, since, until)]
    assert found == ["07 10:30", "08 09:30"]


def changes(zone: ZoneInfo, year: int) -> list[date]:
    """The days of a year on which the clocks of a zone are changed."""
    noons = [datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(366)]
    offsets = [noon.astimezone(zone).utcoffset() for noon in noons]
    return [noon.date() for noon, one, other in zip(noons[1:], offsets, offsets[1:], strict=False) if one != other]


def meant(at: datetime, cron: str) -> date:
    """The day a moment was meant for: a time that a zone leaves out comes later, at times on the next day."""
    late = not cron.startswith(f"{at.minute} {at.hour} ")
    return (at.replace(tzinfo=None) - timedelta(hours=late)).date()


@pytest.mark.parametrize("cron", ["30 0 * * *", "30 1 * * *", "0 2 * * *", "30 2 * * *", "15 23 * * *"])
def test_in_every_zone_a_daily_schedule_is_due_once_each_day_around_both_changes(cron: str) -> None:
    wrong = []
    for name in sorted(zoneinfo.available_timezones()):
        zone = ZoneInfo(name)
        for change in changes(zone, 2026) or [date(2026, 6, 1)]:
            first, last = (datetime.combine(change + n * timedelta(days=1), datetime.min.time(), zone) for n in (-2, 3))
            found = [at.astimezone(zone) for at in due_times(cron, zone, first.astimezone(UTC), last.astimezone(UTC))]
            if [meant(at, cron) for at in found] != [change + n * timedelta(days=1) for n in range(-2, 3)]:
                wrong.append((name, change, [str(at) for at in found]))
    assert wrong == []
