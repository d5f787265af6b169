"""What happened to gaps."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, func, insert, select

from evidence.store.rows import Rows, columns, row
from evidence.store.tables import GapTable
from evidence.store.values import GapEventRow

ENDS = ("closed", "disposed")  # the kinds of event after which nobody has to do anything


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

    def open(self) -> list[GapEventRow]:
        """All events of gaps that are open, in order of seq; also of one to which something was done after it ended."""
        gap = (GapTable.control, GapTable.company, GapTable.subject, GapTable.aspect)
        last = select(func.max(GapTable.seq).label("seq")).group_by(*gap).subquery()
        left = select(*gap).join(last, last.c.seq == GapTable.seq).where(GapTable.kind.not_in(ENDS)).subquery()
        same = (mine.is_not_distinct_from(theirs) for mine, theirs in zip(gap, left.c, strict=True))
        found = select(*columns(GapTable, GapEventRow)).join(left, and_(*same))
        return self._rows.read(GapEventRow, found.order_by(GapTable.seq))

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
