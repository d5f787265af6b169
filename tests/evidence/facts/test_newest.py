"""A window without history: of snapshots only the newest, for who asks how things stand now."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from evidence.facts.window import Window
from tests.evidence.facts.test_window import LATER, PERIOD, Held, at, worker


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    yield Held(tmp_path)


def test_without_history_a_window_says_what_the_newest_complete_snapshots_say(held: Held) -> None:
    for day, name in (("2026-03-10", "P1"), ("2026-03-20", "P2"), ("2026-04-02", "P9")):
        held.deliver("workers", [worker(name)], at=at(day))
    held.deliver("workers", [worker("P3")], at=at("2026-03-05"), source="other")
    held.deliver("workers", [worker("P4")], at=at("2026-03-25"), complete=False)
    window = Window.open(held.store, held.facts, (), PERIOD, LATER, only=("workers",), history=False)
    assert [row["person_key"] for row in window.rows("workers")] == ["P2", "P3"]
    assert [row["person_key"] for row in held.window().rows("workers")] == ["P2", "P3"]


def test_without_history_nobody_can_ask_for_it(held: Held) -> None:
    held.deliver("workers", [worker("P1")], at=at("2026-03-10"))
    window = Window.open(held.store, held.facts, (), PERIOD, LATER, only=("workers",), history=False)
    with pytest.raises(duckdb.CatalogException, match="workers_history"):
        window.rows("workers", history=True)
