"""The coverage calendar of the companies, from what was judged and when."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from controls.model import About, Control
from evidence import ledger
from evidence.cycles import Cycle, FiscalYear, Span
from evidence.facts.window import Window
from house import House
from house.fiscal import closing, shown_year
from reports.coverage import CYCLES, Asked, CoverageYear, Covered, Plan, coverage_year, covered, most_frequent


def plan(house: House, company: str, fiscal: FiscalYear, year: Span) -> Plan:
    """A fiscal year of a company as the calendar divides it."""
    with house.store.read() as tx:
        first = tx.ledger.entry(ledger.log_of(company), 0)
    return Plan(fiscal, year, house.settings.zone, closing(house, company), first.recorded_at if first else None)


def coverage(
    house: House, plans: Mapping[str, Plan], known_at: datetime, only: Collection[str] = ()
) -> Iterator[tuple[str, Covered]]:
    """Company and control by control, what was expected and what became of it, of what was judged until a moment."""
    controls = [asked(control) for control in house.catalogue.controls if not only or control.id in only]
    seldom = [one for one in controls if one.frequency in CYCLES and not one.events]
    often = [one for one in controls if one not in seldom]
    with house.store.read() as tx:
        for company, told in plans.items():
            first, last, ends = told.first_day, told.year.as_of, [month.as_of for month in told.months]
            days = tx.judgements.days(company, first, last, known_at, [one.id for one in often])
            found = [*covered(told, often, days, known_at)]
            days = tx.judgements.days(company, first, last, known_at, [one.id for one in seldom], ends)
            found += covered(told, seldom, days, known_at)
            for one in sorted(found, key=lambda one: one.control):
                yield company, one


def asked(control: Control) -> Asked:
    """What the calendar must know of a control."""
    events = set(control.about.values()) == {About.EVENT}
    return Asked(str(control.id), most_frequent(control.frequency), control.valid_from, control.valid_to, events)


def coverage_at(house: House, seen: Window, company: str, known_at: datetime) -> CoverageYear:
    """The calendar of the fiscal year in which a period ends, of what was judged until a moment."""
    fiscal = shown_year(seen, company)
    told = plan(house, company, fiscal, fiscal.holding(Cycle.YEAR, seen.period.as_of))
    lines = (one for _, one in coverage(house, {company: told}, known_at))
    return coverage_year(told, lines, house.catalogue.controls, known_at.astimezone(house.zone))
