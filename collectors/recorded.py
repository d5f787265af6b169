"""What a collection leaves in the store: objects, fact files, rejects, runs, and one ledger entry for each company."""

import secrets
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from collectors.completeness import Outcome
from collectors.fetched import Fetched
from collectors.formats import Reject
from collectors.readings import written
from collectors.sources import Source
from evidence.ledger import COLLECTED, SALT_SIZE, commitment, log_of
from evidence.store import Transaction
from evidence.store.values import FactFile, FetchedObject, Rejected, Run

MOST_KEPT = 1_000  # rejects kept with their places; all are counted
LONGEST_REASON = 600


@dataclass(frozen=True, slots=True)
class Slip:
    """Which collection it is: what every record of it carries."""

    source: Source
    slot_on: date
    attempt: int
    run_id: str
    begun_at: datetime
    zone: str  # in which days of the house are days
    identifiers: str | None  # which ones were known (:attr:`evidence.persons.Keys.known`)

    def objects(
        self, fetched: Fetched, outcomes: Sequence[Outcome] | None, known: Sequence[FetchedObject]
    ) -> list[FetchedObject]:
        """The objects of the run; with the profile only where it read all of them (outcomes None: it failed)."""
        read = read_whole(fetched, outcomes) if outcomes is not None else frozenset()
        salts = {_edition(one): one.salt for one in known if one.salt}
        made = [
            FetchedObject(
                stored.digest,
                stored.size,
                self.source.name,
                self.run_id,
                stored.name,
                stored.modified,
                stored.version,
                origin,
                self.source.kind,
                secrets.token_bytes(SALT_SIZE).hex(),
                key_id=stored.key_id,
                mapped=self.source.profile.stamp if stored.digest in read else None,
            )
            for stored, origin in zip(fetched.objects, fetched.origins, strict=True)
        ]
        return [replace(one, salt=salts.get(_edition(one), one.salt)) for one in made]

    def runs(self, outcome: Outcome) -> Iterator[Run]:
        """The run of one dataset, for each company."""
        newest = outcome.newest
        for company in self.source.companies:
            yield Run(
                self.run_id,
                self.source.name,
                company,
                str(outcome.dataset.name),
                self.slot_on,
                "collected",
                complete=not outcome.reasons,
                rows=outcome.rows_of(company),
                rows_reported=newest.reported if len(self.source.companies) == 1 else None,
                rejected=outcome.rejected,
                reason=short(outcome.reasons),
                snapshot_at=outcome.snapshot_at,
                covers_from=newest.first_on,
                covers_to=newest.last_on,
            )

    def failures(self, reason: str, rejected: int) -> Iterator[Run]:
        """The record, for each dataset and company, that there was none."""
        for name in self.source.datasets:
            for company in self.source.companies:
                yield Run(
                    self.run_id,
                    self.source.name,
                    company,
                    name,
                    self.slot_on,
                    "failed",
                    complete=False,
                    rows=0,
                    rows_reported=None,
                    rejected=rejected,
                    reason=reason,
                    snapshot_at=None,
                    covers_from=None,
                    covers_to=None,
                )

    def keep(
        self,
        tx: Transaction,
        runs: Sequence[Run],
        objects: Sequence[FetchedObject],
        checksums: Sequence[str | None],
        known: Sequence[FetchedObject],
        rejects: Sequence[Reject],
        files: Sequence[FactFile] | None,
        reason: str | None,
    ) -> None:
        """Add the records of the run, and its entry to the log of each company; no ``files``: it failed."""
        held = {_edition(one) for one in known}  # what could not be read before, and still cannot, is on record already
        for one in objects:
            if _edition(one) not in held:
                tx.objects.add(one)
        tx.rejects.add_all(
            [Rejected(self.run_id, r.object, r.part, r.line, r.column, r.reason) for r in rejects[:MOST_KEPT]]
        )
        for run in runs:
            tx.runs.add(run)
        for file in files or ():
            tx.facts.add(file)
        reading = {} if files is None else self._reading(tx, objects, files)
        for company in self.source.companies:
            mine = [run for run in runs if run.company == company]
            claim = f"collect|{self.source.name}|{company}|{self.slot_on}|{self.attempt}"
            tx.ledger.append(log_of(company), self._entry(mine, objects, checksums, reason) | reading, claim)

    def _reading(
        self, tx: Transaction, objects: Sequence[FetchedObject], files: Sequence[FactFile]
    ) -> dict[str, object]:
        """What the rows of the run follow from beside the bytes, by which an auditor reads them again, and the digests
        of the ``facts`` that they are.

        ``modified`` goes together with ``commitments``. The way of reading itself is kept under its digest.
        """
        return {
            "reading": tx.readings.keep(written(self.source, self.zone)),
            "begun_at": _moment(self.begun_at),
            "modified": [one.modified and _moment(one.modified) for one in objects],
            "identifiers": self.identifiers,
            "facts": sorted(file.digest for file in files),
        }

    def _entry(
        self,
        runs: Iterable[Run],
        objects: Sequence[FetchedObject],
        checksums: Sequence[str | None],
        reason: str | None,
    ) -> dict[str, object]:
        """Counts and commitments; no name of a file, which may be a person's.

        ``commitments``, ``sizes`` and ``checksums`` go together, one of each for every object that came. A checksum
        is the kind of the source's own that the bytes were verified against while they were fetched (``sha256``,
        ``crc32``, …), or ``absent``: the source gave none, and damage on the way would not have been seen.
        """
        counts = {r.dataset: {"rows": r.rows, "rejected": r.rejected, "complete": r.complete} for r in runs}
        told: dict[str, object] = {
            "kind": COLLECTED if reason is None else "failed",
            "actor": "tenken",
            "source": self.source.name,
            "slot_on": self.slot_on.isoformat(),
            "attempt": self.attempt,
            "run": self.run_id,
            "reader": self.source.profile.stamp,
            "how": self.source.kind,
            "commitments": [commitment(bytes.fromhex(o.salt), bytes.fromhex(o.digest)).hex() for o in objects],
            "sizes": [one.size for one in objects],
            "checksums": [checksum or "absent" for checksum in checksums],
        }
        return told | ({"datasets": counts} if reason is None else {"reason": reason})


def short(reasons: Sequence[str]) -> str | None:
    """Reasons as one text of bearable length; None when there is none."""
    told = unicodedata.normalize("NFC", "; ".join(reasons))
    return (told if len(told) <= LONGEST_REASON else f"{told[:LONGEST_REASON]} …") or None


def rejects_of(outcomes: Sequence[Outcome]) -> list[Reject]:
    """Every reject once: the datasets of one file share what its format refuses."""
    return list(dict.fromkeys(r for outcome in outcomes for tally in outcome.tallies for r in tally.rejects))


def read_whole(fetched: Fetched, outcomes: Sequence[Outcome]) -> frozenset[str]:
    """The digests of the objects that were read to their end, every row of them."""
    broken = {reject.object for reject in rejects_of(outcomes)}
    read = {str(stored.digest) for stored in fetched.objects} - broken
    for outcome in outcomes:
        if not outcome.is_derived:
            read &= {end.object for tally in outcome.tallies for end in tally.ends}
    return frozenset(read)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _edition(fetched: FetchedObject) -> tuple[object, ...]:
    modified = fetched.modified if fetched.version is None else None
    return (fetched.name, fetched.version, modified, fetched.digest, fetched.mapped is None)
