"""The vendor audit sheet: one audit, and a finding for each question that has one."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.formats import Layout, Unreadable
from tests.collectors.formats.test_workbook import workbook
from tests.collectors.objects import stored, strictly, told

SHEET = Layout("vendor_audit")
FACTS: list[list[Any]] = [
    ["委託先監査チェックリスト"],
    ["監査ID", "VA-01", None, "委託先ID", "V-010"],
    ["会社", "AOI"],
    ["部門", "AOI-SYS"],
    ["監査の方法", "実地"],
    ["実施日", date(2026, 2, 3)],
    ["監査者", "W-0042"],
    ["監査範囲", "受託業務のすべて"],
    ["サンプル数", 12],
]
HEADER = ["番号", "設問", "回答", "指摘", "区分", "是正期限", "是正確認"]


def sheet(questions: list[list[Any]] | None = None, facts: list[list[Any]] | None = None) -> bytes:
    """An audit sheet; question 3 has a finding unless questions are given."""
    asked = questions if questions is not None else [[n, f"設問{n}", "○"] for n in range(1, 25)]
    if questions is None:
        asked[2] = [3, "事故連絡網", "×", "連絡網がない", "高", date(2026, 3, 31), None]
    return workbook([*(FACTS if facts is None else facts), [], HEADER, *asked])


def test_an_audit_and_its_findings_come_out() -> None:
    read = strictly([stored(sheet())], SHEET)
    audit, finding = read.rows
    assert (audit["record"], audit["audit_id"], audit["vendor_id"], audit["samples"]) == (
        "audit",
        "VA-01",
        "V-010",
        "12",
    )
    assert (audit["performed_on"], audit["has_scope"], audit["finding_ids"]) == ("2026-02-03", "true", ["VA-01-03"])
    assert (finding["finding_id"], finding["severity"], finding["due_on"]) == ("VA-01-03", "高", "2026-03-31")
    assert read.lines == [2, 14]


def test_an_audit_without_a_scope_says_so() -> None:
    facts = [row for row in FACTS if row[0] != "監査範囲"]
    assert strictly([stored(sheet(facts=facts))], SHEET).rows[0]["has_scope"] == "false"


@pytest.mark.parametrize(
    ("facts", "count", "why"),
    [
        pytest.param([row for row in FACTS if row[0] != "監査者"], 24, "has no 監査者", id="no auditor"),
        pytest.param([*FACTS, ["監査者", "W-1"]], 24, "監査者 stands twice", id="two auditors"),
        pytest.param(FACTS, 23, "23 questions, the sheet has 24", id="a question short"),
    ],
)
def test_a_sheet_that_is_not_whole_is_refused(facts: list[list[Any]], count: int, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        strictly([stored(sheet([[n, "設問", "○"] for n in range(count)], facts))], SHEET)


def test_a_workbook_of_something_else_is_refused() -> None:
    with pytest.raises(Unreadable, match="no table of questions"):
        strictly([stored(workbook([("a", "b")]))], SHEET)


def test_an_unanswered_question_is_a_reject_by_line() -> None:
    questions = [[n, "設問", "○" if n != 5 else None] for n in range(1, 25)]
    assert [(r.line, r.column) for r in told([stored(sheet(questions))], SHEET).rejects] == [(16, "回答")]


@given(st.binary())
def test_any_bytes_are_refused_by_name(content: bytes) -> None:
    with pytest.raises(Unreadable, match=r"^object "):
        strictly([stored(content)], SHEET)
