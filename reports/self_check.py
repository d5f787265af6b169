"""The self-check report 自己点検報告書: a workbook, and one self-contained page (domain.md §3)."""

import re
from collections.abc import Sequence
from datetime import date
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from controls.model import Verdict
from evidence.workbooks import font
from reports import Document, self_check_coverage
from reports.self_check_cover import MARK_WORDS, TITLE, cover_sheet
from reports.self_check_coverage import coverage_sheet
from reports.self_check_findings import finding_value, findings
from reports.self_check_tables import (
    cell_text,
    criteria,
    departments,
    deviations,
    evidence,
    no_deviations,
    proof_text,
    results,
    running_head,
)
from reports.self_check_view import SelfCheckView
from reports.words import basis_text as basis_text
from reports.workbook import GRID, LABEL, MARKS, STRONG, Table, Value, dress, head, put, row_height, saved, table_sheet

TOP_GAPS = 10
# Controls and noncharacters: no page of HTML may hold them.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


def workbook(view: SelfCheckView) -> Document:
    """The workbook of nine sheets, A4 landscape."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    cover_sheet(book, view)
    _summary(book, view)
    for table in (results(view), departments(view)):
        table_sheet(book, table)
    coverage_sheet(book, view)
    for table in (deviations(view), findings(view), evidence(view), criteria(view)):
        table_sheet(book, table)
    name = f"self-check_{view.company}_{view.as_of:%Y%m%d}.xlsx"
    return Document(name, saved(book, view.known_at))


def html_page(view: SelfCheckView) -> Document:
    """One page without any outside asset, readable without colour and without JavaScript."""
    text = (
        _templates()
        .get_template("self_check.html")
        .render(
            view=view,
            title=TITLE,
            words=MARK_WORDS,
            verdicts=list(Verdict),
            top=view.gaps[:TOP_GAPS],
            basis=basis_text,
            cell=cell_text,
            finding=finding_value,
            day=_day,
            changes=changes(view),
            unfinished=unfinished(view),
            no_deviations=no_deviations(view),
            proof=proof_text,
            chart=_chart(view),
            months=self_check_coverage.month_names(view.coverage),
            coverage_chart=self_check_coverage.chart(view),
            coverage_rows=self_check_coverage.page_rows(view),
            legend=self_check_coverage.LEGEND,
            sign_legend=self_check_coverage.SIGN_LEGEND,
        )
    )
    text = _UNSHOWABLE.sub("\ufffd", text)
    return Document(f"self-check_{view.company}_{view.as_of:%Y%m%d}.html", text.encode())


def _summary(book: Workbook, view: SelfCheckView) -> None:
    marks = [verdict.mark for verdict in Verdict]
    headers = ("措置", "安全管理措置の区分", "判定", "管理策数", *marks, "適合率", "前回差(○)")
    rows: list[Sequence[Value]] = [
        (
            m.code,
            m.title.ja,
            m.worst.mark,
            m.total,
            *(m.counts[v] for v in Verdict),
            "―" if m.rate is None else f"{m.rate}%",
            "―" if m.change is None else f"{m.change:+d}",
        )
        for m in (*view.measures, view.total)
    ]
    note = (
        "？(未確認)は適合に数えない。適合率 = ○ ÷ 適用対象(― を除く)。判定は措置のうち最も悪いもの。"
        "前回差の ― は前回の点検なし。"
    )
    widths = {
        "措置": 11,
        "安全管理措置の区分": 78,
        "判定": 8,
        "管理策数": 12,
        "適合率": 9,
        "前回差(○)": 11,
    } | dict.fromkeys(marks, 8)
    centred = set(headers[2:])
    sheet = table_sheet(book, Table("総括", headers, rows, note, widths, centred=centred, running=running_head(view)))
    last = len(rows) + 2
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(headers))}{last - 1}"  # the sum stays where it is
    sheet.print_title_rows = "1:1"  # the gaps on the next page have headers of their own
    for cell in sheet[last]:
        cell.font = STRONG
        if cell.value not in MARKS:
            cell.fill = LABEL
    sheet.row_breaks.append(Break(last))
    _top_gaps(sheet, view, last + 2, [widths[h] for h in headers[:5]])


def _top_gaps(sheet: Worksheet, view: SelfCheckView, line: int, widths: Sequence[int]) -> None:
    """The worst gaps under the measures, what is owed, what changed, and the box for what a person has to say."""
    put(sheet.cell(line, 1), f"主なギャップ(上位 {TOP_GAPS} 件 / 未解消 {len(view.gaps)} 件)").font = font(
        11, bold=True
    )
    head(sheet, line + 1, ("管理策ID", "内容", "危険度", "期限", "部門"), widths)
    rows: list[Sequence[Value]] = [
        (g.control, g.text, g.severity, g.due_on, g.department) for g in view.gaps[:TOP_GAPS]
    ]
    rows = rows or [("", "未解消のギャップはない。", "", None, "")]
    for number, row in enumerate(rows, start=line + 2):
        for column, value in enumerate(row, start=1):
            dress(put(sheet.cell(number, column), value), centred=column > 2)
        sheet.row_dimensions[number].height = row_height(row, widths)
    told = [
        ("未了の是正処置", True),
        (unfinished(view), False),
        ("", False),
        ("重要な変化(前回の判定 → 今回の判定)", True),
        *((text, False) for text in changes(view)),
    ]
    for at, (text, heading) in enumerate(told, start=line + len(rows) + 3):
        put(sheet.cell(at, 1), text).font = font(11, bold=True) if heading else font()
    _remarks(sheet, line + len(rows) + len(told) + 4)


def _remarks(sheet: Worksheet, line: int) -> None:
    """The box for what a person has to say."""
    put(sheet.cell(line, 1), "総合所見(人が記入)").font = font(11, bold=True)
    for column in range(1, 12):
        sheet.cell(line + 1, column).border = GRID
    sheet.merge_cells(start_row=line + 1, start_column=1, end_row=line + 1, end_column=11)  # to write in, no data
    sheet.row_dimensions[line + 1].height = 90


def unfinished(view: SelfCheckView) -> str:
    """How many corrections are still owed, and how many of them are late."""
    late = [f for f in view.unfinished if isinstance(due := f.get("due_on"), date) and due < view.as_of]
    return f"未了 {len(view.unfinished)} 件(うち期限超過 {len(late)} 件、登録された指摘 {len(view.findings)} 件中)"


def changes(view: SelfCheckView) -> list[str]:
    """The controls whose mark is not that of the period before, one a line."""
    if all(line.before is None for line in view.controls):
        return ["前回の点検がないため、比較できない。"]
    told = [
        f"{line.control.id} {line.control.title.ja}: {line.before.mark} → {line.verdict.mark}"
        for line in view.changed
        if line.before
    ]
    return told or ["前回から判定の変わった管理策はない。"]


def _day(value: object) -> str:
    """A day as the report prints it, or nothing."""
    return f"{value:%Y/%m/%d}" if isinstance(value, date) else ""


def _chart(view: SelfCheckView) -> list[tuple[str, str, list[tuple[Verdict, int, int, int]]]]:
    """Bars of the page: each measure's parts as (verdict, count, offset, width), in percent of the widest measure."""
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
    return Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
