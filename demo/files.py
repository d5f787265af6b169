"""Writing exports: bytes with the modification time that the exporting system would leave."""

import csv
import io
import json
import os
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from demo.days import AS_OF, DAY, SINCE, at
from evidence.workbooks import settled

EXPORT_HOUR = 22
SNAPSHOTS = (SINCE - DAY, *(AS_OF - timedelta(days=n) for n in range(57, -1, -3)))
"""The days on which systems export their whole state."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that another system exports into."""

    path: Path

    def put(self, name: str, content: bytes, moment: datetime) -> None:
        """Write one file as of a moment."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (moment.timestamp(), moment.timestamp()))

    def under(self, name: str) -> "Folder":
        """A folder inside."""
        return Folder(self.path / name)


def exported(day: date) -> datetime:
    """The moment of a day's export."""
    return at(day, EXPORT_HOUR)


def separated(rows: Iterable[Sequence[Any]], encoding: str, delimiter: str = ",") -> bytes:
    """Rows as CSV or TSV in an encoding, lines ended as Windows systems end them."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


def json_lines(records: Iterable[dict[str, Any]]) -> bytes:
    """One object a line."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def slashed(day: date | None) -> str:
    """A day as Japanese office systems write it; nothing when there is none."""
    return day.strftime("%Y/%m/%d") if day else ""


def clocked(moment: datetime | None) -> str:
    """An instant by the wall clock, without a zone."""
    return moment.strftime("%Y/%m/%d %H:%M:%S") if moment else ""


def fixed(archive: bytes, moment: datetime) -> bytes:
    """An xlsx archive whose bytes depend on nothing but its cells and a moment."""
    stamp = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}".encode()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:created[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            new.writestr(name, content)
    return settled(out.getvalue(), moment.astimezone(UTC))
