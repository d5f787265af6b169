"""A transaction is all or nothing, and its commit time is the store's."""

from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.clock import StandingClock
from evidence.errors import AlreadyDone, ConfigError, IntegrityError, TenkenError
from evidence.store import Store
from tests.evidence.store.conftest import NOON
from tests.evidence.store.samples import FACTS, GAP, LOG_FACTS, RUN

TICK = timedelta(microseconds=1)


def test_a_store_without_commits_has_no_last_commit(store: Store) -> None:
    assert store.last_commit() is None


def test_a_reader_of_a_store_without_commits_is_told_so(store: Store) -> None:
    with store.read() as tx, pytest.raises(TenkenError, match="nothing has been committed"):
        _ = tx.at


def test_the_commit_time_comes_from_the_clock(store: Store, clock: StandingClock) -> None:
    clock.at = datetime(2026, 4, 1, 9, 0, 0, 654321, tzinfo=timezone(timedelta(hours=9)))
    with store.write() as tx:
        assert tx.at == datetime(2026, 4, 1, 0, 0, 0, 654321, tzinfo=UTC)
    assert store.last_commit() == datetime(2026, 4, 1, 0, 0, 0, 654321, tzinfo=UTC)


def test_a_clock_that_stands_still_does_not_stop_time(store: Store) -> None:
    times = []
    for _ in range(3):
        with store.write() as tx:
            times.append(tx.at)
    assert times == [NOON, NOON + TICK, NOON + 2 * TICK]


@given(st.lists(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)), min_size=1, max_size=5))
def test_commit_times_rise_whatever_the_clock_says(
    shared_store: tuple[Store, StandingClock], said: list[datetime]
) -> None:
    store, clock = shared_store
    last = store.last_commit() or datetime.min.replace(tzinfo=UTC)
    for moment in said:
        clock.at = moment.replace(tzinfo=UTC)
        with store.write() as tx:
            assert tx.at > last
            assert tx.at >= clock.at
            last = tx.at
    assert store.last_commit() == last


def test_a_clock_without_a_zone_is_refused(store: Store, clock: StandingClock) -> None:
    clock.at = datetime(2026, 4, 1)
    with pytest.raises(ValueError, match="without a zone"), store.write():
        pass


def test_a_block_that_raises_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as tx:
        tx.runs.add(RUN)
        raise RuntimeError
    assert store.last_commit() is None


def test_a_reader_sees_one_snapshot_while_others_write(store: Store) -> None:
    with store.write() as tx:
        tx.facts.add(FACTS)
    with store.read() as reading:
        before = reading.at
        with store.write() as tx:
            tx.facts.add(LOG_FACTS)
        assert [file.path for file in reading.facts.visible(tx.at)] == [FACTS.path]
        assert reading.at == before


def test_a_reader_cannot_write(store: Store) -> None:
    with store.write():
        pass
    with store.read() as tx, pytest.raises(ValueError, match=r"Store\.write"):
        tx.gaps.add(GAP)


def test_a_transaction_that_refused_a_row_takes_no_other(store: Store) -> None:
    with pytest.raises(AlreadyDone), store.write() as tx:
        tx.runs.add(RUN)
        with pytest.raises(AlreadyDone):
            tx.runs.add(RUN)
        tx.gaps.add(GAP)


def test_a_refusal_that_was_caught_inside_the_block_still_undoes_it(store: Store) -> None:
    with pytest.raises(AlreadyDone), store.write() as tx:
        tx.gaps.add(GAP)
        tx.runs.add(RUN)
        with pytest.raises(AlreadyDone):
            tx.runs.add(RUN)
    with store.write() as tx:
        assert (tx.gaps.all(), tx.runs.visible(tx.at)) == ([], [])


def test_a_second_writer_waits_and_then_says_who_is_in_the_way(tmp_path: Path, clock: StandingClock) -> None:
    address = f"sqlite:///{tmp_path}/t.db?timeout=0.05"
    with closing(Store.open(address, clock)) as first, closing(Store.open(address, clock)) as second:
        first.upgrade()
        with first.write(), pytest.raises(TenkenError, match="another process"), second.write():
            pass
        with second.write() as tx:
            assert tx.at == NOON + TICK


def test_a_database_without_tables_says_what_to_run(empty: Store) -> None:
    with pytest.raises(ConfigError, match="tenken db upgrade"), empty.write():
        pass


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("tenken.db", id="a path instead of a URL"),
        pytest.param("mysql+none://db/tenken", id="a database that cannot hold the store"),
        pytest.param("oracle+oracledb://db/tenken", id="a driver that is not there"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(address: str, clock: StandingClock) -> None:
    with pytest.raises(ConfigError):
        Store.open(address, clock)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, clock: StandingClock) -> None:
    with pytest.raises(TenkenError, match=r"nowhere/t\.db"):
        Store.open(f"sqlite:///{tmp_path}/nowhere/t.db", clock).upgrade()


def test_a_damaged_file_is_an_integrity_error(tmp_path: Path, clock: StandingClock) -> None:
    (tmp_path / "t.db").write_bytes(b"this was a database once" * 100)
    with pytest.raises(IntegrityError, match="backup"):
        Store.open(f"sqlite:///{tmp_path}/t.db", clock).upgrade()
