"""The one file that says what a deployment is: ``settings.yaml`` of its home."""

import json
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from evidence import yaml_files
from evidence.errors import ConfigError
from evidence.notice_settings import NoticeSettings

RESERVED = "group"
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,30}$")]


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
    path.write_text(f"group: {json.dumps(group, ensure_ascii=False)}\nzone: Asia/Tokyo\ncompanies:\n{lines}", "utf-8")


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
