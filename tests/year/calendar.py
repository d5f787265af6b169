"""The coverage calendar of the year: as the product tells it, against what the history implies, and as it is printed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from evidence.cycles import FiscalYear
from house.coverage import coverage, plan
from reports.coverage import Covered, Mark
from tests.year.history_sources import DOWN, NEVER, SILENT
from tests.year.judgings import judgings, marks
from tests.year.lived import Lived
from tests.year.world import FIRST

LETTERS: Mapping[Mark, str] = {
    Mark.LATE: "L", Mark.BACKFILLED: "B", Mark.UNVERIFIED: "?", Mark.MISSED: "×", Mark.OPEN: "…", Mark.NOT_APPLICABLE: "-",
}  # fmt: skip


def told(lived: Lived) -> list[tuple[str, Covered]]:
    """Company and control by control, what was expected in the year and what became of it."""
    fiscal, house = FiscalYear(), lived.house
    plans = {code: plan(house, code, fiscal, fiscal.beginning_in(FIRST.year)) for code in house.settings.codes}
    return [*coverage(house, plans, house.clock.now())]


def differing(lived: Lived, calendar: Sequence[tuple[str, Covered]]) -> Iterator[str]:
    """Every mark that is not as it must be."""
    made = list(judgings(lived.today, DOWN))
    judged = [str(control.id) for control in lived.house.catalogue.controls]
    missing = {(control, code) for control in judged for code in lived.house.settings.codes}
    for company, one in calendar:
        missing.discard((one.control, company))
        wanted = marks(one.control, company, made, SILENT, NEVER, lived.house.clock.now())
        for occurrence, found, mark in zip(one.occurrences, one.marks, wanted, strict=True):
            if found.value != mark:
                yield f"coverage: {one.control} {company} {occurrence.since} to {occurrence.as_of}: {mark} expected, {found.value} found"
    yield from (f"coverage: {control} {company} is not there" for control, company in sorted(missing))


def printed(lived: Lived, calendar: Sequence[tuple[str, Covered]]) -> Iterator[str]:
    """One line a control and company, with a cell a month: how often it was done in time, and each other mark."""
    fiscal = FiscalYear()
    for company, one in sorted(calendar, key=lambda pair: (pair[1].control, pair[0])):
        months = plan(lived.house, company, fiscal, fiscal.beginning_in(FIRST.year)).months
        cells = [_cell(counts) for counts in one.by_month(months)]
        yield f"{one.control:<8} {company} {one.frequency:<11} " + " ".join(f"{cell:>7}" for cell in cells)


def _cell(counts: Mapping[Mark, int]) -> str:
    done, others = counts.get(Mark.DONE, 0), Counter(counts)
    rest = "".join(f"{others[mark]}{letter}" for mark, letter in LETTERS.items() if others[mark])
    return f"{done or ''}{'+' if done and rest else ''}{rest}" or "."
