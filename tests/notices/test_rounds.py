"""The scheduler tells people, in a process of its own, and is not silenced by a server that hangs."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

import scheduler
from evidence import secrets
from house import open_house, rounds
from house.rounds import Rounds, told_apart
from tests.notices import serving
from tests.notices.homes import CRITICAL, MAILS, MANAGER, Field, at, impatient, smtp
from tests.servers import dripping
from tests.servers import smtp as mail
from tests.servers.smtp import Mailbox

ROOT = Path(__file__).parents[2]


def nothing(*_: Any) -> None:
    return None


def test_a_scheduler_that_serves_tells_people(field: Field, mailbox: Mailbox) -> None:
    (field.home / "schedule.yaml").write_text("schedules: []\n", "utf-8")
    field.gap(CRITICAL)
    stop, said = Event(), list[str]()

    def hear(text: str) -> None:
        said.append(text)
        stop.set()

    serving = Thread(target=scheduler.run, args=(field.house, hear, stop, nothing))
    serving.start()
    stop.wait(300)
    serving.join(300)
    assert [one.to for one in mailbox.taken] == [MAILS[MANAGER]]
    assert said == ["notice critical: sent"]


def test_without_settings_no_process_is_begun(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "Apart", lambda *_: pytest.fail("a process was begun"))
    field.notices = None
    assert told_apart(field.house, nothing) is None


def test_a_server_that_hangs_ends_the_round_and_not_the_scheduler(field: Field, mailbox: Mailbox) -> None:
    mailbox.plan.append("hang")
    field.gap(CRITICAL)
    said: list[str] = []
    with impatient():
        assert told_apart(field.house, said.append) is None
    assert said == ["notice critical: failed (DATA: closed without an answer)"]


@contextmanager
def serving_while_a_round_hangs(field: Field, *how: str) -> Iterator[Callable[[], list[str]]]:
    """A scheduler that runs and has begun to send a mail to a server that drips; what it serves from then on."""
    line = 'schedules:\n- {name: judge, does: judge, cron: "0 10 * * *"}\n'
    (field.home / "schedule.yaml").write_text(line, "utf-8")
    told, served = field.home / serving.FILE, field.home / "served"
    with dripping.running(b"220 ready\r\n", seconds=300) as port, served.open("wb") as out:
        field.notices = smtp(port)
        field.close()
        field.gap(CRITICAL)
        told.write_text(at("08:00").isoformat(), "ascii")
        command = [sys.executable, "-m", "tests.notices.serving", str(field.home), *how]
        process = subprocess.Popen(command, cwd=ROOT, stdout=out)
        try:
            assert seen(lambda: begun(field), 120)
            secrets.replace(told, at("10:01").isoformat())
            yield lambda: served.read_text("ascii").split()
            assert process.poll() is None
        finally:
            process.kill()
            process.wait()


def begun(field: Field) -> bool:
    house = open_house(field.home, field.clock)
    with closing(house.store) as store, store.read() as tx:
        return any(letter.tries for letter in tx.notices.waiting())


def seen(what: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.05)
    return what()


def test_slots_are_planned_and_served_while_a_round_hangs(field: Field) -> None:
    with serving_while_a_round_hangs(field) as served:
        assert seen(lambda: served() == ["judge"], 60)


def test_control_where_a_round_is_waited_for_no_slot_is_served(field: Field) -> None:
    with serving_while_a_round_hangs(field, "patient") as served:
        assert not seen(lambda: bool(served()), 5)


def test_a_round_that_does_not_end_is_ended_at_its_deadline(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "DEADLINE", timedelta(seconds=1))
    said: list[str] = []
    with dripping.running(b"220 ready\r\n", seconds=300) as port:
        field.notices = smtp(port)
        field.gap(CRITICAL)
        telling = Rounds(field.house, said.append)
        telling.go_on(worked=True)
        telling.end()
    assert len(said) == 1
    assert "not done within 0:00:01" in said[0]


def test_what_was_worked_during_a_round_is_told_in_the_next(field: Field, mailbox: Mailbox) -> None:
    said: list[str] = []
    telling = Rounds(field.house, said.append)
    telling.go_on(worked=True)
    telling.go_on(worked=True)
    telling.end()
    field.gap(CRITICAL)
    telling.go_on(worked=False)
    telling.end()
    assert [one.to for one in mailbox.taken] == [MAILS[MANAGER]]


def test_what_goes_wrong_beyond_that_is_said(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    field.gap(CRITICAL)
    house = field.house
    (field.home / "keys" / "secret").unlink()
    why = told_apart(house, nothing)
    assert "keys/secret: cannot be read" in str(why)


def test_an_outage_of_days_makes_one_digest_and_no_slots(field: Field, mailbox: Mailbox) -> None:
    field.gap()
    field.now("09:00")
    field.wait(days=6)  # to a Monday
    told_apart(field.house, nothing)
    told_apart(field.house, nothing)
    assert len(mailbox.taken) == 1
    with field.house.store.read() as tx:
        assert tx.slots.all() == []


def test_no_server_is_no_crash(field: Field) -> None:
    field.notices = smtp(mail.free_port())
    field.gap(CRITICAL)
    said: list[str] = []
    assert told_apart(field.house, said.append) is None
    assert said == ["notice critical: failed (connection: ConnectionRefusedError)"]
