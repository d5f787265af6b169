"""The monthly list of what must be erased 消去対象一覧: entries of the book whose oldest data reach the end of their
retention, and the record of erasure that answers each (法22条, GL 10-5(4)).

Until when data may be held is the view ``retention``, which ORG-3-05 judges by: both find the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook

from evidence.datasets import catalogue
from evidence.period import Period
from reports import Document
from reports.workbook import Table, Value, saved, table_sheet

Row = Mapping[str, Any]
OPEN, HELD, UNCONFIRMED, DONE = "未実施", "法的保全中", "実施済・確認なし", "実施済"


@dataclass(frozen=True, slots=True)
class Due:
    """One entry whose data are to be erased, since when, and what was done about it."""

    entry: Row
    oldest_on: date
    due_on: date
    expired: int | None  # records past their retention; None: nobody counted
    answer: Row | None  # the erasure of this entry that came when it was due, or later
    held: bool

    @property
    def state(self) -> str:
        """How far it has come."""
        if self.answer is not None:
            return DONE if self.answer["confirmed_on"] else UNCONFIRMED
        return HELD if self.held else OPEN


@dataclass(frozen=True, slots=True)
class ErasureView:
    """What a company must erase by the end of a month, as known at a moment."""

    company: str
    company_name: str
    month: Period
    known_at: datetime  # in the company's zone
    due: tuple[Due, ...]


def due(entries: Iterable[Row], retention: Iterable[Row], erasures: Sequence[Row], month: Period) -> list[Due]:
    """What is due by the end of a month and was not answered before it began, the oldest first.

    ``retention`` says of the ``entries`` in force until when their data may be held, as of the end of the month.
    """
    by_id = {entry["entry_id"]: entry for entry in entries}
    told: list[Due] = []
    for kept in retention:
        entry, last = by_id[kept["entry_id"]], kept["delete_by"]
        if kept["oldest_on"] is None or last is None or last > month.as_of:
            continue
        answer = _answer(entry, erasures, last)
        if answer is None or answer["done_on"] >= month.since:
            told.append(Due(entry, kept["oldest_on"], last, kept["expired_records"], answer, kept["on_hold"]))
    return sorted(told, key=lambda one: (one.due_on, one.entry["entry_id"]))


def workbook(view: ErasureView) -> Document:
    """The list of a month on one sheet."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    title = f"消去対象一覧 {view.company_name}({view.company})"
    until = f"{view.month.as_of:%Y/%m/%d} まで"
    note = f"{title} {until}。データ基準日時 {view.known_at:%Y/%m/%d %H:%M:%S %Z}。消去したら消去台帳に登録する。"
    table_sheet(
        book,
        Table(
            "消去対象一覧",
            HEADERS,
            [_cells(one) for one in view.due],
            note,
            widths={"個人情報の名称": 28, "保管場所": 18, "保管期間": 20},
            centred=("状況",),
            running=(title, until),
            empty="この月までに消去すべきものはない。",
        ),
    )
    return Document(f"erasures_{view.company}_{view.month.as_of:%Y%m}.xlsx", saved(book, view.known_at))


HEADERS = (
    "台帳ID", "個人情報の名称", "部門", "保管場所", "保管期間", "最古データ日", "消去期限", "超過件数",
    "廃棄方法", "状況", "消去ID", "消去日", "確認日",
)  # fmt: skip


def _cells(one: Due) -> list[Value]:
    entry, answer = one.entry, one.answer or {}
    methods = dict(catalogue()["disposals"].column("method").allowed)
    return [
        entry["entry_id"],
        entry["name"],
        entry["department"],
        "\n".join([*entry["system_ids"], *entry["db_ids"], *entry["zone_ids"]]),
        rule(entry),
        one.oldest_on,
        one.due_on,
        "未計数" if one.expired is None else one.expired,
        methods.get(str(entry["disposal"]), entry["disposal"]),
        one.state,
        answer.get("erasure_id"),
        answer.get("done_on"),
        answer.get("confirmed_on"),
    ]


def rule(entry: Row) -> str:
    """How long an entry is kept, in words: start event and period, or statute."""
    period = f"{entry['retention_start'] or ''}＋{entry['retention_months']}か月" if entry["retention_months"] else ""
    statute = str(entry["retention_law"] or "")
    until = f"(満了 {entry['statutory_until_on']:%Y/%m/%d})" if entry["statutory_until_on"] else ""
    return "\n".join(part for part in (period, statute + until) if part)


def _answer(entry: Row, erasures: Iterable[Row], last: date) -> Row | None:
    """The newest erasure of the entry for its retention that was done on its last day or later."""
    mine = (
        row
        for row in erasures
        if row["reason"] == "retention"
        and row["ref_id"] == entry["entry_id"]
        and row["company"] == entry["company"]
        and row["done_on"] is not None
        and row["done_on"] >= last
    )
    return max(mine, key=lambda row: (row["done_on"], row["erasure_id"]), default=None)
