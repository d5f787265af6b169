"""What all worlds are made of: days close to a limit, people who leave and return, accounts handed on, calendars.

A world is drawn for one company ``c`` at a time, all its keys begin with that code, and several are judged together:
the engine judges all companies in one run, so one window shows it many worlds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from registers.calendar import LAW, calendar_rows

Row = dict[str, Any]
World = dict[str, list[Row]]
T = TypeVar("T")

TOKYO = ZoneInfo("Asia/Tokyo")
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
PERIODS = (
    Period(date(2026, 3, 1), date(2026, 3, 31)),
    Period(date(2026, 3, 1), date(2026, 3, 23)),  # a Monday after a holiday on Friday
)
CLOSED = (date(2026, 3, 26),)  # the companies' own day off, open by law
COMPANIES = tuple(f"C{letter}" for letter in "ABCDEFGHIJKL")  # judged at once


@dataclass(frozen=True)
class Draw:
    """What a world is drawn with: one choice in ``rare`` is an odd one, so that most members have one fault or none."""

    draw: st.DrawFn
    rare: int
    parameters: Mapping[str, Any]  # of the judged control: its codes and limits are data

    def __call__(self, strategy: st.SearchStrategy[T]) -> T:
        return self.draw(strategy)


Block = Callable[[Draw, str, Period], World]


class Told:
    """A judged period, and the worlds of some companies; no dataclass, because Hypothesis would print all its rows."""

    def __init__(self, period: Period, world: World) -> None:
        self.period, self.world = period, world

    def __repr__(self) -> str:
        return f"{self.period} of {len(self.world)} datasets"


@st.composite
def worlds(draw: st.DrawFn, block: Block, parameters: Mapping[str, Any]) -> Told:
    """Several companies, each with its own measure of oddness."""
    period = draw(st.sampled_from(PERIODS))
    together: World = {}
    for company in COMPANIES:
        one = Draw(draw, draw(st.sampled_from((3, 6, 12, 24))), parameters)
        for dataset, rows in block(one, company, period).items():
            together.setdefault(dataset, []).extend(rows)
    if "calendar_days" in together:
        together["calendar_days"] += calendar(LAW, period)["calendar_days"]
    return Told(period, together)


def pick(draw: Draw, plain: T, *odd: T) -> T:
    """The plain value, now and then an odd one."""
    return plain if draw(st.integers(1, draw.rare)) < draw.rare else draw(st.sampled_from(odd))


def choose(draw: Draw, *values: T) -> T:
    """One of some values, none of them odder than another."""
    return draw(st.sampled_from(values))


def chance(draw: Draw) -> bool:
    """Whether something odd happens here."""
    return pick(draw, False, True)


def near(draw: Draw, day: date) -> date:
    """A limit, exactly or one day off."""
    return day + draw(st.sampled_from((0, -1, 1))) * DAY


def ago(draw: Draw, day: date, days: int) -> date:
    """The day so many days before, exactly or one day off, but never in the future."""
    return min(near(draw, day - days * DAY), day)


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """An instant told in the companies' zone."""
    return datetime.combine(day, time(hour, minute, second), TOKYO)


def join(*worlds: Mapping[str, Sequence[Row]]) -> World:
    """Some rows beside others."""
    together: World = {}
    for world in worlds:
        for dataset, rows in world.items():
            together.setdefault(dataset, []).extend(rows)
    return together


@cache
def _days(calendar: str, as_of: date, back: int) -> tuple[Row, ...]:
    closed = () if calendar == LAW else CLOSED
    return tuple(calendar_rows(calendar, as_of - back * DAY, as_of + 30 * DAY, closed))


def calendar(name: str, period: Period, *, back: int = 70) -> World:
    """The days around a period; a company's own calendar has one more closed day than the law's."""
    days = _days(LAW if name == LAW else "company", period.as_of, back)
    return {"calendar_days": [{**day, "calendar": name} for day in days]}


def worker(person: str, company: str, hired: date, left: date | None = None, *, nth: int = 1) -> Row:
    """One engagement of a person."""
    return {
        "engagement_key": f"{person}-e{nth}-{company}",
        "person_key": person,
        "company": company,
        "department": "D1",
        "kind": "regular",
        "hired_on": hired,
        "left_on": left,
    }


LONG_HIRED = date(2020, 4, 1)


def staff(*people: str, company: str) -> World:
    """People who have been there for long and stay."""
    return {"workers": [worker(person, company, LONG_HIRED) for person in people]}


def owned(account: str, person: str, first: date = date(2020, 1, 1), last: date = OPEN_END) -> Row:
    """Whose an account is in a span."""
    return {
        "account_key": account,
        "person_key": person,
        "basis": "worker_no",
        "valid_from_on": first,
        "valid_to_on": last,
    }


def handed_on(draw: Draw, account: str, first: str, then: str, day: date) -> list[Row]:
    """An account of one person, or handed on to another so that ``day`` is the new holder's first."""
    if not chance(draw):
        return [owned(account, first)]
    return [owned(account, first, last=day - DAY), owned(account, then, first=day)]


def event(company: str, key: str, account: str, when: datetime | date, **more: object) -> Row:
    """One line of an access log; a bare date is a log that tells no time."""
    told = isinstance(when, datetime)
    day = when.astimezone(TOKYO).date() if isinstance(when, datetime) else when
    return {
        "company": company,
        "event_key": key,
        "account_key": account,
        "system_id": f"{company}-S1",
        "action": "read",
        "result": "ok",
        "rows": 1,
        "occurred_at": when if told else None,
        "occurred_on": day,
        "time_basis": "zone_given" if told else "day_only",
        **more,
    }
