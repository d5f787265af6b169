"""A table written as CSV whole columns at a time: byte for byte what the standard library writes of its rows."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import persons
from reports.pack import tables
from reports.pack.tables import csv_of

SECRET = b"s" * persons.SECRET_SIZE
KEY = persons.Keys(SECRET).person("worker_no", "W1")
SCHEMA = pa.schema(
    [
        ("text", pa.string()),
        ("day", pa.date32()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("share", pa.decimal128(18, 4)),
        ("count", pa.int64()),
        ("mark", pa.bool_()),
        ("list", pa.list_(pa.string())),
    ]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["=1", "'x", "＝1", "-1", "\t", "\r\n", 'say "no"', "a,b", f"of {KEY}", f"{KEY}x", ""]
)
ROWS = st.fixed_dictionaries(
    {
        "text": st.none() | TEXTS,
        "day": st.none() | st.dates(date(1900, 1, 1), date(9999, 12, 31)),
        "at": st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
        "share": st.none() | st.decimals(Decimal(-99), Decimal(99), places=4, allow_nan=False),
        "count": st.none() | st.integers(-(2**40), 2**40),
        "mark": st.none() | st.booleans(),
        "list": st.none() | st.lists(TEXTS, max_size=3),
    }
)


def mask(text: str) -> str:
    """The pseudonyms of one company."""
    return persons.masked(SECRET, "C1", text)


def cell(value: object) -> object:
    """What the standard library is to write of a value."""
    if isinstance(value, list):
        value = ";".join(map(mask, value))
    if isinstance(value, str):
        value = mask(value)
        return "'" + value if value.startswith(("'", "=", "+", "-", "@", "\t", "\r", "＝")) else value
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else value


@given(rows=st.lists(ROWS, max_size=5))
def test_a_table_is_what_the_standard_library_writes(rows: list[dict[str, object]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(SCHEMA.names)
    writer.writerows([cell(row[name]) for name in SCHEMA.names] for row in rows)
    assert csv_of(pa.Table.from_pylist(rows, SCHEMA), mask) == out.getvalue().encode("utf-8-sig")


def test_a_long_table_is_written_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pa.table({"subject": [f"S{n}" for n in range(10)], "count": list(range(10))})
    whole = csv_of(rows, mask)
    monkeypatch.setattr(tables, "AT_ONCE", 3)
    assert csv_of(rows, mask) == whole
    assert whole.count(b"\r\n") == 11
