"""A company that left the settings: its log is verified, signed, anchored and backed up as before."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from evidence import ledger
from evidence.clock import StandingClock
from evidence.ledger import keys as signing
from house import House, create, heads, open_house, restore

AT = datetime(2026, 4, 1, tzinfo=UTC)
LEFT = ledger.log_of("MIDORI")


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A group that had two companies, both signed; one has left."""
    home = tmp_path / "home"
    house = create(home, "青葉グループ", [("AOBA", "株式会社青葉"), ("MIDORI", "株式会社緑")], StandingClock(AT))
    heads.checkpoint(house)
    house.store.close()
    path = home / "settings.yaml"
    told = YAML(typ="safe").load(path)
    told["companies"] = [one for one in told["companies"] if one["code"] == "AOBA"]
    path.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    return open_house(home, StandingClock(AT))


def spoil(house: House, statement: str) -> None:
    with closing(sqlite3.connect(house.home / "tenken.db")) as database, database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        assert database.execute(statement).rowcount > 0


def test_its_log_has_no_problem_and_is_signed_and_anchored_when_it_grows(house: House) -> None:
    assert heads.verify_ledger(house) == []
    with house.store.write() as tx:
        tx.ledger.append(LEFT, {"kind": "noted"}, "after it left")
    assert heads.checkpoint(house)[LEFT].splitlines()[1] == "2"
    assert heads.verify_ledger(house) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET leaf = CAST(replace(leaf, 'begin', 'began') AS BLOB) WHERE log = 'tenken/MIDORI'",
        "DELETE FROM ledger WHERE log = 'tenken/MIDORI'",
    ],
    ids=["rewritten", "removed"],
)
def test_what_is_done_to_its_log_is_found(house: House, statement: str) -> None:
    spoil(house, statement)
    assert any(LEFT in problem for problem in heads.verify_ledger(house))


def test_its_key_and_what_was_signed_last_are_missed(house: House) -> None:
    signing.last_head(house.home / "keys", LEFT).path.unlink()
    [problem] = heads.verify_ledger(house)
    assert problem.startswith(f"{LEFT}: what its signer signed last is gone")
    signing.place(house.home / "keys", LEFT).unlink()
    assert [problem for problem in heads.verify_ledger(house) if f"{LEFT}: its key is gone" in problem]
    assert LEFT not in heads.checkpoint(house)


def test_two_persons_accept_a_loss_though_the_key_of_one_that_left_is_gone(house: House) -> None:
    for log in (LEFT, ledger.GROUP):
        signing.last_head(house.home / "keys", log).path.unlink()
    signing.place(house.home / "keys", LEFT).unlink()
    [lost] = restore.accept(house, "P-1", "P-2", "誤って消した")
    assert lost.startswith(ledger.GROUP)
    assert list(heads.checkpoint(house)) == [ledger.log_of("AOBA"), ledger.GROUP]


@pytest.mark.parametrize("name", ["'AOBA'", "'tenken/AOBA.head'", "'tenken/../x'", "x'00ff'"])
def test_a_log_that_cannot_be_is_told_and_keeps_no_other_from_being_signed(house: House, name: str) -> None:
    spoil(
        house,
        "INSERT INTO ledger (log, seq, leaf, leaf_hash, claim_key, recorded_at) "
        f"SELECT {name}, 0, leaf, leaf_hash, 'other', recorded_at FROM ledger WHERE log = '{LEFT}' AND seq = 0",
    )
    assert [problem for problem in heads.verify_ledger(house) if "is no log of ours" in problem]
    assert set(heads.checkpoint(house)) == {ledger.log_of("AOBA"), LEFT, ledger.GROUP}
