"""Homes on both databases, and who keeps their backups."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence.clock import StandingClock
from house import House, open_house
from house.backup import backup
from house.restore import restore
from tests.backups import homes
from tests.homes import copied
from tests.recipient import Recipient
from tests.servers import postgres

BOTH = pytest.mark.parametrize("address", ["sqlite", "postgresql"], indirect=True)
Restoring = Callable[..., list[str]]


@pytest.fixture(scope="session")
def keeper(tmp_path_factory: pytest.TempPathFactory) -> Recipient:
    return homes.keeper(tmp_path_factory.mktemp("keeper"))


@pytest.fixture(scope="session")
def template(keeper: Recipient, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A home on SQLite and its backup; tests take copies."""
    folder = tmp_path_factory.mktemp("template")
    house = homes.small(folder / "home")
    kept = backup(house, folder / "kept.tar", keeper.certificate).path
    house.store.close()
    return house.home, kept


@pytest.fixture
def address(request: pytest.FixtureRequest) -> str | None:
    """Where the database is; None: in the home, unless a test asks for ``both``."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return None
    return postgres.new_schema(request.getfixturevalue("postgres_server"))


@pytest.fixture
def house(address: str | None, template: tuple[Path, Path], tmp_path: Path) -> Iterator[House]:
    """A house of one's own."""
    if address is None:
        copied(template[0], tmp_path / "home")
        made = open_house(tmp_path / "home", StandingClock(homes.LATER))
    else:
        made = homes.small(tmp_path / "home", address)
    yield made
    made.store.close()


@pytest.fixture
def kept(address: str | None, house: House, template: tuple[Path, Path], keeper: Recipient, tmp_path: Path) -> Path:
    """A backup of the house as it was made."""
    if address is None:
        return Path(shutil.copy(template[1], tmp_path / "kept.tar"))
    return backup(house, tmp_path / "kept.tar", keeper.certificate).path


@pytest.fixture
def back(address: str | None, keeper: Recipient) -> Restoring:
    """Restore a backup into a home, and a database, of its own."""

    def restored(kept: Path, to: Path, **known: Any) -> list[str]:
        return restore(kept, keeper.key, to, database=homes.elsewhere(address), **known)

    return restored
