"""Entering one row into a register from the command line, by the rules that hold for a sheet."""

from collections.abc import Mapping

from evidence.datasets import Dataset, catalogue
from evidence.errors import ConfigError
from house import House
from registers import imports
from registers.versions import by_key, entered


def enter(house: House, register: str, row: Mapping[str, object], by: str, reason: str) -> None:
    """Add one row; ConfigError names every column that cannot be taken, and then nothing is written."""
    keys = house.keys()
    plan = imports.plan_rows(
        house.store, _dataset(register), [row], keys, by, companies=house.settings.codes, zone=house.zone
    )
    if plan.problems:
        raise ConfigError("\n".join(f"{problem.column}: {problem.en}" for problem in plan.problems))
    imports.apply(plan, house.store, house.vault, keys, by=by, reason=reason)


def next_id(house: House, register: str, prefix: str) -> str:
    """The next free number of the day; who takes it at the same moment as another is told to try again."""
    start = f"{prefix}-{house.today:%Y%m%d}-"
    taken = [key[0] for key in by_key(entered(house.store, _dataset(register))) if key[0].startswith(start)]
    return f"{start}{len(taken) + 1:03d}"


def _dataset(register: str) -> Dataset:
    return catalogue()[register]
