"""What the gates of the offices record, and what the sign-in of each system is set to."""

import json
from datetime import date

from demo.days import AS_OF, at
from demo.files import SNAPSHOTS, Folder, clocked, exported, separated
from demo.group import Group
from demo.values import GatePass

GATES = ["記録番号", "会社コード", "区域", "社員番号", "入退", "結果", "日時"]


def write(group: Group, inbox: Folder) -> None:
    """Write the gates' records by month, and all settings at the start and at the end."""
    for month in (2, 3):
        last = AS_OF if month == 3 else date(2026, 2, 28)
        told = sorted((e for e in group.passes if (e.at.month == 3) == (month == 3)), key=lambda e: (e.at, e.no))
        rows = [GATES, *(_pass(entry, f"G{month}{index:06d}") for index, entry in enumerate(told))]
        inbox.under("gates").put(f"nyutai_{last:%Y%m}.csv", separated(rows, "cp932"), at(last, 24))
    for day in (SNAPSHOTS[0], AS_OF):
        inbox.under("settings").put(f"settings_{day:%Y%m%d}.json", settings(group, day), exported(day))


def _pass(entry: GatePass, number: str) -> list[str]:
    zone = f"Z-{entry.company}-GATE"
    return [number, entry.company, zone, entry.no, entry.direction, "許可", clocked(entry.at)]


def settings(group: Group, day: date) -> bytes:
    """What the sign-in of each system is set to on a day."""
    told = [
        {
            "system": one.system,
            "component": one.part,
            "setting": one.name,
            "value": one.value,
            "number": one.number,
            "observedOn": day.isoformat(),
        }
        for one in group.settings
    ]
    return json.dumps({"total": len(told), "settings": told}, ensure_ascii=False, indent=1).encode()
