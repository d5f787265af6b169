"""What is planted: enough of it, in every control, in distinct subjects, whatever the seed."""

from collections import Counter

import pytest

from tests.demo.conftest import SEEDS, world

CONTROLS = (
    "POL-01",
    "REG-02",
    "ORG-1-02",
    "ORG-2-01",
    "ORG-2-02",
    "ORG-2-05",
    "ORG-3-02",
    "ORG-3-04",
    "ORG-4-06",
    "ORG-5-04",
    "HUM-01",
    "HUM-03",
    "PHY-1-02",
    "PHY-2-02",
    "PHY-3-01",
    "PHY-4-01",
    "TEC-1-03",
    "TEC-2-01",
    "TEC-3-04",
    "TEC-4-04",
    "VEN-02",
    "VEN-04",
    "VEN-05",
    "EXT-02",
)


@pytest.mark.parametrize("seed", SEEDS)
def test_at_least_sixty_faults_are_planted(seed: int) -> None:
    assert sum(not (one.near_miss or one.optional) for one in world(seed)[1].planted) >= 60


@pytest.mark.parametrize("seed", SEEDS)
def test_at_least_sixty_near_misses_are_planted(seed: int) -> None:
    assert sum(one.near_miss for one in world(seed)[1].planted) >= 60


@pytest.mark.parametrize("seed", SEEDS)
def test_every_control_has_two_faults(seed: int) -> None:
    faults = Counter(one.control for one in world(seed)[1].planted if not (one.near_miss or one.optional))
    assert {control for control in CONTROLS if faults[control] >= 2} == set(CONTROLS)


@pytest.mark.parametrize("seed", SEEDS)
def test_both_companies_have_faults(seed: int) -> None:
    faults = Counter(one.company for one in world(seed)[1].planted if not (one.near_miss or one.optional))
    assert min(faults["AOI"], faults["MID"]) >= 30


@pytest.mark.parametrize("seed", SEEDS)
def test_no_near_miss_shares_its_subject_with_a_fault_of_its_control(seed: int) -> None:
    planted = world(seed)[1].planted
    faulty = {(p.control, p.company, name) for p in planted if not p.near_miss for name in p.subject_any if name != "*"}
    spared = {(p.control, p.company, name) for p in planted if p.near_miss for name in p.subject_any}
    assert not faulty & spared - _systems_with_both(faulty & spared)


def _systems_with_both(names: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """Nothing but countries may be named by two plants: theirs is another holder."""
    return {name for name in names if name[0] == "EXT-02"}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_world_has_the_size_that_was_asked_for(seed: int) -> None:
    group, _ = world(seed)
    assert 295 <= len({w.no for w in group.workers}) <= 310
    assert len(group.departments) == 8
    assert sum(1 for host in group.hosts.values() if host.source) == 12
    assert 30_000 <= len(group.access) <= 60_000
