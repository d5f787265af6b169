"""What of a register is one company's: who works within one sees its rows and the whole group's, and writes its own."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from evidence.datasets import register
from evidence.period import Period
from evidence.records import Broken
from evidence.store.values import RegisterVersion
from house import House, window
from registers.imports import Plan
from registers.versions import entered, held, row_of

Row = Mapping[str, Any]
BOOK, RISKS, ENTRY = "book_entries", "book_risks", "entry_id"
ELSEWHERE = ("他の会社またはグループ共通の行です", "is of another company or of the whole group")


def whose(house: House, name: str) -> Callable[[Row], Any]:
    """What tells which company a row of a register is of; None: of the whole group."""
    if name != RISKS:
        return lambda values: values.get("company")
    known = {str(one.values[ENTRY]): one.values["company"] for one in entered(house.store, register(BOOK))}
    return lambda values: known.get(str(values[ENTRY]), "")  # of an entry that nobody knows: of no company


def versions(
    house: House, name: str, company: str, known_at: datetime | None = None, on: date | None = None
) -> list[RegisterVersion]:
    """The rows of a register that hold on a day, as known at a moment: those of the company and of the whole group."""
    owner = whose(house, name)
    found = held(house.store, register(name), known_at, on)
    return [one for one in found if owner(one.values) in (None, company)]


def rows(
    house: House, name: str, company: str, known_at: datetime | None = None, on: date | None = None
) -> list[dict[str, Any]]:
    """The same with what sources deliver of the register, as rows: as of a day (default: today)."""
    day = on or house.today
    if not any(feed.dataset == name and company in feed.companies for feed in house.feeds):
        return [row_of(register(name), one) for one in versions(house, name, company, known_at, day)]
    moment = known_at or house.store.last_commit() or house.clock.now()
    seen, owner = window(house, Period(day, day, house.settings.zone), moment, only=(name,)), whose(house, name)
    return [row for row in seen.rows(name) if owner(row) in (None, company)]


def elsewhere(house: House, planned: Plan, company: str) -> Iterator[Broken]:
    """Those rows of a plan that are not the company's, or were not before."""
    owner, told = whose(house, planned.dataset.name), planned.dataset.key[0]
    for entry in planned.added + planned.changed:
        if any(owner(values) != company for values in (entry.values, entry.before) if values is not None):
            yield Broken(entry.key, told, *ELSEWHERE, grave=True)
