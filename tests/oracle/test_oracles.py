"""Each of 24 controls against an oracle written from domain.md and datasets.md alone, over worlds close to the limits.

What is compared is as strict as the texts allow, told per control in :data:`CASES`.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controls import engine
from controls.loader import Catalogue, load_for_judging
from controls.model import Control
from evidence.datasets import catalogue
from evidence.facts.rows import shown, typed
from evidence.facts.window import Window
from evidence.period import Period
from tests.oracle import hum
from tests.oracle.facts import Block, World, worlds
from tests.oracle.predicates import Facts, Marks, MemberKey, Parameters
from tests.oracle.worlds import hum as hum_worlds

Oracle = Callable[[Facts, Period, Parameters], Marks]
Fold = Callable[[Control, Facts, MemberKey], Hashable]


def exact(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """The texts dictate subject, aspect and day."""
    return key


@dataclass(frozen=True)
class Case:
    """A control, its oracle, its worlds, and how far the texts name its members."""

    control: str
    oracle: Oracle
    world: Block
    fold: Fold = exact
    only_deviations: bool = False


CASES = [
    Case("HUM-01", hum.hum_01, hum_worlds.hum_01),
    Case("HUM-03", hum.hum_03, hum_worlds.hum_03),
]


@pytest.fixture(scope="module")
def controls() -> Catalogue:
    return load_for_judging()


def filled(world: World, period: Period) -> Facts:
    """The world as a window shows it: what a row leaves out is filled in, for every dataset."""
    facts: dict[str, list[dict[str, Any]]] = {}
    for dataset in catalogue().values():
        facts[dataset.name] = [
            {column.name: typed(column, row.get(column.name)) for column in dataset.all_columns}
            for row in shown(dataset, world.get(dataset.name, ()), period.zone)
        ]
    return facts


def folded(case: Case, control: Control, facts: Facts, marks: Marks) -> dict[Hashable, bool]:
    """The marks under the keys that the texts dictate; where several fall together, one deviation is enough."""
    together: dict[Hashable, bool] = {}
    for key, conforms in marks.items():
        if not (conforms and case.only_deviations):
            name = case.fold(control, facts, key)
            together[name] = together.get(name, True) and conforms
    return together


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.control)
@settings(max_examples=10, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_control_marks_every_member_as_the_texts_do(case: Case, controls: Catalogue, data: st.DataObject) -> None:
    control = controls.control(case.control)
    period, world = data.draw(worlds(case.world))
    members = engine.run(control, Window.given(world, period))
    assert not isinstance(members, engine.TestFault), members
    facts = filled(world, period)
    answered = {(m.company, m.subject, m.aspect, m.occurred_on): m.conforms for m in members}
    required = case.oracle(facts, period, {p.name: p.value for p in control.parameters})
    assert folded(case, control, facts, answered) == folded(case, control, facts, required)
