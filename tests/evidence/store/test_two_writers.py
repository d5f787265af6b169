"""Two processes on one database: every commit is kept, and their times are in one strict order."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.store import Store

ROUNDS = 40
WRITER = """
import sys
from evidence.clock import SystemClock
from evidence.errors import AlreadyDone
from evidence.store import Store

store = Store.open(sys.argv[1], SystemClock())
store.upgrade()
for number in range(int(sys.argv[3])):
    with store.write() as tx:
        tx.ledger.append("tenken/AOI", {"writer": sys.argv[2], "number": number}, f"{sys.argv[2]}|{number}")
        print(sys.argv[2], number, tx.at.isoformat())
    try:
        with store.write() as tx:
            tx.ledger.append("tenken/AOI", {"kind": "claim"}, f"slot|{number}")
            tx.ledger.append("tenken/AOI", {"kind": "work"}, f"{sys.argv[2]}|work|{number}")
    except AlreadyDone:
        pass
"""


@pytest.fixture
def written(url: str) -> Iterator[tuple[Store, list[str]]]:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, url, name, str(ROUNDS)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        for name in ("a", "b")
    ]
    told = [writer.communicate(timeout=120)[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    with closing(Store.open(url, SystemClock())) as store:
        yield store, "".join(told).splitlines()


def test_two_processes_share_a_database_without_losing_or_doubling_anything(written: tuple[Store, list[str]]) -> None:
    store, told = written
    with store.read() as tx:
        leaves = tx.ledger.leaves("tenken/AOI")
    claims = [leaf.claim_key for leaf in leaves]
    times = [leaf.recorded_at for leaf in leaves if b'"writer"' in leaf.leaf]
    assert len(told) == 2 * ROUNDS
    assert {f"{name}|{number}" for name in "ab" for number in range(ROUNDS)} <= set(claims)
    assert len([claim for claim in claims if claim.startswith("slot|")]) == ROUNDS
    assert len([claim for claim in claims if "|work|" in claim]) == ROUNDS
    assert [leaf.seq for leaf in leaves] == list(range(4 * ROUNDS))
    assert times == sorted(set(times))
    assert sorted(line.split()[2] for line in told) == [time.isoformat() for time in times]
