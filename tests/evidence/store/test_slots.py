"""Who serves a due moment: planned once, one at a time, and whoever lost it writes nothing more."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from evidence.clock import StandingClock
from evidence.errors import AlreadyDone, FencedOff
from evidence.store import Store
from evidence.store.values import Claim, SlotRow
from tests.evidence.store.conftest import NOON

LEASE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NINE = datetime(2026, 3, 31, 0, tzinfo=UTC)
TEN = NINE + HOUR
SLOT = SlotRow("daily", NINE, "done", None)
POSTGRES = pytest.mark.parametrize("url", ["postgresql"], indirect=True)  # where several write at once


@pytest.fixture
def planned(store: Store) -> Store:
    with store.lease() as leases:
        leases.plan([("daily", NINE)])
    return store


def claim(store: Store, holder: str = "a", due_at: datetime = NINE) -> Claim | None:
    with store.lease() as leases:
        return leases.claim("daily", due_at, holder, LEASE)


def taken(store: Store, holder: str = "a") -> Claim:
    found = claim(store, holder)
    assert found is not None
    return found


@contextmanager
def second(url: str, clock: StandingClock) -> Iterator[Store]:
    with closing(Store.open(url, clock)) as other:
        yield other


def states(store: Store) -> list[tuple[str, datetime, str]]:
    with store.read() as tx:
        return [(row.schedule, row.due_at, row.outcome) for row in tx.slots.all()]


def test_a_moment_that_is_planned_again_stays_as_it_is(planned: Store) -> None:
    taken(planned)
    with planned.lease() as leases:
        leases.plan([("daily", NINE), ("daily", TEN)])
    assert states(planned) == [("daily", NINE, "claimed"), ("daily", TEN, "due")]


def test_moments_come_by_due_time_and_schedule(store: Store) -> None:
    with store.lease() as leases:
        leases.plan([("a", TEN), ("z", NINE), ("b", NINE)])
    assert [schedule for schedule, _, _ in states(store)] == ["b", "z", "a"]


def test_the_oldest_that_has_not_ended_is_the_head_of_its_schedule(store: Store) -> None:
    with store.lease() as leases:
        leases.plan([("daily", TEN), ("daily", NINE), ("other", TEN)])
    with store.write() as tx:
        tx.slots.finish(SLOT)
    with store.lease() as leases:
        assert leases.heads() == {"daily": TEN, "other": TEN}


def test_the_newest_that_has_come_is_told_and_no_later_one(store: Store, clock: StandingClock) -> None:
    with store.lease() as leases:
        leases.plan([("daily", NINE), ("daily", clock.at + timedelta(days=3650)), ("other", TEN)])
    with store.read() as tx:
        assert tx.slots.newest(clock.at) == {"daily": NINE, "other": TEN}


def test_what_one_serves_nobody_else_can(planned: Store) -> None:
    assert taken(planned) == Claim("daily", NINE, 1, "a")
    assert claim(planned, "b") is None


def test_what_was_never_planned_or_has_ended_cannot_be_served(planned: Store) -> None:
    with planned.write() as tx:
        tx.slots.finish(SLOT)
    assert claim(planned) is None
    assert claim(planned, due_at=TEN) is None


@pytest.mark.parametrize(
    ("passed", "fence"),
    [
        pytest.param(LEASE - timedelta(microseconds=1), None, id="a moment before its end"),
        pytest.param(LEASE, 2, id="at its end"),
        pytest.param(-timedelta(seconds=1), 2, id="given by a clock that ran ahead a second"),
        pytest.param(-timedelta(days=3650), 2, id="given by a clock that ran ahead ten years"),
    ],
)
def test_a_lease_that_ran_out_is_taken_over(
    planned: Store, clock: StandingClock, passed: timedelta, fence: int | None
) -> None:
    taken(planned)
    clock.at += passed
    found = claim(planned, "b")
    assert (found.fence if found else None) == fence


def test_a_lease_that_was_renewed_lasts(planned: Store, clock: StandingClock) -> None:
    mine = taken(planned)
    clock.at += LEASE - timedelta(seconds=1)
    with planned.lease() as leases:
        assert leases.renew(mine, LEASE)
    clock.at += LEASE - timedelta(seconds=1)
    assert claim(planned, "b") is None


def test_what_was_taken_over_cannot_be_renewed(planned: Store, clock: StandingClock) -> None:
    mine = taken(planned)
    clock.at += LEASE
    taken(planned, "b")
    with planned.lease() as leases:
        assert not leases.renew(mine, LEASE)


def test_whoever_lost_a_moment_writes_nothing_more(planned: Store, clock: StandingClock) -> None:
    mine = planned.under(taken(planned))
    with mine.write() as tx:
        tx.ledger.append("tenken/group", {"kind": "before"}, "before")
    clock.at += LEASE
    theirs = planned.under(taken(planned, "b"))
    before = planned.last_commit()
    with pytest.raises(FencedOff, match="attempt 1"), mine.write() as tx:
        tx.ledger.append("tenken/group", {"kind": "after"}, "after")
    assert planned.last_commit() == before
    with theirs.write() as tx:
        tx.slots.finish(SLOT)
    with pytest.raises(FencedOff), mine.write() as tx:
        tx.slots.finish(replace(SLOT, outcome="failed"))
    assert states(planned) == [("daily", NINE, "done")]


def test_whoever_ended_a_moment_writes_nothing_more_under_it(planned: Store) -> None:
    mine = planned.under(taken(planned))
    with mine.write() as tx:
        tx.slots.finish(SLOT)
    with pytest.raises(FencedOff), mine.write():
        pass


@POSTGRES
def test_nobody_takes_over_while_a_holder_is_writing(url: str, planned: Store, clock: StandingClock) -> None:
    mine = planned.under(taken(planned))
    with second(url, clock) as other, mine.write() as tx:
        clock.at += LEASE
        assert claim(other, "b") is None
        tx.slots.finish(SLOT)
    assert states(planned) == [("daily", NINE, "done")]


@POSTGRES
def test_a_claim_does_not_wait_for_other_writers(url: str, planned: Store, clock: StandingClock) -> None:
    with second(url, clock) as other, planned.write():
        assert claim(other) is not None


@POSTGRES
def test_who_finds_a_moment_being_claimed_goes_on_to_the_next(url: str, planned: Store, clock: StandingClock) -> None:
    with planned.lease() as leases:
        leases.plan([("other", NINE)])
    with second(url, clock) as other, planned.lease() as mine, other.lease() as theirs:
        assert mine.claim("daily", NINE, "a", LEASE) is not None
        assert theirs.claim("daily", NINE, "b", LEASE) is None
        assert theirs.claim("other", NINE, "b", LEASE) is not None


def test_a_moment_ends_once(planned: Store) -> None:
    with planned.write() as tx:
        assert tx.slots.finish(SLOT).finished_at == tx.at
    with pytest.raises(AlreadyDone), planned.write() as tx:
        tx.slots.finish(replace(SLOT, outcome="failed"))
    assert states(planned) == [("daily", NINE, "done")]


def test_what_nobody_planned_can_end_too(store: Store) -> None:
    with store.write() as tx:
        tx.slots.finish(replace(SLOT, outcome="missed"))
    assert states(store) == [("daily", NINE, "missed")]


def heard(store: Store, holder: str, promised: timedelta) -> None:
    with store.lease() as leases:
        leases.heard(holder, NOON + promised)


def silent(store: Store, clock: StandingClock) -> tuple[datetime, datetime] | None:
    with store.read() as tx:
        return tx.slots.silent(clock.at)


def test_the_scheduler_that_was_heard_last_tells_when_one_will_be_heard_again(
    store: Store, clock: StandingClock
) -> None:
    assert silent(store, clock) is None
    heard(store, "a", 30 * DAY)
    clock.at += HOUR
    heard(store, "b", DAY)
    assert silent(store, clock) == (NOON + HOUR, NOON + DAY)
    clock.at += HOUR
    heard(store, "a", 2 * DAY)
    assert silent(store, clock) == (NOON + 2 * HOUR, NOON + 2 * DAY)


def test_what_a_clock_told_that_ran_ahead_is_believed_only_where_there_is_nothing_else(
    store: Store, clock: StandingClock
) -> None:
    clock.at += 30 * DAY
    heard(store, "a", 60 * DAY)
    clock.at = NOON
    assert silent(store, clock) == (NOON + 30 * DAY, NOON + 60 * DAY)
    heard(store, "b", DAY)
    assert silent(store, clock) == (NOON, NOON + DAY)


def test_a_clock_that_is_a_little_ahead_is_believed(store: Store, clock: StandingClock) -> None:
    heard(store, "a", DAY)
    clock.at += HOUR
    heard(store, "b", 2 * DAY)
    clock.at -= timedelta(minutes=1)
    assert silent(store, clock) == (NOON + HOUR, NOON + 2 * DAY)
