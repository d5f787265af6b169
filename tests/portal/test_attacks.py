"""Attacks on who comes in, and on sessions (promises.md §5.6: AC-01, AC-05)."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import portal.pages.entrance
from evidence.portal_settings import PortalSettings
from house import House, credentials
from portal.sessions import OF_ACCOUNT, Sessions, Tries
from tests.portal.attacking import cookie_of, is_in, later
from tests.portal.served import PASSWORD, Served, Visitor, key, served

WRONG = "a wrong password 4711"
MOST_OF_ONE_ADDRESS = 100  # wrong passwords in a quarter of an hour, whosever they are


@pytest.fixture(autouse=True)
def _a_quarter_of_an_hour_passed(door: Served) -> None:
    later(door, minutes=15)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whose passwords were looked at; only the right one costs what it costs."""
    told = list[str]()

    def is_password(house: House, person: str, password: str) -> bool:
        told.append(person)
        return password == PASSWORD and credentials.is_password(house, person, password)

    monkeypatch.setattr(portal.pages.entrance, "is_password", is_password)
    return told


def test_of_hundreds_of_wrong_passwords_of_one_account_ten_are_looked_at(door: Served, looked_at: list[str]) -> None:
    thief = door.visitor()
    for guess in [f"{WRONG} {n}" for n in range(400)]:
        assert thief.come_in("109", guess).status_code == 401
    assert len(looked_at) == OF_ACCOUNT


def test_no_more_are_looked_at_when_many_connections_bring_them_at_once(door: Served, looked_at: list[str]) -> None:
    def tried(thief: Visitor) -> None:
        for _ in range(25):
            thief.come_in("109", WRONG)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(tried, [door.visitor() for _ in range(12)]))
    assert len(looked_at) == OF_ACCOUNT


def test_an_account_by_another_spelling_is_the_same_account(door: Served, looked_at: list[str]) -> None:
    spelled = ("ext-1", "EXT-1", " Ext-1 ", "ＥＸＴ－１".replace("－", "-"))
    for spelling in spelled * 6:
        door.visitor().come_in(spelling, WRONG)
    assert len(looked_at) == OF_ACCOUNT
    assert set(looked_at) == {key(door.house, "EXT-1")}


def test_without_the_count_all_are_looked_at(
    door: Served, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Tries, "may", lambda *_: True)
    for _ in range(50):
        door.visitor().come_in("109", WRONG)
    assert len(looked_at) == 50


def test_the_right_password_helps_nobody_while_too_many_were_wrong_and_a_quarter_of_an_hour_later_it_does(
    door: Served, looked_at: list[str]
) -> None:
    for _ in range(OF_ACCOUNT):
        door.visitor().come_in("109", WRONG)
    assert door.visitor().come_in("109").status_code == 401
    later(door, minutes=15)
    assert door.visitor().come_in("109").status_code == 303


def test_who_guesses_one_account_keeps_no_other_out_and_ends_no_session(door: Served, looked_at: list[str]) -> None:
    inside = door.visitor("109")
    for _ in range(3 * OF_ACCOUNT):
        door.visitor().come_in("109", WRONG)
    assert door.visitor().come_in("107").status_code == 303
    assert is_in(inside)


def test_one_password_tried_on_hundreds_of_accounts_from_one_address_is_not_looked_at_for_all(
    door: Served, looked_at: list[str]
) -> None:
    for n in range(2 * MOST_OF_ONE_ADDRESS):
        door.visitor().come_in(f"2{n:05}", WRONG)
    assert len(looked_at) <= MOST_OF_ONE_ADDRESS


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(("no-such-number", WRONG), id="a number that nobody has"),
        pytest.param(("104", WRONG), id="somebody on the roster without a password"),
        pytest.param(("109", ""), id="no password"),
        pytest.param(("", WRONG), id="no number"),
        pytest.param(("109", WRONG * 100), id="a long password"),
        pytest.param(("p" + "a" * 20, WRONG), id="a key of nobody"),
    ],
)
def test_the_answer_does_not_tell_who_has_an_account(door: Served, told: tuple[str, str]) -> None:
    known, other = door.visitor().come_in("109", WRONG), door.visitor().come_in(*told)
    assert (other.status_code, other.content) == (known.status_code, known.content)
    assert {*other.headers} == {*known.headers}
    assert "set-cookie" not in other.headers


def test_the_answer_does_not_tell_that_an_account_is_closed_for_now(door: Served, looked_at: list[str]) -> None:
    answers = {door.visitor().come_in("109", WRONG).content for _ in range(2 * OF_ACCOUNT)}
    assert len(answers) == 1


@pytest.mark.parametrize("number", ["109", "104", "no-such-number"])
def test_whoever_it_is_of_a_password_is_hashed_once(door: Served, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed, real = list[list[str]](), credentials._HASHER

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            hashed.append(kept.split("$")[1:4])
            return real.verify(kept, password)

    monkeypatch.setattr(credentials, "_HASHER", Counting())
    door.visitor().come_in(number, WRONG)
    assert hashed == [credentials._NOBODYS.split("$")[1:4]]


def brought(door: Served, cookie: str) -> Visitor:
    one = door.visitor()
    one.browser.cookies.set("tenken", cookie)
    return one


def test_an_id_that_was_brought_along_is_never_adopted(door: Served) -> None:
    planted = secrets.token_urlsafe(32)
    answer = brought(door, planted).come_in("109")
    assert answer.status_code == 303
    assert planted not in answer.headers["set-cookie"]
    assert not is_in(brought(door, planted))


def test_coming_in_anew_changes_the_id_and_ends_the_session_before(door: Served) -> None:
    one = door.visitor("109")
    before = cookie_of(one)
    assert one.come_in("109").status_code == 303
    assert cookie_of(one) != before
    assert is_in(one)
    assert not is_in(brought(door, before))


def test_leaving_kills_the_session_on_the_server(door: Served) -> None:
    one = door.visitor("109")
    stolen = cookie_of(one)
    assert is_in(brought(door, stolen))
    assert one.post("/logout", {"token": one.token()}).status_code == 303
    assert not is_in(brought(door, stolen))


def test_a_session_that_leaving_did_not_end_would_go_on(door: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sessions, "end", lambda *_: None)
    one = door.visitor("109")
    stolen = cookie_of(one)
    one.post("/logout", {"token": one.token()})
    assert is_in(brought(door, stolen))


def test_a_session_that_is_left_alone_for_half_an_hour_is_over(door: Served) -> None:
    one = door.visitor("109")
    later(door, minutes=29)
    assert is_in(one)
    later(door, minutes=30)
    assert not is_in(one)


def test_a_session_is_over_after_eight_hours_whatever_is_done_in_it(door: Served) -> None:
    one, seen = door.visitor("109"), list[bool]()
    for _ in range(17):
        later(door, minutes=28)
        seen.append(is_in(one))
    later(door, minutes=5)
    assert all(seen)
    assert not is_in(one)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda house: credentials.revoke(house, key(house, "103")), id="revoked"),
        pytest.param(lambda house: credentials.set_password(house, key(house, "103"), PASSWORD[::-1]), id="changed"),
    ],
)
def test_who_loses_their_password_is_out_at_once(door: Served, change: Callable[[House], None]) -> None:
    credentials.set_password(door.house, key(door.house, "103"), PASSWORD)
    one = door.visitor("103")
    change(door.house)
    assert not is_in(one)


def test_the_cookie_is_for_no_script_no_other_site_and_no_other_host(door: Served) -> None:
    told = {part.strip().casefold() for part in door.visitor().come_in("109").headers["set-cookie"].split(";")[1:]}
    assert told == {"httponly", "path=/", "samesite=strict"}


@pytest.fixture(scope="module")
def behind_tls(judged_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """As behind a proxy that keeps the TLS."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PortalSettings, "is_secret", property(lambda _: True))
        with served(judged_home, tmp_path_factory.mktemp("tls")) as one:
            yield one


def test_behind_tls_the_cookie_travels_by_tls_alone_and_is_bound_to_the_host(behind_tls: Served) -> None:
    name, *told = behind_tls.visitor().come_in("109").headers["set-cookie"].split(";")
    assert name.startswith("__Host-tenken=")
    assert {part.strip().casefold() for part in told} == {"httponly", "path=/", "samesite=strict", "secure"}


def test_behind_tls_a_browser_obeys_when_it_is_told_to_forget_the_cookie(behind_tls: Served) -> None:
    one = behind_tls.visitor()
    one.browser.headers["Cookie"] = one.come_in("109").headers["set-cookie"].split(";")[0]
    told = one.post("/logout", {"token": one.token()}).headers["set-cookie"]
    assert "secure" in {part.strip().casefold() for part in told.split(";")}


def test_behind_tls_a_browser_is_told_to_stay_with_it(behind_tls: Served) -> None:
    assert "max-age=" in behind_tls.visitor().get("/login").headers.get("strict-transport-security", "")
