"""The window: all evidence known at one moment about one period, as tables under the names that a test uses.

Valid time belongs to the tests; recorded time is applied here and nowhere else (datasets.md §3). DuckDB reads only
the fact files it is given: no other file, no network, no extension, and its settings are locked.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from evidence.datasets import Dataset, Kind, catalogue
from evidence.facts import Facts
from evidence.facts.engine import engine, packed_since
from evidence.facts.entered import as_entered
from evidence.facts.feeds import Doubt, Doubts, Feed, Lost
from evidence.facts.look import RUNS, Look
from evidence.facts.rows import shown, table
from evidence.facts.sql import (
    HELD,
    empty_sql,
    entered_sql,
    event_sql,
    holding_sql,
    register_sql,
    repeated_sql,
    rows_sql,
    scanned_sql,
    snapshot_sql,
    spans_sql,
)
from evidence.period import Period
from evidence.store import Store
from evidence.store.values import FactFile, RegisterVersion, Run

EXCEPTIONS = frozenset({"waivers"})  # no row: nothing is excepted, which proves nothing away
READ_ONCE_ROWS = 100_000  # of a snapshot dataset: opening a thousand files five times takes longer than their rows
IN_MEMORY_ROWS = 1_000_000  # larger event datasets stay in their files and are scanned there


@dataclass(slots=True)
class Window:
    """Evidence known at ``known_at`` about a period, for all companies."""

    period: Period
    known_at: datetime
    connection: duckdb.DuckDBPyConnection
    doubts: Doubts
    everything_is_proven: bool = False  # rows given by hand: an example has no sources to doubt
    _only: Collection[str] = ()  # the datasets it holds; none named: all
    _opened: datetime | None = None  # what was committed last when it was opened
    _history: bool = True  # whether it holds what snapshots said before
    _empty: set[str] = field(default_factory=set)  # the datasets without a row: most, and asking each takes its time
    _cursors: dict[int, duckdb.DuckDBPyConnection] = field(default_factory=dict)  # by days of looking back
    _written: dict[str, frozenset[str | None]] = field(default_factory=dict)  # by register: companies with a row, ever

    @staticmethod
    def open(
        store: Store,
        facts: Facts,
        feeds: Iterable[Feed],
        period: Period,
        known_at: datetime,
        *,
        only: Collection[str] = (),
        planned: Sequence[RegisterVersion] = (),
        history: bool = True,
    ) -> "Window":
        """What was known at a moment, of ``only`` these datasets; Tampered when a file is not what was recorded.

        ``planned`` are versions that nobody entered yet: registers say what they would say with them. Without
        ``history`` only the newest snapshots are read, and ``known_since_at`` is when they were recorded.
        """
        with store.read() as tx:
            told = [file for file in tx.facts.visible(known_at, datasets=only) if file.dataset in catalogue()]
            lost_runs = tx.objects.lost_runs()  # whatever was known then: it can not be read now
            lost = tuple(Lost(file, lost_runs[file.run_id]) for file in told if file.run_id in lost_runs)
            files = [file for file in told if lost_runs.get(file.run_id) != "erased"]
            feeds, asks = tuple(feeds), not only or RUNS in only
            runs = tx.runs.visible(known_at) if feeds or asks else []  # who asks for no feed doubts none
            delivered = frozenset(held.run_id for held in tx.objects.visible(known_at)) if feeds else frozenset()
            connection = engine(facts.root)
            doubts = Doubts(feeds, tuple(runs), tuple(files), delivered, period, lost)
            window = Window(period, known_at, connection, doubts, _only=only, _opened=tx.last_at, _history=history)
            packed = 0
            for dataset in _of(only):
                of_dataset = [file for file in files if file.dataset == dataset.name]
                if dataset.name == RUNS:
                    window._hold(dataset, table(dataset, (_run_row(run) for run in runs)))
                elif dataset.kind is Kind.REGISTER:
                    new = (replace(one, entered_at=known_at) for one in planned if one.register == dataset.name)
                    entered = chain(tx.registers.entered(known_at, dataset.name), new)
                    window._hold_register(dataset, facts, of_dataset, entered)
                else:
                    window._hold_files(dataset, facts, of_dataset)
                if dataset.name not in window._empty:
                    packed = packed_since(connection, packed)
        connection.execute("SET lock_configuration = true")
        return window

    @staticmethod
    def of_files(
        facts: Facts, files: Iterable[FactFile], period: Period, known_at: datetime, only: Collection[str]
    ) -> "Window":
        """What files tell of these datasets that no store lists; nothing is known of their feeds."""
        told = [file for file in files if file.recorded_at is not None and file.recorded_at <= known_at]
        doubts = Doubts((), (), (), frozenset(), period)
        window = Window(period, known_at, engine(facts.root), doubts, _only=only)
        for dataset in _of(only):
            of_dataset = [file for file in told if file.dataset == dataset.name]
            if dataset.kind is Kind.REGISTER:
                window._hold_register(dataset, facts, of_dataset, ())
            else:
                window._hold_files(dataset, facts, of_dataset)
        window.connection.execute("SET lock_configuration = true")
        return window

    @staticmethod
    def given(
        rows: Mapping[str, Sequence[Mapping[str, Any]]], period: Period, *, only: Collection[str] = ()
    ) -> "Window":
        """A window over rows written by hand (tests), of ``only`` these datasets; what they leave out is filled."""
        window = Window(
            period, period.until_at, engine(None), Doubts((), (), (), frozenset(), period), everything_is_proven=True
        )
        window._only = only
        for dataset in _of(only):
            window._hold(dataset, table(dataset, shown(dataset, rows.get(dataset.name, ()), period.zone)))
            if (past := rows.get(f"{dataset.name}_history")) is not None:
                shape = dataset.with_span()
                window._hold_history(dataset, table(shape, shown(shape, past, period.zone)))
        window.connection.execute("SET lock_configuration = true")
        return window

    def holds(self, only: Collection[str], *, history: bool) -> bool:
        """Whether it says the same of these datasets as one that was opened for them alone."""
        return self._history == history and bool(only) and set(only) <= set(self._only)

    def look(self, only: Collection[str] = ()) -> Look:
        """What says whether one that is opened now would show the same (of ``only`` these datasets)."""
        return Look(frozenset(only or self._only), self.known_at, self._opened)

    def run(self, sql: str, bindings: Mapping[str, object], *, lookback_days: int) -> pa.Table:
        """Run one admitted SELECT; events older than ``lookback_days`` before the period are not there for it."""
        return self._looking_back(lookback_days).sql(sql, params=dict(bindings)).to_arrow_table()

    def doubt(
        self, company: str, datasets: Sequence[str], *, nil: bool = False, lookback_days: int = 0
    ) -> Doubt | None:
        """Why these datasets prove nothing about a company, ``nil`` or not; None when they can be believed."""
        since = self.period.since - timedelta(days=lookback_days)
        return None if self.everything_is_proven else self.doubts.of(company, datasets, nil=nil, since=since)

    def unwritten(self, company: str, datasets: Sequence[str]) -> Doubt | None:
        """The first register in which nobody ever wrote a row that concerns the company: is there nothing to write?"""
        for name in () if self.everything_is_proven else datasets:
            if catalogue()[name].kind is Kind.REGISTER and name not in EXCEPTIONS:
                if name not in self._written:
                    about = "company" if "company" in catalogue()[name].schema.names else "NULL"
                    told = self.connection.sql(f"SELECT DISTINCT {about} FROM {HELD}.{name}_history").fetchall()
                    self._written[name] = frozenset(one for (one,) in told)
                if not self._written[name] & {company, None}:
                    why = f"{name}: 登録簿に記入がなく、該当なしの確認もない / nobody wrote a row, or attested the zero"
                    return Doubt(f"register:{name}", why)
        return None

    def rows(self, dataset: str, *, history: bool = False) -> list[dict[str, Any]]:
        """All rows of a dataset as a test sees them, ordered by key."""
        told: list[dict[str, Any]] = self._ordered(dataset, f"{dataset}_history" if history else dataset).to_pylist()
        return told

    def ever(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """What these columns of a table say, each combination once."""
        return self.connection.sql(f"SELECT DISTINCT {', '.join(columns)} FROM {HELD}.{table}").fetchall()

    def about(self, dataset: str, names: Collection[str]) -> list[dict[str, Any]]:
        """The rows of a dataset whose key begins with one of these names, ordered by key."""
        where = f'WHERE "{catalogue()[dataset].key[0]}" IN (SELECT unnest($names))'
        told: list[dict[str, Any]] = self._ordered(dataset, dataset, where, {"names": list(names)}).to_pylist()
        return told

    def table(self, dataset: str, company: str) -> pa.Table:
        """The rows of a dataset that concern a company, or the whole group, ordered by key."""
        if "company" not in catalogue()[dataset].schema.names:
            return self._ordered(dataset, dataset)
        return self._ordered(dataset, dataset, "WHERE company IS NULL OR company = $company", {"company": company})

    def _ordered(self, dataset: str, name: str, where: str = "", given: Mapping[str, object] | None = None) -> pa.Table:
        if dataset in self._empty and name == dataset:
            return catalogue()[dataset].schema.empty_table()
        order = ", ".join(f'"{key}"' for key in catalogue()[dataset].key)
        sql = f"SELECT * FROM {HELD}.{name} {where} ORDER BY {order}"
        return self.connection.sql(sql, params=dict(given or {})).to_arrow_table()

    def _looking_back(self, days: int) -> duckdb.DuckDBPyConnection:
        """A cursor for which events begin so many days before the period; all else it reads where it is held."""
        if days not in self._cursors:
            first, schema, cursor = self.period.since - timedelta(days=days), f"back_{days}", self.connection.cursor()
            views = [
                f"CREATE VIEW {schema}.{dataset.name} AS SELECT * FROM {HELD}.{dataset.name} "
                f"WHERE occurred_on BETWEEN DATE '{first}' AND DATE '{self.period.as_of}'"
                for dataset in _of(self._only)
                if dataset.kind is Kind.EVENT
            ]
            cursor.execute("; ".join((f"CREATE SCHEMA {schema}", *views, f"SET search_path = '{schema},{HELD}'")))
            self._cursors[days] = cursor
        return self._cursors[days]

    def _hold(self, dataset: Dataset, told: pa.Table) -> None:
        if told.num_rows:
            self.connection.register("told", told)
            self.connection.execute(f"CREATE TABLE {HELD}.{dataset.name} AS SELECT * FROM told")
            self.connection.unregister("told")
        else:  # declaring them takes a fourth of the time
            self._empty.add(dataset.name)
            self.connection.execute(empty_sql(dataset, f"{HELD}.{dataset.name}"))
        if dataset.kind is not Kind.EVENT:
            spans = "" if "valid_from_on" in dataset.schema.names else f", {_OPEN_SPAN}"
            self.connection.execute(
                f"CREATE VIEW {HELD}.{dataset.name}_history AS SELECT *{spans} FROM {HELD}.{dataset.name}"
            )

    def _hold_history(self, dataset: Dataset, told: pa.Table) -> None:
        """Put a history in the place of the one that says: it was always as it is."""
        self.connection.execute(f"DROP VIEW {HELD}.{dataset.name}_history")
        self.connection.register("told", told)
        self.connection.execute(f"CREATE TABLE {HELD}.{dataset.name}_history AS SELECT * FROM told")
        self.connection.unregister("told")

    def _hold_files(self, dataset: Dataset, facts: Facts, files: Sequence[FactFile]) -> None:
        if dataset.kind is Kind.SNAPSHOT and not self._history:
            files = _newest(files, self.period.until_at)
        if not files:
            return self._hold(dataset, dataset.schema.empty_table())
        self._list_files(dataset, facts, files)
        rows = sum(file.rows for file in files)
        if dataset.kind is Kind.EVENT:
            if rows > IN_MEMORY_ROWS:
                return self._leave_in_files(dataset, 1 + rows // IN_MEMORY_ROWS)
            self.connection.execute(f"CREATE TABLE {HELD}.{dataset.name} AS {event_sql(dataset)}")
            return None
        self._hold_spans(dataset, rows)
        return None

    def _hold_spans(self, dataset: Dataset, rows: int) -> None:
        """Find the spans; the rows of small files are read once, those of large ones as often as they are asked."""
        spans, told, parts = (
            f"{HELD}.spans_in_{dataset.name}",
            f"{HELD}.rows_of_{dataset.name}",
            1 + rows // IN_MEMORY_ROWS,
        )
        if few := rows <= READ_ONCE_ROWS:
            self.connection.execute(f"CREATE TEMP TABLE read_once AS SELECT * FROM {told}")
            told = "read_once"
        self.connection.execute(f"CREATE TABLE {spans} AS {spans_sql(dataset, 0, parts, told)}")
        for part in range(1, parts):
            self.connection.execute(f"INSERT INTO {spans} {spans_sql(dataset, part, parts, told)}")
        if few:
            self.connection.execute("DROP TABLE read_once")
        for history in (False, True) if self._history else (False,):
            name = f"{dataset.name}_history" if history else dataset.name
            self.connection.execute(f"CREATE VIEW {HELD}.{name} AS {snapshot_sql(dataset, history=history)}")

    def _leave_in_files(self, dataset: Dataset, parts: int) -> None:
        """Scan the files each time they are asked; which events are told twice is found out once, part by part."""
        repeated = f"{HELD}.repeated_in_{dataset.name}"
        self.connection.execute(f"CREATE TABLE {repeated} AS {repeated_sql(dataset, 0, parts)}")
        for part in range(1, parts):
            self.connection.execute(f"INSERT INTO {repeated} {repeated_sql(dataset, part, parts)}")
        some = bool(self.connection.sql(f"SELECT 1 FROM {repeated} LIMIT 1").fetchall())
        self.connection.execute(f"CREATE VIEW {HELD}.{dataset.name} AS {scanned_sql(dataset, repeated=some)}")

    def _hold_register(
        self, dataset: Dataset, facts: Facts, files: Sequence[FactFile], versions: Iterable[RegisterVersion]
    ) -> None:
        told = iter(versions)
        first = next(told, None)
        if not files and first is None:
            return self._hold(dataset, dataset.schema.empty_table())
        if files:
            self._list_files(dataset, facts, files)
        self.connection.register("kept", as_entered(dataset, chain([first] if first else [], told)))
        entered, holding = entered_sql(dataset, from_files=bool(files)), holding_sql(dataset, self.period.as_of)
        self.connection.execute(f"CREATE TABLE {HELD}.entered_in_{dataset.name} AS {entered}")
        self.connection.unregister("kept")
        self.connection.execute(f"CREATE TABLE {HELD}.holding_in_{dataset.name} AS {holding}")
        for history in (False, True):
            name = f"{dataset.name}_history" if history else dataset.name
            self.connection.execute(f"CREATE VIEW {HELD}.{name} AS {register_sql(dataset, history=history)}")
        return None

    def _list_files(self, dataset: Dataset, facts: Facts, files: Sequence[FactFile]) -> None:
        """Keep, beside the rows, what only the store knows of their files: when recorded, of which moment."""
        zone = ZoneInfo(self.period.zone)
        listed = pa.table(
            {
                "file": range(len(files)),
                "path": [str(facts.verified(file)) for file in files],
                "file_source": [file.source for file in files],
                "run": [file.run_id for file in files],
                "file_recorded_at": pa.array([file.recorded_at for file in files], pa.timestamp("us", tz="UTC")),
                "moment": pa.array([file.snapshot_at for file in files], pa.timestamp("us", tz="UTC")),
                "moment_on": pa.array(
                    [f.snapshot_at.astimezone(zone).date() if f.snapshot_at else None for f in files], pa.date32()
                ),
                "complete": [
                    file.complete and (file.snapshot_at is None or file.snapshot_at < self.period.until_at)
                    for file in files
                ],
            }
        )
        self.connection.register("listed", listed)
        self.connection.execute(f"CREATE TABLE {HELD}.files_of_{dataset.name} AS SELECT * FROM listed")
        self.connection.unregister("listed")
        quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in listed["path"].to_pylist())
        if older := facts.has_older(dataset, files):
            self.connection.execute(empty_sql(dataset, f"{HELD}.shape_of_{dataset.name}"))
        rows = rows_sql(dataset, quoted, older=older)
        self.connection.execute(f"CREATE VIEW {HELD}.rows_of_{dataset.name} AS {rows}")


def _of(only: Collection[str]) -> Iterator[Dataset]:
    """The datasets of these names; none named: all."""
    return (dataset for dataset in catalogue().values() if not only or dataset.name in only)


def _newest(files: Sequence[FactFile], until_at: datetime) -> Sequence[FactFile]:
    """Those of each source's newest complete snapshot before a moment."""
    told = [(file.snapshot_at, file) for file in files if file.complete and file.snapshot_at is not None]
    newest: dict[str, datetime] = {}
    for at, file in told:
        if at < until_at:
            newest[file.source] = max(at, newest.get(file.source, at))
    return [file for at, file in told if newest.get(file.source) == at]


_OPEN_SPAN = "DATE '1900-01-01' AS valid_from_on, DATE '9999-12-31' AS valid_to_on"


def _run_row(run: Run) -> dict[str, Any]:
    return {
        "run_key": f"{run.run_id}:{run.company}:{run.dataset}",
        "company": run.company,
        "source_name": run.source,
        "dataset": run.dataset,
        "slot_on": run.slot_on,
        "outcome": run.outcome,
        "complete": run.complete,
        "rows": run.rows,
        "rows_reported": run.rows_reported,
        "reason": run.reason,
        "occurred_at": run.recorded_at,
        "occurred_on": run.slot_on,
        "time_basis": "zone_given",
        "source": run.source,
        "run_id": run.run_id,
        "object": hashlib.sha256(run.run_id.encode()).hexdigest(),
        "line": 1,
        "recorded_at": run.recorded_at,
        "row_ref": f"run:{run.run_id}:1",
    }
