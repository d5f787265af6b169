"""The coverage calendar in the self-check report: a sheet of the workbook, and a chart and a table of the page."""

from collections.abc import Sequence

from openpyxl import Workbook

from evidence.cycles import Span
from reports.coverage import DUE, Counts, CoverageLine, CoverageYear, Mark, added
from reports.self_check_tables import running_head
from reports.self_check_view import SelfCheckView
from reports.workbook import MARKS, Table, Value, table_sheet

TITLE = "点検実施状況"
FREQUENCY = {
    "daily": "毎日",
    "weekly": "毎週",
    "monthly": "毎月",
    "event": "都度(毎月)",
    "quarterly": "四半期",
    "half_yearly": "半期",
    "annual": "年次",
}
LETTERS = {Mark.LATE: "遅", Mark.BACKFILLED: "補", Mark.UNVERIFIED: "未", Mark.MISSED: "欠"}
NOT_DUE = {Mark.OPEN: "期限前", Mark.NOT_APPLICABLE: "対象外", Mark.BEFORE: "導入前"}
SIGNS = {Mark.MISSED: "×", Mark.UNVERIFIED: "？", Mark.LATE: "△", Mark.BACKFILLED: "△"}  # the worst first
KINDS = {"×": "fail", "？": "unverified", "△": "partial"}  # as the page colours them
LEGEND = (
    "期限内に点検した回 / 期限が来た回。遅=期限後に点検、補=期限後に届いた証跡で確認、未=未確認、欠=点検なし。"
    "期限は日次・週次が翌日、その他は期間の締め日。期限前=まだ期限でない、導入前=記録の開始より前、空欄=月内に終わる回なし。"
)
SIGN_LEGEND = "○ すべて期限内、△ 遅れまたは補完あり、？ 未確認あり、× 点検なしの回あり。"
FIXED = ("管理策ID", "点検項目", "頻度")
TOTAL = "年度計"


def month_name(month: Span) -> str:
    """A fiscal month as its column is named."""
    return f"{month.since:%Y/%m}" if month.since.day == 1 else f"{month.since:%m/%d}〜"


def cell_text(counts: Counts) -> str:
    """What one cell of the calendar says; every colour it has is said by a letter too."""
    due = sum(counts.get(one, 0) for one in DUE)
    if not due:
        return next((text for one, text in NOT_DUE.items() if counts.get(one)), "")
    lacking = " ".join(f"{letter}{counts[one]}" for one, letter in LETTERS.items() if counts.get(one))
    return f"{counts.get(Mark.DONE, 0)}/{due}" + (f" {lacking}" if lacking else "")


def sign(counts: Counts) -> str:
    """The mark of a cell: that of the worst of its occurrences; nothing while none was due."""
    worst = next((told for one, told in SIGNS.items() if counts.get(one)), None)
    return worst or ("○" if counts.get(Mark.DONE) else "")


def coverage_sheet(book: Workbook, view: SelfCheckView) -> None:
    """Controls by fiscal months."""
    told = view.coverage
    months = [month_name(month) for month in told.months]
    rows: list[Sequence[Value]] = [
        (line.control, line.title, FREQUENCY[line.frequency], *map(cell_text, _cells(line))) for line in told.lines
    ]
    widths = {"管理策ID": 10, "点検項目": 28, "頻度": 8, **dict.fromkeys(months, 10), TOTAL: 13}
    note = f"年度 {told.year.since:%Y/%m/%d}〜{told.year.as_of:%Y/%m/%d}、{told.known_at:%Y/%m/%d %H:%M} 現在。{LEGEND}"
    headers = (*FIXED, *months, TOTAL)
    sheet = table_sheet(
        book,
        Table(TITLE, headers, rows, note, widths, 2, centred={*months, TOTAL, "頻度"}, running=running_head(view)),
    )
    for number, line in enumerate(told.lines, start=3):  # the note stands above the headers
        for column, counts in enumerate(_cells(line), start=len(FIXED) + 1):
            if fill := MARKS.get(sign(counts)):
                sheet.cell(number, column).fill = fill


def _cells(line: CoverageLine) -> tuple[Counts, ...]:
    return (*line.months, line.total)


def page_rows(view: SelfCheckView) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """The table of the page: each control with its title, its frequency, and of each cell the text and the class."""
    return [
        (line.control, line.title, FREQUENCY[line.frequency],
         [(cell_text(counts), KINDS.get(sign(counts), "")) for counts in _cells(line)])
        for line in view.coverage.lines
    ]  # fmt: skip


def chart(view: SelfCheckView) -> list[tuple[str, list[tuple[str, str]]]]:
    """The grid of the page: each measure with the sign and the count of each fiscal month."""
    told, grid = view.coverage, []
    for measure in view.measures:
        mine = [line.months for line in told.lines if line.measure == measure.code]
        months = [added(line[place] for line in mine) for place in range(len(told.months))]
        grid.append((measure.code, [(sign(counts), _short(counts)) for counts in months]))
    return grid


def _short(counts: Counts) -> str:
    due = sum(counts.get(one, 0) for one in DUE)
    return f"{counts.get(Mark.DONE, 0)}/{due}" if due else cell_text(counts)


def month_names(told: CoverageYear) -> list[str]:
    """The headers of the calendar's months."""
    return [month_name(month) for month in told.months]
