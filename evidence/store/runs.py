"""Collection runs, and the rows that they could not read."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from evidence.store.rows import Rows, columns, row
from evidence.store.tables import RejectTable, RunTable
from evidence.store.values import Rejected, Run


class Runs:
    """What was collected, what failed and what was missed."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, run: Run) -> Run:
        """Record a run; AlreadyDone when it is recorded for this company and dataset."""
        what = f"run {run.run_id} of {run.company}, {run.dataset}"
        self._rows.add(RunTable, what, [row(run, recorded_at=self._rows.at)])
        return replace(run, recorded_at=self._rows.at)

    def visible(self, known_at: datetime, *, source: str | None = None, company: str | None = None) -> list[Run]:
        """All runs (of a source, about a company) recorded by a moment, in the order of their recording."""
        known = _ALL.where(RunTable.recorded_at <= known_at)
        if source is not None:
            known = known.where(RunTable.source == source)
        if company is not None:
            known = known.where(RunTable.company == company)
        return self._rows.read(Run, known.order_by(RunTable.id))

    def between(self, after: datetime, until: datetime) -> list[Run]:
        """The runs recorded after one moment and until another, in the order of their recording."""
        told = _ALL.where(RunTable.recorded_at > after, RunTable.recorded_at <= until)
        return self._rows.read(Run, told.order_by(RunTable.id))

    def of_slot(self, source: str, slot_on: date) -> list[Run]:
        """The runs of one source for one day, in the order of their recording: the first collected one counts."""
        mine = (RunTable.source == source) & (RunTable.slot_on == slot_on)
        return self._rows.read(Run, _ALL.where(mine).order_by(RunTable.id))


class Rejects:
    """The rows that could not be read; they never just disappear."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add_all(self, rejects: Sequence[Rejected]) -> None:
        """Record rejects, any number at once."""
        at = self._rows.at
        self._rows.add(RejectTable, "rejects", [row(reject, recorded_at=at) for reject in rejects])

    def of_run(self, run_id: str) -> list[Rejected]:
        """The rejects of one run in the order of their recording."""
        mine = select(*columns(RejectTable, Rejected)).where(RejectTable.run_id == run_id)
        return self._rows.read(Rejected, mine.order_by(RejectTable.id))


_ALL = select(*columns(RunTable, Run))
