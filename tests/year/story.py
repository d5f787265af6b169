"""The words in which the history of the year is told: stories, what happens in them, and the lives that gaps must have."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tests.year.world import LAST

if TYPE_CHECKING:
    from tests.year.lived import Lived

Happens = Callable[["Lived"], object]
Key = tuple[str, str, str, str | None]  # control, company, subject, aspect
_STEP = re.compile(r"(\d\d-\d\d) (\w+)(?: of (\d\d-\d\d))?(?: @(\d\d-\d\d))?(?: (.*))?")


@dataclass(frozen=True, slots=True)
class Step:
    """One event in the life of a gap: what, as of which day, about what that happened when, put down on which day."""

    as_of: date
    kind: str
    day: date | None = None  # of an event
    put_down: date | None = None  # where a judgement is not made on the day after
    told: str = ""  # what else must stand there: to whom, by which waiver or finding


@dataclass(frozen=True, slots=True)
class Life:
    """The life that the gap of a control about a subject must have, but for dues and escalations, which follow from it.

    ``seen`` says how it must look at noon of some days: whom it falls to, or that a waiver covers it.
    """

    key: Key
    steps: tuple[Step, ...]
    seen: Mapping[date, str]


@dataclass(frozen=True, slots=True)
class Story:
    """Something that happens in the year, and what must come of it."""

    name: str
    happens: Sequence[tuple[date, Happens]]
    lives: Sequence[Life]
    restates: Sequence[tuple[str, date, str]] = ()  # company, last day of a month that is closed, and why


def on(text: str) -> date:
    """A day of the year: ``04-13`` lies in 2026, ``01-20`` in 2027."""
    month, day = map(int, text.split("-"))
    return date(LAST.year if month < 4 else LAST.year - 1, month, day)


def when(text: str, happens: Happens) -> tuple[date, Happens]:
    """Let something happen on a day."""
    return on(text), happens


def life(control: str, company: str, subject: str, steps: str, *, aspect: str | None = None, **seen: str) -> Life:
    """Write a life down: ``04-13 opened, 04-20 closed``; of an event ``04-13 opened of 04-12``.

    ``seen`` has days for names: ``_0414="G000101"``.
    """
    told = tuple(_step(one) for one in steps.split(", ") if one)
    days = {on(f"{name[1:3]}-{name[3:]}"): what for name, what in seen.items()}
    return Life((control, company, subject, aspect), told, days)


def _step(text: str) -> Step:
    found = _STEP.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no step")
    as_of, kind, day, put_down, told = found.groups()
    return Step(on(as_of), kind, on(day) if day else None, on(put_down) if put_down else None, told or "")
