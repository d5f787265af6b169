"""What a mail says is to be done can be done: its commands are copied from it and run."""

import re
import shlex
from typing import Any

import pytest

from house.notify import notify
from tests.cli.conftest import tenken
from tests.notices.homes import CRITICAL, DAY, HIGH, LOW, NOBODY_KNOWS, Field
from tests.servers.smtp import Mailbox

MASS = f"mass:{LOW}:AOBA:{DAY}"
COMMAND = re.compile(r"^ +(?:次にすること next: )?(tenken gaps .*)$", re.MULTILINE)


def commands(field: Field, mailbox: Mailbox) -> list[list[str]]:
    field.now("09:00")
    notify(field.house)
    field.house.store.close()
    return [shlex.split(one) for mail in mailbox.taken for one in COMMAND.findall(mail.body)]


@pytest.mark.parametrize(
    ("control", "how"),
    [
        pytest.param(CRITICAL, {"subject": "p"}, id="a person, by pseudonym"),
        pytest.param(HIGH, {"subject": "rule 7; rm -rf '*'"}, id="what a shell would obey"),
        pytest.param(HIGH, {"subject": "unverified", "department": None}, id="what could not be verified"),
        pytest.param(HIGH, {"aspect": "kept"}, id="a part of a requirement"),
    ],
)
def test_one_gap_is_shown_by_what_the_mail_says(
    field: Field, mailbox: Mailbox, control: str, how: dict[str, Any]
) -> None:
    told = how | ({"subject": field.person(NOBODY_KNOWS)} if how.get("subject") == "p" else {})
    field.gap(control, **told)
    field.gap(control, **told, company="MIDORI", department="D2") if control == CRITICAL else None
    field.gap(control, **(told | {"aspect": "another"})) if "aspect" in how else None
    found = commands(field, mailbox)
    assert found
    for words in found:
        done = tenken(field.home, *words[1:])
        assert (words[:3], done.returncode) == (["tenken", "gaps", "show"], 0), done.stderr
        assert control in done.stdout


def test_several_are_listed_each(field: Field, mailbox: Mailbox) -> None:
    for subject in ("S1", "S2", "S3"):
        field.gap(HIGH, subject, cause="register:vendors")
    [words] = commands(field, mailbox)
    done = tenken(field.home, *words[1:])
    assert [subject for subject in ("S1", "S2", "S3") if subject not in done.stdout] == []


def test_a_mass_failure_says_how_to_look_at_it_and_how_to_release_it(field: Field, mailbox: Mailbox) -> None:
    field.gaps(30, LOW, cause=MASS)
    looked, released = commands(field, mailbox)
    assert tenken(field.home, *looked[1:]).stdout.count("held") >= 30
    assert released[:4] == ["tenken", "gaps", "release", MASS]
    given = {"社員番号": "W1", "理由": "looked at"}
    done = tenken(field.home, *(given.get(word, word) for word in released[1:]))
    assert (done.returncode, "30 gaps go to those who answer" in done.stderr) == (0, True), done.stderr


def test_a_digest_says_where_all_of_it_is(field: Field, mailbox: Mailbox) -> None:
    field.gap(HIGH)
    commands(field, mailbox)
    [mail] = mailbox.taken
    assert "tenken gaps list --owner 社員番号" in mail.body
