"""What happened to gaps."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, select

from evidence.store.rows import Rows, columns, row
from evidence.store.tables import GapTable
from evidence.store.values import GapEventRow


class GapEvents:
    """The events of all gaps in the order in which they were recorded."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, event: GapEventRow) -> GapEventRow:
        """Record an event after all others, and give it back with its number."""
        what = f"gap event of {event.control} for {event.company}"
        told = row(event, at=self._rows.at, seq=None)
        del told["seq"]
        seq = self._rows.insert(insert(GapTable).returning(GapTable.seq), what, [told]).scalar_one()
        return replace(event, at=self._rows.at, seq=seq)

    def after(self, seq: int, most: int) -> list[GapEventRow]:
        """The next events after one, so many at most, in order of seq."""
        later = select(*columns(GapTable, GapEventRow)).where(GapTable.seq > seq)
        return self._rows.read(GapEventRow, later.order_by(GapTable.seq).limit(most))

    def all(
        self, company: str | None = None, control: str | None = None, until: datetime | None = None
    ) -> list[GapEventRow]:
        """All events (of one company, of one control, recorded until a moment), in order of seq."""
        statement = select(*columns(GapTable, GapEventRow)).order_by(GapTable.seq)
        if company is not None:
            statement = statement.where(GapTable.company == company)
        if control is not None:
            statement = statement.where(GapTable.control == control)
        if until is not None:
            statement = statement.where(GapTable.at <= until)
        return self._rows.read(GapEventRow, statement)
