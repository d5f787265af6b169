"""The fiscal years of the companies, and the days on which their periods close."""

from collections.abc import Callable, Mapping
from datetime import date

from evidence.cycles import FiscalYear
from evidence.errors import ConfigError
from evidence.facts.window import Window
from house import House, newest
from registers.calendar import business_day_after

COMPANIES = "companies"


def fiscal_years(house: House) -> Mapping[str, FiscalYear]:
    """By company, as the register of companies says; from April where it does not. ConfigError for what is no day."""
    starts = {row["company"]: row["fiscal_year_starts"] for row in newest(house, (COMPANIES,)).rows(COMPANIES)}
    return {code: _fiscal_year(code, starts.get(code)) for code in house.settings.codes}


def _fiscal_year(company: str, starts: str | None) -> FiscalYear:
    if starts is None:
        return FiscalYear()
    try:
        return FiscalYear.starting(starts)
    except ValueError as error:
        raise ConfigError(
            f"{COMPANIES}: fiscal_year_starts of {company}: {error}; correct it in the register"
        ) from error


def shown_year(seen: Window, company: str) -> FiscalYear:
    """The fiscal year of a company as it was known; what is no day is from April, for a report must be had."""
    starts = next((row["fiscal_year_starts"] for row in seen.rows(COMPANIES) if row["company"] == company), None)
    try:
        return _fiscal_year(company, starts)
    except ConfigError:
        return FiscalYear()


def closing(house: House, company: str) -> Callable[[date], date]:
    """The day on which a period that ends with a day is closed, by the company's own calendar."""
    number, closed = house.settings.periods.close_business_day, house.settings.company(company).closed_days
    return lambda end: business_day_after(end, number, closed)
