"""Originals by browser: an auditor asks for them, the privacy officer grants, and only the key of the certificate opens them."""

import hashlib
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from evidence import ledger
from house import desk
from registers.approval import Act
from tests.following import write
from tests.portal import conftest
from tests.portal.attacking import later
from tests.portal.gate import CERTIFICATE
from tests.portal.served import PERIOD, Served, Visitor, grant, key
from tests.recipient import Recipient, timeless

ASK, PACKS = "/AOBA/originals", "/AOBA/packs"
door = conftest.own_door


@pytest.fixture
def keeper(tmp_path: Path) -> Recipient:
    """Who has the key of the certificate."""
    one = Recipient(tmp_path / "auditor.pem", tmp_path / "auditor.key")
    for path, told in zip((one.certificate, one.key), timeless(), strict=True):
        path.write_bytes(told)
    return one


def asked(who: Visitor, certificate: bytes = CERTIFICATE, purpose: str = "抽出検査", **told: str) -> requests.Response:
    form = {"period": PERIOD, "purpose": purpose, "token": who.token()} | told
    return who.browser.post(
        who.origin + ASK, data=form, files={"file": ("c.pem", certificate)}, headers={"Origin": who.origin},
        allow_redirects=False, timeout=60,
    )  # fmt: skip


def wishes(who: Visitor) -> list[str]:
    """What somebody asked for, as their page of packs names it."""
    return re.findall(r"/AOBA/originals/([\w-]+)/build", who.get(PACKS).text)


def decided(who: Visitor, wish: str, decision: str = "grant") -> int:
    return who.post(f"{ASK}/{wish}", {"decision": decision, "token": who.token()}).status_code


def made(who: Visitor, wish: str) -> requests.Response:
    return who.post(f"{ASK}/{wish}/build", {"token": who.token()})


def delivered(door: Served) -> list[dict[str, Any]]:
    with door.house.store.read() as tx:
        return [dict(said) for _, said in ledger.told(tx, [ledger.log_of("AOBA")], "delivered")]


def test_what_one_asks_for_and_another_grants_opens_by_the_key_of_the_certificate_alone(
    door: Served, keeper: Recipient, tmp_path: Path
) -> None:
    auditor, officer = door.visitor("109"), door.visitor("103")
    assert asked(auditor, keeper.certificate.read_bytes()).status_code == 303
    [wish] = wishes(auditor)
    page = officer.get(ASK).text
    assert ("抽出検査" in page, key(door.house, "109") in page) == (True, False)
    assert made(auditor, wish).status_code == 404, "nobody granted it yet"
    assert decided(officer, wish) == 303
    built = made(auditor, wish)
    [link] = re.findall(r'href="(/AOBA/packs/[^"]+)"', built.text)
    taken = auditor.get(link)
    assert hashlib.sha256(taken.content).hexdigest() in built.text
    sealed = tmp_path / "pack.p7m"
    sealed.write_bytes(taken.content)
    with zipfile.ZipFile(keeper.open(sealed, tmp_path / "pack.zip")) as pack:
        originals = {hashlib.sha256(pack.read(one)).hexdigest() for one in pack.namelist() if "/06_raw/" in one}
    with door.house.store.read() as tx:
        received = {one.digest for one in tx.objects.visible(door.house.clock.now())}
    assert originals
    assert originals <= received
    [told] = delivered(door)
    masked = door.house.masking("AOBA")
    assert (told["actor"], told["approver"]) == (masked(key(door.house, "109")), masked(key(door.house, "103")))
    assert made(auditor, wish).status_code == 404, "it is given once"
    assert auditor.get(link).status_code == 404
    assert not [*(door.house.home / "plain").rglob("*.zip")]


def test_what_is_refused_is_gone(door: Served) -> None:
    auditor, officer = door.visitor("109"), door.visitor("103")
    asked(auditor)
    [wish] = wishes(auditor)
    assert decided(officer, wish, "refuse") == 303
    assert (wishes(auditor), made(auditor, wish).status_code, delivered(door)) == ([], 404, [])


def test_nobody_grants_what_they_asked_for(door: Served) -> None:
    """An auditor who is privacy officer, too, and under another number of theirs."""
    assert write(door.house, "portal_grants", grant("privacy_officer", "109", approved_by="103"), by="104") == []
    other = {
        "company": "AOBA", "identity_key": "I-1", "person_key": key(door.house, "109"), "identifier_kind": "worker_no",
        "identifier": "9109", "basis": "manual", "decided_by": "104",
    }  # fmt: skip
    assert write(door.house, "person_identities", other, by="104") == []
    auditor = door.visitor("109")
    asked(auditor)
    [wish] = wishes(auditor)
    assert decided(auditor, wish) == 422
    assert made(auditor, wish).status_code == 404
    assert delivered(door) == []


def test_who_did_not_ask_does_not_get_it_even_in_another_session_of_theirs(door: Served) -> None:
    auditor, officer, outside = door.visitor("109"), door.visitor("103"), door.visitor("EXT-1")
    asked(auditor)
    [wish] = wishes(auditor)
    assert decided(officer, wish) == 303
    for one in (door.visitor("109"), outside, door.visitor("107")):
        assert wishes(one) == []
        assert made(one, wish).status_code == 404
    assert delivered(door) == []


def test_who_signed_out_or_lost_the_right_is_given_nothing(door: Served) -> None:
    auditor, officer = door.visitor("109"), door.visitor("103")
    asked(auditor)
    [wish] = wishes(auditor)
    assert decided(officer, wish) == 303
    later(door, minutes=31)
    again = door.visitor("109")
    assert made(again, wish).status_code == 404
    assert wishes(again) == []
    assert wish not in door.visitor("103").get(ASK).text


def test_an_external_auditor_is_given_no_originals(door: Served) -> None:
    """Who is on no roster answers for nothing that leaves the house."""
    assert asked(door.visitor("EXT-1")).status_code == 404


def test_who_signed_out_has_asked_for_nothing(door: Served) -> None:
    auditor, officer = door.visitor("109"), door.visitor("103")
    asked(auditor)
    [wish] = wishes(auditor)
    auditor.post("/logout", {"token": auditor.token()})
    assert wish not in officer.get(ASK).text
    assert decided(officer, wish) == 404


def test_what_was_granted_by_who_may_not_any_more_is_not_given(door: Served) -> None:
    auditor, officer = door.visitor("109"), door.visitor("103")
    asked(auditor)
    [wish] = wishes(auditor)
    assert decided(officer, wish) == 303
    desk.act_on(door.house, "portal_grants", ["G-privacy_officer-103"], Act.RETIRE, "105", "異動")
    assert made(auditor, wish).status_code == 422
    assert delivered(door) == []


def test_a_certificate_that_ended_meanwhile_is_told_without_a_path(door: Served) -> None:
    auditor, officer = door.visitor("109"), door.visitor("103")
    asked(auditor)
    [wish] = wishes(auditor)
    assert decided(officer, wish) == 303
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("reports.pack.envelope.SMALLEST", 1 << 20)
        answer = made(auditor, wish)
    assert answer.status_code == 422
    assert str(door.house.home) not in answer.text


@pytest.mark.parametrize(
    "certificate",
    [b"", b"x", CERTIFICATE + bytes(1 << 20), b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
)
def test_what_is_no_certificate_is_not_taken(door: Served, certificate: bytes) -> None:
    auditor = door.visitor("109")
    answer = asked(auditor, certificate)
    assert (answer.status_code, wishes(auditor)) == (422, [])
    assert str(door.house.home) not in answer.text


def test_nobody_asks_without_a_purpose_or_without_end(door: Served) -> None:
    auditor = door.visitor("109")
    assert asked(auditor, purpose=" ").status_code == 422
    assert [asked(auditor).status_code for _ in range(21)] == [303] * 20 + [422]


FORGED: dict[str, tuple[Callable[[Served], str | None], str | None]] = {
    "no token": (lambda _: "", None),
    "a token of another session": (lambda door: door.visitor("107").token(), None),
    "a foreign origin": (lambda _: None, "https://evil.example"),
    "an opaque origin": (lambda _: None, "null"),
}


@pytest.mark.parametrize("attack", FORGED)
def test_no_form_of_another_site_asks_grants_or_takes(door: Served, attack: str) -> None:
    auditor, officer = door.visitor("109"), door.visitor("103")
    asked(auditor)
    [wish] = wishes(auditor)

    def forged(who: Visitor, path: str, told: dict[str, str]) -> int:
        stolen, origin = FORGED[attack]
        token = stolen(door)
        return who.post(path, {**told, "token": who.token() if token is None else token}, origin).status_code

    assert forged(officer, f"{ASK}/{wish}", {"decision": "grant"}) == 404
    assert made(auditor, wish).status_code == 404, "it was not granted"
    assert decided(officer, wish) == 303
    assert forged(auditor, f"{ASK}/{wish}/build", {}) == 404
    assert forged(auditor, ASK, {"period": PERIOD, "purpose": "x"}) == 404
    assert wishes(auditor) == [wish]
    assert delivered(door) == []
