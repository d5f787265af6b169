"""Business days as rows of ``calendar_days``, so that an old judgement never changes with a calendar library."""

from collections.abc import Callable, Collection
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import holidays

LAW = "law:JP"  # Saturdays, Sundays, national holidays and 12-29..01-03 (行政機関の休日に関する法律)
EPOCH = date(2000, 1, 1)  # numbers run from here, so a calendar that grows keeps the numbers it had
DAY = timedelta(days=1)
SATURDAY = 5


def calendar_rows(calendar: str, first: date, last: date, closed: Collection[date] = ()) -> list[dict[str, Any]]:
    """One row for each day: a company's calendar is the law's and its own ``closed`` days; ValueError before 2000."""
    if not EPOCH <= first <= last < date.max:
        raise ValueError(f"a calendar runs from {EPOCH} on and ends after it begins, not {first} to {last}")
    if calendar == LAW and closed:
        raise ValueError(f"{LAW} has no closed days of its own; give them to a company's calendar")
    is_open = _opening(range(EPOCH.year, last.year + 2), closed)
    rows, number, day = list[dict[str, Any]](), 0, EPOCH
    while day <= last:
        number += is_open(day)
        if day >= first:
            rows.append(
                {
                    "calendar": calendar,
                    "day_on": day,
                    "is_business_day": is_open(day),
                    "business_day_number": number,
                    "next_business_day_on": _next(day, is_open),
                }
            )
        day += DAY
    return rows


def business_day_of(day: date, closed: Collection[date] = ()) -> int | None:
    """Which business day of its month a day is, from 1; None when it is none, by the law's calendar and ``closed``."""
    is_open = _opening(range(day.year, day.year + 1), closed)
    if not is_open(day):
        return None
    return sum(is_open(day.replace(day=number)) for number in range(1, day.day + 1))


def business_day_after(day: date, number: int, closed: Collection[date] = ()) -> date:
    """The so many-th business day after a day, by the law's calendar and ``closed``."""
    is_open = _opening(range(day.year, day.year + 2), closed)
    while number:
        day += DAY
        number -= is_open(day)
    return day


def _opening(years: range, closed: Collection[date]) -> Callable[[date], bool]:
    national, shut = _national(years), frozenset(closed)
    return lambda day: not (day.weekday() >= SATURDAY or day in national or _is_new_year(day) or day in shut)


@lru_cache(maxsize=32)
def _national(years: range) -> frozenset[date]:
    return frozenset(holidays.country_holidays("JP", years=years))


def _next(day: date, is_open: Callable[[date], bool]) -> date:
    while not is_open(day):
        day += DAY
    return day


def _is_new_year(day: date) -> bool:
    return (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
