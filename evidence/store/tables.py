"""The tables. Rows are added, never changed: the migrations put triggers on them that refuse UPDATE and DELETE, but for
who serves a slot now and which scheduler was heard last (ADR 8), and the keys and salts of objects (ADR 12).

Every row carries the time of the commit that brought it, and that commit is a row of ``commits``: what was known at a
moment is what those commits had brought by then.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from evidence.store.base import Base, Committed, Name, RowNumber
from evidence.store.types import ROW_NUMBER

REVISION = "0013"  # the migration that this code speaks to


class CommitTable(Base):
    """One row a write transaction: its commit time, later than every earlier one."""

    __tablename__ = "commits"
    at: Mapped[datetime] = mapped_column(primary_key=True)


class RunTable(Base):
    """Collection runs by company and dataset."""

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("run_id", "company", "dataset"),
        Index(None, "source", "slot_on"),
        CheckConstraint("outcome IN ('collected', 'failed', 'missed')", "outcome"),
    )
    id: Mapped[RowNumber]
    run_id: Mapped[str]
    source: Mapped[str]
    company: Mapped[str]
    dataset: Mapped[str]
    slot_on: Mapped[date]
    outcome: Mapped[str]
    complete: Mapped[bool]
    rows: Mapped[int]
    rows_reported: Mapped[int | None]
    rejected: Mapped[int]
    reason: Mapped[str | None]
    snapshot_at: Mapped[datetime | None]
    covers_from: Mapped[date | None]
    covers_to: Mapped[date | None]
    recorded_at: Mapped[Committed]


class ObjectTable(Base):
    """Fetched objects; ``edition`` is the source's version, else its modification time, else empty."""

    __tablename__ = "objects"
    __table_args__ = (UniqueConstraint("source", "name", "edition", "digest"),)
    id: Mapped[RowNumber]
    digest: Mapped[str] = mapped_column(index=True)
    size: Mapped[int]
    source: Mapped[str]
    run_id: Mapped[str]
    name: Mapped[str]
    modified: Mapped[datetime | None]
    version: Mapped[str | None]
    edition: Mapped[str]
    origin: Mapped[str]
    how: Mapped[str]
    key_id: Mapped[str | None]
    mapped: Mapped[str | None]
    recorded_at: Mapped[Committed]


class ObjectStateTable(Base):
    """What scrubs found of objects, when it was otherwise than before: the newest row of an object says how it is."""

    __tablename__ = "object_states"
    id: Mapped[RowNumber]
    digest: Mapped[str]
    whole: Mapped[bool]
    found_at: Mapped[Committed]


class ObjectSaltTable(Base):
    """The salts of the ledger's commitments to objects: the rows that may be destroyed (ADR 12)."""

    __tablename__ = "object_salts"
    __table_args__ = (CheckConstraint("length(salt) = 64", "salt"),)
    object: Mapped[int] = mapped_column(ROW_NUMBER, ForeignKey("objects.id"), primary_key=True, autoincrement=False)
    salt: Mapped[str]


class ObjectKeyTable(Base):
    """The wrapped keys of sealed objects: the rows that may be destroyed, and wrapped anew (ADR 12)."""

    __tablename__ = "object_keys"
    key_id: Mapped[Name]
    digest: Mapped[str] = mapped_column(index=True)
    wrapped_by: Mapped[str]
    wrapped: Mapped[bytes]


class ReadingTable(Base):
    """The ways in which sources were read, each once."""

    __tablename__ = "readings"
    digest: Mapped[Name]
    body: Mapped[bytes]
    recorded_at: Mapped[Committed]


class CredentialTable(Base):
    """What people and machines prove by who they are; of each person the last of a kind counts."""

    __tablename__ = "credentials"
    __table_args__ = (CheckConstraint("kind IN ('password', 'token', 'totp')", "kind"),)
    kind: Mapped[Name]
    person_key: Mapped[Name]
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    secret: Mapped[str]
    recorded_at: Mapped[Committed]


class FactTable(Base):
    """Fact files that count."""

    __tablename__ = "fact_files"
    __table_args__ = (Index(None, "recorded_at", "path"),)
    path: Mapped[Name]
    digest: Mapped[str]
    dataset: Mapped[str]
    source: Mapped[str]
    day: Mapped[date]
    run_id: Mapped[str]
    rows: Mapped[int]
    snapshot_at: Mapped[datetime | None]
    complete: Mapped[bool]
    recorded_at: Mapped[Committed]


class RejectTable(Base):
    """Rows that could not be read."""

    __tablename__ = "rejects"
    id: Mapped[RowNumber]
    run_id: Mapped[str] = mapped_column(index=True)
    object: Mapped[str]
    part: Mapped[str | None]
    line: Mapped[int]
    column: Mapped[str | None]
    reason: Mapped[str]
    recorded_at: Mapped[Committed]


class RegisterTable(Base):
    """Versions of register rows."""

    __tablename__ = "register_versions"
    __table_args__ = (UniqueConstraint("register", "key", "version"), Index(None, "state"))
    id: Mapped[RowNumber]
    register: Mapped[str]
    key: Mapped[tuple[str, ...]]
    version: Mapped[int]
    values: Mapped[Mapping[str, Any]]
    valid_from_on: Mapped[date]
    valid_to_on: Mapped[date]
    entered_by: Mapped[str]
    reason: Mapped[str]
    object: Mapped[str]
    part: Mapped[str | None]
    line: Mapped[int]
    state: Mapped[str] = mapped_column(server_default="approved")  # as the versions of before 0002 were
    entered_at: Mapped[Committed]


class JudgementTable(Base):
    """Judgements; recomputable from the evidence, so they may be deleted, never updated."""

    __tablename__ = "judgements"
    # All that a calendar of judgements asks for: the rows themselves are long, and a year has millions of them.
    __table_args__ = (
        Index(
            "ix_judgements_days",
            *("company", "control", "as_of", "since", "judged_at", "verdict", "known_at", "followed"),
        ),
    )
    id: Mapped[RowNumber]
    control: Mapped[str]
    company: Mapped[str]
    since: Mapped[date]
    as_of: Mapped[date]
    known_at: Mapped[datetime]
    verdict: Mapped[str]
    reason: Mapped[str | None]
    population: Mapped[int]
    deviations: Mapped[int]
    body: Mapped[Mapping[str, Any]]
    followed: Mapped[bool]
    judged_at: Mapped[Committed]


class GapTable(Base):
    """Events in the life of gaps, numbered in their order."""

    __tablename__ = "gap_events"
    __table_args__ = (Index("ix_gap_events_gap", "control", "company", "subject", "aspect", "seq"),)
    seq: Mapped[RowNumber]
    control: Mapped[str]
    company: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    aspect: Mapped[str | None]
    kind: Mapped[str]
    about: Mapped[str]
    as_of: Mapped[date]
    day: Mapped[date | None]
    department: Mapped[str | None]
    actor: Mapped[str | None]
    reason: Mapped[str | None]
    body: Mapped[Mapping[str, Any]]
    at: Mapped[Committed]


class SlotTable(Base):
    """Due moments, one row each. Only who serves it until when changes here: that tells of now, and is no evidence."""

    __tablename__ = "slots"
    __table_args__ = (
        CheckConstraint("fence >= 0", "fence"),
        # Of those that have not ended: 0003 says so. Said here, it would load a dialect that costs a start much.
        Index("ix_slots_open", "schedule", "due_at"),
    )
    schedule: Mapped[Name]
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    planned_at: Mapped[datetime]
    fence: Mapped[int] = mapped_column(server_default="0")  # how often it was claimed
    holder: Mapped[str | None]
    until: Mapped[datetime | None]  # the end of the lease
    ended: Mapped[bool] = mapped_column(server_default=false())


class SlotAttemptTable(Base):
    """Who began to serve a due moment, each time."""

    __tablename__ = "slot_attempts"
    schedule: Mapped[Name]
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    fence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    holder: Mapped[str]
    claimed_at: Mapped[datetime]


class SlotResultTable(Base):
    """What became of due moments: one row each."""

    __tablename__ = "slot_results"
    __table_args__ = (CheckConstraint("outcome IN ('collected', 'failed', 'missed', 'done')", "outcome"),)
    schedule: Mapped[Name]
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    reason: Mapped[str | None]
    finished_at: Mapped[Committed]


class SchedulerTable(Base):
    """Who serves slots, and when each was heard last: the newest only, for it tells of now."""

    __tablename__ = "schedulers"
    holder: Mapped[Name]
    heard_at: Mapped[datetime]
    silent_at: Mapped[datetime]  # when it must have been heard again


class PeriodCloseTable(Base):
    """Closed periods: the snapshot that was frozen of each, and those that were frozen of it again since."""

    __tablename__ = "period_closes"
    __table_args__ = (
        UniqueConstraint("company", "since", "as_of", "version"),
        CheckConstraint("version >= 1", "version"),
    )
    id: Mapped[RowNumber]
    company: Mapped[str]
    cycle: Mapped[str]
    since: Mapped[date]
    as_of: Mapped[date]
    version: Mapped[int]
    digest: Mapped[str]
    entry: Mapped[int]  # its place in the company's log
    known_at: Mapped[datetime]
    marks: Mapped[Mapping[str, Any]]
    closed_at: Mapped[Committed]


class NoticeTable(Base):
    """What somebody is to be told: put down before it is sent."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("channel IN ('mail', 'webhook')", "channel"),
        CheckConstraint("kind IN ('digest', 'critical', 'escalated', 'mass', 'events')", "kind"),
        Index(None, "channel", "made_at"),
    )
    key: Mapped[Name]
    channel: Mapped[str]
    kind: Mapped[str]
    person_key: Mapped[str | None]
    companies: Mapped[tuple[str, ...]]
    day: Mapped[date]
    urgent: Mapped[bool]
    body: Mapped[Mapping[str, Any]]
    made_at: Mapped[Committed]


class NoticeItemTable(Base):
    """What a person was told of: each event of a gap once."""

    __tablename__ = "notice_items"
    kind: Mapped[Name]
    person_key: Mapped[Name]  # empty: whoever is told where nobody else can be
    event: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    key: Mapped[str] = mapped_column(ForeignKey("notices.key"))


class NoticeAttemptTable(Base):
    """Attempts to send a notice, put down before anything is sent: whoever comes second has no such number."""

    __tablename__ = "notice_attempts"
    key: Mapped[str] = mapped_column(ForeignKey("notices.key"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    holder: Mapped[str]
    begun_at: Mapped[Committed]


class NoticeResultTable(Base):
    """What became of notices and of the attempts to send them; number 0 is of none of these."""

    __tablename__ = "notice_results"
    __table_args__ = (CheckConstraint("outcome IN ('sent', 'failed', 'refused', 'given_up', 'superseded')", "outcome"),)
    key: Mapped[str] = mapped_column(ForeignKey("notices.key"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    outcome: Mapped[str]
    reason: Mapped[str | None]
    ended_at: Mapped[Committed]


class LedgerTable(Base):
    """The leaves of all logs."""

    __tablename__ = "ledger"
    __table_args__ = (CheckConstraint("seq >= 0", "seq"),)
    log: Mapped[Name]
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    leaf: Mapped[bytes]
    leaf_hash: Mapped[bytes]
    claim_key: Mapped[str] = mapped_column(unique=True)
    recorded_at: Mapped[Committed]


class LedgerNodeTable(Base):
    """The complete nodes above the leaves, each a function of the two below it: they come with the leaf that completes
    them."""

    __tablename__ = "ledger_nodes"
    __table_args__ = (CheckConstraint("level >= 1 AND place >= 0", "place"),)
    log: Mapped[Name]
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[bytes]


class CheckpointTable(Base):
    """The signed heads of all logs."""

    __tablename__ = "checkpoints"
    __table_args__ = (Index(None, "log", "size"),)
    id: Mapped[RowNumber]
    log: Mapped[str]
    size: Mapped[int]
    note: Mapped[str]
    recorded_at: Mapped[Committed]


class TimestampTable(Base):
    """What time-stamping authorities answered about signed heads, as it came; with a reason where it does not count."""

    __tablename__ = "timestamps"
    __table_args__ = (
        Index(None, "log", "size"),
        CheckConstraint("token IS NOT NULL OR reason IS NOT NULL", "told"),
    )
    id: Mapped[RowNumber]
    log: Mapped[str]
    size: Mapped[int]
    token: Mapped[bytes | None]
    reason: Mapped[str | None]
    recorded_at: Mapped[Committed]
