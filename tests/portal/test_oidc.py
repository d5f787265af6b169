"""Coming in by the company's identity provider: a real one over HTTP, and those who pretend."""

import warnings
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from evidence.portal_settings import IdentityProvider
from evidence.reach import Forbidden
from house import credentials
from portal import oidc
from tests.following import write
from tests.portal.served import Served, Visitor, key, served

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own libraries
    from oidc_provider_mock import User, run_server_in_thread  # type: ignore[import-untyped]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the provider, in its thread

PEOPLE = [
    User(sub="hana", claims={"email": "hana@aoba.example", "email_verified": True}),
    User(sub="unproven", claims={"email": "hana@aoba.example", "email_verified": False}),
    User(sub="silent", claims={"email": "hana@aoba.example"}),
    User(sub="stranger", claims={"email": "someone@else.example", "email_verified": True}),
    User(sub="nameless", claims={}),
]
IDENTITY = {
    "company": "AOBA", "identity_key": "I-1", "person_key": "109", "identifier_kind": "mail",
    "identifier": "hana@aoba.example", "basis": "manual", "decided_by": "104",
}  # fmt: skip


@pytest.fixture(scope="module")
def door(judged_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("oidc")
    secret = folder / "secret"
    secret.touch(0o600)
    secret.write_text("not known to us\n")
    with run_server_in_thread(user_claims=PEOPLE, require_nonce=True) as provider:
        issuer = f"http://localhost:{provider.server_port}"
        told = f"issuer: '{issuer}', client_id: portal, client_secret: '${{file:{secret}}}'"
        with served(judged_home, folder, f", oidc: {{{told}}}") as one:
            assert write(one.house, "person_identities", IDENTITY, by="104") == []
            yield one


def sent(visitor: Visitor) -> str:
    answer = visitor.get("/oidc")
    assert answer.status_code == 303
    return answer.headers["location"]


def named(address: str, sub: str) -> str:
    """What the provider sends a browser back to, of somebody who proved to be ``sub``."""
    answer = requests.post(address, data={"sub": sub}, allow_redirects=False, timeout=60)
    parts = urlsplit(answer.headers["location"])
    return f"{parts.path}?{parts.query}"


def test_whom_the_provider_names_by_a_known_address_comes_in(door: Served) -> None:
    visitor = door.visitor()
    address = sent(visitor)
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len({asked[name][0] for name in ("state", "nonce", "code_challenge")}) == 3
    assert visitor.get(named(address, "hana")).status_code == 200
    assert visitor.get("/AOBA").status_code == 200


@pytest.mark.parametrize("sub", ["unproven", "silent", "nameless"])
def test_whom_it_does_not_vouch_for_does_not(door: Served, sub: str) -> None:
    visitor = door.visitor()
    assert visitor.get(named(sent(visitor), sub)).status_code == 401
    assert visitor.get("/").headers["location"] == "/login"


def test_who_is_known_to_the_provider_alone_sees_nothing(door: Served) -> None:
    visitor = door.visitor()
    assert visitor.get(named(sent(visitor), "stranger")).status_code == 200
    assert visitor.get("/AOBA").status_code == 404


def test_a_way_back_is_gone_once_and_by_the_browser_that_began_it(door: Served) -> None:
    victim, thief = door.visitor(), door.visitor()
    way = named(sent(victim), "hana")
    sent(thief)
    assert thief.get(way).status_code == 401
    assert victim.get(way).status_code == 401, "the thief has used it up"
    way = named(sent(victim), "hana")
    assert victim.get(way).status_code == 200
    assert victim.get(way).status_code == 401


def test_who_is_sent_with_the_code_of_somebody_else_is_not_that_person(door: Served) -> None:
    """Login forged across sites: the attacker's code, the victim's browser."""
    attacker, victim = door.visitor(), door.visitor()
    way = named(sent(attacker), "hana")
    theirs = parse_qs(urlsplit(sent(victim)).query)["state"][0]
    mixed = f"/oidc/back?code={parse_qs(urlsplit(way).query)['code'][0]}&state={theirs}"
    assert victim.get(mixed).status_code == 401, "its PKCE verifier and nonce are the attacker's"


def test_what_was_begun_too_long_ago_is_over(door: Served) -> None:
    visitor = door.visitor()
    way = named(sent(visitor), "hana")
    door.house.clock.at += timedelta(minutes=10)  # type: ignore[attr-defined]
    assert visitor.get(way).status_code == 401


@pytest.mark.parametrize("query", ["", "?state=x&code=y", "?error=access_denied&state=x", "?code=%00&state=%00"])
def test_a_way_back_that_nobody_was_sent_on_leads_nowhere(door: Served, query: str) -> None:
    assert door.visitor().get(f"/oidc/back{query}").status_code == 401


def test_without_a_provider_there_is_no_way_to_one(judged_home: Path, tmp_path: Path) -> None:
    with served(judged_home, tmp_path) as one:
        assert one.visitor().get("/oidc").status_code == 404
        assert one.visitor().get("/oidc/back?code=x&state=y").status_code == 404


def test_a_password_that_was_taken_ends_what_the_provider_let_in(door: Served) -> None:
    visitor = door.visitor()
    assert visitor.get(named(sent(visitor), "hana")).status_code == 200
    credentials.revoke(door.house, key(door.house, "109"))
    assert visitor.get("/AOBA").headers["location"] == "/login"


@pytest.mark.parametrize("address", ["http://169.254.169.254/keys", "http://169.254.169.254\\@10.0.0.1/keys"])
def test_nothing_that_a_provider_publishes_leads_to_what_answers_to_this_machine_alone(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However two libraries read an address: it is looked at as the one that connects reads it."""
    called = list[object]()
    monkeypatch.setattr("requests.adapters.HTTPAdapter.send", lambda *about, **_: called.append(about))
    told = IdentityProvider(issuer="https://login.example", client_id="tenken", client_secret="${env:SECRET}")
    by_library = oidc.Provider(told, "a secret", "https://tenken.example")._session()
    with oidc._careful(requests.Session()) as session, by_library, pytest.raises(Forbidden):
        assert isinstance(by_library.get_adapter(address), type(session.get_adapter(address)))
        session.post(address, data={"code": "x"})
    assert called == []
