"""The words of judging (design.md §4): Control, Assessment, Verdict, Deviation, Gap and the events of its life."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, NewType

from evidence.errors import ConfigError

ControlId = NewType("ControlId", str)
Frequency = Literal["daily", "weekly", "monthly", "quarterly", "half_yearly", "annual", "event"]
Value = str | int | bool | Decimal | date | datetime | None | list[str]
KEY = ("company", "subject", "aspect", "occurred_on")  # what names a member of a population, and its order there


class Verdict(StrEnum):
    """What one assessment concluded. Missing proof is never a pass."""

    PASS = "pass"  # noqa: S105 — a mark, not a password
    PARTIAL = "partial"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    UNVERIFIED = "unverified"

    @property
    def mark(self) -> str:
        """The mark of the self-check report (domain.md §3)."""
        return {"pass": "○", "partial": "△", "fail": "×", "not_applicable": "―", "unverified": "？"}[self.value]


class About(StrEnum):
    """Whether a control (or one aspect of it) asks for a state or for events (design.md §4)."""

    STATE = "state"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages."""

    ja: str
    en: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A threshold with an owner; a list value is bound as a table of one column ``value``."""

    name: str
    value: int | Decimal | str | bool | tuple[str, ...]
    unit: str
    owner: str
    limits: tuple[int | Decimal, int | Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """The legal ground of a control; an unverified clause is printed only as such."""

    kind: str  # law | guideline | jis
    name: str  # APPI, 通則編, JIS Q 15001
    article: str
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Attest:
    """The question that a person must answer where a machine cannot."""

    question: str  # code
    text: Words
    who: str  # role that answers
    valid_days: int


@dataclass(frozen=True, slots=True)
class Example:
    """Rows that a test is shown and the whole population with its marks that it must answer."""

    control: ControlId
    name: str
    as_of: date
    since: date
    given: Mapping[str, tuple[Mapping[str, Value], ...]]
    expect: Mapping[str, bool]  # subject, or subject/aspect, with @YYYY-MM-DD for events
    tells: Mapping[str, Mapping[str, Value]]  # of some of them: columns that the gap's message is made of
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """A named SELECT that several tests share; it is put in front of them as a CTE."""

    name: str
    datasets: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    select: str
    file: str
    says: Words | None = None  # what a row of it means and what to do about it, where people are told


@dataclass(frozen=True, slots=True)
class ViewExample:
    """Rows that a view is shown and the rows it must answer, by the columns that are written."""

    view: str
    name: str
    as_of: date
    since: date
    given: Mapping[str, tuple[Mapping[str, Value], ...]]
    expect: tuple[Mapping[str, Value], ...]
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Control:
    """One testable requirement of a measure: words, parameters, one SELECT."""

    id: ControlId
    measure: str
    title: Words
    requires: Words
    basis: tuple[Basis, ...]
    about: Mapping[str | None, About]  # by aspect; None = every aspect
    severity: str  # critical | high | medium | low
    frequency: tuple[str, ...]
    datasets: tuple[str, ...]
    population: tuple[str, ...]
    lookback_days: int
    parameters: tuple[Parameter, ...]
    test: str
    gap: Words
    valid_from: date
    valid_to: date
    attest: Attest | None
    digest: str  # SHA-256 of the definition (with the views it uses), the same on every machine
    file: str
    views: tuple[
        View, ...
    ] = ()  # those the test reads, directly or not, in order of need; their parameters are inherited

    def about_aspect(self, aspect: str | None) -> About:
        """Whether the members of an aspect are states or events."""
        return self.about.get(aspect, self.about.get(None, About.STATE))

    def number(self, parameter: str) -> int:
        """The value of a parameter that counts something; ConfigError when there is no such number."""
        for one in self.parameters:
            if one.name == parameter and isinstance(one.value, int):
                return one.value
        raise ConfigError(f"{self.id} has no whole number {parameter}; `tenken controls show {self.id}` shows its own")


@dataclass(frozen=True, slots=True)
class Member:
    """One row of a judged population."""

    company: str
    department: str | None
    subject: str
    aspect: str | None
    occurred_on: date | None
    conforms: bool
    members: int
    columns: Mapping[str, Value] = field(hash=False)  # what else the test says of it


@dataclass(frozen=True, slots=True)
class Proof:
    """The dataset rows that took part in a deviation: at most 50 row_refs, and how many there were."""

    rows: tuple[str, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Deviation:
    """One member of a population that does not conform (例外), with the objects and lines that show it."""

    subject: str
    aspect: str | None
    occurred_on: date | None
    department: str | None
    columns: Mapping[str, Value]
    proof: Proof
    waiver: str | None = None  # the waiver that covers it


@dataclass(frozen=True, slots=True)
class Tally:
    """Population and deviations of one department (None = the company as a whole); waived ones are deviations too."""

    department: str | None
    population: int
    deviations: int
    waived: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """One control judged for (company, since..as_of, known_at)."""

    control: ControlId
    company: str
    since: date
    as_of: date
    known_at: datetime
    verdict: Verdict
    reason: str | None  # why UNVERIFIED or NOT_APPLICABLE
    population: int
    population_digest: str  # SHA-256 of the canonical population with its marks
    deviations: tuple[Deviation, ...]
    departments: tuple[Tally, ...]
    parameters: Mapping[str, Value]
    control_digest: str
    engine: str  # engine and version
    cause: str | None = None  # what keeps it UNVERIFIED, the same for all that it keeps so: source:hr, register:waivers


class GapKind(StrEnum):
    """What happened to a gap. ``found``: one more day of it, or another reason why nothing can be judged; ``gone``: one
    of its days conforms when judged again; ``refuted``: it was said to be mended, and a later day shows that it is not.
    """

    OPENED = "opened"
    FOUND = "found"
    GONE = "gone"
    CLOSED = "closed"
    REGRESSED = "regressed"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    PLANNED = "planned"
    CORRECTED = "corrected"
    REFUTED = "refuted"
    DISPOSED = "disposed"
    WAIVED = "waived"
    UNWAIVED = "unwaived"
    RELEASED = "released"
    ESCALATED = "escalated"
    TAKEN_UP = "taken_up"  # by a finding
    ASKED = "asked"  # for a waiver, or to be disposed of: another person decides
    DECIDED = "decided"  # what was asked was granted, or refused


@dataclass(frozen=True, slots=True)
class GapEvent:
    """One act in the life of a gap; rows are added, never changed."""

    control: ControlId
    company: str
    subject: str
    aspect: str | None
    kind: GapKind
    about: About
    as_of: date  # last day of the judged period, or the day of the act
    day: date | None = None  # occurred_on, for events
    department: str | None = None
    reason: str | None = None
    actor: str | None = None
    columns: Mapping[str, Value] = field(default_factory=dict)
    message: Words | None = None
    cause: str | None = None  # what it has in common with others: they are one matter
    due_on: date | None = None  # of what opens it


@dataclass(frozen=True, slots=True)
class Gap:
    """The machine's: one per (control, company, subject, aspect); what its events add up to."""

    control: ControlId
    company: str
    subject: str
    aspect: str | None
    about: About
    state: str  # open | acknowledged | planned | corrected | closed | disposed
    opened_on: date
    severity: str = ""
    department: str | None = None
    last_found_on: date | None = None
    closed_on: date | None = None
    regressions: int = 0
    open_days: frozenset[date] = frozenset()  # of events
    disposed_days: frozenset[date] = frozenset()  # of events: a person answered for them
    message: Words | None = None
    owner: str | None = None  # whom somebody gave it; who answers for it otherwise: controls.answering
    due_on: date | None = None
    cause: str | None = None
    held: bool = False  # too many at once: nobody is told one by one until a person releases them
    corrected_on: date | None = None  # since when it is said to be mended
    clean_days: int | None = None  # how long it was closed before it came back
    escalated: int = 0  # how often
    finding: str | None = None  # that took it up
    events: int = 0  # how many it is made of: who acts on it has seen so many

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state not in ("closed", "disposed")


UNVERIFIED_SUBJECT = "unverified"
