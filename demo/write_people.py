"""What the personnel, attendance and learning systems export."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from io import BytesIO

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from demo.days import AS_OF, at
from demo.files import SNAPSHOTS, Folder, clocked, exported, fixed, separated, slashed
from demo.group import Group
from demo.values import Posting, Shift, Training, Worker

ROSTER = [
    "会社コード",
    "社員番号",
    "氏名",
    "所属",
    "区分",
    "雇用元",
    "入社日",
    "退職日",
    "退職決定日",
    "取扱者",
    "派遣元誓約",
    "ID有無",
]
POSTINGS = [
    "発令番号",
    "会社コード",
    "社員番号",
    "入社日",
    "所属",
    "役割",
    "種別",
    "上司社員番号",
    "上司経路",
    "開始日",
    "終了日",
]
LEAVES = ["会社コード", "所属", "社員番号", "種別", "開始日", "終了日"]
SHIFTS = ["会社コード", "所属", "社員番号", "勤務日", "区分", "開始", "終了"]
UNITS = ["会社コード", "部門コード", "部門名", "上位部門", "上位経路", "対象", "紙保管庫"]
LEARNED = ["会社コード", "所属", "社員番号", "講座", "版", "種別", "修了日", "得点", "合否"]


def write(group: Group, inbox: Folder) -> None:
    """Write every export of the office systems."""
    for day in SNAPSHOTS:
        inbox.under("hr_roster").put(f"roster_{day:%Y%m%d}.csv", roster(group, day), exported(day))
        inbox.under("hr_postings").put(f"hatsurei_{day:%Y%m%d}.csv", postings(group, day), exported(day))
        inbox.under("hr_leaves").put(f"kyushoku_{day:%Y%m%d}.csv", leaves(group, day), exported(day))
    for day in (SNAPSHOTS[0], AS_OF):
        inbox.under("hr_units").put(f"bumon_{day:%Y%m%d}.csv", units(group), exported(day))
    _write_shifts(group, inbox.under("attendance"))
    _write_training(group, inbox)


def roster(group: Group, day: date) -> bytes:
    """Who was ever employed, as personnel knows it on a day."""
    held: dict[tuple[str, str], list[Posting]] = defaultdict(list)
    for posting in group.postings:
        held[posting.no, posting.company].append(posting)
    told = [_roster(one, held[one.no, one.company], day) for one in group.workers if one.hired_on <= day]
    return separated([ROSTER, *told, ["合計", str(len(told))] + [""] * (len(ROSTER) - 2)], "cp932")


def postings(group: Group, day: date) -> bytes:
    """The posts of who is employed by a day."""
    return separated([POSTINGS, *(_posting(group, p) for p in group.postings if p.hired_on <= day)], "cp932")


def leaves(group: Group, day: date) -> bytes:
    """The leaves that have begun by a day."""
    away = [leave for leave in group.leaves if leave.from_on <= day]
    told = [[v.company, v.department, v.no, v.kind, slashed(v.from_on), slashed(v.to_on)] for v in away]
    return separated([LEAVES, *told], "cp932")


def _roster(worker: Worker, postings: list[Posting], day: date) -> list[str]:
    held = [p for p in postings if p.kind == "主務" and p.hired_on == worker.hired_on and p.from_on <= day <= p.to_on]
    known = worker.left_on is not None and (worker.posted_on or worker.announced_on or day) <= day
    return [
        worker.company,
        worker.no,
        worker.name,
        held[0].department if held else worker.department,
        worker.kind,
        worker.employer or "",
        slashed(worker.hired_on),
        slashed(worker.left_on) if known else "",
        slashed(worker.announced_on) if known else "",
        "○" if worker.handles else "",
        "○" if worker.kind == "派遣" else "",
        "○",
    ]


def _posting(group: Group, posting: Posting) -> list[str]:
    top = group.posts[posting.company, "representative"]
    path = [no for no in (top, posting.manager) if no and no != posting.no]
    return [
        posting.id,
        posting.company,
        posting.no,
        slashed(posting.hired_on),
        posting.department,
        posting.role,
        posting.kind,
        posting.manager or "",
        ";".join(dict.fromkeys(path)),
        slashed(posting.from_on),
        slashed(posting.to_on),
    ]


def units(group: Group) -> bytes:
    """The departments."""
    rows = [
        [d.company, d.code, d.name, "", "", "○" if d.in_scope else "", "○" if d.owns_paper_store else ""]
        for d in group.departments
    ]
    return separated([UNITS, *rows], "cp932")


def _write_shifts(group: Group, folder: Folder) -> None:
    def order(shift: Shift) -> tuple[date, str, datetime]:
        return shift.on, shift.no, shift.starts_at

    for day in (date(2026, 2, 28), AS_OF):
        told = sorted((s for s in group.shifts if s.on <= day), key=order)
        rows = [
            [s.company, s.department, s.no, slashed(s.on), s.kind, clocked(s.starts_at), clocked(s.ends_at)]
            for s in told
        ]
        folder.put(f"kinmu_{day:%Y%m%d}.csv", separated([SHIFTS, *rows], "utf-8"), exported(day))


def _write_training(group: Group, inbox: Folder) -> None:
    for day in (date(2026, 2, 28), AS_OF):
        taken = learned(t for t in group.training if not t.classroom and t.on <= day)
        inbox.under("lms").put(f"jukou_{day:%Y%m%d}.csv", taken, exported(day))
    lists: dict[date, list[Training]] = defaultdict(list)
    for training in group.training:
        if training.classroom:
            lists[training.on].append(training)
    for day, attended in sorted(lists.items()):
        inbox.under("classroom").put(
            f"shukketsu_{day:%Y%m%d}.xlsx", _attendance(attended), at(day + timedelta(days=1), 10)
        )


def learned(taken: Iterable[Training]) -> bytes:
    """Courses taken at a screen, with their points."""
    told = sorted(taken, key=lambda t: (t.on, t.no, t.course))
    rows = [[*_learned(t), str(t.score), "合格" if t.passed else "不合格"] for t in told]
    return separated([LEARNED, *rows], "utf-8-sig")


def _learned(training: Training) -> list[str]:
    return [
        training.company,
        training.department,
        training.no,
        training.course,
        training.version,
        training.kind,
        slashed(training.on),
    ]


def _attendance(attended: list[Training]) -> bytes:
    """A signed attendance list: no points, a circle for who sat through it."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "出席者名簿"
    sheet.append(["集合研修 出席者名簿"])
    sheet.append([name for name in LEARNED if name != "得点"])
    for training in attended:
        sheet.append([*_learned(training)[:-1], training.on, "合格"])
    content = BytesIO()
    book.save(content)
    return fixed(content.getvalue(), at(attended[0].on, 18))
