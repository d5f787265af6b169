"""A large register: every planted error is told by row and column in one pass, nothing else, in bounded memory."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from house import create
from tests.faults import homes
from tests.homes import copied
from tests.registers.planted import KINDS, planted

MOST_MEMORY = 300 * 10**6
PLACE = re.compile(r"^book\.xlsx: 個人情報管理台帳: row (\d+): column ([A-Z]+)\(", re.MULTILINE)
DONE = re.compile(r"added (\d+) rows and (\d+) new versions; (\d+) unchanged, (\d+) problems")
MEASURED = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "cli", *sys.argv[1:]])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
sys.exit(done.returncode)
"""


@dataclass(frozen=True, slots=True)
class Large:
    """A home, a book with planted errors, and where they stand."""

    home: Path
    book: Path
    rows: int
    places: set[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import said, and what it took."""

    code: int
    places: list[tuple[int, str]]
    counts: tuple[int, ...]  # added, changed, unchanged, problems
    memory: int


def imported(large: Large, home: Path) -> Imported:
    """Import the book by a process of its own."""
    words = ["--home", home, "registers", "import", "book_entries", large.book, "--by", "7", "--reason", "棚卸"]
    # A process between the two: the peak of its children is that of this one import.
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, words)], cwd=homes.ROOT, capture_output=True, text=True, timeout=900
    )
    found = DONE.search(done.stderr)
    assert found, done.stderr[-2_000:]
    places = [(int(row), column) for row, column in PLACE.findall(done.stderr)]
    memory = int(done.stdout.splitlines()[-1])
    return Imported(done.returncode, places, tuple(map(int, found.groups())), memory)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Large:
    rows, errors = (10_000, 500) if pytestconfig.getoption("long") else (400, 4 * len(KINDS))
    folder = tmp_path_factory.mktemp("large")
    create(folder / "home", "青葉グループ", [("AOBA", "株式会社青葉")]).store.close()
    content, places = planted(rows, errors, "AOBA")
    book = folder / "book.xlsx"
    book.write_bytes(content)
    assert len(places) == errors
    return Large(folder / "home", book, rows, places)


@pytest.fixture(scope="module")
def first(large: Large, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Imported]:
    home = copied(large.home, tmp_path_factory.mktemp("once") / "home")
    return home, imported(large, home)


@pytest.fixture(scope="module")
def second(large: Large, first: tuple[Path, Imported]) -> Imported:
    return imported(large, first[0])


def test_each_planted_error_is_told_by_row_and_column_and_nothing_else(
    large: Large, first: tuple[Path, Imported]
) -> None:
    told = first[1]
    assert sorted(told.places) == sorted(large.places)
    assert (told.code, told.counts) == (2, (large.rows - len(large.places), 0, 0, len(large.places)))


def test_imported_again_it_changes_nothing(large: Large, second: Imported) -> None:
    assert second.counts == (0, 0, large.rows - len(large.places), len(large.places))
    assert sorted(second.places) == sorted(large.places)


def test_neither_import_takes_more_memory_than_promised(first: tuple[Path, Imported], second: Imported) -> None:
    print(f"peak memory: {first[1].memory / 1e6:.0f} MB, imported again {second.memory / 1e6:.0f} MB")
    assert max(first[1].memory, second.memory) < MOST_MEMORY
