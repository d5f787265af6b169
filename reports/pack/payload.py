"""What lies under ``data/`` of a pack, in the layout of domain.md §4."""

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from typing import Any

import pyarrow as pa
from openpyxl import Workbook

from controls.definition import canonical
from controls.model import Assessment, Control, Gap
from controls.population import Population
from controls.record import judgement_row
from evidence.border import leaving
from evidence.datasets import catalogue
from evidence.store.values import FetchedObject, LedgerEntry
from evidence.vault import StoredObject
from reports import Document
from reports.pack.samples import METHOD, samples
from reports.pack.tables import csv_of
from reports.self_check import basis_text
from reports.self_check_view import EvidenceLine
from reports.workbook import Table, Value, saved, table_sheet

SHOWN = ["subject", "aspect", "occurred_on", "department", "conforms", "members"]  # of a member
APART = ("v", "seq", "at", "kind", "commitments", "sizes", "checksums", "files", "digests")


@dataclass(frozen=True, slots=True)
class Payload:
    """One file of the pack: its ASCII path under ``data/``, and how to open its bytes."""

    path: str
    open: Callable[[], AbstractContextManager[io.BufferedIOBase]]


@dataclass(frozen=True, slots=True)
class Held:
    """An object that a ledger entry commits to; a raw pack has it at ``file``, or says why it is ``withheld``."""

    fetched: FetchedObject
    stored: StoredObject
    entry: int
    file: str | None
    withheld: str | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything a pack is made of; keys are masked already unless the pack is raw."""

    company: str
    title: str
    known_at: datetime
    controls: Sequence[Control]
    assessments: Sequence[Assessment]
    populations: Mapping[str, Population]
    evidence: Sequence[EvidenceLine]
    objects: Sequence[Held]
    registers: Mapping[str, pa.Table]
    gaps: Sequence[Gap]
    ledger: Sequence[LedgerEntry]
    documents: Sequence[Document]
    settings: Mapping[str, Any]
    masked: Callable[[str], str]  # by what is known at ``known_at``
    masked_at: Callable[[datetime], Callable[[str], str]]  # by what was known when a control was judged


def payload(told: Contents) -> Iterator[Payload]:
    """Every file of the pack's payload."""
    yield _file("00_index.xlsx", _index(told))
    yield _file("01_scope.md", told.title.encode())
    yield _file("02_control_matrix.xlsx", _matrix(told))
    for assessment in told.assessments:
        yield from judged_files(assessment, told.populations[assessment.control], told.masked_at(assessment.known_at))
    for control in told.controls:
        if control.id in told.populations:
            yield _file(f"04_populations/{control.id}.sql", control.test.encode())
            yield _file(f"10_config/controls/{control.id}.json", canonical(control))
    yield _file("05_samples/method.md", METHOD.encode())
    yield _file(
        "05_samples/samples.csv", csv_of(samples(told.controls, told.assessments, told.populations), told.masked)
    )
    for held in told.objects:
        if held.file:
            yield Payload(held.file, held.stored.open)
    yield from register_files(told.registers, told.masked)
    yield _file("09_findings/gaps.csv", _gaps(told.gaps, told.masked))
    yield from _config(told)
    yield _file("11_custody/custody.csv", _custody(told.ledger))
    yield _file("11_custody/objects.jsonl", _objects(told.objects))
    for document in told.documents:
        yield _file(f"12_reports/{document.name}", document.content)


def judged_files(assessment: Assessment, members: Population, masked: Callable[[str], str]) -> Iterator[Payload]:
    """What was judged of one control. The ledger's entry of the judgement has the digests of these files."""
    body = judgement_row(assessment).body
    yield _file(f"03_results/{assessment.control}.json", _json(_masked(body, masked)))
    yield _file(f"04_populations/{assessment.control}.csv", csv_of(members.rows.select(SHOWN), masked))


def register_files(registers: Mapping[str, pa.Table], masked: Callable[[str], str]) -> Iterator[Payload]:
    """The registers that were judged by. The ledger's entry of the judgement has the digests of these files."""
    for name, rows in registers.items():
        folder = {"attestations": "08_attestations", "findings": "09_findings"}.get(name, "07_registers")
        columns = {column.name: leaving(masked, column) for column in catalogue()[name].all_columns}
        yield _file(f"{folder}/{name}.csv", csv_of(rows, masked, columns))


def digests(files: Iterable[Payload]) -> dict[str, str]:
    """The SHA-256 of each file, by its path."""
    told = {}
    for one in files:
        with one.open() as content:
            told[one.path] = hashlib.file_digest(content, "sha256").hexdigest()
    return told


def _file(path: str, content: bytes) -> Payload:
    return Payload(path, lambda: io.BytesIO(content))


def _index(told: Contents) -> bytes:
    """The evidence behind the verdicts; the ledger's entry says who collected it, and what reader read it."""
    headers = (
        "証跡番号", "管理策ID", "証跡名", "種類", "会社", "取得元", "取得方法", "取得者", "取得日時", "元ファイル日時",
        "バイト数", "件数", "SHA-256", "台帳番号", "変換(読取)", "完全性確認", "保管場所",
    )  # fmt: skip
    held_as = {held.fetched.digest: held for held in told.objects}
    actors = [json.loads(entry.leaf).get("actor") for entry in told.ledger]
    rows: list[Sequence[Value]] = []
    for e in told.evidence:
        held = held_as.get(e.sha256)  # None: it was collected after the last checkpoint
        by, entry = (actors[held.entry], held.entry) if held else (None, None)
        place = (held and held.file) or "社内保管庫(原本)"
        rows.append(
            (e.number, e.controls, e.name, e.kind, told.company, e.origin, e.how, by, e.fetched_at, e.modified_at,
             e.size, e.rows, e.sha256, entry, e.reader, e.complete, place)
        )  # fmt: skip
    return _book(Table("証跡索引", headers, rows, widths={"SHA-256": 36, "管理策ID": 24}), told.known_at)


def _matrix(told: Contents) -> bytes:
    verdicts = {a.control: a for a in told.assessments}
    headers = (
        "管理策ID", "措置", "管理策", "法令・指針・JIS", "証跡番号", "母集団", "例外", "判定", "理由", "定義のSHA-256",
    )  # fmt: skip
    rows: list[Sequence[Value]] = []
    for control in told.controls:
        if (judged := verdicts.get(control.id)) is None:
            continue
        numbers = [line.number for line in told.evidence if control.id in line.controls]
        rows.append(
            (
                control.id,
                control.measure,
                control.title.ja,
                [basis_text(b) for b in control.basis],
                numbers,
                judged.population,
                len(judged.deviations),
                judged.verdict.mark,
                judged.reason,
                judged.control_digest,
            )
        )
    return _book(Table("管理策対応表", headers, rows, widths={"定義のSHA-256": 36, "証跡番号": 30}), told.known_at)


def _book(table: Table, at: datetime) -> bytes:
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    table_sheet(book, table)
    return saved(book, at)


def _gaps(gaps: Sequence[Gap], masked: Callable[[str], str]) -> bytes:
    texts = ("control", "company", "subject", "aspect", "about", "state", "severity", "department")
    columns = {name: pa.array([getattr(gap, name) for gap in gaps], pa.string()) for name in texts}
    days = {name: pa.array([getattr(gap, name) for gap in gaps], pa.date32()) for name in ("opened_on", "due_on")}
    messages = pa.array([gap.message.ja if gap.message else None for gap in gaps], pa.string())
    return csv_of(pa.table({**columns, **days, "message": messages}), masked)


def _config(told: Contents) -> Iterator[Payload]:
    for file in sorted(files("controls").joinpath("catalogue").iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yaml"):
            yield _file(f"10_config/catalogue/{file.name}", file.read_bytes())
    for dataset in sorted(files("evidence").joinpath("datasets").iterdir(), key=lambda one: one.name):
        if dataset.name.endswith(".yaml"):
            yield _file(f"10_config/datasets/{dataset.name}", dataset.read_bytes())
    yield _file("10_config/settings.json", _json(_masked(told.settings, told.masked)))
    parameters = {a.control: dict(a.parameters) for a in told.assessments}
    yield _file("10_config/parameters.json", _json(parameters))


def _custody(ledger: Sequence[LedgerEntry]) -> bytes:
    """The ledger to be read by people, without its long lists; verify.py has the same ``APART``."""
    leaves = [json.loads(entry.leaf) for entry in ledger]
    told = {name: [leaf[name] for leaf in leaves] for name in ("seq", "at", "kind")}
    told["what"] = [
        json.dumps({k: v for k, v in leaf.items() if k not in APART}, ensure_ascii=False) for leaf in leaves
    ]
    return csv_of(pa.table({**told, "leaf_hash": [entry.leaf_hash.hex() for entry in ledger]}), str)


def _objects(objects: Iterable[Held]) -> bytes:
    """What opens the commitments of the ledger; where each object came from stands in the entry that commits to it."""
    lines = []
    for held in sorted(objects, key=lambda one: (one.fetched.digest, one.fetched.salt)):
        told = {"sha256": held.fetched.digest, "salt": held.fetched.salt, "entry": held.entry}
        if held.file:
            told["file"] = f"data/{held.file}"
        if held.withheld:
            told["withheld"] = held.withheld
        lines.append(json.dumps(told, sort_keys=True, ensure_ascii=True) + "\n")
    return "".join(lines).encode()


def _masked(value: Any, masked: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {key: _masked(one, masked) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(one, masked) for one in value]
    return value


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=_plain) + "\n").encode()


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
