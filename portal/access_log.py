"""Who looked at what: a line of JSON for each request, in a file for each day, that is collected as any other log."""

import json
import secrets
from collections.abc import Iterator
from datetime import datetime
from os import SEEK_END
from pathlib import Path
from threading import Lock
from typing import IO

from evidence.errors import ConfigError

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
            with (self._folder / f"{at:%Y-%m-%d}.jsonl").open("ab+") as file:
                file.write(b"" if _ends_whole(file) else b"\n")  # after a full disk: what was cut off spoils no other
                file.write(line.encode() + b"\n")

    def came_in(self, since: datetime, until: datetime) -> Iterator[tuple[str, datetime]]:
        """Who came in between two moments, and when. Whatever somebody did to a file, what is whole in it is told;
        ConfigError where it cannot be read."""
        for path in sorted(self._folder.glob("????-??-??.jsonl")):
            if path.stem < f"{since:%Y-%m-%d}" or not path.is_file():
                continue
            try:
                with path.open(encoding="utf-8", errors="replace") as file:
                    found = [one for one in map(_came_in, file) if one and since <= one[1] <= until]
            except OSError as error:
                raise ConfigError(
                    f"{path}: cannot be read: {error.strerror}; let who runs the portal read it"
                ) from error
            yield from found


def _ends_whole(file: IO[bytes]) -> bool:
    if not file.tell():
        return True
    file.seek(-1, SEEK_END)
    return file.read() == b"\n"


def _came_in(line: str) -> tuple[str, datetime] | None:
    try:
        told = json.loads(line)
        person, at = told["person"], datetime.fromisoformat(told["at"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return (person, at) if told.get("act") == CAME_IN and isinstance(person, str) and at.tzinfo else None
