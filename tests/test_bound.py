"""Whoever can write in the database, and has no key, changes neither facts nor registers unseen."""

import hashlib
import sqlite3
from pathlib import Path

import pytest

from house import House, bound
from house.heads import verify_ledger


def changed(house: House, statement: str, *given: str) -> None:
    """Let a hand change rows that our guards keep from change."""
    house.store.close()
    with sqlite3.connect(house.home / "tenken.db") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        assert database.execute(statement, given).rowcount
    database.close()


def a_fact(house: House, dataset: str) -> Path:
    return sorted((house.home / "facts" / dataset).rglob("*.parquet"))[0]


def test_what_nobody_changed_is_what_the_ledger_tells_of(house: House) -> None:
    assert verify_ledger(house) == []


def exchanged(house: House, dataset: str = "workers") -> None:
    """Another fact file in the place of one, and its digest in the row."""
    path = a_fact(house, dataset)
    content = path.read_bytes()
    path.chmod(0o600)
    other = content + b"changed"
    path.write_bytes(other)
    digests = [hashlib.sha256(one).hexdigest() for one in (other, content)]
    changed(house, "UPDATE fact_files SET digest = ? WHERE digest = ?", *digests)


@pytest.mark.parametrize("dataset", ["workers", "calendar_days", "assessments"])
def test_a_fact_file_that_was_exchanged_together_with_its_row_is_told(house: House, dataset: str) -> None:
    exchanged(house, dataset)
    assert [told for told in verify_ledger(house) if "fact files are not those" in told]


def test_control_unless_it_is_compared_the_exchange_is_seen_by_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchanged(house)
    monkeypatch.setattr(bound, "differing", lambda _: [])
    assert verify_ledger(house) == []


def test_a_fact_file_that_came_of_no_collection_is_told_whatever_source_it_names(house: House) -> None:
    copy = "INSERT INTO fact_files SELECT path || 'x', digest, dataset, 'calendar', day, 'r', rows, snapshot_at, complete, recorded_at FROM fact_files WHERE dataset = 'workers'"
    changed(house, copy)
    assert [told for told in verify_ledger(house) if told.startswith("run r: its fact files")]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM fact_files WHERE dataset = 'workers'",
        "UPDATE fact_files SET run_id = 'another' WHERE dataset = 'workers'",
    ],
)
def test_a_row_of_a_fact_file_that_is_gone_or_of_another_run_is_told(house: House, statement: str) -> None:
    changed(house, statement)
    assert [told for told in verify_ledger(house) if "fact files are not those" in told]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(
            "UPDATE register_versions SET \"values\" = replace(\"values\", 'D2', 'D3') WHERE register = 'vendors'",
            id="a value",
        ),
        pytest.param("UPDATE register_versions SET valid_to_on = '2026-01-01' WHERE register = 'vendors'", id="a day"),
        pytest.param("UPDATE register_versions SET state = 'retired' WHERE register = 'vendors'", id="a state"),
        pytest.param("UPDATE register_versions SET reason = 'another' WHERE register = 'vendors'", id="a reason"),
        pytest.param("DELETE FROM register_versions WHERE register = 'vendors'", id="all rows"),
    ],
)
def test_a_row_of_a_register_that_was_changed_is_told(house: House, statement: str) -> None:
    changed(house, statement)
    assert [told for told in verify_ledger(house) if told.startswith("register vendors: ")]


def test_a_row_whose_commitment_cannot_be_opened_any_more_is_not_believed(house: House) -> None:
    changed(house, "UPDATE objects SET version = 'another' WHERE source = 'register:vendors'")
    assert [told for told in verify_ledger(house) if told.startswith("register vendors: ")]
