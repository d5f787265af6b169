"""Homes to break: a dozen local sources, and a checker that shares no code with what it checks."""

import base64
import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow.parquet as pq
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import create_engine, text

from evidence import settings
from evidence.datasets import catalogue
from evidence.facts.window import Window
from evidence.period import Period
from house import House, create, day, furnish, open_house

ROOT = Path(__file__).parents[2]
DAY = date(2026, 3, 2)
MOMENT = 1_772_420_400  # 2026-03-02 12:00 in Tokyo
LOGS, FILES, ROWS = 8, 20, 12
LONGEST_CELL = 100_000
FRAME = (1 << 20) + 16  # of a sealed object
DATASETS = ("access_events", "workers", "accounts", "devices", "training")
Ask = Callable[..., list[tuple[Any, ...]]]
ONE_AT_A_TIME = Lock()  # alembic keeps what it works on in a global
OURS = ("run_id", "recorded_at", "known_since_at", "entered_at")  # what differs from collection to collection


def make(home: Path) -> Path:
    """A home whose sources were never collected."""
    create(home, "架空グループ", [("AOI", "株式会社葵")])
    for number in range(1, LOGS + 1):
        _source(home, f"log{number}", "access_events", "*.jsonl", {"kind": "json_lines"})
        for file in range(FILES):
            lines = (
                {"event_key": "", "system_id": f"S{number}", "account_key": f"user{row}", "action": "read", "result": "ok", "target": f"T{file}",
                 "occurred_at": f"2026-03-0{1 + row % 2}T{file % 24:02}:{row:02}:{number:02}+09:00"}
                for row in range(ROWS)
            )  # fmt: skip
            _put(home, f"log{number}/{file:03}.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    many = range(300)
    _table(home, "roster", "workers", [
        {"department": "営業部", "engagement_key": f"W{n}", "person_key": f"W{n}", "kind": "正社員", "hired_on": "2020-04-01",
         "handles_personal_data": "yes", "pledge_held_by_agency": "no", "has_account": "yes"} for n in many
    ])  # fmt: skip
    _table(home, "ids", "accounts", [
        {"account_id": f"user{n}", "system_id": "S1", "kind": "personal", "enabled": "yes"} for n in many
    ])  # fmt: skip
    _table(home, "media", "devices", [
        {"department": "営業部", "device_id": f"D{n}", "kind": "media", "portable": "yes", "status": "stored",
         "encryption": "on", "approved_model": "yes"} for n in many
    ])  # fmt: skip
    _table(home, "lms", "training", [
        {"department": "営業部", "person_key": f"W{n}", "course": "PI", "content_version": "1", "kind": "annual",
         "completed_on": "2026-02-01", "passed": "yes", "method": "e_learning"} for n in many
    ])  # fmt: skip
    return home


def make_small(home: Path, database: str | None = None) -> Path:
    """A home of one source, of which all is collected that came so far."""
    settings.write(home, "架空グループ", [("AOI", "株式会社葵")])
    if database is not None:
        with (home / "settings.yaml").open("a", encoding="utf-8") as told:
            told.write(f"database: {json.dumps(database)}\n")
    house = furnish(home)
    _source(home, "log1", "access_events", "*.jsonl", {"kind": "json_lines"})
    deliver(home, "first")
    assert [one for one in day.collect_day(house, DAY) if isinstance(one, Exception)] == []
    house.store.close()
    return home


def deliver(home: Path, name: str, size: int = 0) -> None:
    """Put a file of a few lines, as no other has them, and at least of a size, into the inbox of ``log1`` at once."""
    row = {"event_key": "", "system_id": "S1", "action": "read", "result": "ok", "target": name,
           "occurred_at": "2026-03-01T09:00:00+09:00", "purpose": "x" * min(-(-size // 3), LONGEST_CELL)}  # fmt: skip
    rows = range(max(3, -(-size // LONGEST_CELL)))
    content = "".join(json.dumps(row | {"account_key": f"user{n}"}) + "\n" for n in rows)
    _put(home, f"{name}.coming", content)
    (home / "inbox" / f"{name}.coming").rename(home / "inbox" / "log1" / f"{name}.jsonl")


def copy(home: Path, to: Path) -> Path:
    """A home of its own, with the same keys."""
    return Path(shutil.copytree(home, to))


def command(home: Path, *driven: str) -> list[str]:
    """The command line that collects the day; ``driven`` removes a protection, or plants a fault, before it."""
    module = ["-m", "tests.faults.driver", *driven] if driven else ["-m", "cli"]
    return [sys.executable, *module, "--home", str(home), "collect", "--slot", DAY.isoformat()]


def collect(home: Path, *driven: str) -> "subprocess.CompletedProcess[str]":
    """Collect the day in a process of its own, to its end."""
    return subprocess.run(command(home, *driven), cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)


def acknowledged(output: str) -> dict[str, int]:
    """The runs that were told to be committed, with their rows; a line without its end was not told."""
    lines = [line for line in output.splitlines(keepends=True) if line.startswith("collected ") and line.endswith("\n")]
    told = [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in lines]
    return {one["run"]: int(one["rows"]) for one in told}


def problems(home: Path, acked: dict[str, int]) -> list[str]:
    """What is wrong with a home after a fault, found with SQL, hashlib and pyarrow alone."""
    found: list[str] = []
    if database_of(home).startswith("sqlite") and not (home / "tenken.db").exists():
        return [*found, *(f"run {run} is lost" for run in acked)]
    with asked(home) as ask:
        for path in (home / "vault").glob("[0-9a-f][0-9a-f]/*"):
            if hashlib.sha256(_unsealed(home, path, ask)).hexdigest() != path.stem:
                found.append(f"object {path.stem} is torn")
        for (digest,) in ask("SELECT digest FROM objects"):
            if not list((home / "vault" / digest[:2]).glob(f"{digest}*")):
                found.append(f"object {digest} is gone")
        rows: Counter[str] = Counter()
        for path, digest, run, told in ask("SELECT path, digest, run_id, rows FROM fact_files"):
            file = home / "facts" / path
            if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
                found.append(f"fact file {path} is gone or torn")
            elif pq.read_metadata(file).num_rows != told:
                found.append(f"fact file {path} has other rows than recorded")
            elif not path.startswith(("log_segments/", "calendar_days/")):  # what we add ourselves
                rows[run] += told
        collected = {run for (run,) in ask("SELECT run_id FROM runs WHERE outcome = 'collected'")}
        found += [f"run {run} is lost" for run, told in acked.items() if run not in collected or rows[run] != told]
        found += [f"rows of {run}, which was never recorded" for run in rows if run not in collected]
        found += _broken_leaves(ask)
    return found


def repeated(home: Path) -> int:
    """How many rows stand more than once in the fact files that count."""
    seen: Counter[tuple[Any, ...]] = Counter()
    with asked(home) as ask:
        for path, dataset in ask("SELECT path, dataset FROM fact_files"):
            key = list(catalogue()[dataset].key)
            seen.update(
                (dataset, *row.values()) for row in pq.read_table(home / "facts" / path, columns=key).to_pylist()
            )
    return sum(count - 1 for count in seen.values())


def entries(home: Path) -> dict[str, int]:
    """How many entries of the ledger commit to each file that was delivered to ``log1``: one does."""
    with asked(home) as ask:
        salts = ask("SELECT o.digest, s.salt FROM objects o JOIN object_salts s ON s.object = o.id")
        leaves = [json.loads(bytes(leaf)) for (leaf,) in ask("SELECT leaf FROM ledger WHERE log <> 'tenken/group'")]
    made = Counter(one for leaf in leaves if leaf["kind"] == "collected" for one in leaf["commitments"])
    held = Counter[str]()
    for digest, salt in salts:
        held[digest] += made[hashlib.sha256(b"\2" + bytes.fromhex(salt) + bytes.fromhex(digest)).hexdigest()]
    paths = sorted((home / "inbox" / "log1").glob("*.jsonl"))
    return {path.name: held[hashlib.sha256(path.read_bytes()).hexdigest()] for path in paths}


def facts(home: Path) -> dict[str, list[dict[str, Any]]]:
    """What a judgement sees, without what must differ between two collections."""
    with opened(home) as house:
        known_at = house.store.last_commit()
        if known_at is None:
            return {name: [] for name in DATASETS}
        window = Window.open(house.store, house.facts, house.feeds, Period(DAY, DAY), known_at, only=DATASETS)
        return {
            name: [{k: v for k, v in row.items() if k not in OURS} for row in window.rows(name)] for name in DATASETS
        }


def ledger_problems(home: Path) -> list[str]:
    """What the product's own verification says."""
    with opened(home) as house:
        return day.verify_ledger(house)


@contextmanager
def opened(home: Path) -> Iterator[House]:
    """The house of a home, with nothing left open afterwards."""
    with ONE_AT_A_TIME:
        house = open_house(home)
    try:
        yield house
    finally:
        house.store.close()


def database_of(home: Path) -> str:
    """The address of a home's database."""
    told = [line for line in (home / "settings.yaml").read_text("utf-8").splitlines() if line.startswith("database:")]
    url = json.loads(told[-1].removeprefix("database:")) if told else "sqlite:///tenken.db"
    return str(url).replace("sqlite:///", f"sqlite:///{home}/")


@contextmanager
def asked(home: Path) -> Iterator[Ask]:
    """What asks a home's database by SQL of its own."""
    engine = create_engine(database_of(home))
    try:
        with engine.connect() as connection:
            yield lambda told, **given: [tuple(row) for row in connection.execute(text(told), given)]
    finally:
        engine.dispose()


def _unsealed(home: Path, path: Path, ask: Ask) -> bytes:
    """What an object holds, by the layout as docs/operations.md tells it; nothing when it does not open."""
    content = path.read_bytes()
    if path.suffix != ".sealed":
        return content
    key_id, digest = content[16:32].hex(), path.stem
    [(wrapped,)] = ask("SELECT wrapped FROM object_keys WHERE key_id = :key", key=key_id) or [(b"",)]
    wrapping = AESGCM(base64.b64decode((home / "keys" / "vault").read_text().split()[-1]))
    try:
        key = wrapping.decrypt(wrapped[:12], wrapped[12:], f"{digest} {key_id}".encode())
        frames = [content[at : at + FRAME] for at in range(32, len(content), FRAME)]
        return b"".join(
            AESGCM(key).decrypt(
                number.to_bytes(11, "big") + bytes([is_last]), frame, content[:32] + bytes.fromhex(digest) * is_last
            )
            for number, frame in enumerate(frames)
            for is_last in [number == len(frames) - 1]
        )
    except (InvalidTag, ValueError):
        return b""


def _broken_leaves(ask: Ask) -> list[str]:
    found, expected = [], Counter[str]()
    for log, seq, leaf, leaf_hash in ask("SELECT log, seq, leaf, leaf_hash FROM ledger ORDER BY log, seq"):
        if seq != expected[log]:
            found.append(f"{log} has a gap before {seq}")
        expected[log] = seq + 1
        if hashlib.sha256(b"\0" + leaf).digest() != leaf_hash or json.loads(leaf)["seq"] != seq:
            found.append(f"{log} {seq} is not what was recorded")
    return found


def _source(home: Path, name: str, dataset: str, pattern: str, layout: dict[str, str]) -> None:
    told = {
        "name": name, "companies": ["AOI"], "zone": "Asia/Tokyo", "dataset": dataset, "format": layout,
        "transport": {"kind": "local", "folder": f"inbox/{name}", "pattern": pattern},
    }  # fmt: skip
    (home / "sources" / f"{name}.yaml").write_text(json.dumps(told), "utf-8")
    (home / "inbox" / name).mkdir(parents=True)


def _table(home: Path, name: str, dataset: str, rows: Sequence[dict[str, str]]) -> None:
    _source(home, name, dataset, "*.csv", {"kind": "csv"})
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    _put(home, f"{name}/{name}.csv", out.getvalue())


def _put(home: Path, name: str, content: str) -> None:
    path = home / "inbox" / name
    path.write_text(content, "utf-8")
    os.utime(path, (MOMENT, MOMENT))
