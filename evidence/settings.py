"""The one file that says what a deployment is: ``settings.yaml`` of its home."""

import json
import re
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path, PurePath
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from evidence import yaml_files
from evidence.bucket_settings import LockedBucketSettings
from evidence.datasets import catalogue
from evidence.errors import ConfigError
from evidence.notice_settings import NoticeSettings
from evidence.portal_settings import PortalSettings

RESERVED = "group"
CODE = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,30}$"
Code = Annotated[str, Field(pattern=CODE)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CompanySettings(_Strict):
    """One legal entity of the group."""

    code: Code
    name: Annotated[str, Field(min_length=1)]
    closed_days: tuple[date, ...] = ()  # its own holidays beside Saturday, Sunday, statutory ones and 12-29..01-03
    tolerance_percent: Annotated[int, Field(ge=0, le=20)] = 5  # share of deviations up to which a verdict is △


class DueDays(_Strict):
    """Calendar days until a gap of each severity is due (domain.md §1.0); a deployment may be stricter, not looser."""

    critical: Annotated[int, Field(ge=1, le=7)] = 7
    high: Annotated[int, Field(ge=1, le=30)] = 30
    medium: Annotated[int, Field(ge=1, le=60)] = 60
    low: Annotated[int, Field(ge=1, le=90)] = 90


class GapSettings(_Strict):
    """How gaps are followed."""

    due_days: DueDays = DueDays()
    escalate_days: tuple[Annotated[int, Field(ge=1, le=90)], Annotated[int, Field(ge=1, le=180)]] = (7, 30)
    """Days overdue after which a gap goes to the chief privacy officer, and to the representative."""
    mass_percent: Annotated[int, Field(ge=1, le=50)] = 2  # of a population: if more fail at once, a person looks first
    mass_at_least: Annotated[int, Field(ge=2, le=1000)] = 20  # and so many: two of ten are no mass

    @field_validator("escalate_days")
    @classmethod
    def _rising(cls, days: tuple[int, int]) -> tuple[int, int]:
        if days[0] >= days[1]:
            raise ValueError(f"{list(days)}: the representative is told later than the chief privacy officer")
        return days


class PeriodSettings(_Strict):
    """When periods are closed."""

    close_business_day: Annotated[int, Field(ge=1, le=15)] = 5  # of the company's calendar, after the period's end


class TimestampSettings(_Strict):
    """The authority (RFC 3161) that says when a signed head was there."""

    url: str  # http will do: what comes back is signed
    chain: Annotated[str, Field(min_length=1)]  # a file of the home: its certificates (PEM) up to the root, and CRLs

    @field_validator("url")
    @classmethod
    def _is_url(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            known = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
        except ValueError:  # a port that is none, or a bracket of IPv6 without the other
            known = False
        if not known or not url.isascii() or not url.isprintable() or re.search(r"[\s#@]", url):
            raise ValueError("is no address of an authority; write https://HOST/PATH, without user and #")
        return url

    @field_validator("chain")
    @classmethod
    def _in_the_home(cls, chain: str) -> str:
        if PurePath(chain).is_absolute() or ".." in PurePath(chain).parts:
            raise ValueError("is not in the home; write a path from there, as keys/tsa-chain.pem")
        return chain


class VaultSettings(_Strict):
    """How objects are encrypted, and where they lie."""

    key: Annotated[str, Field(pattern=r"^(file|arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/.+)$")]
    """What wraps the keys of objects: ``file`` (keys/vault of the home), or the ARN of a key in AWS KMS."""
    s3: LockedBucketSettings | None = None  # in the folder ``vault`` of the home


class DatasetRetention(_Strict):
    """How long what a source gave of a dataset is kept, and from when on that is counted."""

    years: Annotated[int, Field(ge=1, le=100)]
    start: Literal["collected", "left", "ended"] = "collected"
    """The day it was collected, the last leaving of all persons it tells of, or the end of all vendors it tells of."""

    def end(self, day: date) -> date:
        """The last day that it is kept, counted from a day."""
        try:
            return day.replace(year=day.year + self.years)
        except ValueError:  # 29 February
            return date(day.year + self.years, 3, 1)


class Hold(_Strict):
    """A legal hold 法的保全: what it covers is not purged, however old it is. Whatever it does not name, it covers."""

    reason: Annotated[str, Field(min_length=1)]
    source: str | None = None
    dataset: str | None = None
    since: date | None = None  # collected from this day on
    until: date | None = None  # and by this one

    def covers(self, source: str, datasets: Collection[str], collected_on: date) -> bool:
        """Whether it holds what was collected of a source on a day."""
        first, last = self.since or date.min, self.until or date.max
        return (
            self.source in (None, source)
            and (not self.dataset or self.dataset in datasets)
            and (first <= collected_on <= last)
        )


class RetentionSettings(_Strict):
    """How long what sources gave is kept at the least."""

    years: Annotated[int, Field(ge=1, le=100)] = 3  # of datasets that are not named
    datasets: dict[str, DatasetRetention] = {}
    holds: tuple[Hold, ...] = ()

    @field_validator("datasets")
    @classmethod
    def _known_datasets(cls, told: dict[str, DatasetRetention]) -> dict[str, DatasetRetention]:
        if unknown := sorted(told.keys() - catalogue().keys()):
            raise ValueError(f"no dataset {', '.join(unknown)}; see `tenken datasets list`")
        return told

    def of(self, dataset: str) -> DatasetRetention:
        """What holds for a dataset."""
        return self.datasets.get(dataset, DatasetRetention(years=self.years))


class Settings(_Strict):
    """A deployment: its companies, their zone, and where its database is."""

    group: Annotated[str, Field(min_length=1)]
    zone: str = "Asia/Tokyo"
    companies: Annotated[tuple[CompanySettings, ...], Field(min_length=1)]
    database: str = "sqlite:///tenken.db"  # a relative SQLite path lies in the home
    recompute_days: Annotated[int, Field(ge=1, le=400)] = 45  # how far back late news is judged again
    periods: PeriodSettings = PeriodSettings()
    calendar_years_back: Annotated[int, Field(ge=1, le=10)] = 5
    calendar_years_ahead: Annotated[int, Field(ge=1, le=5)] = 2
    gaps: GapSettings = GapSettings()
    notices: NoticeSettings | None = None  # nobody is told
    portal: PortalSettings | None = None  # there is none
    timestamps: TimestampSettings | None = None  # no authority is asked
    retention: RetentionSettings = RetentionSettings()
    vault: VaultSettings | None = None  # objects lie plainly, as in homes of before

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:  # OSError: the name of a folder of zones, or far too long
            raise ValueError(f"no time zone {zone!r}; write an IANA name, e.g. Asia/Tokyo") from error
        return zone

    @field_validator("database")
    @classmethod
    def _known_database(cls, database: str) -> str:
        if not re.match(r"(sqlite|postgresql)(\+[a-z0-9]+)?://", database):
            raise ValueError("is no address of a database; write sqlite:///tenken.db or postgresql+psycopg://…")
        return database

    @field_validator("companies")
    @classmethod
    def _distinct(cls, companies: tuple[CompanySettings, ...]) -> tuple[CompanySettings, ...]:
        codes = [company.code.casefold() for company in companies]  # the names of key files may know no case
        if twice := [one.code for one in companies if codes.count(one.code.casefold()) > 1]:
            raise ValueError(f"company code {', '.join(twice)} stands twice; give each company a code of its own")
        if RESERVED in codes:
            raise ValueError(f"no company can have the code {RESERVED}: the group's own log has this name")
        return companies

    @property
    def codes(self) -> tuple[str, ...]:
        """The company codes, in the order of the file."""
        return tuple(company.code for company in self.companies)

    def company(self, code: str) -> CompanySettings:
        """One company; ConfigError names the known ones when there is none of that code."""
        for company in self.companies:
            if company.code == code:
                return company
        raise ConfigError(f"no company {code!r} in settings.yaml; known: {', '.join(self.codes)}")


def read(home: Path) -> Settings:
    """Read the settings of a home; Misplaced names file, line and column."""
    path = home / "settings.yaml"
    if not path.is_file():
        raise ConfigError(f"{path}: there is no such file; make a home with `tenken init --home {home}`")
    return yaml_files.parse(path, Settings)


def write(home: Path, group: str, companies: Sequence[tuple[str, str]]) -> None:
    """Write the settings of a new home, companies by code and name; ConfigError when there is one already."""
    path = home / "settings.yaml"
    if path.exists():
        raise ConfigError(f"{path}: there is a home already; choose another folder")
    told = {"group": group, "companies": [{"code": code, "name": name} for code, name in companies]}
    try:
        Settings.model_validate(told)
    except ValueError as error:
        raise ConfigError(f"these settings cannot be used: {error}") from error
    home.mkdir(parents=True, exist_ok=True)
    quoted = [(json.dumps(code), json.dumps(name, ensure_ascii=False)) for code, name in companies]
    lines = "".join(f"  - {{code: {code}, name: {name}}}\n" for code, name in quoted)
    path.write_text(
        f"group: {json.dumps(group, ensure_ascii=False)}\nzone: Asia/Tokyo\nvault: {{key: file}}\ncompanies:\n{lines}",
        "utf-8",
    )


def move(home: Path, database: str) -> Settings:
    """Let the settings of a home name another database; the rest of the file stays as somebody wrote it."""
    path = home / "settings.yaml"
    line, text = f"database: {json.dumps(database)}", path.read_text("utf-8")
    changed, count = re.subn(r"(?m)^database:.*$", lambda _: line, text)
    path.write_text(changed if count else f"{text.rstrip()}\n{line}\n", "utf-8")
    told = read(home)
    if told.database != database:
        raise ConfigError(f"{path}: write `{line}` into it")
    return told
