"""The objects that sources gave."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select

from evidence.store.rows import Rows, columns, row
from evidence.store.tables import ObjectTable
from evidence.store.values import FetchedObject


class Objects:
    """What was fetched, from where, and how."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, fetched: FetchedObject) -> FetchedObject:
        """Record an object; AlreadyDone when this source gave this edition of it with these bytes before."""
        recorded = row(fetched, recorded_at=self._rows.at, edition=_edition(fetched))
        self._rows.add(ObjectTable, f"object {fetched.digest} of {fetched.source}", [recorded])
        return replace(fetched, recorded_at=self._rows.at)

    def of_source(self, source: str) -> list[FetchedObject]:
        """The objects of one source in the order of their recording."""
        return self._rows.read(FetchedObject, _ALL.where(ObjectTable.source == source).order_by(ObjectTable.id))

    def visible(self, known_at: datetime, sources: Collection[str] | None = None) -> list[FetchedObject]:
        """All objects (of some sources) recorded by a moment, in the order of their recording."""
        statement = _ALL.where(ObjectTable.recorded_at <= known_at).order_by(ObjectTable.id)
        if sources is not None:
            statement = statement.where(ObjectTable.source.in_(sorted(sources)))
        return self._rows.read(FetchedObject, statement)

    def by_digest(self, digest: str) -> FetchedObject | None:
        """The first object recorded with these bytes."""
        first = _ALL.where(ObjectTable.digest == digest).order_by(ObjectTable.id).limit(1)
        return next(iter(self._rows.read(FetchedObject, first)), None)


def _edition(fetched: FetchedObject) -> str:
    """Which edition of a name it is; one that no profile has read to its end yet may be recorded again once it is."""
    unread = "" if fetched.mapped is not None else " unread"
    if fetched.version is not None:
        return f"version {fetched.version}{unread}"
    if fetched.modified is None:
        return unread.strip()
    return f"modified {fetched.modified.astimezone(UTC).isoformat(timespec='microseconds')}{unread}"


_ALL = select(*columns(ObjectTable, FetchedObject))
