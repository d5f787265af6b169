"""The shipped catalogue: the controls it promises, each answering its own examples and standing both probes."""

import pytest

from controls.examples import shown
from controls.loader import FOLDER
from controls.loader import checked as shipped
from controls.model import About
from evidence import yaml_files

SEVERITIES = """
POL-01 H  POL-02 M  POL-03 M  REG-01 H  REG-02 M  REG-03 M
ORG-1-01 H  ORG-1-02 M  ORG-1-03 H  ORG-1-04 M  ORG-2-01 C  ORG-2-02 H  ORG-2-03 H  ORG-2-04 C  ORG-2-05 H
ORG-3-01 H  ORG-3-02 H  ORG-3-03 H  ORG-3-04 H  ORG-3-05 H  ORG-3-06 H
ORG-4-01 H  ORG-4-02 C  ORG-4-03 C  ORG-4-04 C  ORG-4-05 C  ORG-4-06 C
ORG-5-01 H  ORG-5-02 H  ORG-5-03 H  ORG-5-04 H  ORG-5-05 M  HUM-01 H  HUM-02 H  HUM-03 C  HUM-04 M  HUM-05 H  HUM-06 C
PHY-1-01 M  PHY-1-02 H  PHY-1-03 M  PHY-2-01 H  PHY-2-02 C  PHY-2-03 H  PHY-2-04 C
PHY-3-01 C  PHY-3-02 H  PHY-3-03 C  PHY-4-01 C  PHY-4-02 C  PHY-4-03 H
TEC-1-01 H  TEC-1-02 H  TEC-1-03 C  TEC-1-04 H  TEC-1-05 C  TEC-1-06 C  TEC-2-01 H  TEC-2-02 H  TEC-2-03 M  TEC-2-04 H
TEC-3-01 H  TEC-3-02 H  TEC-3-03 H  TEC-3-04 C  TEC-4-01 H  TEC-4-02 M  TEC-4-03 C  TEC-4-04 C  TEC-4-05 C
VEN-01 H  VEN-02 C  VEN-03 H  VEN-04 H  VEN-05 H  VEN-06 C  VEN-07 C  EXT-01 H  EXT-02 H  EXT-03 C  EXT-04 M
TPP-01 C  TPP-02 H  TPP-03 H  TPP-04 H  REQ-01 H  REQ-02 H  REQ-03 M  REQ-04 C  REQ-05 M
"""  # domain.md §1: C critical, H high, M medium
LETTERS = {"C": "critical", "H": "high", "M": "medium"}
OF_DOMAIN = dict(zip(SEVERITIES.split()[::2], SEVERITIES.split()[1::2], strict=True))
IDS = tuple(OF_DOMAIN)
EVENTS = sorted({"ORG-2-05", "ORG-4-06", "HUM-03", "PHY-2-02", "TEC-3-04", "TEC-4-04", "ORG-2-04", "ORG-4-02", "ORG-4-03", "ORG-4-04",
    "ORG-4-05", "PHY-1-03", "TEC-1-06", "TEC-2-04", "TEC-4-02", "TEC-4-03",
    "TPP-01", "REQ-01", "REQ-02", "REQ-03", "REQ-04", "REQ-05"})  # fmt: skip
MEASURES = (
    "POL", "REG", "ORG-1", "ORG-2", "ORG-3", "ORG-4", "ORG-5", "HUM", "PHY-1", "PHY-2", "PHY-3", "PHY-4", "TEC-1", "TEC-2",
    "TEC-3", "TEC-4", "VEN", "EXT", "TPP", "REQ",
)  # fmt: skip
VIEWS = {
    "active_entries", "active_workers", "book_faults", "book_rules", "book_warnings", "confirmed_entries", "contract_terms", "days",
    "device_names", "document_reviews", "documents_in_force", "ended_contracts", "engagements", "entry_confirmations", "granted", "held_posts", "leavers",
    "left_departments", "main_posts", "open_incidents", "open_requests", "outputs", "passed_training",
    "person_departments", "personal_data_access", "personal_data_places", "published_versions", "retention",
    "reviewed_documents", "right_approvals", "special_care_items", "yes_answers",
    *(f"bk_{number:02}" for number in range(1, 25)),
}  # fmt: skip


FILES = sorted(path.name for path in FOLDER.glob("*.yaml"))


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
    assert shipped().control(id).severity == LETTERS[OF_DOMAIN[id]]


@pytest.mark.parametrize("id", EVENTS)
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
