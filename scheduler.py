"""Floor 5: when. Every due moment of ``<home>/schedule.yaml`` is one slot that ends as done, failed or missed.

The store's unique claim decides who serves a slot; the scheduler library only wakes us up (it fires twice on a shared
job store). A slot that failed or was missed is a gap of the control ``SCHEDULE`` in every company: a person answers
for it, or, where a later run collected what a failed one could not, its day is gone.
"""

import fcntl
import os
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from controls.gaps import fold
from controls.model import About, ControlId, Gap, GapEvent, GapKind, Words
from controls.record import event_of, event_row
from evidence import ledger, yaml_files
from evidence.errors import AlreadyDone, ConfigError, SourceError, TenkenError
from evidence.period import Period
from evidence.store import Transaction
from evidence.store.values import SlotRow
from house import House
from house.day import checkpoint, collect_day, judge
from house.handout import self_check_documents

CONTROL = ControlId("SCHEDULE")
FILE = "schedule.yaml"
TICK = timedelta(microseconds=1)
WEEKDAY, DAY = 4, 2  # fields of a cron line
LEAP_YEAR = datetime(2000, 1, 1, tzinfo=UTC)
OUTCOME_JA = {"failed": "失敗", "missed": "未実施"}
ENDED = "処理が終わる前にプロセスが終了した / the process ended before it finished"


class Schedule(BaseModel):
    """One line of the schedule: what is done, and when."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,60}$")]
    does: Literal["collect", "judge", "self-check", "checkpoint"]
    cron: str  # minute hour day month weekday, in the zone of the settings
    sources: tuple[str, ...] = ()  # of a collection: these only

    @field_validator("cron")
    @classmethod
    def _cron(cls, cron: str) -> str:
        fields = cron.split()
        if len(fields) != 5:
            raise ValueError(f"{cron!r} has not the five fields minute hour day month weekday")
        if any(character.isdigit() for character in fields[WEEKDAY]):
            raise ValueError(f"{cron!r}: write weekdays as mon, tue, ...: a number is another day to another program")
        if "*" not in (fields[DAY], fields[WEEKDAY]):
            raise ValueError(f"{cron!r}: name a day or a weekday, not both: programs differ in whether both must hold")
        try:
            first = CronTrigger.from_crontab(cron, UTC).get_next_fire_time(None, LEAP_YEAR)
        except (ValueError, KeyError) as error:
            raise ValueError(f"{cron!r} is no cron line: {error}") from error
        if first is None:
            raise ValueError(f"{cron!r} never comes")
        return cron

    @model_validator(mode="after")
    def _only_collections_have_sources(self) -> "Schedule":
        if self.sources and self.does != "collect":
            raise ValueError(f"{self.does} takes no sources; only a collection does")
        return self


class Schedules(BaseModel):
    """The file ``schedule.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schedules: tuple[Schedule, ...]
    grace_hours: Annotated[int, Field(ge=1, le=720)] = 12  # found later than this, a slot is missed

    @field_validator("schedules")
    @classmethod
    def _distinct(cls, schedules: tuple[Schedule, ...]) -> tuple[Schedule, ...]:
        names = [schedule.name for schedule in schedules]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"schedule {', '.join(twice)} stands twice")
        return schedules


@dataclass(frozen=True, slots=True)
class Slot:
    """One due moment that nobody has served yet."""

    schedule: Schedule
    due_at: datetime
    late_hours: int  # since it was due
    missed: bool  # found after the grace
    served: bool  # whether its work is still done: of several missed ones, only the newest catches up


Said = Callable[[str], None]
Work = Callable[[House, Schedule, date, Said], str | None]  # why it failed; None: it did not


def read(home: Path) -> Schedules:
    """Read the schedule of a home; Misplaced names file, line and column."""
    path = home / FILE
    if not path.is_file():
        raise ConfigError(f"{path}: there is no such file; `tenken init` writes one")
    return yaml_files.parse(path, Schedules)


def due_times(cron: str, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """The due moments in ``(after, until]``, in UTC; a time that the wall clock shows twice is due once."""
    trigger = CronTrigger.from_crontab(cron, zone)
    fire = trigger.get_next_fire_time(None, after + TICK)
    while fire is not None and (at := fire.astimezone(UTC)) <= until:
        if at > after and not at.astimezone(zone).fold:
            yield at
        after = max(at, after)
        fire = trigger.get_next_fire_time(None, after + TICK)


def due(plan: Schedules, rows: Sequence[SlotRow], zone: ZoneInfo, now: datetime) -> list[Slot]:
    """What is due and not taken, oldest first; of a schedule that was never seen, nothing."""
    grace = timedelta(hours=plan.grace_hours)
    slots: list[Slot] = []
    for schedule in plan.schedules:
        # A clock that ran ahead left slots of a time that has not come; they do not hide those before it.
        if not (seen := [row.due_at for row in rows if row.schedule == schedule.name and row.due_at <= now]):
            continue
        times = list(due_times(schedule.cron, zone, max(seen), now))
        for at in times:
            missed = now - at > grace
            # Each month has its own self-check; a later collection or judgement covers the days before it.
            served = not missed or at == times[-1] or schedule.does == "self-check"
            slots.append(Slot(schedule, at, (now - at) // timedelta(hours=1), missed, served))
    return sorted(slots, key=lambda slot: slot.due_at)


def run_once(house: House, said: Said, work: Mapping[str, Work] | None = None) -> list[SlotRow]:
    """Serve what is due, in order, and say what became of it; what another process serves is left to it."""
    plan = read(house.home)
    handle = os.open(house.home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # The lock goes with its process: who has the home alone knows that claims without an end are of the dead.
        ended = _left_behind(house, plan) if _locked(handle) else []
        fcntl.flock(handle, fcntl.LOCK_SH)
        for slot in due(plan, _rows(house, plan), house.zone, house.clock.now()):
            ended.append(_serve(house, slot, said, WORK if work is None else work))
    finally:
        os.close(handle)
    return [row for row in ended if row is not None]


def run(house: House, said: Said, stop: Event, work: Mapping[str, Work] | None = None) -> None:
    """Serve what is due, as it comes, until told to stop; what is being done then is finished."""

    def look() -> None:
        try:
            run_once(house, said, work)
        except Exception as error:  # whatever it is, the next minute must come
            said("".join(traceback.format_exception(error)))

    woken: dict[str, Any] = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    clock = BackgroundScheduler(timezone=house.zone, executors={"default": ThreadPoolExecutor(1)}, job_defaults=woken)
    clock.add_job(look, IntervalTrigger(minutes=1, timezone=house.zone), next_run_time=house.clock.now())
    for schedule in read(house.home).schedules:
        clock.add_job(look, CronTrigger.from_crontab(schedule.cron, house.zone))
    clock.start()
    try:
        stop.wait()
    finally:
        clock.shutdown(wait=True)


def status(house: House) -> list[dict[str, object]]:
    """What was done last, what is due next, and what should have been done by now, for each schedule."""
    plan, now = read(house.home), house.clock.now()
    with house.store.read() as tx:
        rows = tx.slots.all()
    waiting = due(plan, rows, house.zone, now)
    told: list[dict[str, object]] = []
    for schedule in plan.schedules:
        last = next((row for row in reversed(rows) if row.schedule == schedule.name and row.due_at <= now), None)
        fire = CronTrigger.from_crontab(schedule.cron, house.zone).get_next_fire_time(None, now + TICK)
        told.append(
            {
                "schedule": schedule.name,
                "does": schedule.does,
                "last_due": last.due_at.astimezone(house.zone) if last else None,
                "outcome": last.outcome if last else None,
                "reason": last.reason if last else None,
                "next_due": fire,
                "overdue": sum(slot.schedule == schedule for slot in waiting),
            }
        )
    return told


def _locked(handle: int) -> bool:
    """Lock the home for us alone; False while anybody else serves it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _left_behind(house: House, plan: Schedules) -> list[SlotRow | None]:
    with house.store.read() as tx:
        rows = [row for row in tx.slots.all() if row.outcome == "claimed"]
    does = {schedule.name: schedule.does for schedule in plan.schedules}
    return [
        _finish(house, SlotRow(row.schedule, row.due_at, "failed", ENDED), does.get(row.schedule, "")) for row in rows
    ]


def _rows(house: House, plan: Schedules) -> list[SlotRow]:
    """All slots so far; a schedule that is seen for the first time gets its first one, before which nothing is due."""
    with house.store.read() as tx:
        rows = tx.slots.all()
    known = {row.schedule for row in rows}
    if all(schedule.name in known for schedule in plan.schedules):
        return rows
    now = house.clock.now()
    with house.store.write() as tx:
        known = {row.schedule for row in tx.slots.all()}
        for schedule in plan.schedules:
            if schedule.name not in known:
                _tell(tx, tx.slots.finish(SlotRow(schedule.name, now, "done", "初回 / first seen")))
        return tx.slots.all()


def _serve(house: House, slot: Slot, said: Said, work: Mapping[str, Work]) -> SlotRow | None:
    """Claim, work, finish; None when somebody else has claimed the slot."""
    schedule = slot.schedule
    try:
        with house.store.write() as tx:
            tx.slots.claim(schedule.name, slot.due_at)
    except AlreadyDone:
        return None
    day = slot.due_at.astimezone(house.zone).date()
    why = _done(work[schedule.does], house, schedule, day - timedelta(days=1), said) if slot.served else None
    outcome, reason = "collected" if schedule.does == "collect" else "done", None
    if why is not None:
        outcome, reason = "failed", why
    elif slot.missed:
        caught_up = "遅れて実施 / done late" if slot.served else "後の回で実施 / left to a later run"
        outcome, reason = "missed", f"{slot.late_hours} 時間遅れて発見 / found {slot.late_hours} h late; {caught_up}"
    said(
        f"{schedule.name} {slot.due_at.astimezone(house.zone):%Y-%m-%d %H:%M} {outcome}"
        + (f": {reason}" if reason else "")
    )
    row = SlotRow(schedule.name, slot.due_at, outcome, reason)
    return _finish(house, row, schedule.does, recovered=slot.served and why is None)


def _done(work: Work, house: House, schedule: Schedule, day: date, said: Said) -> str | None:
    try:
        return work(house, schedule, day, said)
    except TenkenError as error:
        return str(error)
    except Exception as error:  # a slot ends, whatever its work did
        said("".join(traceback.format_exception(error)))
        return f"{type(error).__name__}; see the scheduler's output"


def _finish(house: House, row: SlotRow, does: str, *, recovered: bool = False) -> SlotRow | None:
    """Record the end of a slot, its ledger entry and its gaps in one transaction; None when it was ended already."""
    try:
        with house.store.write() as tx:
            ended = tx.slots.finish(row)
            _tell(tx, ended)
            for company in house.settings.codes:
                known = fold((event_of(event) for event in tx.gaps.all(company)), {})
                gap = known.get((CONTROL, company, row.schedule, None))
                for event in _events(house, company, gap, ended):
                    tx.gaps.add(event_row(event))
                if recovered and does == "collect" and gap is not None and gap.is_open:
                    for event in _recovered(house, gap, tx.slots.all()):
                        tx.gaps.add(event_row(event))
            return ended
    except AlreadyDone:
        return None


def _tell(tx: Transaction, row: SlotRow) -> None:
    """The ledger entry of a slot; the reason stays in the store, for it may name things that no ledger may."""
    due_at = row.due_at.isoformat()
    entry = {"kind": "slot", "actor": "tenken", "schedule": row.schedule, "due_at": due_at, "outcome": row.outcome}
    tx.ledger.append(ledger.GROUP, entry, f"slot|{row.schedule}|{due_at}")


def _events(house: House, company: str, gap: Gap | None, row: SlotRow) -> Iterator[GapEvent]:
    if row.outcome not in OUTCOME_JA:
        return
    local = row.due_at.astimezone(house.zone)
    kind = GapKind.OPENED if gap is None else GapKind.FOUND if gap.is_open else GapKind.REGRESSED
    when = f"{local:%Y-%m-%d %H:%M}"
    message = Words(
        f"{row.schedule}: {when} の実行が{OUTCOME_JA[row.outcome]}({row.reason})",
        f"{row.schedule}: the run of {when} was {row.outcome} ({row.reason})"
        if row.outcome == "missed"
        else f"{row.schedule}: the run of {when} failed ({row.reason})",
    )
    yield GapEvent(
        CONTROL, company, row.schedule, None, kind, About.EVENT, house.today, local.date(),
        reason=row.reason, message=message,
    )  # fmt: skip


def _recovered(house: House, gap: Gap, rows: Sequence[SlotRow]) -> Iterator[GapEvent]:
    """What a good collection mends: the days of failed ones. A missed one stays, until a person answers for it."""
    days: dict[str, set[date]] = {"failed": set(), "missed": set()}
    for row in rows:
        if row.schedule == gap.subject and row.outcome in days:
            days[row.outcome].add(row.due_at.astimezone(house.zone).date())
    gone = sorted(gap.open_days & (days["failed"] - days["missed"]))
    mended = GapEvent(
        CONTROL, gap.company, gap.subject, None, GapKind.GONE, About.EVENT, house.today,
        reason="後の取得で回収 / a later run collected it",
    )  # fmt: skip
    for day in gone:
        yield replace(mended, day=day)
    if gone and gap.open_days == set(gone):
        yield replace(mended, kind=GapKind.CLOSED)


def _collect(house: House, schedule: Schedule, day: date, said: Said) -> str | None:
    failed: list[str] = []
    for told in collect_day(house, day, schedule.sources):
        if isinstance(told, SourceError):
            failed.append(str(told))
            said(str(told))
    return "; ".join(failed) or None


def _judge(house: House, _: Schedule, day: date, __: Said) -> str | None:
    judge(house, Period(day - timedelta(days=house.settings.recompute_days - 1), day, house.settings.zone))
    return None


def _self_check(house: House, _: Schedule, day: date, said: Said) -> str | None:
    """Judge the last whole month and write its reports into ``reports/`` of the home."""
    month = last_month(day, house.settings.zone)
    judge(house, month)
    folder = house.home / "reports"
    folder.mkdir(exist_ok=True)
    for company in house.settings.codes:
        for document in self_check_documents(house, company, month):
            (folder / document.name).write_bytes(document.content)
            said(str(folder / document.name))
    return None


def last_month(day: date, zone: str) -> Period:
    """The last whole calendar month that is over when ``day`` is."""
    first = (day + timedelta(days=1)).replace(day=1)
    return Period((first - timedelta(days=1)).replace(day=1), first - timedelta(days=1), zone)


def _checkpoint(house: House, _: Schedule, __: date, ___: Said) -> str | None:
    checkpoint(house)
    return None


WORK: Mapping[str, Work] = {"collect": _collect, "judge": _judge, "self-check": _self_check, "checkpoint": _checkpoint}
