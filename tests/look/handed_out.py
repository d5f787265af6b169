"""The workbooks that the command line hands to people, written by the very verbs that people call."""

import contextlib
import io
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from cli.app import app
from demo import AS_OF, COMPANIES

TEMPLATES = "templates"  # the folder of those of which one page is enough
AUDITED = {
    "監査の方法": "実地",
    "実施日": AS_OF,
    "報告日": AS_OF,
    "監査者": "1001",
    "監査範囲の記載": "はい",
    "サンプル数": 5,
    "必要な項目のみの提供": "はい",
}
RIGHT = {"回答": "○", "確認方法": "書面", "確認した証跡": "規程と記録を閲覧し、最終改定日と承認者を確認した。"}
WRONG = {
    "回答": "×",
    "確認方法": "現地",
    "確認した証跡": "権限の一覧と棚卸の記録を閲覧し、異動者2名の権限が残ることを確認した。",
    "指摘": "棚卸が2年間実施されておらず、異動者の権限が残っている。",
    "区分": "重大な不適合",
    "是正期限": date(2026, 6, 30),
}


def hand_out(home: Path, out: Path) -> None:
    """Write every template, each register that has rows, the starting book, a filled checklist, what changed and the erasures."""
    templates, exports = out / TEMPLATES, out / "exports"
    for folder in (templates, exports):
        folder.mkdir(parents=True, exist_ok=True)
    for one in json.loads(tenken(home, "registers", "list", "--json")):
        name = f"{one['register']}.xlsx"
        tenken(home, "registers", "template", one["register"], "--out", templates / name)
        if one["rows"]:
            tenken(home, "registers", "export", one["register"], "--out", exports / name)
    for company in COMPANIES:
        tenken(home, "report", "erasures", "--company", company, "--month", f"{AS_OF:%Y-%m}", "--out", out)
    days = ("--from", "2000-01-01", "--to", "2100-01-01")
    tenken(home, "registers", "compare", "recipients", *days, "--out", out / "comparison.xlsx")
    whose = ("--company", min(COMPANIES), "--department", "ADM", "--author", "1001", "--owner", "1002")
    tenken(home, "registers", "starting-book", *whose, "--out", out / "starting-book")
    vendors = json.loads(tenken(home, "registers", "show", "vendors", "--json"))
    blank = templates / "checklist.xlsx"
    tenken(home, "registers", "audit-sheet", vendors[0]["vendor_id"], "--out", blank)
    _fill_in(blank, out / "checklist.xlsx")


def tenken(home: Path, *words: object) -> str:
    """What a verb prints; SystemExit when it fails."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        code = app(["--home", str(home), *map(str, words)], standalone_mode=False)
    if code:
        raise SystemExit(f"tenken {' '.join(map(str, words))}: exit code {code}")
    return said.getvalue()


def _fill_in(blank: Path, filled: Path) -> None:
    """Answer as an auditor does: one question fails, all others conform."""
    book = load_workbook(blank)
    summary, answers = book.worksheets[:2]
    _answer(summary, 3, AUDITED)
    for row in range(3, answers.max_row + 1):
        _answer(answers, row, WRONG if row == 14 else RIGHT)
    book.save(filled)


def _answer(sheet: Worksheet, row: int, told: Mapping[str, Any]) -> None:
    places = {str(cell.value).removesuffix(" ●"): number for number, cell in enumerate(sheet[1], start=1)}
    for header, value in told.items():
        sheet.cell(row, places[header], value)
