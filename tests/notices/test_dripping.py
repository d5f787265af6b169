"""A server that drips its answer, or never ends it, holds nobody for longer than an exchange may take."""

import ssl
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from evidence.notice_settings import SmtpSettings, WebhookSettings
from house import hook, post
from house.hook import Hook
from house.post import Answer, MailServer
from tests.servers import dripping

BOUND = 0.5  # seconds; a server drips for ever, or for three of them
LONG = 20  # a busy machine is slow, and yet no server drips for less than three times as long
OK = b"HTTP/1.1 200 OK\r\n"
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
MAILS: tuple[bytes, ...] = (b"220 ready\r\n", b"250 EHLO\r\n", b"250 MAIL\r\n", b"250 RCPT\r\n", b"354 DATA\r\n")


def mailed(port: int) -> Answer:
    told = SmtpSettings.model_validate({"host": "127.0.0.1", "port": port, "security": "none"})
    trusted = ssl.create_default_context()
    server = MailServer(told, "tenken@aoba.example", trusted, str, timeout=BOUND, answer=BOUND)
    message = EmailMessage()
    message.set_content("x")
    return server.send(message, "officer@aoba.example")


def posted(port: int, scheme: str = "http") -> Answer:
    told = WebhookSettings.model_validate({"url": f"{scheme}://127.0.0.1:{port}/x", "secret": "${env:SECRET}"})
    return Hook(told, ssl.create_default_context(), str, timeout=BOUND).post(
        b"{}", "d", datetime(2026, 3, 31, tzinfo=UTC)
    )


def taken(exchange: Callable[[], Answer]) -> tuple[str, float]:
    begun = time.monotonic()
    return exchange().outcome, time.monotonic() - begun


@pytest.mark.parametrize("answers", [MAILS[:n] for n in range(len(MAILS) + 1)], ids=lambda a: f"after {len(a)} answers")
def test_a_mail_server_that_drips_is_left(answers: tuple[bytes, ...]) -> None:
    with dripping.running(*answers, seconds=3 * LONG) as port:
        outcome, seconds = taken(lambda: mailed(port))
    assert outcome == "failed"
    assert seconds < LONG


def test_a_mail_that_was_taken_was_taken_however_the_server_drips_at_our_leaving() -> None:
    with dripping.running(*MAILS, b"250 taken\r\n", seconds=3 * LONG) as port:
        outcome, seconds = taken(lambda: mailed(port))
    assert outcome == "sent"
    assert seconds < LONG


@pytest.mark.parametrize(
    ("answers", "drop"),
    [
        pytest.param((), b"H", id="its first line"),
        pytest.param((OK,), b"x", id="its headers"),
        pytest.param((), GO_ON, id="that we should go on"),
    ],
)
def test_a_receiver_that_drips_is_left(answers: tuple[bytes, ...], drop: bytes) -> None:
    with dripping.running(*answers, drop=drop, waits=True, seconds=3 * LONG) as port:
        outcome, seconds = taken(lambda: posted(port))
    assert outcome == "failed"
    assert seconds < LONG


@pytest.mark.parametrize("length", [b"Content-Length: 100000\r\n", b"Transfer-Encoding: chunked\r\n", b""])
def test_the_body_of_an_answer_is_not_read(length: bytes) -> None:
    with dripping.running(OK + length + b"\r\n", waits=True, seconds=3 * LONG) as port:
        outcome, seconds = taken(lambda: posted(port))
    assert outcome == "sent"
    assert seconds < LONG


def test_a_receiver_whose_handshake_drips_is_left() -> None:
    with dripping.running(drop=b"\x16", waits=True, seconds=3 * LONG) as port:
        outcome, seconds = taken(lambda: posted(port, "https"))
    assert outcome == "failed"
    assert seconds < LONG


@pytest.mark.parametrize("who", ["mail", "webhook"])
def test_control_without_the_bound_whoever_drips_holds_us(who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unbounded(_: float) -> AbstractContextManager[None]:
        return nullcontext()

    monkeypatch.setattr(post, "within", unbounded)
    monkeypatch.setattr(hook, "within", unbounded)
    with dripping.running(waits=who == "webhook", seconds=6 * BOUND) as port:
        _, seconds = taken(lambda: (mailed if who == "mail" else posted)(port))
    assert seconds > 5 * BOUND
