"""A confirmation that is entered takes the place of the one before in the book; of an earlier month that one counts."""

from datetime import date
from pathlib import Path

import pytest

from controls.loader import load_views
from controls.views import ask
from evidence.facts.window import Window
from evidence.store.values import RegisterVersion
from tests.evidence.facts.test_window import PERIOD, Held

MARCH, JUNE = date(2026, 3, 1), date(2026, 6, 10)
VIEWS = {view.name: view for view in load_views()}
Confirmation = tuple[date | None, str | None]


def entered(home: Path, *confirmations: Confirmation) -> Window:
    """A window over an entry of the book that was confirmed again and again, each time in its own row."""
    held = Held(home)
    for number, (day, by) in enumerate(confirmations, start=1):
        told = {"company": "C1", "department": "D1", "entry_id": "B1", "entry_version": 1, "status": "approved"}
        told |= {"confirmed_on": None if day is None else day.isoformat(), "confirmed_by": by}
        row = ("B1", "1"), number, told, date(2025, 1, 1), date(9999, 12, 31), "P9", "r", "cd" * 32, None, 3
        with held.store.write() as tx:
            tx.registers.add(RegisterVersion("book_entries", *row))
    return held.window()


@pytest.mark.parametrize(
    ("confirmations", "last"),
    [
        pytest.param([(MARCH, "M"), (JUNE, "N")], (MARCH, "M"), id="confirmed again after the period"),
        pytest.param([(JUNE, "N")], (None, None), id="confirmed after the period only"),
        pytest.param([(MARCH, "M"), (None, None)], (None, None), id="taken back"),
        pytest.param([(MARCH, "M"), (None, None), (JUNE, "N")], (None, None), id="taken back, and confirmed after it"),
        pytest.param([(MARCH, "Z"), (MARCH, "M"), (JUNE, "N")], (MARCH, "M"), id="by somebody else, as it turned out"),
    ],
)
def test_the_last_confirmation_until_the_day_counts(
    tmp_path: Path, confirmations: list[Confirmation], last: Confirmation
) -> None:
    told = ask(VIEWS["confirmed_entries"], VIEWS, entered(tmp_path, *confirmations), {}, lookback_days=0)
    assert (told["confirmed_on"].to_pylist(), told["confirmed_by"].to_pylist()) == ([last[0]], [last[1]])


def test_control_the_book_alone_shows_the_newest_confirmation(tmp_path: Path) -> None:
    [row] = entered(tmp_path, (MARCH, "M"), (JUNE, "N")).rows("book_entries")
    assert row["confirmed_on"] > PERIOD.as_of
