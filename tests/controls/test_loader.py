"""What a catalogue may be: everything else is refused with its place and a remedy."""

from pathlib import Path

import pytest

from controls.examples import shown
from controls.loader import load, load_for_judging
from controls.model import About, Basis, Words
from evidence.errors import ConfigError, Misplaced
from tests.controls.catalogues import CONTROLS, EXAMPLES, VIEWS, changed, place, write


def refused(folder: Path) -> list[str]:
    with pytest.raises(Misplaced) as caught:
        load(folder)
    return [str(problem) for problem in caught.value.problems]


def test_a_sound_catalogue_is_loaded_whole(tmp_path: Path) -> None:
    catalogue = load(write(tmp_path))
    [one] = catalogue.controls
    assert (one.id, one.measure, one.about, one.lookback_days) == ("HUM-01", "HUM", {None: About.STATE}, 400)
    assert [view.name for view in one.views] == ["staff"]
    assert catalogue.examples_of("HUM-01")[0].expect == {"E1": True, "E2": False}
    assert catalogue.view_examples[0].since.isoformat() == "2026-03-01"


def test_a_basis_keeps_what_is_not_verified(tmp_path: Path) -> None:
    [one] = load(write(tmp_path)).controls
    assert one.basis[2] == Basis("jis", "JIS Q 15001", "J.4.3", verified=False)


def test_an_unknown_control_is_a_configuration_error(tmp_path: Path) -> None:
    catalogue = load(write(tmp_path))
    with pytest.raises(ConfigError, match="no control HUM-99"):
        catalogue.control("HUM-99")


def test_judging_reads_the_same_definitions_without_their_examples(tmp_path: Path) -> None:
    write(tmp_path)
    assert load_for_judging(tmp_path).controls == load(tmp_path).controls
    assert load_for_judging(tmp_path).examples == ()


def test_judging_refuses_what_the_list_does_not_admit(tmp_path: Path) -> None:
    write(tmp_path, controls=changed(CONTROLS, "max(t.completed_on) AS last", "now() AS last"))
    with pytest.raises(Misplaced, match="a judgement asks no clock"):
        load_for_judging(tmp_path)


def test_a_missing_folder_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        load(tmp_path / "nowhere")


def test_a_control_inherits_the_parameters_of_its_views(tmp_path: Path) -> None:
    views = changed(
        VIEWS, "    select: |\n", "    parameters:\n      grace: {value: 3, unit: days, owner: x}\n    select: |\n"
    )
    views = changed(views, "w.left_on >= $as_of", "w.left_on >= $as_of - $grace")
    [one] = load(write(tmp_path, views=views)).controls
    assert [p.name for p in one.parameters] == ["training_days", "grace"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("value: 365", "value: 364", id="a parameter"),
        pytest.param("is trained", "was trained", id="a word"),
        pytest.param("lookback_days: 400", "lookback_days: 401", id="the lookback"),
        pytest.param("max(t.completed_on) AS last", "min(t.completed_on) AS last", id="the test"),
    ],
)
def test_the_digest_follows_the_definition(tmp_path: Path, old: str, new: str) -> None:
    before = load(write(tmp_path)).controls[0].digest
    after = load(write(tmp_path, controls=changed(CONTROLS, old, new))).controls[0].digest
    assert before != after


def test_the_digest_follows_the_views(tmp_path: Path) -> None:
    before = load(write(tmp_path)).controls[0].digest
    after = load(write(tmp_path, views=changed(VIEWS, "hired_on <= $as_of", "hired_on < $as_of"))).controls[0].digest
    assert before != after


def test_the_digest_is_the_same_wherever_the_folder_is(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    assert load(write(tmp_path / "a")).controls[0].digest == load(write(tmp_path / "b")).controls[0].digest


IN_CONTROLS = [
    pytest.param("severity: high", "severity: high\n    colour: red", "red", "Extra inputs", id="an unknown key"),
    pytest.param(
        "title: {ja: 年次教育, en: Annual training}",
        "title: {ja: 年次教育}",
        "{ja: 年次教育}",
        "Field required",
        id="a missing title",
    ),
    pytest.param("severity: high", "severity: dire", "dire", "critical", id="an unknown severity"),
    pytest.param("- id: HUM-01", "- id: ORG-01", "ORG-01", "not of measure HUM", id="an id of another measure"),
    pytest.param(
        "[workers, training]", "[workers, training, wrokers]", "wrokers", "no such dataset", id="an unknown dataset"
    ),
    pytest.param(
        "[workers, training]", "[workers, training, leaves]", "leaves", "never read", id="a dataset that is never read"
    ),
    pytest.param(
        "[workers, training]", "[workers]", "[workers]", "training is read but not declared", id="an undeclared dataset"
    ),
    pytest.param(
        "population: [workers]",
        "population: [leaves]",
        "leaves]",
        "not among the datasets",
        id="a population from elsewhere",
    ),
    pytest.param(
        "    test: |",
        "      spare: {value: 1, unit: d, owner: x}\n    test: |",
        "{value: 1,",
        "never used",
        id="an unused parameter",
    ),
    pytest.param("- $training_days", "- $traning_days", "$traning_days", "not declared", id="an undeclared parameter"),
    pytest.param("value: 365", "value: 401", "401", "outside its limits 1 to 400", id="a value outside its limits"),
    pytest.param("value: 365,", "value: 3000000000,", "3000000000", "too large", id="a number too large for a day"),
    pytest.param("value: 365,", "value: [a, b],", "[a, b]", "has no limits", id="limits of a list"),
    pytest.param("t.completed_on) AS", "t.done_on) AS", "done_on) AS", "done_on", id="an unknown column"),
    pytest.param("FROM staff AS w", "FROM crew AS w", "crew AS", "no such dataset", id="an unknown table"),
    pytest.param("FROM staff AS w", "FROM staff AS w ON", "ON\n", "is not SQL", id="broken SQL"),
    pytest.param(
        "{subject}: 未受講", "{name}: 未受講", '"{name}', "no column of the test", id="a message with an unknown column"
    ),
    pytest.param(
        "{subject}: 未受講", "{subject: 未受講", '"{subject:', "is not a message", id="a message that cannot be read"
    ),
    pytest.param("AS conforms", "AS fits", "SELECT w.eng", "no column conforms", id="no column conforms"),
    pytest.param(
        "w.company, w.department,\n", "w.department,\n", "SELECT w.eng", "no column company", id="no column company"
    ),
    pytest.param(
        "w.engagement_key AS subject", "w.engagement_key", "SELECT w.eng", "no column subject", id="no column subject"
    ),
    pytest.param(
        "w.company, w.department,\n", "w.company,\n", "SELECT w.eng", "no column department", id="no column department"
    ),
    pytest.param(
        "max(t.completed_on) AS last_trained",
        "max(w.department) AS company",
        "SELECT w.eng",
        "company is answered twice",
        id="a column twice",
    ),
    pytest.param(
        "$as_of - $training_days, false)",
        "$as_of - $training_days, false) AND t.a",
        "a AS conforms",
        '"a"',
        id="a wrong column in a long test",
    ),
    pytest.param("about: state", "about: event", "SELECT w.eng", "needs occurred_on", id="an event without its day"),
    pytest.param(
        "about: state", "about: {account: state}", "SELECT w.eng", "no column aspect", id="aspects without their column"
    ),
    pytest.param(
        "max(t.completed_on) AS last",
        "max(w.hired_on - t.completed_on) AS last",
        "w.hired_on - t",
        "date_diff",
        id="a difference of days",
    ),
    pytest.param(
        "max(t.completed_on) AS last", "max(t.recorded_at) AS last", "recorded_at", "recorded_at", id="recorded time"
    ),
    pytest.param(
        "max(t.completed_on) AS last", "max(t.row_ref) AS last", "row_ref", "row_ref", id="hand-written proof"
    ),
    pytest.param("max(t.completed_on) AS last", "now() AS last", "now()", "$as_of", id="the clock"),
    pytest.param(
        "LEFT JOIN training AS t ON",
        "LEFT JOIN training AS kind ON",
        "AS kind",
        "a column has this name",
        id="an alias that is a column",
    ),
]


@pytest.mark.parametrize(("old", "new", "at", "what"), IN_CONTROLS)
def test_a_control_is_refused_with_its_place_and_remedy(tmp_path: Path, old: str, new: str, at: str, what: str) -> None:
    text = changed(CONTROLS, old, new)
    told = refused(write(tmp_path, controls=text))
    where = f"{tmp_path / '06_hum.yaml'}:{place(text, at.removeprefix('AS '))}: controls.0."
    assert [one for one in told if one.startswith(where) and what in one], told


def test_an_id_given_twice_is_refused_at_the_second(tmp_path: Path) -> None:
    again = CONTROLS[CONTROLS.index("  - id") :]
    [told] = refused(write(tmp_path, controls=CONTROLS + again))
    assert told == f"{tmp_path / '06_hum.yaml'}:25:9: controls.1.id: HUM-01 is there already; ids are given once"


def test_a_control_that_neither_tests_nor_asks_is_refused(tmp_path: Path) -> None:
    text = CONTROLS[: CONTROLS.index("    parameters:")] + CONTROLS[CONTROLS.index("    gap:") :]
    [told] = refused(write(tmp_path, controls=text))
    assert "controls.0: HUM-01 has neither test nor attest" in told


IN_VIEWS = [
    pytest.param("name: staff", "name: workers", "workers", "there already", id="a view named like a dataset"),
    pytest.param(
        "SELECT w.engagement_key, w.person_key, w.company, w.department",
        "SELECT *",
        "*",
        "write the columns out",
        id="all columns",
    ),
    pytest.param(
        "FROM workers AS w", "FROM staff AS w", "staff AS w", "no such dataset", id="a view that reads itself"
    ),
    pytest.param(
        "w.left_on >= $as_of", "w.left_on >= $gone_on", "$gone_on", "not declared", id="an undeclared parameter"
    ),
    pytest.param("w.left_on >= $as_of", "w.gone_on >= $as_of", "gone_on", "gone_on", id="an unknown column"),
    pytest.param("datasets: [workers]", "datasets: [leaves]", "leaves", "never read", id="another dataset"),
    pytest.param(
        "{engagement_key: E1, person_key: P1, left_on: 2026-03-31}",
        "{engagement: E1}",
        "E1}",
        "no column engagement",
        id="an unknown column in an example",
    ),
]


@pytest.mark.parametrize(("old", "new", "at", "what"), IN_VIEWS)
def test_a_view_is_refused_with_its_place_and_remedy(tmp_path: Path, old: str, new: str, at: str, what: str) -> None:
    text = changed(VIEWS, old, new)
    told = refused(write(tmp_path, views=text))
    assert [
        one for one in told if one.startswith(f"{tmp_path / 'views.yaml'}:{place(text, at)}: views.0.") and what in one
    ], told


def test_a_view_reads_only_the_views_above_it(tmp_path: Path) -> None:
    first = VIEWS.removeprefix("views:\n")
    second = changed(
        changed(first, "name: staff", "name: crew"),
        "FROM workers AS w",
        "FROM workers AS w JOIN staff AS s ON s.person_key = w.person_key",
    )
    assert [v.name for v in load(write(tmp_path, views=VIEWS + second)).views] == ["staff", "crew"]
    told = refused(write(tmp_path, views="views:\n" + second + first))
    assert any("staff: no such dataset, view or list parameter" in one for one in told)


def test_views_may_stand_in_several_files_and_each_reads_those_of_the_files_before(tmp_path: Path) -> None:
    second = changed(
        changed(VIEWS, "name: staff", "name: crew"),
        "FROM workers AS w",
        "FROM workers AS w JOIN staff AS s ON s.person_key = w.person_key",
    )
    (tmp_path / "views_crew.yaml").write_text(second, "utf-8")
    assert [(v.name, v.file) for v in load(write(tmp_path)).views] == [
        ("staff", "views.yaml"),
        ("crew", "views_crew.yaml"),
    ]


def test_what_a_row_of_a_view_says_is_kept_in_both_languages(tmp_path: Path) -> None:
    views = changed(VIEWS, "    select: |\n", "    says: {ja: 在籍者, en: staff}\n    select: |\n")
    [view] = load(write(tmp_path, views=views)).views
    assert view.says == Words("在籍者", "staff")


def test_a_view_that_says_something_in_one_language_only_is_refused(tmp_path: Path) -> None:
    views = changed(VIEWS, "    select: |\n", "    says: {ja: 在籍者}\n    select: |\n")
    assert any("views.0.says.en" in one for one in refused(write(tmp_path, views=views)))


def test_a_broken_view_is_told_once_and_not_again_by_its_controls(tmp_path: Path) -> None:
    told = refused(write(tmp_path, views=changed(VIEWS, "w.left_on >= $as_of", "w.gone_on >= $as_of")))
    assert [Path(one.split(":")[0]).name for one in told] == ["views.yaml"]


def test_a_parameter_of_a_view_is_not_declared_again(tmp_path: Path) -> None:
    views = changed(
        VIEWS,
        "    select: |\n",
        "    parameters:\n      training_days: {value: 365, unit: days, owner: 教育責任者, limits: [1, "
        "400]}\n    select: |\n",
    )
    views = changed(views, "w.left_on >= $as_of", "w.left_on >= $as_of - $training_days")
    [told] = refused(write(tmp_path, views=views))
    assert "controls.0.parameters.training_days: training_days is inherited from view staff; remove it here" in told


IN_EXAMPLES = [
    pytest.param("HUM-01:", "HUM-09:", "- name", "no control of this catalogue", id="an unknown control"),
    pytest.param("E2: false", "E2: true", None, "no example with a member that is false", id="no member that deviates"),
    pytest.param("E1: true", "E1: false", None, "no example with a member that is true", id="no member that conforms"),
    pytest.param(
        "training:", "leaves:", "- {person_key: P1, completed", "not among the datasets", id="a dataset of another test"
    ),
    pytest.param("2025-03-30, occ", "30/03/2025, occ", "30/03/2025", "not a date", id="a day in another form"),
    pytest.param("person_key: P2}", "person_key: null}", "null}", "never empty", id="a key that is empty"),
    pytest.param("    given:", "    tells: {E3: {}}\n    given:", "{}}", "not expected", id="a stranger"),
    pytest.param(
        "person_key: P2}",
        "person_key: P2, kind: boss}",
        "boss}",
        "not among the codes officer",
        id="a code outside the list",
    ),
    pytest.param(
        "    given:",
        "    parameters: {pass_days: 3}\n    given:",
        "3}",
        "no parameter pass_days",
        id="an unknown parameter",
    ),
]


@pytest.mark.parametrize(("old", "new", "at", "what"), IN_EXAMPLES)
def test_an_example_is_refused_with_its_place_and_remedy(
    tmp_path: Path, old: str, new: str, at: str | None, what: str
) -> None:
    text = changed(EXAMPLES, old, new)
    told = refused(write(tmp_path, examples=text))
    where = (
        f"{tmp_path / '06_hum.examples.yaml'}:{place(text, at)}: "
        if at
        else f"{tmp_path / '06_hum.yaml'}:4:9: controls.0.id: "
    )
    assert [one for one in told if one.startswith(where) and what in one], told


ASKING = """\
    attest:
      question: doors_locked
      text: {ja: 施錠していますか, en: Are the doors locked?}
      who: 部門個人情報保護管理者
      valid_days: 92
"""


def asking(population: str, datasets: str) -> str:
    head = CONTROLS[: CONTROLS.index("    datasets:")]
    frame = f"    datasets: {datasets}\n    population: [{population}]\n    lookback_days: 0\n"
    return f"{head}{frame}{ASKING}    gap: {{ja: '{{subject}}', en: x}}\n"


@pytest.mark.parametrize(
    ("clauses", "problem"),
    [
        pytest.param("[security, audit_right]", None, id="codes of the list"),
        pytest.param("[]", None, id="none"),
        pytest.param("[security, yes]", "'yes' is not among the codes responsibility", id="one that is no code"),
        pytest.param("security", "'security' is not a list", id="no list"),
    ],
)
def test_each_value_of_a_list_is_a_code(tmp_path: Path, clauses: str, problem: str | None) -> None:
    views = changed(
        VIEWS, "FROM workers AS w", "FROM workers AS w LEFT JOIN vendor_contracts AS k ON k.vendor_id = w.employer"
    )
    views = changed(views, "datasets: [workers]", "datasets: [workers, vendor_contracts]")
    views = changed(views, "        expect:", f"          vendor_contracts: [{{clauses: {clauses}}}]\n        expect:")
    controls = changed(CONTROLS, "datasets: [workers, training]", "datasets: [workers, training, vendor_contracts]")
    write(tmp_path, controls=controls, views=views)
    told = refused(tmp_path) if problem else [f"{len(load(tmp_path).views)}"]
    assert len(told) == 1
    assert (problem or "1") in told[0]


def test_a_control_that_asks_gets_a_test_over_what_is_asked_about(tmp_path: Path) -> None:
    examples = """\
HUM-01:
  - name: the newest answer that holds decides
    as_of: 2026-03-31
    given:
      zones: [{zone_id: Z1}, {zone_id: Z2}, {zone_id: Z3}]
      attestations:
        - {attestation_id: a1, subject: Z1, answer: "yes", answered_at: "2026-03-01T09:00+09:00", ASKED}
        - {attestation_id: a2, subject: Z2, answer: "yes", answered_at: "2026-03-01T09:00+09:00", ASKED}
        - {attestation_id: a3, subject: Z2, answer: "no", answered_at: "2026-03-02T09:00+09:00", ASKED}
    expect: {Z1: true, Z2: false, Z3: false}
""".replace("ASKED", "control_id: HUM-01, question: doors_locked, subject_kind: zone")
    catalogue = load(write(tmp_path, controls=asking("zones", "[zones, attestations]"), examples=examples))
    assert catalogue.controls[0].attest is not None
    assert {outcome.problem for outcome in shown(catalogue, "HUM-01")} == {None}


def test_what_is_asked_about_must_be_a_thing_of_its_own(tmp_path: Path) -> None:
    told = refused(write(tmp_path, controls=asking("training", "[training, attestations]")))
    assert any("controls.0.population: what is asked about is one of companies" in one for one in told)
