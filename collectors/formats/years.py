"""Which years the lines of a log are of that writes none: counted back from its end, over every turn of the year in it.

The end alone does not tell: in a log that was not rotated for a year, "Mar 10" of last year would be read as that of
this year as soon as it comes near again, and all that was read before would seem to have happened once more.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from collectors import stamps
from collectors.formats import Unreadable
from collectors.formats.text import byte_lines
from collectors.stamps import NoInstant
from evidence.vault import StoredObject

HALF_A_YEAR = 6 * 31  # days, where every month has 31
MOST_TURNS = 200  # no log is so old: its lines stand in no order
Day = tuple[int, int]  # month and day


@dataclass(frozen=True, slots=True)
class Years:
    """For every line the latest year that it can be of."""

    lines: tuple[int, ...]  # the lines at which another year begins
    years: tuple[int, ...]  # the year before the first of them, and that behind each

    @staticmethod
    def of(stored: StoredObject, zone: ZoneInfo, end: datetime) -> "Years":
        """Look through a log for the turns of its years; Unreadable when its lines stand in no order at all."""
        lines: list[int] = []
        years = [0]
        before: Day | None = None
        days: dict[Day, None] = {}  # since the last turn, in their order
        for number, day in _days(stored):
            if before is not None and (more := _turned(before, day)):
                lines.append(number)
                years.append(years[-1] + more)
                days = {}
            if len(lines) > MOST_TURNS:
                raise Unreadable(stored, number, "the lines of the log stand in no order of time")
            days[day] = None
            before = day
        newest = _newest(list(days), before, zone, end)
        return Years(tuple(lines), tuple(newest - years[-1] + one for one in years))

    def newest(self, number: int) -> int:
        """The latest year that a line can be of."""
        return self.years[bisect_right(self.lines, number)]


def _days(stored: StoredObject) -> Iterator[tuple[int, Day]]:
    """The days that a log writes, each with the line at which it is another than on the line before."""
    head = b""
    try:
        for number, line in enumerate(byte_lines(stored), start=1):
            if line[:6] == head:
                continue
            month, rest = stamps.MONTHS.get(line[:3].decode("ascii", "replace")), line[3:6].strip()
            if month is not None and rest.isdigit() and line.endswith(b"\n"):
                head = line[:6]
                yield number, (month, int(rest))
    except Unreadable:
        pass  # whoever reads the lines comes to the same place, and says so


def _turned(before: Day, now: Day) -> int:
    if (before, now) == ((1, 1), (12, 31)):
        return -1  # lines may run back a little, also over the midnight of New Year
    return int((before[0] - now[0]) * 31 + before[1] - now[1] > HALF_A_YEAR)


def _newest(days: list[Day], last: Day | None, zone: ZoneInfo, end: datetime) -> int:
    """The year that the log ends in: that of its last day, unless only a clock gone wrong tells so."""
    latest = (end + stamps.AHEAD).astimezone(zone).year
    if last is None:
        return latest
    told = []
    for month, day in (last, days[len(days) // 2]):
        try:
            told.append(stamps.without_year((month, day, 12, 0, 0), zone, end, None).astimezone(zone).year)
        except NoInstant:
            continue
    return max(told, default=latest)
