"""``tenken ledger`` on a home of its own: keys that are changed, databases that are put back, authorities that fail."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from evidence.persons import PSEUDONYM
from house import open_house
from house.work import WORK
from scheduler import Schedule
from tests.cli.conftest import Tenken

ROTATE = ("ledger", "rotate", "--by", "1", "--reason", "yearly change", "--company")


def entries(home: Path, log: str) -> list[dict[str, object]]:
    with closing(sqlite3.connect(home / "tenken.db")) as database:
        return [json.loads(leaf) for (leaf,) in database.execute("SELECT leaf FROM ledger WHERE log = ?", [log])]


@pytest.mark.parametrize("company", ["AOBA", "group"])
def test_a_change_of_keys_prints_the_new_one_and_names_nobody(home: Path, run: Tenken, company: str) -> None:
    told = run(*ROTATE, company)
    assert told.returncode == 0, told.stderr
    [entry] = [one for one in entries(home, f"tenken/{company}") if one["kind"] == "keychange"]
    assert (entry["vkey"], entry["reason"]) == (told.stdout.strip(), "yearly change")
    assert str(entry["actor"]).startswith(PSEUDONYM)
    assert company == "group" or run("ledger", "key", "--company", company).stdout == told.stdout
    assert run("ledger", "verify").returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([*ROTATE, "KAEDE"], id="a company that there is not"),
        pytest.param(["ledger", "rotate", "--by", "1", "--company", "AOBA"], id="no reason"),
        pytest.param(["ledger", "rotate", "--reason", "x", "--company", "AOBA"], id="nobody"),
        pytest.param(["ledger", "rotate", "--by", " ", "--reason", "x", "--company", "AOBA"], id="a blank"),
    ],
)
def test_a_change_of_keys_that_cannot_be_meant_changes_nothing(home: Path, run: Tenken, words: list[str]) -> None:
    before = run("ledger", "key", "--company", "AOBA").stdout
    assert run(*words).returncode == 2
    assert run("ledger", "key", "--company", "AOBA").stdout == before
    assert not list((home / "keys").glob("*.next"))


def test_an_older_database_is_exit_4_and_called_a_rollback(home: Path, run: Tenken) -> None:
    with closing(sqlite3.connect(home / "tenken.db")) as database:
        database.execute("VACUUM INTO ?", [str(home / "older.db")])  # with what its -wal still holds
    assert run("ledger", "checkpoint").returncode == 0
    assert run("ledger", "verify").returncode == 0
    for name in ("tenken.db-wal", "tenken.db-shm"):
        (home / name).unlink(missing_ok=True)
    (home / "older.db").replace(home / "tenken.db")
    told = run("ledger", "verify", "--json")
    assert (told.returncode, "(rollback)" in told.stdout) == (4, True)


def test_an_authority_that_failed_is_shown(home: Path, run: Tenken) -> None:
    with (home / "settings.yaml").open("a", encoding="utf-8") as file:
        file.write('timestamps: {url: "http://127.0.0.1:9/", chain: chain.pem}\n')
    [row] = [row for row in json.loads(run("doctor", "--json").stdout) if row["check"] == "timestamps"]
    assert (row["state"], "chain.pem: cannot be read" in row["detail"]) == ("wrong", True)
    house = open_house(home)
    with closing(house.store):
        WORK["checkpoint"](house, Schedule(name="heads", does="checkpoint", cron="* * * * *"), house.today, print)
    (home / "chain.pem").write_text("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n")
    told = run("ledger", "verify")
    assert (told.returncode, "not stamped since ever: connection: ConnectionRefusedError" in told.stderr) == (0, True)
    [row] = [row for row in json.loads(run("doctor", "--json").stdout) if row["check"] == "timestamps"]
    assert (row["state"], "not stamped since ever" in row["detail"]) == ("wrong", True)
