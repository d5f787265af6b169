"""A store of its own for every test; on PostgreSQL too when TENKEN_TEST_POSTGRES holds the address of a server."""

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from evidence.clock import StandingClock
from evidence.store import Store

SERVER = os.environ.get("TENKEN_TEST_POSTGRES")
NOON = datetime(2026, 3, 31, 3, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOON)


@pytest.fixture(params=["sqlite", "postgresql"] if SERVER else ["sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'tenken.db'}"
        return
    assert SERVER
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS tenken_test CASCADE"))
        connection.execute(text("CREATE SCHEMA tenken_test"))
    own = make_url(SERVER).update_query_dict({"options": "-csearch_path=tenken_test"})
    yield own.render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text("DROP SCHEMA tenken_test CASCADE"))
    server.dispose()


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
