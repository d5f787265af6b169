"""The evidence about one company as it travels: a Parquet file for each table that a test reads, and its feeds.

``feeds/`` holds what the doubts of one company are made of: who must deliver what (``duties``), what became of it
(``runs``), the snapshots that were held (``snapshots``), what nobody can read any more (``lost``), and the registers in
which anybody ever wrote a row about it (``written``). A window over the files answers as the one did that they were
written from.
"""

import io
from collections.abc import Collection, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from evidence.datasets import Kind, catalogue
from evidence.facts.engine import engine
from evidence.facts.feeds import Doubts, Feed, Lost
from evidence.facts.sql import HELD, empty_sql
from evidence.facts.window import IN_MEMORY_ROWS, Window
from evidence.period import Period
from evidence.store.values import FactFile, Run

FEEDS = "feeds"
AT_ONCE = 65_536  # rows of one row group
_AT, _DAY, _TEXT, _FLAG = pa.timestamp("us", tz="UTC"), pa.date32(), pa.string(), pa.bool_()
_SHAPES: Mapping[str, pa.Schema] = {
    "duties": pa.schema(
        [("source", _TEXT), ("dataset", _TEXT), ("max_age_days", pa.int64()), ("of_period", _FLAG)]
    ),
    "runs": pa.schema(
        [
            *((name, _TEXT) for name in ("run_id", "source", "dataset", "outcome", "reason")),
            *((name, _DAY) for name in ("slot_on", "covers_from", "covers_to", "snapshot_on")),
            *((name, _AT) for name in ("snapshot_at", "recorded_at")),
            *((name, _FLAG) for name in ("complete", "delivered")),
            ("rows", pa.int64()),
        ]
    ),
    "snapshots": pa.schema(
        [("source", _TEXT), ("dataset", _TEXT), ("run_id", _TEXT), ("snapshot_at", _AT), ("complete", _FLAG)]
    ),
    "lost": pa.schema(
        [
            *((name, _TEXT) for name in ("source", "dataset", "run_id", "why")),
            ("snapshot_at", _AT),
            ("complete", _FLAG),
        ]
    ),
    "written": pa.schema([("register", _TEXT)]),
}  # fmt: skip
STATE = tuple(_SHAPES)


def state(window: Window, company: str, datasets: Collection[str]) -> dict[str, pa.Table]:
    """What must be known of the feeds of a company to doubt these datasets as a window does, in the window's order."""
    told, zone = window.doubts, ZoneInfo(window.period.zone)
    feeds = [one for one in told.feeds if one.dataset in datasets and company in one.companies]
    runs = [one for one in told.runs if one.dataset in datasets and one.company == company]
    ours = {one.run_id for one in runs}
    gone = {(one.file.source, one.file.dataset) for one in told.lost if one.file.run_id in ours}
    registers = sorted(name for name in datasets if catalogue()[name].kind is Kind.REGISTER)
    rows: dict[str, list[dict[str, Any]]] = {
        "duties": [_named(one, "duties") for one in feeds],
        "runs": [
            _named(one, "runs")
            | {
                "delivered": one.run_id in told.delivered,
                "snapshot_on": one.snapshot_at and one.snapshot_at.astimezone(zone).date(),
            }
            for one in runs
        ],
        "snapshots": [
            _named(one, "snapshots") for one in told.files if one.snapshot_at is not None and one.dataset in datasets
            and (one.run_id in ours or (one.source, one.dataset) in gone)  # a list of others, too, replaces a lost one
        ],
        "lost": [
            _named(one.file, "lost") | {"why": one.why} for one in told.lost
            if one.file.run_id in ours and one.file.dataset in datasets
        ],
        "written": [{"register": name} for name in registers if window.unwritten(company, [name]) is None],
    }  # fmt: skip
    return {name: pa.Table.from_pylist(rows[name], schema=shape) for name, shape in _SHAPES.items()}


def parquet(rows: pa.RecordBatchReader) -> bytes:
    """Rows as one file; the same rows in the same order, the same bytes."""
    kept = io.BytesIO()
    with pq.ParquetWriter(kept, rows.schema, compression="zstd", store_schema=False) as writer:
        for batch in rows:
            writer.write_batch(batch, row_group_size=AT_ONCE)
    return kept.getvalue()


def window_over(folder: Path, company: str, period: Period, known_at: datetime) -> Window:
    """The window that files were written from, as far as one company and the tables that are there go."""
    connection, tables = engine(folder), {path.stem: path for path in sorted(folder.glob("*.parquet"))}
    for dataset in catalogue().values():
        for name in (dataset.name, f"{dataset.name}_history"):
            if (path := tables.pop(name, None)) is not None:
                large = pq.ParquetFile(path).metadata.num_rows > IN_MEMORY_ROWS
                quoted = str(path).replace("'", "''")
                connection.execute(
                    f"CREATE {'VIEW' if large else 'TABLE'} {HELD}.{name} AS FROM read_parquet('{quoted}')"
                )
            elif name == dataset.name:
                connection.execute(empty_sql(dataset, f"{HELD}.{name}"))
    told = {name: pq.read_table(folder / FEEDS / f"{name}.parquet", schema=shape) for name, shape in _SHAPES.items()}
    window = Window(period, known_at, connection, _doubts(told, company, period))
    written = set(told["written"]["register"].to_pylist())
    window._written.update({name: frozenset({company} if name in written else ()) for name in catalogue()})
    connection.execute("SET lock_configuration = true")
    return window


def _doubts(told: Mapping[str, pa.Table], company: str, period: Period) -> Doubts:
    duties, runs, snapshots, lost = (told[name].to_pylist() for name in ("duties", "runs", "snapshots", "lost"))
    feeds = tuple(Feed(companies=(company,), **one) for one in duties)
    return Doubts(
        feeds=feeds,
        runs=tuple(_run(one, company) for one in runs),
        files=tuple(_file(one) for one in snapshots),
        delivered=frozenset(one["run_id"] for one in runs if one["delivered"]),
        period=period,
        lost=tuple(Lost(_file(one), why) for one in lost if (why := one.pop("why"))),
    )


def _run(told: dict[str, Any], company: str) -> Run:
    given = {name: value for name, value in told.items() if name not in ("delivered", "snapshot_on")}
    return Run(company=company, rows_reported=None, rejected=0, **given)


def _file(told: dict[str, Any]) -> FactFile:
    return FactFile(path="", digest="", day=date.min, rows=0, **told)


def _named(one: object, shape: str) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _SHAPES[shape].names if hasattr(one, name)}
