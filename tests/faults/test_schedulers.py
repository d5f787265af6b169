"""P2, P4: several schedulers on one database, killed, paused past their lease or cut off: each slot ends exactly once.

The control runs take away the unique keys, or the fence, and must fail.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from evidence.clock import SystemClock
from evidence.store.values import SlotRow
from house import create, open_house
from tests.faults.serving import LEASE, SCHEDULES
from tests.servers import postgres

KEYS = {
    "slots": "pk_slots",
    "slot_results": "pk_slot_results",
    "ledger": "uq_ledger_claim_key",
    "slot_attempts": "pk_slot_attempts",
}


class Wire:
    """A way to the database that can be cut: what runs over it ends, and nothing new comes through meanwhile."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._open, self._both = True, list[socket.socket]()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        threading.Thread(target=self._let_in, daemon=True).start()

    def cut(self, seconds: float) -> None:
        self._open = False
        for end in self._both:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)  # closing it alone wakes nobody who reads from it
        self._both.clear()
        time.sleep(seconds)
        self._open = True

    def close(self) -> None:
        self._door.close()
        self.cut(0)

    def _let_in(self) -> None:
        while True:
            try:
                here, _ = self._door.accept()
            except OSError:
                return
            if not self._open:
                here.close()
                continue
            there = socket.create_connection(self._to)
            self._both += [here, there]
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while told := one.recv(65536):
                other.sendall(told)
        except OSError:
            pass
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@dataclass
class Server:
    """One scheduler process that is begun again whenever it was killed."""

    home: Path
    faults: str
    process: "subprocess.Popen[bytes]" = field(init=False)

    def begin(self) -> None:
        with (self.home / "said").open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.serving", self.home, self.faults],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
            )  # fmt: skip

    def kill(self, *, alone: bool) -> None:
        """End it at once, with its children or ``alone``: then they must end by themselves."""
        if alone:
            self.process.kill()
        else:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)

    def pause(self, seconds: float, *, alone: bool) -> None:
        """Let it stand still, with its children or ``alone``: then they go on with what is not theirs any more."""
        signalled = os.kill if alone else os.killpg
        signalled(self.process.pid, signal.SIGSTOP)
        time.sleep(seconds)
        signalled(self.process.pid, signal.SIGCONT)


@dataclass(frozen=True, slots=True)
class Served:
    """What the database says afterwards, by SQL of its own."""

    lost: int
    doubled: int
    stray: int  # writes of an attempt after a newer one had begun
    attempts: int


@dataclass
class Field:
    """One database, and homes that share it."""

    database: str
    slots: int
    until: datetime
    homes: list[Path]
    wires: list[Wire]

    @property
    def since(self) -> datetime:
        return self.until - timedelta(minutes=self.slots // SCHEDULES)

    @contextmanager
    def asked(self) -> Iterator[Connection]:
        engine = create_engine(self.database)
        with engine.connect() as connection:
            yield connection
        engine.dispose()

    def waiting(self) -> int:
        with self.asked() as connection:
            bounds = {"since": _bound(self.database, self.since), "until": _bound(self.database, self.until)}
            ended = (
                "SELECT count(DISTINCT schedule || due_at) FROM slot_results WHERE due_at > :since AND due_at <= :until"
            )
            return self.slots - int(connection.execute(text(ended), bounds).scalar_one())

    def served(self) -> Served:
        with self.asked() as connection:
            rows = connection.execute(text("SELECT schedule, due_at FROM slot_results"))
            results = Counter((row.schedule, str(row.due_at)) for row in rows)
            leaves = [json.loads(bytes(row.leaf)) for row in connection.execute(text("SELECT leaf FROM ledger"))]
            attempts = connection.execute(text("SELECT count(*) FROM slot_attempts")).scalar_one()
        told = Counter((leaf["schedule"], leaf["due_at"]) for leaf in leaves if leaf["kind"] == "slot")
        stray = sum(leaf["attempt"] != leaf["newest"] for leaf in leaves if leaf["kind"] == "work")
        doubled = sum(count - 1 for counts in (results, told) for count in counts.values())
        return Served(self.waiting(), doubled, stray, int(attempts))

    def run(self, faults: str, injuries: Sequence[str], seed: int = 1, *, longest: float) -> Counter[str]:
        """Let a scheduler serve from each home, hurting one after the other, until every slot has ended."""
        servers = [Server(home, f"slow={number * 4},{faults}") for number, home in enumerate(self.homes)]
        chosen, done = random.Random(seed), Counter[str]()
        for server in servers:
            server.begin()
        end = time.monotonic() + longest
        try:
            while self.waiting() and time.monotonic() < end:
                time.sleep(chosen.uniform(1, 4))
                for server in servers:
                    if server.process.poll() is not None:  # it began while it was cut off; the system begins it again
                        server.begin()
                if injuries:
                    number, injury = chosen.randrange(len(servers)), chosen.choice(injuries)
                    self._hurt(servers[number], number, injury, chosen.uniform(1.1, 1.8) * LEASE.total_seconds())
                    done[injury] += 1
        finally:
            for server in servers:
                server.kill(alone=False)
        return done

    def _hurt(self, server: Server, number: int, injury: str, seconds: float) -> None:
        match injury:
            case "kill" | "kill alone":
                server.kill(alone=injury == "kill alone")
                server.begin()
            case "pause" | "pause alone":
                server.pause(seconds, alone=injury == "pause alone")
            case "cut":
                self.wires[number].cut(seconds)


def _bound(database: str, at: datetime) -> datetime | str:
    return at if database.startswith("postgresql") else f"{at:%Y-%m-%d %H:%M:%S.%f}"


def home_of(folder: Path, database: str) -> Path:
    """A home with many schedules whose tables are in a database."""
    create(folder, "架空グループ", [("AOI", "株式会社葵")]).store.close()
    with (folder / "settings.yaml").open("a", encoding="utf-8") as settings:
        settings.write(f"database: {database}\n")
    lines = "".join(f'  - {{name: s{n}, does: collect, cron: "* * * * *"}}\n' for n in range(SCHEDULES))
    (folder / "schedule.yaml").write_text(f"schedules:\n{lines}grace_hours: 720\n")
    return folder


def seen_first(home: Path, at: datetime) -> None:
    """Let all schedules have been seen for the first time at a moment."""
    house = open_house(home, SystemClock())
    with house.store.write() as tx:
        for n in range(SCHEDULES):
            tx.slots.finish(SlotRow(f"s{n}", at, "done", None))
    house.store.close()


@pytest.fixture
def several(tmp_path: Path, postgres_server: str, request: pytest.FixtureRequest) -> Iterator[Field]:
    """Three homes on one PostgreSQL, each over a wire of its own."""
    slots, database = 500 if request.config.getoption("--long") else 40, postgres.new_schema(postgres_server)
    address = make_url(database)
    with ExitStack() as opened:
        wires = [opened.enter_context(closing(Wire("127.0.0.1", address.port or 0))) for _ in range(3)]
        over = [address.set(port=wire.port).render_as_string(hide_password=False) for wire in wires]
        homes = [home_of(tmp_path / f"home{n}", one) for n, one in enumerate(over)]
        field = Field(database, slots, datetime.now(UTC).replace(second=0, microsecond=0), homes, wires)
        seen_first(homes[0], field.since)
        yield field


@pytest.fixture
def alone(tmp_path: Path, request: pytest.FixtureRequest) -> Field:
    """One home on SQLite."""
    slots, folder = 400 if request.config.getoption("--long") else 20, tmp_path / "home"
    home_of(folder, "sqlite:///tenken.db")
    until = datetime.now(UTC).replace(second=0, microsecond=0)
    field = Field(f"sqlite:///{folder / 'tenken.db'}", slots, until, [folder], [])
    seen_first(folder, field.since)
    return field


def test_three_on_one_database_serve_each_slot_once_whatever_happens_to_them(several: Field) -> None:
    hurt = several.run("", ("kill", "kill alone", "pause", "pause alone", "cut"), longest=3000)
    served = several.served()
    print(hurt, served)
    assert (served.lost, served.doubled, served.stray) == (0, 0, 0)
    assert served.attempts > several.slots


def test_without_the_unique_keys_slots_are_served_twice(several: Field) -> None:
    with several.asked() as connection:
        for table, key in KEYS.items():
            connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {key}"))
        connection.commit()
    several.run("", (), longest=300)
    assert several.served().doubled > 0


def test_without_the_fence_whoever_lost_a_slot_writes_all_the_same(several: Field) -> None:
    several.run("unfenced", ("pause alone",), longest=300)
    assert several.served().stray > 0


def test_one_that_is_killed_again_and_again_serves_each_slot_once(alone: Field, request: pytest.FixtureRequest) -> None:
    hurt = alone.run("", ("kill", "kill alone"), longest=1800)
    served = alone.served()
    print(hurt, served)
    assert (served.lost, served.doubled, served.stray) == (0, 0, 0)
    assert sum(hurt.values()) >= (200 if request.config.getoption("--long") else 5)
