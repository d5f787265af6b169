"""The scheduler tells people, in a process of its own, and is not silenced by a server that hangs."""

from threading import Event, Thread
from typing import Any

import pytest

import scheduler
from house.rounds import told_apart
from tests.notices.homes import CRITICAL, MAILS, MANAGER, Field, impatient, smtp
from tests.servers import smtp as mail
from tests.servers.smtp import Mailbox


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
    monkeypatch.setattr("house.rounds.done_apart", lambda *_: pytest.fail("a process was begun"))
    field.notices = None
    assert told_apart(field.house, nothing) is None


def test_a_server_that_hangs_ends_the_round_and_not_the_scheduler(field: Field, mailbox: Mailbox) -> None:
    mailbox.plan.append("hang")
    field.gap(CRITICAL)
    said: list[str] = []
    with impatient():
        assert told_apart(field.house, said.append) is None
    assert said == ["notice critical: failed (DATA: closed without an answer)"]


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
