"""``python -m tests.notices.serving HOME [patient]``: a scheduler in a process of its own, by the moment that ``HOME/clock``
tells, that says what it serves. Its rounds are copies of it, and a process with threads of other things copies badly.
"""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import scheduler
from evidence.clock import StandingClock
from evidence.store.values import Claim
from house import House, open_house
from house.rounds import Rounds, told_apart

FILE = "clock"


class ToldClock(StandingClock):
    """A clock that another process puts on."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def now(self) -> datetime:
        return datetime.fromisoformat(self.path.read_text("ascii"))

    def monotonic(self) -> float:
        return self.now().timestamp()


def serve(_: House, claim: Claim, *__: Any) -> None:
    """Say what is served, and do nothing."""
    print(claim.schedule, flush=True)


def wait(telling: Rounds, **_: bool) -> None:
    """Wait for a round, as no scheduler does."""
    told_apart(telling.house, lambda _: None)


def main(home: Path, *how: str) -> None:
    """Serve until killed."""
    scheduler.LOOK = timedelta(milliseconds=50)
    if how:
        Rounds.go_on = wait  # type: ignore[method-assign, assignment]
    scheduler.run(open_house(home, ToldClock(home / FILE)), lambda _: None, Event(), serve)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
