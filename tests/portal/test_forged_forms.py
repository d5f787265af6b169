"""Forms that another site makes a browser send: no door that changes something takes one (promises.md §5.6: AC-10)."""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import requests

import portal.door
import portal.pages.packs
from evidence.datasets import register
from house import findings
from portal.app import DOORS
from portal.door import SAFE, Door
from registers.sheets import export
from tests.following import gap_of, write
from tests.portal.attacking import FORM, GAP, Builder, is_in, on_record, sent
from tests.portal.gate import FORMS, PASSED_ON
from tests.portal.served import PASSWORD, PERIOD, Served, Visitor, digest, gap_at, key
from tests.test_measured import VENDOR

ELSEWHERE = ("/{company}/ledger", "/{company}/originals")  # the one changes nothing; of the other: test_originals
CHANGING = [
    one for one in DOORS if one.method not in SAFE and not one.takes_file and not one.path.startswith(ELSEWHERE)
]
SHEETS = "/AOBA/registers/vendors"  # the one door that takes a file
ROW = f"/AOBA/registers/sub_vendor_approvals/{digest(['S-1'])}"
STEP = FORMS["STEP"]
ADDRESSES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "/logout": ("/logout", {}),
    "/{company}/gaps/{gap}": (GAP, {"act": "plan", "reason": "来週直します"}),
    "/{company}/gaps/{gap}/ask": (GAP + "/ask", {"wish": "waive", "reason": "監査は来月", "until": "2026-06-30"}),
    "/{company}/gaps/{gap}/decide": (GAP + "/decide", {"decision": "refuse", "reason": "今月中に"}),
    "/{company}/findings": ("/AOBA/findings", {f"gap-{gap_at('VEN-01', 'V-1', 'evaluation')}": "1", "content": "評価"}),
    "/{company}/findings/{finding}": ("/AOBA/findings/F-20260304-001", STEP),
    "/{company}/registers/{register}/{row}": (ROW, {"act": "submit", "reason": "記入済み", "version": "1"}),
    "/{company}/packs": ("/AOBA/packs", {"period": PERIOD, "purpose": "内部監査"}),
    "/grants": ("/grants", {
        "person": "106", "role": "internal_auditor", "company": "AOBA", "starts_on": "2026-03-04",
        "ends_on": "2026-09-30", "purpose": "内部監査",
    }),
    "/grants/{grant}": ("/grants/G-requests_desk-110", {"act": "retire"}),
}  # fmt: skip
WHO = {"/grants": "105", "/grants/{grant}": "105", "/{company}/gaps/{gap}/decide": "103"}


def encoded(told: Mapping[str, str]) -> str:
    return str(requests.Request("POST", "http://x", data=dict(told)).prepare().body or "")


def form(one: Visitor, path: str, told: Mapping[str, str], origin: str | None = None, **headers: str) -> Any:
    return sent(one, path, encoded(told), **{"Content-Type": FORM, "Origin": origin or one.origin} | headers)


def with_token(one: Visitor, told: Mapping[str, str]) -> dict[str, str]:
    return {**told, "token": one.token()}


Attack = Callable[[Served, Visitor, str, Mapping[str, str]], object]
ATTACKS: Mapping[str, Attack] = {
    "no token": lambda _, one, path, told: form(one, path, told),
    "an empty token": lambda _, one, path, told: form(one, path, {**told, "token": ""}),
    "a made up token": lambda _, one, path, told: form(one, path, {**told, "token": secrets.token_urlsafe(32)}),
    "a token of another session": lambda door, one, path, told: form(one, path, with_token(door.visitor("109"), told)),
    "a token of another session of theirs": lambda door, one, path, told: form(
        one, path, with_token(door.visitor(one.number), told)
    ),
    "the token in the address": lambda _, one, path, told: form(one, f"{path}?token={one.token()}", told),
    "a foreign origin": lambda _, one, path, told: form(one, path, with_token(one, told), "https://evil.example"),
    "an origin that begins like ours": lambda _, one, path, told: form(
        one, path, with_token(one, told), f"{one.origin}.evil.example"
    ),
    "ours as a user of another": lambda _, one, path, told: form(
        one, path, with_token(one, told), f"{one.origin}@evil.example"
    ),
    "our host at another port": lambda _, one, path, told: form(one, path, with_token(one, told), "http://127.0.0.1:1"),
    "our host by another scheme": lambda _, one, path, told: form(
        one, path, with_token(one, told), one.origin.replace("http:", "https:")
    ),
    "an opaque origin": lambda _, one, path, told: form(one, path, with_token(one, told), "null"),
    "an opaque origin and our referer": lambda _, one, path, told: form(
        one, path, with_token(one, told), "null", Referer=one.origin + "/"
    ),
    "a foreign referer": lambda _, one, path, told: sent(
        one, path, encoded(with_token(one, told)), **{"Content-Type": FORM, "Referer": f"https://evil.example/{path}"}
    ),
    "no origin and no referer": lambda _, one, path, told: sent(
        one, path, encoded(with_token(one, told)), **{"Content-Type": FORM}
    ),
    "plain text": lambda _, one, path, told: form(
        one, path, with_token(one, told), **{"Content-Type": "text/plain"}
    ),
    "JSON": lambda _, one, path, told: sent(
        one, path, json.dumps(with_token(one, told)), **{"Content-Type": "application/json", "Origin": one.origin}
    ),
    "a form in parts": lambda _, one, path, told: one.browser.post(
        one.origin + path, files={name: (None, value) for name, value in with_token(one, told).items()},
        headers={"Origin": one.origin}, allow_redirects=False, timeout=60,
    ),
    "a GET": lambda _, one, path, told: one.get(
        f"{path}?{encoded(with_token(one, told))}", **{"X-HTTP-Method-Override": "POST", "Origin": one.origin}
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(portal.pages.packs, "create_pack", one := Builder(size=10))
        yield one


@pytest.fixture(scope="module")
def _victims(door: Served) -> dict[str, Visitor]:
    victims = {number: door.visitor(number) for number in ("107", *WHO.values())}
    assert write(door.house, "sub_vendor_approvals", {**PASSED_ON, "approval_id": "S-1"}) == []
    findings.take_up(door.house, [gap_of(door.house, "VEN-04", "V-2")], key(door.house, "107"), "監査していない")
    path, told = ADDRESSES["/{company}/gaps/{gap}/ask"]
    assert form(victims["107"], path, with_token(victims["107"], told)).status_code == 303
    return victims


@pytest.fixture
def victim(request: pytest.FixtureRequest, _victims: dict[str, Visitor]) -> Visitor:
    """Somebody who has come in and may do it."""
    changing = request.node.callspec.params.get("changing") if hasattr(request.node, "callspec") else None
    number = WHO.get(changing.path, "107") if changing else "107"
    one = _victims[number]
    assert is_in(one) or one.come_in(number).status_code == 303
    return one


def state(door: Served, victim: Visitor, builder: Builder) -> tuple[object, ...]:
    return *on_record(door), len(builder.made), is_in(victim)


def test_each_door_that_changes_something_is_attacked() -> None:
    assert {one.path for one in CHANGING} == {*ADDRESSES}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("changing", CHANGING, ids=lambda one: one.path)
def test_a_form_that_another_site_makes_a_browser_send_changes_nothing(
    door: Served, victim: Visitor, builder: Builder, changing: Door, attack: str
) -> None:
    before = state(door, victim, builder)
    ATTACKS[attack](door, victim, *ADDRESSES[changing.path])
    assert state(door, victim, builder) == before


@pytest.mark.parametrize("changing", CHANGING, ids=lambda one: one.path)
def test_the_same_form_from_our_own_page_changes_something(
    door: Served, victim: Visitor, builder: Builder, changing: Door
) -> None:
    before, (path, told) = state(door, victim, builder), ADDRESSES[changing.path]
    form(victim, path, with_token(victim, told))
    assert state(door, victim, builder) != before


def sheet(one: Visitor, token: str, **headers: str) -> int:
    """What a sheet with a new vendor is answered."""
    told = VENDOR | {"department": "D2", "vendor_id": f"V-{secrets.token_hex(4)}"}
    files = {"file": ("a.xlsx", export(register("vendors"), [told]))}
    return one.browser.post(
        one.origin + SHEETS, data={"token": token, "reason": "更新", "do": "in"}, files=files, headers=headers,
        allow_redirects=False, timeout=60,
    ).status_code  # fmt: skip


SENT: Mapping[str, Callable[[Served, Visitor], int]] = {
    "no token": lambda _, one: sheet(one, "", Origin=one.origin),
    "a made up token": lambda _, one: sheet(one, secrets.token_urlsafe(32), Origin=one.origin),
    "a token of another session": lambda door, one: sheet(one, door.visitor("109").token(), Origin=one.origin),
    "a foreign origin": lambda _, one: sheet(one, one.token(), Origin="https://evil.example"),
    "an opaque origin": lambda _, one: sheet(one, one.token(), Origin="null"),
    "no origin and no referer": lambda _, one: sheet(one, one.token()),
}


@pytest.mark.parametrize("attack", SENT)
def test_a_sheet_that_another_site_makes_a_browser_send_changes_nothing(
    door: Served, victim: Visitor, attack: str
) -> None:
    before = on_record(door)
    assert SENT[attack](door, victim) == 404
    assert on_record(door) == before


def test_the_same_sheet_from_our_own_page_changes_something(door: Served, victim: Visitor) -> None:
    before = on_record(door)
    assert sheet(victim, victim.token(), Origin=victim.origin) == 200
    assert on_record(door) != before


@pytest.mark.parametrize(
    ("guard", "instead", "attack"),
    [
        pytest.param("from_here", lambda *_: True, "a foreign origin", id="without a look at the origin"),
        pytest.param("compare_digest", lambda *_: True, "a made up token", id="without a look at the token"),
    ],
)
def test_without_its_guard_the_attack_comes_through(
    door: Served, victim: Visitor, monkeypatch: pytest.MonkeyPatch, guard: str, instead: Callable[..., object],
    attack: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(portal.door, guard, instead)
    before = on_record(door)
    ATTACKS[attack](door, victim, *ADDRESSES["/{company}/gaps/{gap}"])
    assert on_record(door) != before


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_nobody_is_signed_in_by_another_site(door: Served, origin: str) -> None:
    answer = door.visitor().post("/login", {"number": "109", "password": PASSWORD}, origin=origin)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
