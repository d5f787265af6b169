"""One collection of one source: bytes into the vault, rows into facts, and everything about it in one transaction.

Whatever happens is recorded: what came, what could not be read and why, and that nothing could be collected at all.
Fact files are durable before the transaction that makes them count; what a killed run left behind counts for nothing
and harms nothing. Two that collect the same slot at once cannot both count: the claim key is taken once.
"""

import secrets
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from collectors import unread
from collectors.completeness import Before, Outcome, Tally, doubts, losses
from collectors.fetched import Fetched, fetch
from collectors.formats import End, Reject, in_large_batches, read_all
from collectors.recorded import MOST_KEPT, Slip, rejects_of, short
from collectors.rules import Reading, Rules
from collectors.segments import Segments
from collectors.series import Series, series
from collectors.sources import LOGS, SEGMENTS, Source
from collectors.typed import Typer
from evidence.clock import Clock
from evidence.datasets import Dataset, Kind, catalogue
from evidence.errors import AlreadyDone, IntegrityError, NoRoom, SourceError, SourceMalformed, TenkenError, Unread
from evidence.facts import Facts
from evidence.persons import Keys
from evidence.store import Store
from evidence.store.values import FactFile, FetchedObject, Run
from evidence.vault import StoredObject, Vault

EVER = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Collected:
    """What one collection brought."""

    source: str
    run_id: str
    slot_on: date
    objects: int
    rows: int
    rejected: int
    skipped: int
    complete: bool
    reason: str | None
    runs: tuple[Run, ...]
    unread: tuple[Unread, ...] = ()  # what came and could not be read, with the names of files: told, never recorded
    doubts: tuple[str, ...] = ()  # why it is incomplete besides


def collect(
    source: Source,
    vault: Vault,
    facts: Facts,
    store: Store,
    slot_on: date,
    clock: Clock,
    keys: Keys,
    zone: str,
    known_accounts: AbstractSet[str] = frozenset(),
) -> Collected:
    """Collect a source for a day. SourceError when it gave nothing usable, which is recorded too; AlreadyDone when
    another collection of the same slot was first, and nothing of this one counts."""
    run = _Collection(source, vault, facts, store, slot_on, clock.now(), keys, ZoneInfo(zone), known_accounts)
    try:
        run.begin()
        run.fetched = fetch(source, vault, run.known)
        run.read()
        return run.record()
    except (AlreadyDone, IntegrityError):
        raise
    except SourceError as error:
        run.record_failure(error.why)
        error.unread = run.unread()
        raise
    except Exception as error:  # whatever it is, the slot has its failed run, and other sources go on
        why = f"{type(error).__name__} while it was collected"
        run.record_failure(why)
        told = f"{why}: {error}" if isinstance(error, TenkenError) else why  # another's message may hold a value
        raise SourceError(source.name, told) from error


@dataclass(slots=True)
class _Collection:
    source: Source
    vault: Vault
    facts: Facts
    store: Store
    slot_on: date
    at: datetime
    keys: Keys
    zone: ZoneInfo
    known_accounts: AbstractSet[str]
    slip: Slip | None = None
    known: list[FetchedObject] = field(default_factory=list)
    before: dict[str, Before] = field(default_factory=dict)  # by dataset
    fetched: Fetched = field(default_factory=Fetched)
    outcomes: list[Outcome] = field(default_factory=list)

    def begin(self) -> None:
        """Find out what is known. Attempts are counted before anything is read, so that a rival's claim meets ours."""
        with self.store.read() as tx:
            attempt = len({run.run_id for run in tx.runs.of_slot(self.source.name, self.slot_on)}) + 1
            self.known = tx.objects.of_source(self.source.name)
            newest: dict[str, FactFile] = {}
            for file in tx.facts.visible(EVER, source=self.source.name):  # also erased ones: how many rows they had
                if file.complete and file.snapshot_at is not None:
                    last = newest.get(file.dataset)
                    if last is None or last.snapshot_at is None or file.snapshot_at >= last.snapshot_at:
                        newest[file.dataset] = file
            self.before = {name: Before(file.rows) for name, file in newest.items()}
            for run in tx.runs.visible(EVER, source=self.source.name) if newest else ():
                one = newest.get(run.dataset) if run.complete else None
                if one is not None and run.snapshot_at == one.snapshot_at:
                    self.before[run.dataset].by_company[run.company] = run.rows
        run_id = f"{self.source.name}-{self.slot_on:%Y%m%d}-{attempt}-{secrets.token_hex(4)}"
        self.slip = Slip(self.source, self.slot_on, attempt, run_id)

    def read(self) -> None:
        """Turn the objects into fact files, dataset by dataset."""
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

    def record(self) -> Collected:
        """Commit everything of the run at once."""
        slip, rejects = self._slip(), rejects_of(self.outcomes)
        objects = slip.objects(self.fetched, self.outcomes, self.known)
        runs = [run for outcome in self.outcomes for run in slip.runs(outcome)]
        with self.store.write() as tx:
            for file in (file for outcome in self.outcomes for file in outcome.files):
                tx.facts.add(file)
            slip.keep(tx, runs, objects, self.fetched.checksums, self.known, rejects, None)
        told = [tally for outcome in self.outcomes if not outcome.is_derived for tally in outcome.tallies]
        return Collected(
            self.source.name,
            slip.run_id,
            self.slot_on,
            objects=len(objects),
            rows=sum(tally.rows for tally in told),
            rejected=len(rejects),
            skipped=sum(tally.skipped for tally in told),
            complete=all(run.complete for run in runs),
            reason=next((run.reason for run in runs if run.reason), None),
            runs=tuple(runs),
            unread=self.unread(),
            doubts=tuple(self._named(doubt) for outcome in self.outcomes for doubt in outcome.doubts),
        )

    def record_failure(self, why: str) -> None:
        """Record that this slot was tried and brought nothing; whatever objects came are recorded with it."""
        if self.slip is None:  # not even the store answered
            return
        try:
            self._record_failure(self.slip, short([why]) or "no reason given")
        except NoRoom:  # the store has let go of its ballast: now there is some
            self._record_failure(self.slip, short([why]) or "no reason given")

    def _record_failure(self, slip: Slip, reason: str) -> None:
        rejects, objects = rejects_of(self.outcomes), slip.objects(self.fetched, None, self.known)
        with self.store.write() as tx:
            failures = list(slip.failures(reason, len(rejects)))
            slip.keep(tx, failures, objects, self.fetched.checksums, self.known, rejects, reason)

    def unread(self) -> tuple[Unread, ...]:
        """What could not be got or read, with the names of the files: for the operator, not for the record."""
        fetched, source = self.fetched, self.source.name
        lost = unread.files(source, zip(fetched.lost_names, fetched.lost, strict=True))
        return (*lost, *unread.rows(source, rejects_of(self.outcomes)[:MOST_KEPT], self._names()))

    def _names(self) -> dict[str, str]:
        return {str(stored.digest): stored.name for stored in self.fetched.objects}

    def _named(self, doubt: str) -> str:
        """A doubt with the name of the object that it speaks of, and what to do about it."""
        for digest, name in self._names().items():
            doubt = doubt.replace(f"object {digest[:12]}", f"{self.source.name}/{name}")
        return unread.mended(doubt)

    def _slip(self) -> Slip:
        if self.slip is None:
            raise ValueError("a collection begins before it records")
        return self.slip

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
            self._slip().run_id,
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
        file = self.facts.write(dataset, self.source.name, self._slip().run_id, self.slot_on, [batch])
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
