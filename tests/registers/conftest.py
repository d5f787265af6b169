"""A real store in a temporary folder, a vault's twin, keys, and a clock that stands."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.clock import StandingClock
from evidence.persons import Keys
from evidence.store import Store
from evidence.vault.memory import MemoryVault
from tests.registers.desks import AUTHOR, SECOND, Desk


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(datetime(2026, 4, 1, 0, 0, tzinfo=UTC))


@pytest.fixture
def store(tmp_path: Path, clock: StandingClock) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'tenken.db'}", clock)
    opened.upgrade()
    yield opened
    opened.close()


@pytest.fixture
def vault() -> MemoryVault:
    return MemoryVault()


@pytest.fixture
def keys() -> Keys:
    return Keys(b"a secret of 32 bytes for tests !")


@pytest.fixture
def desk(store: Store) -> Desk:
    secret = b"a secret of 32 bytes for tests !"
    alone = Keys(secret)
    person = alone.person("worker_no", AUTHOR)
    return Desk(store, Keys(secret, {("worker_no", SECOND): person, ("worker_no", AUTHOR): person}))
