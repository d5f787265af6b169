"""The one file that says what a deployment is: ``settings.yaml`` of its home."""

from datetime import date
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from evidence import yaml_files
from evidence.errors import ConfigError

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,30}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CompanySettings(_Strict):
    """One legal entity of the group."""

    code: Code
    name: str
    closed_days: tuple[date, ...] = ()  # its own holidays beside Saturday, Sunday, statutory ones and 12-29..01-03
    tolerance_percent: Annotated[int, Field(ge=0, le=20)] = 5  # share of deviations up to which a verdict is △


class Settings(_Strict):
    """A deployment: its companies, their zone, and where its database is."""

    group: str
    zone: str = "Asia/Tokyo"
    companies: Annotated[tuple[CompanySettings, ...], Field(min_length=1)]
    database: str = "sqlite:///tenken.db"  # a relative SQLite path lies in the home
    recompute_days: Annotated[int, Field(ge=1, le=400)] = 45  # how far back late news is judged again
    calendar_years_back: Annotated[int, Field(ge=1, le=10)] = 5
    calendar_years_ahead: Annotated[int, Field(ge=1, le=5)] = 2

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError) as error:
            raise ValueError(f"no time zone {zone!r}; write an IANA name, e.g. Asia/Tokyo") from error
        return zone

    @field_validator("companies")
    @classmethod
    def _distinct(cls, companies: tuple[CompanySettings, ...]) -> tuple[CompanySettings, ...]:
        codes = [company.code for company in companies]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"company code {', '.join(twice)} stands twice")
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
