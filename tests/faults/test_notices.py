"""Senders that are killed at any moment: no notice is lost, and none is repeated but where nobody can know.

They are forked from a process that has everything imported: a fresh one takes longer to start than it lives.
The control runs take away the row that is put down first, or the number of the attempt, and must fail.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import pytest

from house import House, open_house
from house.delivery import delivery_id
from house.standing import act
from tests.faults.posting import RunningClock, send
from tests.faults.sheet import Row, Sheet
from tests.homes import copied
from tests.notices.homes import CRITICAL, Field, prepare, smtp
from tests.servers import postgres
from tests.servers import smtp as mail
from tests.servers.smtp import Mailbox

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.faults.preloaded"])
SENDERS = 4  # at once
THINKING = 0.3  # seconds between a mail and the server's answer: most of a sender's life
PEOPLE = ("D1", None, "D9")  # the manager's, the officer's, and one whose address nobody knows


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was told, counted at both ends."""

    notices: int
    lost: int  # notices that are recorded as sent, and that the server never took
    untold: int  # gaps that are in no notice
    repeated: int  # mails beyond what attempts without a result explain
    unclear: int  # mails that were sent again because nobody could know

    def row(self, kills: int) -> Row:
        """What came of so many kills."""
        lost = self.lost + self.untold
        return Row(kills, max(kills - lost - self.repeated, 0), lost, self.repeated)


@dataclass
class Posts:
    """A home, a server, and senders between them."""

    home: Path
    mailbox: Mailbox
    start: float = field(default_factory=time.monotonic)
    gaps: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(20260331))

    @property
    def house(self) -> House:
        return open_house(self.home, RunningClock(self.start))

    @contextmanager
    def sender(self, faults: str = "") -> Iterator[None]:
        """A sender; it is killed afterwards, and it alone, and has not ended before."""
        process = PROCESSES.Process(target=send, args=(self.home, self.start, faults))
        process.start()
        try:
            yield
        finally:
            process.kill()
            process.join()
        assert process.exitcode == -signal.SIGKILL

    def news(self, number: int) -> None:
        """Let critical gaps open, some for each person."""
        house = self.house
        told = Field(self.home, None)
        events = [told.event(CRITICAL, f"S{self.gaps + n}", department=PEOPLE[n % len(PEOPLE)]) for n in range(number)]
        self.gaps += number
        act(house, *events)
        house.store.close()

    def kill(self, faults: str = "") -> None:
        """Let senders run into a mail, and kill all of them at any moment around it."""
        self.mailbox.begun.clear()
        self.news(3)
        with ExitStack() as senders:
            for _ in range(SENDERS):
                senders.enter_context(self.sender(faults))
            assert self.mailbox.begun.wait(300)
            time.sleep(self.dice.uniform(0, 3 * THINKING))

    def finish(self) -> None:
        """Let an undisturbed sender send what is left."""
        deadline = time.monotonic() + 600
        with self.sender():
            while self._waiting():
                assert time.monotonic() < deadline, "something is never sent"
                time.sleep(0.2)

    def counted(self) -> Outcome:
        """What the store says was told, against what the server took."""
        house = self.house
        with house.store.read() as tx:
            letters = tx.notices.since(RunningClock(self.start).now().date())
        house.store.close()
        taken = Counter(one.message_id for one in self.mailbox.taken)
        of = {f"<{delivery_id(house, letter.notice.key)}@aoba.example>": letter for letter in letters}
        assert set(taken) <= set(of)
        lost = sum(taken[identity] == 0 for identity, letter in of.items() if letter.outcome == "sent")
        told = sum(int(letter.notice.body["gaps"]) for letter in letters)
        unresolved = {i: sum(one.outcome != "sent" for one in letter.tries) for i, letter in of.items()}
        again = {i: max(taken[i] - 1, 0) for i in of}
        repeated = sum(max(again[i] - unresolved[i], 0) for i in of) + max(told - self.gaps, 0)
        return Outcome(len(letters), lost, max(self.gaps - told, 0), repeated, sum(again.values()))

    def _waiting(self) -> bool:
        house = self.house
        with house.store.read() as tx:
            waits = bool(tx.notices.waiting())
            opened = {row.seq or 0 for row in tx.gaps.all()}
            untold = opened - {event for _, _, event in tx.notices.told(opened)}
        house.store.close()
        return waits or bool(untold)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("posts") / "home")


@pytest.fixture
def posts(template: Path, tmp_path: Path) -> Iterator[Posts]:
    with served(copied(template, tmp_path / "home")) as found:
        yield found


@pytest.fixture
def on_postgresql(tmp_path: Path, postgres_server: str) -> Iterator[Posts]:
    database = postgres.new_schema(postgres_server)
    with served(prepare(tmp_path / "home", database), database=database) as found:
        yield found


@contextmanager
def served(home: Path, **more: str) -> Iterator[Posts]:
    """A home with a server that takes its mail, and thinks before it answers."""
    with mail.running() as mailbox:
        mailbox.seconds = THINKING
        told = {"group": "青葉グループ", "companies": [{"code": c, "name": c} for c in ("AOBA", "MIDORI")]}
        (home / "settings.yaml").write_text(json.dumps(told | more | {"notices": smtp(mailbox.port)}), "utf-8")
        yield Posts(home, mailbox)


def look_back() -> None:
    """End well where the process that forked us was ready, had one thread, and left nothing open that both would use."""
    assert "tests.faults.preloaded" in sys.modules
    assert len([*Path(f"/proc/{os.getppid()}/task").iterdir()]) == 1
    opened = [one for one in Path("/proc/self/fd").iterdir() if int(one.name) > 2 and one.exists()]
    assert [one.readlink() for one in opened if one.is_file() or one.is_socket()] == []


def test_a_sender_is_forked_from_a_process_that_is_ready_and_shares_no_thread_file_or_connection() -> None:
    process = PROCESSES.Process(target=look_back)
    process.start()
    process.join()
    assert process.exitcode == 0


def test_senders_that_are_killed_lose_nothing_and_repeat_nothing(
    posts: Posts, request: pytest.FixtureRequest, sheet: Sheet
) -> None:
    rounds = 250 if request.config.getoption("--long") else 3
    for _ in range(rounds):
        posts.kill()
    posts.finish()
    told = posts.counted()
    sheet.add("notices", told.row(SENDERS * rounds))
    print(SENDERS * rounds, "kills", told)
    assert (told.lost, told.untold, told.repeated) == (0, 0, 0)
    assert told.notices >= rounds


def test_on_postgresql_they_lose_nothing_and_repeat_nothing_either(on_postgresql: Posts, sheet: Sheet) -> None:
    for _ in range(3):
        on_postgresql.kill()
    on_postgresql.finish()
    told = on_postgresql.counted()
    sheet.add("notices", told.row(3 * SENDERS))
    print(SENDERS * 3, "kills on PostgreSQL", told)
    assert (told.lost, told.untold, told.repeated) == (0, 0, 0)
    assert told.notices >= 3


def test_without_the_number_of_an_attempt_two_senders_send_the_same(posts: Posts) -> None:
    with posts.sender("unfenced"), posts.sender("unfenced"):
        for _ in range(60):
            posts.news(3)
            time.sleep(0.5)
            if posts.counted().repeated:
                return
    pytest.fail("nothing was sent twice: the number of an attempt protects from nothing")


def test_recorded_before_it_is_sent_a_notice_is_lost_with_its_sender(posts: Posts) -> None:
    for _ in range(40):
        posts.kill("recorded_first")
        time.sleep(2 * THINKING)
        if posts.counted().lost:
            return
    pytest.fail("nothing was lost: putting it down first protects from nothing")
