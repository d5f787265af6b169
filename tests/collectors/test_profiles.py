"""Profiles: what is wrong with one is told with its place, before anything is collected."""

from pathlib import Path
from textwrap import dedent

import pytest

from collectors import profiles
from evidence import yaml_files
from evidence.errors import ConfigError, Misplaced

GOOD = """\
name: lms
title: {ja: 研修, en: Training}
format: {kind: csv, encoding: cp932}
datasets:
  training:
    columns:
      department: {from: 所属}
      training_key: {mint: event}
      person_key: {from: 社員番号, mint: person, as: worker_no}
      course: {from: 講座}
      content_version: {from: 版}
      kind: {from: 種別, map: {年次: annual}}
      completed_on: {from: 修了日, date: "%Y/%m/%d"}
      passed: {from: 合否, map: {合: true, 否: false}}
      method: {value: e_learning}
"""


def read(folder: Path, text: str) -> profiles.Profile:
    path = folder / "lms.yaml"
    path.write_text(dedent(text), "utf-8")
    return profiles.read(path)


def test_a_good_profile_is_stamped_with_its_bytes(tmp_path: Path) -> None:
    first, second = read(tmp_path, GOOD), read(tmp_path, GOOD + "# a word\n")
    assert first.stamp != second.stamp
    assert [dataset.name for dataset in first.datasets] == ["training"]


def test_what_is_used_is_what_was_stamped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody saves another just after it was read."""
    (tmp_path / "alone").mkdir()
    other, alone = GOOD.replace("{from: 講座}", "{from: 科目}"), read(tmp_path / "alone", GOOD)
    text_of = yaml_files.text_of

    def text_before(path: Path) -> str:
        told = text_of(path)
        path.write_text(other, "utf-8")
        return told

    with monkeypatch.context() as patched:
        patched.setattr(yaml_files, "text_of", text_before)
        first = read(tmp_path, GOOD)
    assert (first.told, first.stamp) == (alone.told, alone.stamp)
    then = profiles.read(tmp_path / "lms.yaml")
    assert then.told.datasets["training"].columns["course"].parts == ("科目",)
    assert then.stamp != first.stamp


@pytest.mark.parametrize("path", sorted(profiles.FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_built_in_profile_can_be_used(path: Path) -> None:
    assert profiles.read(path).name == path.stem


@pytest.mark.parametrize(
    ("old", "new", "place", "what"),
    [
        pytest.param(
            "title: {", "titel: {", "lms.yaml:2:", "titel: Extra inputs are not permitted", id="an unknown key"
        ),
        pytest.param("  training:\n", "  trainings:\n", "lms.yaml:6:", "no dataset trainings", id="an unknown dataset"),
        pytest.param(
            "  training:\n", "  assessments:\n", "lms.yaml:6:", "assessments is what tenken writes itself", id="our own"
        ),
        pytest.param("course:", "curse:", "lms.yaml:10:", "training has no column curse", id="an unknown column"),
        pytest.param(
            "      passed: {from: 合否, map: {合: true, 否: false}}\n",
            "",
            "lms.yaml:7:",
            "training needs passed",
            id="a hole",
        ),
        pytest.param(
            "年次: annual", "年次: yearly", "lms.yaml:12:", "yearly is not in the list of kind", id="a wrong word"
        ),
        pytest.param("合: true", "合: 3", "lms.yaml:14:", "passed is boolean", id="a wrong type"),
        pytest.param(
            "value: e_learning", "value: null", "lms.yaml:15:", "method is never empty", id="nothing for something"
        ),
        pytest.param(
            'date: "%Y/%m/%d"', 'date: "%Y/%Q"', "lms.yaml:13:", "is no pattern of strptime", id="a pattern of nothing"
        ),
        pytest.param(
            "from: 講座", "from: 講座, date: '%Y'", "lms.yaml:10:", "course is text, not a date", id="a date of text"
        ),
        pytest.param("from: 版", "from: [版, 講座]", "lms.yaml:11:", "several columns make a key", id="two for a text"),
        pytest.param(", as: worker_no", "", "lms.yaml:9:", "mint: person needs as", id="a person of no kind"),
        pytest.param("encoding: cp932", "encoding: sjis", "lms.yaml:3:", "Input should be 'utf-8'", id="an encoding"),
        pytest.param("name: lms", "name: elms", "lms.yaml:1:", "the file is called lms.yaml", id="another name"),
        pytest.param("e_learning}", "e_learning, from: x}", "lms.yaml:15:", "value stands alone", id="value with more"),
    ],
)
def test_a_bad_profile_is_refused_by_its_place(tmp_path: Path, old: str, new: str, place: str, what: str) -> None:
    assert old in GOOD
    with pytest.raises(Misplaced) as raised:
        read(tmp_path, GOOD.replace(old, new))
    assert place in str(raised.value)
    assert what in str(raised.value)


def test_a_snapshot_needs_a_proof_of_its_completeness(tmp_path: Path) -> None:
    text = """\
    name: lms
    title: {ja: a, en: a}
    format: {kind: csv}
    datasets:
      badge_rights: {columns: {}}
    """
    with pytest.raises(Misplaced, match="badge_rights is a snapshot: declare completeness"):
        read(tmp_path, text)


def test_the_home_s_profile_comes_before_ours(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    text = (profiles.FOLDER / "cloudtrail.yaml").read_text("utf-8") + "# ours\n"
    (tmp_path / "profiles" / "cloudtrail.yaml").write_text(text, "utf-8")
    assert profiles.find("cloudtrail", tmp_path).stamp != profiles.find("cloudtrail").stamp


def test_an_unknown_profile_names_those_that_exist() -> None:
    with pytest.raises(
        ConfigError, match="no profile 'x'; there are: cloudtrail, portal, sshd_auth, vendor_audit_sheet"
    ):
        profiles.find("x")
