"""Whether what was read is the whole of it (datasets.md §3.4); anything else is recorded and changes no state."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from collectors.formats import End, Reject
from collectors.sources import Source
from evidence.datasets import Dataset, Kind
from evidence.store.values import FactFile

SHOWN = 3  # reasons name the first few


@dataclass(frozen=True, slots=True)
class Before:
    """How many rows the newest complete snapshot had."""

    rows: int
    by_company: dict[str, int] = field(default_factory=dict)  # empty where it is not known


@dataclass(slots=True)
class Tally:
    """What is counted while the rows of one dataset pass by."""

    dataset: Dataset
    rows: int = 0
    skipped: int = 0
    by_company: dict[str, int] = field(default_factory=dict)
    first_on: date | None = None
    last_on: date | None = None
    rejects: list[Reject] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    _keys: list[pa.Table] = field(default_factory=list)

    def count(self, batch: pa.RecordBatch) -> None:
        """Take note of a typed batch."""
        self.rows += batch.num_rows
        if "company" in batch.schema.names:
            for pair in pc.value_counts(batch.column("company")).to_pylist():
                self.by_company[pair["values"]] = self.by_company.get(pair["values"], 0) + pair["counts"]
        if "occurred_on" in batch.schema.names and batch.num_rows:
            span = pc.min_max(batch.column("occurred_on")).as_py()
            if span["min"] is not None:
                self.first_on = min(span["min"], self.first_on or span["min"])
                self.last_on = max(span["max"], self.last_on or span["max"])
        if self.dataset.kind is Kind.SNAPSHOT:
            names = [*self.dataset.key, "object", "line"]
            self._keys.append(pa.Table.from_batches([batch]).select(names))

    def repeated(self) -> tuple[int, str, int] | None:
        """How many keys stand more than once, with the object and line of one of them."""
        if not self._keys:
            return None
        grouped = pa.concat_tables(self._keys).group_by(list(self.dataset.key))
        counted = grouped.aggregate([("line", "count"), ("line", "max"), ("object", "max")])
        twice = counted.filter(pc.greater(counted["line_count"], 1))
        if not twice.num_rows:
            return None
        return twice.num_rows, twice["object_max"][0].as_py(), twice["line_max"][0].as_py()

    def rows_of(self, company: str) -> int:
        """The rows of one company; of a dataset that knows no companies, all."""
        return self.by_company.get(company, 0) if self.by_company else self.rows

    @property
    def reported(self) -> int | None:
        """What the source says it sent; None when one of its objects does not say."""
        told = [end.reported for end in self.ends]
        return sum(n for n in told if n is not None) if told and None not in told else None


@dataclass(slots=True)
class Outcome:
    """What one collection made of one dataset."""

    dataset: Dataset
    tallies: list[Tally] = field(default_factory=list)  # one for each snapshot, or one for all objects
    files: list[FactFile] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)  # why the newest is not the whole
    doubts: list[str] = field(default_factory=list)  # those of them that no single row or file explains
    snapshot_at: datetime | None = None
    is_derived: bool = False  # made of what another dataset of the run brought

    @property
    def newest(self) -> Tally:
        """The tally of the newest snapshot, or of everything; an empty one when nothing came."""
        return self.tallies[-1] if self.tallies else Tally(self.dataset)

    @property
    def rejected(self) -> int:
        """How many rows could not be read."""
        return sum(len(tally.rejects) for tally in self.tallies)

    def rows_of(self, company: str) -> int:
        """The rows of one company: of states those of the newest."""
        counted = [self.newest] if self.dataset.kind is Kind.SNAPSHOT else self.tallies
        return sum(tally.rows_of(company) for tally in counted)


def losses(tally: Tally, lost: Sequence[str]) -> Iterator[str]:
    """What could not be got or read, the first of it by its place: then the rows cannot be taken for the whole."""
    yield from lost[:SHOWN]
    for reject in tally.rejects[:SHOWN]:
        where = f"object {reject.object[:12]} line {reject.line}"
        what = f"{reject.column} {reject.reason}" if reject.column else reject.reason
        yield f"{where}: {what}"
    if len(tally.rejects) > SHOWN:
        yield f"{len(tally.rejects)} rows could not be read"


def doubts(source: Source, tally: Tally, objects: int, predecessor: Before | None) -> Iterator[str]:
    """Every other reason why they cannot; none at all = complete."""
    unfinished = objects - len(tally.ends)
    if unfinished and not tally.rejects:
        yield f"{unfinished} of {objects} objects were not read to their end"
    if source.profile.has_proof:
        yield from _disproved(tally)
    if tally.dataset.kind is Kind.SNAPSHOT:
        yield from _of_snapshot(source, tally, predecessor)


def _disproved(tally: Tally) -> Iterator[str]:
    for end in tally.ends:
        if end.reported is None:
            yield f"object {end.object[:12]}: it does not count its rows (no trailer or total); it may be cut off"
        elif end.reported != end.lines:
            yield f"object {end.object[:12]}: it says {end.reported} rows and has {end.lines}"


def _of_snapshot(source: Source, tally: Tally, predecessor: Before | None) -> Iterator[str]:
    if repeated := tally.repeated():
        count, stored, line = repeated
        yield f"{count} keys stand more than once, e.g. object {stored[:12]} line {line}"
    if tally.by_company or any(column.name == "company" for column in tally.dataset.columns):
        absent = [code for code in source.companies if not tally.by_company.get(code)]
        if absent and not source.told.may_lack_companies:
            yield f"nothing about {', '.join(absent)}"
    if predecessor is not None:
        yield from _dropped(source, tally, predecessor)


def _dropped(source: Source, tally: Tally, before: Before) -> Iterator[str]:
    """A company may vanish all but whole behind another one's many rows: so each is compared with itself, too."""
    most = source.told.max_drop_percent
    compared = [("", tally.rows, before.rows)]
    if len(source.companies) > 1 and not source.told.may_lack_companies:
        compared += [
            (f" about {code}", tally.rows_of(code), before.by_company.get(code, 0)) for code in source.companies
        ]
    for about, now, then in compared:
        if now * 100 < then * (100 - most):
            yield f"held: {now} rows{about}, {then} before; more than {most} % fewer must be seen by a person"
