"""The periods that were closed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select

from evidence.store.rows import Rows, columns, row
from evidence.store.tables import PeriodCloseTable as T
from evidence.store.values import PeriodCloseRow


class Closes:
    """What was frozen of closed periods, version by version; earlier ones stay."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, close: PeriodCloseRow) -> PeriodCloseRow:
        """Record a version; AlreadyDone when somebody froze this version of the period first."""
        what = f"close of {close.company} {close.since} to {close.as_of}, version {close.version}"
        told = row(close, closed_at=self._rows.at) | {"marks": dict(close.marks)}
        self._rows.add(T, what, [told])
        return replace(close, closed_at=self._rows.at)

    def all(self, company: str | None = None) -> Sequence[PeriodCloseRow]:
        """Every version of every period (of a company), by their last and first day, company and version."""
        statement = _ALL if company is None else _ALL.where(T.company == company)
        return self._rows.read(PeriodCloseRow, statement.order_by(T.as_of, T.since.desc(), T.company, T.version))

    def of(self, company: str, since: date, as_of: date) -> Sequence[PeriodCloseRow]:
        """The versions of one period, the first one first."""
        mine = _ALL.where(T.company == company, T.since == since, T.as_of == as_of)
        return self._rows.read(PeriodCloseRow, mine.order_by(T.version))


_ALL = select(*columns(T, PeriodCloseRow))
