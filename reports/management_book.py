"""The management book 個人情報管理台帳: one workbook of the 43 columns of domain.md §2.1 and whose entrusted data
are, as it stood on a day.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook

from evidence.datasets import Column, catalogue
from reports import Document
from reports.drift import Drift
from reports.drift import sheet as drift_sheet
from reports.words import day_text, shown
from reports.workbook import Table, Value, saved, table_sheet

Row = Mapping[str, Any]
NAMING, PAGES_WIDE = 6, 6  # the columns that name an entry come again on each of the pages that one row takes
VERSIONS_SHOWN = 3
STAGES = ("acquire", "move", "use", "store", "erase")
NONE, SOME = "なし", "あり"
REQUIRED, MISSING = "●", "未記入"


@dataclass(frozen=True, slots=True)
class BookView:
    """The book of one company on a day; keys of persons are already pseudonyms."""

    company: str
    company_name: str
    as_of: date
    known_at: datetime  # in the company's zone
    entries: tuple[Row, ...]  # rows of book_entries, ordered by entry
    risks: Mapping[str, Mapping[str, str]]  # entry → stage → residual risk
    history: tuple[Row, ...]  # all versions, oldest first
    drift: tuple[Drift, ...]


def workbook(view: BookView) -> Document:
    """The book: its columns, where it differs from the world, and who changed what when."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    running = (f"個人情報管理台帳 {view.company_name}({view.company})", f"{view.as_of:%Y/%m/%d} 現在")
    headers = [f"{number} {header}" for number, (header, _, _) in enumerate(COLUMNS, start=1)]
    rows = [_cells(entry, view) for entry in view.entries]
    moment = f"データ基準日時 {view.known_at:%Y/%m/%d %H:%M:%S %Z}"
    note = f"{view.company_name}({view.company}) {view.as_of:%Y/%m/%d} 現在 ● は必須。{moment}"
    widths = {header: width for header, (_, width, _) in zip(headers, COLUMNS, strict=True)}
    table_sheet(
        book,
        Table(
            "個人情報管理台帳",
            headers,
            rows,
            note,
            widths,
            frozen_columns=NAMING,
            pages_wide=PAGES_WIDE,
            running=running,
            empty="台帳に記載がない。",
        ),
    )
    table_sheet(book, drift_sheet(view.drift, running))
    table_sheet(book, _changes(view, running))
    return Document(f"management-book_{view.company}_{view.as_of:%Y%m%d}.xlsx", saved(book, view.known_at))


def _cells(entry: Row, view: BookView) -> list[Value]:
    """The row of an entry; what must be told and is not says so, for a blank could also be a slip of the printer."""
    told = [(header, cell(entry, view)) for header, _, cell in COLUMNS]
    return [MISSING if header.endswith(REQUIRED) and value in (None, "", [], ()) else value for header, value in told]


def _changes(view: BookView, running: tuple[str, str]) -> Table:
    before: dict[str, Row] = {}
    rows: list[Sequence[Value]] = []
    for v in view.history:
        rows.append(
            (
                v["entry_id"],
                v["entry_version"],
                _label(v, "status"),
                v["entered_at"],
                v["entered_by"],
                day_text(v["valid_from_on"]),
                v["name"],
                _changed(before.get(v["entry_id"]), v),
            )
        )
        before[v["entry_id"]] = v
    headers = ("台帳ID", "版", "状態", "記入日時", "記入者", "有効開始日", "個人情報の名称", "変更した項目(前 → 後)")
    widths = {"台帳ID": 18, "版": 6, "状態": 10, "記入者": 23, "個人情報の名称": 30, "変更した項目(前 → 後)": 60}
    centred = {"版", "状態", "有効開始日"}
    return Table("変更履歴", headers, rows, "", widths, centred=centred, empty="変更の記録がない。", running=running)


def _changed(before: Row | None, now: Row) -> str:
    """What a version tells otherwise than the one before it, a column a line."""
    if before is None:
        return "新規"
    told = catalogue()["book_entries"].columns
    lines = [
        f"{c.header}: {_told(c, before)} → {_told(c, now)}"
        for c in told
        if c.name != "entry_version" and before.get(c.name) != now.get(c.name)
    ]
    return "\n".join(lines) or "変更なし(再承認・確認)"


def _told(column: Column, row: Row) -> str:
    return shown(row.get(column.name), dict(column.allowed))


def _label(row: Row, name: str) -> str:
    """The Japanese label of a value of a closed list."""
    labels = dict(catalogue()["book_entries"].column(name).allowed)
    return labels.get(str(row[name]), str(row[name] or ""))


def _plain(name: str) -> Callable[[Row, BookView], Value]:
    return lambda row, _: row[name]


def _labelled(name: str) -> Callable[[Row, BookView], Value]:
    return lambda row, _: _label(row, name)


def _or_none(name: str) -> Callable[[Row, BookView], Value]:
    """A list, or なし when it is empty."""
    return lambda row, _: row[name] or NONE


def _with(flag: str, detail: str) -> Callable[[Row, BookView], Value]:
    """なし, or あり with what it is."""

    def cell(row: Row, _: BookView) -> Value:
        told = row[detail]
        text = "、".join(told) if isinstance(told, list) else told
        return (f"{SOME}({text})" if text else SOME) if row[flag] else NONE

    return cell


def _dated(name: str, on: str) -> Callable[[Row, BookView], Value]:
    def cell(row: Row, _: BookView) -> Value:
        if row[name] is None:
            return None
        value = f"{row[name]:,}" if isinstance(row[name], int) else row[name]
        return f"{value}\n({row[on]:%Y/%m/%d})" if row[on] else str(value)

    return cell


def _collected(row: Row, _: BookView) -> Value:
    first, last = row["collected_from_on"], row["collected_to_on"]
    if first is None:
        return None
    return f"{first:%Y/%m/%d}〜" + ("" if last is None or last.year == 9999 else f"{last:%Y/%m/%d}")


def _retention(row: Row, _: BookView) -> Value:
    if row["retention_law"]:
        return f"{row['retention_law']}" + (
            f"(満了 {row['statutory_until_on']:%Y/%m/%d})" if row["statutory_until_on"] else ""
        )
    if row["retention_months"] is None:
        return str(row["retention_start"] or "")
    return f"{row['retention_start'] or '起算点未記入'}＋{row['retention_months']}か月"


def _risk(row: Row, view: BookView) -> Value:
    labels = dict(catalogue()["book_risks"].column("residual").allowed)
    stages = dict(catalogue()["book_risks"].column("stage").allowed)
    known = view.risks.get(row["entry_id"], {})
    return "\n".join(f"{stages[stage]}:{labels[known[stage]]}" for stage in STAGES if stage in known)


def _approvals(row: Row, _: BookView) -> Value:
    parts = [("作成", row["author_key"], None), ("部門", row["department_approved_by"], row["department_approved_on"])]
    parts.append(("管理者", row["approved_by"], row["approved_on"]))
    return "\n".join(f"{who} {key}" + (f" {on:%Y/%m/%d}" if on else "") for who, key, on in parts if key)


def _confirmed(row: Row, _: BookView) -> Value:
    return " / ".join(f"{on:%Y/%m/%d}" if on else "―" for on in (row["confirmed_on"], row["next_due_on"]))


def _disposal(row: Row, _: BookView) -> Value:
    """The method in the words of the register of disposals; a text of one's own stays."""
    methods = dict(catalogue()["disposals"].column("method").allowed)
    return methods.get(str(row["disposal"]), row["disposal"])


def _versions(row: Row, view: BookView) -> Value:
    """The newest versions; the sheet of changes has them all."""
    mine = [v for v in view.history if v["entry_id"] == row["entry_id"]]
    told = [
        f"{v['entered_at']:%Y/%m/%d} 第{v['entry_version']}版 {_label(v, 'status')}" for v in mine[-VERSIONS_SHOWN:]
    ]
    return "\n".join([*told, *([f"ほか {len(mine) - len(told)} 版"] if len(mine) > len(told) else [])])


def _places(row: Row, _: BookView) -> Value:
    return "\n".join([*row["system_ids"], *row["db_ids"], *row["zone_ids"]])  # a line would break at their hyphens


def _scope(row: Row, _: BookView) -> Value:
    return "対象" if row["dsar_scope"] else f"対象外({row['dsar_exclusion_reason'] or '理由未記入'})"


def _grounds(row: Row, _: BookView) -> Value:
    label = _label(row, "provenance") if row["provenance"] else "未確認"
    return label + (f"({'、'.join(row['provenance_refs'])})" if row["provenance_refs"] else "")


def _entrusted(name: str, *, required: bool = False) -> Callable[[Row, BookView], Value]:
    """What is told of entrusted data only."""

    def cell(row: Row, _: BookView) -> Value:
        asked = required and row["legal_class"] == "entrusted"
        return row[name] or (MISSING if asked else None)

    return cell


def _recipients(row: Row, _: BookView) -> Value:
    told = "、".join(row["recipient_ids"])
    return told + (f" {row['provision_details']}" if row["provision_details"] else "")


COLUMNS: tuple[tuple[str, int, Callable[[Row, BookView], Value]], ...] = (  # header, half-width characters, cell
    ("台帳ID ●", 16, _plain("entry_id")),
    ("版・状態 ●", 9, lambda row, _: f"{row['entry_version']}・{_label(row, 'status')}"),
    ("会社 ●", 7, _plain("company")),
    ("部門 ●", 7, _plain("department")),
    ("業務名 ●", 17, _plain("process")),
    ("個人情報の名称 ●", 20, _plain("name")),
    ("本人の区分 ●", 16, _plain("subject_kinds")),
    ("個人情報の項目 ●", 28, _plain("items")),
    ("区分 ●", 12, _labelled("legal_class")),
    ("要配慮個人情報 ●", 14, _with("special_care", "special_care_kinds")),
    ("特定個人情報 ●", 9, lambda row, _: SOME if row["my_number"] else NONE),
    ("差別的取扱いのおそれ(職安法指針)", 16, _with("esl_restricted", "esl_reason")),
    ("件数(概算) ●", 14, _dated("volume", "volume_on")),
    ("利用目的 ●", 15, _plain("purposes")),
    ("取得方法 ●", 16, _plain("acquisition")),
    ("取得時の措置 ●", 18, _plain("notice_ref")),
    ("同意の根拠", 18, _plain("consent_ref")),
    ("取得開始日/取得期間", 14, _collected),
    ("媒体 ●", 9, _labelled("media")),
    ("保管場所 ●", 14, _places),
    ("保管国 ●", 8, _plain("countries")),
    ("保管方法 ●", 24, _plain("protection")),
    ("取扱責任者 ●", 23, _plain("owner_key")),
    ("アクセス権を有する者 ●", 16, _plain("access_group")),
    ("利用期限", 14, _plain("use_until")),
    ("保管期間 ●", 16, _retention),
    ("最古データ日", 12, _plain("oldest_on")),
    ("廃棄方法 ●", 18, _disposal),
    ("委託 ●", 12, _or_none("vendor_ids")),
    ("第三者提供 ●", 10, _labelled("provided")),
    ("提供先・項目・手段", 26, _recipients),
    ("外国提供 ●", 16, lambda row, _: row["foreign_route"] or NONE),
    ("共同利用 ●", 10, _or_none("scope_ids")),
    ("第三者からの受領 ●", 16, lambda row, _: row["received"] or NONE),
    ("個人関連情報の突合 ●", 14, _labelled("usage_log_match")),
    ("自動処理・機械学習", 16, lambda row, _: row["ml_use"] or NONE),
    ("開示等対象 ●", 14, _scope),
    ("リスク評価 ●", 16, _risk),
    ("関連規程", 12, _plain("doc_refs")),
    ("作成者/部門承認/管理者承認 ●", 34, _approvals),
    ("最終確認日 / 次回期限 ●", 13, _confirmed),
    ("変更履歴", 23, _versions),
    ("記載の根拠", 16, _grounds),
    ("委託元", 16, _entrusted("entruster", required=True)),
    ("受託業務", 16, _entrusted("entrusted_work")),
    ("委託契約", 18, _entrusted("entruster_contract")),
    ("委託元の連絡先(規則9条の通知先)", 22, _entrusted("entruster_contact", required=True)),
)
