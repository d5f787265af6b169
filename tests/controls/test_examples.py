"""``controls test``: examples answer their whole population, and the probes find what no example shows."""

from pathlib import Path

import pytest

from controls.examples import Outcome, shown
from controls.loader import load
from tests.controls.catalogues import CONTROLS, EXAMPLES, VIEWS, changed, write


def outcomes(folder: Path, only: str | None = None) -> dict[str | None, Outcome]:
    """What came of the control's one example, by probe."""
    return {one.probe: one for one in shown(load(folder), only) if one.of == "HUM-01"}


def test_a_sound_control_passes_its_example_and_all_probes(tmp_path: Path) -> None:
    found = list(shown(load(write(tmp_path))))
    assert [one.problem for one in found] == [None] * len(found)
    assert {(one.of, one.probe) for one in found} == {
        ("staff", None),
        ("HUM-01", None),
        ("HUM-01", "training without rows"),
    }


def test_a_wrong_mark_is_told_by_the_name_of_the_member(tmp_path: Path) -> None:
    examples = changed(EXAMPLES, "{E1: true, E2: false}", "{E1: false, E2: true}")
    assert outcomes(write(tmp_path, examples=examples))[None].problem == "E1 is true; E2 is false"


@pytest.mark.parametrize(
    ("tells", "problem"),
    [
        pytest.param("{E2: {last_trained: 2025-03-30}}", None, id="what the message says"),
        pytest.param(
            "{E2: {last_trained: 2025-03-31}}", "E2 has last_trained datetime.date(2025, 3, 30)", id="another value"
        ),
        pytest.param("{E2: {last_trained: null}}", "E2 has last_trained datetime.date(2025, 3, 30)", id="nothing"),
        pytest.param("{E2: {department: D2}}", "E2 has department 'D1'", id="another department"),
        pytest.param("{E1: {trained_last: 2025-03-31}}", "E1 has trained_last None", id="a column that is not there"),
    ],
)
def test_an_example_may_say_what_is_told_of_a_member(tmp_path: Path, tells: str, problem: str | None) -> None:
    assert outcomes(write(tmp_path, examples=f"{EXAMPLES}    tells: {tells}\n"))[None].problem == problem


@pytest.mark.parametrize(
    ("expect", "problem"),
    [
        pytest.param("{E1: true, E2: false, E3: true}", "E3 is no member", id="a member that is none"),
        pytest.param("{E2: false}", "E1 is a member too (true)", id="a member that is not told"),
    ],
)
def test_the_whole_population_is_expected(tmp_path: Path, expect: str, problem: str) -> None:
    more = EXAMPLES + EXAMPLES.removeprefix("HUM-01:\n").replace("{E1: true, E2: false}", expect).replace(
        "counts", "counts again"
    )
    told = [
        one.problem
        for one in shown(load(write(tmp_path, examples=more)))
        if one.example.startswith("trained a year ago counts again")
    ]
    assert told[0] == problem


def test_members_are_named_with_aspect_and_day(tmp_path: Path) -> None:
    controls = changed(CONTROLS, "about: state", "about: {training: event}")
    controls = changed(controls, "AS subject, w", "AS subject, 'training' AS aspect, $as_of AS occurred_on, w")
    examples = changed(
        EXAMPLES, "{E1: true, E2: false}", "{E1/training@2026-03-31: true, E2/training@2026-03-31: false}"
    )
    assert outcomes(write(tmp_path, controls=controls, examples=examples))[None].problem is None


def test_one_name_in_two_companies_is_told_with_the_company(tmp_path: Path) -> None:
    controls = changed(CONTROLS, "w.engagement_key AS subject", "w.person_key AS subject")
    controls = changed(controls, "GROUP BY w.engagement_key", "GROUP BY w.person_key")
    examples = changed(
        EXAMPLES, "{engagement_key: E2, person_key: P2}", "{engagement_key: E2, person_key: P1, company: C2}"
    )
    examples = changed(examples, "{E1: true, E2: false}", "{P1: true, C2:P1: false}")
    assert outcomes(write(tmp_path, controls=controls, examples=examples))[None].problem == (
        "P1 is no member; C1:P1 is a member too (true); C2:P1 is true"
    )


def test_an_example_may_use_other_values_of_the_parameters(tmp_path: Path) -> None:
    examples = changed(EXAMPLES, "    given:", "    parameters: {training_days: 366}\n    given:")
    examples = changed(examples, "E2: false", "E2: true") + EXAMPLES.removeprefix("HUM-01:\n").replace(
        "counts", "still counts"
    )
    found = [one.problem for one in shown(load(write(tmp_path, examples=examples))) if one.of == "HUM-01"]
    assert found == [None] * 4


def test_events_before_the_lookback_are_not_there(tmp_path: Path) -> None:
    controls = changed(CONTROLS, "lookback_days: 400", "lookback_days: 300")
    assert outcomes(write(tmp_path, controls=controls))[None].problem == "E1 is false"


def test_the_first_probe_finds_a_mark_that_turns_null(tmp_path: Path) -> None:
    controls = changed(
        CONTROLS,
        "coalesce(max(t.completed_on) >= $as_of - $training_days, false)",
        "bool_or(t.passed AND t.score >= $training_days)",
    )
    examples = changed(EXAMPLES, "occurred_on: 2025-03-31}", "occurred_on: 2025-03-31, passed: true, score: 400}")
    examples = changed(examples, "occurred_on: 2025-03-30}", "occurred_on: 2025-03-30, passed: true, score: 1}")
    found = outcomes(write(tmp_path, controls=controls, examples=examples))
    assert found[None].problem is None
    told = found["training.score empty"].problem
    assert told is not None
    assert told.startswith("conforms is NULL in 2 of 2 rows; write coalesce")


def test_the_first_probe_leaves_columns_alone_that_the_test_does_not_name(tmp_path: Path) -> None:
    examples = changed(
        EXAMPLES, "{engagement_key: E1, person_key: P1}", "{engagement_key: E1, person_key: P1, employer: AOI}"
    )
    assert "workers.employer empty" not in outcomes(write(tmp_path, examples=examples))


def test_the_first_probe_looks_into_the_views(tmp_path: Path) -> None:
    examples = changed(
        EXAMPLES, "{engagement_key: E1, person_key: P1}", "{engagement_key: E1, person_key: P1, left_on: 2026-03-31}"
    )
    assert outcomes(write(tmp_path, examples=examples))["workers.left_on empty"].problem is None


def test_the_second_probe_finds_an_inner_join_that_hides_members(tmp_path: Path) -> None:
    controls = changed(CONTROLS, "LEFT JOIN training", "JOIN training")
    found = outcomes(write(tmp_path, controls=controls))
    assert found[None].problem is None
    told = found["training without rows"].problem
    assert told is not None
    assert told.startswith("E1, E2 disappeared; LEFT JOIN it")


def test_the_second_probe_spares_what_makes_the_population(tmp_path: Path) -> None:
    controls = changed(
        changed(CONTROLS, "LEFT JOIN training", "JOIN training"),
        "population: [workers]",
        "population: [workers, training]",
    )
    assert set(outcomes(write(tmp_path, controls=controls))) == {None}


def test_a_row_of_a_view_that_nobody_expects_is_told(tmp_path: Path) -> None:
    views = changed(VIEWS, "expect: [{engagement_key: E1}]", "expect: []")
    [told] = [one.problem for one in shown(load(write(tmp_path, views=views)), "staff")]
    assert told is not None
    assert told.startswith("rows that nobody expects")


def test_a_row_that_a_view_lacks_is_told(tmp_path: Path) -> None:
    views = changed(VIEWS, "expect: [{engagement_key: E1}]", "expect: [{engagement_key: E2}]")
    [told] = [one.problem for one in shown(load(write(tmp_path, views=views)), "staff")]
    assert told is not None
    assert told.startswith("no row {'engagement_key': 'E2'}")


def test_a_history_may_be_written_beside_its_dataset(tmp_path: Path) -> None:
    views = changed(VIEWS, "FROM workers AS w", "FROM workers_history AS w")
    views = changed(
        views,
        "          workers:\n",
        "          workers_history:\n            - {engagement_key: E9, valid_from_on: 2025-01-01, "
        "valid_to_on: 2025-12-31}\n          workers:\n",
    )
    views = changed(views, "expect: [{engagement_key: E1}]", "expect: [{engagement_key: E9}]")
    [told] = [one.problem for one in shown(load(write(tmp_path, views=views)), "staff")]
    assert told is None
