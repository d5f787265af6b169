"""What attackers of the portal have in common: time that passes, what is on record, and packs that cost no minutes."""

import json
import re
import secrets
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests

from evidence.clock import StandingClock
from house import logs
from portal.access_log import FOLDER
from tests.portal.served import Served, Visitor, gap_at

FORM = "application/x-www-form-urlencoded"
GAP = f"/AOBA/gaps/{gap_at('VEN-04', 'V-2', 'vendor')}"


def later(door: Served, **by: int) -> None:
    """Time passes at the house."""
    assert isinstance(door.house.clock, StandingClock)
    door.house.clock.at += timedelta(**by)


def on_record(door: Served) -> tuple[object, ...]:
    """How long each log is, and what happened to gaps so far."""
    with door.house.store.read() as tx:
        sizes = tuple(tx.ledger.size(log) for log in logs(door.house.settings))
        return (*sizes, len(tx.gaps.all()))


def access_text(door: Served) -> str:
    """The access log as it lies there."""
    return "".join(one.read_text("utf-8") for one in sorted((door.house.home / FOLDER).glob("*.jsonl")))


def accesses(door: Served) -> list[dict[str, Any]]:
    """What the access log tells, request by request."""
    return [json.loads(line) for line in access_text(door).split("\n") if line]


def is_in(visitor: Visitor) -> bool:
    """Whether the portal still knows a browser."""
    return visitor.get("/").status_code == 200


def cookie_of(visitor: Visitor) -> str:
    """The id of the session that a browser has."""
    return str(visitor.browser.cookies.get_dict()["tenken"])


def sent(visitor: Visitor, path: str, content: bytes | str, **headers: str) -> requests.Response:
    """A POST of exactly these bytes and headers, beside those that every program sends."""
    return visitor.browser.post(
        visitor.origin + path, data=content, headers=headers, allow_redirects=False, timeout=120
    )


def without_address(answer: requests.Response) -> tuple[object, ...]:
    """An answer without what it repeats of its address, and without the time."""
    told = {name: value for name, value in answer.headers.items() if name not in ("date", "content-length")}
    return answer.status_code, told, re.sub(r"\?back=[^\"]*", "", answer.text)


class Builder:
    """Stands in the place of building packs, which takes a minute: here one is noise, and made at once."""

    def __init__(self, size: int = 3 << 20) -> None:
        self.size = size
        self.made: list[bytes] = []

    def __call__(self, house: object, company: str, period: object, folder: Path, **told: object) -> str:
        self.made.append(secrets.token_bytes(self.size))
        path = folder / f"{company}.zip"
        path.write_bytes(self.made[-1])
        return str(path)


def link_to_a_pack(visitor: Visitor, period: str) -> str:
    """The address of a pack that somebody had built."""
    built = visitor.post("/AOBA/packs", {"period": period, "purpose": "内部監査", "token": visitor.token()})
    [link] = re.findall(r'href="(/AOBA/packs/[^"]+)"', built.text)
    return str(link)


def another_window(visitor: Visitor) -> Visitor:
    """The same browser, by a connection of its own."""
    other = Visitor(visitor.origin, requests.Session())
    other.browser.cookies.update(visitor.browser.cookies)
    return other


def calling(door: Served) -> socket.socket:
    """A line to the portal on which anything may be said."""
    host, port = door.origin.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=60)
