"""Closed periods and the coverage calendar at the terminal."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from house import open_house
from house.periods import close_due
from tests.cli.conftest import Tenken, tenken
from tests.closing import CONTROL, at, changed, clock_of, collected, listed, made
from tests.homes import copied

APRIL = ("AOBA", "2026-04-01", "2026-04-30")


@pytest.fixture(scope="module")
def restated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose April was closed, and closed once more when the devices of its last day were listed."""
    house = made(tmp_path_factory.mktemp("periods") / "home")
    clock_of(house).at = at("2026-05-12T07:30")
    close_due(house, date(2026, 5, 12))
    clock_of(house).at = at("2026-05-14T05:30")
    listed(house, "2026-04-30T18:00", "2026-04-30", "2026-04-20")
    collected(house, date(2026, 5, 13))
    close_due(house, date(2026, 5, 14))
    house.store.close()
    return house.home


@pytest.fixture
def on(restated: Path, tmp_path: Path) -> Tenken:
    home = copied(restated, tmp_path / "home")
    return lambda *words: tenken(home, *words)


def rows(told: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(told.stdout)
    return found


def test_the_versions_of_closed_periods_are_listed(on: Tenken) -> None:
    told = rows(on("periods", "list", "--json"))
    names = ("company", "cycle", "since", "as_of", "version", "restated")
    assert [[row[name] for name in names] for row in told] == [
        ["AOBA", "month", "2026-04-01", "2026-04-30", version, True] for version in (1, 2)
    ]
    assert [(row["unverified"], row["fail"]) for row in told] == [(4, 0), (3, 1)]
    assert told[0]["closed_at"].startswith("2026-05-12T07:30")


def test_the_newest_version_says_why_it_is_another(on: Tenken) -> None:
    told = json.loads(on("periods", "show", *APRIL, "--json").stdout)
    assert (told["version"], told["controls"][CONTROL]["verdict"]) == (2, "fail")
    assert told["reasons"]["runs"][0]["source"] == "mdm"
    assert told["signed_size"] > told["entry"]


def test_the_first_version_can_still_be_seen(on: Tenken) -> None:
    told = json.loads(on("periods", "show", *APRIL, "--version", "1", "--json").stdout)
    assert (told["version"], told["reasons"], told["controls"][CONTROL]["verdict"]) == (1, None, "unverified")


def test_people_are_shown_what_was_and_what_is(on: Tenken) -> None:
    told = on("periods", "show", *APRIL).stdout
    assert "restates version 1, because of" in told
    assert "unverified → fail" in told
    assert "mdm" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("AOBA", "2026-05-01", "2026-05-31"), "is not closed", id="a period that is not closed"),
        pytest.param((*APRIL, "--version", "3"), "versions 1 to 2, and no 3", id="a version that is not there"),
        pytest.param(("NOBODY", *APRIL[1:]), "no company 'NOBODY'", id="no such company"),
    ],
)
def test_what_is_not_there_is_refused(on: Tenken, words: tuple[str, ...], said: str) -> None:
    told = on("periods", "show", *words)
    assert (told.returncode, said in told.stderr) == (2, True)


def test_a_snapshot_that_was_changed_is_no_snapshot(restated: Path, tmp_path: Path) -> None:
    home = copied(restated, tmp_path / "home")
    shown = json.loads(tenken(home, "periods", "show", *APRIL, "--json").stdout)
    [path] = (home / "vault" / shown["digest"][:2]).glob(f"{shown['digest']}*")
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    told = tenken(home, "periods", "show", *APRIL, "--json")
    assert (told.returncode, told.stdout) == (4, "")


@pytest.mark.parametrize(
    "words", [("periods", "list"), ("periods", "show", *APRIL), ("periods", "close"), ("ledger", "verify")]
)
def test_a_version_whose_row_is_gone_is_an_integrity_failure(
    restated: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    house = open_house(copied(restated, tmp_path / "home"))
    house.store.close()
    changed(house, "DELETE FROM period_closes WHERE version = 2")
    told = tenken(house.home, *words)
    assert (told.returncode, "its row is gone" in told.stdout + told.stderr) == (4, True)


def test_closing_by_hand_does_what_is_due_by_a_day(on: Tenken) -> None:
    [row, *_] = rows(on("periods", "close", "--as-of", "2026-06-05", "--json"))
    assert (row["cycle"], row["as_of"], row["version"]) == ("month", "2026-05-31", 1)
    assert rows(on("periods", "close", "--as-of", "2026-06-05", "--json")) == []


def test_what_is_not_over_is_not_closed(on: Tenken) -> None:
    told = on("periods", "close", "--as-of", "2199-04-30")
    assert (told.returncode, "has not come yet" in told.stderr) == (2, True)
    assert len(rows(on("periods", "list", "--json"))) == 2


def test_the_calendar_counts_what_became_of_each_control(on: Tenken) -> None:
    told = on("coverage", "--known-at", "2026-05-20T00:00:00+09:00", "--json")
    [row] = [row for row in rows(told) if row["control"] == CONTROL]
    assert told.returncode == 1
    assert row == {
        "control": CONTROL, "company": "AOBA", "frequency": "daily", "expected": 48, "done": 0, "late": 1,
        "backfilled": 0, "unverified": 1, "missed": 46,
    }  # fmt: skip


def test_the_calendar_of_one_control_has_each_occurrence(on: Tenken) -> None:
    known_at = ("--known-at", "2026-05-20T00:00:00+09:00")
    told = rows(on("coverage", "--control", "VEN-01", "--year", "2026", *known_at, "--json"))
    assert [row["mark"] for row in told] == ["unverified", *["open"] * 11]
    assert (told[0]["since"], told[0]["as_of"]) == ("2026-04-01", "2026-04-30")
    assert told[0]["due_at"] == "2026-05-13T00:00:00+09:00"


def test_a_year_of_which_nothing_was_due_lacks_nothing_and_says_so(on: Tenken) -> None:
    told = on("coverage", "--year", "2027", "--known-at", "2026-05-20T00:00:00+09:00", "--json")
    assert (told.returncode, {row["expected"] for row in rows(told)}) == (0, {0})
    assert told.stderr == "fiscal year 2027-04-01 to 2028-03-31: nothing was due so far\n"


def test_the_calendar_says_how_much_was_due(on: Tenken) -> None:
    told = on("coverage", "--control", "VEN-01", "--year", "2026", "--known-at", "2026-05-20T00:00:00+09:00")
    says = "fiscal year 2026-04-01 to 2027-03-31: 1 due so far, 1 of them missed or unverified\n"
    assert (told.returncode, told.stderr) == (1, says)


@pytest.mark.parametrize("words", [("--control", "POL-99"), ("--company", "NOBODY")])
def test_the_calendar_refuses_what_means_nothing(on: Tenken, words: tuple[str, str]) -> None:
    assert on("coverage", *words).returncode == 2
