"""What was worked out of a house as it stood at a moment, for who asks for the same again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

MOST = 1_000  # things: a few for each company


@dataclass(slots=True)
class _One:
    lock: Lock = field(default_factory=Lock)  # of who works it out; others wait for it
    is_made: bool = False
    value: Any = None


class Kept:
    """What was made of a house at the moment that was asked about last; what is made of an earlier one is not kept."""

    def __init__(self) -> None:
        self._at: object = None
        self._made: dict[object, _One] = {}
        self._lock = Lock()

    def once(self, at: object, what: object, make: Callable[[], Any]) -> Any:
        """What is made at a moment, by one for all who ask meanwhile. What fails is not kept; of too much, what was
        asked for first is let go."""
        with self._lock:
            if self._at != at:
                self._at, self._made = at, {}
            if what not in self._made and len(self._made) >= MOST:
                del self._made[next(iter(self._made))]
            one = self._made.setdefault(what, _One())
        with one.lock:
            if not one.is_made:
                one.value, one.is_made = make(), True
            return one.value
