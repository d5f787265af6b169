"""What a house shows of now is kept as long as it would say the same, whatever else is committed, by whom ever."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from evidence import ledger
from house import House, day, newest, window
from tests import test_purging
from tests.following import FIRST, STAFF, deliver, write
from tests.test_purging import LAST, PERIOD, damaged, purged, today

with_devices, house = test_purging.with_devices, test_purging.house
DEVICES, PEOPLE = ("devices",), ("person_identities",)
IDENTITY = {
    "company": "AOBA", "identity_key": "I-1", "person_key": "900106", "identifier_kind": "login",
    "identifier": "otoyama1", "basis": "manual",
}  # fmt: skip


def other(house: House) -> House:
    """The same home, as another process has it."""
    made = House(house.home, house.settings, house.clock, house.store, house.vault)
    made.catalogue = house.catalogue
    return made


def noted(house: House) -> None:
    with house.store.write() as tx:
        tx.ledger.append(ledger.log_of("AOBA"), {"kind": "noted"}, f"noted {tx.at}")


def test_what_concerns_none_of_it_is_no_reason_to_read_it_again(house: House) -> None:
    kept, keys = newest(house, PEOPLE), house.keys()
    noted(house)
    assert newest(house, PEOPLE) is kept
    assert house.keys() is keys


def test_who_comes_to_be_known_is_known_at_once_to_every_process(house: House) -> None:
    there = other(house)
    before = [(one.keys(), one.masking("AOBA")("otoyama1")) for one in (house, there)]
    write(house, "person_identities", IDENTITY, by=STAFF["clerk"])
    for one, (keys, masked) in zip((house, there), before, strict=True):
        assert one.keys().person("login", "otoyama1") != keys.person("login", "otoyama1")
        assert one.masking("AOBA")("otoyama1") != masked == "otoyama1"


def test_facts_that_came_are_shown(house: House) -> None:
    today(house, FIRST + timedelta(days=2))
    kept = newest(house, ("workers",))
    deliver(house, FIRST + timedelta(days=1))
    assert [
        one for one in day.collect_day(house, FIRST + timedelta(days=1), ["hr"]) if isinstance(one, Exception)
    ] == []
    assert newest(house, ("workers",)) is not kept


def test_another_day_is_looked_at_anew(house: House) -> None:
    kept = newest(house, DEVICES)
    today(house, FIRST + timedelta(days=9))
    noted(house)
    assert newest(house, DEVICES) is not kept


def test_what_another_process_purged_is_shown_no_more(house: House) -> None:
    today(house, LAST + timedelta(days=1))
    there = other(house)
    assert newest(there, DEVICES, history=True).rows("devices", history=True)
    purged(house)
    assert newest(there, DEVICES, history=True).rows("devices", history=True) == []


def test_what_another_process_found_damaged_is_looked_at_anew(house: House) -> None:
    there = other(house)
    kept = newest(there, DEVICES)
    damaged(house)
    assert newest(there, DEVICES) is not kept


def test_before_anything_was_committed_nothing_is_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(house.store), "last_commit", lambda _: None)
    assert newest(house, PEOPLE) is not newest(house, PEOPLE)


def test_what_was_undone_is_shown_no_more(house: House, tmp_path: Path) -> None:
    before = sqlite3.connect(tmp_path / "before.db")
    with sqlite3.connect(house.home / "tenken.db") as database:
        database.backup(before)
    write(house, "person_identities", IDENTITY, by=STAFF["clerk"])
    assert len(newest(house, PEOPLE).rows("person_identities")) == 1
    with sqlite3.connect(house.home / "tenken.db") as database:
        before.backup(database)
    assert newest(house, PEOPLE).rows("person_identities") == []
    noted(house)
    assert newest(house, PEOPLE).rows("person_identities") == []


def test_a_period_that_was_looked_through_is_looked_at_anew_when_it_lost_something(house: House) -> None:
    there, at = other(house), house.store.last_commit()
    assert at is not None
    kept = window(there, PERIOD, at)
    noted(house)
    assert window(there, PERIOD, at) is kept
    damaged(house)
    assert window(there, PERIOD, at).doubts.lost
