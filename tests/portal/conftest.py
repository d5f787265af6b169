"""One judged home for all tests of the portal; each is served a copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from house import credentials
from tests.portal.served import PASSWORD, Served, made, served


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """A thousand come in here, and each costs a fifth of a second of two cores; what a process of its own asks is as
    hard as ever (test_program.py)."""
    with pytest.MonkeyPatch.context() as patch:
        quick = type(credentials._HASHER)(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(credentials, "_HASHER", quick)
        patch.setattr(credentials, "_NOBODYS", quick.hash(PASSWORD))
        yield


@pytest.fixture(scope="session")
def judged_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("portal")).home


@pytest.fixture
def own_door(judged_home: Path, tmp_path: Path) -> Iterator[Served]:
    """What is the ``door`` of a module each of whose tests finds things as they were."""
    with served(judged_home, tmp_path) as one:
        yield one


@pytest.fixture(scope="module")
def door(judged_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(judged_home, tmp_path_factory.mktemp("served")) as one:
        yield one
