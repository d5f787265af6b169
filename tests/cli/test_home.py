"""Making a home, looking at it, and the files that people write in it."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Tenken, tenken

SCHEDULE = 'schedules:\n  - {name: a, does: collect, cron: "0 5 * * *", sources: [hr]}\n'


def test_init_makes_a_home_and_prints_the_key_for_auditors(
    made: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    home, told = made
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("tenken/AOBA+")
    assert {path.stat().st_mode & 0o777 for path in (home / "keys").iterdir()} == {0o600}


def test_the_schedule_of_a_new_home_is_the_example_s(home: Path) -> None:
    assert (home / "schedule.yaml").read_bytes() == (ROOT / "config" / "schedule.yaml").read_bytes()


def test_init_refuses_a_folder_that_is_a_home(home: Path, run: Tenken) -> None:
    before = (home / "settings.yaml").read_bytes()
    told = run("init", "--group", "別", "--company", "X=Y")
    assert (told.returncode, told.stdout) == (2, "")
    assert (home / "settings.yaml").read_bytes() == before


def test_init_refuses_a_company_without_a_name(tmp_path: Path) -> None:
    told = tenken(tmp_path / "home", "init", "--group", "青葉グループ", "--company", "AOBA")
    assert told.returncode == 2
    assert "CODE=NAME" in told.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("verb", [["check"], ["gaps", "list"], ["ledger", "verify"], ["scheduler", "status"]])
def test_a_folder_that_is_no_home_is_named(tmp_path: Path, verb: list[str]) -> None:
    told = tenken(tmp_path, *verb)
    assert told.returncode == 2
    assert str(tmp_path / "settings.yaml") in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_doctor_says_what_is_wrong_until_it_is_mended(run: Tenken) -> None:
    before = {row["check"]: row["state"] for row in json.loads(run("doctor", "--json").stdout)}
    assert before.pop("schedule") == "wrong"
    assert set(before.values()) == {"ok"}
    assert run("scheduler", "run", "--once").returncode == 0
    assert run("doctor").returncode == 0


def test_doctor_sees_a_key_that_others_may_read(home: Path, run: Tenken) -> None:
    (home / "keys" / "secret").chmod(0o644)
    told = run("doctor", "--json")
    [row] = [row for row in json.loads(told.stdout) if row["check"] == "keys"]
    assert (told.returncode, row["state"]) == (2, "wrong")


def test_doctor_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("group: g\ncompanies:\n  - {code: A, name: a}\n")
    assert tenken(tmp_path, "doctor").returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["settings.yaml"]


def test_config_check_is_content_with_a_new_home(run: Tenken) -> None:
    told = run("config", "check", "--json")
    assert (told.returncode, told.stdout.strip()) == (0, "[]")


@pytest.mark.parametrize(
    ("file", "text", "place"),
    [
        pytest.param("settings.yaml", "group: g\ncompany: []\n", "settings.yaml:2:10: company: ", id="unknown key"),
        pytest.param("settings.yaml", "group: g\ndatabase: x\n", "settings.yaml:2:11: database: ", id="no database"),
        pytest.param("settings.yaml", "group: [\n", "settings.yaml:2:1: ", id="not YAML"),
        pytest.param("schedule.yaml", "schedules: 3\n", "schedule.yaml:1:12: schedules: ", id="not a list"),
        pytest.param("schedule.yaml", SCHEDULE, "schedule.yaml:2:59: schedules.0.sources.0: ", id="no such source"),
        pytest.param("sources/hr.yaml", "name: hr\n", "sources/hr.yaml:1:1: companies: ", id="a source half told"),
        pytest.param("profiles/hr.yaml", "name: hr\n", "profiles/hr.yaml:1:1: title: ", id="a profile half told"),
    ],
)
def test_config_check_names_the_place(home: Path, run: Tenken, file: str, text: str, place: str) -> None:
    (home / file).write_text(text, "utf-8")
    told = run("config", "check")
    assert told.returncode == 2
    assert f"{home}/{place}" in told.stderr
    assert told.stdout == ""


def test_config_check_tells_machines_the_same(home: Path, run: Tenken) -> None:
    (home / "schedule.yaml").write_text("schedules: 3\n", "utf-8")
    [problem] = json.loads(run("config", "check", "--json").stdout)
    assert (problem["line"], problem["column"], problem["path"]) == (1, 12, "schedules")


def test_config_schema_is_json_schema(run: Tenken) -> None:
    told = json.loads(run("config", "schema", "schedule").stdout)
    assert set(told["properties"]) == {"schedules", "grace_hours"}
    assert run("config", "schema", "weather").returncode == 2


def test_db_upgrade_is_harmless(run: Tenken) -> None:
    assert run("db", "upgrade").returncode == 0


def test_datasets_are_listed(run: Tenken) -> None:
    names = {row["dataset"] for row in json.loads(run("datasets", "list", "--json").stdout)}
    assert {"workers", "training", "access_events"} <= names
