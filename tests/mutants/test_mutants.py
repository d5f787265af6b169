"""The mutator itself: what it makes of a SELECT, that a hole in the examples shows, and that its list is not stale."""

from dataclasses import replace
from itertools import islice

import pytest

from controls.loader import checked
from tests.mutants.__main__ import reasons
from tests.mutants.hunt import EXAMPLES, hunt
from tests.mutants.mutate import mutants

CONTROL = "PHY-2-02"


def made(test: str) -> dict[str, str]:
    return {one.name: one.sql for one in mutants(test, frozenset({"days"}))}


@pytest.mark.parametrize(
    ("test", "name", "other"),
    [
        pytest.param("SELECT a >= b", "gt: a >= b", "SELECT a > b", id="a step"),
        pytest.param("SELECT a < b", "gt: a < b", "SELECT a > b", id="turned round"),
        pytest.param("SELECT a = b", "neq: a = b", "SELECT a <> b", id="equal"),
        pytest.param(
            "SELECT a BETWEEN b AND c", "low bound open: a BETWEEN b AND c", "SELECT (a > b AND a <= c)", id="low bound"
        ),
        pytest.param(
            "SELECT a BETWEEN b AND c", "high bound open: a BETWEEN b AND c", "SELECT (a >= b AND a < c)", id="high"
        ),
        pytest.param("SELECT a WHERE b AND c AND d", "without: b", "SELECT a WHERE c AND d", id="the first term"),
        pytest.param("SELECT a WHERE b AND c AND d", "without: c", "SELECT a WHERE b AND d", id="the middle term"),
        pytest.param("SELECT a WHERE b AND c AND d", "without: d", "SELECT a WHERE b AND c", id="the last term"),
        pytest.param("SELECT a WHERE b OR c", "without: c", "SELECT a WHERE b", id="an alternative"),
        pytest.param("SELECT a WHERE b", "without: WHERE b", "SELECT a WHERE TRUE", id="the only term"),
        pytest.param("SELECT NOT a", "without NOT: NOT a", "SELECT a", id="a negation"),
        pytest.param(
            "SELECT 1 FROM a LEFT JOIN b ON c", "INNER JOIN: LEFT JOIN b ON c", "SELECT 1 FROM a JOIN b ON c", id="inner"
        ),
        pytest.param("SELECT 1 FROM a JOIN b ON c", "LEFT JOIN: JOIN b ON c", "SELECT 1 FROM a LEFT JOIN b ON c", id="left"),
        pytest.param("SELECT a > $days", "one more than $days: a > $days", "SELECT a > ($days + 1)", id="a parameter"),
        pytest.param("SELECT a > $as_of", "one less than $as_of: a > $as_of", "SELECT a > ($as_of - 1)", id="the day"),
        pytest.param("SELECT a > 1", "another 1: a > 1", "SELECT a > 0", id="a number"),
        pytest.param("SELECT a = 'x'", "another 'x': a = 'x'", "SELECT a = 'x?'", id="a text"),
        pytest.param("SELECT coalesce(a, FALSE)", "another FALSE: COALESCE(a, FALSE)", "SELECT COALESCE(a, TRUE)", id="a mark"),
    ],
)  # fmt: skip
def test_a_slip_of_each_kind_is_made(test: str, name: str, other: str) -> None:
    assert made(test)[name] == other


def test_the_one_that_exists_selects_is_left_alone() -> None:
    assert not any("another 1" in name for name in made("SELECT EXISTS (SELECT 1 FROM a WHERE b = c)"))


def test_examples_kill_mutants_and_fewer_examples_kill_fewer() -> None:
    catalogue = checked()
    control = catalogue.control(CONTROL)
    found = list(islice(hunt(control, catalogue), 6))
    assert sum(one.by == EXAMPLES for one in found) > 3
    blind = list(islice(hunt(control, replace(catalogue, examples=())), 6))
    assert [one.mutant for one in blind] == [one.mutant for one in found]
    assert not any(one.by == EXAMPLES for one in blind)


def test_a_control_that_differs_from_its_oracle_kills_nothing() -> None:
    catalogue = checked()
    control = catalogue.control(CONTROL)
    [found] = hunt(
        replace(control, test=control.test.replace("bool_and(s.known) AS", "NOT bool_and(s.known) AS")), catalogue
    )
    assert found.by is None


def test_every_survivor_has_its_reason() -> None:
    assert reasons().keys() <= {control.id for control in checked().controls}
    assert all(reason.strip() for told in reasons().values() for reason in told.values())
