from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.clock import StandingClock
from evidence.datasets import State, catalogue
from evidence.facts import Facts
from evidence.facts.window import Window
from evidence.period import Period
from evidence.persons import Keys
from evidence.store import Store
from evidence.store.values import RegisterVersion
from evidence.vault.memory import MemoryVault
from registers import versions
from registers.imports import apply, plan, plan_rows
from registers.versions import history, rows_as_of
from tests.registers.samples import OTHER_VENDOR, PERSON, VENDOR, VENDOR_HEADERS, VENDORS, sent, vendors

DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 9))


@pytest.fixture
def edited(store: Store, vault: MemoryVault, keys: Keys, clock: StandingClock, tmp_path: Path) -> Store:
    for name, why in (("みどり印刷", "登録"), ("みどり印刷株式会社", "社名の訂正")):
        clock.at += timedelta(days=1)
        told = plan(store, VENDORS, sent(tmp_path, vendors([*VENDOR[:3], name, *VENDOR[4:]])), keys)
        apply(told, store, vault, keys, by="1001", reason=why)
    return store


def test_the_history_tells_each_changed_field_with_before_after_and_why(edited: Store) -> None:
    told = [(one.header, one.before, one.after, one.reason) for one in history(edited, VENDORS) if one.version == 2]
    assert told == [("委託先の名称", "みどり印刷", "みどり印刷株式会社", "社名の訂正")]


def test_the_history_of_a_new_row_tells_what_it_said_first(edited: Store) -> None:
    first = {one.column: one.after for one in history(edited, VENDORS, key=("V-1",)) if one.version == 1}
    assert first["name"] == "みどり印刷"
    assert "items" not in first


def test_the_history_of_another_row_is_empty(edited: Store) -> None:
    assert history(edited, VENDORS, key=("V-9",)) == []


def test_what_was_entered_later_was_not_known(edited: Store, clock: StandingClock) -> None:
    assert rows_as_of(edited, VENDORS, known_at=clock.at - timedelta(hours=1))[0]["name"] == "みどり印刷"


def test_before_anything_was_entered_a_register_is_empty(store: Store) -> None:
    assert rows_as_of(store, VENDORS) == []


def test_a_relation_is_read_whole_whatever_the_day(store: Store, vault: MemoryVault, keys: Keys) -> None:
    owners = catalogue()["account_owners"]
    spans = [(date(2025, 4, 1), date(2025, 9, 30)), (date(2025, 10, 1), date(9999, 12, 31))]
    told = [
        {"account_key": "a1", "person_key": PERSON, "basis": "manual", "valid_from_on": first, "valid_to_on": last}
        for first, last in spans
    ]
    apply(plan_rows(store, owners, told, keys), store, vault, keys, by="1001", reason="引継ぎ")
    assert len(rows_as_of(store, owners, on=date(2026, 3, 31))) == 2


def version(number: int, first: date, last: date, state: State) -> RegisterVersion:
    at = datetime.fromisoformat("2026-02-01T00:00+00:00") + timedelta(hours=number)
    return RegisterVersion("vendors", ("V-1",), number, {}, first, last, PERSON, "-", "0" * 64, None, 1, state, at)


@given(st.lists(st.tuples(DAYS, DAYS, st.sampled_from([State.APPROVED, State.RETIRED])), max_size=6), DAYS)
def test_the_last_entry_that_has_begun_decides_a_day(entries: list[tuple[date, date, State]], on: date) -> None:
    told = [version(number, *entry) for number, entry in enumerate(entries, start=1)]
    begun = [one for one in told if one.valid_from_on <= on]
    holds = begun and begun[-1].state is State.APPROVED and on <= begun[-1].valid_to_on
    expected = [begun[-1]] if holds else []
    assert list(versions._valid(VENDORS, told, on)) == expected


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2026, 3, 31), date(2026, 4, 1)], ids=str)
def test_a_control_sees_the_rows_that_the_register_shows(
    day: date, edited: Store, vault: MemoryVault, keys: Keys, tmp_path: Path
) -> None:
    headers = [*VENDOR_HEADERS, "有効開始日", "有効終了日"]
    told: list[list[Any]] = [[*VENDOR, date(2026, 1, 1), date(2026, 3, 31)], [*OTHER_VENDOR, date(2026, 4, 1), None]]
    planned = plan(edited, VENDORS, sent(tmp_path, vendors(*told, headers=headers)), keys)
    apply(planned, edited, vault, keys, by="1001", reason="契約終了")
    known_at = edited.last_commit()
    assert known_at is not None
    (tmp_path / "facts").mkdir()
    window = Window.open(edited, Facts(tmp_path / "facts"), [], Period(day, day), known_at)
    assert window.rows("vendors") == rows_as_of(edited, VENDORS, known_at, day)
