"""What the doors tell: passages as the entry systems export them, visitors as the tablet does, without their names."""

from datetime import date

from demo.days import AS_OF, JST, at
from demo.files import Folder, clocked, separated
from demo.group import Group
from demo.values import Entry, Visit

PASSAGES = ["記録ID", "日時", "会社コード", "所属", "区域", "社員番号", "カード番号", "方向", "結果", "最初最後"]
VISITS = [
    "受付番号",
    "受付日時",
    "会社コード",
    "所属",
    "区域",
    "氏名記入",
    "所属記入",
    "面会者社員番号",
    "入室",
    "退室",
    "同伴",
]


def write(group: Group, inbox: Folder) -> None:
    """Write one file a month of each company's doors, and of the tablets."""
    for month, last in ((2, date(2026, 2, 28)), (3, AS_OF)):
        for company in group.companies:
            passed = sorted(
                (
                    e
                    for e in group.entries
                    if e.company == company and (e.at.astimezone(JST).month == 3) == (month == 3)
                ),
                key=lambda e: (e.at, e.id),
            )
            content = separated([PASSAGES, *map(_passage, passed)], "cp932")
            inbox.under(f"entry_{company.lower()}").put(f"nyutai_{last:%Y%m}.csv", content, at(last, 24))
        visited = sorted((v for v in group.visits if (v.arrived.month == 3) == (month == 3)), key=lambda v: v.id)
        inbox.under("visitors").put(
            f"raihou_{last:%Y%m}.csv", separated([VISITS, *map(_visit, visited)], "utf-8-sig"), at(last, 24)
        )


def _passage(entry: Entry) -> list[str]:
    return [
        entry.id,
        clocked(entry.at.astimezone(JST)),
        entry.company,
        entry.department,
        entry.zone,
        entry.no,
        "",
        entry.direction,
        entry.result,
        entry.mark,
    ]


def _visit(visit: Visit) -> list[str]:
    return [
        visit.id,
        clocked(visit.arrived),
        visit.company,
        visit.department,
        visit.zone,
        "○" if visit.named else "",
        "○" if visit.of_an_organisation else "",
        visit.host or "",
        clocked(visit.arrived),
        clocked(visit.left),
        {True: "○", False: "×", None: ""}[visit.escorted],
    ]
