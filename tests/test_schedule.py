"""What a schedule says: when something is due, and what is refused."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import scheduler
from evidence.errors import Misplaced
from house.work import last_month
from scheduler import due_times

TOKYO = ZoneInfo("Asia/Tokyo")
NEW_YORK = ZoneInfo("America/New_York")
DAILY = '- {name: collect, does: collect, cron: "30 5 * * *"}'


@pytest.mark.parametrize(
    ("cron", "zone", "since", "until", "expected"),
    [
        pytest.param(
            "30 5 * * *",
            TOKYO,
            "05-01T12:00+09:00",
            "05-03T12:00+09:00",
            ["05-01T20:30", "05-02T20:30"],
            id="daily in Tokyo",
        ),
        pytest.param(
            "0 0 * * *",
            TOKYO,
            "05-01T00:00+09:00",
            "05-02T00:00+09:00",
            ["05-01T15:00"],
            id="the first bound is out, the last one in",
        ),
        pytest.param(
            "0 8 31 * *",
            TOKYO,
            "01-01T00:00+09:00",
            "05-30T00:00+09:00",
            ["01-30T23:00", "03-30T23:00"],
            id="months without a 31st have none",
        ),
        pytest.param(
            "0 8 last * *",
            TOKYO,
            "01-01T00:00+09:00",
            "03-15T00:00+09:00",
            ["01-30T23:00", "02-27T23:00"],
            id="the last of each month",
        ),
        pytest.param(
            "0 8 * * mon", TOKYO, "05-01T00:00+09:00", "05-12T00:00+09:00", ["05-03T23:00", "05-10T23:00"], id="Mondays"
        ),
        pytest.param(
            "30 1 * * *",
            NEW_YORK,
            "10-31T12:00-04:00",
            "11-02T12:00-05:00",
            ["11-01T05:30", "11-02T06:30"],
            id="a time that comes twice is due once",
        ),
        pytest.param(
            "30 1 * * *",
            NEW_YORK,
            "11-01T01:30-04:00",
            "11-01T12:00-05:00",
            [],
            id="the second time is not due after the first",
        ),
        pytest.param(
            "30 2 * * *",
            NEW_YORK,
            "03-07T12:00-05:00",
            "03-09T12:00-04:00",
            ["03-08T07:30", "03-09T06:30"],
            id="a time that never comes is due all the same",
        ),
        pytest.param(
            "30 * * * *",
            NEW_YORK,
            "03-08T00:45-05:00",
            "03-08T04:00-04:00",
            ["03-08T06:30", "03-08T07:30"],
            id="and is not due twice",
        ),
    ],
)
def test_due_moments(cron: str, zone: ZoneInfo, since: str, until: str, expected: list[str]) -> None:
    bounds = [datetime.fromisoformat(f"2026-{moment}") for moment in (since, until)]
    assert [f"{at:%m-%dT%H:%M}" for at in due_times(cron, zone, *bounds)] == expected


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        pytest.param(
            'schedules:\n  - {name: a, does: sleep, cron: "0 5 * * *"}\n', ":2:21:", "collect", id="unknown work"
        ),
        pytest.param(
            'schedules:\n  - {name: a, does: judge, cron: "0 25 * * *"}\n', ":2:34:", "'0 25 * * *'", id="no such hour"
        ),
        pytest.param(
            'schedules:\n  - {name: a, does: judge, cron: "0 5 * *"}\n', ":2:34:", "five fields", id="a field too few"
        ),
        pytest.param(
            'schedules:\n  - {name: a, does: judge, cron: "0 5 * * 1"}\n', ":2:34:", "mon, tue", id="a numbered weekday"
        ),
        pytest.param(
            'schedules:\n  - {name: a, does: judge, cron: "0 5 1 * mon"}\n', ":2:34:", "not both", id="day and weekday"
        ),
        pytest.param(
            'schedules:\n  - {name: a, does: judge, cron: "0 5 30 2 *"}\n',
            ":2:34:",
            "never",
            id="a day that no year has",
        ),
        pytest.param(f"schedules:\n  {DAILY}\n  {DAILY}\n", ":2:3:", "twice", id="a name twice"),
        pytest.param(
            'schedules:\n  - {name: a, does: judge, cron: "0 5 * * *", sources: [x]}\n',
            ":2:5:",
            "no sources",
            id="sources of a judgement",
        ),
        pytest.param(f"schedules:\n  {DAILY}\nhours: 3\n", ":3:", "hours", id="unknown key"),
        pytest.param(
            'schedules:\n  - {name: a, does: judge, cron: "0 5 * * *", zone: Asia/Tokio}\n',
            ":2:",
            "IANA",
            id="no such zone",
        ),
        pytest.param(
            'schedules:\n  - {name: a, does: judge, cron: "0 5 1 * *", business_day: 5}\n',
            ":2:5:",
            "write * in the place of '1'",
            id="a business day of one day",
        ),
        pytest.param(
            'schedules:\n  - {name: a, does: judge, cron: "0 5 * * *", business_day: 16}\n',
            ":2:",
            "15",
            id="a business day that not every month has",
        ),
        pytest.param(
            'schedules:\n  - {name: a, does: judge, cron: "0 5 * * *", company: AOBA}\n',
            ":2:5:",
            "business_day",
            id="a company whose business days nobody asks for",
        ),
        pytest.param(
            'schedules:\n  - {name: a, does: collect, cron: "0 5 * * *", frequency: [daily]}\n',
            ":2:5:",
            "no frequency",
            id="a frequency of a collection",
        ),
        pytest.param(
            'schedules:\n  - {name: a, does: judge, cron: "0 5 * * *", frequency: [hourly]}\n',
            ":2:",
            "daily",
            id="no such frequency",
        ),
        pytest.param(
            'schedules:\n  - {name: scheduler, does: judge, cron: "0 5 * * *"}\n',
            ":2:12:",
            "silence",
            id="the name of silence",
        ),
    ],
)
def test_a_schedule_that_means_nothing_is_refused_at_its_place(
    tmp_path: Path, text: str, place: str, words: str
) -> None:
    (tmp_path / "schedule.yaml").write_text(text, "utf-8")
    with pytest.raises(Misplaced) as refused:
        scheduler.read(tmp_path)
    assert f"schedule.yaml{place}" in str(refused.value)
    assert words in str(refused.value)


def test_the_schedule_of_the_example_is_read() -> None:
    told = scheduler.read(Path(__file__).parents[1] / "config").schedules
    assert [schedule.name for schedule in told] == ["collect", "judge", "close", "checkpoint", "self-check", "scrub"]
    assert [schedule.business_day for schedule in told] == [None, None, None, None, 15, None]


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        pytest.param(date(2026, 5, 4), date(2026, 4, 1), date(2026, 4, 30), id="within a month: the one before"),
        pytest.param(date(2026, 4, 30), date(2026, 4, 1), date(2026, 4, 30), id="the last day of a month: that month"),
        pytest.param(date(2026, 1, 4), date(2025, 12, 1), date(2025, 12, 31), id="over the turn of the year"),
    ],
)
def test_a_self_check_is_for_the_last_whole_month(day: date, first: date, last: date) -> None:
    assert (last_month(day, "Asia/Tokyo").since, last_month(day, "Asia/Tokyo").as_of) == (first, last)
