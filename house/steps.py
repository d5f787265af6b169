"""The steps of a finding 指摘: what its row may say next, and who may say so, by whatever door it comes in.

起票 → 原因・対策 → 実施 → 有効性確認 → 完了 (domain.md §4). Whoever implements or owns it, or ever did, neither checks
nor ends it; and it is not closed while a gap of it is open: what is waived is accepted for a time, and not mended. What
was closed before tenken began is history, taken as it was kept.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, partial
from itertools import islice
from typing import Any

from controls.model import Gap, Words
from evidence import ledger
from evidence.datasets import State
from evidence.facts.rows import typed_row
from evidence.records import Broken
from house import House
from house.duties import NOT_THERE, Ruling, strangers
from house.standing import gaps
from registers.imports import Plan
from registers.refusals import TO_HOLD
from registers.versions import by_key, entered

Row = Mapping[str, Any]
FINDINGS = "findings"
HANDS = ("owner_key", "implemented_by")
PLANNED = ("cause", "correction", "prevention", "owner_key", "due_on")
CHECKED = ("verified_on", "verified_by", "effective")
HELD = TO_HOLD | {State.RETIRED}  # it ends so too
DATES = ("completed_on", "verified_on", "closed_on")
DONE = ("cause", "correction", "prevention", "owner_key", "completed_on", "implemented_by")  # what is checked
NEEDS = {
    "completed_on": (*PLANNED, "implemented_by"),
    "effective": ("completed_on", "verified_on", "verified_by"),
    "closed_on": ("effective",),
}
BEFORE = Words("前の段階が未記入のため、次の段階に進めません", "is empty; a step is not taken without the one before")
DATED = Words(
    "前の段階の日付より前、または本日より後です",
    "is before the day of the step before it, or ahead of today",
)
MOVED = Words("指摘の会社は変更できません", "cannot be changed; a finding stays with its company")
OWN = Words(
    "是正の責任者・実施者(以前の版を含む)は有効性の確認も完結もできません",
    "is by who corrected it or owns it, or did once; another person verifies and closes",
)


def state_of(row: Row) -> str:
    """How far a finding has come: raised, planned, completed, ineffective, verified, closed."""
    if row["closed_on"]:
        return "closed"
    if row["completed_on"]:
        return "verified" if row["effective"] else "completed"
    if row["verified_on"]:
        return "ineffective"
    return "planned" if all(row[name] for name in PLANNED) else "raised"


def ruling(house: House, planned: Plan, by: str) -> Ruling:
    """What of a plan of findings cannot stay that ``by`` brings in."""
    natural, broken = house.keys().of_person, list[Broken]()
    known, all_gaps, closing = by_key(entered(house.store, planned.dataset)), gaps(house), list[Gap]()
    strange, began = strangers(house), cache(partial(_began, house))
    for entry in planned.added + planned.changed:
        row, columns = planned.row(entry), planned.dataset.columns
        earlier = [typed_row(columns, one.values) for one in known.get(entry.key, ())]
        hands = {natural(one[name]) for one in (*earlier, row) for name in HANDS if one[name]}
        told_now = (*CHECKED, "closed_on", *(DONE if row["effective"] else ()))
        fresh = {name for name in told_now if row[name] is not None}
        fresh = {name for name in fresh if not earlier or row[name] != earlier[-1][name]}
        mine = [gap for gap in all_gaps if gap.finding == row["finding_id"]]
        told = list[tuple[str, Words]]()
        if earlier and row["company"] != earlier[-1]["company"]:
            told = [("company", MOVED)]
        elif entry.state == State.RETIRED or entry.valid_to_on < house.today:
            told = [("finding_id", OWN)] if natural(by) in hands else []
        elif not all(_closed_before(began(row["company"]), one) for one in (*earlier, row)):
            checker = natural(row["verified_by"] or "")
            told = [*_skipped(row), *_untimely(row, house.today), *_own(row, fresh, hands, natural(by), checker)]
            if "verified_by" in fresh and strange(checker):
                told.append(("verified_by", NOT_THERE))
            if "closed_on" in fresh:
                closing += mine  # one that comes back meanwhile, too
                told += [("closed_on", _open(waits))] if (waits := [gap for gap in mine if gap.is_open]) else []
        broken += (Broken(entry.key, column, words.ja, words.en, grave=True) for column, words in told)
    return Ruling(tuple(broken), tuple(closing))


def _began(house: House, company: str) -> date:
    """The day of the first entry in a company's ledger; today where none is there yet."""
    with house.store.read() as tx:
        first = tx.ledger.entry(ledger.log_of(company), 0)
    return first.recorded_at.astimezone(house.zone).date() if first else house.today


def _closed_before(day: date, row: Row) -> bool:
    return row["closed_on"] is not None and row["closed_on"] < day


def _skipped(row: Row) -> Iterator[tuple[str, Words]]:
    """The first column of a step that is missing where a later step is told."""
    for step, needed in NEEDS.items():
        missing = next((name for name in needed if not row[name]), None)
        if row[step] and missing:
            yield missing, BEFORE
    if row["verified_on"] and row["effective"] is None:
        yield "effective", BEFORE


def _untimely(row: Row, today: date) -> Iterator[tuple[str, Words]]:
    """The first step that is dated before the one before it, or ahead of today."""
    steps = [(name, row[name]) for name in DATES if row[name]]
    late = (
        name
        for (_, before), (name, on) in zip([("", date.min), *steps], steps, strict=False)
        if not before <= on <= today
    )
    yield from ((name, DATED) for name in islice(late, 1))


def _own(row: Row, fresh: set[str], hands: Collection[str], by: str, checker: str) -> Iterator[tuple[str, Words]]:
    if checker in hands and (row["effective"] or fresh):
        yield "verified_by", OWN
    elif by in hands and fresh:
        yield "closed_on" if "closed_on" in fresh else "verified_by", OWN


def _open(mine: Sequence[Gap]) -> Words:
    shown = ", ".join(f"{gap.control} {gap.subject}" for gap in mine[:3])
    return Words(
        f"未解消の不適合が {len(mine)} 件あるため完結できません({shown})。例外承認は解消ではありません",
        f"cannot be told: {len(mine)} of its gaps are still open ({shown}); what is waived is accepted, not mended",
    )
