"""The fact files that count."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from evidence.store.rows import Rows, columns, row
from evidence.store.tables import FactTable
from evidence.store.values import FactFile


class FactFiles:
    """Which Parquet files exist: those that have a row here, and no others."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, file: FactFile) -> FactFile:
        """Record a file that is on disk already; AlreadyDone when its path is taken."""
        self._rows.add(FactTable, f"fact file {file.path}", [row(file, recorded_at=self._rows.at)])
        return replace(file, recorded_at=self._rows.at)

    def visible(
        self, known_at: datetime, *, source: str | None = None, datasets: Collection[str] = ()
    ) -> list[FactFile]:
        """All files (of a source, of some datasets) recorded by a moment, by time of recording and path."""
        known = select(*columns(FactTable, FactFile)).where(FactTable.recorded_at <= known_at)
        if source is not None:
            known = known.where(FactTable.source == source)
        if datasets:
            known = known.where(FactTable.dataset.in_(sorted(datasets)))
        return self._rows.read(FactFile, known.order_by(FactTable.recorded_at, FactTable.path))

    def came_after(self, at: datetime, datasets: Collection[str]) -> bool:
        """Whether a file of some datasets was recorded after a moment."""
        newer = select(FactTable.path).where(FactTable.recorded_at > at, FactTable.dataset.in_(sorted(datasets)))
        return self._rows.execute(newer.limit(1)).first() is not None
