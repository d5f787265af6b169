"""A sender of notices, again and again, with a protection removed or none.

unfenced        (a protection removed) an attempt is made without putting its number down first
recorded_first  (a protection removed) what is sent is recorded as sent before it is
"""

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import parent_process
from pathlib import Path

from evidence.errors import AlreadyDone
from evidence.store.values import Letter, Notice
from house import delivery, open_house
from house.delivery import Pace, Round
from house.notify import notify
from house.post import SENT, Answer
from tests.notices.homes import at

PACE = Pace(lease=timedelta(seconds=10), pauses=(timedelta(seconds=1),))
record = delivery._record


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A clock that runs on from an evening of the home's day."""

    start: float  # the monotonic time of it, for all processes alike

    def now(self) -> datetime:
        return at("20:00") + timedelta(seconds=time.monotonic() - self.start)

    def monotonic(self) -> float:
        return time.monotonic()


def send(home: Path, start: float, faults: str) -> None:
    """Send what there is to send until we are killed, or whoever began us is gone."""
    plant(faults)
    house, parent = open_house(home, RunningClock(start)), parent_process()
    while parent is not None and parent.is_alive():
        notify(house, PACE)
        time.sleep(0.02)


def plant(faults: str) -> None:
    """Remove protections in this process."""
    if "unfenced" in faults:
        delivery.begin = lambda *_: True
        delivery._record = _recorded_once
    if "recorded_first" in faults:
        delivery._attempt = _recorded_first


def _recorded_once(this: Round, notice: Notice, number: int, answer: Answer) -> None:
    with suppress(AlreadyDone):
        record(this, notice, number, answer)


def _recorded_first(this: Round, letter: Letter) -> Answer | None:
    number = len(letter.tries) + 1
    if not delivery.begin(this.house, letter, number):
        return None
    record(this, letter.notice, number, SENT)
    return delivery._mailed(this, letter.notice, lambda: None)
