"""The management book: 43 columns in their order, readable on paper."""

import io
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from reports import management_book
from reports.management_book import NAMING
from tests.reports import made
from tests.reports.made_book import book as told_book
from tests.reports.made_book import entry

HEADERS = [
    "台帳ID ●",
    "版・状態 ●",
    "会社 ●",
    "部門 ●",
    "業務名 ●",
    "個人情報の名称 ●",
    "本人の区分 ●",
    "個人情報の項目 ●",
    "区分 ●",
    "要配慮個人情報 ●",
    "特定個人情報 ●",
    "差別的取扱いのおそれ(職安法指針)",
    "件数(概算) ●",
    "利用目的 ●",
    "取得方法 ●",
    "取得時の措置 ●",
    "同意の根拠",
    "取得開始日/取得期間",
    "媒体 ●",
    "保管場所 ●",
    "保管国 ●",
    "保管方法 ●",
    "取扱責任者 ●",
    "アクセス権を有する者 ●",
    "利用期限",
    "保管期間 ●",
    "最古データ日",
    "廃棄方法 ●",
    "委託 ●",
    "第三者提供 ●",
    "提供先・項目・手段",
    "外国提供 ●",
    "共同利用 ●",
    "第三者からの受領 ●",
    "個人関連情報の突合 ●",
    "自動処理・機械学習",
    "開示等対象 ●",
    "リスク評価 ●",
    "関連規程",
    "作成者/部門承認/管理者承認 ●",
    "最終確認日 / 次回期限 ●",
    "変更履歴",
    "記載の根拠",
]
ENTRUSTED = ["委託元", "受託業務", "委託契約", "委託元の連絡先(規則9条の通知先)"]


@cache
def book() -> Workbook:
    return load_workbook(io.BytesIO(management_book.workbook(told_book()).content))


def cells(number: int, *changes: dict[str, Any]) -> dict[str, object]:
    """One entry as the sheet shows it, by header without its number and mark."""
    rows = [entry(number, **(changes[0] if changes else {}))]
    content = management_book.workbook(told_book(rows)).content
    sheet = load_workbook(io.BytesIO(content))["個人情報管理台帳"]
    return {
        header.removesuffix(" ●"): sheet.cell(3, n).value for n, header in enumerate([*HEADERS, *ENTRUSTED], start=1)
    }


def test_the_book_has_its_43_columns_in_order_with_the_required_ones_marked() -> None:
    sheet = book()["個人情報管理台帳"]
    assert [cell.value for cell in sheet[2]][:43] == [f"{n} {header}" for n, header in enumerate(HEADERS, start=1)]
    assert len(HEADERS) == 43


def test_whose_entrusted_data_are_stands_behind_the_43_columns() -> None:
    sheet = book()["個人情報管理台帳"]
    assert [cell.value for cell in sheet[2]][43:] == [f"{n} {header}" for n, header in enumerate(ENTRUSTED, start=44)]


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        pytest.param(10, ["みなと通販", "問合せの受付", "業務委託契約書 第2版", "みなと通販 情報管理窓口"], id="told"),
        pytest.param(3, ["未記入", None, None, "未記入"], id="entrusted by whom is not told"),
        pytest.param(0, [None] * 4, id="own data"),
    ],
)
def test_an_entry_of_entrusted_data_tells_whose_they_are(number: int, shown: list[str | None]) -> None:
    assert [cells(number)[header] for header in ENTRUSTED] == shown


def test_a_row_is_printed_over_several_pages_that_each_name_the_entry() -> None:
    sheet = book()["個人情報管理台帳"]
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert (sheet.print_title_rows, sheet.print_title_cols) == ("$2:$2", "$A:$F")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("G3", "A2:AU42")


def test_a_page_of_the_book_is_readable_on_a4() -> None:
    sheet = book()["個人情報管理台帳"]
    widths = [sheet.column_dimensions[get_column_letter(n)].width for n in range(1, 48)]
    pages = sheet.page_setup.fitToWidth or 0
    per_page = (sum(widths) + (pages - 1) * sum(widths[:NAMING])) / pages
    assert 9 * 150 / per_page >= 7


@pytest.mark.parametrize("title", ["個人情報管理台帳", "乖離", "変更履歴"])
def test_no_cells_of_the_book_are_merged(title: str) -> None:
    assert not book()[title].merged_cells.ranges


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("版・状態", "1・下書"),
        ("区分", "個人情報"),
        ("要配慮個人情報", "あり(障害、健診結果)"),
        ("特定個人情報", "あり"),
        ("件数(概算)", "1,250,000\n(2026/08/31)"),
        ("取得開始日/取得期間", "2015/10/01〜"),
        ("媒体", "電子"),
        ("保管場所", "SYS-JOB\nSYS-CRM\nDB-MEMBER\nZ-ARCHIVE"),
        ("保管期間", "退会日＋36か月"),
        ("第三者提供", "なし"),
        ("提供先・項目・手段", "R1、R2 氏名・職務経歴 / 暗号化したウェブシステム"),
        ("開示等対象", "対象"),
        ("リスク評価", "取得・入力:低\n移送:中\n利用:高\n保管:低\n廃棄:中"),
        ("最終確認日 / 次回期限", "2026/06/08 / 2027/06/07"),
        ("変更履歴", "2026/06/27 第1版 承認"),
        ("記載の根拠", "規程(E-0003)"),
    ],
)
def test_a_full_entry_is_shown(header: str, shown: str) -> None:
    assert cells(0)[header] == shown


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("要配慮個人情報", "なし"),
        ("件数(概算)", "未記入"),
        ("同意の根拠", None),
        ("委託", "なし"),
        ("外国提供", "なし"),
        ("開示等対象", "対象外(受託のため)"),
        ("最終確認日 / 次回期限", "― / ―"),
        ("記載の根拠", "未確認"),
    ],
)
def test_what_an_entry_lacks_is_said(header: str, shown: str | None) -> None:
    assert cells(1)[header] == shown


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        pytest.param({"retention_law": "労働基準法第109条"}, "労働基準法第109条", id="by law"),
        pytest.param({"retention_start": None, "retention_months": 12}, "起算点未記入＋12か月", id="without a start"),
        pytest.param({"retention_start": "退会日", "retention_months": None}, "退会日", id="without a length"),
    ],
)
def test_a_retention_is_shown_as_far_as_it_is_known(changes: dict[str, Any], shown: str) -> None:
    assert cells(1, changes)["保管期間"] == shown


def test_the_newest_versions_are_shown_and_the_others_counted() -> None:
    told = str(cells(1, {"entry_version": 6})["変更履歴"]).split("\n")
    assert [line[11:14] for line in told] == ["第4版", "第5版", "第6版", ""]
    assert told[-1] == "ほか 3 版"


def test_a_method_of_disposal_is_read_in_words_and_not_in_its_code() -> None:
    assert cells(0, {"disposal": "degauss"})["廃棄方法"] == "磁気消去"


def test_what_holds_from_the_first_day_there_is_holds_from_the_start() -> None:
    view = told_book([entry(1, valid_from_on=date(1900, 1, 1))])
    sheet = load_workbook(io.BytesIO(management_book.workbook(view).content))["変更履歴"]
    assert sheet["F2"].value == "当初"


def test_the_history_says_what_a_version_changed_from_and_to() -> None:
    view = told_book([entry(1, entry_version=2)])
    changed = dict(view.history[1]) | {"purposes": ["P01"], "retention_start": "退会日", "entered_at": made.KNOWN_AT}
    later = management_book.BookView(
        view.company, view.company_name, view.as_of, view.known_at, view.entries, {}, (view.history[0], changed), ()
    )
    sheet = load_workbook(io.BytesIO(management_book.workbook(later).content))["変更履歴"]
    assert [sheet.cell(row, 8).value for row in (2, 3)] == [
        "新規",
        "利用目的: P01、P02 → P01\n保管期間の起算点: ― → 退会日",
    ]


def test_an_empty_book_still_has_its_headers() -> None:
    sheet = load_workbook(io.BytesIO(management_book.workbook(told_book([])).content))["個人情報管理台帳"]
    assert (sheet.max_column, sheet["A3"].value) == (47, "台帳に記載がない。")


def test_moments_are_those_of_the_companys_zone() -> None:
    sheet = book()["変更履歴"]
    assert sheet["D2"].value == (made.KNOWN_AT - timedelta(days=100)).replace(tzinfo=None)
