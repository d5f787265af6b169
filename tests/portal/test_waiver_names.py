"""What a waiver is called may name somebody: no page says whom, and the link made of what pages say still finds it."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests

import portal.pages.waivers
from house import House, credentials
from portal.naming import name_of
from tests.following import deliver, judged, write
from tests.portal.attacking import link_to_a_pack
from tests.portal.served import DAY, OTHERS, Served, Visitor, gap_at, key, served

NUMBER, MAIL, NAME = "AO-2020-0417", "hanako.invented@aoba.example", "架空花子"
NAMED = {  # what each waiver is called, and what it covers
    f"W-{NUMBER}": ("VEN-04", "V-2", "vendor"),
    f"例外 {MAIL}": ("VEN-01", "V-1", "evaluation"),
    f"{NAME}の例外": ("VEN-01", "V-2", "evaluation"),
}
WAIVERS = "/AOBA/registers/waivers"
PAGES = (
    {"/AOBA/waivers": 3, "/AOBA/gaps?show=all": 3, WAIVERS: 3}
    | {f"/AOBA/gaps/{gap_at(*told)}": 1 for told in NAMED.values()}
    | {"/AOBA/controls/VEN-01": 2, "/AOBA/controls/VEN-04": 1, "/AOBA/controls/VEN-04/0": 1}
)  # and how many of the waivers each shows


def named(house: House) -> None:
    """Somebody is known by a number, a mail address and a name, and waivers are called by each of them."""
    day_on = DAY + timedelta(days=1)
    deliver(house, day_on, also=OTHERS | {"invented": NUMBER})
    judged(house, day_on, ["HUM-01"])
    for n, (kind, told) in enumerate({"mail": MAIL, "name": NAME}.items()):
        identity = {
            "company": "AOBA", "identity_key": f"I-{n}", "person_key": NUMBER, "identifier_kind": kind,
            "identifier": told, "basis": "source",
        }  # fmt: skip
        assert write(house, "person_identities", identity) == []
    waivers: list[dict[str, Any]] = [
        {
            "company": "AOBA", "waiver_id": name, "control_id": control, "subject": subject, "aspect": aspect,
            "reason": "来月に実施", "approved_by": "111", "approved_on": house.today, "expires_on": date(2026, 6, 30),
        }
        for name, (control, subject, aspect) in NAMED.items()
    ]  # fmt: skip
    assert write(house, "waivers", *waivers, by="104") == []
    judged(house, house.today, ["VEN-01", "VEN-04"])


@pytest.fixture(scope="module")
def door(judged_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(judged_home, tmp_path_factory.mktemp("named")) as one:
        named(one.house)
        yield one


@pytest.fixture(scope="module")
def auditor(door: Served) -> Visitor:
    return door.visitor("109")


def called(door: Served) -> set[str]:
    """What the waivers are called outside."""
    return set(map(door.house.masking("AOBA"), NAMED))


@pytest.mark.parametrize(("path", "shown"), PAGES.items(), ids=[*PAGES])
def test_no_page_says_whom_a_waiver_is_called_by(door: Served, auditor: Visitor, path: str, shown: int) -> None:
    text = unescape(auditor.get(path).text)
    assert [told for told in (NUMBER, MAIL, NAME) if told in text] == []
    assert len([told for told in called(door) if told in text]) == shown


@pytest.mark.parametrize(("path", "shown"), PAGES.items(), ids=[*PAGES])
def test_control_where_nothing_is_masked_the_page_says_whom(
    auditor: Visitor, monkeypatch: pytest.MonkeyPatch, path: str, shown: int
) -> None:
    monkeypatch.setattr(House, "masking", lambda *_: str)
    text = unescape(auditor.get(path).text)
    assert len([told for told in (NUMBER, MAIL, NAME) if told in text]) == shown


def found(auditor: Visitor) -> set[str]:
    """What the pages are headed by that the links of the waivers lead to; nothing where there is no page."""
    links = re.findall(rf'href="({WAIVERS}/[^"]+)"', auditor.get("/AOBA/waivers").text)
    assert len(links) == len(NAMED)
    pages = [auditor.get(link) for link in links]
    return {unescape(re.sub(r"(?s).*<h1>(.*?)</h1>.*", r"\1", page.text)) for page in pages if page.status_code == 200}


def test_the_link_of_each_waiver_leads_to_its_row(door: Served, auditor: Visitor) -> None:
    told = found(auditor)
    assert {name for name in called(door) if any(name in one for one in told)} == called(door)
    assert len(told) == len(NAMED)


def test_control_a_link_of_what_a_waiver_is_called_inside_leads_nowhere(
    auditor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = iter(sorted(NAMED))
    monkeypatch.setattr(portal.pages.waivers, "name_of", lambda _: name_of([next(inside)]))
    assert found(auditor) == set()


def handed_out(door: Served, auditor: Visitor) -> str:
    """What machines are told, and all texts of the documents and the pack of the period."""
    token = credentials.new_token(door.house, key(door.house, "BOT-1"))
    told = [
        requests.get(f"{door.origin}/api/AOBA/gaps", headers={"Authorization": f"Bearer {token}"}, timeout=60).content
    ]
    last = door.house.today - timedelta(days=1)
    period = f"{last - timedelta(days=6)}..{last}"
    files = [auditor.get(link_to_a_pack(auditor, period)).content]
    files += [auditor.get(f"/AOBA/periods/{period}/{name}").content for name in ("self-check", "management-book")]
    while files:
        with zipfile.ZipFile(io.BytesIO(files.pop())) as archive:
            for name in archive.namelist():
                content = archive.read(name)
                told.append(name.encode())
                (files if content.startswith(b"PK") else told).append(content)
    return unescape(b"\n".join(told).decode("utf-8", "replace"))


def test_nothing_that_is_handed_out_says_whom(door: Served, auditor: Visitor) -> None:
    text = handed_out(door, auditor)
    assert [told for told in (NUMBER, MAIL, NAME) if told in text] == []
    assert [told for told in called(door) if told not in text] == []


def test_control_where_nothing_is_masked_it_says_whom(
    door: Served, auditor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(House, "masking", lambda *_: str)
    text = handed_out(door, auditor)
    assert [told for told in (NUMBER, MAIL, NAME) if told not in text] == []
