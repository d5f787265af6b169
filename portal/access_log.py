"""Who looked at what: a line of JSON for each request, in a file for each day, that is collected as any other log."""

import json
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

FOLDER = "access"
CAME_IN = "login_ok"


class AccessLog:
    """The files ``access/YYYY-MM-DD.jsonl`` of a home, by the day in UTC; lines are added, whole."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER
        self._lock = Lock()

    def add(self, at: datetime, told: dict[str, object]) -> None:
        """Put down one request; it is in the file before the answer leaves."""
        when = {"id": secrets.token_hex(8), "at": at.isoformat(timespec="milliseconds")}
        line = json.dumps(when | told, sort_keys=True)  # in ASCII: nobody writes a line of their own
        with self._lock:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            with (self._folder / f"{at:%Y-%m-%d}.jsonl").open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    def since(self, at: datetime) -> Iterator[Mapping[str, Any]]:
        """The requests since a moment, in the order in which they were answered; a line that was cut off is none."""
        for path in sorted(self._folder.glob("*.jsonl")):
            if path.stem >= f"{at:%Y-%m-%d}":
                with path.open(encoding="utf-8", errors="replace") as file:
                    yield from (told for told in map(_read, file) if told and datetime.fromisoformat(told["at"]) >= at)


def _read(line: str) -> Mapping[str, Any] | None:
    try:
        told = json.loads(line)
        return told if datetime.fromisoformat(told["at"]).tzinfo and {"act", "person"} <= told.keys() else None
    except (ValueError, TypeError, KeyError):  # whatever somebody did to the file, the portal is served
        return None
