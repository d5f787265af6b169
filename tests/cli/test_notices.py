"""``tenken notices``: what was told, sending by hand, and a test mail."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from controls.model import About, ControlId, GapEvent, GapKind
from house import open_house
from house.standing import act
from tests.cli.conftest import Tenken
from tests.servers import smtp as mail
from tests.servers.smtp import Mailbox

Set = Callable[[dict[str, Any] | None], None]
TO = "hanako@aoba.example"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail.running() as box:
        yield box


@pytest.fixture
def sending(found: Tenken, tmp_path: Path, mailbox: Mailbox) -> Tenken:
    """A home with a critical gap that nobody answers for, whose mail the mailbox takes at any hour."""
    told = {"smtp": {"host": "127.0.0.1", "port": mailbox.port, "security": "none"}, "from": "tenken@aoba.example",
            "fallback": "office@aoba.example"}  # fmt: skip
    path = tmp_path / "judged" / "settings.yaml"
    path.write_text(path.read_text("utf-8") + f"notices: {json.dumps(told)}\n", "utf-8")
    house = open_house(path.parent)
    act(house, GapEvent(ControlId("PHY-3-01"), "AOBA", "S1", None, GapKind.OPENED, About.STATE, house.today))
    house.store.close()
    return found


def rows(told: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(told.stdout)
    return found


def test_without_settings_the_verbs_say_how_to_set_it_up(found: Tenken) -> None:
    for words in (("send",), ("test", "--to", TO)):
        told = found("notices", *words)
        assert told.returncode == 2
        assert "docs/operations.md" in told.stderr
    assert found("notices", "list").returncode == 0


def test_a_test_mail_arrives_and_tells_of_nothing(sending: Tenken, mailbox: Mailbox) -> None:
    told = sending("notices", "test", "--to", TO)
    assert (told.returncode, told.stdout) == (0, "")
    [one] = mailbox.taken
    assert (one.to, one.subject) == (TO, "【点検】送信の確認 / tenken: test mail")
    assert TO not in told.stderr


@pytest.mark.parametrize("how", ["refused", "no server"])
def test_a_test_mail_that_is_not_taken_is_exit_3(sending: Tenken, mailbox: Mailbox, tmp_path: Path, how: str) -> None:
    if how == "refused":
        mailbox.refused.add(TO)
    else:
        path = tmp_path / "judged" / "settings.yaml"
        path.write_text(path.read_text("utf-8").replace(str(mailbox.port), str(mail.free_port())), "utf-8")
    told = sending("notices", "test", "--to", TO)
    assert told.returncode == 3
    assert TO not in told.stderr
    assert "was not taken" in told.stderr


def test_what_is_no_address_is_exit_2(sending: Tenken) -> None:
    assert sending("notices", "test", "--to", "x@y\nBcc: z").returncode == 2


def test_what_was_sent_is_listed(sending: Tenken, mailbox: Mailbox) -> None:
    sent = sending("notices", "send", "--json")
    assert sent.returncode == 0
    assert ("critical", "sent") in {(row["kind"], row["outcome"]) for row in rows(sent)}
    assert len(mailbox.taken) == len(rows(sent))
    told = sending("notices", "list", "--json", "--company", "AOBA")
    assert told.returncode == 0
    assert rows(told) == rows(sent)
    for row in rows(told):
        assert {"made_at", "kind", "channel", "person", "gaps", "outcome", "attempts", "reason", "company"} == set(row)
    assert rows(sending("notices", "send", "--json")) == []


def test_what_is_not_taken_is_exit_3_and_what_reached_nobody_exit_1(sending: Tenken, mailbox: Mailbox) -> None:
    mailbox.refused.add("office@aoba.example")
    told = sending("notices", "send", "--json")
    assert told.returncode == 3
    listed = sending("notices", "list", "--json")
    assert listed.returncode == 1
    assert {row["outcome"] for row in rows(listed)} == {"refused"}
    gaps = json.loads(sending("gaps", "list", "--json", "--control", "SCHEDULE").stdout)
    assert "notices" in {row["subject"] for row in gaps}


@pytest.mark.parametrize("there", [True, False], ids=["answers", "is not there"])
def test_doctor_says_whether_the_server(sending: Tenken, mailbox: Mailbox, tmp_path: Path, *, there: bool) -> None:
    if not there:
        path = tmp_path / "judged" / "settings.yaml"
        path.write_text(path.read_text("utf-8").replace(str(mailbox.port), str(mail.free_port())), "utf-8")
    checks = {row["check"]: row for row in rows(sending("doctor", "--json"))}
    assert checks["notices"]["state"] == ("ok" if there else "wrong")
    assert mailbox.taken == []


def test_doctor_says_that_nobody_is_told(found: Tenken) -> None:
    checks = {row["check"]: row for row in rows(found("doctor", "--json"))}
    assert checks["notices"]["state"] == "ok"
    assert "nobody is told" in checks["notices"]["detail"]
