"""A home with one source, what lies in its inbox, and what collecting it made of that."""

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from collectors import sources
from collectors.collect import Collected, collect
from evidence.clock import StandingClock
from evidence.facts import Facts
from evidence.persons import Keys
from evidence.store import Store
from evidence.vault.folder import FolderVault

DAY = date(2026, 4, 1)
NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)
KEYS = Keys(b"k" * 32)
BADGES = """\
name: badges
companies: [AOI]
transport: {kind: local, folder: inbox, pattern: "*.csv"}
dataset: badge_rights
format: {kind: csv}
"""
TRAINING = BADGES.replace("badges", "lms").replace("badge_rights", "training")
SSHD = """\
name: ssh
companies: [AOI]
transport: {kind: local, folder: inbox, pattern: "auth.log*"}
profile: sshd_auth
zone: Asia/Tokyo
options: {system_id: SYS-LNX}
"""
RIGHTS = "company,department,right_key,badge_id,person_key,zone_id,enabled\n"
LEARNED = "部門,受講者,講座コード,教材の版,講座の種別,修了日,合格,受講方法\n"
ACCEPTED = "sshd[7]: Accepted publickey for sato from 192.0.2.7 port 22 ssh2\n"


@dataclass
class Home:
    """A home with one source and what it collected."""

    folder: Path
    text: str = BADGES
    clock: StandingClock = field(default_factory=lambda: StandingClock(NOON))

    def __post_init__(self) -> None:
        for name in ("inbox", "sources"):
            (self.folder / name).mkdir(exist_ok=True)
        self.store = Store.open(f"sqlite:///{self.folder / 'tenken.db'}", self.clock)
        self.store.upgrade()
        self.vault = FolderVault(self.folder / "vault")
        self.facts = Facts(self.folder / "facts")
        self.accounts: frozenset[str] = frozenset()
        self.write(self.text)

    def write(self, text: str) -> None:
        self.text = text
        name = text.split("\n", 1)[0].removeprefix("name: ")
        (self.folder / "sources" / f"{name}.yaml").write_text(text, "utf-8")

    def drop(self, name: str, content: str | bytes, modified: datetime = NOON - timedelta(hours=1)) -> None:
        path = self.folder / "inbox" / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, (modified.timestamp(), modified.timestamp()))

    def collect(self, day: date = DAY) -> Collected:
        [source] = sources.read_all(self.folder, ["AOI", "MID"])
        return collect(source, self.vault, self.facts, self.store, day, self.clock, KEYS, "Asia/Tokyo", self.accounts)

    def rows(self, dataset: str, *, complete: bool | None = None) -> list[dict[str, Any]]:
        with self.store.read() as tx:
            files = [f for f in tx.facts.visible(NOON + timedelta(days=9)) if f.dataset == dataset]
        kept = [f for f in files if complete is None or f.complete is complete]
        return [row for file in kept for row in pq.read_table(self.facts.verified(file)).to_pylist()]

    def leaves(self, company: str = "AOI") -> list[dict[str, Any]]:
        with self.store.read() as tx:
            return [json.loads(entry.leaf) for entry in tx.ledger.leaves(f"tenken/{company}")]


def rights(*rows: tuple[str, str], company: str = "AOI") -> str:
    return RIGHTS + "".join(f"{company},SYS,{key},B-{key},{person},Z1,true\n" for key, person in rows)


def learned(*persons: str) -> str:
    return LEARNED + "".join(f"SYS,{person},PI,1,年次教育,2026-03-01,○,集合研修\n" for person in persons)
