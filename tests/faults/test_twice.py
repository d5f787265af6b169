"""P2: two collections of one slot at once bring the evidence once; without the unique keys they bring it twice."""

import sqlite3
import subprocess
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from collectors import collect as collecting
from collectors.collect import Collected, collect
from collectors.fetched import Fetched, fetch
from evidence.errors import AlreadyDone, TenkenError
from house import House
from tests.faults import homes
from tests.faults.conftest import Undisturbed
from tests.faults.field import without

SOURCE = "log1"
ONCE = homes.FILES * homes.ROWS
UNIQUE = ("ledger", "objects")  # the claim of the slot, and the edition of an object


def together(house: House, monkeypatch: pytest.MonkeyPatch) -> list[Collected | TenkenError]:
    """Collect one source twice, so that neither has recorded anything when the other one fetches."""
    meeting = threading.Barrier(2, timeout=60)

    def fetched(*given: Any) -> Fetched:
        meeting.wait()
        return fetch(*given)

    monkeypatch.setattr(collecting, "fetch", fetched)
    [source] = [one for one in house.sources if one.name == SOURCE]
    keys = house.keys()

    def one() -> Collected | TenkenError:
        try:
            return collect(
                source, house.vault, house.facts, house.store, homes.DAY, house.clock, keys, house.settings.zone
            )
        except TenkenError as error:
            return error

    with ThreadPoolExecutor(2) as both:
        return [told.result() for told in [both.submit(one), both.submit(one)]]


def rows_that_count(home: Path) -> int:
    with sqlite3.connect(home / "tenken.db") as database:
        told = "SELECT coalesce(sum(rows), 0) FROM fact_files WHERE dataset = 'access_events'"
        [[count]] = database.execute(told)
    database.close()
    return int(count)


def without_unique_keys(home: Path, tables: Sequence[str]) -> None:
    """Rebuild tables without these constraints, as a migration by hand might."""
    engine = create_engine(homes.database_of(home))
    with engine.connect() as connection:
        without(connection, tables)
    engine.dispose()


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    with homes.opened(home) as opened:
        yield opened


def test_of_two_at_once_one_counts_and_the_other_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    told = together(house, monkeypatch)
    assert sorted(type(one).__name__ for one in told) == ["AlreadyDone", "Collected"]
    assert rows_that_count(house.home) == ONCE
    assert homes.repeated(house.home) == 0
    assert homes.problems(house.home, {}) == []


def test_the_claim_alone_is_enough(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    without_unique_keys(house.home, ["objects"])
    told = together(house, monkeypatch)
    assert [type(one) for one in told].count(AlreadyDone) == 1
    assert rows_that_count(house.home) == ONCE


def test_control_without_the_unique_keys_everything_counts_twice(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    without_unique_keys(house.home, UNIQUE)
    told = together(house, monkeypatch)
    assert [type(one) for one in told] == [Collected, Collected]
    assert rows_that_count(house.home) == 2 * ONCE
    assert homes.repeated(house.home) > 0


def test_two_processes_at_once_make_one_undisturbed_day(home: Path, undisturbed: Undisturbed) -> None:
    both = [
        subprocess.Popen(homes.command(home), cwd=homes.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [one.communicate(timeout=300) for one in both]
    acked = [homes.acknowledged(output) for output, _ in told]
    print(f"injected 2, acknowledged {[len(one) for one in acked]}, lost 0, duplicated {homes.repeated(home)}")
    assert [one.returncode for one in both] == [0, 0], told
    assert homes.problems(home, acked[0] | acked[1]) == []
    assert homes.repeated(home) == 0
    assert homes.facts(home) == undisturbed.facts
