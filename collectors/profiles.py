"""Profiles: what one vendor calls the columns of a dataset. YAML, so that a new vendor needs no code.

A profile is refused, with file, line and column, when it names what no dataset has, leaves out what a dataset needs,
or maps to a word that is not in a column's list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from collectors.formats import VERSION, Layout, Trailer
from evidence import yaml_files
from evidence.datasets import OWN, Dataset, Kind, catalogue
from evidence.errors import ConfigError, Misplaced

FOLDER = Path(__file__).parent / "profiles"
Scalar = bool | int | str | date | None
DERIVED = frozenset({"occurred_on", "time_basis", "occurred_at", "valid_from_on", "valid_to_on", "entered_by"})
GIVEN_BY_US = frozenset({"snapshot_at", "known_since_at", "entered_at"})


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class CsvFile(_Strict):
    """CSV or TSV."""

    kind: Literal["csv"]
    encoding: Literal["utf-8", "utf-8-sig", "cp932", "utf-16"] = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    skip_lines: Annotated[int, Field(ge=0)] = 0


class WorkbookFile(_Strict):
    """One sheet of a workbook."""

    kind: Literal["workbook"]
    sheet: str | None = None
    header_row: Annotated[int, Field(ge=1)] = 1


class JsonFile(_Strict):
    """JSON: one object a line, or an array in a document."""

    kind: Literal["json_lines"]
    records: Annotated[str, Field(pattern=r"^(/.*)?$")] | None = None


class OwnFile(_Strict):
    """A format whose layout is its own."""

    kind: Literal["cloudtrail", "sshd"]


class VendorAuditFile(_Strict):
    """The vendor audit sheet."""

    kind: Literal["vendor_audit"]
    sheet: str | None = None


FormatFile = Annotated[CsvFile | WorkbookFile | JsonFile | OwnFile | VendorAuditFile, Field(discriminator="kind")]


class TrailerFile(_Strict):
    """The last row, which counts the others."""

    first_cell: str
    count_cell: Annotated[int, Field(ge=1)]


class Completeness(_Strict):
    """How a file itself proves that it is whole."""

    trailer: TrailerFile | None = None
    count_pointer: Annotated[str, Field(pattern=r"^/.+$")] | None = None

    @model_validator(mode="after")
    def _one(self) -> "Completeness":
        if (self.trailer is None) == (self.count_pointer is None):
            raise ValueError("give trailer or count_pointer")
        return self


class ColumnFile(_Strict):
    """What one column is made of."""

    source: str | list[str] | None = Field(None, alias="from")
    mint: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")] | None = None
    person_kind: str | None = Field(None, alias="as")
    map: dict[str, Scalar] | None = None
    date: Annotated[str, Field(pattern="%")] | None = None
    epoch: Literal["s", "ms", "us"] | None = None
    value: Scalar = None
    split: Annotated[str, Field(min_length=1)] | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The columns that it is made of."""
        return tuple([self.source] if isinstance(self.source, str) else self.source or ())

    @field_validator("date")
    @classmethod
    def _pattern(cls, pattern: str | None) -> str | None:
        try:
            if pattern is not None:
                datetime.strptime(datetime(2000, 12, 31).strftime(pattern), pattern)  # noqa: DTZ001, DTZ007 - no instant
        except ValueError as error:
            raise ValueError(f"{pattern!r} is no pattern of strptime: {error}; e.g. %Y/%m/%d") from error
        return pattern

    @model_validator(mode="after")
    def _sense(self) -> "ColumnFile":
        is_constant = "value" in self.model_fields_set
        if is_constant and len(self.model_fields_set) > 1:
            raise ValueError("value stands alone: without from, mint, map, date, epoch and split")
        if not is_constant and not self.parts and self.mint != "event":
            raise ValueError("give from, or value")
        if (self.mint == "person") != (self.person_kind is not None):
            raise ValueError("mint: person needs as (worker_no, mail, login, badge_id, agency_no), and only it")
        if sum(one is not None for one in (self.mint, self.map, self.date, self.epoch)) > 1:
            raise ValueError("give one of mint, map, date and epoch")
        return self


class OnlyFile(_Strict):
    """Which rows of the file belong to the dataset."""

    source: str = Field(alias="from")
    values: Annotated[list[str], Field(min_length=1, alias="in")]


class DatasetFile(_Strict):
    """How the rows of one dataset are made."""

    columns: dict[str, ColumnFile]
    only: OnlyFile | None = None


class Title(_Strict):
    """What people call it."""

    ja: str
    en: str


class ProfileFile(_Strict):
    """A profile as it is written."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Title
    format: FormatFile
    completeness: Completeness | Literal["none", "file"] | None = None
    datasets: Annotated[dict[str, DatasetFile], Field(min_length=1)]


@dataclass(frozen=True)
class Profile:
    """A profile that can be used: everything in it is known to exist."""

    name: str
    told: ProfileFile
    stamp: str  # name and digest of the file and version of the formats: what an object was read with
    own_headers: bool = False

    @cached_property
    def datasets(self) -> tuple[Dataset, ...]:
        """The datasets that it fills, in its order."""
        return tuple(catalogue()[name] for name in self.told.datasets)

    @property
    def has_proof(self) -> bool:
        """Whether its files count their own rows."""
        return isinstance(self.told.completeness, Completeness)

    def layout(self, zone: str | None) -> Layout:
        """How its objects are laid out, without the columns."""
        shape = self.told.format.model_dump()
        proof = self.told.completeness
        if isinstance(proof, Completeness):
            shape["count_pointer"] = proof.count_pointer
            shape["trailer"] = Trailer(proof.trailer.first_cell, proof.trailer.count_cell) if proof.trailer else None
        return Layout(**shape, zone=zone)


def find(name: str, home: Path | None = None) -> Profile:
    """A profile of the home, else a built-in one; ConfigError names those that exist."""
    folders = [*([home / "profiles"] if home else []), FOLDER]
    for folder in folders:
        if (path := folder / f"{name}.yaml").is_file():
            return read(path)
    known = sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})
    raise ConfigError(f"no profile {name!r}; there are: {', '.join(known)}")


def read(path: Path) -> Profile:
    """Read one profile; Misplaced names file, line and column of what is wrong."""
    return _read(path, yaml_files.text_of(path))


@lru_cache(maxsize=100)  # many sources are read by one profile, and YAML that keeps its places is slow
def _read(path: Path, text: str) -> Profile:
    node = yaml_files.load(path, text)
    told = yaml_files.parse(path, ProfileFile, node)
    problems = [yaml_files.problem(path, node, at, what) for at, what in _faults(told)]
    if told.name != path.stem:
        problems.insert(0, yaml_files.problem(path, node, ["name"], f"the file is called {path.name}"))
    if problems:
        raise Misplaced(problems)
    digest = sha256(text.encode()).hexdigest()[:12]
    return Profile(told.name, told, f"{told.name}@{digest}.{VERSION}")


def _faults(told: ProfileFile) -> list[tuple[Sequence[str | int], str]]:
    faults: list[tuple[Sequence[str | int], str]] = []
    for name, dataset_file in told.datasets.items():
        dataset = catalogue().get(name)
        if dataset is None:
            faults.append((["datasets", name], f"no dataset {name}; see `tenken datasets list`"))
            continue
        if name in OWN:
            faults.append((["datasets", name], f"{name} is what tenken writes itself; no source can deliver it"))
            continue
        if dataset.kind is Kind.SNAPSHOT and told.completeness in (None, "none"):
            what = f"{name} is a snapshot: declare completeness (file, trailer or count_pointer)"
            faults.append((["completeness"], what))
        faults += [((["datasets", name, *at]), what) for at, what in dataset_faults(dataset, dataset_file)]
    return faults


def dataset_faults(dataset: Dataset, told: DatasetFile) -> list[tuple[Sequence[str | int], str]]:
    """What is wrong with the columns of one dataset."""
    faults: list[tuple[Sequence[str | int], str]] = []
    known = {column.name: column for column in dataset.all_columns if column.name not in GIVEN_BY_US}
    for name, column_file in told.columns.items():
        if name not in known or name in ("source", "run_id", "object", "part", "line", "recorded_at", "row_ref"):
            faults.append((["columns", name], f"{dataset.name} has no column {name} that a profile may fill"))
            continue
        faults += [(["columns", name, *at], what) for at, what in _column_faults(known[name], column_file)]
    needed = [c.name for c in dataset.columns if not c.nullable and c.type != "list" and c.name != "company"]
    if missing := [name for name in needed if name not in told.columns and name not in DERIVED]:
        faults.append((["columns"], f"{dataset.name} needs {', '.join(missing)}"))
    if dataset.kind is Kind.EVENT and not {"occurred_at", "occurred_on", only_day(dataset)} & set(told.columns):
        faults.append((["columns"], f"{dataset.name} needs occurred_at or occurred_on"))
    return faults


def _column_faults(column: Any, told: ColumnFile) -> list[tuple[Sequence[str | int], str]]:
    faults: list[tuple[Sequence[str | int], str]] = []
    if told.date is not None and column.type not in ("date", "timestamp"):
        faults.append((["date"], f"{column.name} is {column.type}, not a date or timestamp"))
    if told.epoch is not None and column.type != "timestamp":
        faults.append((["epoch"], f"{column.name} is {column.type}, not a timestamp"))
    if told.split is not None and column.type != "list":
        faults.append((["split"], f"{column.name} is {column.type}, not a list"))
    if told.mint is not None and column.type not in ("text", "list"):
        faults.append((["mint"], f"{column.name} is {column.type}; only text can be a key"))
    if len(told.parts) > 1 and told.mint is None and told.date is None:
        faults.append((["from"], "several columns make a key (mint) or a date, nothing else"))
    words = [(["map", key], value) for key, value in (told.map or {}).items()]
    words += [(["value"], told.value)] if "value" in told.model_fields_set else []
    for at, word in words:
        if why := wrong_word(column, word):
            faults.append((at, why))
    return faults


def wrong_word(column: Any, word: Scalar) -> str | None:
    """Why a constant cannot stand in a column; None when it can."""
    if word is None:
        return None if column.nullable or column.type == "list" else f"{column.name} is never empty"
    if isinstance(word, str) and word.startswith("${"):
        return None
    fits = {"text": str, "list": str, "integer": int, "decimal": int, "boolean": bool, "date": date, "timestamp": str}
    kind = fits[column.type]
    if not isinstance(word, kind) or (isinstance(word, bool) and kind is not bool):
        return f"{column.name} is {column.type}"
    if column.allowed and word not in column.codes:
        return f"{word} is not in the list of {column.name}: {', '.join(column.codes)}"
    return None


def only_day(dataset: Dataset) -> str | None:
    """The one column that says when something of a dataset happened, where there is just one."""
    days = [c.name for c in dataset.columns if c.type in ("date", "timestamp") and not c.nullable]
    return days[0] if len(days) == 1 else None
