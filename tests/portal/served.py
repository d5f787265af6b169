"""A portal that is served: a small group, one person for each role, and who asks it as a browser does."""

import hashlib
import hmac
import json
import re
import socket
import threading
import time
from base64 import b32decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
import uvicorn

from evidence.clock import StandingClock
from house import House, credentials, open_house
from house.following import Followed
from portal.app import portal
from portal.naming import address_of
from registers.cells import person_key
from tests import homes
from tests.following import FIRST, at, deliver, furnished, gap_of, judged, write

DAY = FIRST + timedelta(days=1)
NOW = at(DAY + timedelta(days=1), 10)
PERIOD = f"{DAY - timedelta(days=6)}..{DAY}"  # that tests.following.judged judges
PASSWORD = "長い合言葉 for the door"
STEP = 30  # seconds: of one-time passwords
OTHERS = {
    "operator": "107", "owner": "108", "auditor": "109", "desk": "110", "second": "111", "new": "112", "newer": "113",
}  # fmt: skip
PEOPLE = {  # by role, the number of somebody who has it in AOBA and nothing else
    "administrator": "105", "security_operator": "107", "privacy_officer": "103", "control_owner": "108",
    "department_manager": "101", "internal_auditor": "109", "external_auditor": "EXT-1", "requests_desk": "110",
    "machine": "BOT-1",
}  # fmt: skip
EXTRA: Mapping[str, Mapping[str, Any]] = {
    "control_owner": {"control_ids": ["VEN-04"]},
    "department_manager": {"department": "D2"},
    "external_auditor": {"period_from_on": DAY - timedelta(days=6), "period_to_on": DAY},
}


def grant(role: str, number: str, **other: Any) -> dict[str, Any]:
    """A row that grants a role in AOBA until the end of the year."""
    return {
        "company": "AOBA", "department": None, "grant_id": f"G-{role}-{number}", "person_key": number, "role": role,
        "control_ids": None, "starts_on": FIRST, "ends_on": date(2026, 12, 31), "period_from_on": None,
        "period_to_on": None, "purpose": "自己点検", "requested_by": "104", "approved_by": "111",
        "approved_on": DAY + timedelta(days=1),
    } | dict(EXTRA.get(role, {})) | other  # fmt: skip


def key(house: House, number: str) -> str:
    """The key of whoever has a number."""
    return person_key(number, lambda one: house.keys().person("worker_no", one))


def made(folder: Path) -> House:
    """A home that was judged for a week, with a portal and who may use it."""
    house = furnished(folder)
    deliver(house, DAY, also=OTHERS)
    judged(house, DAY)
    assert write(house, "portal_grants", *(grant(*one) for one in PEOPLE.items()), by="104") == []
    for number in PEOPLE.values():
        credentials.set_password(house, key(house, number), PASSWORD)
    house.store.close()
    return house


@dataclass(slots=True)
class Visitor:
    """Somebody with a browser of their own."""

    origin: str
    browser: requests.Session
    number: str = ""

    def get(self, path: str, **headers: str) -> requests.Response:
        return self.browser.get(self.origin + path, headers=headers, allow_redirects=False, timeout=60)

    def post(self, path: str, told: Mapping[str, str], origin: str | None = None) -> requests.Response:
        headers = {"Origin": self.origin if origin is None else origin}
        return self.browser.post(
            self.origin + path, data=dict(told), headers=headers, allow_redirects=False, timeout=120
        )

    def token(self) -> str:
        """What every form of this session brings along."""
        [found, *_] = re.findall(r'name="token" value="([^"]+)"', self.get("/").text)
        return unescape(found)

    def come_in(self, number: str, password: str = PASSWORD, code: str = "") -> requests.Response:
        self.number = number
        return self.post("/login", {"number": number, "password": password, "code": code})


@dataclass(slots=True)
class Served:
    """A portal at an address."""

    house: House
    origin: str
    authenticators: dict[str, bytes] = field(default_factory=dict)  # by number: their keys
    _brought: dict[str, int] = field(default_factory=dict)  # by number: the step of the last one-time password

    def visitor(self, number: str | None = None) -> Visitor:
        """A new browser; of somebody who came in, where a number is told."""
        one = Visitor(self.origin, requests.Session())
        one.browser.headers["Accept-Language"] = "en"
        if number is not None:
            assert one.come_in(number, code=self.code(number)).status_code == 303
        return one

    def enrol(self, number: str) -> bytes:
        """The key of the authenticator that somebody has from now on."""
        told = credentials.new_totp(self.house, key(self.house, number), number)
        assert told.startswith(f"otpauth://totp/tenken:{number}?")
        self.authenticators[number] = key_in(told)
        return self.authenticators[number]

    def code(self, number: str) -> str:
        """The earliest one-time password that somebody's authenticator may still show; none where they have none."""
        if number not in self.authenticators:
            return ""
        step = max(int(self.house.clock.now().timestamp()) // STEP - 1, self._brought.get(number, 0) + 1)
        self._brought[number] = step
        return code_of(self.authenticators[number], datetime.fromtimestamp(step * STEP, UTC))


def code_of(key: bytes, at: datetime) -> str:
    """RFC 4226 §5.3, written from it."""
    told = hmac.digest(key, (int(at.timestamp()) // STEP).to_bytes(8, "big"), "sha1")
    place = told[-1] & 15
    return f"{(int.from_bytes(told[place : place + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def key_in(address: str) -> bytes:
    """The key that an authenticator reads in an address."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert {"issuer": "tenken", "digits": "6", "period": "30"}.items() <= query.items()
    return b32decode(query["secret"])


def address(door: Served, one: Followed) -> str:
    """Where the page of a gap is."""
    return f"/AOBA/gaps/{address_of(door.house.masking('AOBA'), one.gap)}"


def gap_at(control: str, subject: str, aspect: str) -> str:
    """What a gap is called in addresses whose subject is nobody."""
    return f"{control}-{digest([subject, aspect])}"


def digest(told: list[str]) -> str:
    """What stands in an address for what these words name."""
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def unaudited(door: Served) -> Followed:
    """The gap of a vendor in D2 that nobody audited."""
    return gap_of(door.house, "VEN-04", "V-2")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(house: House, port: int, ahead: timedelta | None = None) -> Iterator[None]:
    """The portal of a house, begun anew, at a port of this machine."""
    server = uvicorn.Server(uvicorn.Config(portal(house, ahead), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def served(
    home: Path, folder: Path, more: str = ", second_factor: []", now: datetime = NOW, ahead: timedelta | None = None
) -> Iterator[Served]:
    """A copy of a home, served on a free port of this machine; ``more`` is what its settings say besides."""
    port, copy = free_port(), homes.copied(home, folder / "home")
    with (copy / "settings.yaml").open("a", encoding="utf-8") as file:
        file.write(f"portal: {{url: 'http://127.0.0.1:{port}', listen: '127.0.0.1:{port}'{more}}}\n")
    house = open_house(copy, StandingClock(now))
    try:
        with serving(house, port, ahead):
            yield Served(house, f"http://127.0.0.1:{port}")
    finally:
        house.store.close()
