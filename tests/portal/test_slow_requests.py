"""Whoever is slow, or asks for what is slow, keeps nobody else waiting."""

import socket
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
import requests

import portal.pages.entrance
import portal.pages.packs
from tests.portal.attacking import FORM, GAP, Builder, another_window, calling, cookie_of, link_to_a_pack
from tests.portal.served import PERIOD, Served, Visitor

ALL_THREADS = 45  # more than starlette has
SOON = 10  # seconds


@pytest.fixture(scope="module")
def operator(door: Served) -> Visitor:
    return door.visitor("107")


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> Builder:
    one = Builder(8 << 20)
    monkeypatch.setattr(portal.pages.packs, "create_pack", one)
    return one


def answers_soon(door: Served, operator: Visitor) -> bool:
    try:
        told = requests.get(door.origin + "/healthz", timeout=SOON)
        page = another_window(operator).browser.get(door.origin + "/", timeout=SOON)
    except requests.Timeout:
        return False
    return told.status_code == page.status_code == 200


def test_forms_that_drip_keep_nobody_waiting(door: Served, operator: Visitor) -> None:
    lines = [calling(door) for _ in range(3 * ALL_THREADS)]
    for line in lines:
        line.sendall(
            f"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 999\r\n\r\na".encode()
        )
    assert answers_soon(door, operator)
    for line in lines:
        line.close()


def test_downloads_that_are_read_slowly_keep_nobody_waiting(door: Served, operator: Visitor, builder: Builder) -> None:
    lines = list[socket.socket]()
    for _ in range(12):
        lines.append(calling(door))
        told = f"GET {link_to_a_pack(operator, PERIOD)} HTTP/1.1\r\nHost: x\r\nCookie: tenken={cookie_of(operator)}\r\n\r\n"
        lines[-1].sendall(told.encode())
        assert b" 200 " in lines[-1].recv(64)
    assert answers_soon(door, operator)
    for line in lines:
        line.close()


@pytest.mark.parametrize(
    ("module", "name", "ask"),
    [
        pytest.param(
            portal.pages.packs, "create_pack",
            lambda one, token, n: one.post("/AOBA/packs", {"period": PERIOD, "purpose": "x", "token": token}),
            id="building packs",
        ),
        pytest.param(
            portal.pages.entrance, "is_password",
            lambda one, token, n: one.post("/login", {"number": f"3{n:05}", "password": "wrong 12345678"}),
            id="looking at passwords",
        ),
    ],
)  # fmt: skip
def test_many_slow_requests_at_once_leave_room_for_everybody_else(
    door: Served, operator: Visitor, monkeypatch: pytest.MonkeyPatch, module: Any, name: str,
    ask: Callable[[Visitor, str, int], requests.Response],
) -> None:  # fmt: skip
    go_on, begun = Event(), Event()

    def slowly(*_: object, **__: object) -> Any:
        begun.set()
        go_on.wait(60)
        raise RuntimeError

    def many(n: int) -> None:
        ask(another_window(operator), token, n)

    monkeypatch.setattr(module, name, slowly)
    token = operator.token()
    with ThreadPoolExecutor(ALL_THREADS) as pool:
        asked: list[Future[None]] = [pool.submit(many, n) for n in range(ALL_THREADS)]
        try:
            assert begun.wait(60)
            assert not [one for one in asked if one.done() and one.exception()]
            assert answers_soon(door, operator)
        finally:
            go_on.set()


def test_an_act_that_waits_for_another_program_to_write_keeps_nobody_waiting(door: Served, operator: Visitor) -> None:
    other = sqlite3.connect(door.house.home / "tenken.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    told = {"act": "acknowledge", "token": operator.token()}
    with ThreadPoolExecutor(1) as pool:
        try:
            acting = pool.submit(operator.post, GAP, told)
            assert not acting.done()
            assert answers_soon(door, operator)
        finally:
            other.execute("ROLLBACK")
            other.close()
        assert acting.result().status_code == 303
