"""What of a register is one company's: who works within one sees its rows and the whole group's, and writes its own."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from controls.decided import ATTESTATIONS, WAIVERS
from evidence.datasets import PENDING, Dataset, register
from evidence.period import Period
from evidence.records import Broken
from evidence.store.values import RegisterVersion
from house import House, window
from house.granting import GRANTS
from house.steps import FINDINGS
from registers.imports import Entry, Plan
from registers.versions import entered, held, row_of

Row = Mapping[str, Any]
BOOK, RISKS, ENTRY = "book_entries", "book_risks", "entry_id"
ELSEWHERE = ("他の会社またはグループ共通の行です", "is of another company or of the whole group")
SIGNED = ("署名・状態はシートでは変えられません。本人が画面で行います", "is for who signs; no sheet says it of them")
BY_NO_SHEET = frozenset({WAIVERS, ATTESTATIONS, FINDINGS, GRANTS})  # their rows are what somebody named in them did


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


def refused(house: House, planned: Plan, company: str) -> Iterator[Broken]:
    """What of a plan no sheet may say that somebody brings who works within a company: what is not the company's, and
    that somebody signed."""
    owner, dataset = whose(house, planned.dataset.name), planned.dataset
    for entry in planned.added + planned.changed:
        if any(owner(values) != company for values in (entry.values, entry.before) if values is not None):
            yield Broken(entry.key, dataset.key[0], *ELSEWHERE, grave=True)
        elif fresh := _signed(dataset, entry):
            yield Broken(entry.key, fresh, *SIGNED, grave=True)


def _signed(dataset: Dataset, entry: Entry) -> str | None:
    """The first column by which a row tells that somebody signed, confirmed or ended it, and did not tell before."""
    approval, before = dataset.approval, entry.before or {}
    if approval is None:
        return None
    confirmed = (approval.confirmation.by, approval.confirmation.on) if approval.confirmation else ()
    told = [name for name in (*approval.signed_columns, *confirmed) if entry.values.get(name)]
    if entry.state not in PENDING and approval.status is not None:
        told.append(approval.status)
    return next((name for name in told if entry.values.get(name) != before.get(name)), None)
