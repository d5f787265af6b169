"""The facts that a pack carries (``13_facts/``): what its controls read of one company, to be judged again.

A file for each table that a test names, with the columns that any of the tests names and no other; keys masked like all
else in a masked pack, so that what belongs together still meets. Controls that were judged at different moments have a
folder for each moment.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pyarrow as pa
import pyarrow.compute as pc

from controls.binding import dataset_of, shape_of
from controls.columns import columns_read
from controls.engine import TestFault, run
from controls.model import Assessment, Control
from controls.population import NOBODY, Population
from evidence.border import leaving
from evidence.datasets import Kind, catalogue
from evidence.facts.carried import AT_ONCE, FEEDS, parquet, state
from evidence.facts.sql import HELD
from evidence.facts.window import Window
from evidence.period import Period
from reports.pack.payload import SHOWN, Payload
from reports.pack.tables import said

FOLDER = "13_facts"
# What people decided about controls is read by judging itself, beside what the tests read.
DECIDING: Mapping[str, frozenset[str]] = {
    name: frozenset(("control_id", "company", *columns))
    for name, columns in {
        "attestations": ("attestation_id", "subject_kind", "answer", "answered_at", "expires_on"),
        "exclusions": ("exclusion_id", "reason", "approved_on", "review_on"),
        "parameter_values": ("change_id", "parameter", "value", "valid_from_on"),
        "waivers": (
            "waiver_id", "department", "subject", "aspect", "reason", "approved_by", "approved_on", "expires_on",
        ),
    }.items()
}  # fmt: skip
LINKING = ("_key", "_id", "_by")  # how columns end that say of which thing a row tells


@dataclass(frozen=True, slots=True)
class Carried:
    """What controls that were judged at one moment read: by table its columns, and by dataset its first day."""

    tables: Mapping[str, frozenset[str]]
    first: Mapping[str, date]
    datasets: frozenset[str]


def folder_of(known_at: datetime) -> str:
    """Where the facts lie that were known at a moment."""
    return f"{FOLDER}/{known_at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}"


def carried(controls: Iterable[Control], since: date) -> Carried:
    """What these controls read."""
    tables, first, datasets = dict(DECIDING), dict[str, date](), set(DECIDING)
    for control in controls:
        datasets |= set(control.datasets)
        for table, columns in columns_read(control).items():
            day = {"occurred_on"} if catalogue()[dataset_of(table)].kind is Kind.EVENT else set()
            tables[table] = tables.get(table, frozenset()) | columns | day
            back = since - timedelta(days=control.lookback_days)
            first[dataset_of(table)] = min(back, first.get(dataset_of(table), back))
    return Carried(tables, first, frozenset(datasets))


def fact_files(
    assessments: Sequence[Assessment],
    controls: Mapping[str, Control],
    populations: Mapping[str, Population],
    window_at: Callable[[datetime], Window],
    masked_at: Callable[[datetime], Callable[[str], str]],
) -> Iterator[Payload]:
    """The files of a company's facts and of the state of its feeds, for each moment at which it was judged."""
    company = assessments[0].company
    for moment in sorted({one.known_at for one in assessments}):
        window, folder, masked = window_at(moment), folder_of(moment), masked_at(moment)
        mine = [controls[one.control] for one in assessments if one.known_at == moment]
        told = carried(mine, window.period.since)
        for name, rows in state(window, company, told.datasets).items():
            yield _file(f"{folder}/{FEEDS}/{name}.parquet", rows.to_reader(), masked)
        linked = _Linked(window, company, told)
        linked.widen(mine, populations)
        for table in sorted(told.tables):
            yield Payload(f"{folder}/{table}.parquet", _opener(linked, table, masked))


def _file(path: str, rows: pa.RecordBatchReader, masked: Callable[[str], str]) -> Payload:
    content = parquet(_masked(rows, dict.fromkeys(rows.schema.names, masked)))
    return Payload(path, lambda: BytesIO(content))


def _opener(linked: "_Linked", table: str, masked: Callable[[str], str]) -> Callable[[], BytesIO]:
    columns = {column.name: leaving(masked, column) for column in shape_of(table).all_columns}
    return lambda: BytesIO(parquet(_masked(linked.rows(table), columns)))


class _Linked:
    """The rows that concern a company: its own and the group's, and those that tell of the same persons and things.

    Whoever owns an account, and where else a person works, is told by rows of other companies, or of none. Where a
    control comes out otherwise without more of them, all rows of what it reads are carried.
    """

    def __init__(self, window: Window, company: str, told: Carried) -> None:
        self.period, self.company, self.told = window.period, company, told
        self._whole: set[str] = set()  # tables of which every row is carried
        self._looking_back: int | None = None  # how many days the views do that stand there now
        self._cursor = window.connection.cursor()
        self._cursor.execute("CREATE TEMP TABLE linked AS SELECT $company AS value", {"company": company})
        apart = [table for table in told.tables if "company" not in shape_of(table).schema.names]
        own = f"company IS NULL OR company = {_quoted(company)}"
        self._link((table, own) for table in told.tables if table not in apart)
        self._link((table, self._where(table)) for table in apart)

    def rows(self, table: str) -> pa.RecordBatchReader:
        """The rows of a table that are carried, in an order that their content alone decides."""
        first = self.told.first.get(dataset_of(table), self.period.since)
        return self._cursor.sql(f"{self._select(table, first)} ORDER BY ALL").to_arrow_reader(AT_ONCE)

    def run(self, sql: str, bindings: Mapping[str, object], *, lookback_days: int) -> pa.Table:
        """What a test answers over these rows alone (``controls.engine.Evidence``)."""
        first = self.period.since - timedelta(days=lookback_days)
        for table in () if lookback_days == self._looking_back else self.told.tables:
            self._cursor.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS {self._select(table, first)}")
        self._looking_back = lookback_days
        return _about(self.company, self._cursor.sql(sql, params=dict(bindings)).to_arrow_table())

    def widen(self, controls: Iterable[Control], populations: Mapping[str, Population]) -> None:
        """Carry all rows of what a control reads that would have other members, or other marks, without them."""
        for control in sorted(controls, key=lambda one: one.lookback_days):
            found, members = run(control, self), populations[control.id]
            mine = NOBODY if isinstance(found, TestFault) else found.of(self.company)
            if members and not mine.rows.select(SHOWN).equals(members.rows.select(SHOWN)):
                self._whole |= set(columns_read(control))

    def _select(self, table: str, first: date) -> str:
        """Its rows, events from a first day on."""
        dataset = shape_of(table)
        names = ", ".join(f'"{one.name}"' for one in dataset.all_columns if one.name in self.told.tables[table])
        days = f" AND occurred_on BETWEEN DATE '{first}' AND DATE '{self.period.as_of}'"
        of_days = days if dataset.kind is Kind.EVENT else ""
        return f"SELECT {names} FROM {HELD}.{table} WHERE ({self._where(table)}){of_days}"

    def _where(self, table: str) -> str:
        """Which rows of a table are carried; of one that tells of no person or thing of anybody's, all."""
        dataset, links = shape_of(table), self._links(table)
        if table in self._whole:
            return "true"
        if "company" in dataset.schema.names:
            links = [name for name in self.told.tables[table] if dataset.column(name).personal]
            things = [] if dataset.kind is Kind.EVENT else [dataset.key[0]]
            own = f"company IS NULL OR company = {_quoted(self.company)}"
            return " OR ".join((own, *(_meets(table, name) for name in sorted({*links, *things}))))
        return " OR ".join(_meets(table, name) for name in links) or "true"

    def _link(self, tables: Iterable[tuple[str, str]]) -> None:
        """Note of which persons and things some rows tell."""
        for table, where in list(tables):
            if told := [f'"{name}"' for name in self._links(table)]:
                values = f"unnest([{', '.join(told)}])"
                self._cursor.execute(f"INSERT INTO linked SELECT DISTINCT {values} FROM {HELD}.{table} WHERE {where}")

    def _links(self, table: str) -> list[str]:
        """The columns that say of which person or thing a row tells, but for an event's own key."""
        dataset = shape_of(table)
        own = dataset.key[:1] if dataset.kind is Kind.EVENT else ()
        return [name for name in sorted(self.told.tables[table]) if name.endswith(LINKING) and name not in own]


@dataclass(slots=True)
class OwnMembers:
    """A window over carried facts that answers a test for its company alone: of others it holds some rows, not all."""

    window: Window
    company: str
    period: Period

    def run(self, sql: str, bindings: Mapping[str, object], *, lookback_days: int) -> pa.Table:
        """What a test answers of the company (``controls.engine.Evidence``)."""
        return _about(self.company, self.window.run(sql, bindings, lookback_days=lookback_days))


def _about(company: str, answer: pa.Table) -> pa.Table:
    return answer.filter(pc.fill_null(pc.equal(answer["company"], company), True))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _meets(table: str, name: str) -> str:
    """Whether a row tells of a linked person or thing; a list (of managers) links no other company's row."""
    return "false" if shape_of(table).column(name).type == "list" else f'"{name}" IN (FROM linked)'


def _masked(rows: pa.RecordBatchReader, masked: Mapping[str, Callable[[str], str]]) -> pa.RecordBatchReader:
    def batches() -> Iterator[pa.RecordBatch]:
        for batch in rows:
            columns = [_column(batch.column(name), masked[name]) for name in rows.schema.names]
            yield pa.RecordBatch.from_arrays(columns, schema=rows.schema)

    return pa.RecordBatchReader.from_batches(rows.schema, batches())


def _column(column: pa.Array, masked: Callable[[str], str]) -> pa.Array:
    """A column as it leaves; a list member by member."""
    if pa.types.is_list(column.type):
        if column.null_count:
            raise ValueError("a list is never NULL")
        begins = pc.subtract(column.offsets, column.offsets[0])  # of a slice they begin later
        return pa.ListArray.from_arrays(begins, _column(column.flatten(), masked), type=column.type)
    return said(column, masked) if pa.types.is_string(column.type) else column
