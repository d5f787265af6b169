"""Schedulers on one database that are hurt while they are at work, and a checker that asks the database alone.

What is hurt is a process of the product with work that only writes (``tests.faults.serving``).
"""

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, pairwise, repeat
from pathlib import Path

from sqlalchemy import Connection, create_engine, text

from evidence.clock import SystemClock
from evidence.store.values import SlotRow
from house import create, open_house
from tests.faults.serving import LEASE, SCHEDULES

KINDS = ("kill", "kill alone", "pause", "pause alone", "cut")
KEYS = {
    "slots": "pk_slots",
    "slot_attempts": "pk_slot_attempts",
    "slot_results": "pk_slot_results",
    "ledger": "uq_ledger_claim_key",
}
UNIQUE = {
    **KEYS,
    "objects": "uq_objects_source_name_edition_digest",
    "period_closes": "uq_period_closes_company_since_as_of_version",
}


class Wire:
    """A way to the database that can be cut: what runs over it ends, and nothing new comes through meanwhile."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._open, self._both = True, list[socket.socket]()
        self.broken = 0  # connections that ended, or did not come about, because it was cut
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        threading.Thread(target=self._let_in, daemon=True).start()

    def cut(self, seconds: float) -> None:
        self._open = False
        self.broken += len(self._both) // 2
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
            try:
                there = socket.create_connection(self._to) if self._open else None
            except OSError:  # nobody is there just now
                there = None
            if there is None:
                here.close()
                self.broken += 1
                continue
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

    def pause(self, seconds: float, *, alone: bool) -> bool:
        """Let it stand still, with its children or ``alone``: then they go on with what is not theirs any more. Whether
        it stood."""
        signalled = os.kill if alone else os.killpg
        signalled(self.process.pid, signal.SIGSTOP)
        time.sleep(seconds)
        stood = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        signalled(self.process.pid, signal.SIGCONT)
        return stood


@dataclass(frozen=True, slots=True)
class Served:
    """What the database says afterwards, by SQL of its own."""

    lost: int
    doubled: int
    stray: int  # writes of an attempt after a newer one had begun
    taken_over: int  # attempts at what somebody else had begun
    holders: int  # processes that began something


@dataclass
class Field:
    """One database, and homes that share it: a scheduler serves from each."""

    database: str
    slots: int
    homes: list[Path]
    wires: Sequence[Wire] = ()
    until: datetime = field(default_factory=lambda: datetime.now(UTC).replace(second=0, microsecond=0))

    def __post_init__(self) -> None:
        """Let all schedules have been seen for the first time so long ago that so many slots are due."""
        self.since = self.until - timedelta(minutes=self.slots // SCHEDULES)
        house = open_house(self.homes[0], SystemClock())
        with house.store.write() as tx:
            for n in range(SCHEDULES):
                tx.slots.finish(SlotRow(f"s{n}", self.since, "done", None))
        house.store.close()

    @contextmanager
    def asked(self) -> Iterator[Connection]:
        engine = create_engine(self.database)
        with engine.connect() as connection:
            yield connection
        engine.dispose()

    def waiting(self) -> int:
        """How many slots have not ended."""
        return self.slots - self._count("SELECT count(DISTINCT schedule || due_at) FROM slot_results WHERE {within}")

    def stuck(self, pids: Iterable[int]) -> int:
        """How many of them cannot be served before one that is claimed by these processes has ended."""
        claimed = "SELECT schedule FROM slots WHERE NOT ended AND holder LIKE :pid"
        behind = f"SELECT count(*) FROM slots WHERE NOT ended AND {{within}} AND schedule IN ({claimed})"
        return sum(self._count(behind, pid=f"%:{pid}") for pid in pids)

    def served(self) -> Served:
        with self.asked() as connection:
            rows = connection.execute(text("SELECT schedule, due_at FROM slot_results"))
            results = Counter((row.schedule, str(row.due_at)) for row in rows)
            leaves = [json.loads(bytes(row.leaf)) for row in connection.execute(text("SELECT leaf FROM ledger"))]
            told = "SELECT schedule, due_at, holder FROM slot_attempts ORDER BY fence"
            attempts = [tuple(row) for row in connection.execute(text(told))]
        begun = dict[tuple[str, str], list[str]]()
        for schedule, due_at, holder in attempts:
            begun.setdefault((schedule, str(due_at)), []).append(holder)
        entries = Counter((leaf["schedule"], leaf["due_at"]) for leaf in leaves if leaf["kind"] == "slot")
        return Served(
            lost=self.waiting(),
            doubled=sum(count - 1 for counts in (results, entries) for count in counts.values()),
            stray=sum(leaf["attempt"] != leaf["newest"] for leaf in leaves if leaf["kind"] == "work"),
            taken_over=sum(a != b for those in begun.values() for a, b in pairwise(those)),
            holders=len({holder for _, _, holder in attempts}),
        )

    def run(
        self,
        faults: str = "",
        injuries: Iterable[str] = (),
        *,
        longest: float,
        leases: tuple[float, float] = (1.1, 1.8),
        serving: str = "%",
        enough: Callable[[Sequence[int]], bool] | None = None,
    ) -> Counter[str]:
        """Let a scheduler serve from each home and hurt one after the other that is at work (``serving`` a schedule), for
        so many leases, until it was ``enough`` by the processes that were killed: by default until all of it was done and
        every slot has ended.

        Each puts down what is due later than the one before, which may have served some of it by then.
        """
        servers = [Server(home, f"slow={1 + number * 3},{faults}") for number, home in enumerate(self.homes)]
        draws, done, killed, end = random.Random(1), Counter[str](), list[int](), time.monotonic() + longest
        for server in servers:
            server.begin()
        try:
            for injury in chain(injuries, repeat(None)):
                while injury and (number := self._at_work(servers, draws, serving)) is None and time.monotonic() < end:
                    time.sleep(0.05)
                if time.monotonic() >= end or (enough and enough(killed)):
                    break
                if injury and number is not None:
                    killed += [servers[number].process.pid] if injury.startswith("kill") else []
                    done[injury] += self._hurt(servers[number], number, injury, draws.uniform(*leases))
                elif not enough and not self.waiting():
                    break
                time.sleep(draws.uniform(0, LEASE.total_seconds() / 2))
        finally:
            for server in servers:
                server.kill(alone=False)
        return done

    def _at_work(self, servers: Sequence[Server], draws: random.Random, serving: str) -> int | None:
        """One of those that serve a slot now; what ended by itself, because it began while it was cut off, is begun
        again first."""
        for server in servers:
            if server.process.poll() is not None:
                server.begin()
        with self.asked() as connection:
            claimed = text("SELECT holder FROM slots WHERE NOT ended AND fence > 0 AND schedule LIKE :serving")
            holders = connection.execute(claimed, {"serving": serving})
            pids = {int(row.holder.rpartition(":")[2]) for row in holders}
        found = [number for number, server in enumerate(servers) if server.process.pid in pids]
        return draws.choice(found) if found else None

    def _hurt(self, server: Server, number: int, injury: str, leases: float) -> bool:
        """Hurt one for so many leases; whether it was."""
        seconds = leases * LEASE.total_seconds()
        match injury:
            case "kill" | "kill alone":
                server.kill(alone=injury == "kill alone")
                died = server.process.returncode == -signal.SIGKILL
                server.begin()
                return died
            case "pause" | "pause alone":
                return server.pause(seconds, alone=injury == "pause alone")
            case _:
                before = self.wires[number].broken
                self.wires[number].cut(seconds)
                return self.wires[number].broken > before

    def _count(self, statement: str, **given: str) -> int:
        since, until = (at if self.wires else f"{at:%Y-%m-%d %H:%M:%S.%f}" for at in (self.since, self.until))
        asked = text(statement.format(within="due_at > :since AND due_at <= :until"))
        with self.asked() as connection:
            return int(connection.execute(asked, {"since": since, "until": until, **given}).scalar_one())


def home_of(folder: Path, database: str) -> Path:
    """A home with many schedules whose tables are in a database."""
    create(folder, "架空グループ", [("AOI", "株式会社葵")]).store.close()
    with (folder / "settings.yaml").open("a", encoding="utf-8") as settings:
        settings.write(f"database: {database}\n")
    lines = "".join(f'  - {{name: s{n}, does: collect, cron: "* * * * *"}}\n' for n in range(SCHEDULES))
    (folder / "schedule.yaml").write_text(f"schedules:\n{lines}grace_hours: 720\n")
    return folder


def without(connection: Connection, tables: Iterable[str]) -> None:
    """Drop the unique keys of some tables, as a migration by hand might."""
    for table in tables:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {UNIQUE[table]}"))
            continue
        made = connection.execute(
            text("SELECT sql FROM sqlite_master WHERE name = :table"), {"table": table}
        ).scalar_one()
        kept, dropped = re.subn(rf",\s*CONSTRAINT {UNIQUE[table]} (PRIMARY KEY|UNIQUE) \([^)]*\)", "", made)
        assert dropped == 1, made
        connection.execute(text("PRAGMA legacy_alter_table = ON"))  # what refers to the table goes on doing so
        connection.execute(text(f"ALTER TABLE {table} RENAME TO before"))
        connection.execute(text(kept))
        connection.execute(text(f"INSERT INTO {table} SELECT * FROM before"))
        connection.execute(text("DROP TABLE before"))
    connection.commit()
