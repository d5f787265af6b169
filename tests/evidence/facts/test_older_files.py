"""Fact files that were written before a column of their dataset was declared."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from evidence.datasets import catalogue
from tests.evidence.facts.test_window import Held, at, worker


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    yield Held(tmp_path)


LOGGED = {"event_key": "1", "company": "C1", "occurred_at": "2026-03-10T12:00+09:00"}
LISTED = {"company": "C1", "entry_id": "B-1", "entry_version": 1}


@pytest.mark.parametrize(
    ("name", "column", "row", "value", "absent"),
    [
        pytest.param(
            "workers", "leaving_announced_on", worker("P1"), date(2026, 3, 1), None, id="of a snapshot, a day: NULL"
        ),
        pytest.param("workers", "has_account", worker("P1"), True, None, id="of a snapshot, what must be there: NULL"),
        pytest.param("access_events", "ticket_id", LOGGED, "T-1", None, id="of an event, a text: NULL"),
        pytest.param("access_events", "subject_keys", LOGGED, ["P1"], [], id="of an event, a list: empty"),
        pytest.param("book_entries", "purposes", LISTED, ["P01"], [], id="of a register that a source delivers"),
    ],
)
@pytest.mark.parametrize(
    "newer",
    [
        pytest.param([], id="alone"),
        pytest.param(["2026-03-05"], id="after one that has it"),
        pytest.param(["2026-03-12", "2026-03-13"], id="before some that have it"),
    ],
)
def test_a_file_of_before_a_column_was_declared_says_nothing_of_it(
    held: Held, name: str, column: str, row: dict[str, Any], value: object, absent: object, newer: list[str]
) -> None:
    held.deliver(name, [row], at=at("2026-03-10"), source="old", before=column)
    key = catalogue()[name].key[0]
    for day in newer:
        held.deliver(name, [row | {key: row[key] + "-2", column: value}], at=at(day), source="new")
    told = {one[key]: one[column] for one in held.window().rows(name)}
    assert told == {row[key]: absent, **({row[key] + "-2": value} if newer else {})}


def test_control_an_older_file_alone_cannot_be_read_as_what_is_declared_now(held: Held) -> None:
    held.deliver("workers", [worker("P1")], at=at("2026-03-10"), before="leaving_announced_on")
    [file] = held.facts.root.rglob("*.parquet")
    with pytest.raises(duckdb.BinderException, match="leaving_announced_on"):
        duckdb.sql(f"SELECT leaving_announced_on FROM '{file}'")
