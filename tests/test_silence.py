"""P4: schedulers that are heard no more are a gap within one grace period of the first slot that they missed."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import scheduler
from controls.model import Gap
from evidence.clock import StandingClock
from evidence.store.values import Claim
from house import House, create, slots
from house.apart import Said
from house.standing import gaps_now
from scheduler import Schedule, run_once

BEGIN = datetime(2026, 5, 1, 3, tzinfo=UTC)  # noon in Tokyo
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GRACE = 12 * HOUR
SCHEDULES = {
    "hourly": ('{name: hourly, does: judge, cron: "0 * * * *"}', HOUR),
    "daily": ('{name: daily, does: judge, cron: "0 12 * * *"}', DAY),
    "monthly": ('{name: monthly, does: self-check, cron: "0 12 1 * *"}', 31 * DAY),
}


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(BEGIN)


@pytest.fixture
def house(tmp_path: Path, clock: StandingClock) -> Iterator[House]:
    built = create(tmp_path / "home", "青葉グループ", [("AOBA", "株式会社青葉")], clock)
    scheduled(built, "daily")
    yield built
    built.store.close()


def scheduled(house: House, *names: str) -> None:
    text = "".join(f"  - {SCHEDULES[name][0]}\n" for name in names)
    (house.home / "schedule.yaml").write_text(f"schedules:\n{text}grace_hours: 12\n", "utf-8")


def worked(_: House, __: Claim, ___: Schedule, ____: date, _____: Said) -> None:
    """Do nothing, well."""


def died(_: House, __: Claim, ___: Schedule, ____: date, _____: Said) -> None:
    raise KeyboardInterrupt


def served(house: House) -> None:
    run_once(house, lambda _: None, worked)


def silent(house: House) -> list[Gap]:
    return [gap for gap in gaps_now(house) if gap.subject == slots.SILENT]


def test_who_comes_once_a_day_for_what_is_due_once_a_day_is_never_silent(house: House, clock: StandingClock) -> None:
    served(house)
    heard = []
    for _ in range(24 * 4):
        clock.at += HOUR
        if clock.at.hour == BEGIN.hour:
            clock.at += 10 * MINUTE
            served(house)
            clock.at -= 10 * MINUTE
        heard += silent(house)
    assert heard == []
    with house.store.read() as tx:
        assert {row.outcome for row in tx.slots.all()} == {"done"}


@pytest.mark.parametrize("name", list(SCHEDULES))
def test_silence_is_a_gap_one_grace_period_after_the_first_slot_that_was_missed(
    house: House, clock: StandingClock, name: str
) -> None:
    scheduled(house, name)
    served(house)
    clock.at += SCHEDULES[name][1] + GRACE - SECOND
    assert silent(house) == []
    clock.at += SECOND
    [gap] = silent(house)
    assert (gap.is_open, gap.company) == (True, "AOBA")


def test_of_several_schedules_the_one_that_is_due_first_is_waited_for(house: House, clock: StandingClock) -> None:
    scheduled(house, "monthly", "hourly", "daily")
    served(house)
    clock.at += HOUR + GRACE
    assert silent(house)


def test_who_dies_at_work_is_silent_one_grace_period_after_the_slot_that_it_leaves(
    house: House, clock: StandingClock
) -> None:
    served(house)
    clock.at += DAY + HOUR
    with pytest.raises(KeyboardInterrupt):
        run_once(house, lambda _: None, died)
    clock.at += GRACE - HOUR - SECOND
    assert silent(house) == []
    clock.at += SECOND
    assert silent(house)


def test_who_is_at_work_for_longer_than_the_grace_is_not_silent(house: House, clock: StandingClock) -> None:
    served(house)
    clock.at += DAY
    heard = []

    def long(house: House, claim: Claim, schedule: Schedule, _: date, said: Said) -> str | None:
        def task(_: Said) -> None:
            threading.Event().wait(1)

        clock.at += GRACE + HOUR
        why = scheduler.served_apart(
            task, house, claim, schedule, said, told=scheduler.read(house.home), lease=SECOND / 2
        )
        heard.extend(silent(house))
        return why

    run_once(house, lambda _: None, long)
    assert heard == []


def test_who_was_told_to_stop_when_its_work_was_done_late_is_waited_for_until_the_next_slot(
    house: House, clock: StandingClock
) -> None:
    served(house)
    clock.at += DAY + GRACE - HOUR
    stop = threading.Event()

    def last(_: House, __: Claim, ___: Schedule, ____: date, _____: Said) -> None:
        clock.at += 2 * HOUR
        stop.set()

    run_once(house, lambda _: None, last, stop=stop)
    clock.at = BEGIN + 2 * DAY + GRACE - SECOND
    assert silent(house) == []


def test_silence_stays_on_record_when_it_is_over(house: House, clock: StandingClock) -> None:
    served(house)
    clock.at += DAY + GRACE
    [gap] = silent(house)
    served(house)
    [kept] = silent(house)
    assert (kept.open_days, kept.message) == (gap.open_days, gap.message)
    clock.at += HOUR
    served(house)
    assert len(silent(house)) == 1


def test_a_house_that_never_had_a_scheduler_hears_of_no_silence(house: House, clock: StandingClock) -> None:
    clock.at += 400 * DAY
    assert gaps_now(house) == []
