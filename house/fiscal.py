"""The fiscal years of the companies, and the days on which their periods close."""

from collections.abc import Callable
from datetime import date

from evidence.cycles import FiscalYear
from evidence.facts.window import Window
from house import House, newest
from registers.calendar import business_day_after

COMPANIES = "companies"


def fiscal_years(house: House) -> tuple[dict[str, FiscalYear], list[str]]:
    """By company, as the register of companies says, from April where it does not; and what it says that is no day."""
    starts = {row["company"]: row["fiscal_year_starts"] for row in newest(house, (COMPANIES,)).rows(COMPANIES)}
    found, wrong = dict[str, FiscalYear](), list[str]()
    for code in house.settings.codes:
        try:
            found[code] = _fiscal_year(starts.get(code))
        except ValueError as error:
            wrong.append(f"{COMPANIES}: fiscal_year_starts of {code}: {error}; correct it in the register")
    return found, wrong


def _fiscal_year(starts: str | None) -> FiscalYear:
    return FiscalYear() if starts is None else FiscalYear.starting(starts)


def shown_year(seen: Window, company: str) -> FiscalYear:
    """The fiscal year of a company as it was known; what is no day is from April, for a report must be had."""
    starts = next((row["fiscal_year_starts"] for row in seen.rows(COMPANIES) if row["company"] == company), None)
    try:
        return _fiscal_year(starts)
    except ValueError:
        return FiscalYear()


def closing(house: House, company: str) -> Callable[[date], date]:
    """The day on which a period that ends with a day is closed, by the company's own calendar."""
    number, closed = house.settings.periods.close_business_day, house.settings.company(company).closed_days
    return lambda end: business_day_after(end, number, closed)
