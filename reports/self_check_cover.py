"""The cover of the self-check report: what it is about, what came out, and who signs for it (domain.md §3)."""

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Side
from openpyxl.worksheet.worksheet import Worksheet

from controls.model import Verdict
from evidence.workbooks import font
from reports.self_check_view import SelfCheckView
from reports.workbook import GRID, HEAD, HEADER, LABEL, MARKS, NAVY, Value, page, put

TITLE = "個人情報保護 自己点検報告書"
STAMPS = ("作成(点検者)", "確認(部門管理者)", "承認(個人情報保護管理者)", "受領(監査責任者)", "報告(代表者)")
MARK_WORDS = {
    Verdict.PASS: "適合",
    Verdict.PARTIAL: "一部不適合(例外承認または許容範囲内)",
    Verdict.FAIL: "不適合",
    Verdict.NOT_APPLICABLE: "対象外",
    Verdict.UNVERIFIED: "未確認(証跡なし・期限切れ・不完全)",
}
COLUMNS = "BCDEF"  # the cover is five columns wide, one a mark
WIDTHS = (2, 27, 27, 27, 27, 27)
MIDDLE = Alignment(vertical="center", horizontal="left", wrap_text=True, indent=1)
CENTRE = Alignment(vertical="center", horizontal="center", wrap_text=True)


def cover_sheet(book: Workbook, view: SelfCheckView) -> None:
    """One page: title, facts, the count of each mark, the boxes of approval."""
    sheet: Worksheet = book.create_sheet("表紙")
    for letter, width in zip("ABCDEF", WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    put(sheet["B2"], TITLE).font = font(24, bold=True, color=NAVY)
    sheet.row_dimensions[2].height = 44
    for letter in COLUMNS:
        sheet[f"{letter}2"].border = Border(bottom=Side(style="thick", color=NAVY))
    line = _facts(sheet, view, 4)
    line = _marks(sheet, view, line + 1)
    _approvals(sheet, line + 1)
    sheet.sheet_view.showGridLines = False
    page(sheet)
    sheet.page_setup.fitToHeight = 1


def _facts(sheet: Worksheet, view: SelfCheckView, line: int) -> int:
    """What the report is about, a line each; where the next block begins."""
    facts: list[tuple[str, Value]] = [
        ("会社", f"{view.company_name}({view.company})"),
        ("部門", f"全部門({len(view.departments)} 行、部門別一覧のとおり)" if view.departments else "部門の登録なし"),
        ("対象期間", f"{view.since:%Y/%m/%d} 〜 {view.as_of:%Y/%m/%d}"),
        ("点検日", view.as_of),
        ("データ基準日時(版)", f"{view.known_at:%Y/%m/%d %H:%M:%S %Z}"),
        ("報告書ID", view.report_id),
        ("判定エンジン", view.engine),
        ("判定結果の SHA-256", view.digest),
    ]
    for row, (name, value) in enumerate(facts, start=line):
        label = put(sheet.cell(row, 2), name)
        label.font, label.fill, label.alignment = font(10, bold=True), LABEL, MIDDLE
        told = put(sheet.cell(row, 3), value)
        told.font = font(10)
        # Not wrapped: a long text runs on over the empty cells to its right.
        told.alignment = Alignment(vertical="center", horizontal="left", indent=1)
        for letter in COLUMNS:
            sheet[f"{letter}{row}"].border = Border(top=GRID.top, bottom=GRID.bottom)
        sheet.row_dimensions[row].height = 21
    return line + len(facts)


def _marks(sheet: Worksheet, view: SelfCheckView, line: int) -> int:
    """How many controls have each mark; where the next block begins."""
    gaps = f"点検結果(管理策 {len(view.controls)} 件、未解消のギャップ {len(view.gaps)} 件)"
    put(sheet.cell(line, 2), gaps).font = font(11, bold=True, color=NAVY)
    for column, verdict in enumerate(Verdict, start=2):
        count = put(sheet.cell(line + 1, column), f"{verdict.mark} {view.count(verdict)}")
        count.font = font(20, bold=True)
        word = put(sheet.cell(line + 2, column), MARK_WORDS[verdict])
        word.font = font(9)
        for cell in (count, word):
            cell.alignment = CENTRE
            if fill := MARKS[verdict.mark]:
                cell.fill = fill
        count.border = Border(left=GRID.left, right=GRID.right, top=GRID.top)
        word.border = Border(left=GRID.left, right=GRID.right, bottom=GRID.bottom)
    sheet.row_dimensions[line].height = 22
    sheet.row_dimensions[line + 1].height = 38
    sheet.row_dimensions[line + 2].height = 30
    return line + 3


def _approvals(sheet: Worksheet, line: int) -> None:
    """Who made, checked, approved, received and reported: left blank for the hand or the stamp."""
    put(sheet.cell(line, 2), "承認欄").font = font(11, bold=True, color=NAVY)
    sheet.row_dimensions[line].height = 22
    for column, header in enumerate(("区分", "氏名", "役職", "日時", "電子承認ID・印"), start=2):
        head = put(sheet.cell(line + 1, column), header)
        head.font, head.fill, head.border, head.alignment = HEADER, HEAD, GRID, CENTRE
    sheet.row_dimensions[line + 1].height = 20
    for row, who in enumerate(STAMPS, start=line + 2):
        sheet.row_dimensions[row].height = 32
        for column in range(2, 7):
            cell = put(sheet.cell(row, column), who if column == 2 else None)
            cell.border, cell.alignment, cell.font = GRID, MIDDLE, font(10, bold=column == 2)
