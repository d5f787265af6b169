"""A store of its own for every test, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.clock import StandingClock
from evidence.store import Store
from tests.servers import postgres

NOON = datetime(2026, 3, 31, 3, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOON)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tenken.db'}"
    return postgres.new_schema(request.getfixturevalue("postgres_server"))


@pytest.fixture
def empty(url: str, clock: StandingClock) -> Iterator[Store]:
    store = Store.open(url, clock)
    yield store
    store.close()


@pytest.fixture
def store(empty: Store) -> Store:
    empty.upgrade()
    return empty


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, StandingClock]]:
    clock = StandingClock(NOON)
    with closing(Store.open(f"sqlite:///{tmp_path_factory.mktemp('store')}/t.db", clock)) as store:
        store.upgrade()
        yield store, clock
