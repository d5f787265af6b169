"""What the directory exports of rights: one row for each right of each account."""

from datetime import date

from demo.files import SNAPSHOTS, Folder, exported, separated, slashed
from demo.group import Group
from demo.values import Right

RIGHTS = [
    "会社コード",
    "所属",
    "システム",
    "アカウント",
    "権限",
    "データベース",
    "グループ",
    "所管",
    "付与日",
    "承認番号",
    "有効",
]


def write(group: Group, inbox: Folder) -> None:
    """Write all rights of a day, each time that the directory exports."""
    for day in SNAPSHOTS:
        rows = [_right(group, right) for right in group.rights if _held(group, right, day)]
        content = separated([RIGHTS, *sorted(rows)], "cp932")
        inbox.under("directory_rights").put(f"kengen_{day:%Y%m%d}.csv", content, exported(day))


def _held(group: Group, right: Right, day: date) -> bool:
    return _granted(group, right) <= day and (right.removed_on is None or day < right.removed_on)


def _granted(group: Group, right: Right) -> date:
    return group.accounts[right.system, right.login].created_on


def _right(group: Group, right: Right) -> list[str]:
    host = group.hosts[right.system]
    return [
        host.company,
        group.accounts[right.system, right.login].department or "",
        right.system,
        right.login,
        f"{right.store or right.system}:{right.name}",
        right.store or "",
        right.group or "",
        host.department,
        slashed(_granted(group, right)),
        right.approval or "",
        "1" if right.enabled else "0",
    ]
