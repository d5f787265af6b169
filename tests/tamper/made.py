"""Clean packs made from a seed in a few milliseconds: other companies, people, periods, histories, masked and raw.

They are made of what docs/pack-format.md tells, with texts that writers and readers of tables stumble over; neither
verifier had a hand in them, so both must say that they are genuine.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import rfc8785

from evidence.ledger import commitment
from evidence.ledger.keys import SigningKey
from evidence.ledger.merkle import leaf_hash, root
from evidence.ledger.note import Checkpoint, sign
from evidence.store.values import LedgerEntry
from reports.pack import VERIFY, verifiers
from reports.pack.payload import _custody
from reports.pack.tables import csv_of
from tests.reports.packed import CUSTODY, GAPS, OBJECTS, reseal

COMPANIES = {"AOI": "株式会社葵", "MID-2": "緑商事(株)", "K1": "黄金ホールディングス", "sora_x": "空㈱"}
CONTROLS = ("HUM-01", "PHY-3-01", "POL-01", "VEN-02", "TEC-1-04", "ORG-2-05")
TEXTS = (
    "",
    "営業部",
    "'=1+1",
    "=cmd",
    "a,b",
    'q"q',
    "改\n行",
    "改\r\n行",
    "-1",
    "@x",
    "\u2028",
    "'",
    "＝１",
    "𠮷野",
    "null",
    " ",
)
SUBJECTS = ("PC-1", "USB-9", "'V", "=2", "P 1", 'x"y', "a,b", "甲", "\u200b", "𠮷", "-", "constructor", "__proto__")


@dataclass
class Made:
    """A pack in a folder, and what an auditor and its issuer hold of it."""

    folder: Path
    keys: list[SigningKey]  # in the order in which they followed each other
    raw: bool
    visits: list[Path] = field(default_factory=list)  # checkpoints of earlier visits
    purged: int = 0  # objects that its ledger tells are destroyed

    @property
    def key(self) -> SigningKey:
        """What the issuer seals with."""
        return self.keys[-1]

    def vkeys(self) -> list[str]:
        """Any of these is one that the auditor may have."""
        return [str(one.vkey) for one in self.keys]


def taken_away(path: Path) -> None:
    """Remove a file, and the folders that hold nothing more: an empty one would be seen."""
    path.unlink()
    for folder in path.parents:
        if any(folder.iterdir()):
            break
        folder.rmdir()


class _Making:
    def __init__(self, seed: int, folder: Path) -> None:
        self.chance, self.folder = Random(seed), folder
        self.company = self.chance.choice(sorted(COMPANIES))
        self.raw = self.chance.random() < 0.5
        self.since = date(2024, 1, 1) + timedelta(self.chance.randrange(900))
        self.as_of = self.since + timedelta(self.chance.randrange(60))
        self.at = datetime(2027, 1, 1, tzinfo=UTC) + timedelta(microseconds=self.chance.choice((0, 1, 250_000)))
        self.log = f"tenken/{self.company}"
        self.keys = [self._key()]
        self.leaves: list[bytes] = []
        self.objects: list[dict[str, Any]] = []
        self.gaps: list[dict[str, Any]] = []
        self.changes: list[int] = []
        self.tombs = 0

    def _key(self) -> SigningKey:
        return SigningKey.from_seed(self.log, self.chance.randbytes(32))

    def put(self, name: str, content: bytes) -> list[str]:
        """A file below data/; what an entry has of it: masked, and raw."""
        path = self.folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        told = [self.chance.randbytes(32).hex(), hashlib.sha256(content).hexdigest()]
        return told if self.raw else told[::-1]

    def enter(self, kind: str, **told: Any) -> None:
        at = self.at + timedelta(seconds=len(self.leaves))
        moment = at.isoformat(timespec="microseconds").replace("+00:00", "Z")
        self.leaves.append(rfc8785.dumps({"v": 1, "seq": len(self.leaves), "at": moment, "kind": kind, **told}))

    def collected(self) -> None:
        """An object that comes in, or does not; now and then the key changes."""
        if self.chance.random() < 0.1:
            return self.enter("failed", actor="tenken", reason=self.chance.choice(TEXTS), rows=None, at_all=False)
        made = list[str]()
        for _ in range(self.chance.randrange(3)):
            content = self.chance.randbytes(self.chance.randrange(200))
            made.append(self.held(content, len(made), shown=self.chance.random() < 0.8))
        return self.enter("collected", source=self.chance.choice(TEXTS), rows=len(made), commitments=made,
                          sizes=[1] * len(made), nested={"b": [1, {"z": None, "a": TEXTS[5]}], "a": TEXTS[6], "10": 1, "9": 2})  # fmt: skip

    def held(self, content: bytes, place: int, *, shown: bool) -> str:
        """An object of the entry that comes next, in a raw pack ``shown`` or withheld; its commitment."""
        salt, digest = self.chance.randbytes(32), hashlib.sha256(content).digest()
        line = {"sha256": digest.hex(), "salt": salt.hex(), "entry": len(self.leaves)}
        if self.raw and shown:
            line["file"] = f"data/06_raw/{len(self.leaves):06d}_{place}.bin"
            self.put(str(line["file"]).removeprefix("data/"), content)
        elif self.raw:
            line["withheld"] = "他社の記録"
        self.objects.append(line)
        return commitment(salt, digest).hex()

    def purged(self) -> None:
        """Some of what came so far is destroyed, and its tombstone stays."""
        gone = self.chance.sample(self.objects, self.chance.randrange(len(self.objects) + 1))
        erased = [commitment(bytes.fromhex(one["salt"]), bytes.fromhex(one["sha256"])).hex() for one in gone]
        for one in gone:
            self.objects.remove(one)
            if "file" in one:
                taken_away(self.folder / one["file"])
        asked = {"request": len(self.leaves), "source": TEXTS[6], "until": "2024-01-01", "why": "retention"}
        self.enter("purge_requested", **asked, actor="W-2", runs=len(gone), set="0" * 64)
        self.enter("purged", **asked, actor="W-1", requested_by="W-2", erased=sorted(erased),
                   objects=list(range(len(gone))))  # fmt: skip
        self.tombs += len(gone)

    def change_key(self) -> None:
        self.changes.append(len(self.leaves))
        self.keys.append(self._key())
        old, new = self.keys[-2:]
        note = sign(f"{self.log}/keychange\n{old.vkey}\n{new.vkey}\n", [old, new])
        self.enter("keychange", actor="W-1", reason=TEXTS[6], vkey=str(new.vkey), note=note)

    def judged(self, controls: Sequence[str], at: datetime, *, last: bool) -> None:
        verdicts, digests = {}, {}
        shown: dict[str, list[str]] = {}
        followed = self.chance.random() < 0.8
        for control in controls:
            verdicts[control], digests[control], files = self._control(control, followed=followed)
            shown |= files
        for name in ("07_registers/vendors.csv", "08_attestations/attestations.csv", "09_findings/findings.csv"):
            rows = {"company": [self.company] * 3, "text": self.chance.sample(TEXTS, 3)}
            told = self.put(name, csv_of(pa.table(rows), str)) if last else ["0" * 64, "1" * 64]
            shown[name] = told
        self.enter("judged", actor="tenken", since=self.since.isoformat(), as_of=self.as_of.isoformat(),
                   known_at=at.isoformat(), followed=followed, verdicts=verdicts, digests=digests, files=shown,
                   commitments=[])  # fmt: skip

    def _control(self, control: str, *, followed: bool) -> tuple[list[Any], list[str], dict[str, list[str]]]:
        rows: list[dict[str, Any]] = [
            {
                "subject": f"{subject}{self.chance.choice(TEXTS)}",
                "aspect": self.chance.choice((None, "device", TEXTS[4])),
                "occurred_on": self.chance.choice((None, self.since)),
                "department": self.chance.choice(TEXTS),
                "conforms": self.chance.random() < 0.6,
                "members": self.chance.choice((1, 1, 70_000)),
            }
            for subject in self.chance.sample(SUBJECTS, self.chance.randrange(6))
        ]
        unverified = not rows or self.chance.random() < 0.2
        deviations = [
            {"subject": row["subject"], "aspect": row["aspect"], "columns": {"x": 0.5},
             "occurred_on": row["occurred_on"].isoformat() if row["occurred_on"] else None}
            for row in rows if not row["conforms"]
        ]  # fmt: skip
        verdict = "unverified" if unverified else "fail" if deviations else "pass"
        population = sum(row["members"] for row in rows)
        result = {"verdict": verdict, "population": population, "deviations": deviations, "reason": TEXTS[6]}
        names = ("subject", "aspect", "occurred_on", "department", "conforms", "members")
        kinds = (pa.string(), pa.string(), pa.date32(), pa.string(), pa.bool_(), pa.int64())
        table = pa.table({n: pa.array([row[n] for row in rows], k) for n, k in zip(names, kinds, strict=True)})
        test = f"SELECT '{self.chance.choice(TEXTS)}' AS subject -- 管理策"
        definition = self.put(f"10_config/controls/{control}.json", json.dumps({"id": control, "test": test}).encode())
        self.put(f"04_populations/{control}.sql", test.encode())
        files = {
            f"03_results/{control}.json": self.put(
                f"03_results/{control}.json", (json.dumps(result, ensure_ascii=False, indent=1) + "\n").encode()
            ),
            f"04_populations/{control}.csv": self.put(f"04_populations/{control}.csv", csv_of(table, str)),
        }
        if followed:
            self.gaps += [
                {"control": control, "subject": one["subject"], "aspect": one["aspect"]} for one in deviations
            ]
            self.gaps += [{"control": control, "subject": "unverified", "aspect": None}] * unverified
        return [verdict, population, len(deviations)], [definition[1 if self.raw else 0], "0" * 64], files

    def head(self, size: int) -> str:
        """A signed head; the first after a change bears the signature of the key that goes as well."""
        now = sum(1 for one in self.changes if one < size)
        first = size - 1 in self.changes
        signers = self.keys[now - 1 : now + 1] if first else [self.keys[now]]
        return sign(str(Checkpoint(self.log, size, root([leaf_hash(one) for one in self.leaves[:size]]))), signers)


def make(seed: int, base: Path, more: Iterable[bytes] = ()) -> Made:
    """The pack of a seed, in a new folder below ``base``; with these objects too, each in an entry of its own."""
    making = _Making(seed, base / f"pack-{seed}")
    chance = making.chance
    controls = chance.sample(CONTROLS, chance.randrange(1, 5))
    older = [one for one in controls[1:] if chance.random() < 0.4]
    for _ in range(chance.randrange(12)):
        making.collected()
    if chance.random() < 0.4:
        making.change_key()
    if older:
        making.judged(older, making.at - timedelta(days=chance.randrange(1, 9)), last=False)
    for _ in range(chance.randrange(5)):
        making.collected()
    if chance.random() < 0.3:
        making.change_key()
    making.judged([one for one in controls if one not in older], making.at, last=True)
    making.collected()
    if chance.random() < 0.3:
        making.purged()
        making.collected()
    for content in more:
        making.enter("collected", source="log", rows=1, commitments=[making.held(content, 0, shown=True)])
    _finish(making, controls)
    visits = _visits(making, base / f"visits-{seed}")
    return Made(making.folder, making.keys, making.raw, visits, making.tombs)


def _visits(making: _Making, folder: Path) -> list[Path]:
    folder.mkdir()
    paths = []
    for size in sorted({0, making.chance.randrange(len(making.leaves)), len(making.leaves)}):
        paths.append(folder / f"checkpoint-{size}")
        paths[-1].write_text(making.head(size), "utf-8", newline="")
    return paths


def _finish(making: _Making, controls: Sequence[str]) -> None:
    """Everything of a pack that is not an entry's; and the seal."""
    for name in ("00_index.xlsx", "01_scope.md", "02_control_matrix.xlsx"):
        making.put(name, making.chance.randbytes(50))
    day = making.as_of.strftime("%Y%m%d")
    for name in (
        f"self-check_{making.company}_{day}.xlsx",
        f"self-check_{making.company}_{day}.html",
        f"management-book_{making.company}_{day}.xlsx",
    ):
        making.put(f"12_reports/{name}", making.chance.randbytes(50))
    gaps = {
        name: pa.array([one[name] for one in making.gaps], pa.string()) for name in ("control", "subject", "aspect")
    }
    making.put(GAPS.removeprefix("data/"), csv_of(pa.table(gaps), str))
    told = [LedgerEntry(making.log, n, one, leaf_hash(one), "", making.at) for n, one in enumerate(making.leaves)]
    making.put(CUSTODY.removeprefix("data/"), _custody(told))
    lines = "".join(json.dumps(one, sort_keys=True) + "\n" for one in making.objects)
    making.put(OBJECTS.removeprefix("data/"), lines.encode())
    scope = {
        "origin": making.log, "company": making.company, "since": making.since.isoformat(),
        "as_of": making.as_of.isoformat(), "known_at": making.at.isoformat(), "ledger_size": len(making.leaves),
        "raw": making.raw, "controls": sorted(controls),
    }  # fmt: skip
    tags: Mapping[str, bytes] = {
        **verifiers(),
        "VERIFY.txt": VERIFY.format(name="pack").encode(),
        "reperform.sql": b"-- nothing to judge again\n",
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": f"Source-Organization: {COMPANIES[making.company]}\n".encode(),
        "scope.json": json.dumps(scope, indent=1, sort_keys=True).encode(),
        "ledger.jsonl": b"".join(one + b"\n" for one in making.leaves),
        "checkpoint": making.head(len(making.leaves)).encode(),
    }
    if making.chance.random() < 0.5:
        stamped = {"checkpoint.tsr": stamp_of(tags["checkpoint"]), "tsa-chain.pem": b"-----BEGIN CERTIFICATE-----\n"}
    else:
        stamped = {}
    for name, content in {**tags, **stamped}.items():
        (making.folder / name).write_bytes(content)
    reseal(making.folder, making.keys[-1])


def der(tag: int, *parts: bytes) -> bytes:
    """One element of DER."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    wide = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 + len(wide)]) + wide + content


def stamp_of(content: bytes) -> bytes:
    """The part of an RFC 3161 reply that says what it is of; the rest, who gave it, is openssl's to prove."""
    algorithm = der(0x30, der(0x06, bytes.fromhex("608648016503040201")), der(0x05))
    imprint = der(0x30, algorithm, der(0x04, hashlib.sha256(content).digest()))
    info = der(0x30, der(0x02, b"\1"), der(0x06, b"\x2a\3"), imprint, der(0x02, b"\7"), der(0x18, b"20270101000000Z"))
    inner = der(0x30, der(0x06, bytes.fromhex("2a864886f70d0109100104")), der(0xA0, der(0x04, info)))
    signed = der(0x30, der(0x02, b"\3"), der(0x31, algorithm), inner, der(0x31))
    return der(
        0x30, der(0x30, der(0x02, b"\0")), der(0x30, der(0x06, bytes.fromhex("2a864886f70d010702")), der(0xA0, signed))
    )
