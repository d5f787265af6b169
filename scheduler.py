"""Floor 5: when. Every due moment of ``<home>/schedule.yaml`` is one slot that ends as done, failed or missed.

APScheduler's triggers tell the moments; what is due, who serves it and what became of it are rows of ours (ADR 4, 8).
Any number of schedulers may serve one database. A slot is served under a lease, one at a time of each schedule and in
the order of their times; of different work, what was due earlier comes first: nothing is judged before what it needs
was collected.
"""

import os
import socket
import traceback
import zoneinfo
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from controls.model import Frequency
from evidence import ledger, yaml_files
from evidence.clock import Clock, SteadyClock
from evidence.errors import AlreadyDone, ConfigError, FencedOff, StoreUnavailable, TenkenError
from evidence.store.values import Claim, SlotRow
from house import House, open_house, slots
from house.apart import Said, Task, done_apart
from house.rounds import Rounds

if TYPE_CHECKING:
    from house.work import Work

FILE = "schedule.yaml"
TICK = timedelta(microseconds=1)
LOOK = timedelta(minutes=1)  # how often what is due is looked for
LEASE = timedelta(minutes=1)
HEARD = timedelta(minutes=10)  # whoever is at work is heard within this, however late its slot is
AHEAD = timedelta(days=3 * 366)  # how far what is due next is looked for
ATTEMPTS = 5  # work that takes its scheduler along each time must not be begun for ever
MONTHLY = timedelta(days=27)  # what comes as seldom as this is done for each of its moments, however late
WEEKDAY, DAY = 4, 2  # fields of a cron line
PUT_ON = timedelta(hours=3)  # more than any clock is put on or back, but for days that a zone leaves out
LEAP_YEAR = datetime(2000, 1, 1, tzinfo=UTC)


class Schedule(BaseModel):
    """One line of the schedule: what is done, and when."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,60}$")]
    does: Literal["collect", "judge", "close", "self-check", "checkpoint", "scrub"]
    cron: str  # minute hour day month weekday
    zone: str | None = None  # in which the cron line is meant; default: of the settings
    business_day: Annotated[int, Field(ge=1, le=15)] | None = None  # of the days of the cron line only this one a month
    company: str | None = None  # whose business days; default: the law's
    sources: tuple[str, ...] = ()  # of a collection: these only
    frequency: tuple[Frequency, ...] = ()  # of a judgement: the controls of these only
    deadline_minutes: Annotated[int, Field(ge=1, le=1440)] = 180

    @field_validator("name")
    @classmethod
    def _free(cls, name: str) -> str:
        if name in (slots.SILENT, slots.NOTICES):
            raise ValueError(f"{name!r} is a name that silence or unsent notices have in gaps; choose another")
        return name

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

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str | None) -> str | None:
        if zone is not None and zone not in zoneinfo.available_timezones():
            raise ValueError(f"no time zone {zone!r}; write an IANA name, e.g. America/New_York")
        return zone

    @model_validator(mode="after")
    def _only_what_its_work_asks_for(self) -> "Schedule":
        if self.sources and self.does != "collect":
            raise ValueError(f"{self.does} takes no sources; only a collection does")
        if self.frequency and self.does != "judge":
            raise ValueError(f"{self.does} takes no frequency; only a judgement does")
        if self.company is not None and self.business_day is None:
            raise ValueError("company tells whose business_day is meant; name that too")
        if self.business_day is not None and "*" not in (day := self.cron.split()[DAY]):
            raise ValueError(f"business_day chooses the day of the month; write * in the place of {day!r}")
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


Server = Callable[[House, Claim, Schedule, date, Said], str | None]  # where work is done


def read(home: Path) -> Schedules:
    """Read the schedule of a home; Misplaced names file, line and column."""
    path = home / FILE
    if not path.is_file():
        raise ConfigError(f"{path}: there is no such file; `tenken init` writes one")
    return yaml_files.parse(path, Schedules)


def due_times(cron: str, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """The due moments in ``(after, until]``, in UTC. A time that the wall clock shows twice is due the first time; one
    that it leaves out is due as much later as it was put on.

    APScheduler reckons with times of the wall: in a zone it loses the day after one that is put on (3.11.3).
    """
    trigger = CronTrigger.from_crontab(cron, UTC)
    wall = after.astimezone(zone).replace(tzinfo=UTC) - PUT_ON
    last = until.astimezone(zone).replace(tzinfo=UTC) + PUT_ON
    told: set[datetime] = set()
    while (wall := trigger.get_next_fire_time(None, wall + TICK)) is not None and wall <= last:
        at = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if after < at <= until and at not in told:
            told.add(at)
            yield at


def moments(house: House, schedule: Schedule, after: datetime, until: datetime) -> Iterator[datetime]:
    """The due moments of a schedule in ``(after, until]``, by its own zone and business calendar."""
    zone = _zone(house, schedule)
    times = due_times(schedule.cron, zone, after, until)
    if schedule.business_day is None:
        return times
    from registers.calendar import business_day_of  # a library of holidays comes with it

    closed = house.settings.company(schedule.company).closed_days if schedule.company else ()
    return (at for at in times if business_day_of(at.astimezone(zone).date(), closed) == schedule.business_day)


def run_once(
    house: House, said: Said, serve: Server | None = None, lease: timedelta = LEASE, stop: Event | None = None
) -> list[SlotRow]:
    """Serve what is due, in order, until told to stop, and say what became of it; what another scheduler serves is left
    to it."""
    told, holder = read(house.home), f"{socket.gethostname()}:{os.getpid()}"
    plan(house, told)
    serve = serve or partial(_in_child, told, lease)
    ended: list[SlotRow] = []
    while claim := _next(house, told, holder, lease, stop):
        try:
            ended.append(_serve(house, told, claim, said, serve, lease))
        except (AlreadyDone, FencedOff) as lost:
            said(str(lost))
    return ended


def run(house: House, said: Said, stop: Event, serve: Server | None = None, lease: timedelta = LEASE) -> None:
    """Serve what is due, as it comes, until told to stop; what is being done then is finished."""
    jumped: timedelta | None = None
    rounds = Rounds(house, said)
    while not stop.is_set():
        try:
            jumped = clock_told(house, jumped)
            worked = bool(run_once(house, said, serve, lease, stop))
            if not stop.is_set():
                rounds.go_on(worked=worked)
        except Exception as error:  # whatever it is, the next minute must come
            said("".join(traceback.format_exception(error)))
        rounds.rest(stop, LOOK)  # by monotonic time, which no correction of the clock moves
    rounds.end()


def plan(house: House, told: Schedules) -> None:
    """Put down every moment that is due and was not yet; of a schedule that was never seen nothing is."""
    now = house.clock.now()
    with house.store.read() as tx:
        newest, span = tx.slots.newest(now), tx.slots.silent(now)
    _plausible(house, now, span and span[0])
    if new := [schedule.name for schedule in told.schedules if schedule.name not in newest]:
        slots.begin(house, new)
    if span is not None and span[1] <= now:
        slots.heard_again(house)
    seen = [schedule for schedule in told.schedules if schedule.name in newest]
    due = [(one.name, at) for one in seen for at in moments(house, one, newest[one.name], now)]
    with house.store.lease() as leases:
        leases.plan(due)


def promised(house: House, told: Schedules, heads: Iterable[datetime]) -> datetime:
    """When a scheduler that lives now must have been heard again: a grace period after the oldest of the ``heads``, the
    slots that have not ended, else after what is due next. So nobody misses a slot unseen for longer than that."""
    now, grace = house.clock.now(), timedelta(hours=told.grace_hours)
    if waiting := [at for at in heads if at <= now]:
        return max(min(waiting) + grace, now + HEARD)
    coming = (next(moments(house, one, now, now + AHEAD), None) for one in told.schedules)
    return min(filter(None, coming), default=now + AHEAD) + grace


def status(house: House) -> list[dict[str, object]]:
    """What was done last, what is due next, what should have been done by now and who is at it, for each schedule."""
    told, now = read(house.home), house.clock.now()
    with house.store.read() as tx:
        rows, newest = [row for row in tx.slots.all() if row.due_at <= now], tx.slots.newest(now)
        serving = {claim.schedule: claim for claim in tx.slots.serving(now)}
    shown: list[dict[str, object]] = []
    for schedule in told.schedules:
        mine = [row for row in rows if row.schedule == schedule.name]
        last = next((row for row in reversed(mine) if row.outcome not in WAITING), None)
        fire = next(moments(house, schedule, now, now + AHEAD), None)
        claim = serving.get(schedule.name)
        unplanned = moments(house, schedule, newest[schedule.name], now) if schedule.name in newest else ()
        shown.append(
            {
                "schedule": schedule.name,
                "does": schedule.does,
                "last_due": last.due_at.astimezone(house.zone) if last else None,
                "outcome": last.outcome if last else None,
                "reason": last.reason if last else None,
                "next_due": fire and fire.astimezone(house.zone),
                "overdue": sum(row.outcome in WAITING for row in mine) + sum(1 for _ in unplanned),
                "served_by": claim and claim.holder,
                "attempt": claim and claim.fence,
            }
        )
    return shown


def _zone(house: House, schedule: Schedule) -> ZoneInfo:
    return ZoneInfo(schedule.zone) if schedule.zone else house.zone


def _plausible(house: House, now: datetime, heard: datetime | None) -> None:
    """Refuse to plan by a clock that is years ahead: what it plans would be taken as done when its time comes."""
    last = max(filter(None, (heard, house.store.last_commit())), default=now)
    if now - last > SteadyClock.FARTHEST:
        raise ConfigError(
            f"it is {now:%Y-%m-%d %H:%M} UTC by the clock, but nothing was done here since {last:%Y-%m-%d}; "
            "set the clock, or if it is right, do something by hand first (`tenken collect`) and start again"
        )


def _next(house: House, told: Schedules, holder: str, lease: timedelta, stop: Event | None) -> Claim | None:
    """Tell that we live and, unless told to stop, begin to serve the oldest slot that can be: none of a schedule whose
    last one is being served, and none before what was due earlier for other work."""
    now, place = house.clock.now(), {one.name: n for n, one in enumerate(told.schedules)}
    does = {one.name: one.does for one in told.schedules}
    with house.store.lease() as leases:
        found = leases.heads()
        leases.heard(holder, promised(house, told, found.values()))
        if stop and stop.is_set():
            return None
        heads = [(at, place.get(name, -1), name) for name, at in found.items() if at <= now]
        earlier: set[str | None] = set()
        for at, _, name in sorted(heads):
            kind = does.get(name)
            if earlier - {kind}:
                return None
            if claim := leases.claim(name, at, holder, lease):
                return claim
            earlier.add(kind)
    return None


def _serve(house: House, told: Schedules, claim: Claim, said: Said, serve: Server, lease: timedelta) -> SlotRow:
    """Do what a slot asks for, and record what became of it."""
    schedule = next((one for one in told.schedules if one.name == claim.schedule), None)
    row = SlotRow(claim.schedule, claim.due_at, "missed", "schedule.yaml から削除 / not in schedule.yaml any more")
    worked = False
    if schedule is not None and claim.fence > ATTEMPTS:
        reason = f"{ATTEMPTS} 回開始し一度も完了せず / begun {ATTEMPTS} times and never finished"
        row = SlotRow(claim.schedule, claim.due_at, "failed", reason)
    elif schedule is not None:
        row, worked = _attempt(house, told, schedule, claim, said, serve)
    due = claim.due_at.astimezone(house.zone)
    said(f"{row.schedule} {due:%Y-%m-%d %H:%M} {row.outcome}" + (f": {row.reason}" if row.reason else ""))
    collected = worked and schedule is not None and schedule.does == "collect"
    return slots.finish(house, claim, row, said, lease, collected=collected)


def _attempt(
    house: House, told: Schedules, schedule: Schedule, claim: Claim, said: Said, serve: Server
) -> tuple[SlotRow, bool]:
    """What became of a slot, and whether its work was done."""
    late = house.clock.now() - claim.due_at
    missed, wanted = late > timedelta(hours=told.grace_hours), _wanted(house, told, schedule, claim.due_at)
    day = claim.due_at.astimezone(_zone(house, schedule)).date() - timedelta(days=1)
    why = serve(house, claim, schedule, day, said) if wanted or not missed else None
    if why is not None:
        return SlotRow(claim.schedule, claim.due_at, "failed", why), False
    hours = late // timedelta(hours=1)
    if missed:
        how = "遅れて実施 / done late" if wanted else "後の回で実施 / left to a later run"
        reason = f"{hours} 時間遅れて発見 / found {hours} h late; {how}"
        return SlotRow(claim.schedule, claim.due_at, "missed", reason), wanted
    label = f"{hours} 時間遅れて実施 / done {hours} h late" if hours else None
    return SlotRow(claim.schedule, claim.due_at, "collected" if schedule.does == "collect" else "done", label), True


def _wanted(house: House, told: Schedules, schedule: Schedule, due_at: datetime) -> bool:
    """Whether the work of a missed slot is still done: each month has its own; the newest day covers those before.

    A collection is, too, when other work that waits for it is done before the next one comes.
    """
    if schedule.business_day is not None:  # one a month, though its days may lie less far apart
        return True
    later = next(moments(house, schedule, due_at, house.clock.now()), None)
    if later is None or later - due_at >= MONTHLY:
        return True
    others = [other for other in told.schedules if other.does != "collect"] if schedule.does == "collect" else []
    return any(_wanted(house, told, other, at) for other in others for at in moments(house, other, due_at, later))


def served_apart(
    task: Task, house: House, claim: Claim, schedule: Schedule, said: Said, *, told: Schedules, lease: timedelta
) -> str | None:
    """Do a task in a process of its own and keep its slot meanwhile; why it failed."""
    kept = house.clock.monotonic()

    def keep() -> bool:
        nonlocal kept
        try:
            with house.store.lease() as leases:
                mine = leases.renew(claim, lease)
                leases.heard(claim.holder, promised(house, told, leases.heads().values()))
        except StoreUnavailable as error:  # cut off: the lease may be ours until it runs out
            said(str(error))
            return house.clock.monotonic() - kept < lease.total_seconds()
        kept = house.clock.monotonic()
        return mine

    house.store.close()  # no connection, nor engine, must be open where a process is copied: the next one asks anew
    house.forget()
    return done_apart(task, said, timedelta(minutes=schedule.deadline_minutes), keep, lease / 3)


def _in_child(
    told: Schedules, lease: timedelta, house: House, claim: Claim, schedule: Schedule, day: date, said: Said
) -> str | None:
    task = partial(_child, house.home, house.clock, claim, schedule, day)
    return served_apart(task, house, claim, schedule, said, told=told, lease=lease)


def _child(home: Path, clock: Clock, claim: Claim, schedule: Schedule, day: date, said: Said) -> str | None:
    from house.work import WORK  # collectors, controls and reports, which cost a start as much as all the rest

    house = open_house(home, clock)
    house.store = house.store.under(claim)
    return done(WORK, house, schedule, day, said)


def done(table: "Mapping[str, Work]", house: House, schedule: Schedule, day: date, said: Said) -> str | None:
    """Do what a schedule says, and say why it failed; whatever happens, a slot ends."""
    try:
        return table[schedule.does](house, schedule, day, said)
    except FencedOff:
        raise
    except TenkenError as error:
        return str(error)
    except Exception as error:  # a slot ends, whatever its work did
        said("".join(traceback.format_exception(error)))
        return f"{type(error).__name__}; see the scheduler's output"


def clock_told(house: House, before: timedelta | None) -> timedelta | None:
    """Put a jump of the clock into the group's ledger, once; how far it is ahead."""
    jumped = house.clock.jumped if isinstance(house.clock, SteadyClock) else None
    if jumped is not None and (before is None or abs(jumped - before) > SteadyClock.UNNOTICED):
        with house.store.write() as tx:
            entry = {"kind": "clock", "actor": "tenken", "ahead_seconds": round(jumped.total_seconds())}
            tx.ledger.append(ledger.GROUP, entry, f"clock|{tx.at.isoformat()}")
    return jumped


WAITING = ("due", "claimed")
