"""Links to what was built to be taken away: each works once, for a quarter of an hour, for the session that asked."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from portal.sessions import Session

LIFE = timedelta(minutes=15)
ID_BYTES = 32


@dataclass(slots=True)
class Link:
    """A file that waits to be taken, and the session it is for; the first who takes it may go on after a cut."""

    path: Path
    session: Session
    company: str
    ends_at: datetime
    taken: bool = False


class Links:
    """All links that were given."""

    def __init__(self) -> None:
        self._given: dict[str, Link] = {}
        self._lock = Lock()

    def give(self, path: Path, session: Session, company: str, now: datetime) -> str:
        """A new link to a file."""
        told = secrets.token_urlsafe(ID_BYTES)
        with self._lock:
            self._given[told] = Link(path, session, company, now + LIFE)
        return told

    def take(self, told: str, session: Session, now: datetime, *, resumed: bool) -> Link | None:
        """The file of a link: once from its beginning, and from then on only to go on with what was cut; else None."""
        with self._lock:
            link = self._given.get(told)
            if link is None or link.session is not session or now >= link.ends_at or link.taken is not resumed:
                return None
            link.taken = True
            return link

    def over(self, now: datetime) -> list[Path]:
        """Forget what nobody may take any more; the files that nothing leads to then."""
        with self._lock:
            over = {told: link for told, link in self._given.items() if now >= link.ends_at}
            for told in over:
                del self._given[told]
            kept = {link.path for link in self._given.values()}
        return sorted({link.path for link in over.values()} - kept)
