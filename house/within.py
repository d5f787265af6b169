"""What of a register is one company's: who works within one sees its rows and the whole group's, and writes its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from controls.decided import ATTESTATIONS, WAIVERS
from evidence.datasets import PENDING, Dataset, State, register
from evidence.period import Period
from evidence.records import Broken
from evidence.store.values import RegisterVersion
from house import House, newest, window
from house.granting import GRANTS
from house.steps import FINDINGS
from registers.imports import ELSEWHERE, Entry, Plan
from registers.versions import FieldChange, by_key, changes, entered, held, row_of
from registers.versions import waiting as pending

Row = Mapping[str, Any]
BOOK, RISKS, ENTRY = "book_entries", "book_risks", "entry_id"
OF_OTHERS = (
    "本人以外の署名・確認・回答・記入はシートでは行えません。本人が行います",
    "says what somebody else did: signed, confirmed, answered or wrote; they do it themselves",
)
OF_ACTS = ("_by", "auditor_key", "reviewer_key")  # so end the names of columns that say who did something
BY_NO_SHEET = frozenset(
    {WAIVERS, ATTESTATIONS, FINDINGS, GRANTS, "acknowledgements"}
)  # their rows are what somebody named in them did


def whose(house: House, name: str) -> Callable[[Row], Any]:
    """What tells which company a row of a register is of; None: of the whole group, "": of nobody's."""
    if name != RISKS:
        return lambda values: values.get("company")
    owners = _owners(house)
    return lambda values: next(iter(told)) if len(told := owners.get(str(values[ENTRY]), ())) == 1 else ""


def mine(house: House, name: str, company: str) -> Callable[[Row], bool]:
    """What tells of a row of a register whether it is a company's or the whole group's."""
    owner = whose(house, name)
    return lambda values: owner(values) in (None, company)


def _by_column(name: str, company: str) -> str | None:
    """The company whose rows are looked for, where a column says whose each is."""
    return company if any(one.name == "company" for one in register(name).columns) else None


def _owners(house: House) -> dict[str, set[str]]:
    """The companies that ever wrote, or deliver, an entry of the management book under an id."""
    told: dict[str, set[str]] = {}
    delivered = newest(house, (BOOK,)).rows(BOOK) if any(feed.dataset == BOOK for feed in house.feeds) else ()
    for row in (*(one.values for one in entered(house.store, register(BOOK))), *delivered):
        told.setdefault(str(row[ENTRY]), set()).add(row["company"])
    return told


def hidden(house: House, name: str, company: str | None) -> Callable[[Row], bool]:
    """What tells of a row of a register whether who works within a company does not see it; within none, all do."""
    if company is None:
        return lambda _: False
    is_seen = mine(house, name, company)
    return lambda values: not is_seen(values)


def versions(
    house: House, name: str, company: str, known_at: datetime | None = None, on: date | None = None
) -> list[RegisterVersion]:
    """The rows of a register that hold on a day, as known at a moment: those of the company and of the whole group."""
    is_mine = mine(house, name, company)
    found = held(house.store, register(name), known_at, on, _by_column(name, company))
    return [one for one in found if is_mine(one.values)]


def ever(house: House, name: str, company: str) -> list[RegisterVersion]:
    """All versions of those rows, of each row the oldest first."""
    is_mine = mine(house, name, company)
    found = entered(house.store, register(name), company=_by_column(name, company))
    return [one for one in found if is_mine(one.values)]


def waiting(house: House, company: str, name: str | None = None) -> list[RegisterVersion]:
    """Those (of one register) that wait to be submitted or signed."""
    found = pending(house.store, register(name) if name else None)
    are_mine = {one: mine(house, one, company) for one in {told.register for told in found}}
    return [one for one in found if are_mine[one.register](one.values)]


def history(house: House, name: str, company: str, key: tuple[str, ...]) -> list[FieldChange]:
    """Every change of a row since it is the company's or the whole group's, the oldest first."""
    dataset, is_mine = register(name), mine(house, name, company)
    told = by_key(entered(house.store, dataset)).get(key, [])
    return [*changes(dataset, (one for one in told if is_mine(one.values)))]


def rows(
    house: House, name: str, company: str, known_at: datetime | None = None, on: date | None = None
) -> list[dict[str, Any]]:
    """The same with what sources deliver of the register, as rows: as of a day (default: today)."""
    day = on or house.today
    if not any(feed.dataset == name and company in feed.companies for feed in house.feeds):
        return [row_of(register(name), one) for one in versions(house, name, company, known_at, day)]
    if known_at is None and day == house.today:
        seen = newest(house, (name,))  # which is kept
    else:
        moment = known_at or house.store.last_commit() or house.clock.now()
        seen = window(house, Period(day, day, house.settings.zone), moment, only=(name,))
    return [*filter(mine(house, name, company), seen.table(name, company).to_pylist())]


def refused(house: House, planned: Plan, company: str, by: str) -> Iterator[Broken]:
    """What of a plan no sheet may say that ``by`` brings who works within a company: what is not the company's, and
    what somebody else did: signed, confirmed, answered, wrote."""
    owner, dataset, natural = whose(house, planned.dataset.name), planned.dataset, house.keys().of_person
    others = _owners(house) if dataset.name == BOOK else {}
    known = by_key(entered(house.store, dataset))
    for entry in planned.added + planned.changed:
        told = (entry.values, entry.before)
        if any(owner(values) != company for values in told if values is not None) or (
            dataset.name == BOOK and others.get(str(entry.values[ENTRY]), set()) - {company}
        ):
            yield Broken(entry.key, dataset.key[0], *ELSEWHERE, grave=True)
        elif column := _of_others(dataset, entry, known.get(entry.key, ()), lambda one: natural(one) == natural(by)):
            yield Broken(entry.key, column, *OF_OTHERS, grave=True)


def _of_others(
    dataset: Dataset, entry: Entry, earlier: Sequence[RegisterVersion], is_self: Callable[[str], bool]
) -> str | None:
    """The first column by which a row, as it is to be now, says what somebody else did.

    What was approved keeps its signatures only where nothing changes but what may change freely.
    """
    approval, values, before = dataset.approval, entry.values, entry.before or {}
    acts = {one.name for one in dataset.columns if one.personal and one.name.endswith(OF_ACTS)}
    if approval is None:
        return next((name for name in sorted(acts) if values.get(name) and not is_self(values[name])), None)
    confirmed = approval.confirmation
    signed: list[str] = [*approval.signed_columns, *((confirmed.by, confirmed.on, confirmed.due) if confirmed else ())]
    holds = bool(earlier) and earlier[-1].state == State.APPROVED == entry.state
    if not (holds and {*entry.changed} <= {*approval.free}):
        if carried := [name for name in signed if values.get(name)]:
            return carried[0]
        if entry.state not in PENDING:
            return approval.status or dataset.key[0]
    written = {*acts, *((approval.author,) if approval.author else ())} - {*signed}
    fresh = (name for name in sorted(written) if values.get(name) and values[name] != before.get(name))
    return next((name for name in fresh if not is_self(values[name])), None)
