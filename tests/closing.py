"""A small house whose periods are closed: one list of devices as its only source, and a clock that stands."""

import json
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from evidence.clock import StandingClock
from evidence.datasets import register
from evidence.period import Period
from evidence.store.values import PeriodCloseRow
from house import House, create, day, desk
from house.closed import versions
from registers.sheets import export

TOKYO = ZoneInfo("Asia/Tokyo")
CONTROL = "TEC-3-01"  # reads the list of devices alone
FEW = (CONTROL, "VEN-01", "VEN-04", "ORG-5-02")  # judging all takes long, and they are closed alike
APRIL = (date(2026, 4, 1), date(2026, 4, 30))
COMPANY: dict[str, Any] = {
    "name": "株式会社青葉", "representative_key": "1", "address": "東京都港区", "in_scope": True,
}  # fmt: skip


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO).astimezone(UTC)


def clock_of(house: House) -> StandingClock:
    assert isinstance(house.clock, StandingClock)
    return house.clock


def few(house: House) -> House:
    """The house with a catalogue of few controls."""
    house.catalogue = replace(house.catalogue, controls=tuple(c for c in house.catalogue.controls if c.id in FEW))
    return house


def made(home: Path, started: str = "2026-04-02T09:00", codes: Sequence[str] = ("AOBA",)) -> House:
    """A house that was judged once, as of the day before it was made, and whose devices are about to be listed."""
    house = few(create(home, "青葉グループ", [(code, code) for code in codes], StandingClock(at(started))))
    devices(house, codes)
    last = house.today - timedelta(days=1)
    day.judge(house, Period(last, last), only=[CONTROL])
    return house


def devices(house: House, codes: Sequence[str]) -> None:
    """The source of the lists of devices."""
    source = {
        "name": "mdm", "companies": list(codes), "zone": "Asia/Tokyo", "max_age_days": 3, "dataset": "devices",
        "format": {"kind": "csv"}, "transport": {"kind": "local", "folder": "inbox/mdm", "pattern": "*.csv"},
    }  # fmt: skip
    (house.home / "sources" / "mdm.yaml").write_text(json.dumps(source), "utf-8")
    (house.home / "inbox" / "mdm").mkdir(parents=True)


def listed(house: House, moment: str, *agents: str, name: str = "") -> None:
    """What the list of devices says at a moment: each device with the day its agent reported last."""
    head = "company,department,device_id,kind,portable,status,encryption,approved_model,agent_reported_on,signature_on"
    rows = [
        f"{code},D1,PC-{code}-{number},pc,yes,in_use,on,yes,{reported},{reported}"
        for code in house.settings.codes
        for number, reported in enumerate(agents, start=1)
    ]
    path = house.home / "inbox" / "mdm" / f"{name or moment[:10]}.csv"
    path.write_text("\n".join([head, *rows, ""]), "utf-8")
    os.utime(path, (at(moment).timestamp(),) * 2)


def collected(house: House, on: date) -> None:
    for told in day.collect_day(house, on):
        assert not isinstance(told, Exception), told


def entered(house: House, name: str, *rows: dict[str, Any]) -> None:
    """Rows that somebody writes into a register."""
    path = house.home / f"{name}.xlsx"
    path.write_bytes(export(register(name), rows))
    assert not desk.import_register(house, name, path, "1", "記入").problems


def kept(house: House) -> list[PeriodCloseRow]:
    """Every version of every closed period; with none is anything wrong."""
    rows, wrong = versions(house)
    assert wrong == []
    return rows


def changed(house: House, statement: str) -> None:
    """Change what no trigger lets anybody change."""
    with sqlite3.connect(house.home / "tenken.db") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute(statement)
    database.close()
