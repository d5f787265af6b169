"""What the scanner exports on a day is what was known on that day."""

import csv
import random
from datetime import date
from pathlib import Path

import pytest

from demo import write_security
from demo.days import AS_OF, DAY
from demo.files import SNAPSHOTS, Folder
from demo.group import Group
from demo.values_security import Vulnerability

FIRST = SNAPSHOTS[0]


def _exported(out: Path, found: date, fixed: date | None, day: date) -> list[str]:
    """The days of the repairs that an export tells of."""
    group = Group(random.Random(1))
    group.vulnerabilities.append(Vulnerability("VU-1", "AOI", "AOI-SYS", None, "SYS-AWS", "high", found, fixed))
    write_security.write(group, Folder(out))
    text = (out / "scanner" / f"zeijaku_{day:%Y%m%d}.csv").read_text("utf-8-sig")
    return [row["修正日"] for row in csv.DictReader(text.splitlines())]


@pytest.mark.parametrize(
    ("found", "fixed", "day", "told"),
    [
        pytest.param(FIRST, None, FIRST, [""], id="found that day"),
        pytest.param(FIRST + DAY, None, FIRST, [], id="found the day after"),
        pytest.param(FIRST, FIRST, FIRST, [f"{FIRST:%Y/%m/%d}"], id="fixed that day"),
        pytest.param(FIRST, FIRST + DAY, FIRST, [""], id="fixed the day after"),
        pytest.param(FIRST, FIRST + DAY, AS_OF, [f"{FIRST + DAY:%Y/%m/%d}"], id="fixed before the last export"),
    ],
)
def test_an_export_tells_only_what_was_known_that_day(
    tmp_path: Path, found: date, fixed: date | None, day: date, told: list[str]
) -> None:
    assert _exported(tmp_path, found, fixed, day) == told
