"""The portal as its users start it: a process that listens, takes a password, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer

import pytest
import requests

from evidence.portal_settings import PortalSettings
from evidence.vault.plain import PLAIN
from house import credentials, open_house
from tests import homes
from tests.cli.conftest import ROOT, tenken
from tests.portal.served import Visitor, code_of, key, key_in

WORD = "another long watchword"
NOBODYS = credentials._NOBODYS  # before conftest.py makes it quick


@contextmanager
def running(home: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{free.getsockname()[1]}"
    told = (home / "settings.yaml").read_text("utf-8").split("portal:")[0]
    listen = origin.removeprefix("http://")
    (home / "settings.yaml").write_text(f"{told}portal: {{url: '{origin}', listen: '{listen}'}}\n", "utf-8")
    command = [sys.executable, "-m", "cli", "--home", str(home), "portal", "run"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(600):
            try:
                assert requests.get(f"{origin}/healthz", timeout=5).status_code == 200
                break
            except requests.ConnectionError:
                assert process.poll() is None, process.stderr and process.stderr.read()
                time.sleep(0.1)
        yield process, origin
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def home(judged_home: Path, tmp_path: Path) -> Path:
    return homes.copied(judged_home, tmp_path / "home")


def give_password(home: Path, number: str, word: str) -> int:
    command = [sys.executable, "-m", "cli", "--home", str(home), "portal", "password", number]
    told = subprocess.run(
        command, cwd=ROOT, input=f"{word}\n{word}\n", capture_output=True, text=True, start_new_session=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"}, timeout=120, check=False,
    )  # fmt: skip
    assert word not in told.stdout + told.stderr
    return told.returncode


def test_a_password_that_was_given_lets_in_at_once_and_is_taken_at_once(home: Path) -> None:
    assert give_password(home, "109", WORD) == 0
    house = open_house(home)
    with house.store.read() as tx:
        kept = tx.credentials.newest(credentials.PASSWORD, key(house, "109")) or ""
    asked = [one.rpartition("$")[0].rpartition("$")[0] for one in (kept, NOBODYS)]  # of whom nobody knows, as much
    assert asked == ["$argon2id$v=19$m=65536,t=3,p=4"] * 2, "the second recommended choice of RFC 9106"
    house.store.close()
    secret = key_in(tenken(home, "portal", "totp", "109").stdout.strip())
    with running(home) as (process, origin):
        visitor = Visitor(origin, requests.Session())
        assert visitor.come_in("109", WORD, code_of(secret, datetime.now(UTC))).status_code == 303
        assert visitor.get("/AOBA").status_code == 200
        assert tenken(home, "portal", "revoke", "109").returncode == 0
        assert visitor.get("/AOBA").headers["location"] == "/login"
        assert Visitor(origin, requests.Session()).come_in("109", WORD).status_code == 401
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    assert list((home / PLAIN).iterdir()) == []


def test_it_works_out_what_pages_show_before_anybody_asks(home: Path) -> None:
    (home / "keys" / "secret").unlink()  # without it nobody can say who answers for a gap
    with running(home) as (process, _):
        assert process.stderr is not None
        end = Timer(60, process.kill)  # if it says nothing
        end.start()
        told = [process.stderr.readline() for _ in range(2)]
        end.cancel()
    assert ["serving" in told[0], "was not worked out: ConfigError" in told[1]] == [True, True]


@pytest.mark.parametrize("word", ["short", "aaaaaaaaaaaaaaaa", "my number is 109!", "x" * 129])
def test_a_password_that_is_easily_guessed_or_too_long_is_refused(home: Path, word: str) -> None:
    assert give_password(home, "109", word) == 2


def test_a_token_is_told_once_and_is_of_its_machine_until_the_next(home: Path) -> None:
    first, second = (tenken(home, "portal", "token", "BOT-1").stdout.strip() for _ in range(2))
    assert len({first, second, ""}) == 3
    house = open_house(home)
    assert credentials.owner_of_token(house, second) == key(house, "BOT-1")
    assert credentials.owner_of_token(house, first) is None
    assert credentials.owner_of_token(house, "") is None
    house.store.close()


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Tenken.Example:443/", "https://tenken.example"),
        ("https://tenken.example:8443", "https://tenken.example:8443"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:8700", "http://[::1]:8700"),
    ],
)
def test_an_origin_is_what_a_browser_sends(url: str, origin: str) -> None:
    assert PortalSettings(url=url).origin == origin


@pytest.mark.parametrize("url", ["http://tenken.example", "https://tenken.example/portal", "ftp://x", "https://a@b"])
def test_an_address_that_keeps_no_secret_or_is_shared_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="url"):
        PortalSettings(url=url)


def test_a_company_is_not_called_as_a_page_is(judged_home: Path, tmp_path: Path) -> None:
    home = homes.copied(judged_home, tmp_path / "home")
    told = (home / "settings.yaml").read_text("utf-8").replace('"AOI"', '"grants"')
    (home / "settings.yaml").write_text(told + "portal: {url: 'https://tenken.example'}\n", "utf-8")
    done = tenken(home, "portal", "run")
    assert (done.returncode, "code grants" in done.stderr) == (2, True)
