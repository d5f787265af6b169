"""Closing while something goes wrong: two at once, an end between vault and row; and what a close never tells."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from evidence import ledger
from evidence.clock import StandingClock
from evidence.store.values import PeriodCloseRow
from evidence.vault import Digest, StoredObject
from house import House, day, open_house, periods
from house.closed import versions
from house.periods import close_due
from house.snapshot import Frozen
from tests.closing import at, clock_of, collected, few, kept, listed, made
from tests.evidence.vault.keyed import content_of
from tests.faults.test_twice import without_unique_keys

CLOSING = date(2026, 5, 12)
CANARY = "PC-山田太郎-090-1234-5678"
UNIQUE = ("ledger", "objects", "period_closes")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = made(tmp_path / "home")
    clock_of(built).at = at("2026-05-12T07:30")
    yield built
    built.store.close()


def together(house: House, monkeypatch: pytest.MonkeyPatch) -> list[PeriodCloseRow]:
    """Close twice, so that both have judged and frozen before either makes it count."""
    meeting, keep = threading.Barrier(2, timeout=120), periods._keep

    def met(*told: object) -> PeriodCloseRow:
        meeting.wait()
        return keep(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(periods, "_keep", met)
    other = few(open_house(house.home, StandingClock(house.clock.now())))
    with ThreadPoolExecutor(2) as both, closing(other.store):
        running = [both.submit(close_due, one, CLOSING) for one in (house, other)]
        return [row for one in running for row in one.result()]


def entries(house: House) -> int:
    """How many closes the ledger tells of, read with SQL alone."""
    with closing(sqlite3.connect(house.home / "tenken.db")) as database:
        [[count]] = database.execute('SELECT count(*) FROM ledger WHERE CAST(leaf AS TEXT) LIKE \'%"kind":"close"%\'')
    return int(count)


def test_of_two_that_close_at_once_one_does(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    told = together(house, monkeypatch)
    assert (len(told), len(kept(house)), entries(house)) == (1, 1, 1)
    assert day.verify_ledger(house) == []


def test_control_without_the_unique_keys_both_do(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    without_unique_keys(house.home, UNIQUE)
    assert (len(together(house, monkeypatch)), entries(house)) == (2, 2)


class Ended(BaseException):
    """The process is gone."""


def ends(*_: object) -> PeriodCloseRow:
    raise Ended


def test_an_end_between_vault_and_row_leaves_nothing_that_counts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as cut_off, pytest.raises(Ended):
        cut_off.setattr("evidence.store.closes.Closes.add", ends)
        close_due(house, CLOSING)
    assert (kept(house), entries(house), day.verify_ledger(house)) == ([], 0, [])
    assert [row.version for row in close_due(house, CLOSING)] == [1]
    assert entries(house) == 1


def apart(house: House, frozen: Frozen, stored: StoredObject) -> PeriodCloseRow:
    """Make it count in two transactions instead of one."""
    digest = str(stored.digest)
    with house.store.write() as tx:
        leaf = tx.ledger.append(ledger.log_of(frozen.company), {"kind": "close"}, f"close|{digest}")
    with house.store.write() as tx:
        span = frozen.span
        return tx.closes.add(
            PeriodCloseRow(
                frozen.company, span.cycle.value, span.since, span.as_of, 1, digest, leaf.seq, frozen.known_at, {}
            )
        )


def test_control_in_two_transactions_an_end_leaves_an_entry_of_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(periods, "_keep", apart)
    with monkeypatch.context() as cut_off, pytest.raises(Ended):
        cut_off.setattr("evidence.store.closes.Closes.add", ends)
        close_due(house, CLOSING)
    assert (versions(house)[0], entries(house)) == ([], 1)


def deviating(house: House) -> None:
    """A device whose inventory id is a person's name does not report."""
    clock_of(house).at = at("2026-05-01T05:30")
    listed(house, "2026-04-30T18:00", "2026-04-01")
    path = house.home / "inbox" / "mdm" / "2026-04-30.csv"
    moment = path.stat().st_mtime
    path.write_text(path.read_text("utf-8").replace("PC-AOBA-1", CANARY), "utf-8")
    os.utime(path, (moment, moment))
    collected(house, date(2026, 4, 30))
    clock_of(house).at = at("2026-05-12T07:30")


def frozen_and_told(house: House) -> list[bytes]:
    """What a close says: the object, and its entry of the ledger."""
    [row] = kept(house)
    with house.store.read() as tx:
        entry = tx.ledger.entry(ledger.log_of("AOBA"), row.entry)
    assert entry is not None
    return [content_of(house.vault, Digest(row.digest)), entry.leaf]


def test_neither_the_entry_nor_the_object_tells_whom_it_is_about(house: House) -> None:
    deviating(house)
    close_due(house, CLOSING)
    assert [CANARY.encode() in one or "山田".encode() in one for one in frozen_and_told(house)] == [False, False]


def test_control_with_the_subjects_the_object_would_tell(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    deviating(house)
    monkeypatch.setattr("house.snapshot.deviations_digest", lambda found: ",".join(one.subject for one in found))
    close_due(house, CLOSING)
    assert CANARY.encode() in frozen_and_told(house)[0]
