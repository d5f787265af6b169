"""One home that was never collected, and what an undisturbed collection makes of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults import homes


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What a collection brings when nothing happens."""

    home: Path
    runs: int
    facts: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return homes.make(tmp_path_factory.mktemp("template") / "home")


@pytest.fixture(scope="session")
def undisturbed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    home = homes.copy(template, tmp_path_factory.mktemp("undisturbed") / "home")
    done = homes.collect(home)
    assert done.returncode == 0, done.stderr
    acked = homes.acknowledged(done.stdout)
    assert homes.problems(home, acked) == []
    assert homes.repeated(home) == 0
    return Undisturbed(home, len(acked), homes.facts(home))


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy that a test may break."""
    yield homes.copy(template, tmp_path / "home")
