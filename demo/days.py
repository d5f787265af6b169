"""The demo's time: a fixed last day, the sixty days before it, and Japanese business days."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

AS_OF = date(2026, 3, 31)
SINCE = AS_OF - timedelta(days=59)
OPEN_END = date(9999, 12, 31)
JST = ZoneInfo("Asia/Tokyo")
DAY = timedelta(days=1)


def ago(days: int, before: date = AS_OF) -> date:
    """The day so many days before another."""
    return before - timedelta(days=days)


def span(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last, both included."""
    while first <= last:
        yield first
        first += DAY


DAYS = tuple(span(SINCE, AS_OF))


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """An instant by the clock on the wall in Japan; hour 24 and above lie on the next day."""
    return datetime.combine(day, time(), JST) + timedelta(hours=hour, minutes=minute, seconds=second)


@cache
def _closed() -> frozenset[date]:
    return frozenset(holidays.country_holidays("JP", years=range(2020, 2030)))


def is_open(day: date) -> bool:
    """Whether offices work: not on Saturday, Sunday, statutory holidays and 12-29..01-03."""
    year_end = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return day.weekday() < 5 and not year_end and day not in _closed()


def open_days_after(day: date, count: int) -> date:
    """The day ``count`` business days after another; before it when negative."""
    step = DAY if count > 0 else -DAY
    while count:
        day += step
        if is_open(day):
            count -= 1 if step == DAY else -1
    return day
