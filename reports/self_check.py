"""The self-check report 自己点検報告書: a workbook, and one self-contained page (domain.md §3)."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from controls.model import About, Basis, Verdict
from reports import Document
from reports.self_check_view import FULL_WIDTH_SEVERITY, DepartmentCell, SelfCheckView
from reports.workbook import FONT, GRID, Table, Value, dress, page, put, saved, table_sheet

TITLE = "個人情報保護 自己点検報告書"
ABOUT = {"state": "状態", "event": "事象"}
STAMPS = ("作成(点検者)", "確認(部門管理者)", "承認(個人情報保護管理者)", "受領(監査責任者)", "報告(代表者)")
MARK_WORDS = {
    Verdict.PASS: "適合",
    Verdict.PARTIAL: "一部不適合(例外承認または許容範囲内)",
    Verdict.FAIL: "不適合",
    Verdict.NOT_APPLICABLE: "対象外",
    Verdict.UNVERIFIED: "未確認(証跡なし・期限切れ・不完全)",
}
TOP_GAPS = 10


def workbook(view: SelfCheckView) -> Document:
    """The workbook of eight sheets, A4 landscape."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    _cover(book, view)
    _summary(book, view)
    for table in (_results(view), _departments(view), _deviations(view), _findings(view), _evidence(view), _criteria(view)):
        table_sheet(book, table)
    name = f"self-check_{view.company}_{view.as_of:%Y%m%d}.xlsx"
    return Document(name, saved(book, view.known_at))


def html_page(view: SelfCheckView) -> Document:
    """One page without any outside asset, readable without colour and without JavaScript."""
    text = _templates().get_template("self_check.html").render(
        view=view, title=TITLE, words=MARK_WORDS, verdicts=list(Verdict), top=view.gaps[:TOP_GAPS], basis=basis_text,
        cell=_cell, chart=_chart(view),
    )  # fmt: skip
    return Document(f"self-check_{view.company}_{view.as_of:%Y%m%d}.html", text.encode())


def _cover(book: Workbook, view: SelfCheckView) -> None:
    sheet: Worksheet = book.create_sheet("表紙")
    put(sheet["B2"], TITLE).font = Font(name=FONT, size=22, bold=True)
    lines: list[tuple[str, Value]] = [
        ("会社", f"{view.company_name}({view.company})"),
        ("対象期間", f"{view.since:%Y/%m/%d} 〜 {view.as_of:%Y/%m/%d}"),
        ("点検日", view.as_of),
        ("データ基準日時", f"{view.known_at:%Y/%m/%d %H:%M:%S %Z}"),
        ("報告書ID", view.report_id),
        ("判定エンジン", view.engine),
        ("対象管理策", f"{len(view.controls)} 件(うち 不適合 {view.count(Verdict.FAIL)}、未確認 {view.count(Verdict.UNVERIFIED)})"),
    ]
    for row, (name, value) in enumerate(lines, start=4):
        put(sheet.cell(row, 2), name).font = Font(name=FONT, size=11, bold=True)
        put(sheet.cell(row, 3), value).font = Font(name=FONT, size=11)
        sheet.cell(row, 3).alignment = Alignment(horizontal="left")
    top = len(lines) + 6
    put(sheet.cell(top - 1, 2), "承認欄").font = Font(name=FONT, size=11, bold=True)
    for column, header in enumerate(("区分", "氏名", "役職", "日時", "電子承認ID・印"), start=2):
        head = put(sheet.cell(top, column), header)
        head.font, head.border = Font(name=FONT, size=10, bold=True), GRID
        head.alignment = Alignment(horizontal="center")
    for row, who in enumerate(STAMPS, start=top + 1):
        sheet.row_dimensions[row].height = 36
        for column in range(2, 7):
            dress(put(sheet.cell(row, column), who if column == 2 else None))
    for letter, width in zip("ABCDEF", (3, 30, 44, 22, 22, 26), strict=True):
        sheet.column_dimensions[letter].width = width
    page(sheet)


def _summary(book: Workbook, view: SelfCheckView) -> None:
    rows: list[Sequence[Value]] = [
        (
            m.code, m.title.ja, m.worst.mark, m.total, m.counts[Verdict.PASS], m.counts[Verdict.PARTIAL],
            m.counts[Verdict.FAIL], m.counts[Verdict.NOT_APPLICABLE], m.counts[Verdict.UNVERIFIED],
            "―" if m.rate is None else f"{m.rate}%", _change(m.before, m.counts),
        )
        for m in view.measures
    ]  # fmt: skip
    rows.append(
        ("合計", "", "", len(view.controls), *(view.count(v) for v in (Verdict.PASS, Verdict.PARTIAL, Verdict.FAIL)),
         view.count(Verdict.NOT_APPLICABLE), view.count(Verdict.UNVERIFIED), "", "")
    )  # fmt: skip
    headers = ("措置", "安全管理措置の区分", "判定", "管理策数", "○", "△", "×", "―", "？", "適合率", "前回差(○)")
    note = "？(未確認)は適合に数えない。適合率 = ○ ÷ 適用対象。"
    sheet = table_sheet(book, Table("総括", headers, rows, note=note, widths={"安全管理措置の区分": 34, "判定": 8}))
    row = len(rows) + 5
    put(sheet.cell(row - 1, 1), f"主なギャップ(上位 {TOP_GAPS} 件 / 未解消 {len(view.gaps)} 件)").font = Font(name=FONT, size=11, bold=True)
    for gap in view.gaps[:TOP_GAPS]:
        dress(put(sheet.cell(row, 1), gap.control))
        dress(put(sheet.cell(row, 2), f"【{gap.severity}】{gap.text}"))
        sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=9)
        dress(put(sheet.cell(row, 10), "期限"))
        dress(put(sheet.cell(row, 11), gap.due_on))
        sheet.row_dimensions[row].height = 26
        row += 1
    put(sheet.cell(row + 1, 1), "総合所見(人が記入)").font = Font(name=FONT, size=11, bold=True)
    sheet.row_dimensions[row + 2].height = 80
    sheet.merge_cells(start_row=row + 2, start_column=1, end_row=row + 2, end_column=11)
    sheet.cell(row + 2, 1).border = GRID
    sheet.column_dimensions["A"].width = 12


def _results(view: SelfCheckView) -> Table:
    headers = (
        "管理策ID", "措置", "点検項目", "根拠", "対象", "点検方法", "対象期間", "母集団(件)", "例外(件)", "うち承認済", "実測判定",
        "申告判定", "最終判定", "所見", "証跡番号", "指摘番号", "母集団ハッシュ",
    )  # fmt: skip
    rows: list[Sequence[Value]] = [
        (
            line.control.id, line.control.measure, f"{line.control.title.ja}\n{line.control.requires.ja}",
            "、".join(basis_text(b) for b in line.control.basis), _about(line.control.about.values()),
            "自動＋人の確認" if line.control.attest else "自動", f"{view.since:%Y/%m/%d}〜{view.as_of:%Y/%m/%d}", line.population,
            line.deviations, line.waived, line.verdict.mark, None, None, line.reason, _numbers(line.evidence),
            "、".join(line.findings), line.population_digest,
        )
        for line in view.controls
    ]  # fmt: skip
    widths = {"点検項目": 44, "根拠": 22, "所見": 40, "証跡番号": 18, "母集団ハッシュ": 20, "対象期間": 13, "点検方法": 10, "措置": 8}
    return Table("管理策別結果", headers, rows, widths=widths, note="全件を機械で判定(サンプリングなし)。最終判定は点検者が記入する。")


def _departments(view: SelfCheckView) -> Table:
    headers = ("部門", "部門名", *(m.code for m in view.measures))
    rows = [(d.code, d.name, *(_cell(d.cells[m.code]) for m in view.measures)) for d in view.departments]
    note = "○ 例外なし / △n 例外承認済 n 件 / ×n 例外 n 件 / ？ 未確認 / 空欄 対象の構成員なし"
    return Table("部門別一覧", headers, rows, note=note, widths={m.code: 8 for m in view.measures}, frozen_columns=2)


def _deviations(view: SelfCheckView) -> Table:
    headers = ("管理策ID", "対象キー(仮名化)", "区分", "部門", "発生日", "内容", "危険度", "例外承認番号", "処置状況", "証跡(原本:部分:行)", "証跡行数")
    rows: list[Sequence[Value]] = [
        (
            d.control, d.subject, d.aspect, d.department, d.occurred_on, d.text, d.severity, d.waiver, d.state,
            "\n".join(_short(ref) for ref in d.proof[:3]), d.proof_total,
        )
        for d in view.deviations
    ]  # fmt: skip
    widths = {"内容": 56, "対象キー(仮名化)": 24, "証跡(原本:部分:行)": 34, "危険度": 8, "区分": 16}
    return Table("例外明細", headers, rows, widths=widths, note="氏名・個人データの値は記載しない。キーは社内システムでのみ解決できる。")


def _findings(view: SelfCheckView) -> Table:
    headers = (
        "指摘番号", "検出日", "検出元", "部門", "管理策ID", "区分", "原因", "是正内容", "担当者", "期限", "完了日", "有効性確認者",
        "有効性確認日", "有効", "完了(クローズ)",
    )  # fmt: skip
    names = (
        "finding_id", "raised_on", "origin", "department", "control_id", "severity", "cause", "correction", "owner_key",
        "due_on", "completed_on", "verified_by", "verified_on", "effective", "closed_on",
    )  # fmt: skip
    rows = [tuple(_finding_value(name, finding.get(name)) for name in names) for finding in view.findings]
    return Table("指摘・是正処置", headers, rows, widths={"原因": 30, "是正内容": 30})


def _finding_value(name: str, value: object) -> Value:
    if name == "severity":
        return FULL_WIDTH_SEVERITY.get(str(value), str(value))
    return value  # type: ignore[return-value]


def _evidence(view: SelfCheckView) -> Table:
    headers = (
        "証跡番号", "管理策ID", "証跡名", "種類", "取得元", "取得方法", "取得日時", "元ファイル日時", "バイト数", "件数", "SHA-256",
        "読取(形式)", "完全性確認",
    )  # fmt: skip
    rows: list[Sequence[Value]] = [
        (
            e.number, e.controls, e.name, e.kind, e.origin, e.how, e.fetched_at, e.modified_at, e.size, e.rows, e.sha256, e.reader,
            e.complete,
        )
        for e in view.evidence
    ]  # fmt: skip
    widths = {"管理策ID": 24, "取得元": 34, "SHA-256": 36, "完全性確認": 26}
    return Table("証跡索引", headers, rows, widths=widths)


def _criteria(view: SelfCheckView) -> Table:
    rows: list[Sequence[Value]] = [("記号", verdict.mark, MARK_WORDS[verdict], "", "") for verdict in Verdict]
    rows += [
        ("判定規則", "重大", "例外が 1 件でもあれば ×", "", ""),
        ("判定規則", "その他", "例外率が許容範囲(既定 5%)以内なら △、超えれば ×。すべて例外承認済なら △", "", ""),
    ]
    for line in view.controls:
        for p in line.control.parameters:
            value = list(p.value) if isinstance(p.value, tuple) else p.value
            rows.append((line.control.id, p.name, value if isinstance(value, list) else str(value), p.unit, p.owner))
    headers = ("管理策ID・区分", "記号・パラメータ", "意味・値", "単位", "所管")
    return Table("判定基準", headers, rows, widths={"意味・値": 60})


def _about(abouts: Iterable[About]) -> str:
    kinds = sorted({about.value for about in abouts})
    return "・".join(ABOUT[kind] for kind in kinds)


def basis_text(basis: Basis) -> str:
    """A legal ground as the reports print it; a clause nobody has confirmed says so."""
    return f"{basis.name} {basis.article}" + ("" if basis.verified else "(条番号未確認)")


def _cell(cell: DepartmentCell) -> str:
    if cell.verdict is None:
        return ""
    return cell.verdict.mark + (str(cell.deviations) if cell.deviations else "")


def _numbers(numbers: Sequence[str]) -> str:
    """Evidence numbers of one control; runs of more than six are cut, the index has them all."""
    return "、".join(numbers[:6]) + (f" ほか{len(numbers) - 6}件" if len(numbers) > 6 else "")


def _short(row_ref: str) -> str:
    digest, _, rest = row_ref.partition(":")
    return f"{digest[:12]}…:{rest}"


def _change(before: Mapping[Verdict, int], now: Mapping[Verdict, int]) -> str:
    return f"{now[Verdict.PASS] - before[Verdict.PASS]:+d}" if sum(before.values()) else "―"


def _chart(view: SelfCheckView) -> list[tuple[str, str, list[tuple[Verdict, int, int, int]]]]:
    """Bars of the page: for each measure its parts as (verdict, count, offset, width) in percent of the widest measure."""
    widest = max((m.total for m in view.measures), default=1) or 1
    bars = []
    for m in view.measures:
        parts, at = [], 0
        for verdict in Verdict:
            wide = 100 * m.counts[verdict] // widest
            if m.counts[verdict]:
                parts.append((verdict, m.counts[verdict], at, wide))
                at += wide
        bars.append((m.code, m.title.ja, parts))
    return bars


@cache
def _templates() -> Environment:
    return Environment(loader=PackageLoader("reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
