"""Due moments of schedules: claimed by one, finished once, never changed."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select

from evidence.store.rows import Rows
from evidence.store.tables import SlotClaimTable as Claim
from evidence.store.tables import SlotResultTable as Done
from evidence.store.values import SlotRow


class Slots:
    """Who serves which due moment is decided here, and never by the scheduler."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def claim(self, schedule: str, due_at: datetime) -> None:
        """Take a due moment; AlreadyDone when somebody took it before."""
        claim = {"schedule": schedule, "due_at": due_at, "claimed_at": self._rows.at}
        self._rows.add(Claim, f"slot {schedule} {due_at.isoformat()}", [claim])

    def finish(self, slot: SlotRow) -> SlotRow:
        """Record what became of a due moment, taking it first if nobody had; AlreadyDone when it is finished."""
        if slot.finished_at is not None or slot.claimed_at is not None:
            raise ValueError("SlotRow.finished_at and claimed_at are given by the store; leave them None")
        mine = (Claim.schedule == slot.schedule) & (Claim.due_at == slot.due_at)
        claimed_at = self._rows.execute(select(Claim.claimed_at).where(mine)).scalar()
        if claimed_at is None:
            self.claim(slot.schedule, slot.due_at)
        result = {
            "schedule": slot.schedule,
            "due_at": slot.due_at,
            "outcome": slot.outcome,
            "reason": slot.reason,
            "finished_at": self._rows.at,
        }
        self._rows.add(Done, f"slot {slot.schedule} {slot.due_at.isoformat()}", [result])
        return replace(slot, finished_at=self._rows.at, claimed_at=claimed_at or self._rows.at)

    def all(self) -> list[SlotRow]:
        """All moments that were taken, by due time and schedule; one that has not finished is ``claimed``."""
        same = (Done.schedule == Claim.schedule) & (Done.due_at == Claim.due_at)
        outcome = func.coalesce(Done.outcome, "claimed")
        statement = select(Claim.schedule, Claim.due_at, outcome, Done.reason, Done.finished_at, Claim.claimed_at)
        ordered = statement.outerjoin(Done, same).order_by(Claim.due_at, Claim.schedule)
        return self._rows.read(SlotRow, ordered)
