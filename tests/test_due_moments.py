"""What should have been done in a closed period is signed history: the rows that tell of it cannot go unseen."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from evidence.store.values import SlotRow
from house import House, day
from house.periods import close_due
from tests.closing import at, clock_of, made

CLOSING = date(2026, 5, 12)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = made(tmp_path / "home")
    clock_of(built).at = at("2026-05-12T07:30")
    yield built
    built.store.close()


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        pytest.param("DELETE FROM slot_results", "was collected and is due", id="what became of it is gone"),
        pytest.param("UPDATE slot_results SET outcome = 'done'", "was collected and is done", id="it became otherwise"),
        pytest.param("DELETE FROM slots", "was collected and is gone", id="it is gone"),
    ],
)
def test_a_due_moment_that_is_not_as_it_was_closed_is_told(house: House, statement: str, found: str) -> None:
    with house.store.lease() as leases:
        leases.plan([("collect", at("2026-04-02T05:30"))])
    with house.store.write() as tx:
        tx.slots.finish(SlotRow("collect", at("2026-04-02T05:30"), "collected", None))
    close_due(house, CLOSING)
    assert day.verify_ledger(house) == []
    with closing(sqlite3.connect(house.home / "tenken.db")) as database, database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        assert database.execute(statement).rowcount == 1
    [problem] = day.verify_ledger(house)
    assert f"collect, due 2026-04-01T20:30:00.000000Z, {found}" in problem
