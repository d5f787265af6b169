"""The coverage calendar 点検実施状況: when each control should have been checked, and whether it was.

Pure: occurrences come from a control's frequency and the fiscal year, evidence by its effective date is the judgements
of an occurrence, and what they are worth is a matter of when they were made. Which judgements are of it:

- *State* is known of the day as of which it was judged, and of no other. A week is looked at once, on any of its days;
  a month, quarter, half or year is reported on as a whole when it is over (domain.md §3), as of its last day.
- *Events* are known of each day of a judged period that was over by then. What a missed day brought is found by the
  next judgement that reaches back to it, late; all days of an occurrence must be in judged periods, however they are
  cut, but for those on which the control did not apply.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from controls.model import Control, Verdict
from evidence.cycles import DAY, Cycle, FiscalYear, Span
from evidence.period import midnight
from evidence.store.values import JudgedDay

WEEK = 7  # days; from Monday to Sunday
OFTEN_FIRST = ("daily", "weekly", "monthly", "event", "quarterly", "half_yearly", "annual")
CYCLES: Mapping[str, Cycle] = {
    "monthly": Cycle.MONTH,
    "event": Cycle.MONTH,  # whether anything happened is asked each month
    "quarterly": Cycle.QUARTER,
    "half_yearly": Cycle.HALF,
    "annual": Cycle.YEAR,
}


class Mark(StrEnum):
    """What became of one occurrence."""

    DONE = "done"  # in time
    LATE = "late"  # verified, but nobody had looked in time
    BACKFILLED = "backfilled"  # looked at in time, and verified by evidence that came after the deadline
    UNVERIFIED = "unverified"
    MISSED = "missed"
    OPEN = "open"  # its deadline is not over
    BEFORE = "before"  # its deadline was over before anything of the company was recorded
    NOT_APPLICABLE = "not_applicable"


DUE = (Mark.DONE, Mark.LATE, Mark.BACKFILLED, Mark.UNVERIFIED, Mark.MISSED)  # what has had to be by now
Counts = Mapping[Mark, int]
Moments = tuple[datetime | None, datetime | None]  # when an occurrence was looked at, and when anything came out
Known = tuple[JudgedDay, date]  # a judgement, and a day: on which it was known what it knew, or the last it tells of


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which a control should be checked: these days, before a moment."""

    since: date
    as_of: date
    due_at: datetime  # the first moment that is too late
    from_on: date  # a state is looked at as of this day or a later one of these


def most_frequent(frequency: Iterable[str]) -> str:
    """The one of a control's frequencies that comes most often: the others are checked along with it."""
    return min(frequency, key=OFTEN_FIRST.index)


def occurrences(
    frequency: str, fiscal: FiscalYear, year: Span, zone: str, closes_on: Callable[[date], date]
) -> tuple[Occurrence, ...]:
    """All that end in a fiscal year, the earliest first.

    Of a day or a week the day after is the last on which it can be checked in time; of a longer stretch it is the day
    on which ``closes_on`` closes the period that ends with it.
    """
    if frequency in CYCLES:
        spans = [(one.since, one.as_of) for one in fiscal.parts(year, CYCLES[frequency])]
        return tuple(Occurrence(*days, midnight(closes_on(days[1]) + DAY, zone), days[1]) for days in spans)
    length = WEEK if frequency == "weekly" else 1
    ends = (year.since + n * DAY for n in range((year.as_of - year.since).days + 1))
    return tuple(
        Occurrence(first, end, midnight(end + 2 * DAY, zone), first)
        for end in ends
        for first in [end - (length - 1) * DAY]
        if length == 1 or end.isoweekday() == WEEK
    )


def in_force(all_of_them: Sequence[Occurrence], valid_from: date, valid_to: date) -> Sequence[Occurrence]:
    """Those in which a control was in force on some day."""
    return [one for one in all_of_them if one.as_of >= valid_from and one.since <= valid_to]


def marks(
    expected: Sequence[Occurrence], judged: Iterable[JudgedDay], known_at: datetime, began: datetime | None, zone: str,
    *, events: bool,
) -> Iterator[Mark]:  # fmt: skip
    """The mark of each occurrence of a state, or of ``events``, of what was judged until a moment, in its order.

    When nothing was recorded yet that ``began`` there, nobody is blamed for what was due.
    """
    place = ZoneInfo(zone)
    told = [(row, row.known_until.astimezone(place).date()) for row in judged]
    moments = (_of_events if events else _of_states)(expected, told)
    for one, found in zip(expected, moments, strict=True):
        yield _mark(one, *found, known_at, began) if found else Mark.NOT_APPLICABLE


def _of_states(expected: Iterable[Occurrence], told: Iterable[Known]) -> Iterator[Moments | None]:
    as_of = defaultdict[date, list[JudgedDay]](list)
    for row, day in told:
        if row.as_of <= day:
            as_of[row.as_of].append(row)
    for one in expected:
        days = [as_of[day] for day in _days(one.from_on, one.as_of) if day in as_of]
        at = [row.judged_at for rows in days for row in rows]
        concluded = (row.judged_at for rows in days for row in rows if _concluded(row))
        yield None if days and all(map(_excepted, days)) else (min(at, default=None), min(concluded, default=None))


def _of_events(expected: Sequence[Occurrence], told: Iterable[Known]) -> Iterator[Moments | None]:
    days = _days(expected[0].since, expected[-1].as_of) if expected else []
    spans = [(row, last) for row, day in told if row.since <= (last := min(row.as_of, day - DAY))]
    looked, concluded = _earliest(spans, days), _earliest((one for one in spans if _concluded(one[0])), days)
    some = any(row.verdict == Verdict.NOT_APPLICABLE for row, _ in spans)
    excepted = {day for day in days if _excepted(_of_day(spans, day))} if some else ()
    for one in expected:
        left = [day for day in _days(one.since, one.as_of) if day not in excepted]
        yield (_last(looked, left), _last(concluded, left)) if left else None


def _of_day(spans: Iterable[Known], day: date) -> Sequence[JudgedDay]:
    """What was judged of the events of a day: as of the day itself or, where nothing was, of all that have it."""
    mine = [row for row, last in spans if row.since <= day <= last]
    return [row for row in mine if row.as_of == day] or mine


def _excepted(rows: Collection[JudgedDay]) -> bool:
    """Whether nothing ever came out but, at last, that the control does not apply."""
    newest = {(row.since, row.as_of): row.verdict for row in rows}
    return set(newest.values()) == {Verdict.NOT_APPLICABLE} and not any(map(_concluded, rows))


def _concluded(row: JudgedDay) -> bool:
    return row.verdict not in (Verdict.UNVERIFIED, Verdict.NOT_APPLICABLE)


def _mark(
    one: Occurrence, looked_at: datetime | None, concluded_at: datetime | None, known_at: datetime,
    began: datetime | None,
) -> Mark:  # fmt: skip
    if concluded_at is None:
        if known_at < one.due_at:
            return Mark.OPEN
        if began is None or one.due_at <= began:
            return Mark.BEFORE
        return Mark.UNVERIFIED if looked_at else Mark.MISSED
    if concluded_at < one.due_at:
        return Mark.DONE
    return Mark.BACKFILLED if looked_at and looked_at < one.due_at else Mark.LATE


def _days(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


def _earliest(spans: Iterable[Known], days: Sequence[date]) -> dict[date, datetime]:
    """Of each of these days the first moment at which a span that has it was judged."""
    left, found = list(days), dict[date, datetime]()
    for row, last in sorted(spans, key=lambda one: one[0].judged_at) if left else ():
        within = slice(bisect_left(left, row.since), bisect_right(left, last))
        found |= dict.fromkeys(left[within], row.judged_at)
        del left[within]
    return found


def _last(of_days: Mapping[date, datetime], days: Sequence[date]) -> datetime | None:
    """When the last of these days had its moment; None when one has none."""
    return max(of_days[day] for day in days) if all(day in of_days for day in days) else None


@dataclass(frozen=True, slots=True)
class Covered:
    """One control of one company in a fiscal year."""

    control: str
    frequency: str
    occurrences: Sequence[Occurrence]
    marks: Sequence[Mark]

    @property
    def counts(self) -> Counts:
        """How many occurrences have each mark."""
        return Counter(self.marks)

    def by_month(self, months: Sequence[Span]) -> tuple[Counts, ...]:
        """The same for each fiscal month; an occurrence counts in the month in which it ends."""
        told = [Counter[Mark]() for _ in months]
        place = 0
        for one, its_mark in zip(self.occurrences, self.marks, strict=True):
            while one.as_of > months[place].as_of:
                place += 1
            told[place][its_mark] += 1
        return tuple(told)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the calendar must know of a control."""

    id: str
    frequency: str
    valid_from: date
    valid_to: date
    events: bool  # and of no state


@dataclass(frozen=True, slots=True)
class Plan:
    """A fiscal year of one company: by what it is divided, when its periods close, and when anything began."""

    fiscal: FiscalYear
    year: Span
    zone: str
    closes_on: Callable[[date], date]
    began: datetime | None  # the first that was recorded of the company

    @property
    def months(self) -> tuple[Span, ...]:
        """The twelve fiscal months."""
        return self.fiscal.parts(self.year, Cycle.MONTH)

    @property
    def first_day(self) -> date:
        """The first day that any occurrence of the year has: that of a week that began before it."""
        return self.year.since - timedelta(days=WEEK - 1)


def covered(
    plan: Plan, controls: Iterable[Asked], judged: Iterable[JudgedDay], known_at: datetime
) -> Iterator[Covered]:
    """Each control in the order of its id; the rows come in the same order and are held one control at a time."""
    kinds: dict[str, tuple[Occurrence, ...]] = {}
    rest = iter(judged)
    row = next(rest, None)
    for control in sorted(controls, key=lambda one: one.id):
        while row is not None and row.control < control.id:
            row = next(rest, None)
        mine: list[JudgedDay] = []
        while row is not None and row.control == control.id:
            mine.append(row)
            row = next(rest, None)
        kind = control.frequency
        if kind not in kinds:
            kinds[kind] = occurrences(kind, plan.fiscal, plan.year, plan.zone, plan.closes_on)
        expected = in_force(kinds[kind], control.valid_from, control.valid_to)
        told = marks(expected, mine, known_at, plan.began, plan.zone, events=control.events)
        yield Covered(control.id, kind, expected, tuple(told))


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """One control as the report shows it: the counts of each fiscal month, and of the year."""

    control: str
    measure: str
    title: str
    frequency: str
    months: tuple[Counts, ...]
    total: Counts


@dataclass(frozen=True, slots=True)
class CoverageYear:
    """The calendar of one company and fiscal year, of what was judged until a moment."""

    year: Span
    months: tuple[Span, ...]
    known_at: datetime  # in the company's zone
    lines: tuple[CoverageLine, ...]


def coverage_year(plan: Plan, told: Iterable[Covered], controls: Iterable[Control], known_at: datetime) -> CoverageYear:
    """Arrange what was covered for the reader, in the order of the catalogue."""
    months, of = plan.months, {one.control: one for one in told}
    lines = (
        CoverageLine(c.id, c.measure, c.title.ja, one.frequency, one.by_month(months), one.counts)
        for c in controls
        if (one := of.get(c.id))
    )
    return CoverageYear(plan.year, months, known_at, tuple(lines))


def added(counts: Iterable[Counts]) -> Counts:
    """The counts of several together."""
    total = Counter[Mark]()
    for one in counts:
        total.update(one)
    return total
