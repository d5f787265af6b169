"""The vendor-audit checklist 委託先監査チェックリスト: handed out as a workbook, and scored when it comes back.

What is asked, what it weighs and what refuses a vendor is data (``checklists/<version>.yaml``); a workbook says which
version it was made from and is scored by that one. An open question scores nothing and is counted; ― leaves the
denominator and says why.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from evidence import datasets, yaml_files
from evidence.datasets import register
from evidence.errors import ConfigError
from evidence.persons import Keys
from evidence.store import Store
from evidence.vault import Vault
from registers import imports
from registers.forms import SPAN, Form, form
from registers.imports import Plan, plan_rows
from registers.reading import Border, Line, Problem, Reading, read
from registers.sheets import Table, cells, saved, workbook
from registers.versions import rows_as_of

FOLDER = Path(__file__).parent / "checklists"
PERCENT = 100
STEP = Decimal("0.0001")
FIXED = ("number", "area", "question", "weight", "knock_out", "points")
WIDE = ("question", "evidence", "finding")
RULES = (
    "「監査の概要」の1行と、設問ごとの回答を記入してください。● は必須です。"
    " / Fill in the one row of 監査の概要 and an answer to each question; ● must be filled in.",
    "△と×には指摘と区分を、―には対象外の理由を「確認した証跡」に記入します。回答のない設問は未回答として数えます。"
    " / △ and × need 指摘 and 区分; ― needs its reason in 確認した証跡. An empty answer counts as open.",
    "点は取込時に計算します。設問と重みは変えないでください。"
    " / 点 is computed on import. Leave the questions and weights as they are.",
)
Answer = Literal["yes", "partly", "no"]
Finding = Literal["major", "minor", "observation", "improvement"]


class Question(BaseModel):
    """One question, what it weighs, and for which tiers a × refuses the vendor."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    number: int
    area: str
    question: str
    weight: Decimal
    knock_out: frozenset[str] = frozenset()


class Checklist(BaseModel):
    """One version of the questions, the points of each answer and the severity of each kind of finding."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: str
    points: dict[Answer, Decimal]
    severities: dict[Finding, Literal["critical", "high", "medium", "low"]]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What the answers come to."""

    percent: Decimal
    open: int
    knock_outs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What a sheet that came back would add to the registers, or every cell that keeps it from doing so."""

    score: Score | None
    plans: tuple[Plan, ...]
    problems: tuple[Problem, ...]


def versions() -> dict[str, Checklist]:
    """Every version of the checklist, oldest first."""
    read_in = (yaml_files.parse(path, Checklist) for path in FOLDER.glob("[0-9]*.yaml"))
    return {told.version: told for told in sorted(read_in, key=lambda told: int(told.version))}


def sheet(store: Store, vendor_id: str) -> bytes:
    """The checklist of a vendor, to be filled in; ConfigError when the register has no such vendor."""
    vendor = _vendors(store).get(vendor_id)
    if vendor is None:
        raise ConfigError(
            f"{vendor_id}: 委託先台帳にありません。登録してから配布してください / is not in the register of vendors; "
            "import it first: `tenken registers import vendors`"
        )
    checklist = list(versions().values())[-1]
    head = {"vendor_id": vendor_id, "vendor_name": vendor["name"], "checklist_version": checklist.version}
    rows = [_asked(question, str(vendor["tier"])) for question in checklist.questions]
    summary, answers = _form("summary"), _form("answers")
    tables = [
        Table(summary, cells(summary, [head]), fixed=tuple(head)),
        Table(answers, cells(answers, rows), FIXED, WIDE),
    ]
    return saved(workbook(tables, RULES))


def plan(store: Store, path: Path, keys: Keys, *, companies: Collection[str], zone: ZoneInfo) -> Result:
    """Read a sheet that came back and score it; what it says holds, as with any import. Nothing has been written yet.

    ConfigError when the file cannot be used at all.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: 読めません / cannot be read: {error.strerror}") from error
    border = Border(keys, zone)
    summary, answers = (read(_form(name), content, path.name, border) for name in ("summary", "answers"))
    vendors, checklists = _vendors(store), versions()
    problems = [*summary.problems, *answers.problems, *_wrong_summary(path.name, summary, vendors, checklists)]
    head = summary.lines[0] if summary.lines else None
    checklist = checklists.get(str(head.values["checklist_version"])) if head else None
    if checklist is not None:
        problems += _wrong_answers(path.name, answers, checklist)
    if problems or head is None or checklist is None:
        return Result(None, (), tuple(problems))
    vendor = vendors[str(head.values["vendor_id"])]
    score = scored(checklist, {int(line.key[0]): line.values for line in answers.lines}, str(vendor["tier"]))
    if score is None:
        told = "すべて対象外(―)では採点できません", "all questions are ―: there is nothing to score"
        return Result(None, (), (_problem(path.name, answers, answers.lines[0], "answer", *told),))
    plans = []
    for name, sheet_of, lines, rows in _rows(checklist, vendor, head, answers, score, summary):
        planned = plan_rows(store, register(name), rows, keys, companies=companies, zone=zone)
        problems += planned.problems
        plans.append(_from_sheet(planned, path.name, content, sheet_of, lines))
    return Result(score, tuple(plans), tuple(problems))


def apply(result: Result, store: Store, vault: Vault, keys: Keys, *, by: str, reason: str) -> int:
    """Write what was planned; the sheet as it came lies in the vault. A sheet that came before adds nothing."""
    return sum(imports.apply(one, store, vault, keys, by=by, reason=reason) for one in result.plans)


def scored(checklist: Checklist, answers: Mapping[int, Mapping[str, Any]], tier: str) -> Score | None:
    """The percent of the points that could be had, cut and never rounded up; None when no question applies."""
    told = {question: answers.get(question.number, {}).get("answer") for question in checklist.questions}
    asked = {question: answer for question, answer in told.items() if answer != "not_applicable"}
    most = sum(question.weight for question in asked) * max(checklist.points.values())
    if not most:
        return None
    reached = sum((_points(checklist, question, answer) for question, answer in asked.items()), Decimal(0))
    return Score(
        (PERCENT * reached / most).quantize(STEP, ROUND_FLOOR),
        sum(answer is None for answer in asked.values()),
        tuple(str(q.number) for q, answer in asked.items() if answer == "no" and tier in q.knock_out),
    )


def _points(checklist: Checklist, question: Question, answer: Any) -> Decimal:
    return question.weight * checklist.points.get(answer, Decimal(0))


def _form(name: str) -> Form:
    """The form of a sheet that is not a register: it has no span."""
    told = form(datasets.read(FOLDER / f"{name}.yaml"))
    return replace(told, fields=tuple(field for field in told.fields if field.name not in SPAN))


def _vendors(store: Store) -> dict[str, dict[str, Any]]:
    return {str(row["vendor_id"]): row for row in rows_as_of(store, register("vendors"))}


def _asked(question: Question, tier: str) -> dict[str, Any]:
    told = question.model_dump(include={"number", "area", "question", "weight"})
    return told | {"knock_out": tier in question.knock_out}


def _wrong_summary(
    file: str, summary: Reading, vendors: Collection[str], checklists: Collection[str]
) -> Iterator[Problem]:
    if len(summary.lines) != 1 and not summary.problems:
        ja, en = "1行だけ記入してください", "must have exactly one row"
        yield Problem(file, summary.sheet, 3, "A", None, ja, en)
    for line in summary.lines:
        if line.values["vendor_id"] not in vendors:
            ja, en = "委託先台帳にありません", "is not in the register of vendors"
            yield _problem(file, summary, line, "vendor_id", ja, en)
        if line.values["checklist_version"] not in checklists:
            known = ", ".join(checklists)
            ja, en = f"知らない版です。既知の版: {known}", f"is no version of the checklist; known: {known}"
            yield _problem(file, summary, line, "checklist_version", ja, en)


def _wrong_answers(file: str, answers: Reading, checklist: Checklist) -> Iterator[Problem]:
    questions = {question.number: question for question in checklist.questions}
    for line in answers.lines:
        question = questions.get(int(line.key[0]))
        if question is None:
            ja, en = "この版にない設問番号です", "is no question of this version"
            yield _problem(file, answers, line, "number", ja, en)
            continue
        for column, ja, en in _wrong(checklist, question, line.values):
            yield _problem(file, answers, line, column, ja, en)


def _wrong(checklist: Checklist, question: Question, told: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name in ("question", "weight"):
        if told[name] != getattr(question, name):
            yield (
                name,
                "配布時の内容から変わっています。元に戻してください",
                "was changed; put back what was handed out",
            )
    answer, finding = told.get("answer"), told.get("finding")
    needed = answer in ("partly", "no")
    if needed and not finding:
        yield "finding", "△・×には指摘を記入してください", "△ and × need a finding"
    if (needed or finding) and not told.get("class"):
        yield "class", "指摘には区分を選んでください", "a finding needs its class"
    if answer == "not_applicable" and not told.get("evidence"):
        yield "evidence", "―には対象外の理由を記入してください", "― needs the reason why it does not apply"
    for name in ("class", "due_on", "corrected_on"):
        if told.get(name) and not finding and not needed:
            yield name, "指摘がない設問では空欄にしてください", "stands beside no finding; leave it empty"
    if told.get("points") not in (None, _points(checklist, question, answer)):
        yield "points", "点は取込時に計算します。空欄にしてください", "is computed on import; leave it empty"


def _problem(file: str, reading: Reading, line: Line, column: str, ja: str, en: str) -> Problem:
    place = next((one for one in reading.places if one.field.name == column), None)
    letters, header = (place.letters, place.field.header) if place else (column, None)
    return Problem(file, reading.sheet or "", line.row, letters, header, ja, en)


def _rows(
    checklist: Checklist, vendor: Mapping[str, Any], head: Line, answers: Reading, score: Score, summary: Reading
) -> Iterator[tuple[str, str | None, Sequence[int], list[dict[str, Any]]]]:
    """For each register, what is told by which sheet and on which of its rows: findings first, others name them."""
    told = head.values
    day = str(told["performed_on"]).replace("-", "")
    audit_id = re.sub(r"\s", "", f"{vendor['vendor_id']}-{day}-{told['method']}")
    whose = {name: vendor[name] for name in ("company", "department", "vendor_id")}
    found = [line for line in answers.lines if line.values.get("finding")]
    findings = [_finding(checklist, audit_id, head, line) | whose for line in found]
    yield "findings", answers.sheet, [line.row for line in found], findings
    audit = {name: told[name] for name in ("method", "performed_on", "auditor_key", "has_scope", "samples")}
    if told.get("next_due_on"):
        audit["next_due_on"] = told["next_due_on"]
    names = {"audit_id": audit_id, "finding_ids": [row["finding_id"] for row in findings]}
    yield "vendor_audits", summary.sheet, [head.row], [audit | names | whose]
    evaluation = {
        "evaluation_id": audit_id,
        "evaluated_on": told["performed_on"],
        "checklist_version": checklist.version,
        "score": score.percent,
        "questions_open": score.open,
        "knock_outs": list(score.knock_outs),
        "necessary_items_only": told["necessary_items_only"],
    }
    yield "vendor_evaluations", summary.sheet, [head.row], [evaluation | whose]


def _finding(checklist: Checklist, audit_id: str, head: Line, line: Line) -> dict[str, Any]:
    """A day that the sheet leaves empty is not handed in: what people wrote in the register since stays."""
    told = line.values
    row = {
        "finding_id": f"{audit_id}-{line.key[0].zfill(2)}",
        "origin": "vendor_audit",
        "severity": checklist.severities[told["class"]],  # type: ignore[index]  # a code of the closed list
        "raised_on": head.values["reported_on"],
        "content": told["finding"],
    }
    if told.get("due_on"):
        row |= {"due_on": told["due_on"], "due_set_on": head.values["reported_on"]}
    return row | ({"completed_on": told["corrected_on"]} if told.get("corrected_on") else {})


def _from_sheet(planned: Plan, file: str, content: bytes, sheet_of: str | None, lines: Sequence[int]) -> Plan:
    """The same plan, its rows leading back to the very sheet that said them."""
    added, changed = (
        tuple(replace(entry, line=lines[entry.line - 1]) for entry in entries)
        for entries in (planned.added, planned.changed)
    )
    return replace(planned, name=file, content=content, sheet=sheet_of, added=added, changed=changed)
