"""Which mutants of a control its examples find, and which its oracles find in worlds close to the limits."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import duckdb
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from controls import engine
from controls.allowed import NotOneSelectError
from controls.binding import closed_engine
from controls.definition import with_parameters
from controls.examples import differing, holding
from controls.loader import Catalogue, checked
from controls.model import Control
from controls.population import Population
from controls.shown import Shown
from evidence.facts.window import Window
from evidence.period import Period
from tests.controls.outside import outside
from tests.mutants.mutate import Mutant, mutants
from tests.oracle.facts import Told, worlds
from tests.oracle.test_oracles import CASES, Case, filled, folded

EXAMPLES, ORACLES = "examples", "oracles"


@dataclass(frozen=True, slots=True)
class Hunted:
    """One mutant and what killed it: the examples, the oracles, or (None) nothing."""

    control: str
    mutant: Mutant
    by: str | None


def hunted(control: str) -> list[Hunted]:
    """Every mutant of a control of the shipped catalogue, by its id: what a process of its own is asked."""
    return list(hunt(checked().control(control), checked()))


def hunt(control: Control, catalogue: Catalogue) -> Iterator[Hunted]:
    """Every mutant of a control, with what killed it."""
    numbers = frozenset(p.name for p in control.parameters if type(p.value) is int)
    with ExitStack() as engines:
        examples, oracles = _Examples(control, catalogue, engines), _Oracles(control)
        if oracles.kill(control):  # in such a world every mutant would seem to be found
            yield Hunted(
                control.id, Mutant("nothing: the control as it is differs from its oracle", control.test), None
            )
            return
        for mutant in mutants(control.test, numbers):
            changed = replace(control, test=mutant.sql)
            by = EXAMPLES if examples.kill(changed) else ORACLES if oracles.kill(changed) else None
            yield Hunted(control.id, mutant, by)


class _Examples:
    """The examples of a control, as they are and with their events outside of the period; each in an engine of its own."""

    def __init__(self, control: Control, catalogue: Catalogue, engines: ExitStack) -> None:
        self.shown = []
        for example in catalogue.examples_of(control.id):
            window = Shown(
                control.datasets, Period(example.since, example.as_of), engines.enter_context(closed_engine())
            )
            holding(window, example.given, control.lookback_days)
            self.shown.append((example, window))
            if (moved := outside(control, example, engines.enter_context(closed_engine()))) is not None:
                self.shown.append(moved)

    def kill(self, control: Control) -> bool:
        """Whether any example is answered wrongly."""
        for example, window in self.shown:
            answer = _answer(with_parameters(control, example.parameters), window)
            if answer is None or differing(answer, example):
                return True
        return False


class _Oracles:
    """The worlds of a control with what the texts require in them, drawn when first needed."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._worlds: list[tuple[Case, Window, Any, Mapping[Any, bool]]] | None = None

    def kill(self, control: Control) -> bool:
        """Whether the answer differs from what is required in any world."""
        if self._worlds is None:
            self._worlds = list(self._drawn())
        return any(_differs(control, *drawn) for drawn in self._worlds)

    def _drawn(self) -> Iterator[tuple[Case, Window, Any, Mapping[Any, bool]]]:
        control = self._control
        parameters = {p.name: p.value for p in control.parameters}
        for case in CASES:
            for told in _worlds(case, parameters) if case.control == control.id else ():
                window = Window.given(told.world, told.period, only=control.datasets)
                facts = filled(told.world, told.period)
                yield case, window, facts, folded(case, control, facts, case.oracle(facts, told.period, parameters))


def _differs(control: Control, case: Case, window: Window, facts: Any, required: Mapping[Any, bool]) -> bool:
    """Whether the answer in a world is not the one that is required there."""
    answer = _answer(control, window)
    if answer is None:
        return True
    marks = {(m.company, m.subject, m.aspect, m.occurred_on): m.conforms for m in answer}
    return folded(case, control, facts, marks) != required


def _worlds(case: Case, parameters: Mapping[str, Any]) -> list[Told]:
    """As many worlds as the suite draws of a case, the same in every run."""
    kept: list[Told] = []

    @settings(
        max_examples=5,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(data=st.data())
    def draw(data: st.DataObject) -> None:
        kept.append(data.draw(worlds(case.world, parameters)))

    draw()
    return kept


def _answer(control: Control, window: engine.Evidence) -> Population | None:
    """What a mutant answers; None when it does not run, or when its answer is unsound."""
    try:
        answer = engine.run(control, window)
    except (duckdb.Error, NotOneSelectError):
        return None
    return None if isinstance(answer, engine.TestFault) else answer
