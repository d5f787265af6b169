"""Homes of an invented group in which somebody answers for gaps, and gaps that are put there by hand."""

import csv
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from controls.model import About, ControlId, GapEvent, GapKind, Words
from evidence import persons, secrets, settings
from evidence.clock import StandingClock
from evidence.store.values import RegisterVersion
from house import House, day, furnish, hook, open_house, post
from house.standing import act

TOKYO = ZoneInfo("Asia/Tokyo")
DAY = date(2026, 3, 31)  # a Tuesday
FAR = date(9999, 12, 31)
COMPANIES = [("AOBA", "株式会社青葉"), ("MIDORI", "株式会社緑")]
OFFICER, DEPUTY, MANAGER, ADMIN, TOP, NOBODY_KNOWS = "W1", "W2", "W3", "W4", "W5", "W6"
MAILS = {
    OFFICER: "officer@aoba.example",
    DEPUTY: "deputy@aoba.example",
    MANAGER: "manager@aoba.example",
    ADMIN: "admin@aoba.example",
    TOP: "top@aoba.example",
}
FALLBACK = "office@aoba.example"
POSTS = (
    ("AOBA", None, "cpo", OFFICER),
    ("AOBA", "D1", "dept_privacy_manager", MANAGER),
    ("AOBA", "D9", "dept_privacy_manager", NOBODY_KNOWS),
    ("AOBA", None, "system_admin", ADMIN),
    ("AOBA", None, "representative", TOP),
    ("MIDORI", "D2", "dept_privacy_manager", MANAGER),
)
HIGH, CRITICAL, LOW = "HUM-01", "PHY-3-01", "REG-01"


def at(text: str, on: date = DAY) -> datetime:
    """A moment in Tokyo on a day."""
    hour, minute = map(int, text.split(":"))
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=TOKYO).astimezone(UTC)


def prepare(home: Path, database: str | None = None) -> Path:
    """A home with workers, posts and addresses, and without settings of notices."""
    clock = StandingClock(at("05:00"))
    settings.write(home, "青葉グループ", COMPANIES)
    if database is not None:
        with (home / "settings.yaml").open("a", encoding="utf-8") as file:
            file.write(f"database: {json.dumps(database)}\n")
    house = furnish(home, clock)
    _roster(home)
    assert [one for one in day.collect_day(house, DAY) if isinstance(one, Exception)] == []
    people = {number: house.keys().person("worker_no", number) for number in (*MAILS, NOBODY_KNOWS)}
    with house.store.write() as tx:
        for n, post_ in enumerate(POSTS):
            tx.registers.add(_appointment(f"A{n}", post_, people))
        for number, mail in MAILS.items():
            tx.registers.add(identity(f"I{number}", people[number], mail))
    house.store.close()
    return home


@contextmanager
def impatient() -> Iterator[None]:
    """Let nobody wait long for a server: only where it hangs, for a busy machine is slow, too."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(post.MailServer.__init__, "__defaults__", (post.TIMEOUT_SECONDS, 0.5))
        patched.setattr(hook.Hook.__init__, "__defaults__", (0.5,))
        yield


def identity(key: str, person: str, identifier: str, kind: str = "mail") -> RegisterVersion:
    """What the register of identities says of one address."""
    return _version("person_identities", (key,), {
        "company": "AOBA", "identity_key": key, "person_key": person, "identifier_kind": kind, "identifier": identifier,
        "basis": "source", "decided_by": None,
    })  # fmt: skip


@dataclass
class Field:
    """A house whose clock is set by the test, and its people by worker number."""

    home: Path
    notices: dict[str, Any] | None
    clock: StandingClock = field(default_factory=lambda: StandingClock(at("08:00")))
    more: dict[str, Any] = field(default_factory=dict)  # settings
    _house: House | None = None

    @property
    def house(self) -> House:
        if self._house is None:
            told = {
                "group": "青葉グループ",
                "vault": {"key": "file"},
                "companies": [{"code": c, "name": n} for c, n in COMPANIES],
            } | self.more
            told |= {"notices": self.notices} if self.notices else {}
            (self.home / "settings.yaml").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
            self._house = open_house(self.home, self.clock)
        return self._house

    def close(self) -> None:
        """Let go of it; it is built anew when it is asked for again."""
        if self._house is not None:
            self._house.store.close()
            self._house = None

    def person(self, number: str) -> str:
        """The key of a worker."""
        return self.house.keys().person("worker_no", number)

    def secret(self, name: str, value: str) -> str:
        """Put a secret into the home; its reference."""
        secrets.create(self.home / "keys" / name, value)
        return f"${{file:keys/{name}}}"

    def now(self, text: str, on: date = DAY) -> None:
        """Set the clock."""
        self.clock.at = at(text, on)

    def wait(self, **much: float) -> None:
        """Let time pass."""
        self.clock.at += timedelta(**much)

    def hand_over(self, role: str, number: str, to: str | None, on: date) -> None:
        """Let somebody's post of the whole company end, and another one take it over on a day."""
        people = {one: self.person(one) for one in (number, TOP, to or TOP)}
        place = next(n for n, one in enumerate(POSTS) if one[1:] == (None, role, number))
        ended = _appointment(f"A{place}", POSTS[place], people, ends_on=on - timedelta(days=1))
        with self.house.store.write() as tx:
            tx.registers.add(replace(ended, version=2))
            if to is not None:
                post_ = (POSTS[place][0], None, role, to)
                tx.registers.add(_appointment(f"A{place}-{to}", post_, people, appointed_on=on))

    def gap(self, control: str = HIGH, subject: str = "S1", **how: Any) -> GapEvent:
        """Let a gap open, by default in the manager's department."""
        event = self.event(control, subject, **how)
        act(self.house, event)
        return event

    def gaps(self, number: int, control: str = HIGH, **how: Any) -> None:
        """Let many open at once."""
        act(self.house, *(self.event(control, f"S{n}", **how) for n in range(number)))

    def event(self, control: str, subject: str, kind: GapKind = GapKind.OPENED, **how: Any) -> GapEvent:
        """One event of a gap."""
        told: dict[str, Any] = {"company": "AOBA", "department": "D1", "due_on": DAY, "aspect": None} | how
        company, aspect = told.pop("company"), told.pop("aspect")
        message = Words("受講の記録がない", "not trained")
        return GapEvent(
            ControlId(control), company, subject, aspect, kind, About.STATE, DAY, **({"message": message} | told)
        )

    def pseudonym(self, company: str, key: str) -> str:
        """What stands for a key outside."""
        return persons.pseudonym(persons.load_secret(self.home / "keys" / "secret"), company, key)


def smtp(port: int, **more: Any) -> dict[str, Any]:
    """Settings that send to a server of this machine."""
    told = {"host": "127.0.0.1", "port": port, "security": "none"} | more
    return {"smtp": told, "from": "tenken@aoba.example", "fallback": FALLBACK}


def _appointment(
    key: str,
    post_: tuple[str, str | None, str, str],
    people: Mapping[str, str],
    appointed_on: date = date(2020, 4, 1),
    ends_on: date = FAR,
) -> RegisterVersion:
    company, department, role, number = post_
    return _version("appointments", (key,), {
        "company": company, "department": department, "appointment_id": key, "role": role, "scope_id": None,
        "person_key": people[number], "appointed_by": people[TOP], "appointed_on": str(appointed_on), "ends_on": str(ends_on),
    })  # fmt: skip


def _version(register: str, key: tuple[str, ...], values: Mapping[str, Any]) -> RegisterVersion:
    return RegisterVersion(register, key, 1, values, date(2020, 4, 1), FAR, "p-editor", "初回", "ab" * 32, None, 3)


def _roster(home: Path) -> None:
    rows: Sequence[dict[str, str]] = [
        {"company": company, "department": "D1", "engagement_key": f"{company}-{number}", "person_key": number, "kind": "正社員",
         "hired_on": "2020-04-01", "handles_personal_data": "yes", "pledge_held_by_agency": "no", "has_account": "yes"}
        for company, _ in COMPANIES
        for number in (*MAILS, NOBODY_KNOWS)
    ]  # fmt: skip
    told = {
        "name": "roster", "companies": [code for code, _ in COMPANIES], "zone": "Asia/Tokyo", "dataset": "workers",
        "format": {"kind": "csv"}, "transport": {"kind": "local", "folder": "inbox", "pattern": "*.csv"},
    }  # fmt: skip
    (home / "sources" / "roster.yaml").write_text(json.dumps(told), "utf-8")
    (home / "inbox").mkdir()
    with (home / "inbox" / "roster.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    listed = at("04:00").timestamp()
    os.utime(home / "inbox" / "roster.csv", (listed, listed))
