"""What is planted: enough of it, in every control, in distinct subjects, whatever the seed."""

from collections import Counter
from collections.abc import Mapping
from functools import cache

import pytest

from controls.loader import load_for_judging
from controls.model import About
from demo.days import DAYS
from demo.group import COMPANIES
from demo.plan import UNVERIFIED, Planted
from tests.demo.conftest import SEEDS, world

CONTROLS = tuple(control.id for control in load_for_judging().controls)


@cache
def _about() -> dict[str, Mapping[str | None, About]]:
    return {control.id: control.about for control in load_for_judging().controls}


def _asked(one: Planted) -> set[About]:
    """What the control asks about where the plan says no aspect: a state, events, or either."""
    about = _about()[one.control]
    return {about[one.aspect]} if one.aspect in about else set(about.values())


def _faults(seed: int) -> list[Planted]:
    return [one for one in world(seed)[1].planted if not one.near_miss]


@pytest.mark.parametrize("seed", SEEDS)
def test_at_least_sixty_faults_are_planted(seed: int) -> None:
    assert len(_faults(seed)) >= 60


@pytest.mark.parametrize("seed", SEEDS)
def test_at_least_sixty_near_misses_are_planted(seed: int) -> None:
    assert sum(one.near_miss for one in world(seed)[1].planted) >= 60


@pytest.mark.parametrize("seed", SEEDS)
def test_every_control_has_three_faults_and_three_near_misses(seed: int) -> None:
    told = Counter((one.control, one.near_miss) for one in world(seed)[1].planted)
    assert (told["POL-01", False], told["POL-01", True]) == (1, 1)  # its members are companies, and there are two
    assert {
        (one, near) for one in CONTROLS if one != "POL-01" for near in (False, True) if told[one, near] < 3
    } == set()


@pytest.mark.parametrize("seed", SEEDS)
def test_both_companies_have_faults(seed: int) -> None:
    faults = Counter(one.company for one in _faults(seed))
    assert min(faults["AOI"], faults["MID"]) >= 30


@pytest.mark.parametrize("seed", SEEDS)
def test_every_fault_is_the_only_one_of_its_control_company_subject_and_aspect(seed: int) -> None:
    counted = Counter((one.control, one.company, one.subject, one.aspect) for one in _faults(seed))
    assert set(counted.values()) == {1}


@pytest.mark.parametrize("seed", SEEDS)
def test_no_near_miss_is_a_fault_of_the_same_day(seed: int) -> None:
    faults = {(p.control, p.company, p.subject, p.aspect, p.day) for p in _faults(seed)}
    spared = {(p.control, p.company, p.subject, p.aspect, p.day) for p in world(seed)[1].planted if p.near_miss}
    assert not faults & spared


@pytest.mark.parametrize("seed", SEEDS)
def test_an_event_is_planted_with_its_day_and_a_state_with_none(seed: int) -> None:
    told = [one for one in world(seed)[1].planted if one.subject != UNVERIFIED]
    assert [one for one in told if (About.EVENT if one.day else About.STATE) not in _asked(one)] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fault_tells_its_aspect_where_the_control_asks_about_a_state_and_about_events(seed: int) -> None:
    told = [one for one in _faults(seed) if one.subject != UNVERIFIED]
    assert [one for one in told if None not in _about()[one.control] and len(_asked(one)) > 1] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_the_world_has_the_size_that_was_asked_for(seed: int) -> None:
    group, _ = world(seed)
    assert len(COMPANIES) == 2
    assert len(group.departments) == 14
    assert 415 <= len({w.no for w in group.workers}) <= 430
    assert len(group.registers["vendors"]) >= 40
    assert sum(1 for host in group.hosts.values() if host.source) == 12
    assert len(DAYS) == 60
    assert 30_000 <= len(group.access) <= 60_000
