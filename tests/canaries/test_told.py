"""No personal data leaves the house: canaries are planted wherever somebody writes, and found nowhere outside."""

import base64
import json
import logging
import sqlite3
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from email import policy
from email.parser import BytesHeaderParser
from pathlib import Path

import pytest

from controls.model import GapKind, Words
from evidence.period import Period
from house import day
from house.handout import create_pack
from house.notify import notify
from house.rounds import told_apart
from house.standing import act
from tests.canaries.search import CANARIES, WRITTEN
from tests.notices.homes import CRITICAL, DAY, FALLBACK, HIGH, LOW, MANAGER, OFFICER, Field, identity
from tests.servers.smtp import Mailbox
from tests.servers.webhook import Receiver


@pytest.fixture
def planted(field: Field, mailbox: Mailbox, receiver: Receiver) -> Field:
    """Gaps, identities and a refused address that hold the canaries, told by every channel and way."""
    hook = {"webhook": {"url": receiver.url, "secret": field.secret("webhook", "x")}}
    field.notices = {**(field.notices or {}), **hook}
    field.close()
    with field.house.store.write() as tx:
        tx.registers.add(replace(identity("IW3", field.person(MANAGER), CANARIES["a mail address"]), version=2))
        tx.registers.add(identity("N", field.person(MANAGER), CANARIES["a name"], "name"))
        tx.registers.add(identity("E", field.person(MANAGER), CANARIES["an employee number"], "worker_no"))
    mailbox.refused.add(CANARIES["a mail address"])
    field.now("09:00")
    person, columns = field.person(MANAGER), {"name": WRITTEN, "to": WRITTEN, "role": "cpo"}
    told = {"columns": columns, "message": Words(WRITTEN, WRITTEN), "reason": WRITTEN, "actor": person}
    field.gap(CRITICAL, person, **told)
    field.gap(HIGH, person, **told)
    field.gap(HIGH, "S2", company="MIDORI", department="D2", **told)
    act(field.house, field.event(HIGH, person, GapKind.ESCALATED, **told))
    field.gaps(30, LOW, cause=f"mass:{LOW}:AOBA:2026-03-31", **told)
    return field


def read(mailbox: Mailbox) -> Iterator[str]:
    """All headers, decoded, but To; and the body."""
    for one in mailbox.taken:
        headers = BytesHeaderParser(policy=policy.default).parsebytes(one.content)
        yield from (f"{name}: {value}" for name, value in headers.items() if name != "To")
        yield one.body
        head, _, body = one.content.partition(b"\r\n\r\n")
        yield base64.b64decode(body).decode("utf-8")
        yield "\n".join(line for line in head.decode().splitlines() if not line.startswith("To:"))


def tables(home: Path, *names: str) -> str:
    with sqlite3.connect(home / "tenken.db") as database:
        rows = [row for name in names for row in database.execute(f"SELECT * FROM {name}")]
    database.close()
    return "\n".join(
        str([one.decode(errors="replace") if isinstance(one, bytes) else one for one in row]) for row in rows
    )


@pytest.mark.parametrize("canary", CANARIES.values(), ids=CANARIES)
def test_no_canary_is_found_outside(
    planted: Field,
    mailbox: Mailbox,
    receiver: Receiver,
    canary: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    said: list[str] = []
    with caplog.at_level(logging.DEBUG):
        assert told_apart(planted.house, said.append) is None
        planted.wait(hours=1)
        notify(planted.house)
    out = capfd.readouterr()
    outside = {
        "mail": "\n".join(read(mailbox)),
        "webhook": "\n".join(f"{one.headers}{one.body.decode()}" for one in receiver.posted),
        "ledger": tables(planted.home, "ledger"),
        "notices": tables(planted.home, "notices", "notice_attempts", "notice_results"),
        "what is said": "\n".join(said) + out.out + out.err,
        "logs": "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("mail.")),
    }
    assert [name for name, text in outside.items() if canary in text] == []
    assert json.dumps(canary)[1:-1] not in outside["webhook"] + outside["notices"]
    kinds = {one.subject[:8] for one in mailbox.taken}
    assert len(kinds) == 4  # digest, critical, escalated and mass were all told
    assert FALLBACK in {one.to for one in mailbox.taken}  # the refused one, too


def test_keys_of_persons_stay_inside(planted: Field, mailbox: Mailbox, receiver: Receiver) -> None:
    notify(planted.house)
    planted.wait(hours=1)
    notify(planted.house)
    keys = [planted.person(number) for number in (MANAGER, OFFICER)]
    outside = (
        "\n".join(read(mailbox))
        + "".join(one.body.decode() for one in receiver.posted)
        + tables(planted.home, "ledger")
    )
    assert [key for key in keys if key in outside] == []
    assert planted.pseudonym("AOBA", planted.person(MANAGER)) in outside


def test_the_canaries_are_where_they_were_planted(planted: Field) -> None:
    inside = tables(planted.home, "gap_events", "register_versions")
    assert [canary for canary in CANARIES.values() if canary not in inside] == []


def test_a_pack_shows_no_settings_of_notices(field: Field, tmp_path: Path) -> None:
    period = Period(DAY, DAY)
    day.judge(field.house, period, only=["HUM-02"])
    pack = create_pack(field.house, "AOBA", period, tmp_path / "pack.zip")
    with zipfile.ZipFile(pack) as opened:
        held = b"".join(opened.read(name) for name in opened.namelist())
    assert FALLBACK.encode() not in held
    assert b"smtp" not in held
