"""What the vulnerability scanner and the firewalls export."""

import json
from datetime import date

from demo.days import AS_OF
from demo.files import SNAPSHOTS, Folder, exported, separated, slashed
from demo.group import Group
from demo.values_security import Vulnerability

FOUND = ["会社コード", "所属", "管理番号", "資産番号", "システム", "深刻度", "検出日", "修正日"]


def write(group: Group, inbox: Folder) -> None:
    """Write both exports at the start and at the end."""
    for day in (SNAPSHOTS[0], AS_OF):
        inbox.under("scanner").put(f"zeijaku_{day:%Y%m%d}.csv", weaknesses(group, day), exported(day))
        inbox.under("firewalls").put(f"rules_{day:%Y%m%d}.json", rules(group), exported(day))


def weaknesses(group: Group, day: date) -> bytes:
    """What was found by a day, and what of it was mended by then."""
    told = [_weakness(one, day) for one in group.vulnerabilities if one.found_on <= day]
    return separated([FOUND, *told], "utf-8-sig")


def _weakness(one: Vulnerability, day: date) -> list[str]:
    fixed = one.fixed_on if one.fixed_on and one.fixed_on <= day else None
    thing = [one.device or "", one.system or ""]
    return [one.company, one.department, one.id, *thing, one.severity, slashed(one.found_on), slashed(fixed)]


def rules(group: Group) -> bytes:
    """The rules of all firewalls."""
    told = [
        {
            "firewall": wall.id,
            "company": wall.company,
            "rule": rule.id,
            "anyToAny": rule.any_any,
            "expiresOn": rule.temporary_until.isoformat() if rule.temporary_until else None,
        }
        for wall in group.firewalls
        for rule in wall.rules
    ]
    return json.dumps({"total": len(told), "rules": told}, ensure_ascii=False, indent=1).encode()
