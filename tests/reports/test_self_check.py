"""The self-check workbook: the sheets that auditors expect, ready for paper."""

import io
from dataclasses import replace
from functools import cache

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from controls.model import Verdict, Words
from reports import self_check
from reports.self_check_view import SelfCheckView, self_check_view
from tests.reports import made

SHEETS = [
    "表紙",
    "総括",
    "管理策別結果",
    "部門別一覧",
    "点検実施状況",
    "例外明細",
    "指摘・是正処置",
    "証跡索引",
    "判定基準",
]
TABLES = SHEETS[1:]
HEADERS = {
    "総括": ("措置 安全管理措置の区分 判定 管理策数 ○ △ × ― ？ 適合率 前回差(○)"),
    "管理策別結果": (
        "管理策ID 措置 点検項目 根拠(法・GL・JIS) 対象 点検方法 対象期間 母集団(件) 母集団の定義 サンプル数 例外件数 "
        "うち承認済 実測判定 申告判定 最終判定 所見 証跡番号 指摘番号 母集団ハッシュ"
    ),
    "部門別一覧": (
        "部門 部門名 POL REG ORG-1 ORG-2 ORG-3 ORG-4 ORG-5 HUM PHY-1 PHY-2 PHY-3 PHY-4 TEC-1 TEC-2 TEC-3 TEC-4 VEN EXT"
    ),
    "点検実施状況": (
        "管理策ID 点検項目 頻度 2026/04 2026/05 2026/06 2026/07 2026/08 2026/09 2026/10 2026/11 2026/12 2027/01 2027/02 "
        "2027/03 年度計"
    ),
    "例外明細": (
        "管理策ID 対象キー(仮名化) 区分 部門 発生日 内容 危険度 例外承認番号 処置状況 証跡(番号・部分・行) 証跡行数"
    ),
    "指摘・是正処置": (
        "指摘番号 検出日 検出元 部門 管理策ID 不適合内容 区分 応急処置(日) 原因 是正内容 再発防止策 担当者 期限 完了日 完了証跡 "
        "有効性確認者 確認予定日 有効性確認日 結果 水平展開 承認 完了(クローズ)"
    ),
    "証跡索引": (
        "証跡番号 管理策ID 証跡名 種類 取得元 取得方法 取得日時 元ファイル日時 バイト数 "
        "件数(取得回計) SHA-256 読取(形式) 完全性確認"
    ),
    "判定基準": ("管理策ID・区分 点検項目 記号・用語・パラメータ 意味・値 単位 所管 変更"),
}
A4_UNITS = 150  # what A4 landscape holds at full size, in half-width characters of the standard typeface
SMALLEST_LETTER = 7  # points on paper
PAGES_WIDE = {"管理策別結果": 2, "指摘・是正処置": 2}


@cache
def view() -> SelfCheckView:
    return self_check_view(made.judged())


@cache
def book() -> Workbook:
    return load_workbook(io.BytesIO(self_check.workbook(view()).content))


def top(sheet: Worksheet) -> int:
    """The row of the headers: all its columns are filled, of a note only the first is."""
    return 1 if sheet.cell(1, 2).value else 2


def column(title: str, header: str) -> list[object]:
    sheet = book()[title]
    number = next(cell.column for cell in sheet[top(sheet)] if cell.value == header)
    return [sheet.cell(row, number).value for row in range(top(sheet) + 1, sheet.max_row + 1)]


def test_the_sheets_come_in_their_order() -> None:
    assert book().sheetnames == SHEETS


@pytest.mark.parametrize("title", TABLES)
def test_a_sheet_has_its_headers(title: str) -> None:
    sheet = book()[title]
    assert [cell.value for cell in sheet[top(sheet)]] == HEADERS[title].split(" ")


@pytest.mark.parametrize("title", SHEETS)
def test_a_sheet_prints_on_a4_landscape(title: str) -> None:
    setup = book()[title].page_setup
    assert (setup.paperSize, setup.orientation, setup.fitToWidth) == (9, "landscape", PAGES_WIDE.get(title, 1))
    fit = book()[title].sheet_properties.pageSetUpPr
    assert fit is not None
    assert fit.fitToPage


@pytest.mark.parametrize("title", SHEETS)
def test_a_sheet_is_still_readable_on_paper(title: str) -> None:
    sheet = book()[title]
    widths = [sheet.column_dimensions[get_column_letter(n)].width for n in range(1, sheet.max_column + 1)]
    pages = PAGES_WIDE.get(title, 1)
    per_page = (sum(widths) + (pages - 1) * widths[0]) / pages
    assert 9 * min(1, A4_UNITS / per_page) >= SMALLEST_LETTER


@pytest.mark.parametrize("title", sorted(PAGES_WIDE))
def test_each_of_the_pages_that_a_row_takes_names_it(title: str) -> None:
    assert book()[title].print_title_cols == "$A:$A"


@pytest.mark.parametrize("title", TABLES)
def test_a_table_repeats_its_headers_freezes_and_filters_them(title: str) -> None:
    sheet = book()[title]
    line = top(sheet)
    assert sheet.print_title_rows == ("$1:$1" if title == "総括" else f"${line}:${line}")
    assert str(sheet.freeze_panes).endswith(str(line + 1))
    assert str(sheet.auto_filter.ref).startswith(f"A{line}:{get_column_letter(sheet.max_column)}")


@pytest.mark.parametrize("title", ["総括", "管理策別結果", "部門別一覧", "判定基準"])
def test_each_mark_of_a_sheet_has_its_letter_and_its_colour(title: str) -> None:
    cells = [cell for row in book()[title].iter_rows(min_row=top(book()[title]) + 1) for cell in row]
    marks = {(str(cell.value)[0], cell.fill.fgColor.rgb[2:]) for cell in cells if str(cell.value)[:1] in "△×？"}
    assert marks == {("△", "FFE699"), ("×", "F4B0A0"), ("？", "D0CECE")}


@pytest.mark.parametrize("title", [t for t in TABLES if t != "総括"])
def test_a_table_has_no_merged_cells(title: str) -> None:
    assert not book()[title].merged_cells.ranges


def test_only_the_box_for_the_remarks_of_a_person_is_merged() -> None:
    [box] = book()["総括"].merged_cells.ranges
    assert book()["総括"].cell(box.min_row - 1, 1).value == "総合所見(人が記入)"
    assert all(cell.value is None for row in book()["総括"][box.coord] for cell in row)


@pytest.mark.parametrize("title", SHEETS)
def test_each_page_says_which_report_it_belongs_to(title: str) -> None:
    above = book()[title].oddHeader
    assert above is not None
    assert (above.right.text or view().report_id) == "SC-AOBA-20260401-20260930-20261005122011"


def test_the_cover_says_what_it_is_about_and_leaves_room_to_sign() -> None:
    told = {row[1].value: row[2].value for row in book()["表紙"].iter_rows() if row[1].value}
    assert told["会社"] == "株式会社青葉架空商事(AOBA)"
    assert told["対象期間"] == "2026/04/01 〜 2026/09/30"
    assert told["データ基準日時(版)"] == "2026/10/05 12:20:11 JST"
    assert told["判定結果の SHA-256"] == view().digest
    assert told["承認(個人情報保護管理者)"] is None


@pytest.mark.parametrize("mark", ["○ 12", "△ 3", "× 3", "― 3", "？ 3"])
def test_the_cover_counts_each_mark(mark: str) -> None:
    assert mark in {cell.value for row in book()["表紙"].iter_rows() for cell in row}


def test_other_results_have_another_digest() -> None:
    first = view().controls[0]
    other = replace(view(), controls=(replace(first, verdict=Verdict.PASS), *view().controls[1:]))
    assert other.digest != view().digest


def test_the_summary_has_the_measures_and_their_sum() -> None:
    assert column("総括", "管理策数")[:19] == [1, 2, 1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 24]
    assert [column("総括", mark)[18] for mark in "○△×―？"] == [12, 3, 3, 3, 3]


def test_unverified_counts_against_the_score_and_not_applicable_does_not() -> None:
    rates = dict(zip(column("総括", "措置"), column("総括", "適合率"), strict=True))
    assert (rates["ORG-2"], rates["ORG-3"], rates["REG"], rates["合計"]) == ("0%", "100%", "50%", "57%")


def test_the_sum_of_the_summary_stays_below_whatever_is_sorted() -> None:
    assert book()["総括"].auto_filter.ref == "A2:K20"


def test_the_summary_names_the_ten_worst_open_gaps() -> None:
    start = column("総括", "措置").index("管理策ID") + 1
    assert column("総括", "措置")[start : start + 10] == [gap.control for gap in view().gaps[:10]]


def test_the_summary_counts_what_is_still_owed() -> None:
    assert "未了 8 件(うち期限超過 0 件、登録された指摘 12 件中)" in column("総括", "措置")


def test_the_summary_names_the_controls_whose_mark_changed() -> None:
    assert "POL-01 基本方針の策定の点検: ○ → ×" in column("総括", "措置")


def test_without_a_period_before_the_summary_says_so() -> None:
    content = self_check.workbook(self_check_view(made.judged(before=()))).content
    assert "前回の点検がないため、比較できない。" in {
        cell.value for cell in load_workbook(io.BytesIO(content))["総括"]["A"]
    }


def test_without_gaps_the_summary_says_so() -> None:
    told = load_workbook(io.BytesIO(self_check.workbook(replace(view(), gaps=())).content))["総括"]
    assert "未解消のギャップはない。" in {cell.value for cell in told["B"]}


def test_each_control_shows_what_was_measured() -> None:
    assert column("管理策別結果", "管理策ID") == [c.control.id for c in view().controls]
    assert column("管理策別結果", "実測判定") == [c.verdict.mark for c in view().controls]
    assert column("管理策別結果", "母集団(件)") == [c.population if c.counted else "―" for c in view().controls]
    assert set(column("管理策別結果", "母集団の定義")) == {"従業者(雇用・契約関係)"}


def test_what_nobody_counted_is_not_zero() -> None:
    told = dict(zip(column("管理策別結果", "実測判定"), column("管理策別結果", "例外件数"), strict=True))
    assert (told["？"], told["○"]) == ("―", 0)


@pytest.mark.parametrize(
    ("mark", "why"),
    [
        pytest.param("○", "例外なし", id="pass"),
        pytest.param("△", "すべて例外承認済", id="waived"),
        pytest.param("×", "許容範囲を超える", id="fail"),
        pytest.param("―", "外国にある第三者への提供がない", id="not applicable"),
        pytest.param("？", "証跡が古い", id="unverified"),
    ],
)
def test_each_mark_says_why(mark: str, why: str) -> None:
    told = zip(column("管理策別結果", "実測判定"), column("管理策別結果", "所見"), strict=True)
    reasons = [str(reason) for shown, reason in told if shown == mark]
    assert reasons
    assert all(reasons)
    assert any(why in reason for reason in reasons)


def test_a_clause_that_nobody_confirmed_is_printed_as_such() -> None:
    assert str(column("管理策別結果", "根拠(法・GL・JIS)")[0]).endswith("JIS Q 15001 J.4.3(条番号未確認)")


def test_what_concerns_the_company_as_a_whole_has_a_row_of_its_own() -> None:
    assert column("部門別一覧", "部門")[0] == "全社"
    assert column("部門別一覧", "POL")[0] == "×2"


def test_a_department_that_left_the_chart_keeps_its_deviations() -> None:
    told = self_check_view(made.judged(departments=made.DEPARTMENTS[2:]))
    gone = {d.code: d.name for d in told.departments if d.code in ("D100", "D110")}
    assert gone == {"D100": "(組織図にない部門)", "D110": "(組織図にない部門)"}


def test_a_department_without_members_is_blank_but_for_what_is_unverified() -> None:
    row = next(r for r in book()["部門別一覧"].iter_rows(values_only=True) if r[0] == "D310")
    assert set(row[2:]) == {None, "？"}


def test_no_deviation_of_a_control_is_missing_from_the_departments() -> None:
    shown = sum(d.cells["POL"].deviations for d in view().departments)
    assert shown == sum(c.deviations for c in view().controls if c.control.measure == "POL")


def test_each_deviation_leads_to_its_line_in_the_index() -> None:
    assert str(column("例外明細", "証跡(番号・部分・行)")[1]) == "E-0001 Sheet1 1行"
    assert "E-0001" in column("証跡索引", "証跡番号")


def test_a_deviation_says_how_many_more_rows_prove_it() -> None:
    assert str(column("例外明細", "証跡(番号・部分・行)")[5]).endswith("3行\nほか 2 行")


def test_a_waived_deviation_names_its_waiver() -> None:
    told = set(zip(column("例外明細", "管理策ID"), column("例外明細", "例外承認番号"), strict=True))
    assert {waiver for control, waiver in told if control == "REG-51"} == {"WV-2026-002"}


def test_a_finding_is_read_in_words_and_not_in_codes() -> None:
    assert column("指摘・是正処置", "検出元")[:3] == ["自動点検", "自己点検", "監査"]
    assert column("指摘・是正処置", "不適合内容")[1] == "個人データの取扱いに係る規律の整備の点検"


def test_without_findings_the_sheet_says_so() -> None:
    told = load_workbook(io.BytesIO(self_check.workbook(replace(view(), findings=())).content))["指摘・是正処置"]
    assert told["A2"].value == "登録された指摘はない。"


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("部門別一覧", "組織図に部門の登録がない。"),
        ("例外明細", "判定できた管理策に例外はない。？ の管理策 3 件は未確認で、例外の有無が分からない。"),
        ("証跡索引", "判定に用いた証跡はない。"),
    ],
)
def test_an_empty_sheet_says_what_that_means(title: str, said: str) -> None:
    empty = replace(view(), departments=(), deviations=(), evidence=())
    told = load_workbook(io.BytesIO(self_check.workbook(empty).content))[title]
    assert told["A3"].value == said


def test_the_index_lists_every_object() -> None:
    assert len(column("証跡索引", "SHA-256")) == 200


def test_the_criteria_show_each_threshold_with_its_owner() -> None:
    rows = set(book()["判定基準"].iter_rows(values_only=True))
    assert ("HUM-08", "人的安全管理措置の点検", "grace_days", "8", "日", "個人情報保護管理者", None) in rows
    kinds = ("allowed_kinds", "正社員、役員、派遣", "employment kinds", "人事総務部長")
    assert ("HUM-08", "人的安全管理措置の点検", *kinds, None) in rows


def test_the_criteria_show_what_was_changed_and_when_that_was_known() -> None:
    changed = [row[2:] for row in book()["判定基準"].iter_rows(values_only=True) if "PV-2026-001" in str(row[-1])]
    told = "PV-2026-001(承認 2026/04/01、基準 7)。対象期間の後に記録"
    assert changed == [("grace_days", "1", "日", "個人情報保護管理者", told)]


def test_the_criteria_explain_each_mark() -> None:
    assert column("判定基準", "記号・用語・パラメータ")[:5] == ["○", "△", "×", "―", "？"]


def test_a_company_without_a_period_before_has_no_difference() -> None:
    told = self_check_view(made.judged(before=()))
    assert told.total.change is None


def test_a_title_in_both_languages_is_printed_in_japanese() -> None:
    assert view().measures[0].title == Words("基本方針の策定", "POL")
    assert column("総括", "安全管理措置の区分")[0] == "基本方針の策定"
