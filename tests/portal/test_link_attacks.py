"""Attacks on links to packs, and on what is somebody else's (promises.md §5.6: AC-20; T8)."""

import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event

import pytest
import requests

import portal.door
import portal.pages.packs
from evidence.portal_settings import Role
from house.granting import Grant
from portal.links import Link, Links
from portal.sessions import Session
from tests.portal.attacking import GAP, Builder, accesses, another_window, is_in, later, link_to_a_pack, without_address
from tests.portal.served import DAY, PERIOD, Served, Visitor, gap_at

BEFORE = f"2026-01-01..{DAY}"


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(portal.pages.packs, "create_pack", one := Builder())
        yield one


@pytest.fixture(scope="module")
def _auditor(door: Served) -> Visitor:
    return door.visitor("109")


@pytest.fixture
def auditor(_auditor: Visitor) -> Visitor:
    assert is_in(_auditor) or _auditor.come_in("109").status_code == 303
    return _auditor


@pytest.fixture
def link(auditor: Visitor, builder: Builder) -> str:
    return link_to_a_pack(auditor, PERIOD)


def test_a_link_works_once(auditor: Visitor, builder: Builder, link: str) -> None:
    assert auditor.get(link).content == builder.made[-1]
    assert auditor.get(link).status_code == 404


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda door: door.visitor("109"), id="another session of the same person"),
        pytest.param(lambda door: door.visitor("107"), id="another person who may take packs"),
        pytest.param(lambda door: door.visitor("108"), id="another person who may not"),
        pytest.param(lambda door: door.visitor(), id="nobody"),
    ],
)
def test_a_link_that_leaked_is_of_no_use_and_not_used_up(
    door: Served, auditor: Visitor, builder: Builder, link: str, other: Callable[[Served], Visitor]
) -> None:
    assert other(door).get(link).status_code in (303, 404)
    assert auditor.get(link).content == builder.made[-1]


def test_a_link_is_over_when_its_session_is_though_the_person_comes_back(
    door: Served, auditor: Visitor, link: str
) -> None:
    auditor.post("/logout", {"token": auditor.token()})
    auditor.come_in("109")
    assert auditor.get(link).status_code == 404


def test_a_link_works_until_its_quarter_of_an_hour_is_over(
    door: Served, auditor: Visitor, builder: Builder, link: str
) -> None:
    later(door, minutes=14, seconds=59)
    assert auditor.get(link).status_code == 200
    again = link_to_a_pack(auditor, PERIOD)
    later(door, minutes=15)
    assert auditor.get(again).status_code == 404


@pytest.mark.parametrize(
    "probe",
    [
        pytest.param(lambda one, link: one.browser.head(one.origin + link), id="HEAD"),
        pytest.param(lambda one, link: one.get(link, Range="bytes=1-"), id="all but the first byte"),
        pytest.param(lambda one, link: one.get(link, Range="bytes=1048576-"), id="a later part"),
        pytest.param(lambda one, link: one.get(link.replace("/AOBA/", "/AOI/")), id="another company"),
        pytest.param(lambda one, link: one.get(link.replace("/packs/", "/packs/%2e%2e/")), id="around a corner"),
        pytest.param(lambda one, link: one.get(link + "%00"), id="and more"),
        pytest.param(lambda one, link: one.browser.post(one.origin + link, timeout=9), id="POST"),
    ],
)
def test_who_probes_a_link_learns_nothing_and_takes_nothing(
    auditor: Visitor, builder: Builder, link: str, probe: Callable[[Visitor, str], requests.Response]
) -> None:
    told = probe(auditor, link)
    assert told.status_code == 404
    assert "accept-ranges" not in told.headers and "etag" not in told.headers
    assert auditor.get(link).content == builder.made[-1]


def at_once(auditor: Visitor, link: str, times: int = 16) -> list[int]:
    def taken(_: int) -> int:
        return another_window(auditor).get(link).status_code

    with ThreadPoolExecutor(times) as pool:
        return sorted(pool.map(taken, range(times)))


def test_of_many_who_take_it_at_once_one_succeeds(auditor: Visitor, link: str) -> None:
    assert at_once(auditor, link) == [200] + 15 * [404]


def test_without_the_lock_of_the_links_more_than_one_would(
    auditor: Visitor, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take(links: Links, told: str, session: Session, now: datetime, *, resumed: bool) -> Link | None:
        found = links._given.get(told)
        if found is None or found.taken:
            return None
        time.sleep(0.2)
        found.taken = True
        return found

    class Open:
        def __enter__(self) -> None: ...
        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(Links, "take", take)
    monkeypatch.setattr(portal.door.Room, "lock", Open(), raising=False)
    assert at_once(auditor, link).count(200) > 1


def test_what_was_cut_goes_on_with_the_rest_of_the_same_bytes(auditor: Visitor, builder: Builder, link: str) -> None:
    with auditor.browser.get(auditor.origin + link, stream=True, timeout=60) as cut:
        begun = cut.raw.read(1 << 20)
        mark = cut.headers["etag"]
    rest = auditor.get(link, Range=f"bytes={len(begun)}-", **{"If-Range": mark})
    assert rest.status_code == 206
    assert begun + rest.content == builder.made[-1]


def test_a_pack_that_was_taken_is_not_given_whole_again_as_if_it_had_changed(auditor: Visitor, link: str) -> None:
    assert auditor.get(link).status_code == 200
    assert auditor.get(link, Range="bytes=1-", **{"If-Range": '"of another file"'}).status_code == 404


def test_a_malformed_range_takes_nothing(auditor: Visitor, builder: Builder, link: str) -> None:
    assert auditor.get(link, Range="lines=0-").status_code in (400, 404)
    assert auditor.get(link).content == builder.made[-1]


def test_each_fetch_of_a_link_is_on_record(door: Served, auditor: Visitor, link: str) -> None:
    before = len(accesses(door))
    door.visitor("107").get(link)
    auditor.get(link)
    auditor.get(link)
    told = [(one["act"], one["status"]) for one in accesses(door)[before:] if one["act"] == "export"]
    assert told == [("export", 404), ("export", 200), ("export", 404)]


def test_a_link_is_not_guessed(auditor: Visitor, link: str) -> None:
    assert len(link.rsplit("/", 1)[1]) == 43
    assert {auditor.get(f"/AOBA/packs/{secrets.token_urlsafe(32)}").status_code for _ in range(50)} == {404}


def test_whose_session_ended_while_a_pack_waited_for_its_turn_gets_none_built(
    door: Served, auditor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, real, made = Event(), Event(), Builder(10), list[object]()

    def slowly(*told: object, **also: object) -> str:
        made.append(also["by"])
        begun.set()
        go_on.wait(20)
        return real(*told, **also)  # type: ignore[arg-type]

    monkeypatch.setattr(portal.pages.packs, "create_pack", slowly)
    wanted, leaving = {"period": PERIOD, "purpose": "内部監査"}, door.visitor("107")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(auditor.post, "/AOBA/packs", {**wanted, "token": auditor.token()})
        assert begun.wait(20)
        token = leaving.token()
        second = pool.submit(leaving.post, "/AOBA/packs", {**wanted, "token": token})
        time.sleep(0.5)
        assert another_window(leaving).post("/logout", {"token": token}).status_code == 303
        go_on.set()
        assert first.result().status_code == 200
        second.result()
    assert len(made) == 1


NOT_THERS = [
    *(f"/AOBA/controls/VEN-04/{number}" for number in ("1", "999", "999999999", "0/0", "0%2F..%2F0")), "/AOI", "/AOI/periods", "/AOI/measures/VEN", "/AOI/controls/VEN-04", "/AOI/controls/VEN-04/0", "/AOI/gaps",
    f"/AOI/gaps/{gap_at('VEN-04', 'V-2', 'vendor')}", "/AOI/packs", "/AOI/ledger", "/aoba", "/AOBA%20", "/AOBA%00", "/%41OI", "/group",
    "/AOBA%2F..%2FAOI", "/AOBA/..%2FAOI", "/AOBA/%2e%2e/AOI/gaps", "/AOBA/controls/..%2F..%2FAOI", "//AOI", "/AOBA//gaps",
    "/AOBA/controls/..%5c..%5csettings.yaml", "/static/..%2f..%2fsettings.yaml", "/static/%2e%2e%2fapp.py",
    "/AOBA/packs/..%2fgrants", "/AOBA/packs/%2fetc%2fpasswd", "/AOBA/controls/VEN-99", "/AOBA/controls/%00",
    "/AOBA/measures/XXX", "/AOBA/gaps/VEN-04", f"/AOBA/gaps/{gap_at('VEN-04', 'V-9', 'vendor')}",
    "/settings", "/grants", "/settings.yaml", "/.git/config", "/healthz/x",
]  # fmt: skip


def as_it_is(visitor: Visitor, url: str) -> requests.Response:
    """What answers an address that no browser has put in order."""
    prepared = visitor.browser.prepare_request(requests.Request("GET", url))
    prepared.url = url
    return visitor.browser.send(prepared, allow_redirects=False, timeout=60)


@pytest.mark.parametrize("path", NOT_THERS)
def test_what_is_not_theirs_looks_like_what_is_not_there(auditor: Visitor, path: str) -> None:
    answer = as_it_is(auditor, auditor.origin + path)
    assert without_address(answer) == without_address(auditor.get("/AOBA/there/is/nothing/at/all"))


@pytest.mark.parametrize("number", ["-1", "0x0", "abc", "9" * 10, "%20", ".."])
def test_a_number_that_is_none_leads_to_no_deviation(auditor: Visitor, number: str) -> None:
    url = f"{auditor.origin}/AOBA/controls/VEN-04/{number}"
    assert as_it_is(auditor, url).status_code == 404


def held(*grants: Grant) -> Callable[..., tuple[Grant, ...]]:
    return lambda *_: grants


@pytest.mark.parametrize("path", ["/AOI", "/AOI/controls/VEN-04", "/AOI/gaps", "/AOI/ledger", "/settings"])
def test_the_same_addresses_are_there_for_whom_they_are(
    auditor: Visitor, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sees = (Grant(role, None, None, frozenset(), None) for role in (Role.INTERNAL_AUDITOR, Role.ADMINISTRATOR))
    monkeypatch.setattr(portal.door, "granted", held(*sees))
    assert auditor.get(path).status_code == 200


@pytest.mark.parametrize(
    ("number", "path"),
    [
        pytest.param("101", f"/AOBA/gaps/{gap_at('VEN-01', 'V-1', 'evaluation')}", id="a gap of another department"),
        pytest.param("101", "/AOBA/controls/VEN-04/0", id="lines, of a department manager"),
        pytest.param(
            "108", f"/AOBA/gaps/{gap_at('VEN-01', 'V-2', 'evaluation')}", id="a gap of a control that is not theirs"
        ),
        pytest.param("108", "/AOBA/controls/VEN-01", id="a control that is not theirs"),
        pytest.param("108", "/AOBA/controls/VEN-04/0", id="lines, of a control owner"),
        pytest.param("EXT-1", "/AOBA", id="how things stand now, from outside"),
        pytest.param("EXT-1", GAP, id="a gap, from outside"),
        pytest.param("EXT-1", f"/AOBA/controls/VEN-04?period={BEFORE}", id="more than their period"),
        pytest.param("EXT-1", f"/AOBA/controls/VEN-04/0?period={PERIOD}&period={BEFORE}", id="two periods"),
        pytest.param("BOT-1", "/AOBA", id="a page, of a machine"),
        pytest.param("110", GAP, id="a gap, of the desk"),
    ],
)
def test_nobody_reaches_past_their_grant_by_an_address(door: Served, number: str, path: str) -> None:
    one = door.visitor(number)
    assert without_address(one.get(path)) == without_address(one.get("/AOBA/there/is/nothing/at/all"))


def test_who_may_see_one_department_builds_no_pack_of_all(
    auditor: Visitor, builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal.door, "granted", held(Grant(Role.INTERNAL_AUDITOR, "AOBA", "D9", frozenset(), None)))
    before = len(builder.made)
    auditor.post("/AOBA/packs", {"period": PERIOD, "purpose": "内部監査", "token": auditor.token()})
    assert len(builder.made) == before
