"""Sources: the configured places that evidence comes from, one YAML file each in the home's ``sources/``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from collectors.compiled import compiled, own_profile
from collectors.formats import Layout
from collectors.profiles import Completeness, FormatFile, JsonFile, Profile, find
from collectors.rules import Rules
from collectors.transports import TRANSPORTS, Transport
from evidence import yaml_files
from evidence.datasets import OURSELVES, OWN, Dataset, Kind, catalogue
from evidence.errors import ConfigError, Misplaced, Problem
from evidence.references import resolver

LOGS, SEGMENTS = "access_events", "log_segments"


class SourceFile(BaseModel):
    """A source as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,60}$")]
    companies: Annotated[tuple[str, ...], Field(min_length=1)]
    transport: dict[str, Any]
    profile: str | None = None
    dataset: str | None = None
    format: FormatFile | None = None
    completeness: Completeness | Literal["file"] | None = None
    zone: str | None = None
    options: dict[str, str] = {}
    max_age_days: Annotated[int, Field(ge=1, le=400)] = 2
    max_drop_percent: Annotated[int, Field(ge=0, le=100)] = 20
    growing: bool = False  # logs that are still being written when they are collected
    snapshot: Literal["object", "run"] = "object"  # whether each object is a whole snapshot, or all of a run together
    may_lack_companies: bool = False  # a company without any row is no hole (nobody on leave)
    clock_allowance_minutes: Annotated[int, Field(ge=0, le=1440)] = 10  # how far its clock may run ahead of ours
    retention_days: Annotated[int, Field(ge=1)] = 1095  # how long its raw logs are kept

    @field_validator("name")
    @classmethod
    def _not_ours(cls, name: str) -> str:
        if name == OURSELVES:
            raise ValueError(f"{name} is the source of what tenken tells itself; choose another name")
        return name

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str | None) -> str | None:
        try:
            return zone and ZoneInfo(zone).key
        except (KeyError, ValueError) as error:
            raise ValueError(f"no time zone {zone!r}; write an IANA name, e.g. Asia/Tokyo") from error

    @model_validator(mode="after")
    def _one_way(self) -> "SourceFile":
        if (self.profile is None) == (self.dataset is None):
            raise ValueError("give profile, or dataset with format")
        if (self.dataset is None) != (self.format is None):
            raise ValueError("dataset and format stand together")
        if self.profile is not None and self.completeness is not None:
            raise ValueError("completeness belongs to the profile")
        return self


@dataclass(frozen=True)
class Source:
    """A source that can be collected."""

    name: str
    companies: tuple[str, ...]
    told: SourceFile
    profile: Profile
    layout: Layout
    rules: tuple[Rules, ...]
    home: Path
    transport_options: BaseModel
    is_about_all: bool  # about every company of the house: what names no company may stand for the whole group

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets that it must deliver; a log also delivers its segments."""
        own = tuple(str(rules.dataset.name) for rules in self.rules)
        return (*own, SEGMENTS) if LOGS in own and SEGMENTS not in own else own

    @property
    def max_age_days(self) -> int:
        """After how many days its newest evidence is stale."""
        return self.told.max_age_days

    @property
    def kind(self) -> str:
        """How its objects are got: local, sftp or s3."""
        return str(self.told.transport["kind"])

    @property
    def is_snapshots_only(self) -> bool:
        """Whether every dataset of it is a full state, so that only the newest object matters."""
        return all(rules.dataset.kind is Kind.SNAPSHOT for rules in self.rules)

    def connect(self) -> Transport:
        """A transport to it; nothing is connected before it is entered. ConfigError when a secret is missing."""
        module = TRANSPORTS[self.kind]
        return module.build(self.transport_options, self.home, resolver(self.home), growing=self.told.growing)


def read_all(home: Path, codes: Sequence[str]) -> tuple[Source, ...]:
    """All sources of a home by name; Misplaced tells every problem of every file at once."""
    return _all(home, tuple(codes), _state(home))


def _state(home: Path) -> tuple[object, ...]:
    """What changes when somebody changes a source, or what it is read by."""
    return tuple(_stamp(one) for name in ("sources", "profiles") for one in sorted((home / name).glob("*.yaml")))


def _stamp(path: Path) -> tuple[object, ...]:
    try:
        told = path.stat()
    except OSError:  # a link to nothing: whoever reads it tells where it is
        return (path,)
    return path, told.st_ino, told.st_ctime_ns, told.st_size  # a copy may keep the time of what it is of, but not this


@lru_cache(maxsize=4)  # of a large group they take seconds to read
def _all(home: Path, codes: tuple[str, ...], _: object) -> tuple[Source, ...]:
    found, problems = read_each(home, codes)
    if problems:
        raise Misplaced(problems)
    return tuple(found)


def read_each(home: Path, codes: Sequence[str]) -> tuple[list[Source], list[Problem]]:
    """The sources that can be collected, whatever is wrong with the files of others; and that."""
    found: list[Source] = []
    problems: list[Problem] = []
    for path in sorted((home / "sources").glob("*.yaml")):
        try:
            found.append(read(path, home, codes))
        except Misplaced as error:
            problems += error.problems
        except ConfigError as error:
            problems.append(Problem(path, 1, 1, "", str(error).removeprefix(f"{path}: ")))
    return found, problems


def read(path: Path, home: Path, codes: Sequence[str]) -> Source:
    """Read one source; Misplaced names file, line and column of what is wrong."""
    node = yaml_files.load(path)
    told = yaml_files.parse(path, SourceFile, node)

    def wrong(at: Sequence[str | int], what: str) -> Misplaced:
        return Misplaced([yaml_files.problem(path, node, at, what)])

    if told.name != path.stem:
        raise wrong(["name"], f"the file is called {path.name}")
    if unknown := [code for code in told.companies if code not in codes]:
        raise wrong(["companies"], f"no company {', '.join(unknown)} in settings.yaml; known: {', '.join(codes)}")
    options = _transport(path, node, told.transport)
    try:
        profile = _profile(told, home)
    except Misplaced:
        raise
    except ConfigError as error:
        raise wrong(["profile" if told.profile else "dataset"], str(error)) from error
    is_about_all = set(codes) <= set(told.companies)
    if dataset := _companyless(told, profile, is_about_all=is_about_all):
        raise wrong(["companies"], f"several companies, and nothing says whose each row of {dataset} is")
    if told.growing and (why := _never_grows(told, profile)):
        raise wrong(["growing"], why)
    if profile.told.format.kind == "sshd" and told.zone is None:
        raise wrong(["zone"], "give the zone of the host's clock: these logs carry none")
    try:
        source = assembled(told, profile, home, options, is_about_all=is_about_all)
    except ConfigError as error:
        raise wrong(["options"], str(error)) from error
    if foreign := _foreign(told, source.rules, is_about_all=is_about_all):
        raise wrong(["companies"], foreign)
    return source


def assembled(told: SourceFile, profile: Profile, home: Path, options: BaseModel, *, is_about_all: bool) -> Source:
    """A source of its parts; ConfigError for a constant that nobody gives."""
    layout, rules = compiled(profile, told.options, told.zone)
    layout = replace(layout, growing=told.growing)
    return Source(told.name, told.companies, told, profile, layout, rules, home, options, is_about_all)


def _transport(path: Path, node: Any, told: Mapping[str, Any]) -> BaseModel:
    kind = told.get("kind")
    if not isinstance(kind, str) or kind not in TRANSPORTS:
        what = f"no transport {kind!r}; there are: {', '.join(TRANSPORTS)}"
        raise Misplaced([yaml_files.problem(path, node, ["transport", "kind"], what)])
    return yaml_files.parse(path, TRANSPORTS[kind].Options, node, ["transport"])


def _profile(told: SourceFile, home: Path) -> Profile:
    if told.profile is not None:
        return find(told.profile, home)
    dataset = catalogue().get(str(told.dataset))
    if dataset is None:
        raise ConfigError(f"no dataset {told.dataset!r}; see `tenken datasets list`")
    if dataset.name in OWN:
        raise ConfigError(f"{dataset.name} is what tenken writes itself; no source can deliver it")
    return own_profile(dataset, told.format, told.completeness)


def _companyless(told: SourceFile, profile: Profile, *, is_about_all: bool) -> str | None:
    """A dataset whose rows belong to a company, when neither the file nor the source says to which."""
    if len(told.companies) == 1 or profile.own_headers:
        return None
    for dataset, columns in zip(profile.datasets, profile.told.datasets.values(), strict=True):
        if _has_company(dataset, may_be_empty=is_about_all) and "company" not in columns.columns:
            return str(dataset.name)
    return None


def _never_grows(told: SourceFile, profile: Profile) -> str | None:
    """Why the objects of a source cannot be read while they are being written; None when they can."""
    shape = profile.told.format
    if told.transport["kind"] == "s3":
        return "objects of a bucket are whole as soon as they are there; leave it out"
    if shape.kind != "sshd" and not (isinstance(shape, JsonFile) and shape.records is None):
        # In CSV a quoted field may span lines: nobody can tell where the unfinished row begins.
        return f"only sshd, and json_lines without records, can be read while they are written, not {shape.kind}"
    states = [str(dataset.name) for dataset in profile.datasets if dataset.kind is Kind.SNAPSHOT]
    return f"{', '.join(states)}: a state that is still being written is not whole" if states else None


def _foreign(told: SourceFile, rules: Sequence[Rules], *, is_about_all: bool) -> str | None:
    """Says of which dataset the profile itself writes whose its rows are, and it is none of the source's companies."""
    for one in rules:
        rule = one.columns.get("company")
        if rule is None or not rule.is_constant or rule.value in told.companies:
            continue
        if rule.value is not None:
            return f"the profile says that {one.dataset.name} is about {rule.value}, which is not one of these"
        if len(told.companies) > 1 and not is_about_all:
            return f"the profile says that {one.dataset.name} is about the whole group, which these are not"
    return None


def _has_company(dataset: Dataset, *, may_be_empty: bool) -> bool:
    return any(column.name == "company" and not (column.nullable and may_be_empty) for column in dataset.columns)
