"""DB-01..03: the database ends a connection, or itself, or is locked, while two collect: nothing is lost or doubled.

The worst moment is a commit: whoever is cut off then cannot know whether it was made. The claim key tells.
"""

import random
import socket
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from itertools import takewhile
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.faults import homes
from tests.faults.acting import Actor, acknowledged, done
from tests.faults.field import Wire
from tests.faults.sheet import Row, Sheet
from tests.servers import postgres
from tests.servers.postgres import Server

QUICK, LONG = 4, 100  # cuts of each kind
Injury = Callable[[random.Random], bool]


class CommitWire(Wire):
    """A way to the database that ends with the next commit of something written: before it comes there, or before its
    answer comes back."""

    def __init__(self, host: str, port: int) -> None:
        self.armed: str | None = None
        self.reading = set[frozenset[int]]()  # connections whose transaction only reads, by both of their ends
        super().__init__(host, port)

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        super()._pass(_Heard(self, one, frozenset((id(one), id(other)))), other)  # type: ignore[arg-type]

    def strike(self, dice: random.Random, when: Sequence[str] = ("before", "after")) -> bool:
        """Wait until a commit was cut off."""
        before, self.armed = self.broken, dice.choice(when)
        end = time.monotonic() + 30
        while self.broken == before and time.monotonic() < end:
            time.sleep(0.01)
        self.armed = None
        return self.broken > before


class _Heard:
    """One end of a connection, of which all that is said is heard."""

    def __init__(self, wire: CommitWire, end: socket.socket, both: frozenset[int]) -> None:
        self._wire, self._end, self._both = wire, end, both

    def recv(self, size: int) -> bytes:
        told, wire = self._end.recv(size), self._wire
        if told.startswith(b"Q") and b"BEGIN" in told:
            wire.reading.discard(self._both)
            wire.reading |= {self._both} if b"READ ONLY" in told else set()
        commits = {"before": b"Q", "after": b"C"}.get(wire.armed or "", b"-")
        if not told.startswith(commits) or b"COMMIT\0" not in told or self._both in wire.reading:
            return told
        wire.armed, wire.broken = None, wire.broken + 1
        return b""

    def __getattr__(self, name: str) -> object:
        return getattr(self._end, name)


@pytest.fixture
def server() -> Iterator[Server]:
    with postgres.serving() as one:
        yield one


@pytest.fixture
def wire(server: Server) -> Iterator[CommitWire]:
    with closing(CommitWire("127.0.0.1", make_url(server.address).port or 0)) as one:
        yield one


@pytest.fixture
def home(tmp_path: Path, server: Server, wire: CommitWire) -> Path:
    """A small home whose database is reached over the wire."""
    address = make_url(postgres.new_schema(server.address)).set(port=wire.port)
    return homes.make_small(tmp_path / "home", address.render_as_string(hide_password=False))


@pytest.fixture
def cuts(request: pytest.FixtureRequest) -> int:
    return LONG if request.config.getoption("--long") else QUICK


def hurt(home: Path, injury: Injury, cuts: Iterable[int], faults: str = "") -> tuple[list[str], Row]:
    """Let two collect while the database is hurt again and again; what is wrong afterwards, and the row of it."""
    dice, injected = random.Random(7), 0
    with ExitStack() as running:
        actors = [running.enter_context(Actor(home, "collect on", faults)) for _ in range(2)]
        for actor in actors:
            actor.go()
        for _ in cuts:
            time.sleep(dice.uniform(0.05, 0.4))
            injected += injury(dice)
        wrong = [f"one ended with {actor.process.exitcode}" for actor in actors if actor.ended(0.5) is not None]
    acked = {run: int(rows) for run, rows in acknowledged(home)}
    wrong += homes.problems(home, acked)
    ended = done(home, "collect")
    wrong += [*homes.ledger_problems(home), *([] if ended == 0 else [f"the last collection ended with {ended}"])]
    told = homes.entries(home).values()
    lost, more = sum(not one for one in told), sum(max(one - 1, 0) for one in told)
    handled = injected if not (wrong or lost or more) else 0
    return wrong, Row(injected, handled, lost, more + homes.repeated(home))


def lost(home: Path) -> set[str]:
    """Collections that were told to be made and are not."""
    with homes.asked(home) as ask:
        return {run for run, _ in acknowledged(home)} - {run for (run,) in ask("SELECT run_id FROM runs")}


def judged(told: tuple[list[str], Row], sheet: Sheet) -> None:
    wrong, row = told
    sheet.add("DB cuts", row)
    assert wrong == []
    assert row.injected == row.handled > 0


def terminated(server: Server, dice: random.Random) -> bool:
    """End every connection but our own, in whatever it does."""
    engine = create_engine(server.address)
    with engine.connect() as connection:
        asked = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'tenken' AND pid <> pg_backend_pid()"
        ended = connection.execute(text(asked)).scalar_one()
    engine.dispose()
    return bool(ended)


def test_connections_that_are_ended_lose_nothing(home: Path, server: Server, cuts: int, sheet: Sheet) -> None:
    judged(hurt(home, lambda dice: terminated(server, dice), range(cuts)), sheet)


def test_commits_that_are_cut_off_are_neither_lost_nor_made_twice(
    home: Path, wire: CommitWire, cuts: int, sheet: Sheet
) -> None:
    judged(hurt(home, wire.strike, range(cuts)), sheet)


def test_a_server_that_crashes_under_load_loses_nothing(home: Path, server: Server, cuts: int, sheet: Sheet) -> None:
    def crashed(dice: random.Random) -> bool:
        server.crash()
        time.sleep(dice.uniform(0, 0.3))
        server.start()
        return True

    judged(hurt(home, crashed, range(max(2, cuts // 4))), sheet)


def test_control_a_commit_that_was_cut_off_and_is_taken_for_made_is_lost(home: Path, wire: CommitWire) -> None:
    until_one_is_lost = takewhile(lambda _: not lost(home), range(200))  # on a busy machine few are of a collection
    wrong, _ = hurt(home, partial(wire.strike, when=("before",)), until_one_is_lost, "hopeful")
    assert [one for one in wrong if one.endswith("is lost")] != [], wrong


def test_a_database_that_another_process_locks_loses_nothing(tmp_path: Path, cuts: int, sheet: Sheet) -> None:
    home = homes.make_small(tmp_path / "home", "sqlite:///tenken.db?timeout=0.2")

    def locked(dice: random.Random) -> bool:
        with closing(sqlite3.connect(home / "tenken.db", isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(dice.uniform(0.1, 0.8))
            other.execute("ROLLBACK")
        return True

    judged(hurt(home, locked, range(cuts)), sheet)
