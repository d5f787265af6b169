"""The shipped catalogue: the controls it promises, each answering its own examples and standing both probes."""

from functools import cache

import pytest

from controls.examples import shown
from controls.loader import FOLDER, Catalogue, load
from controls.model import About
from evidence import yaml_files

IDS = (
    "POL-01", "REG-02",
    "ORG-1-01", "ORG-1-02", "ORG-1-03", "ORG-1-04",
    "ORG-2-01", "ORG-2-02", "ORG-2-05", "ORG-3-01", "ORG-3-02", "ORG-3-03", "ORG-3-04",
    "ORG-3-05", "ORG-3-06", "ORG-4-06", "ORG-5-04", "HUM-01", "HUM-03", "PHY-1-02", "PHY-2-02", "PHY-3-01", "PHY-4-01", "TEC-1-03", "TEC-2-01", "TEC-3-04", "TEC-4-04",
    "VEN-02", "VEN-04", "VEN-05", "EXT-02",
)  # fmt: skip
MEASURES = (
    "POL", "REG", "ORG-1", "ORG-2", "ORG-3", "ORG-4", "ORG-5", "HUM", "PHY-1", "PHY-2", "PHY-3", "PHY-4", "TEC-1", "TEC-2",
    "TEC-3", "TEC-4", "VEN", "EXT",
)  # fmt: skip
CRITICAL = {
    "ORG-2-01", "ORG-4-06", "HUM-03", "PHY-2-02", "PHY-3-01", "PHY-4-01", "TEC-1-03", "TEC-3-04", "TEC-4-04", "VEN-02",
}  # fmt: skip
VIEWS = {
    "active_workers", "person_departments", "main_posts", "days", "engagements", "leavers", "granted", "passed_training",
    "personal_data_access", "active_entries", "book_faults", "book_warnings", "book_rules", "special_care_items",
    "retention", "held_posts",
    *(f"bk_{number:02}" for number in range(1, 25)),
}  # fmt: skip


FILES = sorted(path.name for path in FOLDER.glob("*.yaml"))


@cache
def shipped() -> Catalogue:
    return load()


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_by_the_quick_scanner_which_every_start_waits_for(name: str) -> None:
    assert yaml_files.quick((FOLDER / name).read_text("utf-8"))


def test_it_holds_exactly_the_controls_it_promises() -> None:
    assert tuple(control.id for control in shipped().controls) == IDS


def test_every_measure_of_the_notice_has_a_control() -> None:
    assert tuple(shipped().measures) == MEASURES
    assert {control.measure for control in shipped().controls} == set(MEASURES)


@pytest.mark.parametrize("id", IDS)
def test_its_severity_is_that_of_the_domain(id: str) -> None:
    assert (shipped().control(id).severity == "critical") is (id in CRITICAL)


@pytest.mark.parametrize("id", ["ORG-2-05", "ORG-4-06", "HUM-03", "PHY-2-02", "TEC-3-04", "TEC-4-04"])
def test_what_happened_is_judged_as_an_event(id: str) -> None:
    assert set(shipped().control(id).about.values()) == {About.EVENT}


def test_a_leavers_account_is_judged_as_state_and_as_event() -> None:
    assert set(shipped().control("TEC-1-03").about.values()) == {About.STATE, About.EVENT}


@pytest.mark.parametrize("id", IDS)
def test_every_threshold_has_a_unit_and_an_owner(id: str) -> None:
    assert all(parameter.unit and parameter.owner for parameter in shipped().control(id).parameters)


@pytest.mark.parametrize("id", IDS)
def test_a_control_answers_its_examples_and_stands_the_probes(id: str) -> None:
    outcomes = list(shown(shipped(), id))
    assert len(outcomes) > 2
    assert [str(one) for one in outcomes if one.problem] == []


def test_its_views_are_the_ones_that_are_asked_here() -> None:
    assert {view.name for view in shipped().views} == VIEWS


@pytest.mark.parametrize("rule", [f"bk_{number:02}" for number in range(1, 25)])
def test_a_rule_of_the_book_says_what_is_wrong_in_both_languages(rule: str) -> None:
    [says] = [view.says for view in shipped().views if view.name == rule]
    assert says is not None
    assert says.ja and says.en


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_a_view_answers_its_examples(name: str) -> None:
    outcomes = list(shown(shipped(), name))
    assert outcomes
    assert [str(one) for one in outcomes if one.problem] == []
