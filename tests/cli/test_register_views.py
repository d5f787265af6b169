"""How a register stood at a past moment, and what differs between two days, as the command line tells it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from evidence.datasets import catalogue
from registers.sheets import export
from tests.cli.conftest import Tenken
from tests.registers.samples import sample

TODAY = datetime.now(UTC).date()


def enter(run: Tenken, folder: Path, register: str, **said: Any) -> None:
    dataset = catalogue()[register]
    path = folder / f"{register}.xlsx"
    path.write_bytes(export(dataset, [{**sample(dataset), "company": "AOBA", **said}]))
    done = run("registers", "import", register, path, "--by", "1", "--reason", "更新")
    assert done.returncode == 0, done.stderr


@pytest.fixture
def edited(run: Tenken, tmp_path: Path) -> tuple[Tenken, str]:
    """A vendor that was renamed, and a moment between the two."""
    enter(run, tmp_path, "vendors", name="みどり印刷")
    between = datetime.now(UTC).isoformat()
    enter(run, tmp_path, "vendors", name="みどり製本")
    return run, between


def test_a_register_is_shown_as_it_was_known_at_a_moment(edited: tuple[Tenken, str]) -> None:
    run, between = edited
    now, then = (
        json.loads(run("registers", "show", "vendors", *known, "--json").stdout)
        for known in ([], ["--known-at", between])
    )
    assert [[row["name"] for row in rows] for rows in (now, then)] == [["みどり製本"], ["みどり印刷"]]


def test_what_waits_for_a_signature_is_listed(run: Tenken, tmp_path: Path) -> None:
    enter(run, tmp_path, "country_assessments", country="US", approved_by=None)
    [row] = json.loads(run("registers", "show", "country_assessments", "--waiting", "--json").stdout)
    assert (row["key"], row["state"]) == (["US", "assessment_version 1"], "draft")


def test_the_difference_between_two_days_is_told(edited: tuple[Tenken, str]) -> None:
    run, _ = edited
    days = ["--from", TODAY - timedelta(days=2), "--to", TODAY + timedelta(days=1)]
    [row] = json.loads(run("registers", "compare", "vendors", *days, "--json").stdout)
    assert (row["key"], row["change"]) == (["vendor_id 1"], "added")


def test_the_difference_is_also_written_as_a_workbook_and_printed_as_ever(
    edited: tuple[Tenken, str], tmp_path: Path
) -> None:
    run, _ = edited
    days = ["--from", TODAY - timedelta(days=2), "--to", TODAY + timedelta(days=1)]
    plain, told = (
        run("registers", "compare", "vendors", *days, *out) for out in ([], ["--out", tmp_path / "differences.xlsx"])
    )
    assert (told.returncode, told.stdout) == (0, plain.stdout)
    [sheet] = load_workbook(tmp_path / "differences.xlsx").worksheets
    assert [cell.value for cell in sheet[2]] == ["vendor_id 1", "追加", None, None, None]


def test_a_difference_is_no_other_file_than_a_workbook(edited: tuple[Tenken, str], tmp_path: Path) -> None:
    run, _ = edited
    told = run("registers", "compare", "vendors", "--from", TODAY, "--to", TODAY, "--out", tmp_path / "a.csv")
    assert (told.returncode, told.stdout, list(tmp_path.glob("*.csv"))) == (2, "", [])
    assert ".xlsx" in told.stderr
