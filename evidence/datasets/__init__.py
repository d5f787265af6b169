"""The canonical tables that every room speaks of, declared once in ``<name>.yaml`` beside this file (datasets.md).

A register's form, the template workbook, the readers' types, the control loader and the docs all read the one
declaration. Types: text, integer (64 bit), decimal (18,4), date, timestamp (UTC, microseconds), boolean,
list (of text, never NULL).
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NewType

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from evidence import yaml_files
from evidence.errors import ConfigError

DatasetName = NewType("DatasetName", str)
FOLDER = Path(__file__).parent

ARROW: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(18, 4),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "boolean": pa.bool_(),
    "list": pa.list_(pa.string()),
}


class Kind(StrEnum):
    """How rows of a dataset live in time."""

    SNAPSHOT = "snapshot"
    EVENT = "event"
    REGISTER = "register"


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

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the closed list; empty when any value may stand here."""
        return tuple(code for code, _ in self.allowed)

    @property
    def arrow(self) -> pa.Field:
        """The column as an Arrow field."""
        return pa.field(self.name, ARROW[self.type], nullable=True)


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

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Declared, kind and provenance columns, in the order a test sees them."""
        declared = {column.name for column in self.columns}
        return self.columns + tuple(c for c in (*KIND_COLUMNS[self.kind], *PROVENANCE) if c.name not in declared)

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
    def schema(self) -> pa.Schema:
        """The table as a test sees it."""
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
    columns: dict[str, _ColumnFile]


def read(path: Path) -> Dataset:
    """Read one declaration; Misplaced names file, line and column of what is wrong."""
    told = yaml_files.parse(path, _DatasetFile)
    columns = tuple(
        Column(name, c.type, c.header, c.nullable, c.personal, tuple(c.allowed.items()), c.unit, c.meaning)
        for name, c in told.columns.items()
    )
    dataset = Dataset(
        DatasetName(told.name), told.title.ja, told.title.en, told.kind, tuple(told.key), columns, told.relation
    )
    names = {column.name for column in dataset.all_columns}
    if missing := [key for key in told.key if key not in names]:
        raise ConfigError(f"{path}: key: no column {', '.join(missing)}; declare it under columns")
    return dataset


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
