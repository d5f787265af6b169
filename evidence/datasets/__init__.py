"""The canonical tables that every room speaks of, declared once in ``<name>.yaml`` beside this file (datasets.md).

A register's form, the template workbook, the readers' types, the control loader and the docs all read the one
declaration. Types: text, integer (64 bit), decimal (18,4), date, timestamp (UTC, microseconds), boolean,
list (of text, never NULL).
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NewType

from pydantic import BaseModel, ConfigDict, Field

from evidence import yaml_files
from evidence.errors import ConfigError

if TYPE_CHECKING:
    import pyarrow as pa

DatasetName = NewType("DatasetName", str)
FOLDER = Path(__file__).parent


class Kind(StrEnum):
    """How rows of a dataset live in time."""

    SNAPSHOT = "snapshot"
    EVENT = "event"
    REGISTER = "register"


class State(StrEnum):
    """How far a version of a register's row has come: what is not approved yet changes nothing that holds."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    RETIRED = "retired"


PENDING = frozenset({State.DRAFT, State.SUBMITTED, State.SENT_BACK})
OURSELVES = "tenken"  # as the source of what it tells about its own work
CALENDAR = "calendar"  # as the source of the days that it reckons
OWN = frozenset({"source_runs", "assessments"})  # what tenken writes about its own work: no source delivers it


@dataclass(frozen=True, slots=True)
class Signature:
    """The columns that say who signed a row, and when where the register keeps it."""

    by: str
    on: str | None = None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The columns of the yearly confirmation of an approved row: by whom, when, and until when it is to come again."""

    by: str
    on: str
    due: str


@dataclass(frozen=True, slots=True)
class Approval:
    """What makes a row of a register hold: other people than its author sign it, one after the other."""

    signatures: tuple[Signature, ...]
    author: str | None = None  # the column that names the author; None: whoever entered the row
    status: str | None = None  # the column that shows the state
    states: tuple[tuple[State, str], ...] = ()  # and what it says for each
    confirmation: Confirmation | None = None
    free: tuple[str, ...] = ()  # more columns that may change without new signatures
    rules: tuple[tuple[str, str], ...] = ()  # what the register's rules call it: unsigned, own, changed → rule

    @property
    def free_columns(self) -> frozenset[str]:
        """What may change without new signatures."""
        told = self.confirmation
        return frozenset((*self.free, told.by, told.on, told.due) if told else self.free)

    @property
    def signed_columns(self) -> tuple[str, ...]:
        """All columns that signing fills."""
        return tuple(name for one in self.signatures for name in (one.by, one.on) if name)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a dataset."""

    name: str
    type: str
    header: str  # Japanese
    nullable: bool = False
    personal: bool = False
    allowed: tuple[tuple[str, str], ...] = ()  # (code, Japanese label) of a closed list
    unit: str = ""
    meaning: str = ""
    public: bool = False  # what a company publishes of itself or another: an address, whom to reach

    @property
    def has_words(self) -> bool:
        """Whether whatever somebody wrote may stand here, persons too: no code, and no thing that is public.

        Keys of things are as their systems give them, and must become the same wherever they stand.
        """
        is_code = self.personal or self.public or self.allowed
        return self.type in ("text", "list") and not is_code and self.name not in _OURS

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the closed list; empty when any value may stand here."""
        return tuple(code for code, _ in self.allowed)

    @property
    def arrow(self) -> "pa.Field":
        """The column as an Arrow field."""
        return _arrow(self.name, self.type)


_OURS = frozenset({"source", "run_id", "object", "time_basis"})  # what we write ourselves


@cache  # a window asks for each of two thousand columns several times
def _arrow(name: str, type: str) -> "pa.Field":
    import pyarrow as pa

    from evidence.datasets.arrow import ARROW

    return pa.field(name, ARROW[type], nullable=True)


def source_of(register: str) -> str:
    """What stands for the source of what people wrote into a register."""
    return f"register:{register}"


def _c(name: str, type: str, header: str, meaning: str, *, nullable: bool = False, personal: bool = False) -> Column:
    return Column(name, type, header, nullable=nullable, personal=personal, meaning=meaning)


KIND_COLUMNS: dict[Kind, tuple[Column, ...]] = {
    Kind.SNAPSHOT: (
        _c("snapshot_at", "timestamp", "時点", "the moment at the source"),
        _c(
            "known_since_at",
            "timestamp",
            "内容の記録日時",
            "when this very content of the key was first recorded by us",
        ),
    ),
    Kind.EVENT: (
        _c("occurred_at", "timestamp", "発生日時", "instant; empty when only a day is known", nullable=True),
        _c("occurred_on", "date", "発生日", "day in the company's zone"),
        _c("time_basis", "text", "時刻の根拠", "how the time was read (datasets.md §4)"),
    ),
    Kind.REGISTER: (
        _c("valid_from_on", "date", "有効開始日", "first day this version holds"),
        _c("valid_to_on", "date", "有効終了日", "last day this version holds, 9999-12-31 = open"),
        _c("entered_by", "text", "記入者", "who entered this version", personal=True),
        _c("entered_at", "timestamp", "記入日時", "when this version was entered"),
    ),
}
_SPAN = KIND_COLUMNS[Kind.REGISTER][:2]
PROVENANCE: tuple[Column, ...] = (
    _c("source", "text", "取得元", "configured source name"),
    _c("run_id", "text", "取得回", "collection or import run"),
    _c("object", "text", "原本", "SHA-256 of the bytes as received"),
    _c("part", "text", "部分", "sheet, archive member or JSON pointer inside the object", nullable=True),
    _c("line", "integer", "行", "1-based line or row in that part"),
    _c("recorded_at", "timestamp", "記録日時", "when we first held it"),
    _c("row_ref", "text", "行参照", "object:part:line"),
)


@dataclass(frozen=True, slots=True)
class Dataset:
    """One canonical table."""

    name: DatasetName
    title_ja: str
    title_en: str
    kind: Kind
    key: tuple[str, ...]
    columns: tuple[Column, ...]  # as declared; without kind and provenance columns
    relation: bool = False  # a register whose span is a relation is read whole
    approval: Approval | None = None  # of a register whose rows need signatures
    # Declared, kind and provenance columns, in the order a test sees them; made once: each row asks for them.
    all_columns: tuple[Column, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        declared = {column.name for column in self.columns}
        others = (c for c in (*KIND_COLUMNS[self.kind], *PROVENANCE) if c.name not in declared)
        object.__setattr__(self, "all_columns", (*self.columns, *others))

    @property
    def shows_pending(self) -> bool:
        """Whether a row that was never approved is a row at all: not where the signer's column may not be empty."""
        return self.approval is None or all(self.column(one.by).nullable for one in self.approval.signatures)

    @property
    def shows_retired(self) -> bool:
        """Whether a retired row stays a row: where a column says that it is retired."""
        return self.approval is not None and self.approval.status is not None

    def column(self, name: str) -> Column:
        """One column by name; KeyError when the dataset has none."""
        for column in self.all_columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def with_span(self) -> "Dataset":
        """The shape of its history: with the first and last day of each content."""
        declared = {column.name for column in self.all_columns}
        return replace(self, columns=(*self.columns, *(c for c in _SPAN if c.name not in declared)))

    @property
    def schema(self) -> "pa.Schema":
        """The table as a test sees it."""
        import pyarrow as pa

        return pa.schema([column.arrow for column in self.all_columns])


class _ColumnFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    type: Literal["text", "integer", "decimal", "date", "timestamp", "boolean", "list"]
    header: str
    nullable: bool = False
    personal: bool = False
    allowed: dict[str, str] = {}
    unit: str = ""
    meaning: str = ""
    public: bool = False


class _StatusFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    column: str
    draft: str
    submitted: str
    approved: str
    retired: str


class _SignatureFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    by: str
    on: str | None = None


class _ConfirmationFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    by: str
    on: str
    due: str


class _ApprovalFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    signatures: Annotated[list[_SignatureFile], Field(min_length=1)]
    author: str | None = None
    status: _StatusFile | None = None
    confirmation: _ConfirmationFile | None = None
    free: list[str] = []
    rules: dict[Literal["unsigned", "own", "changed"], str] = {}

    @property
    def approval(self) -> Approval:
        states: tuple[tuple[State, str], ...] = ()
        if told := self.status:
            states = (
                (State.DRAFT, told.draft),
                (State.SENT_BACK, told.draft),
                (State.SUBMITTED, told.submitted),
                (State.APPROVED, told.approved),
                (State.RETIRED, told.retired),
            )
        signatures = tuple(Signature(one.by, one.on) for one in self.signatures)
        column = self.status.column if self.status else None
        confirmed = self.confirmation
        confirmation = Confirmation(confirmed.by, confirmed.on, confirmed.due) if confirmed else None
        return Approval(
            signatures, self.author, column, states, confirmation, tuple(self.free), tuple(self.rules.items())
        )


class _TitleFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    ja: str
    en: str


class _DatasetFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    title: _TitleFile
    kind: Kind
    key: Annotated[list[str], Field(min_length=1)]
    relation: bool = False
    approval: _ApprovalFile | None = None
    columns: dict[str, _ColumnFile]


def read(path: Path) -> Dataset:
    """Read one declaration; Misplaced names file, line and column of what is wrong."""
    told = yaml_files.parse(path, _DatasetFile)
    columns = tuple(
        Column(name, c.type, c.header, c.nullable, c.personal, tuple(c.allowed.items()), c.unit, c.meaning, c.public)
        for name, c in told.columns.items()
    )
    approval = told.approval.approval if told.approval else None
    dataset = Dataset(
        DatasetName(told.name),
        told.title.ja,
        told.title.en,
        told.kind,
        tuple(told.key),
        columns,
        told.relation,
        approval,
    )
    names = {column.name for column in dataset.all_columns}
    for part, needed in (("key", told.key), ("approval", _named(approval))):
        if missing := [name for name in needed if name not in names]:
            raise ConfigError(f"{path}: {part}: no column {', '.join(missing)}; declare it under columns")
    return dataset


def _named(approval: Approval | None) -> list[str]:
    if approval is None:
        return []
    told = (*approval.signed_columns, approval.author, approval.status, *sorted(approval.free_columns))
    return [name for name in told if name is not None]


@cache
def catalogue() -> dict[str, Dataset]:
    """All declared datasets by name."""
    return {dataset.name: dataset for dataset in (read(path) for path in sorted(FOLDER.glob("*.yaml")))}


def register(name: str) -> Dataset:
    """The declaration of a register; ConfigError when there is none of that name."""
    dataset = catalogue().get(name)
    if dataset is None or dataset.kind is not Kind.REGISTER:
        raise ConfigError(f"no register {name!r}; see `tenken registers list`")
    return dataset
