"""Compare the facts of a raw pack with what its objects say, row by row and in both directions.

Each fact of an object that was read again is a row of it, cell by cell; each row of it that tells of the company, and
that a window would show, is among the facts. Keys are compared by what stands where: one key of the pack is always the
same minted anew, and the other way round, wherever it stands. Not compared, because the objects alone do not tell it:
how many accounts of a log had an owner when it was collected, and of a log that was still being written whether its
chain is whole (the names of files); spans and first days of contents whose persons came to be known otherwise.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as arrow
import pyarrow.parquet as pq

from controls.binding import dataset_of, shape_of
from controls.columns import ROW_REF
from evidence.datasets import Dataset, Kind, catalogue
from evidence.facts.engine import engine
from evidence.facts.look import RUNS
from evidence.facts.sql import HELD
from evidence.facts.window import Window
from evidence.ledger import EDITED
from evidence.period import Period
from reports.pack.facts import DECIDING, FOLDER, LINKING, folder_of
from reports.pack.renamed import Renaming, is_key, keys_of, shown
from reports.pack.reread import ANYTHING, Ledger, Reread, reread

TOLD = 20  # rows that are named of one table
NOT_IN_OBJECTS = {"log_segments": ("accounts_mapped",)}
OF_NAMES = {"log_segments": ("chain_ok",)}  # of logs that are still being written
OF_CONTENTS = ("known_since_at",)
Since = Mapping[str, date]  # the first day of each dataset that is carried


def differences(
    folder: Path, company: str, period: Period, moments: Mapping[datetime, Since], told: Callable[[str], None]
) -> Iterator[str]:
    """What the facts of these moments say otherwise than the objects; ``told`` is how much could be compared."""
    ledger = Ledger.of(folder)
    with tempfile.TemporaryDirectory(prefix="tenken-reread-") as name:
        again = reread(ledger, company, Path(name))
        yield from again.problems
        renaming = Renaming(engine(Path(name) / "names" / "facts"))  # it spills apart from the windows
        for moment, first in sorted(moments.items()):
            yield from _Moment(folder, company, period, moment, first, ledger, again, renaming).differences()
        yield from (f"{FOLDER}: {what}" for what in renaming.broken())
    withheld = sum("withheld" in line for line in ledger.held.values())
    read = sum("withheld" not in line and line["sha256"] in again.objects for line in ledger.held.values())
    rest = len(ledger.held) - withheld - read
    told(
        f"{read} objects were read again 原本から再構築; {withheld} withheld 社内閲覧 and {rest} others "
        "were not (what people entered, what was judged, a source of which another object is withheld)"
    )


class _Moment:
    """The facts that were known at one moment."""

    def __init__(
        self, folder: Path, company: str, period: Period, moment: datetime, first: Since, ledger: Ledger,
        again: Reread, renaming: Renaming,
    ) -> None:  # fmt: skip
        self.company, self.period, self.first, self.again, self.renaming = company, period, first, again, renaming
        self.brought, self.ledger = ledger.brought(), ledger
        self.files = {path.stem: path for path in sorted((folder / "data" / folder_of(moment)).glob("*.parquet"))}
        names = {dataset_of(table) for table in self.files} & set(catalogue()) - {RUNS}
        self.window = Window.of_files(again.facts, again.files, period, moment, names)
        self.connection = self.window.connection
        mine = {"object": list(again.objects), "known": list(again.objects.values())}
        self._table("mine", pa.table(mine, schema=pa.schema([("object", pa.string()), ("known", pa.string())])))
        self.linked = pa.table({"value": pa.array(self._linked(), pa.string())})

    def differences(self) -> Iterator[str]:
        # Of what names no company only the links tell whether it concerns this one: which key is which must be known.
        for table, path in sorted(self.files.items(), key=lambda one: "company" not in shape_of(one[0]).schema.names):
            dataset = shape_of(table)
            if table in DECIDING and ROW_REF not in pq.read_schema(path).names:
                continue  # what judging itself reads of it
            if dataset.name == RUNS or (table != dataset.name and dataset.name in self.again.shifting):
                continue
            self.connection.register("packed", arrow.dataset(path))
            yield from (f"{FOLDER}: {table}: {what}" for what in self._of_table(table, dataset, path))
            self.connection.unregister("packed")
        self.connection.close()

    def _of_table(self, table: str, dataset: Dataset, path: Path) -> Iterator[str]:
        columns = self._compared(dataset, pq.read_schema(path).names)
        for digest in self._foreign(dataset):
            yield f"object {digest[:12]}: brought nothing of {dataset.name} 出所の異なる事実"
        joined = _joined(table, columns, self._must(table, dataset))
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE joined AS {joined}")
        self.renaming.take(self.connection, table, [c for c in columns if c.type in ("text", "list")])
        odd = ", ".join(f"CASE WHEN {_odd(c)} THEN '{c.name}' END" for c in columns)
        found = self.connection.sql(
            f"SELECT place, was IS NULL, now IS NULL, list_filter([{odd}], lambda one: one IS NOT NULL) AS odd "
            "FROM joined WHERE (was IS NULL AND must) OR now IS NULL OR (was IS NOT NULL AND odd <> []) ORDER BY ALL "
            f"LIMIT {TOLD + 1}"
        )
        rows = found.fetchall()
        for place, lacking, unfounded, names in rows[:TOLD]:
            yield f"{shown(place)}{_said(names, lacking=lacking, unfounded=unfounded)}"
        if len(rows) > TOLD:
            yield "and more rows"

    def _compared(self, dataset: Dataset, names: Sequence[str]) -> list[Any]:
        """The columns of a table that its objects tell."""
        left = {*NOT_IN_OBJECTS.get(dataset.name, ()), *(OF_NAMES.get(dataset.name, ()) if self.again.growing else ())}
        left |= set(OF_CONTENTS if dataset.name in self.again.apart | self.again.shifting else ())
        if ROW_REF not in names:
            raise ValueError(f"{dataset.name}: rows that do not say where they come from")
        return [dataset.with_span().column(name) for name in names if name not in left]

    def _must(self, table: str, dataset: Dataset) -> str:
        """Which rows that were read again must be among the facts: those that a company's facts hold (``facts.py``).

        Where another source, or a person, may have told of the same thing, only what certainly was not told elsewhere.
        """
        carried = set(pq.read_schema(self.files[table]).names)
        if "company" in dataset.schema.names:
            where = "company IS NULL OR company = $company"
        else:
            links = _links(dataset, carried)
            self._link()
            where = " OR ".join(f'"{name}" IN (FROM linked)' for name in links) or "true"
        if dataset.kind is Kind.EVENT:
            first = self.first.get(dataset.name, self.period.since)
            where = f"({where}) AND occurred_on BETWEEN DATE '{first}' AND DATE '{self.period.as_of}'"
        if dataset.kind is Kind.REGISTER and (self._is_entered(dataset) or dataset.name in self.again.apart):
            return "false"
        if dataset.kind is Kind.EVENT and dataset.name in self.again.apart:
            if not set(dataset.key) <= carried:
                return "false"
            same = " AND ".join(f'other."{name}" = r."{name}"' for name in dataset.key)
            where = f"({where}) AND NOT EXISTS (SELECT 1 FROM packed AS other WHERE {same} AND {_NOT_MINE})"
        return where.replace("$company", "'" + self.company.replace("'", "''") + "'")

    def _is_entered(self, dataset: Dataset) -> bool:
        """Whether people wrote rows of a register, too: a newer one takes the place of what a source delivered."""
        if any(one["kind"] == EDITED and one["register"] == dataset.name for one in self.ledger.entries):
            return True
        return bool(self.connection.sql(f"SELECT 1 FROM packed AS other WHERE {_NOT_MINE} LIMIT 1").fetchall())

    def _foreign(self, dataset: Dataset) -> list[str]:
        """Objects of the ledger that rows are said to come from, and that brought no such rows."""
        told = self.connection.sql(f"SELECT DISTINCT left({ROW_REF}, 64) FROM packed ORDER BY ALL").fetchall()
        of = {digest: self.brought.get(digest, {ANYTHING}) for (digest,) in told if digest is not None}
        return [digest for digest, names in of.items() if not names & {dataset.name, ANYTHING}]

    def _linked(self) -> list[str]:
        """The persons and things of which the company's facts tell."""
        values = set[str]()
        for table, path in self.files.items():
            dataset, names = shape_of(table), pq.read_schema(path).names
            links = _links(dataset, set(names))
            if "company" not in names or not links:
                continue
            for batch in pq.ParquetFile(path).iter_batches(columns=["company", *links]):
                mine = batch.filter(pc.fill_null(pc.equal(batch["company"], self.company), True))
                for name in links:
                    column = mine.column(name)
                    flat = column.flatten() if pa.types.is_list(column.type) else column
                    values.update(one for one in flat.unique().to_pylist() if one is not None)
        return sorted(values)

    def _link(self) -> None:
        """Note of which persons and things the company's facts tell, by the keys that were minted anew, too."""
        self._table("linked", pa.concat_tables([self.linked, self.renaming.of(self.linked)]))

    def _table(self, name: str, rows: pa.Table) -> None:
        self.connection.register("given", rows)
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM given")
        self.connection.unregister("given")


_NOT_MINE = f"left(other.{ROW_REF}, 64) NOT IN (SELECT object FROM mine)"


def _said(names: Sequence[str], *, lacking: bool, unfounded: bool) -> str:
    if lacking:
        return ": the object holds a row that the facts lack 事実の欠落"
    if unfounded:
        return ": the facts hold a row that the object does not 原本にない事実"
    return f" column {', '.join(names)}: is not what the object says 原本と相違"


def _links(dataset: Dataset, carried: set[str]) -> list[str]:
    own = dataset.key[:1] if dataset.kind is Kind.EVENT else ()
    return [name for name in sorted(carried) if name.endswith(LINKING) and name not in own]


def _joined(table: str, columns: Sequence[Any], must: str) -> str:
    """Rows of the pack (``p_…``) beside those read again (``r_…``) by their places, several of one line in order."""
    order = ", ".join(
        f"CASE WHEN {is_key(name)} THEN '' ELSE {name} END" if kind == "text" else name
        for kind, name in ((c.type, f'"{c.name}"') for c in columns if c.type != "list" and c.name != ROW_REF)
    )
    told = ", ".join(f'p."{c.name}" AS "p_{c.name}", r."{c.name}" AS "r_{c.name}"' for c in columns)
    names = ", ".join(f'"{c.name}"' for c in columns)
    number = f"row_number() OVER (PARTITION BY {ROW_REF}{f' ORDER BY {order}' if order else ''}) AS n"
    of = f"left({ROW_REF}, 64) IN (SELECT object FROM mine)"
    return f"""
        WITH p AS (SELECT {names}, {number} FROM packed WHERE {of}),
             r AS (SELECT {names}, {number}, ({must}) AS must FROM {HELD}.{table} AS r WHERE {of})
        SELECT {told}, coalesce(p.{ROW_REF}, r.{ROW_REF}) AS place, p.{ROW_REF} AS was, r.{ROW_REF} AS now, must
        FROM p FULL JOIN r ON p.{ROW_REF} = r.{ROW_REF} AND p.n = r.n"""


def _odd(column: Any) -> str:
    """Whether a cell says another thing than the object; of keys only where none stands for the other."""
    was, now = f'"p_{column.name}"', f'"r_{column.name}"'
    if column.type == "list":
        plain = [f"list_sort(list_filter({one}, lambda one: NOT {is_key('one')}))" for one in (was, now)]
        keys = [f"len({keys_of(one)})" for one in (was, now)]
        return f"({plain[0]} IS DISTINCT FROM {plain[1]} OR {keys[0]} IS DISTINCT FROM {keys[1]})"
    if column.type == "text":
        both = f"{is_key(was)} AND {is_key(now)} AND left({was}, 1) = left({now}, 1)"
        return f"({was} IS DISTINCT FROM {now} AND NOT ({both}))"
    return f"{was} IS DISTINCT FROM {now}"
