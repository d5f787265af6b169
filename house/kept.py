"""What was worked out of a house as it stood at a moment, for who asks for the same again."""

from threading import Lock

MOST = 1_000  # things: a few for each company
NOTHING = object()


class Kept:
    """What was made at the newest moment that was asked about; of an earlier one nothing is kept."""

    def __init__(self) -> None:
        self._at: object = None
        self._made: dict[object, object] = {}
        self._lock = Lock()

    def find(self, at: object, what: object) -> object:
        """What was made of this at a moment; ``NOTHING`` when there is none."""
        with self._lock:
            return self._made.get(what, NOTHING) if self._at == at else NOTHING

    def put(self, at: object, what: object, made: object) -> None:
        """Keep what was made; of too much, what was made first is let go."""
        with self._lock:
            if self._at != at:
                self._at, self._made = at, {}
            if len(self._made) >= MOST:
                del self._made[next(iter(self._made))]
            self._made[what] = made
