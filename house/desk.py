"""What people hand in at the desk: sheets and acts on rows, held to the rules of their register before they stay."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from controls import decided, rules
from controls.model import Gap, GapEvent
from evidence.datasets import Dataset, State, register
from evidence.errors import ConfigError
from evidence.facts.rows import typed_row
from evidence.store import Transaction
from house import House, accepting, granting, newest, steps
from house.standing import put
from house.within import BY_NO_SHEET, ever, hidden, refused
from registers import acts, handed_out, imports, refusals
from registers.approval import Act
from registers.csv_files import Encoding
from registers.imports import Plan
from registers.reading import Sent, as_it_stands
from registers.versions import by_key, entered, row_of

CONFIRMING = frozenset({Act.CONFIRM, Act.APPROVE})
CONFIRM_DAYS = "book_confirm_days"


def import_register(
    house: House,
    name: str,
    path: Path,
    by: str,
    reason: str,
    *,
    dry_run: bool = False,
    charset: Encoding | None = None,
    within: str | None = None,
) -> Plan:
    """Plan an import of a register's file and, unless it is a dry run, write it.

    ``within`` a company no row of another one or of the whole group is written, none tells that somebody signed it, and
    the file may be one that was handed out masked.
    """
    if within and name in BY_NO_SHEET:
        raise ConfigError(f"{name}: シートでは取り込めません / no sheet says what somebody did; they do it themselves")
    keys, codes, told = house.keys(), house.settings.codes, register(name)
    behind = _behind(house, told, within) if within else as_it_stands
    others = hidden(house, name, within)
    house.forget()  # a large sheet leaves no room for what the keys were read from
    planned = imports.plan(
        house.store, told, path, keys, by, companies=(within,) if within else codes, zone=house.zone, encoding=charset,
        behind=behind, hidden=others,
    )  # fmt: skip
    planned, seen = held_to_rules(house, planned, by)
    if within:
        who = imports.person(house.keys(), by)
        planned = refusals.judged(planned, refused(house, planned, within, who), frozenset(State))
    if not dry_run:
        _write(house, planned, by, reason, seen)
    return planned


def _behind(house: House, told: Dataset, company: str) -> Callable[[Sent], Sent]:
    rows = [row_of(told, one) for one in ever(house, told.name, company)]
    return handed_out.behind(told, rows, house.masking(company), house.zone)


def enter(
    house: House,
    name: str,
    row: Mapping[str, object],
    by: str,
    reason: str,
    *,
    over: Mapping[str, object] | None = None,
    seen: Sequence[Gap] = (),
    events: Sequence[GapEvent] = (),
) -> None:
    """Add one row, or the next version of the one that is ``over``, and what happened to gaps with it.

    ConfigError names what cannot be taken, or what became of the row or of gaps since they were ``seen``; then nothing
    is written.
    """
    keys, codes = house.keys(), house.settings.codes
    planned = imports.plan_rows(house.store, register(name), [row], keys, by, companies=codes, zone=house.zone)
    columns = planned.dataset.columns
    known = over and {column.name: over[column.name] for column in columns}
    if known and any(typed_row(columns, entry.before or {}) != known for entry in planned.changed):
        raise ConfigError(f"{name}: somebody brought this row further meanwhile; look at it again, then decide")
    planned, ruled = held_to_rules(house, planned, by)
    if planned.problems:
        raise ConfigError("\n".join(f"{problem.column}: {problem.ja} / {problem.en}" for problem in planned.problems))
    _write(house, planned, by, reason, (*seen, *ruled), events)


def next_id(house: House, name: str, prefix: str) -> str:
    """The number after the last of the day; who takes it at the same moment as another is told to try again."""
    start = f"{prefix}-{house.today:%Y%m%d}-"
    keys = (key[0] for key in by_key(entered(house.store, register(name))) if key[0].startswith(start))
    taken = (key.removeprefix(start) for key in keys)
    return f"{start}{max((int(number) for number in taken if number.isdecimal()), default=0) + 1:03d}"


def held_to_rules(house: House, planned: Plan, by: str) -> tuple[Plan, Sequence[Gap]]:
    """A plan without the rows that the rules of its register refuse as of today, telling what else they find; and the
    gaps that were looked at for it."""
    name, who = planned.dataset.name, imports.person(house.keys(), by)
    if name in decided.DECIDED:
        planned = accepting.dated(planned) if name == decided.PARAMETERS else planned
        told = (planned.row(entry) for entry in planned.added + planned.changed)
        controls = {str(control.id): control for control in house.catalogue.controls}
        with house.store.read() as tx:
            judged = tx.judgements.first_days().keys()
        planned = refusals.judged(planned, decided.broken(name, told, controls, house.today, house.zone, judged))
        ruled = accepting.ruling(house, planned, who)
        return refusals.judged(planned, ruled.broken), ruled.seen
    if name == steps.FINDINGS:
        ruled = steps.ruling(house, planned, who)
        return refusals.judged(planned, ruled.broken, steps.HELD), ruled.seen
    if name == granting.GRANTS:
        return refusals.judged(planned, granting.ruling(house, planned, who).broken), ()
    if name not in rules.JUDGING:  # the views take longer to read than most sheets
        return planned, ()
    # What is to hold later is judged today, by what is known now.
    now = [replace(one, valid_from_on=min(one.valid_from_on, house.today)) for one in refusals.versions(planned)]
    window = newest(house, rules.datasets(name, house.views), now, history=True)
    return refusals.judged(planned, rules.broken(name, house.views, window)), ()


def act_on(
    house: House, name: str, rows: Sequence[str], act: Act, by: str, reason: str, over: int | None = None
) -> Plan:
    """Do to all these rows of a register, by their keys, what a person does to them, or to none of them.

    ConfigError names every row that refuses it, or that the rules of its register refuse then; or that is not the
    version any more which the person saw (``over``).
    """
    dataset, keys = register(name), house.keys()
    wanted = [acts.key_of(dataset, row) for row in rows]
    confirms = dataset.approval is not None and dataset.approval.confirmation is not None and act in CONFIRMING
    due = confirmed_until(house) if confirms else None
    planned, seen = held_to_rules(house, acts.plan(house.store, dataset, wanted, act, keys, by, house.today, due), by)
    if planned.problems:
        raise ConfigError("\n".join(map(str, planned.problems)))
    if over is not None and any(entry.version != over + 1 for entry in planned.changed):
        raise ConfigError("他の人が先に進めました。もう一度見てください / somebody was faster; look at it again")
    _write(house, planned, by, reason, seen)
    return planned


def _write(
    house: House, planned: Plan, by: str, reason: str, seen: Sequence[Gap] = (), events: Sequence[GapEvent] = ()
) -> None:
    """Write a plan and what it changes in gaps, or nothing of it where something happened to those that were seen."""
    told = [*events]
    if planned.dataset.name == decided.WAIVERS and (planned.added or planned.changed):
        told += accepting.effects(house, planned, imports.person(house.keys(), by), reason)

    def beside(tx: Transaction) -> None:
        put(house, tx, told, seen)

    imports.apply(planned, house.store, house.vault, house.keys(), by=by, reason=reason, beside=beside)


def confirmed_until(house: House) -> Callable[[str], date]:
    """The last day that a confirmation made today holds in a company: by the parameter that judges confirmations."""
    control, [judging] = "ORG-3-02", [p for view in house.views for p in view.parameters if p.name == CONFIRM_DAYS]
    told = decided.Decided(newest(house, (decided.PARAMETERS,)).rows(decided.PARAMETERS))

    def until(company: str) -> date:
        days = told.thresholds(control, company, (judging,)).get(CONFIRM_DAYS, judging.value)
        return house.today + timedelta(days=int(str(days)))

    return until
