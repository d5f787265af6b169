"""The coverage calendar 点検実施状況: when each control should have been checked, and whether it was.

Pure: occurrences come from a control's frequency and the fiscal year, evidence by its effective date is the judgements
as of the days of an occurrence, and what they are worth is a matter of when they were made.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from controls.model import Control
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
    NOT_APPLICABLE = "not_applicable"


DUE = (Mark.DONE, Mark.LATE, Mark.BACKFILLED, Mark.UNVERIFIED, Mark.MISSED)  # what has had to be by now
Counts = Mapping[Mark, int]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which a control should be checked: as of any of these days, before a moment."""

    since: date
    as_of: date
    due_at: datetime  # the first moment that is too late


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
        return tuple(Occurrence(*days, midnight(closes_on(days[1]) + DAY, zone)) for days in spans)
    length = WEEK if frequency == "weekly" else 1
    ends = (year.since + n * DAY for n in range((year.as_of - year.since).days + 1))
    return tuple(
        Occurrence(end - (length - 1) * DAY, end, midnight(end + 2 * DAY, zone))
        for end in ends
        if length == 1 or end.isoweekday() == WEEK
    )


def in_force(all_of_them: Sequence[Occurrence], valid_from: date, valid_to: date) -> Sequence[Occurrence]:
    """Those in which a control was in force on some day."""
    return [one for one in all_of_them if one.as_of >= valid_from and one.since <= valid_to]


def marks(expected: Iterable[Occurrence], judged: Iterable[JudgedDay], known_at: datetime) -> Iterator[Mark]:
    """The mark of each occurrence, of what was judged until a moment; both come by their days."""
    rest = iter(judged)
    row = next(rest, None)
    for one in expected:
        while row is not None and row.as_of < one.since:
            row = next(rest, None)
        mine: list[JudgedDay] = []
        while row is not None and row.as_of <= one.as_of:
            mine.append(row)
            row = next(rest, None)
        yield mark(one, mine, known_at)


def mark(one: Occurrence, judged: Sequence[JudgedDay], known_at: datetime) -> Mark:
    """What became of an occurrence, by the judgements as of its days that were made until a moment."""
    verified = [row.verified_at for row in judged if row.verified_at is not None]
    if not verified:
        if known_at < one.due_at:
            return Mark.OPEN
        return Mark.UNVERIFIED if judged else Mark.MISSED
    if not any(row.concluded for row in judged):
        return Mark.NOT_APPLICABLE
    if min(verified) < one.due_at:
        return Mark.DONE
    return Mark.BACKFILLED if min(row.first_at for row in judged) < one.due_at else Mark.LATE


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


@dataclass(frozen=True, slots=True)
class Plan:
    """A fiscal year of one company: by what it is divided, and when its periods close."""

    fiscal: FiscalYear
    year: Span
    zone: str
    closes_on: Callable[[date], date]

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
        yield Covered(control.id, kind, expected, tuple(marks(expected, mine, known_at)))


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
