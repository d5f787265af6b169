"""What people hand in at the desk: sheets and acts on rows, held to the rules of their register before they stay."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from controls import decided, rules
from evidence.datasets import register
from evidence.errors import ConfigError
from evidence.facts.rows import typed
from house import House, newest
from registers import acts, imports, refusals
from registers.approval import Act
from registers.csv_files import Encoding
from registers.imports import Plan
from registers.versions import by_key, entered

CONFIRMING = frozenset({Act.CONFIRM, Act.APPROVE})
CONFIRM_DAYS = "book_confirm_days"


def import_register(
    house: House, name: str, path: Path, by: str, reason: str, *, dry_run: bool = False, charset: Encoding | None = None
) -> Plan:
    """Plan an import of a register's file and, unless it is a dry run, write it."""
    keys, codes = house.keys(), house.settings.codes
    planned = imports.plan(
        house.store, register(name), path, keys, by, companies=codes, zone=house.zone, encoding=charset
    )
    planned = held_to_rules(house, planned, by)
    if not dry_run:
        imports.apply(planned, house.store, house.vault, keys, by=by, reason=reason)
    return planned


def enter(house: House, name: str, row: Mapping[str, object], by: str, reason: str) -> None:
    """Add one row, or the next version of one; ConfigError names what cannot be taken, and then nothing is written."""
    keys, codes = house.keys(), house.settings.codes
    planned = imports.plan_rows(house.store, register(name), [row], keys, by, companies=codes, zone=house.zone)
    planned = held_to_rules(house, planned, by)
    if planned.problems:
        raise ConfigError("\n".join(f"{problem.column}: {problem.ja} / {problem.en}" for problem in planned.problems))
    imports.apply(planned, house.store, house.vault, keys, by=by, reason=reason)


def next_id(house: House, name: str, prefix: str) -> str:
    """The number after the last of the day; who takes it at the same moment as another is told to try again."""
    start = f"{prefix}-{house.today:%Y%m%d}-"
    keys = (key[0] for key in by_key(entered(house.store, register(name))) if key[0].startswith(start))
    taken = (key.removeprefix(start) for key in keys)
    return f"{start}{max((int(number) for number in taken if number.isdecimal()), default=0) + 1:03d}"


def held_to_rules(house: House, planned: Plan, by: str) -> Plan:
    """A plan without the rows that the rules of its register refuse as of today, telling what else they find."""
    name = planned.dataset.name
    if name in decided.DECIDED:
        entries = planned.added + planned.changed
        told = ({c.name: typed(c, entry.values.get(c.name)) for c in planned.dataset.columns} for entry in entries)
        controls, keys = {str(control.id): control for control in house.catalogue.controls}, house.keys()
        who = imports.person(keys, by)
        return refusals.judged(planned, decided.broken(name, told, controls, keys.of_person, who))
    if name not in rules.JUDGING:  # the views take longer to read than most sheets
        return planned
    read, versions = rules.datasets(name, house.views), refusals.versions(planned, house.today)
    seen = newest(house, read, versions, history=True)
    return refusals.judged(planned, rules.broken(name, house.views, seen))


def act_on(house: House, name: str, rows: Sequence[str], act: Act, by: str, reason: str) -> Plan:
    """Do to all these rows of a register, by their keys, what a person does to them, or to none of them.

    ConfigError names every row that refuses it, or that the rules of its register refuse then.
    """
    dataset, keys = register(name), house.keys()
    wanted = [acts.key_of(dataset, row) for row in rows]
    confirms = dataset.approval is not None and dataset.approval.confirmation is not None and act in CONFIRMING
    due = confirmed_until(house) if confirms else None
    planned = held_to_rules(house, acts.plan(house.store, dataset, wanted, act, keys, by, house.today, due), by)
    if planned.problems:
        raise ConfigError("\n".join(map(str, planned.problems)))
    imports.apply(planned, house.store, house.vault, keys, by=by, reason=reason)
    return planned


def confirmed_until(house: House) -> Callable[[str], date]:
    """The last day that a confirmation made today holds in a company: by the parameter that judges confirmations."""
    control, [judging] = "ORG-3-02", [p for view in house.views for p in view.parameters if p.name == CONFIRM_DAYS]
    told = decided.Decided(newest(house, (decided.PARAMETERS,)).rows(decided.PARAMETERS))

    def until(company: str) -> date:
        days = told.thresholds(control, company, (judging,)).get(CONFIRM_DAYS, judging.value)
        return house.today + timedelta(days=int(str(days)))

    return until
