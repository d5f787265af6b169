"""The two tables that lead through a pack: where each piece of evidence came from (domain.md §4), and each control.

What is told of a piece of evidence was recorded when it was collected, and does not change with the settings of today;
only how long it must be kept is their answer.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from openpyxl import Workbook

from evidence.datasets import catalogue
from evidence.settings import RetentionSettings
from reports.evidence_index import Evidence
from reports.pack.contents import Contents
from reports.self_check import basis_text
from reports.workbook import Table, Value, saved, table_sheet

IN_THE_HOUSE, GONE = "社内保管庫(原本)", "消去済み(台帳に記録)"
NEVER_PURGED = ("import", "judged")  # what people wrote down, and what was judged
FROM = {"collected": "取得日", "left": "対象者全員の退職日", "ended": "対象委託先すべての契約終了日"}
HEADERS = (
    "証跡番号", "管理策ID", "証跡名", "種類", "会社", "部門", "システム", "対象期間", "取得元", "取得方法", "抽出条件",
    "取得者", "取得日時(UTC, TZ)", "元ファイル日時", "バイト数", "件数", "SHA-256", "台帳番号",
    "前項ハッシュ(台帳の葉)", "変換(読取・版)", "変換後のSHA-256", "個人情報含有", "保存期限",
    "保管場所", "完全性確認", "受入判定者",
)  # fmt: skip


def index(told: Contents) -> bytes:
    """The evidence behind the verdicts; the ledger's entry says who collected it, and its hash seals that."""
    held_as = {held.fetched.digest: held for held in told.objects}
    actors = [json.loads(entry.leaf).get("actor") for entry in told.ledger]
    retention = RetentionSettings.model_validate(told.settings.get("retention", {}))
    rows: list[Sequence[Value]] = []
    for one in told.evidence:
        e, held = one.line, held_as.get(one.line.sha256)  # None: it was collected after the last checkpoint
        by, entry = (actors[held.entry], held.entry) if held else (None, None)
        leaf = None if entry is None else told.ledger[entry].leaf_hash.hex()
        accepted = by if one.by_hand else "tenken(自動)"
        rows.append(
            (
                e.number, e.controls, told.masked(e.name), e.kind, told.company, list(one.departments) or "全社",
                one.source, "〜".join(map(str, one.covers)) if one.covers else None, told.masked(e.origin), e.how,
                _asked(one), by, _moment(e.fetched_at), e.modified_at, e.size, e.rows,
                None if one.purged else e.sha256, entry, leaf, e.reader, list(one.facts),
                _personal(one.datasets, raw=told.raw), _kept(one, retention),
                GONE if one.purged else (held and held.file) or IN_THE_HOUSE, told.masked(e.complete), accepted,
            )
        )  # fmt: skip
    widths = {"SHA-256": 36, "管理策ID": 24, "前項ハッシュ(台帳の葉)": 36, "変換後のSHA-256": 36}
    return _book(Table("証跡索引", HEADERS, rows, widths=widths), told.known_at)


def matrix(told: Contents) -> bytes:
    """Each control: its basis in law, its evidence, its verdict."""
    verdicts = {a.control: a for a in told.assessments}
    headers = (
        "管理策ID", "措置", "管理策", "法令・指針・JIS", "証跡番号", "母集団", "例外", "判定", "理由", "定義のSHA-256",
    )  # fmt: skip
    rows: list[Sequence[Value]] = []
    for control in told.controls:
        if (judged := verdicts.get(control.id)) is None:
            continue
        numbers = [one.line.number for one in told.evidence if control.id in one.line.controls]
        rows.append(
            (
                control.id,
                control.measure,
                control.title.ja,
                [basis_text(b) for b in control.basis],
                numbers,
                judged.population,
                len(judged.deviations),
                judged.verdict.mark,
                told.masked(judged.reason) if judged.reason else judged.reason,
                judged.control_digest,
            )
        )
    return _book(Table("管理策対応表", headers, rows, widths={"定義のSHA-256": 36, "証跡番号": 30}), told.known_at)


def _asked(one: Evidence) -> str:
    """What was asked for. A source is never asked for some rows: whoever made the file may have been."""
    return "登録簿の取込ファイル全行" if one.by_hand else "全オブジェクト・全行(当社側の抽出なし)"


def _personal(datasets: Iterable[str], *, raw: bool) -> str:
    if not any(column.personal for name in datasets for column in catalogue()[name].columns):
        return "無"
    return "有" if raw else "仮名化"


def _kept(one: Evidence, retention: RetentionSettings) -> str:
    """Until when it must be kept by the settings: the last day, or the event from which that is counted."""
    if one.how in NEVER_PURGED:
        return "期限なし(消去しない)"
    on = one.line.fetched_at.date()
    if any(hold.covers(one.source, one.datasets, on) for hold in retention.holds):
        return "法的保全中(解除まで)"
    rules = [retention.of(name) for name in one.datasets]
    if other := sorted({f"{FROM[rule.start]}から{rule.years}年" for rule in rules if rule.start != "collected"}):
        return "、".join(other)
    return max(rule.end(on) for rule in rules).isoformat()


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}, {at:%Y-%m-%d %H:%M:%S%z}"


def _book(table: Table, at: datetime) -> bytes:
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    table_sheet(book, table)
    return saved(book, at)
