"""Rounds of telling, each in a process of its own: it loads much, and no server may keep a scheduler from its work.

It is no slot of the schedule. What is due to be told follows from what stands in the store, whenever somebody looks: a
round that did not come is no loss, and one that comes twice repeats nothing (house/notify.py).
"""

import time
import traceback
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event

from evidence.clock import Clock
from evidence.errors import TenkenError
from house import House, open_house
from house.apart import Apart, Said

TELL = timedelta(minutes=10)  # how often people are told what is due to be told, beside after each work
DEADLINE = timedelta(minutes=10)
HEAR_SECONDS = 1.0  # how soon who listens to a round sees that it is to stop


class Rounds:
    """Rounds one after another, beside the work of a scheduler: it listens to them, and waits for none."""

    def __init__(self, house: House, said: Said) -> None:
        self.house, self._said = house, said
        self._round: Apart | None = None
        self._due_at = house.clock.monotonic()

    def go_on(self, *, worked: bool) -> None:
        """Begin a round when something was worked or it is time; while one goes on, after it."""
        now = self.house.clock.monotonic()
        if worked:
            self._due_at = now
        if self._goes_on(0) or now < self._due_at:
            return
        self._due_at = now + TELL.total_seconds()
        self._round = _begun(self.house)

    def rest(self, stop: Event, rest: timedelta) -> None:
        """Listen to the round that goes on, until told to stop, or for so long."""
        until = time.monotonic() + rest.total_seconds()
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            if not self._goes_on(min(left, HEAR_SECONDS)):
                stop.wait(left)

    def end(self) -> None:
        """Let the round that goes on end: a mail that is cut off may be sent twice."""
        while self._goes_on(HEAR_SECONDS):
            pass

    def _goes_on(self, seconds: float) -> bool:
        if self._round is None:
            return False
        if not self._round.over(self._said, seconds):
            return True
        self._round.end()
        if self._round.why:
            self._said(f"notices: {self._round.why}")
        self._round = None
        return False


def told_apart(house: House, said: Said) -> str | None:
    """Tell what is due to be told, where the settings say that anybody is; why it failed."""
    if (work := _begun(house)) is None:
        return None
    try:
        while not work.over(said, DEADLINE.total_seconds()):
            pass
        return work.why
    finally:
        work.end()


def _begun(house: House) -> Apart | None:
    if house.settings.notices is None:
        return None
    house.store.close()  # no connection, nor engine, must be open where a process is copied
    house.forget()
    return Apart(partial(_tell, house.home, house.clock), DEADLINE)


def _tell(home: Path, clock: Clock, said: Said) -> str | None:
    from house.notify import notify  # controls and reports, which cost a start as much as all the rest

    try:
        for letter in notify(open_house(home, clock)):
            last = letter.tries[-1]
            said(f"notice {letter.notice.kind}: {last.outcome}" + (f" ({last.reason})" if last.reason else ""))
    except TenkenError as error:
        return str(error)
    except Exception as error:  # whatever it is, the next round must come
        said("".join(traceback.format_exception(error)))
        return f"{type(error).__name__}; see above"
    return None
