"""Controls, verdicts, gaps and what people do about them."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from controls.loader import load
from tests.cli.conftest import Tenken, tenken

POLICY = ("POL-01", "AOBA")


def gap(told: subprocess.CompletedProcess[str], control: str) -> dict[str, Any]:
    [row] = [row for row in json.loads(told.stdout) if row["control"] == control]
    return dict(row)


def test_controls_list_is_the_catalogue(run: Tenken) -> None:
    rows = json.loads(run("controls", "list", "--json").stdout)
    assert [row["id"] for row in rows] == [control.id for control in load().controls]
    assert {"id", "measure", "about", "severity", "frequency", "datasets"} <= set(rows[0])


def test_controls_show_prints_the_test_and_refuses_what_is_none(run: Tenken) -> None:
    assert "\ntest:\nSELECT " in run("controls", "show", "POL-01").stdout
    assert run("controls", "show", "POL-99").returncode == 2


def test_controls_show_prints_what_the_views_of_a_control_say(run: Tenken) -> None:
    told = run("controls", "show", "ORG-3-02").stdout
    assert "\nbk_05: 要配慮個人情報の取得根拠" in told
    assert " / special-care data without consent" in told


def test_controls_test_shows_a_control_its_examples(run: Tenken) -> None:
    told = run("controls", "test", "POL-01")
    assert (told.returncode, told.stdout) == (0, "")
    assert "0 of them answered wrongly" in told.stderr


def test_controls_lint_names_the_place(tmp_path: Path) -> None:
    (tmp_path / "01_pol.yaml").write_text("measure: POL\ncontrols: []\n")
    told = tenken(tmp_path, "controls", "lint", tmp_path)
    assert told.returncode == 2
    assert f"{tmp_path}/01_pol.yaml:1:1: title" in told.stderr


def test_an_empty_home_has_everything_unverified(run: Tenken) -> None:
    told = run("check", "--json")
    rows = json.loads(told.stdout)
    assert told.returncode == 1
    assert {row["verdict"] for row in rows} == {"unverified"}
    assert all(row["reason"] for row in rows)
    assert {row["control"] for row in rows} == {control.id for control in load().controls}


def test_check_says_of_which_period_it_speaks(
    judged: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    [row] = [row for row in json.loads(judged[1].stdout) if row["control"] == "POL-01"]
    days = datetime.fromisoformat(row["as_of"]) - datetime.fromisoformat(row["since"])
    assert judged[1].returncode == 1
    assert (row["company"], row["verdict"], row["population"], row["deviations"]) == ("AOBA", "fail", 1, 1)
    assert days.days == 44


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--since", "2026-05-02", "--as-of", "2026-05-01"], id="a period that ends before it begins"),
        pytest.param(["--company", "NOBODY"], id="no such company"),
        pytest.param(["--control", "POL-99"], id="no such control"),
    ],
)
def test_check_refuses_what_means_nothing(run: Tenken, words: list[str]) -> None:
    told = run("check", *words)
    assert (told.returncode, told.stdout) == (2, "")


def test_gaps_are_listed_with_what_a_reader_needs(found: Tenken) -> None:
    row = gap(found("gaps", "list", "--json", "--control", "POL-01"), "POL-01")
    assert (row["company"], row["subject"], row["state"], row["about"]) == ("AOBA", "AOBA", "open", "state")
    assert {"opened_on", "aspect", "severity", "due_on", "department", "days", "message"} <= set(row)


def test_what_people_do_about_a_gap_is_kept_in_order(found: Tenken) -> None:
    owner = json.loads(found("gaps", "show", *POLICY, "--json").stdout)["owner"]
    assert found("gaps", "acknowledge", *POLICY, "--by", "7").returncode == 0
    assert found("gaps", "assign", *POLICY, "--by", "7", "--to", "8").returncode == 0
    assert found("gaps", "plan", *POLICY, "--by", "8", "--reason", "制定する").returncode == 0
    assert found("gaps", "correct", *POLICY, "--by", "8", "--reason", "制定した").returncode == 0
    told = json.loads(found("gaps", "show", *POLICY, "--json").stdout)
    assert owner is None
    assert told["owner"].startswith("p")
    assert told["state"] == "corrected"
    assert [event["kind"] for event in told["events"]] == ["opened", "acknowledged", "assigned", "planned", "corrected"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        pytest.param(["acknowledge", "POL-01", "NOBODY", "--by", "7"], "no gap", id="no such gap"),
        pytest.param(["acknowledge", *POLICY, "--by", " "], "blank", id="nobody"),
        pytest.param(["plan", *POLICY, "--by", "7", "--reason", " "], "blank", id="a blank reason"),
        pytest.param(
            ["dispose", *POLICY, "--by", "7", "--reason", "x", "--approved-by", "8"], "state", id="a state is mended"
        ),
        pytest.param(
            ["waive", *POLICY, "--by", "7", "--reason", "x", "--approved-by", "7", "--expires", "2027-01-01"],
            "somebody else",
            id="a waiver approved by who asks for it",
        ),
        pytest.param(
            ["waive", *POLICY, "--by", "7", "--reason", "x", "--approved-by", "8", "--expires", "2099-01-01"],
            "12 months",
            id="a waiver for ever",
        ),
    ],
)
def test_acts_that_are_refused(found: Tenken, words: list[str], why: str) -> None:
    told = found("gaps", *words)
    assert told.returncode == 2
    assert why in told.stderr


def test_a_waiver_is_a_row_of_its_register_and_turns_the_verdict(found: Tenken) -> None:
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    words = ["--by", "7", "--reason", "統合まで", "--approved-by", "8", "--expires", until]
    assert found("gaps", "waive", *POLICY, *words).returncode == 0
    changes = json.loads(found("registers", "history", "waivers", "--json").stdout)
    assert {"expires_on", "control_id"} <= {change["column"] for change in changes}
    today = (datetime.now(UTC) + timedelta(hours=9)).date().isoformat()
    told = json.loads(found("check", "--control", "POL-01", "--as-of", today, "--json").stdout)
    assert told[0]["verdict"] == "partial"


def test_missing_evidence_cannot_be_waived(found: Tenken) -> None:
    rows = json.loads(found("gaps", "list", "--json").stdout)
    control = next(row["control"] for row in rows if row["subject"] == "unverified")
    words = ["--by", "7", "--reason", "x", "--approved-by", "8", "--expires", "2027-01-01"]
    assert found("gaps", "waive", control, "unverified", *words).returncode == 2


def test_explain_leads_to_object_and_line_and_shows_it_only_when_asked(found: Tenken) -> None:
    [row] = json.loads(found("gaps", "explain", *POLICY, "--json").stdout)
    assert (row["source"], row["object"], row["line"]) == ("register:companies", "companies.xlsx", 3)
    assert "shows" not in row
    [row] = json.loads(found("gaps", "explain", *POLICY, "--json", "--show").stdout)
    assert "株式会社青葉" in row["shows"]
