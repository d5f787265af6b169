"""One collection of one source: bytes into the vault, rows into facts, and everything about it in one transaction.

Whatever happens is recorded: what came, what could not be read and why, and that nothing could be collected at all.
Fact files are durable before the transaction that makes them count; what a killed run left behind counts for nothing
and harms nothing. Two that collect the same slot at once cannot both count: the claim key is taken once.
"""

import secrets
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from collectors import unread
from collectors.completeness import Before, Outcome
from collectors.fetched import Fetched, fetch
from collectors.reader import Reader
from collectors.recorded import MOST_KEPT, Slip, rejects_of, short
from collectors.sources import Source
from evidence.clock import Clock
from evidence.errors import AlreadyDone, IntegrityError, NoRoom, SourceError, TenkenError, Unread
from evidence.facts import Facts
from evidence.persons import Keys
from evidence.store import Store
from evidence.store.values import FactFile, FetchedObject, Run
from evidence.vault import Vault

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
        self.slip = Slip(self.source, self.slot_on, attempt, run_id, self.at, self.zone.key, self.keys.known)

    def read(self) -> None:
        """Turn the objects into fact files, dataset by dataset."""
        reader = Reader(
            self.source, self.vault, self.facts, self._slip().run_id, self.slot_on, self.at, self.keys, self.zone,
            self.known_accounts, self.known, self.before, self.fetched, self.outcomes,
        )  # fmt: skip
        reader.read()

    def record(self) -> Collected:
        """Commit everything of the run at once."""
        slip, rejects = self._slip(), rejects_of(self.outcomes)
        objects = slip.objects(self.fetched, self.outcomes, self.known)
        runs = [run for outcome in self.outcomes for run in slip.runs(outcome)]
        with self.store.write() as tx:
            files = [file for outcome in self.outcomes for file in outcome.files]
            slip.keep(tx, runs, objects, self.fetched.checksums, self.known, rejects, files, None)
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
            slip.keep(tx, failures, objects, self.fetched.checksums, self.known, rejects, None, reason)

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
