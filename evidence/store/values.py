"""What the store takes in and gives out: plain values, so that no other room ever meets the database.

``recorded_at``, ``entered_at``, ``judged_at``, ``at``, ``finished_at`` and ``closed_at`` are the commit time that the
store gives: None when adding, set when read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from evidence.datasets import State


@dataclass(frozen=True, slots=True)
class Run:
    """One collection of one dataset for one company, or the record that there was none."""

    run_id: str
    source: str
    company: str
    dataset: str
    slot_on: date
    outcome: str  # collected | failed | missed
    complete: bool
    rows: int
    rows_reported: int | None
    rejected: int
    reason: str | None
    snapshot_at: datetime | None
    covers_from: date | None
    covers_to: date | None
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FetchedObject:
    """One thing that a source gave: its bytes' digest, and how and when it was got."""

    digest: str
    size: int
    source: str
    run_id: str
    name: str
    modified: datetime | None
    version: str | None
    origin: str  # sftp://host:22/var/log/auth.log; no secrets
    how: str  # local | sftp | s3 | import
    salt: str  # 64 hex digits, of the commitment in the ledger; empty: the object was erased
    key_id: str | None = None
    mapped: str | None = None  # the profile it was read with
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """The key of one sealed object, as what wraps it gave it back."""

    key_id: str
    digest: str  # of the object
    wrapped_by: str
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FactFile:
    """One Parquet file of facts; the file counts only because this row says so."""

    path: str  # relative to facts/
    digest: str
    dataset: str
    source: str
    day: date
    run_id: str
    rows: int
    snapshot_at: datetime | None
    complete: bool
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row that could not be read: where and why, never its content."""

    run_id: str
    object: str
    part: str | None
    line: int
    column: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class RegisterVersion:
    """One version of one register row; a correction is the next version."""

    register: str
    key: tuple[str, ...]
    version: int
    values: Mapping[str, object]
    valid_from_on: date
    valid_to_on: date
    entered_by: str
    reason: str
    object: str
    part: str | None
    line: int
    state: str = State.APPROVED
    entered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What one object says in a register about a company or the whole group (None), and a department of it or all."""

    object: str
    register: str
    company: str | None
    department: str | None
    rows: int
    first_on: date  # that any of the rows holds on
    last_on: date


@dataclass(frozen=True, slots=True)
class JudgementRow:
    """One control judged for one company and period; recomputable, so the only rows that may be deleted."""

    control: str
    company: str
    since: date
    as_of: date
    known_at: datetime
    verdict: str
    reason: str | None
    population: int
    deviations: int
    body: Mapping[str, object]
    followed: bool = True  # it changed gaps; False: a past judgement that was made again
    judged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class JudgedDay:
    """One judgement of a control for one company and period: when it was made, and what came out."""

    control: str
    as_of: date
    since: date
    judged_at: datetime
    verdict: str
    known_until: datetime  # what came later it did not see


@dataclass(frozen=True, slots=True)
class PeriodCloseRow:
    """One version of a closed period: the object that froze it, and where the ledger commits to that."""

    company: str
    cycle: str  # month | quarter | half | year
    since: date
    as_of: date
    version: int  # from 1; a later one restates the one before
    digest: str  # of the object
    entry: int  # its place in the company's log
    known_at: datetime
    marks: Mapping[str, object]  # how many controls have each verdict
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GapEventRow:
    """One act in the life of a gap; ``seq`` is their order over all gaps."""

    control: str
    company: str
    subject: str
    aspect: str | None
    kind: str
    about: str
    as_of: date
    day: date | None
    department: str | None
    actor: str | None
    reason: str | None
    body: Mapping[str, object]
    at: datetime | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class SlotRow:
    """What became of one due moment of a schedule."""

    schedule: str
    due_at: datetime
    outcome: str  # collected | failed | missed | done; when read also due and claimed
    reason: str | None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One attempt at a due moment. The store takes what is written under it until somebody else made the next one."""

    schedule: str
    due_at: datetime
    fence: int  # the number of the attempt, from 1
    holder: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody is to be told; its body is without personal data, its person is a key or nobody we know."""

    key: str
    channel: str  # mail | webhook
    kind: str  # digest | critical | escalated | mass | events
    person_key: str | None
    companies: tuple[str, ...]
    day: date
    urgent: bool  # also in quiet hours
    body: Mapping[str, Any]
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoticeTry:
    """One attempt to send a notice; without an outcome it is being made, or its process ended."""

    number: int  # from 1; 0: what became of the notice without one
    begun_at: datetime | None
    outcome: str | None = None  # sent | failed | refused | given_up | superseded
    reason: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice with all that was tried to send it."""

    notice: Notice
    tries: tuple[NoticeTry, ...] = ()

    @property
    def outcome(self) -> str | None:
        """What became of it; None while it is still to be sent."""
        ended = [one.outcome for one in self.tries if one.outcome not in (None, "failed")]
        return "sent" if "sent" in ended else ended[0] if ended else None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One leaf of one log, as the bytes that were hashed."""

    log: str
    seq: int
    leaf: bytes
    leaf_hash: bytes
    claim_key: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class TimestampRow:
    """What a time-stamping authority answered about a signed head; with a reason it does not count."""

    log: str
    size: int
    token: bytes | None  # the whole reply (.tsr) as it came
    reason: str | None
    recorded_at: datetime | None = None
