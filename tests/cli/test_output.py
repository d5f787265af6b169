"""What people wrote is printed as text: a terminal never obeys it."""

import json
import re
from collections.abc import Callable

import pytest

from cli.output import listed, progress, shown
from tests.cli.conftest import Tenken

RAW = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
TEXTS = {
    "a colour": "\x1b[31mred",
    "an escape of the C1 set": "\x9b2Jgone",
    "a bell": "a\x07b",
    "delete": "a\x7fb",
    "a backspace": "good\x08\x08\x08\x08evil",
    "a carriage return": "good\revil",
}
PRINTERS: dict[str, Callable[[str], None]] = {
    "columns": lambda text: listed([{"name": text}], json=False),
    "columns of lists": lambda text: listed([{"names": [text, text]}], json=False),
    "an array of JSON": lambda text: listed([{"name": text}], json=True),
    "one thing": lambda text: shown({"name": text}, json=False),
    "one thing as JSON": lambda text: shown({"name": text}, json=True),
    "progress": progress,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("printer", PRINTERS.values(), ids=PRINTERS)
def test_no_control_character_reaches_the_terminal(
    printer: Callable[[str], None], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    printer(text)
    told = capsys.readouterr()
    assert told.out + told.err
    assert not RAW.search(told.out + told.err)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_json_says_the_very_text(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown({"name": text}, json=True)
    assert json.loads(capsys.readouterr().out) == {"name": text}


def test_a_control_character_is_seen_by_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    listed([{"name": "\x1b[31mred"}], json=False)
    assert "\\x1b[31mred" in capsys.readouterr().out


def test_an_error_that_names_a_file_is_printed_inert(run: Tenken) -> None:
    told = run("registers", "import", "zones", "\x1b[2Jnowhere.xlsx", "--by", "7", "--reason", "x")
    assert told.returncode == 2
    assert "nowhere.xlsx" in told.stderr
    assert not RAW.search(told.stderr)
