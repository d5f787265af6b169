"""The way of an internal auditor: from the dashboard to a deviation, its source lines, and a pack that verifies."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

from reports.pack import verifier
from tests.portal.served import PERIOD, Served


def links(html: str, start: str) -> list[str]:
    return [one for one in re.findall(r'href="([^"]+)"', html) if one.startswith(start)]


def test_an_auditor_follows_a_deviation_to_its_lines_and_takes_a_pack_that_verifies(
    door: Served, tmp_path: Path
) -> None:
    auditor = door.visitor("109")
    assert links(auditor.get("/").text, "/A") == ["/AOBA"]
    dashboard = auditor.get("/AOBA").text
    assert "VEN" in dashboard
    measure = auditor.get("/AOBA/measures/VEN").text
    assert "/AOBA/controls/VEN-04" in links(measure, "/AOBA/controls/")
    control = auditor.get("/AOBA/controls/VEN-04")
    deviations = links(control.text, "/AOBA/controls/VEN-04/")
    assert deviations
    lines = auditor.get(deviations[0]).text
    assert "vendors.xlsx" in lines
    built = auditor.post("/AOBA/packs", {"period": PERIOD, "purpose": "内部監査", "token": auditor.token()})
    assert built.status_code == 200, built.text
    [link] = links(built.text, "/AOBA/packs/")
    pack = auditor.get(link)
    assert pack.status_code == 200
    (tmp_path / "pack.zip").write_bytes(pack.content)
    zipfile.ZipFile(tmp_path / "pack.zip").extractall(tmp_path / "out")
    [bag] = (tmp_path / "out").iterdir()
    (tmp_path / "verify.py").write_bytes(verifier())
    told = subprocess.run(
        [sys.executable, "-I", tmp_path / "verify.py", "--key", door.house.vkey("AOBA")], cwd=bag, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout
    assert auditor.get(link).status_code == 404
