"""Requests that no browser would make: what is answered, what is kept of them, and that nobody else waits for them."""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

import portal.door
import portal.pages.entrance
import portal.pages.grants
import portal.pages.packs
from evidence.errors import ConfigError
from evidence.persons import Keys
from portal.shown import HEADERS
from tests.portal.attacking import (
    FORM,
    GAP,
    Builder,
    access_text,
    accesses,
    calling,
    cookie_of,
    is_in,
    link_to_a_pack,
    on_record,
    sent,
)
from tests.portal.served import PASSWORD, PERIOD, Served, Visitor

CANARY = "山田花子 090-1234-5678 hanako@example.jp"


@pytest.fixture(scope="module")
def _operator(door: Served) -> Visitor:
    return door.visitor("107")


@pytest.fixture
def operator(_operator: Visitor) -> Visitor:
    assert is_in(_operator) or _operator.come_in("107").status_code == 303
    return _operator


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> Builder:
    one = Builder(1 << 20)
    monkeypatch.setattr(portal.pages.packs, "create_pack", one)
    return one


@pytest.fixture
def said() -> Iterator[list[str]]:
    """What the server and the portal put into the log of the program."""
    told = list[str]()

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(logging.Formatter().format(record))

    handler, names = Kept(), ("uvicorn.error", "tenken.portal")
    for name in names:
        logging.getLogger(name).addHandler(handler)
    yield told
    for name in names:
        logging.getLogger(name).removeHandler(handler)


def failed(*_: object) -> Any:
    raise ConfigError(f"of {CANARY}")


def broken(*_: object) -> Any:
    raise RuntimeError(f"of {CANARY}")


def taken(one: Visitor, **headers: str) -> requests.Response:
    return one.get(link_to_a_pack(one, PERIOD), **headers)


def resumed(one: Visitor, start: str) -> requests.Response:
    link = link_to_a_pack(one, PERIOD)
    with one.browser.get(one.origin + link, stream=True, timeout=60) as cut:
        cut.raw.read(10)
    return one.get(link, Range=f"bytes={start}-")


Ask = Callable[[Visitor], requests.Response]
ANSWERS: dict[str, tuple[int, Ask]] = {
    "a page": (200, lambda one: one.get("/AOBA")),
    "the way in": (200, lambda one: one.get("/login")),
    "health": (200, lambda one: one.get("/healthz")),
    "a style": (200, lambda one: one.get("/static/portal.css")),
    "a download": (200, taken),
    "the rest of a download": (206, lambda one: resumed(one, "10")),
    "a range beyond the end": (416, lambda one: resumed(one, "99999999999")),
    "another language": (303, lambda one: one.get("/language?back=/")),
    "to the way in": (303, lambda one: Visitor(one.origin, requests.Session()).get("/AOBA")),
    "a wrong password": (401, lambda one: Visitor(one.origin, requests.Session()).come_in("no-such", "wrong 12345678")),
    "nothing": (404, lambda one: one.get("/there/is/nothing")),
    "nothing of theirs": (404, lambda one: one.get("/AOI")),
    "a style that is none": (404, lambda one: one.get("/static/nothing.css")),
    "another method": (404, lambda one: one.browser.request("PUT", one.origin + "/AOBA")),
    "refused": (422, lambda one: one.post(GAP, {"act": "plan", "token": one.token()})),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_what_keeps_foreign_things_out_is_on_every_answer(operator: Visitor, builder: Builder, kind: str) -> None:
    status, ask = ANSWERS[kind]
    answer = ask(operator)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    ("module", "name", "path"),
    [
        pytest.param(portal.pages.grants, "newest", "/grants", id="on a page"),
        pytest.param(portal.door, "granted", "/AOBA", id="before a page is chosen"),
    ],
)
@pytest.mark.parametrize("fault", [failed, broken], ids=["told", "unexpected"])
def test_a_fault_is_answered_like_a_page_is_on_record_and_tells_nobody_whom_it_met(
    door: Served, said: list[str], monkeypatch: pytest.MonkeyPatch, module: Any, name: str, path: str,
    fault: Callable[..., Any],
) -> None:  # fmt: skip
    administrator = door.visitor("105")
    monkeypatch.setattr(module, name, fault)
    answer = administrator.get(path)
    assert answer.status_code in (422, 500)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert accesses(door)[-1]["status"] == answer.status_code
    assert not any(part in "\n".join((*said, answer.text)) for part in CANARY.split())


def test_a_fault_at_the_way_in_puts_nobody_into_the_log(
    door: Served, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal.pages.entrance, "is_password", broken)
    answer = Visitor(door.origin, requests.Session()).come_in("107")
    assert answer.status_code == 500
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    until = time.monotonic() + 10  # it is told after it was answered
    while not any("RuntimeError" in told for told in said):
        assert time.monotonic() < until, "that it failed is told"
        time.sleep(0.01)
    assert not any(part in "\n".join((*said, answer.text)) for part in CANARY.split())


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "//", "http://\\", "http://a]b", "\xff", "a" * 9000])
def test_an_origin_that_is_none_is_refused_like_any_other(door: Served, said: list[str], origin: str) -> None:
    before = len(accesses(door))
    answer = door.visitor().post("/login", {"number": "107", "password": PASSWORD}, origin=origin)
    assert answer.status_code == 401
    assert [one["status"] for one in accesses(door)[before:]] == [401]
    assert said == []


BACKS = (
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\\/evil.example", "https://evil.example",
    "https:evil.example", "javascript:alert(1)", " //evil.example", "\t//evil.example", "/\t/evil.example",
    "/\r\n/evil.example", "/\r\nSet-Cookie: tenken=x", "/\x00/evil.example", "%2F%2Fevil.example", "@evil.example",
    "/\N{FULLWIDTH SOLIDUS}evil.example", "data:text/html,x", "", "/" * 9 + "evil.example",
)  # fmt: skip


@pytest.mark.parametrize("back", BACKS, ids=repr)
def test_another_language_leads_nowhere_else(door: Served, back: str) -> None:
    one = door.visitor()
    answer = one.browser.get(f"{one.origin}/language", params={"back": back}, allow_redirects=False, timeout=60)
    to = answer.headers["location"]
    assert to.isascii() and to.isprintable()
    assert re.match(r"/(?![/\\])", to)
    assert list(one.browser.cookies.get_dict()) == ["lang"]


@pytest.mark.parametrize("path", ["/login/", "/AOBA/", "/grants/", "/AOBA/packs/", "/static/"])
def test_no_host_that_is_not_ours_is_told_in_an_answer(operator: Visitor, path: str) -> None:
    answer = operator.get(path, Host="evil.example", **{"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in answer.headers.get("location", "") + answer.text


def plan(one: Visitor, more: str = "", **headers: str) -> requests.Response:
    content = f"act=plan&reason=x&token={one.token()}{more}"
    return sent(one, GAP, content, **{"Content-Type": FORM, "Origin": one.origin} | headers)


MALFORMED: dict[str, Ask] = {
    "more than a mebibyte": lambda one: plan(one, "&more=" + "x" * (1 << 20)),
    "thousands of fields": lambda one: plan(one, "".join(f"&{n}=" for n in range(20_000))),
    "a reason longer than any": lambda one: one.post(GAP, {"act": "plan", "reason": "a" * 9000, "token": one.token()}),
    "bytes that are no ASCII": lambda one: sent(
        one, GAP, f"act=plan&reason=理由&token={one.token()}".encode(), **{"Content-Type": FORM, "Origin": one.origin}
    ),
    "UTF-16": lambda one: sent(
        one, GAP, f"act=plan&reason=x&token={one.token()}".encode("utf-16"),
        **{"Content-Type": FORM, "Origin": one.origin},
    ),
    "nothing": lambda one: sent(one, GAP, b"", **{"Content-Type": FORM, "Origin": one.origin}),
    "no type": lambda one: sent(one, GAP, f"act=plan&reason=x&token={one.token()}", Origin=one.origin),
    "two acts, the last one unknown": lambda one: plan(one, "&act=close"),
    "an act that is none": lambda one: one.post(GAP, {"act": "__class__", "reason": "x", "token": one.token()}),
    "a reason of blanks": lambda one: one.post(GAP, {"act": "plan", "reason": " \u3000\t", "token": one.token()}),
    "two tokens, the last one wrong": lambda one: plan(one, "&token=x"),
    "semicolons": lambda one: sent(
        one, GAP, f"act=plan;reason=x;token={one.token()}", **{"Content-Type": FORM, "Origin": one.origin}
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", MALFORMED)
def test_a_form_that_no_page_of_ours_sends_is_refused_and_changes_nothing(
    door: Served, operator: Visitor, form: str
) -> None:
    before = on_record(door)
    assert MALFORMED[form](operator).status_code in (404, 422)
    assert on_record(door) == before
    assert is_in(operator)


def test_a_number_longer_than_any_is_not_looked_up(door: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    lengths, person = list[int](), Keys.person

    def counted(keys: Keys, kind: str, number: str) -> str:
        lengths.append(len(number))
        return person(keys, kind, number)

    monkeypatch.setattr(Keys, "person", counted)
    assert door.visitor().come_in("\u0301\u0316" * 5000, "wrong 12345678").status_code == 401
    assert max(lengths, default=0) <= 100


def test_a_purpose_as_a_mac_writes_it_does_not_fail_after_all_was_built(
    door: Served, operator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = list[str]()

    def create_pack(*place: Any, purpose: str, **also: object) -> str:
        told.append(purpose)
        return Builder(10)(*place)

    monkeypatch.setattr(portal.pages.packs, "create_pack", create_pack)
    wanted = {"period": PERIOD, "purpose": "か\u3099いふ\u3099監査", "token": operator.token()}
    assert operator.post("/AOBA/packs", wanted).status_code == 200
    assert told == ["がいぶ監査"]  # a ledger keeps no text that is not NFC


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "X" * 99])
@pytest.mark.parametrize("path", ["/", "/AOBA", GAP, "/AOBA/packs", "/logout", "/login"])
def test_other_methods_do_nothing(door: Served, operator: Visitor, method: str, path: str) -> None:
    before, token = on_record(door), operator.token()
    told = {"data": {"act": "plan", "reason": "x", "token": token}, "headers": {"Origin": operator.origin}}
    answer = operator.browser.request(method, operator.origin + path, allow_redirects=False, timeout=60, **told)  # type: ignore[arg-type]
    assert answer.status_code in (400, 404)
    assert on_record(door) == before
    assert is_in(operator)


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda one: one.get("/AOI/gaps"), id="a page of another company"),
        pytest.param(lambda one: one.post(GAP, {"act": "plan", "reason": "x"}), id="a form without a token"),
        pytest.param(lambda one: one.browser.delete(one.origin + GAP), id="another method"),
        pytest.param(lambda one: one.get("/admin/users/1/edit"), id="an address that is no door"),
    ],
)
def test_what_was_denied_is_on_record(door: Served, operator: Visitor, ask: Ask) -> None:
    before = len(accesses(door))
    ask(operator)
    assert [one["result"] for one in accesses(door)[before:]] == ["denied"]


def test_who_hangs_up_while_a_form_is_sent_leaves_no_fault_in_the_log(door: Served, said: list[str]) -> None:
    with calling(door) as line:
        line.sendall(f"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 9\r\n\r\na".encode())
    assert requests.get(door.origin + "/healthz", timeout=60).status_code == 200
    assert said == []


@pytest.mark.parametrize(
    "told",
    [
        pytest.param('%0A{"person":"nobody"}%0A', id="a line feed"),
        pytest.param('%0D{"person":"nobody"}%0D', id="a carriage return"),
        pytest.param('%E2%80%A8{"person":"nobody"}', id="a line separator"),
        pytest.param('%C2%85{"person":"nobody"}', id="a next line"),
        pytest.param('","person":"nobody', id="a quotation mark"),
        pytest.param("%1B[2J%08%08", id="what a terminal obeys"),
    ],
)
def test_nobody_writes_a_line_of_the_access_log_of_their_own(door: Served, operator: Visitor, told: str) -> None:
    before = access_text(door)
    operator.get(f"/{told}")
    [line] = access_text(door).removeprefix(before).splitlines()
    assert json.loads(line)["person"] not in (None, "nobody")
    assert line.isprintable()


def test_an_address_is_kept_in_bounds(door: Served, operator: Visitor) -> None:
    before = len(access_text(door))
    operator.get("/AOBA/gaps/" + "x" * 50_000)
    operator.get("/" + "x" * 50_000)
    assert len(access_text(door)) - before < 10_000


def test_no_log_and_no_page_repeats_of_a_person_what_a_form_held(
    door: Served, operator: Visitor, said: list[str], builder: Builder
) -> None:
    pages = [door.visitor().come_in(CANARY, CANARY), door.visitor().come_in("107", CANARY)]
    for path, told in (
        (GAP, {"act": "plan", "reason": CANARY}),
        ("/AOBA/packs", {"period": PERIOD, "purpose": CANARY}),
    ):
        pages.append(operator.post(path, {**told, "token": operator.token()}))
    shown = "".join((*(page.text for page in pages), operator.get(GAP).text))
    kept = access_text(door) + "".join(said)
    assert [part for part in CANARY.split() if part in shown + kept] == []
    assert [part for part in (PASSWORD, operator.token(), cookie_of(operator)) if part in kept] == []
