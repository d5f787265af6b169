"""What somebody asked to be given unmasked, and a second person decides on: kept as long as who asked stays.

Nothing of it lasts, as no session does: what was given is in the ledger, and what nobody decided is asked for again.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from cryptography import x509

from evidence.period import Period
from portal.sessions import Session

MOST = 20  # of one session
ID_BYTES = 16


@dataclass(slots=True)
class Wish:
    """Originals of a period, encrypted to a certificate."""

    session: Session
    company: str
    period: Period
    purpose: str
    certificate: x509.Certificate
    approver: str | None = None
    name: str = field(default_factory=lambda: secrets.token_urlsafe(ID_BYTES))


class Wishes:
    """All that was asked for."""

    def __init__(self) -> None:
        self._all: dict[str, Wish] = {}
        self._lock = Lock()

    def add(self, wish: Wish, now: datetime) -> bool:
        """Put one down; False when somebody has asked for too many already."""
        with self._lock:
            self._all = {name: one for name, one in self._all.items() if not one.session.is_over(now)}
            if sum(one.session is wish.session for one in self._all.values()) >= MOST:
                return False
            self._all[wish.name] = wish
            return True

    def of(self, company: str, now: datetime, session: Session | None = None) -> list[Wish]:
        """What was asked for of a company (by a session), the oldest first."""
        with self._lock:
            there = [one for one in self._all.values() if one.company == company and not one.session.is_over(now)]
        return [one for one in there if session is None or one.session is session]

    def grant(self, name: str, approver: str) -> None:
        """Let who asked have it."""
        with self._lock:
            if name in self._all:
                self._all[name].approver = approver

    def take(self, name: str) -> Wish | None:
        """Let go of one: what it asks for is given, or refused; None when somebody was faster."""
        with self._lock:
            return self._all.pop(name, None)
