"""What a proof leaves out, and SELECTs that share it, change no proof: on the examples of all controls that have such SELECTs."""

import sys
from collections.abc import Callable, Iterator

import pytest

from controls import narrowing, proof
from controls.binding import closed_engine
from controls.definition import with_parameters
from controls.engine import TestFault, prove, run
from controls.examples import holding
from controls.loader import checked
from controls.model import Control
from controls.proof import traced
from controls.shown import Shown
from evidence.period import Period

CONTROLS = {str(control.id): control for control in checked().controls}
ALIKE = ("ORG-3-02", "ORG-3-06", "TEC-1-02", "TEC-2-04", "TEC-4-02", "TPP-03")
NEVER, TWICE = sys.maxsize, 2  # how many SELECTs must want the same for it to be narrowed once


@pytest.fixture
def otherwise(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Let proofs be narrowed in another way."""

    def put(module: object, name: str, value: object) -> None:
        monkeypatch.setattr(module, name, value)
        proof._traced.cache_clear()

    yield put
    proof._traced.cache_clear()


def proofs(control: Control) -> list[object]:
    """The proofs of all deviating members of all its examples."""
    found: list[object] = []
    with closed_engine() as engine:
        for example in checked().examples_of(control.id):
            one = with_parameters(control, example.parameters)
            window = Shown(one.datasets, Period(example.since, example.as_of), engine)
            holding(window, example.given, one.lookback_days)
            answer = run(one, window)
            assert not isinstance(answer, TestFault), answer
            found.append(prove(one, window, [member for member in answer if not member.conforms]))
    return found


def sharing() -> set[str]:
    """The controls in whose proof SELECTs share what they want of a dataset."""
    return {one for one, control in CONTROLS.items() if "_narrowed_" in traced(control).sql}


def test_the_controls_whose_selects_want_the_same_are_those_tried_here(otherwise: Callable[..., None]) -> None:
    assert sharing() == {"ORG-3-02"}
    otherwise(narrowing, "MANY", TWICE)
    assert sharing() == set(ALIKE)


@pytest.mark.parametrize("id", ALIKE)
def test_a_proof_is_the_same_however_it_is_narrowed(id: str, otherwise: Callable[..., None]) -> None:
    otherwise(narrowing, "MANY", NEVER)
    alone = proofs(CONTROLS[id])
    assert any(alone)
    otherwise(narrowing, "MANY", TWICE)
    assert proofs(CONTROLS[id]) == alone
    otherwise(proof, "narrow", lambda *_: None)
    assert proofs(CONTROLS[id]) == alone
