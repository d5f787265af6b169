"""Sessions: kept by the one process that serves the portal, and gone with it; a cookie holds an id and nothing else."""

import hashlib
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=8)
WINDOW = timedelta(minutes=15)
OF_ACCOUNT, OF_ADDRESS = 10, 100  # wrong passwords that are looked at in that time
ID_BYTES = 32


@dataclass(slots=True)
class Session:
    """Somebody who came in: who, and the token that each of their forms must bring."""

    person: str
    began_at: datetime
    seen_at: datetime
    proved_at: datetime  # the last commit before: what was given or taken later ends it
    is_proved_twice: bool  # by more than a password
    is_ended: bool = False
    token: str = field(default_factory=lambda: secrets.token_urlsafe(ID_BYTES), repr=False)

    def is_over(self, now: datetime) -> bool:
        """Whether it was left alone for half an hour, lasted eight, or was ended."""
        return self.is_ended or now - self.seen_at >= IDLE or now - self.began_at >= LONGEST


class Sessions:
    """All sessions, by the digest of their ids: who reads the memory finds none that can be used."""

    def __init__(self) -> None:
        self._open: dict[str, Session] = {}
        self._lock = Lock()

    def begin(self, person: str, now: datetime, proved_at: datetime, *, is_proved_twice: bool) -> str:
        """A new session; its id, which is told once. Nobody brings an id along."""
        told = secrets.token_urlsafe(ID_BYTES)
        with self._lock:
            self._open = {key: one for key, one in self._open.items() if not one.is_over(now)}
            self._open[_digest(told)] = Session(person, now, now, proved_at, is_proved_twice)
        return told

    def find(self, told: str | None, now: datetime) -> Session | None:
        """The session of an id, which is in use now; None when there is none, or none any more."""
        with self._lock:
            found = self._open.get(_digest(told)) if told else None
            if found is None or told is None:
                return None
            if found.is_over(now):
                del self._open[_digest(told)]
                return None
            found.seen_at = max(found.seen_at, now)
            return found

    def end(self, told: str | None) -> None:
        """End a session, wherever its id may be kept."""
        with self._lock:
            if ended := self._open.pop(_digest(told or ""), None):
                ended.is_ended = True


class Tries:
    """Wrong passwords: of one account a few are looked at in a quarter of an hour, whoever brings them."""

    def __init__(self) -> None:
        self._wrong: dict[str, deque[datetime]] = {}
        self._taken: dict[str, int] = {}  # the last one-time password of an account, by its step
        self._lock = Lock()

    def may(self, account: str, address: str, now: datetime) -> bool:
        """Whether one more password of an account, from an address, is looked at now; it counts until it was right."""
        most = {f"account {account}": OF_ACCOUNT, f"address {address}": OF_ADDRESS}
        with self._lock:
            self._wrong = {key: kept for key, told in self._wrong.items() if (kept := _within(told, now))}
            if any(len(self._wrong.get(key, ())) >= many for key, many in most.items()):
                return False
            for key in most:
                self._wrong.setdefault(key, deque()).append(now)
            return True

    def was_right(self, account: str, address: str) -> None:
        """Forget what an account did wrong; of its address the last try."""
        with self._lock:
            self._wrong.pop(f"account {account}", None)
            if tries := self._wrong.get(f"address {address}"):
                tries.pop()

    def take(self, account: str, step: int) -> bool:
        """Take a one-time password: once, and none that is older (RFC 6238 §5.2)."""
        with self._lock:
            is_new = step > self._taken.get(account, -1)
            self._taken[account] = max(step, self._taken.get(account, -1))
        return is_new


def _within(told: deque[datetime], now: datetime) -> deque[datetime]:
    return deque(at for at in told if now - at < WINDOW)


def _digest(told: str) -> str:
    return hashlib.sha256(told.encode()).hexdigest()
