"""Reading what a run brought into fact files, dataset by dataset: when it is collected, and whenever it is read again.

What comes out follows from the objects, their moments and the source as it is configured; nothing else is asked.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from collectors.completeness import Before, Outcome, Tally, doubts, losses
from collectors.fetched import Fetched
from collectors.formats import End, Reject, in_large_batches, read_all
from collectors.rules import Reading, Rules
from collectors.segments import Segments
from collectors.series import Series, series
from collectors.sources import LOGS, SEGMENTS, Source
from collectors.typed import Typer
from evidence.datasets import Dataset, Kind, catalogue
from evidence.errors import SourceMalformed
from evidence.facts import Facts
from evidence.persons import Keys
from evidence.store.values import FetchedObject
from evidence.vault import StoredObject, Vault


@dataclass(slots=True)
class Reader:
    """Reads the objects of one run."""

    source: Source
    vault: Vault
    facts: Facts
    run_id: str
    slot_on: date
    at: datetime  # when the run began
    keys: Keys
    zone: ZoneInfo
    known_accounts: AbstractSet[str]
    known: Sequence[FetchedObject]  # what earlier runs brought
    before: dict[str, Before]  # by dataset; kept up
    fetched: Fetched
    outcomes: list[Outcome] = field(default_factory=list)

    def read(self) -> None:
        """Turn the objects into fact files; SourceMalformed when nothing of them could be read."""
        for rules in self.source.rules:
            outcome = Outcome(rules.dataset)
            self.outcomes.append(outcome)
            segments = self._segments() if rules.dataset.name == LOGS else None
            for group in self._groups(rules.dataset):
                self._read_group(rules, group, outcome, segments)
            if not outcome.tallies:
                outcome.reasons = list(losses(outcome.newest, self.fetched.lost))
            if segments is not None and SEGMENTS in self.source.datasets:
                self.outcomes.append(self._segment_facts(segments, outcome))
        if self.fetched.objects and not any(t.ends or t.rows for one in self.outcomes for t in one.tallies):
            why = next((reason for outcome in self.outcomes for reason in outcome.reasons), "nothing could be read")
            raise SourceMalformed(self.source.name, why)
        if not self.fetched.objects and self.fetched.lost:
            raise SourceMalformed(self.source.name, self.fetched.lost[0])

    def _groups(self, dataset: Dataset) -> list[tuple[StoredObject, ...]]:
        """The objects that are read together: those of one snapshot, or all."""
        objects = self.fetched.objects
        if dataset.kind is Kind.SNAPSHOT and self.source.told.snapshot == "object":
            return [(stored,) for stored in objects]
        return [objects] if objects else []

    def _read_group(
        self, rules: Rules, group: tuple[StoredObject, ...], outcome: Outcome, segments: Segments | None
    ) -> None:
        tally = Tally(rules.dataset)
        typer = Typer(rules, self._reading())
        moment = max(stored.modified or self.at for stored in group)
        is_snapshot = rules.dataset.kind is Kind.SNAPSHOT
        file = self.facts.write(
            rules.dataset,
            self.source.name,
            self.run_id,
            self.slot_on,
            self._batches(typer, group, tally, segments),
            snapshot_at=moment if is_snapshot else None,
        )
        tally.skipped = typer.skipped + sum(end.skipped for end in tally.ends)
        lost = self.fetched.lost if group[-1] is self.fetched.objects[-1] else ()
        outcome.doubts = list(doubts(self.source, tally, len(group), self.before.get(rules.dataset.name)))
        reasons = [*losses(tally, lost), *outcome.doubts]
        if file is not None:
            outcome.files.append(replace(file, complete=not reasons))
        if is_snapshot and not reasons:
            self.before[rules.dataset.name] = Before(tally.rows, tally.by_company)
        outcome.tallies.append(tally)
        outcome.reasons = reasons
        outcome.snapshot_at = moment if rules.dataset.kind is not Kind.EVENT else None

    def _batches(
        self, typer: Typer, group: Sequence[StoredObject], tally: Tally, segments: Segments | None
    ) -> Iterator[pa.RecordBatch]:
        dated = [replace(stored, modified=stored.modified or self.at) for stored in group]
        for part in in_large_batches(read_all(dated, self.source.layout)):
            if isinstance(part, Reject):
                tally.rejects.append(part)
            elif isinstance(part, End):
                tally.ends.append(part)
            else:
                batch, rejects = typer.batch(part)
                tally.rejects += rejects
                tally.count(batch)
                if segments is not None:
                    segments.count(batch)
                yield batch

    def _segments(self) -> Segments:
        retention = timedelta(days=self.source.told.retention_days)
        found = series(self.source, self.vault, self.fetched.objects, self.known)
        if self.fetched.lost:
            found = Series(found.begun)
        return Segments(self.source.name, self.zone, retention, self.known_accounts, found)

    def _segment_facts(self, segments: Segments, logs: Outcome) -> Outcome:
        ends = [end for tally in logs.tallies for end in tally.ends]
        rejects = [reject for tally in logs.tallies for reject in tally.rejects]
        dataset = catalogue()[SEGMENTS]
        tally, batch = Tally(dataset), segments.batch(ends, rejects)
        tally.count(batch)
        file = self.facts.write(dataset, self.source.name, self.run_id, self.slot_on, [batch])
        if file is not None:
            file = replace(file, complete=not logs.reasons)
        return Outcome(dataset, [tally], [file] if file else [], logs.reasons, is_derived=True)

    def _reading(self) -> Reading:
        told = self.source.told
        return Reading(
            self.source.name,
            self.source.companies,
            self.source.is_about_all,
            self.zone,
            ZoneInfo(told.zone) if told.zone else None,
            self.at,
            timedelta(minutes=told.clock_allowance_minutes),
            self.keys,
            iso_too=self.source.layout.kind in ("workbook", "vendor_audit"),
        )
