"""Stored objects to read, and what a format made of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import Any

import pyarrow as pa

from collectors.formats import LINE, OBJECT, PART, End, Layout, Reject, Wanted, format_of, read_all
from evidence.vault import StoredObject
from evidence.vault.memory import MemoryVault

VAULT = MemoryVault()  # one for all tests: hypothesis stores thousands of small objects


def stored(content: bytes | str, name: str = "object", modified: datetime | None = None) -> StoredObject:
    """An object with these bytes."""
    raw = content.encode() if isinstance(content, str) else content
    return replace(VAULT.put(BytesIO(raw)), name=name, modified=modified)


@dataclass(frozen=True, slots=True)
class Told:
    """What a format said, sorted by what it is."""

    rows: list[dict[str, Any]]  # without their places
    lines: list[int]
    parts: list[str | None]
    rejects: list[Reject]
    ends: list[End]


def told(objects: Sequence[StoredObject], layout: Layout) -> Told:
    """Read objects as a collection does: an unreadable one is a reject."""
    return _sorted(read_all(objects, layout))


def strictly(objects: Sequence[StoredObject], layout: Layout) -> Told:
    """Read objects with the format alone: an unreadable one raises."""
    return _sorted(format_of(layout.kind).read(objects, layout))


def wanted(*names: str) -> tuple[Wanted, ...]:
    """Columns that a profile reads."""
    return tuple(Wanted((name,)) for name in names)


def _sorted(parts: Any) -> Told:
    rows: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    ends: list[End] = []
    for part in parts:
        if isinstance(part, pa.RecordBatch):
            rows += part.to_pylist()
        elif isinstance(part, Reject):
            rejects.append(part)
        else:
            ends.append(part)
    places = [{name: row.pop(name) for name in (OBJECT, PART, LINE)} for row in rows]
    return Told(rows, [place[LINE] for place in places], [place[PART] for place in places], rejects, ends)
