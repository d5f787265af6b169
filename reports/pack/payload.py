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

from controls.definition import canonical
from controls.model import Assessment, Gap
from controls.population import Population
from controls.record import judgement_row
from evidence.border import leaving
from evidence.datasets import catalogue
from evidence.store.values import LedgerEntry
from reports.pack.contents import Contents, Held
from reports.pack.index import index, matrix
from reports.pack.samples import METHOD, samples
from reports.pack.tables import csv_of

SHOWN = ["subject", "aspect", "occurred_on", "department", "conforms", "members"]  # of a member
APART = ("v", "seq", "at", "kind", "commitments", "sizes", "checksums", "modified", "facts", "files", "digests")
READINGS = "10_config/readings"


@dataclass(frozen=True, slots=True)
class Payload:
    """One file of the pack: its ASCII path under ``data/``, and how to open its bytes."""

    path: str
    open: Callable[[], AbstractContextManager[io.BufferedIOBase]]


def payload(told: Contents) -> Iterator[Payload]:
    """Every file of the pack's payload."""
    yield _file("00_index.xlsx", index(told))
    yield _file("01_scope.md", told.title.encode())
    yield _file("02_control_matrix.xlsx", matrix(told))
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
    for digest, content in sorted(told.readings.items()):
        yield _file(f"{READINGS}/{digest}.json", content)
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
