"""What an auditor saw of a log last is held against what is shown now, out of the reach of whoever keeps the database."""

from pathlib import Path

import pytest
import requests

from evidence import ledger
from evidence.ledger import keys as signing
from evidence.ledger import note
from evidence.ledger.note import Checkpoint
from house.heads import checkpoint
from tests.following import write
from tests.portal.served import Served, Visitor, served
from tests.test_measured import VENDOR

PAGE = "/AOBA/ledger"
LOG = ledger.log_of("AOBA")
FIRST, GROWN, NOT_GROWN = "for the first time", "holds all of it", "It is not the log that was seen before"


@pytest.fixture
def door(own_door: Served) -> Served:
    checkpoint(own_door.house)
    return own_door


def more(door: Served, name: str) -> str:
    """Something happens, and the head is signed again; the head."""
    assert write(door.house, "vendors", VENDOR | {"department": "D2", "vendor_id": name}) == []
    return checkpoint(door.house)[LOG]


def held(who: Visitor, head: str) -> str:
    return who.post(PAGE, {"head": head, "token": who.token()}).text


def with_the_browser_of(one: Visitor, door: Served, number: str) -> Visitor:
    """Somebody comes in anew with a browser that keeps what it was shown."""
    kept = {name: value or "" for name, value in one.browser.cookies.items() if name.startswith("tenken-head-")}
    other = Visitor(door.origin, requests.Session())
    other.browser.headers["Accept-Language"] = "en"
    other.browser.cookies.update(kept)
    assert other.come_in(number).status_code == 303
    return other


def test_a_browser_remembers_what_it_was_shown_over_sessions(door: Served) -> None:
    auditor = door.visitor("109")
    assert FIRST in auditor.get(PAGE).text
    assert GROWN in auditor.get(PAGE).text
    more(door, "V-7")
    again = with_the_browser_of(auditor, door, "109")
    assert GROWN in again.get(PAGE).text
    assert FIRST in door.visitor("109").get(PAGE).text, "of another browser"


def test_an_older_database_that_was_put_back_is_told_to_who_saw_more(
    door: Served, judged_home: Path, tmp_path: Path
) -> None:
    """Also after it grew again beyond what was seen, with whatever else."""
    with served(judged_home, tmp_path / "older") as older:
        more(door, "V-7")
        auditor = door.visitor("109")
        auditor.get(PAGE)
        there = with_the_browser_of(auditor, older, "109")
        assert NOT_GROWN in there.get(PAGE).text
        for name in ("V-8", "V-9", "V-10"):
            more(older, name)
        assert NOT_GROWN in there.get(PAGE).text, "what was seen first stays what is compared with"
        assert GROWN not in there.get(PAGE).text


def test_a_head_that_was_kept_elsewhere_is_compared_too(door: Served, judged_home: Path, tmp_path: Path) -> None:
    first = checkpoint(door.house)[LOG]
    with served(judged_home, tmp_path / "older") as older:
        other = more(older, "V-8")
    more(door, "V-7")
    auditor = door.visitor("109")
    assert GROWN in held(auditor, first)
    assert GROWN in held(auditor, first.replace("\n", "\r\n").strip()), "as a browser sends it"
    assert NOT_GROWN in held(auditor, other), "signed by the same key, of a log that went another way"


def test_a_head_that_our_key_did_not_sign_or_of_another_log_is_refused(door: Served) -> None:
    head = checkpoint(door.house)
    text = note.verify(head[LOG], signing.vkey(door.house.home / "keys", LOG))
    told = Checkpoint.parse(text)
    forger = signing.SigningKey.from_seed(LOG, bytes(32))
    auditor = door.visitor("109")
    forged = note.sign(str(Checkpoint(LOG, told.size, told.root)), [forger])
    for wrong in (forged, head[ledger.log_of("AOI")], head[LOG].replace(str(told.size), "1", 1), "x", "—", "\x00"):
        assert NOT_GROWN in held(auditor, wrong), wrong


@pytest.mark.parametrize("cookie", ["", "x", "%%%", "AAAA", "Zm9v"])
def test_a_cookie_that_is_no_head_speaks_against_the_log_and_harms_nothing(door: Served, cookie: str) -> None:
    auditor = door.visitor("109")
    auditor.browser.cookies.set("tenken-head-AOBA", cookie, domain="127.0.0.1", path="/")
    answer = auditor.get(PAGE)
    assert answer.status_code == 200
    assert (FIRST if not cookie else NOT_GROWN) in answer.text
