"""Due moments of schedules: planned once, served under a lease by one at a time, finished once.

A lease that ran out may be taken over. The fence, which counts the attempts, keeps whoever held it before from writing:
every transaction of an attempt asks first whether it is still the last one, and holds the row until it has ended.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, and_, case, func, insert, or_, select, update

from evidence.errors import FencedOff
from evidence.store.base import Base
from evidence.store.rows import Rows
from evidence.store.tables import SchedulerTable as Scheduler
from evidence.store.tables import SlotAttemptTable as Attempt
from evidence.store.tables import SlotResultTable as Done
from evidence.store.tables import SlotTable as Slot
from evidence.store.values import Claim, SlotRow

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

SKEW = timedelta(minutes=10)  # clocks of hosts that share a database differ by less


class Slots:
    """What became of due moments."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def finish(self, slot: SlotRow) -> SlotRow:
        """Record what became of a due moment, planning it first if nobody had; AlreadyDone when it is finished."""
        if slot.finished_at is not None:
            raise ValueError("SlotRow.finished_at is given by the store; leave it None")
        what = f"slot {slot.schedule} {slot.due_at.isoformat()}"
        result = {name: getattr(slot, name) for name in ("schedule", "due_at", "outcome", "reason")}
        self._rows.add(Done, what, [result | {"finished_at": self._rows.at}])
        ended = update(Slot).where(_is(slot.schedule, slot.due_at)).values(ended=True, until=None)
        if self._rows.execute(ended.returning(Slot.fence)).first() is None:
            planned = {"schedule": slot.schedule, "due_at": slot.due_at, "planned_at": self._rows.at, "ended": True}
            self._rows.add(Slot, what, [planned])
        return replace(slot, finished_at=self._rows.at)

    def all(self, schedule: str | None = None) -> list[SlotRow]:
        """All moments (of one schedule) by due time and schedule; what has not finished is ``due`` or ``claimed``."""
        outcome = func.coalesce(Done.outcome, _begun())
        statement = select(Slot.schedule, Slot.due_at, outcome, Done.reason, Done.finished_at)
        statement = statement.outerjoin(Done, and_(Done.schedule == Slot.schedule, Done.due_at == Slot.due_at))
        if schedule is not None:
            statement = statement.where(Slot.schedule == schedule)
        return self._rows.read(SlotRow, statement.order_by(Slot.due_at, Slot.schedule))

    def newest(self, until: datetime) -> dict[str, datetime]:
        """The last moment of each schedule that was planned, of those that have come ``until`` a moment."""
        found = (
            select(Slot.schedule, func.max(Slot.due_at).label("at")).where(Slot.due_at <= until).group_by(Slot.schedule)
        )
        return {row.schedule: row.at for row in self._rows.execute(found)}

    def serving(self, now: datetime) -> list[Claim]:
        """The attempts that are being made: their leases have not run out."""
        last = select(Slot.schedule, Slot.due_at, Slot.fence, Slot.holder).where(~Slot.ended, Slot.until > now)
        return self._rows.read(Claim, last.order_by(Slot.due_at, Slot.schedule))

    def silent(self, now: datetime) -> tuple[datetime, datetime] | None:
        """When a scheduler was heard last, and when one must be heard again by what it told; None: there never was one.

        What is of a clock that ran ahead would be the last for long: it counts where nothing else is known.
        """
        told, is_ahead = select(Scheduler.heard_at, Scheduler.silent_at), Scheduler.heard_at > now + SKEW
        newest = told.order_by(is_ahead, Scheduler.heard_at.desc()).limit(1)
        return next(((row.heard_at, row.silent_at) for row in self._rows.execute(newest)), None)


class Leases:
    """Who serves what now. Its transactions do not wait for those that write evidence."""

    __slots__ = ("_connection", "_now")

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def plan(self, moments: Iterable[tuple[str, datetime]]) -> None:
        """Put down due moments by schedule; one that is there already stays as it is."""
        rows = [{"schedule": name, "due_at": at, "planned_at": self._now} for name, at in moments]
        if rows:
            self._connection.execute(self._insert(Slot).on_conflict_do_nothing(), rows)

    def heads(self) -> dict[str, datetime]:
        """The oldest moment of each schedule that has not ended."""
        oldest = select(Slot.schedule, func.min(Slot.due_at).label("at")).where(~Slot.ended).group_by(Slot.schedule)
        return {row.schedule: row.at for row in self._connection.execute(oldest)}

    def claim(self, schedule: str, due_at: datetime, holder: str, lease: timedelta) -> Claim | None:
        """Begin to serve a moment; None while somebody else does, or when it has ended.

        A lease that runs longer than one can be given is of a clock that ran ahead, and counts as run out.
        """
        ran_out = or_(Slot.until.is_(None), Slot.until <= self._now, Slot.until > self._now + lease)
        free = select(Slot.fence).where(_is(schedule, due_at), ~Slot.ended, ran_out)
        fence = self._connection.execute(free.with_for_update(skip_locked=True)).scalar()
        if fence is None:
            return None
        claim = Claim(schedule, due_at, fence + 1, holder)
        taken = {"fence": claim.fence, "holder": holder, "until": self._now + lease}
        self._connection.execute(update(Slot).where(_is(schedule, due_at)).values(taken))
        began = {"schedule": schedule, "due_at": due_at, "fence": claim.fence, "holder": holder}
        self._connection.execute(insert(Attempt), began | {"claimed_at": self._now})
        return claim

    def renew(self, claim: Claim, lease: timedelta) -> bool:
        """Go on serving; False when somebody else does now."""
        mine = update(Slot).where(_held(claim)).values(until=self._now + lease)
        return self._connection.execute(mine.returning(Slot.fence)).first() is not None

    def heard(self, holder: str, silent_at: datetime) -> None:
        """Tell that a scheduler lives, and when it must have been heard again."""
        told = {"heard_at": self._now, "silent_at": silent_at}
        put = self._insert(Scheduler).values(holder=holder, **told)
        self._connection.execute(put.on_conflict_do_update(index_elements=["holder"], set_=told))

    def _insert(self, table: type[Base]) -> "postgresql.Insert | sqlite.Insert":
        if self._connection.dialect.name == "postgresql":  # where it is not loaded already, it costs a start much
            from sqlalchemy.dialects.postgresql import insert as of_postgresql

            return of_postgresql(table)
        from sqlalchemy.dialects.sqlite import insert as of_sqlite

        return of_sqlite(table)


def hold(rows: Rows, claim: Claim) -> None:
    """Keep a claim from being taken over until this transaction has ended; FencedOff when it was."""
    mine = select(Slot.fence).where(_held(claim)).with_for_update()
    if rows.execute(mine).scalar() is None:
        raise FencedOff(
            f"{claim.schedule} {claim.due_at.isoformat()}: served by somebody else since attempt {claim.fence}"
        )


def _is(schedule: str, due_at: datetime) -> ColumnElement[bool]:
    return and_(Slot.schedule == schedule, Slot.due_at == due_at)


def _held(claim: Claim) -> ColumnElement[bool]:
    return and_(_is(claim.schedule, claim.due_at), Slot.fence == claim.fence, ~Slot.ended)


def _begun() -> ColumnElement[str]:
    return case((Slot.fence > 0, "claimed"), else_="due")
