"""The monthly list of what must be erased 消去対象一覧: entries of the book whose oldest data reach the end of their
retention, and the record of erasure that answers each (法22条, GL 10-5(4)).

The oldest day is measured where a system tells it, else it is the hand count on the entry. A statute that still runs
and an approved legal hold go before the period.
"""

from calendar import monthrange
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
MONTHS = 12
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


def due(
    entries: Iterable[Row], statistics: Sequence[Row], erasures: Sequence[Row], approvals: Iterable[Row], month: Period
) -> list[Due]:
    """What is due by the end of a month and was not answered before it began, the oldest first.

    ``entries`` are the approved ones; only what has an oldest day and a period, or a statute's last day, can be due.
    """
    holds = {
        row["approval_id"]
        for row in approvals
        if row["kind"] == "retention_hold"
        and row["status"] == "approved"
        and row["approved_at"] is not None
        and row["valid_from_at"] < month.until_at <= row["valid_to_at"]
    }
    told: list[Due] = []
    for entry in entries:
        mine = [row for row in statistics if row["entry_id"] == entry["entry_id"] and row["oldest_record_on"]]
        oldest = min((row["oldest_record_on"] for row in mine), default=entry["oldest_on"])
        if oldest is None or (last := _last_day(entry, oldest)) is None or last > month.as_of:
            continue
        expired = sum(row["expired_records"] for row in mine) if mine else None
        answer = _answer(entry, erasures, last)
        if answer is None or answer["done_on"] >= month.since:
            told.append(Due(entry, oldest, last, expired, answer, entry["hold_approval_id"] in holds))
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


def _last_day(entry: Row, oldest: date) -> date | None:
    """The last day on which the oldest data may be held: of period and statute the later; None when neither tells."""
    days = [months_later(oldest, entry["retention_months"])] if entry["retention_months"] else []
    days += [entry["statutory_until_on"]] if entry["statutory_until_on"] else []
    return max(days, default=None)


def months_later(day: date, months: int) -> date:
    """The same day of the month so many months later; the month's last day where it has no such day (民法143条)."""
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


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
