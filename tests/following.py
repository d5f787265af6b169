"""A small company whose gaps are followed: a roster that comes each day, posts, and a vendor that nobody audited."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from controls.model import Assessment
from evidence.clock import StandingClock
from evidence.datasets import register
from evidence.period import Period
from house import House, create, day, desk, open_house
from house.following import Followed, followed
from registers.cells import person_key
from registers.sheets import export
from tests import homes
from tests.test_measured import AUDIT, VENDOR
from tests.test_thresholds import INCIDENT

FIRST = date(2026, 3, 2)
TOKYO = ZoneInfo("Asia/Tokyo")
CODES = ("AOBA", "AOI")
STAFF = {"manager": "101", "deputy": "102", "cpo": "103", "top": "104", "admin": "105", "clerk": "106"}
UNAUDITED = ("VEN-04", "V-2")
HEADERS = (
    "company,department,engagement_key,person_key,kind,employer,hired_on,left_on,handles_personal_data,"
    "pledge_held_by_agency,has_account"
)


def at(day_on: date, hour: int = 9) -> datetime:
    return datetime.combine(day_on, time(hour), TOKYO).astimezone(UTC)


def furnished(folder: Path) -> House:
    """Two companies that share a roster; one of them has posts, and a vendor in D2 that nobody audited."""
    house = create(
        folder / "home", "青葉グループ", [(code, f"株式会社{code}") for code in CODES], StandingClock(at(FIRST))
    )
    source = {
        "name": "hr", "companies": CODES, "zone": "Asia/Tokyo", "max_age_days": 2, "dataset": "workers",
        "format": {"kind": "csv", "encoding": "utf-8"}, "completeness": "file",
        "transport": {"kind": "local", "folder": "inbox/hr", "pattern": "*.csv"},
    }  # fmt: skip
    (house.home / "sources" / "hr.yaml").write_text(json.dumps(source), "utf-8")
    (house.home / "inbox" / "hr").mkdir(parents=True)
    vendors = [VENDOR | {"department": f"D{n}", "vendor_id": f"V-{n}"} for n in (1, 2)]
    posts = [
        post("P-1", "manager", "dept_privacy_manager", "D2"),
        post("P-2", "deputy", "deputy", "D2"),
        post("P-3", "cpo", "cpo"),
        post("P-4", "top", "representative"),
        post("P-5", "admin", "system_admin"),
    ]
    told = {"vendors": vendors, "vendor_audits": [AUDIT], "appointments": posts}
    told["incidents"] = [INCIDENT | {"company": "AOBA", "incident_id": "INC-1"}]
    for name, rows in told.items():
        write(house, name, *rows)
    return house


def post(key: str, who: str, role: str, department: str | None = None) -> dict[str, Any]:
    return {
        "company": "AOBA", "department": department, "appointment_id": key, "role": role, "person_key": STAFF[who],
        "appointed_by": STAFF["top"], "appointed_on": date(2020, 4, 1), "ends_on": date(9999, 12, 31),
    }  # fmt: skip


def write(house: House, name: str, *rows: Mapping[str, Any], by: str = "1") -> Sequence[str]:
    """Import rows into a register; what was refused."""
    path = house.home / f"{name}.xlsx"
    path.write_bytes(export(register(name), rows))
    return [str(problem) for problem in desk.import_register(house, name, path, by, "記入").problems]


def deliver(
    house: House, day_on: date, without: Sequence[str] = (), also: Mapping[str, str] = MappingProxyType({})
) -> None:
    """The roster of a day; ``without`` are those who are no more on it as active: they left the day before."""
    rows = []
    for code in CODES:
        for who, number in (STAFF | dict(also)).items():
            left = (day_on - timedelta(days=1)).isoformat() if who in without else ""
            rows.append(f"{code},D2,{code}-{number},{number},正社員,,2019-04-01,{left},はい,いいえ,はい")
    path = house.home / "inbox" / "hr" / f"roster_{day_on:%Y%m%d}.csv"
    path.write_text("\n".join([HEADERS, *rows]) + "\n", "utf-8")
    moment = at(day_on, 4).timestamp()
    os.utime(path, (moment, moment))


def judged(house: House, day_on: date, only: Sequence[str] = ()) -> list[Assessment]:
    """The morning after a day: what came is collected, and the day is judged."""
    house.clock.at = at(day_on + timedelta(days=1))  # type: ignore[attr-defined]
    for _ in day.collect_day(house, day_on):
        pass
    return day.judge(house, Period(day_on - timedelta(days=6), day_on), only=only)


def lived(house: House, until: date, *, silent: Sequence[date] = (), only: Sequence[str] = ()) -> Iterator[date]:
    """Days one after the other from the first, each delivered (but for the silent ones) and judged."""
    day_on = FIRST
    while day_on <= until:
        if day_on not in silent:
            deliver(house, day_on)
        judged(house, day_on, only)
        yield day_on
        day_on += timedelta(days=1)


def copied(made: House, folder: Path) -> House:
    """Another house that stands as one did; the catalogue is read once for all of them."""
    house = open_house(homes.copied(made.home, folder / "home"), StandingClock(made.clock.now()))
    house.catalogue = made.catalogue
    return house


def key(house: House, who: str) -> str:
    return person_key(STAFF[who], lambda number: house.keys().person("worker_no", number))


def gap_of(house: House, control: str, subject: str) -> Followed:
    [one] = [one for one in followed(house) if (one.gap.control, one.gap.subject) == (control, subject)]
    return one
