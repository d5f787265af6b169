"""The cycle of domain.md §3: the months, quarters and halves of a fiscal year, and the year, as their days.

Pure calendar: a year may begin on any day. Where a month has no such day, its last day stands for it.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from evidence.period import Period

DAY = timedelta(days=1)
YEAR = 12  # months


class Cycle(StrEnum):
    """How long a stretch of a fiscal year is, the shortest first."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"

    @property
    def months(self) -> int:
        """How many months it has."""
        return {"month": 1, "quarter": 3, "half": 6, "year": YEAR}[self.value]


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of a fiscal year: its first and last day."""

    cycle: Cycle
    since: date
    as_of: date

    def period(self, zone: str) -> Period:
        """The same days as a judged period."""
        return Period(self.since, self.as_of, zone)


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """The day on which a company's years begin."""

    month: int = 4
    day: int = 1

    @staticmethod
    def starting(text: str) -> "FiscalYear":
        """Read ``MM-DD``; ValueError when it is no day of any year."""
        try:
            first = date.fromisoformat(f"2000-{text}" if re.fullmatch(r"[0-9]{2}-[0-9]{2}", text) else "")
        except ValueError as error:
            raise ValueError(f"{text!r} is no day of a year; write it as MM-DD, e.g. 04-01") from error
        return FiscalYear(first.month, first.day)

    def holding(self, cycle: Cycle, day: date) -> Span:
        """The stretch of a kind that a day lies in."""
        month = day.year * YEAR + day.month - 1
        if day < self._first(month):
            month -= 1
        month -= (month - (self.month - 1)) % cycle.months
        return Span(cycle, self._first(month), self._first(month + cycle.months) - DAY)

    def beginning_in(self, year: int) -> Span:
        """The fiscal year whose first day lies in a year of the calendar."""
        return self.holding(Cycle.YEAR, date(year, self.month, monthrange(year, self.month)[1]))

    def ended_with(self, day: date) -> tuple[Span, ...]:
        """Every stretch whose last day this is, the shortest first."""
        spans = (self.holding(cycle, day) for cycle in Cycle)
        return tuple(span for span in spans if span.as_of == day)

    def parts(self, whole: Span, cycle: Cycle) -> tuple[Span, ...]:
        """The shorter stretches that a longer one is made of."""
        found = [self.holding(cycle, whole.since)]
        while found[-1].as_of < whole.as_of:
            found.append(self.holding(cycle, found[-1].as_of + DAY))
        return tuple(found)

    def _first(self, month: int) -> date:
        """The first day of a fiscal month, by the number of months since the year 0."""
        year, place = divmod(month, YEAR)
        return date(year, place + 1, min(self.day, monthrange(year, place + 1)[1]))
