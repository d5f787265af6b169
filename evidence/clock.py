"""Time is an argument: the one value that may be asked what time it is. Built in ``house`` and handed in."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What tells the time: aware UTC datetimes, and seconds that never go back."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        if hasattr(time, "CLOCK_BOOTTIME"):  # of Linux: it counts while the machine sleeps, too
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        return time.monotonic()


@dataclass(slots=True)
class StandingClock:
    """A clock that stands where it is put; for tests and for re-playing a past day."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


class SteadyClock:
    """A clock that does not follow another one's jumps at once: due moments are neither skipped nor doubled by them.

    It goes on by monotonic time, and follows a jump when the other clock has kept to it for ``PATIENCE``; but never one
    of more than ``FARTHEST``, for what a clock years ahead had planned would be taken as done when its time comes.
    """

    PATIENCE = timedelta(hours=1)
    FARTHEST = timedelta(days=100)
    UNNOTICED = timedelta(seconds=1)  # clocks are corrected all the time

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at, self._mark = clock.now(), clock.monotonic()
        self._jumped: tuple[timedelta, float] | None = None  # how far, and when it was seen

    def now(self) -> datetime:
        wall, mark = self._clock.now(), self._clock.monotonic()
        steady = self._at + timedelta(seconds=mark - self._mark)
        ahead = wall - steady
        if abs(ahead) <= self.UNNOTICED:
            self._at, self._mark, self._jumped = wall, mark, None
            return wall
        if self._jumped is None or abs(ahead - self._jumped[0]) > self.UNNOTICED:
            self._jumped = (ahead, mark)
        elif mark - self._jumped[1] >= self.PATIENCE.total_seconds() and abs(ahead) <= self.FARTHEST:
            self._at, self._mark, self._jumped = wall, mark, None
            return wall
        return steady

    def monotonic(self) -> float:
        return self._clock.monotonic()

    @property
    def jumped(self) -> timedelta | None:
        """How far the other clock is ahead since it jumped; None when it goes along."""
        self.now()
        return self._jumped[0] if self._jumped else None
