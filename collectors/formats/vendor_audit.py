"""The vendor audit sheet (委託先監査チェックリスト): a block of facts about the audit, then its 24 questions.

Rows come out in two records: ``audit`` (one) and ``finding`` (one for each question with a 指摘), so that a profile
can fill ``vendor_audits`` and ``findings`` from one sheet. A finding's id is the audit's with the question's number.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from collectors.formats import End, Layout, Part, Reject, Unreadable, placed
from collectors.formats.workbook import cell_text, sheet_of
from evidence.vault import StoredObject

FACTS = {
    "監査ID": "audit_id",
    "委託先ID": "vendor_id",
    "会社": "company",
    "部門": "department",
    "監査の方法": "method",
    "実施日": "performed_on",
    "監査者": "auditor",
    "監査範囲": "scope",
    "サンプル数": "samples",
}
OPTIONAL_FACTS = frozenset({"会社", "監査範囲"})
QUESTION, ANSWER, FINDING, SEVERITY, DUE, CORRECTED = "設問", "回答", "指摘", "区分", "是正期限", "是正確認"
TABLE = {
    QUESTION: "question",
    ANSWER: "answer",
    FINDING: "finding",
    SEVERITY: "severity",
    DUE: "due_on",
    CORRECTED: "corrected_on",
}
QUESTIONS = 24
ANSWERS = frozenset("○〇△×―－-ー—")
COLUMNS = ("record", *FACTS.values(), "has_scope", *TABLE.values(), "finding_id", "finding_ids")


def read(objects: Sequence[StoredObject], layout: Layout) -> Iterator[Part]:
    """Read one audit from each workbook."""
    for stored in objects:
        yield from _object(stored, layout)


def _object(stored: StoredObject, layout: Layout) -> Iterator[Part]:
    sheet, broken = sheet_of(stored, layout.sheet)
    part = sheet.name
    rows = [(number, [_text(cell) for cell in row]) for number, row in enumerate(sheet.iter_rows(), start=1)]
    top = next((place for place, (_, row) in enumerate(rows) if {QUESTION, ANSWER} <= set(row)), None)
    if top is None:
        raise Unreadable(
            stored, 1, f"no table of questions ({QUESTION}, {ANSWER}); is it the vendor audit sheet?", part
        )
    first, facts = _facts(stored, part, rows[:top])
    header_line, header = rows[top]
    if missing := [name for name in TABLE if name not in header]:
        raise Unreadable(stored, header_line, f"the header has no {', '.join(missing)}", part)
    at = {name: header.index(name) for name in TABLE}
    questions = [(number, row) for number, row in rows[top + 1 :] if row[at[QUESTION]]]
    if len(questions) != QUESTIONS:
        raise Unreadable(stored, header_line, f"{len(questions)} questions, the sheet has {QUESTIONS}", part)
    found: list[tuple[int, dict[str, Any]]] = []
    for place, (number, row) in enumerate(questions, start=1):
        if row[at[ANSWER]] not in ANSWERS or number in broken:
            why = "a cell whose formula has no result" if number in broken else "is not one of ○ △ × ―"
            yield Reject(stored.digest, part, number, None if number in broken else ANSWER, why)
        elif row[at[FINDING]]:
            told = {TABLE[name]: row[column] for name, column in at.items()}
            found.append(
                (number, facts | told | {"record": "finding", "finding_id": f"{facts['audit_id']}-{place:02}"})
            )
    audit = facts | {"record": "audit", "finding_ids": [row["finding_id"] for _, row in found]}
    yield _batch(stored, part, [(first, audit), *found])
    yield End(stored.digest, QUESTIONS)


def _facts(stored: StoredObject, part: str, rows: Sequence[tuple[int, list[str]]]) -> tuple[int, dict[str, Any]]:
    """The block above the questions: the line of the audit's id, and the facts."""
    facts: dict[str, Any] = {}
    first = 1
    for number, row in rows:
        for place, label in enumerate(row):
            if (name := FACTS.get(label)) is None:
                continue
            if name in facts:
                raise Unreadable(stored, number, f"{label} stands twice", part)
            facts[name] = next((cell for cell in row[place + 1 :] if cell), "")
            if FACTS.get(facts[name]):
                facts[name] = ""  # the next label, not a value
            first = number if name == "audit_id" else first
    if missing := [label for label, name in FACTS.items() if not facts.get(name) and label not in OPTIONAL_FACTS]:
        raise Unreadable(stored, 1, f"the block above the questions has no {', '.join(missing)}", part)
    return first, facts | {"has_scope": "true" if facts.get("scope") else "false"}


def _text(cell: Any) -> str:
    return (cell_text(cell) or "").strip()


def _batch(stored: StoredObject, part: str, rows: Sequence[tuple[int, dict[str, Any]]]) -> pa.RecordBatch:
    arrays = {
        name: pa.array(
            [row.get(name) for _, row in rows], pa.list_(pa.string()) if name == "finding_ids" else pa.string()
        )
        for name in COLUMNS
    }
    return placed(stored, part, [line for line, _ in rows], arrays)
