"""P4, P7: whatever the clock does and however long nobody serves, each slot ends once, and what was missed is seen."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import scheduler
from evidence.clock import StandingClock, SteadyClock
from evidence.errors import ConfigError
from evidence.store.values import Claim, SlotRow
from house import House, create, slots
from house.apart import Said
from house.standing import gaps_now
from scheduler import Schedule, run_once

TOKYO = ZoneInfo("Asia/Tokyo")
BEGIN = datetime(2026, 5, 1, 3, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FAR = [timedelta(seconds=1), timedelta(seconds=2), timedelta(minutes=1), timedelta(minutes=10), timedelta(minutes=59),
       HOUR, 2 * HOUR, 12 * HOUR, 13 * HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY, 99 * DAY, 101 * DAY, 200 * DAY, 365 * DAY,
       1000 * DAY, 1826 * DAY, 3652 * DAY]  # fmt: skip
JUMPS = [sign * far for far in FAR for sign in (1, -1)]


@dataclass
class WallClock:
    """A clock on a wall that somebody may set; true time goes on."""

    true: datetime
    off: timedelta = timedelta(0)

    def now(self) -> datetime:
        return self.true + self.off

    def monotonic(self) -> float:
        return self.true.timestamp()


@pytest.fixture
def wall() -> WallClock:
    return WallClock(BEGIN)


@pytest.fixture
def house(tmp_path: Path, wall: WallClock) -> Iterator[House]:
    clock = SteadyClock(wall)
    built = create(tmp_path / "home", "青葉グループ", [("AOBA", "株式会社青葉")], clock)
    scheduled(built, '{name: hourly, does: judge, cron: "0 * * * *"}')
    yield built
    built.store.close()


def scheduled(house: House, *lines: str) -> None:
    text = "".join(f"  - {line}\n" for line in lines)
    (house.home / "schedule.yaml").write_text(f"schedules:\n{text}grace_hours: 12\n", "utf-8")
    served(house)


def served(house: House, meanwhile: Callable[[], object] = lambda: None) -> list[SlotRow]:
    def work(_: House, __: Claim, ___: Schedule, ____: date, _____: Said) -> None:
        meanwhile()

    return run_once(house, lambda _: None, work)


def rows(house: House) -> list[tuple[datetime, str, str | None]]:
    with house.store.read() as tx:
        return [(row.due_at, row.outcome, row.reason) for row in tx.slots.all()[1:]]


def entries(house: House, kind: str) -> list[dict[str, object]]:
    with house.store.read() as tx:
        told = [json.loads(leaf.leaf) for leaf in tx.ledger.leaves("tenken/group")]
    assert [one["at"] for one in told] == sorted(str(one["at"]) for one in told)
    return [one for one in told if one["kind"] == kind]


def hours(count: int) -> list[tuple[datetime, str, str | None]]:
    return [(BEGIN + n * HOUR, "done", None) for n in range(1, count + 1)]


def jump(house: House, wall: WallClock, phase: str, off: timedelta) -> None:
    """An hour in which the clock is set and set back, with one slot due in it."""

    def put(by: timedelta) -> None:
        wall.off = by

    quarter = HOUR / 4
    match phase:
        case "between two slots":
            wall.true += quarter
            put(off)
            served(house)
            wall.true += quarter
            put(timedelta(0))
            served(house)
            wall.true += 2 * quarter
            served(house)
        case "while one becomes due":
            wall.true += 3 * quarter
            put(off)
            served(house)
            wall.true += quarter
            served(house)
            put(timedelta(0))
            served(house)
        case "while one is served":
            wall.true += HOUR
            served(house, lambda: put(off))
            put(timedelta(0))
            served(house)
        case "when one is due and not begun":
            wall.true += HOUR
            put(off)
            served(house)
            put(timedelta(0))
            served(house)
        case "and is set back while one is served":
            wall.true += HOUR
            put(off)
            served(house, lambda: put(timedelta(0)))
            put(timedelta(0))
            served(house)


PHASES = [
    "between two slots",
    "while one becomes due",
    "while one is served",
    "when one is due and not begun",
    "and is set back while one is served",
]


def harm(house: House, wall: WallClock) -> set[str]:
    """What a wrong clock leaves behind where it is believed."""
    told = rows(house)
    found = {
        "a slot that has not come": any(due_at > wall.true for due_at, _, _ in told),
        "a schedule seen for the first time again": any(due_at <= BEGIN for due_at, _, _ in told),
        "a commit of the future": (house.store.last_commit() or BEGIN) > wall.true + 2 * SteadyClock.UNNOTICED,
        "a silence that was none": slots.SILENT in {gap.subject for gap in gaps_now(house)},
    }
    return {name for name, there in found.items() if there}


@pytest.mark.parametrize("phase", PHASES)
def test_a_clock_that_jumps_and_comes_back_neither_skips_nor_doubles_a_slot(
    house: House, wall: WallClock, phase: str
) -> None:
    for off in JUMPS:
        jump(house, wall, phase, off)
    assert rows(house) == hours(len(JUMPS))
    assert len(entries(house, "slot")) == 1 + len(JUMPS)
    assert gaps_now(house) == []
    assert harm(house, wall) == set()


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize(
    ("off", "done", "at_work"),
    [
        pytest.param(5 * DAY, "a slot that has not come", "a commit of the future", id="ahead"),
        pytest.param(-5 * DAY, "a schedule seen for the first time again", "a silence that was none", id="back"),
    ],
)
def test_control_a_clock_that_is_believed_at_once_does_harm_in_each_phase(
    house: House, wall: WallClock, phase: str, off: timedelta, done: str, at_work: str
) -> None:
    house.clock = house.store._clock = wall
    jump(house, wall, phase, off)
    assert (at_work if phase == "while one is served" else done) in harm(house, wall)


@pytest.mark.parametrize("off", [one for one in JUMPS if abs(one) > SteadyClock.UNNOTICED], ids=str)
def test_a_jump_is_an_entry_of_the_ledger_once(house: House, wall: WallClock, off: timedelta) -> None:
    wall.off, told = off, None
    for _ in range(3):
        told = scheduler.clock_told(house, told)
        wall.true += timedelta(minutes=1)
    assert [one["ahead_seconds"] for one in entries(house, "clock")] == [off.total_seconds()]


@pytest.mark.parametrize("off", [HOUR, -HOUR, 13 * HOUR, -13 * HOUR, 10 * DAY, -99 * DAY], ids=str)
def test_a_clock_that_keeps_to_what_it_jumped_to_is_followed(house: House, wall: WallClock, off: timedelta) -> None:
    wall.off = off
    served(house)
    wall.true += SteadyClock.PATIENCE
    served(house)
    assert house.clock.now() == wall.now()


@pytest.mark.parametrize("off", [101 * DAY, -101 * DAY, 3652 * DAY, -3652 * DAY], ids=str)
def test_a_clock_that_is_years_off_is_never_followed(house: House, wall: WallClock, off: timedelta) -> None:
    wall.off = off
    for _ in range(48):
        wall.true += HOUR
        served(house)
    assert rows(house) == hours(48)


@pytest.mark.parametrize(
    ("off", "done"),
    [(101 * DAY, "a slot that has not come"), (-101 * DAY, "a schedule seen for the first time again")],
    ids=str,
)
def test_control_a_clock_that_is_followed_wherever_it_goes_does_harm(
    house: House, wall: WallClock, off: timedelta, done: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SteadyClock, "FARTHEST", 3653 * DAY)
    wall.off = off
    for _ in range(2):
        wall.true += HOUR
        scheduler.plan(house, scheduler.read(house.home))
    assert done in harm(house, wall)


def test_who_begins_with_a_clock_that_is_years_ahead_plans_nothing(house: House, wall: WallClock) -> None:
    wall.true += 101 * DAY
    house.clock = wall
    with pytest.raises(ConfigError, match="set the clock"):
        served(house)
    assert rows(house) == []


def test_control_whoever_is_not_asked_whether_its_clock_may_be_right_plans_what_has_not_come(
    house: House, wall: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "_plausible", lambda *_: None)
    house.clock = StandingClock(wall.true + 101 * DAY)
    scheduler.plan(house, scheduler.read(house.home))
    assert "a slot that has not come" in harm(house, wall)


@pytest.mark.parametrize(
    ("away", "cron", "step"),
    [
        pytest.param(away, cron, step, id=str(away))
        for cron, step, those in (
            ("0 * * * *", HOUR, [HOUR, 12 * HOUR, 13 * HOUR, DAY, 3 * DAY]),
            ("0 12 * * *", DAY, [2 * DAY, 10 * DAY, 31 * DAY, 40 * DAY]),
        )
        for away in those
    ],
)
def test_after_an_outage_each_slot_has_ended_and_what_was_missed_is_seen(
    house: House, wall: WallClock, away: timedelta, cron: str, step: timedelta
) -> None:
    scheduled(house, f'{{name: some, does: judge, cron: "{cron}"}}')
    wall.true += away
    served(house)
    due = [BEGIN + n * step for n in range(1, 1 + away // step)]
    late = [at for at in due if wall.true - at > 12 * HOUR]
    with house.store.read() as tx:
        found = [(row.due_at, row.outcome) for row in tx.slots.all("some")[1:]]
    assert found == [(at, "missed" if at in late else "done") for at in due]
    days = {gap.subject: gap.open_days for gap in gaps_now(house)}
    assert days.get("some", frozenset()) == {at.astimezone(TOKYO).date() for at in late}
    assert (slots.SILENT in days) is (away >= step + 12 * HOUR)


@pytest.mark.parametrize("away", [HOUR, 3 * DAY, 40 * DAY], ids=str)
def test_each_month_is_served_however_late(house: House, wall: WallClock, away: timedelta) -> None:
    worked: list[date] = []

    def work(_: House, __: Claim, ___: Schedule, day: date, ____: Said) -> None:
        worked.append(day)

    scheduled(house, '{name: monthly, does: self-check, cron: "0 8 last * *"}')
    for _ in range(3):
        wall.true += 27 * DAY + away
        run_once(house, lambda _: None, work)
    ends = [date(2026, month, 1) - 2 * DAY for month in range(6, 13)]
    until = wall.true.astimezone(TOKYO).date()
    assert worked == list(itertools.takewhile(lambda end: end + DAY < until, ends))
