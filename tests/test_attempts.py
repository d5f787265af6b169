"""An attempt at a slot that comes to nothing: it is made again, by one at a time, and not for ever."""

import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

import scheduler
from evidence.clock import StandingClock
from evidence.errors import StoreUnavailable
from evidence.store.slots import Slots
from evidence.store.values import SlotRow
from house import House, create
from scheduler import run_once
from tests.test_scheduler import DAILY, JUDGE, Worked, gaps, planned, served, tokyo, told

FINISH = Slots.finish


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(tokyo(2026, 5, 1, 12))


@pytest.fixture
def worked() -> Worked:
    return Worked()


@pytest.fixture
def house(tmp_path: Path, clock: StandingClock, worked: Worked) -> Iterator[House]:
    """One with a slot that is due."""
    built = create(tmp_path / "home", "青葉グループ", [("AOBA", "株式会社青葉"), ("MIDORI", "株式会社みどり")], clock)
    planned(built, DAILY)
    served(built, worked)
    clock.at = tokyo(2026, 5, 2, 6)
    yield built
    built.store.close()


def interrupted(*_: object) -> str | None:
    raise KeyboardInterrupt


def begun(house: House) -> None:
    """Begin to serve what is due, and end before it has."""
    with pytest.raises(KeyboardInterrupt):
        run_once(house, lambda _: None, interrupted)


def test_what_a_dead_scheduler_began_is_left_to_it_until_its_lease_ran_out(
    house: House, clock: StandingClock, worked: Worked
) -> None:
    begun(house)
    clock.at += scheduler.LEASE - timedelta(seconds=1)
    assert served(house, worked) == []
    clock.at += timedelta(seconds=1)
    assert told(served(house, worked)) == [("collect", "05-02 05:30", "collected")]


def test_work_that_is_begun_again_and_again_and_never_finished_fails_in_the_end(
    house: House, clock: StandingClock, worked: Worked
) -> None:
    for _ in range(scheduler.ATTEMPTS):
        begun(house)
        clock.at += scheduler.LEASE
    [row] = served(house, worked)
    assert (row.outcome, (row.reason or "").split(" / ")[1]) == ("failed", "begun 5 times and never finished")
    assert gaps(house)["AOBA"].open_days == {date(2026, 5, 2)}
    assert worked.days == []


def test_whoever_lost_a_slot_while_working_records_nothing(house: House, clock: StandingClock, worked: Worked) -> None:

    def paused(*_: object) -> str | None:
        clock.at += scheduler.LEASE
        served(house, worked)
        return "too late"

    assert run_once(house, lambda _: None, paused) == []
    with house.store.read() as tx:
        assert tx.slots.all()[-1].outcome == "collected"
    assert gaps(house) == {}


def test_a_slot_of_a_schedule_that_is_no_more_is_missed(house: House, clock: StandingClock, worked: Worked) -> None:
    begun(house)
    planned(house, JUDGE)
    clock.at += scheduler.LEASE
    [row] = served(house, worked)
    assert (row.schedule, row.outcome) == ("collect", "missed")
    assert "schedule.yaml" in (row.reason or "")


def test_status_says_who_serves_a_schedule_and_at_which_attempt(
    house: House, clock: StandingClock, worked: Worked
) -> None:
    for _ in range(2):
        clock.at += scheduler.LEASE
        begun(house)
    [row] = scheduler.status(house)
    assert (str(row["served_by"]).endswith(f":{os.getpid()}"), row["attempt"]) == (True, 2)
    clock.at += scheduler.LEASE
    [row] = scheduler.status(house)
    assert (row["served_by"], row["attempt"]) == (None, None)


def away(times: int) -> Callable[[Slots, SlotRow], SlotRow]:
    """What records the end of a slot in a database that is away so many times."""
    left = iter(range(times))

    def finish(slots: Slots, row: SlotRow) -> SlotRow:
        if next(left, None) is not None:
            raise StoreUnavailable("postgresql://…: connection refused")
        return FINISH(slots, row)

    return finish


def test_work_that_was_done_is_recorded_when_the_database_is_there_again(
    house: House, worked: Worked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Slots, "finish", away(2))
    rows = run_once(house, lambda _: None, worked.serve, lease=timedelta(seconds=1))
    assert told(rows) == [("collect", "05-02 05:30", "collected")]
    assert worked.days == [("collect", date(2026, 5, 1))]


def test_a_database_that_stays_away_for_longer_than_a_lease_is_told_of(
    house: House, worked: Worked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Slots, "finish", away(1000))
    with pytest.raises(StoreUnavailable):
        run_once(house, lambda _: None, worked.serve, lease=timedelta(seconds=0.1))
