"""What the rules of a register say of rows that are about to be saved: some are refused, of others it is told.

A row that is to hold (requested, approved) may break no error; a draft may, and hears of it. Warnings refuse nothing.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from evidence.datasets import State
from evidence.records import Broken
from evidence.store.values import RegisterVersion
from registers.imports import Plan, version_of
from registers.reading import Problem

TO_HOLD = frozenset({State.SUBMITTED, State.APPROVED})


def versions(plan: Plan) -> list[RegisterVersion]:
    """The rows of a plan as the versions that they would be."""
    digest = plan.digest
    return [version_of(plan, entry, digest, "", "") for entry in plan.added + plan.changed]


def judged(plan: Plan, broken: Iterable[Broken], held: Collection[str] = TO_HOLD) -> Plan:
    """The plan without the rows that may not be saved; why not is among its problems, the rest among its notes.

    ``held`` are the states of rows that may break no error.
    """
    entries = {entry.key: entry for entry in plan.added + plan.changed}
    refused: set[tuple[str, ...]] = set()
    problems, notes = list(plan.problems), list[Problem]()
    for one in broken:
        entry = entries.get(one.key)
        if entry is None:  # a row that is there already, and is not in this sheet
            continue
        told = plan.where.problem(plan.dataset, entry.line, one.column, one.ja, one.en)
        if one.grave and entry.state in held:
            refused.add(entry.key)
            problems.append(told)
        else:
            notes.append(told)
    return replace(
        plan,
        added=tuple(entry for entry in plan.added if entry.key not in refused),
        changed=tuple(entry for entry in plan.changed if entry.key not in refused),
        problems=tuple(sorted(problems, key=lambda problem: problem.row)),
        notes=tuple(sorted(notes, key=lambda note: note.row)),
    )
