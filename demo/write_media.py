"""What the DLP exports of writes to removable media: one file a month."""

from datetime import date

from demo.days import AS_OF, at
from demo.files import Folder, separated
from demo.group import Group

WRITES = ["書込ID", "日時", "会社コード", "所属", "端末", "システム", "アカウント", "媒体", "ファイル数"]


def write(group: Group, inbox: Folder) -> None:
    """Write the writes of both months."""
    for last in (date(2026, 2, 28), AS_OF):
        rows = [
            [
                w.id,
                w.at.isoformat(),
                w.company,
                w.department,
                w.terminal,
                w.system,
                w.login,
                w.medium or "",
                str(w.files),
            ]
            for w in sorted(group.writes, key=lambda w: (w.at, w.id))
            if w.at.month == last.month
        ]
        content = separated([WRITES, *rows], "utf-8-sig")
        inbox.under("dlp_media").put(f"media_{last:%Y%m}.csv", content, at(last, 24))
