"""A SELECT states its own period: who runs it over all facts, as an auditor may, has the members that were judged."""

import pytest

from controls.binding import closed_engine
from controls.definition import with_parameters
from controls.engine import TestFault, run
from controls.examples import differing
from controls.loader import checked as shipped
from tests.controls.outside import EVENTS, outside

READERS = [control.id for control in shipped().controls if EVENTS & set(control.datasets)]


@pytest.mark.parametrize("id", READERS)
def test_what_happened_outside_of_the_period_makes_no_member(id: str) -> None:
    control = shipped().control(id)
    for example in shipped().examples_of(id):
        with closed_engine() as engine:
            if (moved := outside(control, example, engine)) is not None:
                answer = run(with_parameters(control, example.parameters), moved[1])
                assert not isinstance(answer, TestFault), f"{example.name}: {answer}"
                assert differing(answer, moved[0]) is None, example.name
