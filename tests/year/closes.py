"""The periods of the year that are closed, and those restated because of what came later: as told, and as they must be."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from demo.days import DAY, open_days_after
from house import House
from house.closed import read_version, versions
from tests.year.judgings import CLOSES
from tests.year.story import Story
from tests.year.world import BEFORE

MONTHS = {
    "month": 1,
    "quarter": 3,
    "half": 6,
    "year": 12,
}  # April begins the year, so each ends with a multiple of March
RECOMPUTED = timedelta(days=45)  # design.md: late news is judged for so long


def expected(stories: Iterable[Story], companies: Sequence[str], until: date) -> set[str]:
    """What must be closed on the evening of a day: each period on its day, and once more what a story restates."""
    restated: dict[tuple[str, date], list[str]] = {}
    for story in stories:
        for company, end, why in story.restates:
            restated.setdefault((company, end), []).append(why)
    return {line for company in companies for line in _of_company(company, restated, until)}


def _of_company(company: str, restated: dict[tuple[str, date], list[str]], until: date) -> Iterator[str]:
    end = BEFORE
    while open_days_after(end, CLOSES) <= until:
        after = _end_of_month(end + DAY)
        again = open_days_after(after, CLOSES)
        for cycle, months in MONTHS.items():
            if (end.month - BEFORE.month) % months == 0:
                yield f"{company} {cycle} to {end} version 1"
                if (company, end) in restated and again <= until and end >= again - RECOMPUTED:
                    yield f"{company} {cycle} to {end} version 2: {', '.join(sorted(restated[company, end]))}"
        end = after


def _end_of_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - DAY


def found_of(house: House) -> set[str]:
    """What is closed, and why again."""
    rows, wrong = versions(house)
    told = set(wrong)
    for row in rows:
        line = f"{row.company} {row.cycle} to {row.as_of} version {row.version}"
        if reasons := read_version(house, row)["reasons"]:
            came = {one["register"] for one in reasons["registers"]} | {one["source"] for one in reasons["runs"]}
            line += f": {' '.join(sorted(reasons['controls']))} by {' '.join(sorted(came))}"
        told.add(line)
    return told


def differing(house: House, stories: Iterable[Story], until: date) -> Iterator[str]:
    """Every close that is not as it must be."""
    must, found = expected(stories, house.settings.codes, until), found_of(house)
    yield from (f"not closed: {line}" for line in sorted(must - found))
    yield from (f"unexpected close: {line}" for line in sorted(found - must))
