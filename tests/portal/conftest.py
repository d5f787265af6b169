"""One judged home for all tests of the portal; each is served a copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.portal.served import Served, made, served


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
