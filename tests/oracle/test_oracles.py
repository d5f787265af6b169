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
from tests.oracle import book, hum, logs, org, pol
from tests.oracle.facts import Block, World, worlds
from tests.oracle.predicates import Facts, Marks, MemberKey, Parameters
from tests.oracle.worlds import book as book_worlds
from tests.oracle.worlds import hum as hum_worlds
from tests.oracle.worlds import logs as logs_worlds
from tests.oracle.worlds import org as org_worlds
from tests.oracle.worlds import pol as pol_worlds

Oracle = Callable[[Facts, Period, Parameters], Marks]
Fold = Callable[[Control, Facts, MemberKey], Hashable]


def exact(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """The texts dictate subject, aspect and day."""
    return key


def by_kind(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """Subject and day are dictated, of the aspects only what is a state, an event, or ``late`` (§8.8)."""
    company, subject, aspect, day = key
    return (company, subject, aspect if aspect == "late" else control.about_aspect(aspect).value, day)


def by_subject(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """Subject and day are dictated; how a requirement is split into aspects is not."""
    company, subject, _, day = key
    return (company, subject, day)


def by_event_day(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """The subject of a state is dictated; of an event only its company and day are."""
    company, subject, aspect, day = key
    return (company, subject if day is None else None, day)


@dataclass(frozen=True)
class Case:
    """A control, its oracle, its worlds, and how far the texts name its members."""

    control: str
    oracle: Oracle
    world: Block
    fold: Fold = exact
    only_deviations: bool = False


CASES = [
    Case("POL-01", pol.pol_01, pol_worlds.pol_01),
    Case("REG-02", pol.reg_02, pol_worlds.reg_02, by_kind),
    Case("ORG-1-02", org.org_1_02, org_worlds.org_1_02),
    Case("ORG-2-01", logs.org_2_01, logs_worlds.org_2_01, by_subject),
    Case("ORG-2-02", logs.org_2_02, logs_worlds.org_2_02, by_event_day),
    Case("ORG-2-05", logs.org_2_05, logs_worlds.org_2_05),
    Case("ORG-3-02", book.org_3_02, book_worlds.org_3_02),
    Case("ORG-3-04", org.org_3_04, org_worlds.org_3_04, by_subject),
    Case("ORG-4-06", org.org_4_06, org_worlds.org_4_06, by_subject),
    Case("ORG-5-04", org.org_5_04, org_worlds.org_5_04, by_kind),
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
    """The marks under the keys that the texts dictate; where several fall together, one deviation is enough.

    A late act is a member (§8.8); whether a punctual one is, no text says: it is left out.
    """
    together: dict[Hashable, bool] = {}
    for key, conforms in marks.items():
        if not (conforms and (case.only_deviations or key[2] == "late")):
            name = case.fold(control, facts, key)
            together[name] = together.get(name, True) and conforms
    return together


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.control)
@settings(max_examples=10, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_control_marks_every_member_as_the_texts_do(case: Case, controls: Catalogue, data: st.DataObject) -> None:
    control = controls.control(case.control)
    parameters = {p.name: p.value for p in control.parameters}
    period, world = data.draw(worlds(case.world, parameters))
    members = engine.run(control, Window.given(world, period))
    assert not isinstance(members, engine.TestFault), members
    facts = filled(world, period)
    answered = {(m.company, m.subject, m.aspect, m.occurred_on): m.conforms for m in members}
    required = case.oracle(facts, period, parameters)
    assert folded(case, control, facts, answered) == folded(case, control, facts, required)
