"""The coverage calendar of the companies, from what was judged and when."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from controls.model import Control
from evidence.cycles import FiscalYear, Span
from house import House
from house.fiscal import closing
from reports.coverage import Asked, Covered, Plan, covered, most_frequent


def plan(house: House, company: str, fiscal: FiscalYear, year: Span) -> Plan:
    """A fiscal year of a company as the calendar divides it."""
    return Plan(fiscal, year, house.settings.zone, closing(house, company))


def coverage(
    house: House, plans: Mapping[str, Plan], known_at: datetime, only: Collection[str] = ()
) -> Iterator[tuple[str, Covered]]:
    """Company and control by control, what was expected and what became of it, of what was judged until a moment."""
    controls = [asked(control) for control in house.catalogue.controls if not only or control.id in only]
    with house.store.read() as tx:
        for company, told in plans.items():
            days = tx.judgements.days(company, told.first_day, told.year.as_of, known_at)
            for one in covered(told, controls, days, known_at):
                yield company, one


def asked(control: Control) -> Asked:
    """What the calendar must know of a control."""
    return Asked(str(control.id), most_frequent(control.frequency), control.valid_from, control.valid_to)
