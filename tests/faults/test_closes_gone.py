"""Rows of closed periods that a hand took away, and objects that are gone: noticed, and no other period waits."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from evidence.errors import Tampered
from evidence.vault import Digest
from house import House, day
from house.closed import found, versions
from house.periods import close_due
from tests.closing import APRIL, at, changed, clock_of, entered, made
from tests.evidence.vault.keyed import file_of
from tests.test_measured import VENDOR

MAY = (date(2026, 5, 1), date(2026, 5, 31))
WHOLE = {"valid_from_on": date(2026, 4, 10), "department": "D1", "vendor_id": "V-1"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """April is closed and was restated once; May is closed; then something is heard that concerns both."""
    built = made(tmp_path / "home")
    clock_of(built).at = at("2026-05-12T07:30")
    close_due(built, date(2026, 5, 12))
    entered(built, "vendors", VENDOR | WHOLE)
    clock_of(built).at = at("2026-06-05T07:30")
    assert [(row.as_of, row.version) for row in close_due(built, date(2026, 6, 5))] == [(MAY[1], 1), (APRIL[1], 2)]
    entered(built, "vendors", VENDOR | WHOLE | {"vendor_id": "V-2"})
    clock_of(built).at = at("2026-06-08T07:30")
    yield built
    built.store.close()


def closed(house: House) -> list[tuple[date, int]]:
    return [(row.as_of, row.version) for row in versions(house)[0]]


NEWEST = "DELETE FROM period_closes WHERE as_of = '2026-04-30' AND version = 2"
EVERY = "DELETE FROM period_closes WHERE as_of = '2026-04-30'"
RESTATED = [(MAY[1], 1), (MAY[1], 2)]


@pytest.mark.parametrize(
    ("statement", "gone"), [pytest.param(NEWEST, "2", id="the newest"), pytest.param(EVERY, "[12]", id="all")]
)
def test_a_row_that_is_gone_is_noticed_and_its_period_neither_shown_nor_closed_anew(
    house: House, statement: str, gone: str
) -> None:
    changed(house, statement)
    says = f"AOBA 2026-04-01 to 2026-04-30, version {gone}: is entry [0-9]+ of tenken/AOBA, and its row is gone"
    with pytest.raises(Tampered, match=says):
        close_due(house, date(2026, 6, 8))
    assert closed(house) == RESTATED
    with pytest.raises(Tampered, match=says):
        found(house, "AOBA", *APRIL, None)
    assert versions(house)[1] == day.verify_ledger(house) != []


@pytest.fixture
def unheld(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are not held against the ledger."""
    for module in ("closed", "heads", "periods"):
        monkeypatch.setattr(f"house.{module}.differing", lambda *_: {})


@pytest.mark.usefixtures("unheld")
def test_control_unless_rows_are_held_against_the_ledger_a_gone_one_is_unseen(house: House) -> None:
    changed(house, NEWEST)
    assert (found(house, "AOBA", *APRIL, None).version, day.verify_ledger(house)) == (1, [])


@pytest.mark.usefixtures("unheld")
def test_a_close_that_the_ledger_has_and_no_row_is_not_taken_for_one_that_somebody_else_made(house: House) -> None:
    changed(house, EVERY)
    with pytest.raises(Tampered, match=r"2026-04-30, version 1: .* yet no row has it"):
        close_due(house, date(2026, 6, 8))
    assert closed(house) == RESTATED


def test_an_object_that_is_gone_is_told_and_the_other_periods_are_restated(house: House) -> None:
    row = found(house, "AOBA", *APRIL, None)
    file_of(house.vault, Digest(row.digest)).unlink()
    with pytest.raises(Tampered, match=row.digest):
        close_due(house, date(2026, 6, 8))
    assert closed(house) == [(APRIL[1], 1), (APRIL[1], 2), *RESTATED]


def test_control_with_the_object_its_period_is_restated_too(house: House) -> None:
    assert [row.version for row in close_due(house, date(2026, 6, 8))] == [3, 2]
