"""Auditors and administrators prove who they are by more than a password (promises.md T9; RFC 6238)."""

from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import hexlify
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from evidence.portal_settings import PortalSettings
from house import credentials
from tests.following import write
from tests.portal.served import (
    NOW,
    PASSWORD,
    PERIOD,
    Served,
    Visitor,
    code_of,
    free_port,
    grant,
    key,
    served,
    serving,
)

AUDITOR, OPERATOR, OUTSIDE = "109", "107", "EXT-1"
RFC_KEY, RFC_CODES = b"12345678901234567890", {1234567890: "005924", 2000000000: "279037"}  # RFC 6238 appendix B


@pytest.fixture
def door(judged_home: Path, tmp_path: Path) -> Iterator[Served]:
    with served(judged_home, tmp_path, more="") as one:
        yield one


def answer(door: Served, number: str, code: str, password: str = PASSWORD) -> tuple[int, str]:
    """What somebody is told at the way in, without what they brought."""
    told = door.visitor().come_in(number, password, code)
    return told.status_code, told.text


def answer_after_restart(door: Served, number: str, code: str) -> int:
    port = free_port()
    with serving(door.house, port):
        anew = Visitor(f"http://127.0.0.1:{port}", requests.Session())
        told = {"number": number, "password": PASSWORD, "code": code}
        return anew.post("/login", told, origin=door.origin).status_code


def test_the_roles_that_need_it_are_those_of_the_promises() -> None:
    told = PortalSettings(url="https://tenken.example").second_factor
    assert sorted(told) == ["administrator", "external_auditor", "internal_auditor"]


@pytest.mark.parametrize(("number", "path"), [
    (AUDITOR, "/AOBA"), (OUTSIDE, f"/AOBA?period={PERIOD}"), ("105", "/grants"),
])  # fmt: skip
def test_a_password_alone_opens_nothing_of_such_a_role(door: Served, number: str, path: str) -> None:
    who = door.visitor(number)
    assert (who.get(path).status_code, "tenken portal totp" in who.get("/").text) == (404, True)
    assert "AOBA" not in who.get("/").text
    secret = door.enrol(number)
    assert who.come_in(number, code=code_of(secret, NOW)).status_code == 303
    assert (who.get(path).status_code, "tenken portal totp" in who.get("/").text) == (200, False)


def test_others_come_in_as_before(door: Served) -> None:
    assert door.visitor(OPERATOR).get("/AOBA").status_code == 200


def test_a_role_that_is_granted_meanwhile_is_held_back(door: Served) -> None:
    who = door.visitor(OPERATOR)
    told = grant("internal_auditor", OPERATOR, company="AOI", grant_id="G-new")
    assert write(door.house, "portal_grants", told, by="104") == []
    assert (who.get("/AOBA").status_code, who.get("/AOI").status_code) == (200, 404)


def test_whatever_was_wrong_the_answer_is_the_same(door: Served) -> None:
    code = code_of(door.enrol(AUDITOR), NOW)
    wrong = [
        answer(door, AUDITOR, ""), answer(door, AUDITOR, "000000" if code != "000000" else "000001"),
        answer(door, AUDITOR, code, "another word of mine"), answer(door, AUDITOR, code + "1"),
        answer(door, AUDITOR, "１２３４５６"), answer(door, "no-such", code),
    ]  # fmt: skip
    assert {status for status, _ in wrong} == {401}
    assert len({text for _, text in wrong}) == 1


def test_a_wrong_password_does_not_use_up_a_code(door: Served) -> None:
    code = code_of(door.enrol(AUDITOR), NOW)
    assert [answer(door, AUDITOR, code, word)[0] for word in ("another word of mine", PASSWORD)] == [401, 303]


def test_a_code_with_a_blank_as_authenticators_show_it_is_taken(door: Served) -> None:
    code = code_of(door.enrol(AUDITOR), NOW)
    assert answer(door, AUDITOR, f"{code[:3]} {code[3:]}")[0] == 303


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 303), (0, 303), (1, 303), (2, 401)])
def test_a_clock_may_be_a_step_ahead_or_behind(door: Served, steps: int, status: int) -> None:
    code = code_of(door.enrol(AUDITOR), NOW + steps * timedelta(seconds=30))
    assert answer(door, AUDITOR, code)[0] == status


def test_a_code_is_taken_once_and_none_that_is_older(door: Served) -> None:
    secret = door.enrol(AUDITOR)
    now, later = code_of(secret, NOW), code_of(secret, NOW + timedelta(seconds=30))
    assert [answer(door, AUDITOR, code)[0] for code in (later, later, now)] == [303, 401, 401]
    door.house.clock.at += timedelta(seconds=60)  # type: ignore[attr-defined]
    assert answer(door, AUDITOR, code_of(secret, NOW + timedelta(seconds=60)))[0] == 303


@pytest.mark.parametrize(("cut", "is_logged", "status"), [
    pytest.param("", True, 401, id="a whole log"),
    pytest.param('{"at": "2026-03-0', True, 401, id="a log that was cut off before"),
    pytest.param("", False, 303, id="control: nothing was written down"),
])  # fmt: skip
def test_a_code_is_taken_once_across_a_restart(door: Served, cut: str, status: int, *, is_logged: bool) -> None:
    code, log = code_of(door.enrol(AUDITOR), NOW), door.house.home / "access"
    assert answer(door, AUDITOR, "000000")[0] == 401
    [file] = log.iterdir()
    with file.open("a") as opened:
        opened.write(cut)
    assert answer(door, AUDITOR, code)[0] == 303
    if not is_logged:
        file.unlink()
    assert answer_after_restart(door, AUDITOR, code) == status


def test_a_clock_that_was_ahead_keeps_nobody_out_once_it_is_set_right(door: Served) -> None:
    secret, ahead = door.enrol(AUDITOR), NOW + timedelta(days=2)
    door.house.clock.at = ahead  # type: ignore[attr-defined]
    assert answer(door, AUDITOR, code_of(secret, ahead))[0] == 303
    door.house.clock.at = NOW  # type: ignore[attr-defined]
    assert answer_after_restart(door, AUDITOR, code_of(secret, NOW)) == 303


def test_of_guessed_codes_ten_are_looked_at(door: Served) -> None:
    code = code_of(door.enrol(AUDITOR), NOW)
    wrong = [f"{number:06}" for number in range(11) if f"{number:06}" != code][:10]
    assert {answer(door, AUDITOR, one)[0] for one in wrong} == {401}
    assert answer(door, AUDITOR, code)[0] == 401


def test_who_has_one_needs_it_whatever_their_role(door: Served) -> None:
    secret = door.enrol(OPERATOR)
    assert answer(door, OPERATOR, "")[0] == 401
    assert answer(door, OPERATOR, code_of(secret, NOW))[0] == 303


def test_a_new_one_ends_what_the_old_one_opened(door: Served) -> None:
    old, who = door.enrol(AUDITOR), door.visitor()
    assert who.come_in(AUDITOR, code=code_of(old, NOW)).status_code == 303
    new = door.enrol(AUDITOR)
    assert who.get("/AOBA").status_code == 303
    door.house.clock.at += timedelta(seconds=60)  # type: ignore[attr-defined]
    at = NOW + timedelta(seconds=60)
    assert [answer(door, AUDITOR, code_of(one, at))[0] for one in (old, new)] == [401, 303]


def test_what_is_revoked_opens_nothing(door: Served) -> None:
    secret = door.enrol(AUDITOR)
    credentials.revoke(door.house, key(door.house, AUDITOR))
    assert answer(door, AUDITOR, code_of(secret, NOW))[0] == 401
    assert not credentials.has_totp(door.house, key(door.house, AUDITOR))


@pytest.mark.parametrize("seconds", RFC_CODES)
def test_the_codes_are_those_of_the_standard(door: Served, seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("house.credentials.secrets.token_bytes", lambda _: RFC_KEY)
    person = key(door.house, AUDITOR)
    assert door.enrol(AUDITOR) == RFC_KEY
    door.house.clock.at = datetime.fromtimestamp(seconds, UTC)  # type: ignore[attr-defined]
    assert credentials.totp_step(door.house, person, RFC_CODES[seconds]) == seconds // 30


def test_who_has_the_database_alone_has_no_key(door: Served) -> None:
    secret = door.enrol(AUDITOR)
    with door.house.store.read() as tx:
        kept = tx.credentials.newest(credentials.TOTP, key(door.house, AUDITOR))
    assert kept is not None
    spelt = (secret, hexlify(secret), b32encode(secret), urlsafe_b64encode(secret))
    assert [one for one in spelt if one in kept.encode() or one in urlsafe_b64decode(kept)] == []


@pytest.mark.parametrize("spelt", [hexlify, b32encode, urlsafe_b64encode])
def test_who_has_the_database_alone_can_put_no_key_there(door: Served, spelt: Callable[[bytes], bytes]) -> None:
    with door.house.store.write() as tx:
        tx.credentials.add(credentials.TOTP, key(door.house, AUDITOR), spelt(RFC_KEY).decode())
    assert answer(door, AUDITOR, code_of(RFC_KEY, NOW))[0] == 401


def test_nobody_comes_in_by_the_key_of_another(door: Served) -> None:
    secret = door.enrol(OPERATOR)
    with door.house.store.write() as tx:
        kept = tx.credentials.newest(credentials.TOTP, key(door.house, OPERATOR))
        tx.credentials.add(credentials.TOTP, key(door.house, AUDITOR), str(kept))
    assert answer(door, AUDITOR, code_of(secret, NOW))[0] == 401


def test_who_is_revoked_while_they_come_in_is_out(door: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def is_password(*told: Any) -> bool:
        is_right = credentials.is_password(*told)
        credentials.revoke(door.house, key(door.house, OPERATOR))
        return is_right

    monkeypatch.setattr("portal.pages.entrance.is_password", is_password)
    who = door.visitor()
    assert who.come_in(OPERATOR).status_code == 303
    assert who.get("/AOBA").status_code == 303, "the way in"
