"""A house whose database is PostgreSQL tells people and systems alike."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from controls.model import GapKind
from evidence.errors import AlreadyDone
from evidence.store.notices import Notices
from house.notify import make, notices_of, notify
from house.rounds import told_apart
from house.standing import act
from tests.notices.homes import ADMIN, CRITICAL, DAY, FALLBACK, LOW, MAILS, MANAGER, OFFICER, Field, prepare, smtp
from tests.servers import postgres
from tests.servers.smtp import Mailbox
from tests.servers.webhook import Receiver, is_signed


@pytest.fixture
def field(tmp_path: Path, postgres_server: str, mailbox: Mailbox) -> Iterator[Field]:
    """A house on PostgreSQL that sends its mail to the mailbox."""
    database = postgres.new_schema(postgres_server)
    made = Field(prepare(tmp_path / "home", database), smtp(mailbox.port), more={"database": database})
    yield made
    made.close()


def kinds(field: Field) -> list[tuple[str, str]]:
    return sorted((one.notice.kind, str(one.outcome)) for one in notify(field.house))


def test_each_is_told_once_and_anew_what_comes_back(field: Field, mailbox: Mailbox) -> None:
    field.gap(CRITICAL)
    field.gap(department="D9", subject="S2")
    field.gap(subject="unverified", department=None, cause="source:hr")
    field.gaps(30, LOW, cause=f"mass:{LOW}:AOBA:{DAY}")
    field.now("09:00")
    assert kinds(field) == [*[("critical", "sent")], *[("digest", "sent")] * 3, ("mass", "sent")]
    assert kinds(field) == []
    told = sorted(one.to for one in mailbox.taken)
    assert told == sorted([MAILS[MANAGER], MAILS[MANAGER], MAILS[OFFICER], MAILS[ADMIN], FALLBACK])
    act(field.house, *(field.event(CRITICAL, "S1", kind) for kind in (GapKind.CLOSED, GapKind.REGRESSED)))
    assert kinds(field) == [("critical", "sent")]
    field.now("09:00", DAY + timedelta(days=1))
    assert kinds(field) == [("digest", "sent")] * 4


def test_control_each_is_put_down_once_by_looking_and_else_by_its_keys_and_else_again(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    field.gap(CRITICAL)
    field.now("09:00")
    house, told = field.house, notices_of(field.house)
    once = [one.kind for one in make(house, told)]
    assert (once, make(house, told)) == (["critical", "digest"], [])
    for looked in ("told", "days", "people"):
        monkeypatch.setattr(Notices, looked, lambda *_: {})
    with pytest.raises(AlreadyDone):
        make(house, told)
    engine = create_engine(field.more["database"])
    with engine.begin() as connection:
        for table in ("notices", "notice_items"):
            connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT pk_{table} CASCADE"))
    engine.dispose()
    assert [one.kind for one in make(house, told)] == once


def test_a_mail_that_is_not_taken_is_tried_again(field: Field, mailbox: Mailbox) -> None:
    mailbox.plan.append("later")
    field.gap(CRITICAL)
    assert kinds(field) == [("critical", "None")]
    field.wait(minutes=2)
    said: list[str] = []
    assert told_apart(field.house, said.append) is None
    assert said == ["notice critical: sent"]
    [mail] = mailbox.taken
    assert "重大なギャップ" in mail.subject
    assert "ただちに" in mail.body


def test_events_are_posted_in_order(field: Field, receiver: Receiver) -> None:
    field.notices = {"webhook": {"url": receiver.url, "secret": field.secret("webhook", "a secret")}}
    field.close()
    field.gaps(250)
    assert kinds(field) == [("events", "sent")] * 2
    assert kinds(field) == []
    assert [len(one.told["events"]) for one in receiver.posted] == [200, 50]
    assert is_signed("a secret", receiver.posted[1], field.clock.now().timestamp())
