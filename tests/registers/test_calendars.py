"""The calendars are written once, and again only when a day of them changes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier

import pytest

from evidence.clock import StandingClock
from evidence.facts import Facts
from evidence.facts.window import Window
from evidence.period import Period
from evidence.store import Store
from evidence.vault.folder import FolderVault
from registers.calendars import keep

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
DAY = date(2026, 3, 31)


class Kept:
    def __init__(self, home: Path) -> None:
        self.store = Store.open(f"sqlite:///{home / 'tenken.db'}", StandingClock(datetime(2026, 4, 1, tzinfo=UTC)))
        self.store.upgrade()
        self.vault, self.facts = FolderVault(home / "vault"), Facts(home / "facts")

    def keep(self, *closed: date) -> int:
        return keep(self.store, self.vault, self.facts, {"C1": closed}, FIRST, LAST)

    def days(self) -> dict[tuple[str, date], bool]:
        known_at = self.store.last_commit()
        assert known_at is not None
        window = Window.open(self.store, self.facts, (), Period(DAY, DAY), known_at)
        return {(row["calendar"], row["day_on"]): row["is_business_day"] for row in window.rows("calendar_days")}


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_every_day_of_the_law_and_of_each_company_is_there(kept: Kept) -> None:
    kept.keep()
    assert len(kept.days()) == 2 * 365


def test_keeping_them_again_writes_nothing(kept: Kept) -> None:
    kept.keep()
    assert kept.keep() == 0


def test_a_day_that_a_company_closes_later_replaces_the_open_one(kept: Kept) -> None:
    kept.keep()
    kept.keep(date(2026, 8, 13))
    days = kept.days()
    assert (days["C1", date(2026, 8, 13)], days["law:JP", date(2026, 8, 13)]) == (False, True)


def test_of_several_that_keep_them_at_once_one_writes(kept: Kept) -> None:
    together = Barrier(4)

    def keep(_: int) -> int:
        together.wait()
        return kept.keep()

    with ThreadPoolExecutor(4) as threads:
        written = sorted(threads.map(keep, range(4)))
    assert written == [0, 0, 0, 2 * 365]
    assert len(list(kept.facts.root.rglob("*.*"))) == 1
