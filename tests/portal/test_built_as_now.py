"""What the portal builds is, byte by byte, what a program builds that begins now: nothing of what it read before is in it."""

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow.parquet as pq

from tests import homes
from tests.portal.fed import SOURCE
from tests.portal.served import NOW, PERIOD, Served, key

ROOT = Path(__file__).parents[2]
BUILD = """
import sys
from datetime import date, datetime
from pathlib import Path
from evidence.clock import StandingClock
from evidence.period import Period
from house import open_house
from house.handout import create_pack

home, now, since, as_of, out, by = sys.argv[1:]
house = open_house(Path(home), StandingClock(datetime.fromisoformat(now)))
period = Period(date.fromisoformat(since), date.fromisoformat(as_of), house.settings.zone)
create_pack(house, "AOBA", period, Path(out), by=by, purpose="内部監査")
"""


def built_by_portal(door: Served) -> bytes:
    auditor = door.visitor("109")
    built = auditor.post("/AOBA/packs", {"period": PERIOD, "purpose": "内部監査", "token": auditor.token()})
    [link] = re.findall(r'href="(/AOBA/packs/[^"]+)"', built.text)
    return auditor.get(link).content


def built_by_another(door: Served, home: Path, out: Path) -> bytes:
    out.mkdir()
    about = [home, NOW.isoformat(), *PERIOD.split(".."), out, key(door.house, "109")]
    subprocess.run([sys.executable, "-c", BUILD, *map(str, about)], cwd=ROOT, check=True, timeout=120)
    [pack] = out.iterdir()
    return pack.read_bytes()


def duties(pack: bytes) -> set[str]:
    """The sources that must deliver, as a pack tells them."""
    with zipfile.ZipFile(io.BytesIO(pack)) as told:
        names = [one for one in told.namelist() if one.endswith("/feeds/duties.parquet")]
        tables = [pq.read_table(io.BytesIO(told.read(one))) for one in names]
    return {source for one in tables for source in one["source"].to_pylist()}


def test_a_pack_follows_the_sources_of_now_as_one_does_that_a_process_builds_which_begins_now(
    door: Served, tmp_path: Path
) -> None:
    assert door.visitor("109").get("/AOBA/registers/vendor_audits").status_code == 200, "it has read its sources"
    (door.house.home / "sources" / "audits.yaml").write_text(json.dumps(SOURCE), "utf-8")
    copy = homes.copied(door.house.home, tmp_path / "copy")
    pack = built_by_portal(door)
    assert "audits" in duties(pack)
    assert pack == built_by_another(door, copy, tmp_path / "new")
