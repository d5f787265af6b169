"""A raw pack whose objects are of every kind of source, collected on two days; and the hands that forge its facts."""

import json
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from controls.loader import shipped
from controls.model import ControlId
from evidence.datasets import catalogue
from evidence.period import Period
from house import create, day, desk, handout, open_house
from registers.sheets import export
from reports.pack import rebuild
from reports.pack.facts import carried
from reports.pack.reperform import Bag
from tests.homes import copied
from tests.outside import CODE, LEAVER, SSH, Person, configure, deliver, people, put, registers
from tests.reports.packed import OTHER, THEIRS, Issued, hand_out, reseal

Row = dict[str, Any]
JUDGED = ("HUM-01", "PHY-3-01", "ORG-2-01", "ORG-2-02", "TEC-1-03")
USER = "kouno"
HR = {"name": "hr", "companies": [CODE, OTHER], "dataset": "leaves", "format": {"kind": "csv", "encoding": "utf-8"},
      "transport": {"kind": "local", "folder": "inbox/hr", "pattern": "*.csv"}}  # fmt: skip
LOG = {"profile": "sshd_auth", "options": {"system_id": SSH}, "growing": True,
       "transport": {"kind": "local", "folder": "inbox/bastion", "pattern": "auth.log"}}  # fmt: skip


def reread(base: Path) -> Issued:
    """Collect a group on two days, between which a device was decrypted, and hand out the raw packs of both companies."""
    house = create(base / "home", "架空グループ", [(CODE, "株式会社葵"), (OTHER, "株式会社緑")])
    staff = people(USER)
    configure(house.home, {"bastion": LOG})
    (house.home / "sources" / "hr.yaml").write_text(json.dumps(HR), "utf-8")
    for name in ("bastion", "hr"):
        (house.home / "inbox" / name).mkdir()
    for name, path in registers(base, house.keys().person("worker_no", staff[0].number)).items():
        assert not desk.import_register(house, name, path, staff[0].number, "初回登録").problems
    now = house.clock.now().astimezone(house.zone) - timedelta(minutes=1)
    log = ""
    for at in (now - timedelta(days=1), now):
        log = _deliver(house.home, staff, at, log, plain=at == now)
        done = list(day.collect_day(house, at.date()))
        assert [str(one) for one in done if isinstance(one, Exception)] == []
    period = Period(house.today - timedelta(days=1), house.today)
    day.judge(house, period, only=JUDGED)
    issued = Issued(house, period, base / "packs", base / "zips")
    issued.zips.mkdir()
    hand_out(issued, "raw", CODE, raw=True)
    hand_out(issued, "other-raw", OTHER, raw=True)
    hand_out(issued, "masked", CODE)
    return issued


def _deliver(home: Path, staff: tuple[Person, ...], at: datetime, log: str, *, plain: bool) -> str:
    deliver(home, staff, at)
    path = home / "inbox" / "mdm" / f"devices_{at:%Y%m%d}.json"
    if plain:
        put(home, f"mdm/{path.name}", path.read_bytes().replace(b"encrypted", b"plain", 1), at)
    leaves = (
        "company,department,leave_key,person_key,kind,leave_from_on,leave_to_on\n"
        f"{OTHER},総務部,{THEIRS[2]},{THEIRS[0]},休職,{at:%Y-%m-%d},9999-12-31\n"
        f"{CODE},営業部,{staff[2].mail},{staff[2].number},休職,{at:%Y-%m-%d},9999-12-31\n"
    )
    put(home, f"hr/leaves_{at:%Y%m%d}.csv", leaves.encode(), at)
    stamp = f"{at:%b} {at.day:>2} {at:%H:%M}"
    log += f"{stamp}:01 host sshd[7]: Accepted publickey for {USER} from 192.0.2.7 port 22 ssh2\n"
    log += f"{stamp}:02 host sshd[8]: Failed password for {USER} from 192.0.2.8 port 22 ssh2\n"
    log += f"{stamp}:03 host sshd[8]: message repeated 2 times: [ Failed password for {USER} from 192.0.2.8 port 22 ssh2]\n"
    put(home, "bastion/auth.log", log.encode(), at)
    return log


def identified(issued: Issued, to: Path) -> Path:
    """The raw pack of the same group after the number of who left was found to be another of somebody on the roster."""
    house = open_house(copied(issued.house.home, to / "home"))
    staff = people(USER)
    same = {"company": CODE, "identity_key": "I-1", "person_key": house.keys().person("worker_no", staff[0].number),
            "identifier_kind": "worker_no", "identifier": LEAVER.number, "basis": "manual"}  # fmt: skip
    path = to / "person_identities.xlsx"
    path.write_bytes(export(catalogue()["person_identities"], [same]))
    assert not desk.import_register(house, "person_identities", path, staff[1].number, "再雇用").problems
    at = house.clock.now().astimezone(house.zone) - timedelta(seconds=1)
    _deliver(house.home, staff, at, (house.home / "inbox/bastion/auth.log").read_text("utf-8"), plain=False)
    done = list(day.collect_day(house, house.today))
    assert [str(one) for one in done if isinstance(one, Exception)] == []
    day.judge(house, issued.period, only=JUDGED)
    handout.create_pack(house, CODE, issued.period, to / "known.zip", raw=True)
    with zipfile.ZipFile(to / "known.zip") as archive:
        archive.extractall(to)
    return to / "known"


def facts(pack: Path, table: str) -> list[Row]:
    """What a table of facts says."""
    [path] = (pack / "data" / "13_facts").glob(f"*/{table}.parquet")
    told: list[Row] = pq.read_table(path).to_pylist()
    return told


def forge(issued: Issued, pack: Path, table: str, change: Callable[[list[Row]], list[Row]]) -> None:
    """Change a table of facts and seal the pack anew, as the company can that holds the key."""
    [path] = (pack / "data" / "13_facts").glob(f"*/{table}.parquet")
    told = pq.read_table(path)
    rows = change(told.to_pylist())
    assert rows != told.to_pylist()
    pq.write_table(type(told).from_pylist(rows, schema=told.schema), path)
    reseal(pack, issued.key())


def differing(pack: Path, told: Callable[[str], None] = lambda _: None) -> list[str]:
    """What the facts say otherwise than the objects, without judging again; ``differences`` does both."""
    bag = Bag.read(pack)
    controls = [shipped().control(ControlId(name)) for name in bag.controls]
    moments = {datetime.fromisoformat(bag.result(name)["known_at"]) for name in bag.controls}
    first = carried(controls, bag.period.since).first
    return list(rebuild.differences(pack, bag.company.code, bag.period, dict.fromkeys(moments, first), told))


def place(row: Row) -> tuple[str, str]:
    """The object of a row as it is named, and its line."""
    digest, _, rest = row["row_ref"].partition(":")
    return f"object {digest[:12]}", f"line {rest.rpartition(':')[2]}"
