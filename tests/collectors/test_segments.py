"""Segments: what a log covers, and whether that reconciles."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from collectors.formats import End, Reject
from collectors.segments import Segments
from collectors.series import Begun, Series

AT = datetime(2026, 3, 1, tzinfo=UTC)


def segments(
    systems: str, ends: list[End], rejects: list[Reject] | None = None, series: Series | None = None
) -> list[dict[str, Any]]:
    """The segments of one object whose lines are events of these systems, an hour apart."""
    made = Segments("crm", ZoneInfo("Asia/Tokyo"), timedelta(days=1095), frozenset(), series or Series())
    rows = [
        {
            "object": "d1", "line": n, "system_id": system, "account_key": f"a{n}",
            "occurred_at": AT + timedelta(hours=n),
        }
        for n, system in enumerate(systems, start=1)
    ]  # fmt: skip
    made.count(pa.RecordBatch.from_pylist(rows))
    told: list[dict[str, Any]] = made.batch(ends, rejects or []).to_pylist()
    return told


def lines(segment: dict[str, Any]) -> tuple[int, int, int | None]:
    return segment["lines_read"], segment["lines_rejected"], segment["lines_reported"]


LOST = [Reject("d1", None, 3, None, "cut off")]


@pytest.mark.parametrize(
    ("ends", "rejects", "told"),
    [
        pytest.param([End("d1", 5)], [], (5, 0, 5), id="no count of the source: the lines received"),
        pytest.param([End("d1", 5)], LOST, (4, 1, 5), id="a line that could not be read"),
        pytest.param([End("d1", 5, reported=5)], [], (5, 0, 5), id="the source's own count"),
        pytest.param([End("d1", 5, reported=9)], [], (5, 0, 9), id="the source counts more"),
        pytest.param([End("d1", 0, reported=0)], [], (0, 0, 0), id="the source counts nothing"),
        pytest.param([], LOST, (2, 0, None), id="not read to its end: nothing reconciles"),
    ],
)
def test_lines_reconcile_with_the_source_s_own_count_or_with_what_was_received(
    ends: list[End], rejects: list[Reject], told: tuple[int, int, int | None]
) -> None:
    [segment] = segments("AA", ends, rejects)
    assert lines(segment) == told
    assert segment["chain_ok"] is bool(ends)


def test_a_count_of_all_systems_together_is_not_held_against_each() -> None:
    assert [lines(one) for one in segments("ABA", [End("d1", 3, reported=3)])] == [(2, 0, 2), (1, 0, 1)]


def test_of_a_log_that_has_grown_only_what_is_new_is_covered_and_counted() -> None:
    series = Series({"d1": Begun(line=2, counted=2)})
    [segment] = segments("AAAA", [End("d1", 6)], [Reject("d1", None, 1, None, "x"), *LOST], series)
    assert lines(segment) == (3, 1, 4)
    assert segment["accounts_seen"] == 2
    assert segment["starts_at"] == AT + timedelta(hours=2, microseconds=1)
    assert segment["ends_at"] == AT + timedelta(hours=4, microseconds=1)


def test_a_log_without_anything_new_has_no_segment() -> None:
    assert segments("AA", [End("d1", 2)], series=Series({"d1": Begun(line=2, counted=2)})) == []


def test_a_log_that_lost_its_predecessor_breaks_the_chain() -> None:
    [segment] = segments("A", [End("d1", 1)], series=Series(broken=frozenset({"d1"})))
    assert segment["chain_ok"] is False
