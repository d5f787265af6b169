"""Evidence that memory does not hold: read in its files, spilled beside them, and the same."""

from operator import itemgetter
from pathlib import Path

import pytest

from evidence.facts import engine as engine_of
from evidence.facts import window as window_of
from evidence.facts.engine import engine
from tests.evidence.facts.test_window import Held, at, worker


def event(key: str) -> dict[str, object]:
    return {
        "event_key": key,
        "action": "read",
        "result": "ok",
        "occurred_at": at("2026-03-10"),
        "time_basis": "zone_given",
    }


def test_events_that_stay_in_their_files_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(tmp_path)
    held.deliver("access_events", [event(f"e{n}") for n in range(9)], at=at("2026-03-11"))
    once = held.window().rows("access_events")
    monkeypatch.setattr(window_of, "IN_MEMORY_ROWS", 3)
    window = held.window()
    assert window.rows("access_events") == once
    kind = "SELECT table_type FROM information_schema.tables WHERE table_name = 'access_events'"
    assert window.connection.sql(kind).fetchall() == [("VIEW",)]  # else it would not be read in its files at all
    held.deliver("access_events", [event("e3"), event("e9"), event("e3")], at=at("2026-03-12"))
    scanned = held.window().rows("access_events")
    monkeypatch.undo()
    assert scanned == held.window().rows("access_events")
    assert [row["event_key"] for row in scanned] == [f"e{n}" for n in range(10)]


@pytest.mark.parametrize("at_once", [0, 100], ids=["each time from their files", "once"])
def test_snapshots_that_are_read_in_parts_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    held = Held(tmp_path)
    for day in range(10, 15):
        told = [worker(f"P{n}", kind="officer" if n == day else "regular") for n in range(5, day + 1) if n != day - 2]
        held.deliver("workers", told, at=at(f"2026-03-{day}"))
    window = held.window()
    newest, spans = window.rows("workers"), window.rows("workers", history=True)
    monkeypatch.setattr(window_of, "IN_MEMORY_ROWS", 3)
    monkeypatch.setattr(window_of, "READ_ONCE_ROWS", at_once)
    window = held.window()
    assert window.rows("workers") == newest
    order = itemgetter("engagement_key", "valid_from_on")
    assert sorted(window.rows("workers", history=True), key=order) == sorted(spans, key=order)
    assert len(spans) > len(newest) == 9


@pytest.mark.parametrize("same", [True, False], ids=["with the same content", "with another content"])
def test_a_key_that_one_moment_tells_twice_counts_as_first_recorded(tmp_path: Path, *, same: bool) -> None:
    held, moment = Held(tmp_path), at("2026-03-10")
    first = held.deliver("workers", [worker("P1"), worker("P2")], at=moment)
    held.deliver("workers", [worker("P1", kind="regular" if same else "officer")], at=moment)
    [one, _] = held.window().rows("workers")
    assert (one["kind"], one["recorded_at"]) == ("regular", first)
    assert [row["kind"] for row in held.window().rows("workers", history=True)] == ["regular", "regular"]


def test_what_memory_holds_is_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_of, "WORTH_PACKING", 0)
    held = Held(tmp_path)
    held.deliver("access_events", [event(f"e{n}") for n in range(1000)], at=at("2026-03-11"))
    held.deliver("workers", [worker(f"P{n}") for n in range(1000)], at=at("2026-03-11"))
    connection = held.window().connection
    tables = connection.sql("SELECT table_name FROM duckdb_tables() WHERE estimated_size >= 1000").fetchall()
    assert {name for (name,) in tables} == {"access_events", "spans_in_workers"}
    how = "SELECT DISTINCT compression FROM pragma_storage_info('held.{}') WHERE segment_type <> 'VALIDITY'"
    packed = {one for (name,) in tables for (one,) in connection.sql(how.format(name)).fetchall()}
    assert packed
    assert "Uncompressed" not in packed


def test_what_memory_does_not_hold_stays_with_the_facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    with engine(home / "facts") as connection:
        connection.execute("SET memory_limit = '16MB'")
        connection.execute(
            "CREATE TABLE held.many AS SELECT range AS n, hash(range)::VARCHAR AS told FROM range(2_000_000)"
        )
        spilled = connection.sql("SELECT path FROM duckdb_temporary_files()").fetchall()
        assert spilled
        assert {Path(path).parent for (path,) in spilled} == {home / ".spill"}
    assert list(elsewhere.iterdir()) == []
    assert not list((home / ".spill").glob("*"))
