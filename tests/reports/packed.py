"""Real packs of a small group, and the hands that forge them: an outsider's, and those of the issuer with its key."""

import contextlib
import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from evidence.datasets import catalogue
from evidence.ledger import keys as signing
from evidence.ledger import log_of
from evidence.ledger.keys import SigningKey
from evidence.ledger.merkle import leaf_hash, root
from evidence.ledger.note import Checkpoint, sign
from evidence.period import Period
from evidence.store.values import LedgerEntry
from house import House, create, day, desk, handout
from registers.sheets import export
from reports.pack import verifier
from reports.pack.payload import _custody
from tests.outside import CODE, SILENT, configure, deliver, people, put, registers

OTHER = SILENT  # the other company: some sources and one workbook tell of both
THEIRS = ("W777001", "丁川梅子", "umeko@mid.example", "他社印刷")  # what only the other company's records hold
JUDGED = ("HUM-01", "PHY-3-01", "POL-01", "VEN-02", "VEN-04")  # unverified, some deviate, one does, unverified, all do
SEAL, OBJECTS, GAPS = "seal.sig", "data/11_custody/objects.jsonl", "data/09_findings/gaps.csv"
CUSTODY = "data/11_custody/custody.csv"


@dataclass(frozen=True)
class Issued:
    """What auditors got from one group: packs unpacked, keys told, and what the issuer keeps to itself."""

    house: House
    period: Period
    folder: Path
    zips: Path

    def key(self, company: str = CODE) -> SigningKey:
        return signing.load(self.house.home / "keys", log_of(company))

    def vkey(self, company: str = CODE) -> str:
        return self.house.vkey(company)

    def pack(self, kind: str, to: Path) -> Path:
        """A copy of a pack, to be forged."""
        return Path(shutil.copytree(self.folder / kind, to / kind, copy_function=shutil.copyfile))


def issue(base: Path) -> Issued:
    """Make a group of two companies, collect and judge a day, and hand out its packs."""
    house = create(base / "home", "架空グループ", [(CODE, "株式会社葵"), (OTHER, "株式会社緑")])
    staff = people("kouno")
    configure(house.home, {})
    told = {"name": "staff", "companies": [CODE, OTHER], "zone": "Asia/Tokyo", "dataset": "leaves", "max_age_days": 3,
            "format": {"kind": "csv", "encoding": "utf-8"},
            "transport": {"kind": "local", "folder": "inbox/staff", "pattern": "*.csv"}}  # fmt: skip
    (house.home / "sources" / "staff.yaml").write_text(json.dumps(told), "utf-8")
    (house.home / "inbox" / "staff").mkdir()
    paths = registers(base, house.keys().person("worker_no", staff[0].number))
    _workbook(paths["vendors"], "vendors", vendors())
    paths["companies"] = base / "companies.xlsx"
    _workbook(paths["companies"], "companies", companies(house))
    for name, path in paths.items():
        assert not desk.import_register(house, name, path, staff[0].number, "初回登録").problems
    at = datetime.now(house.zone) - timedelta(minutes=1)
    deliver(house.home, staff, at)
    leaves = (
        "company,department,leave_key,person_key,kind,leave_from_on,leave_to_on\n"
        f"{OTHER},総務部,{THEIRS[2]},{THEIRS[0]},休職,{at:%Y-%m-%d},9999-12-31\n"
        f"{CODE},営業部,{staff[2].mail},{staff[2].number},休職,{at:%Y-%m-%d},9999-12-31\n"
    )
    put(house.home, f"staff/{THEIRS[1]}.csv", leaves.encode(), at)
    period = Period(house.today - timedelta(days=1), house.today)
    done = list(day.collect_day(house, house.today))
    assert [str(one) for one in done if isinstance(one, Exception)] == []
    day.judge(house, period, only=JUDGED)
    issued = Issued(house, period, base / "packs", base / "zips")
    issued.zips.mkdir()
    hand_out(issued, "masked", CODE)
    hand_out(issued, "raw", CODE, raw=True)
    hand_out(issued, "other", OTHER)
    hand_out(issued, "other-raw", OTHER, raw=True)
    day.judge(house, Period(period.as_of, period.as_of), only=JUDGED)
    hand_out(issued, "later", CODE, period=Period(period.as_of, period.as_of))
    return issued


def hand_out(issued: Issued, kind: str, company: str, *, raw: bool = False, period: Period | None = None) -> Path:
    """Create a pack, and unpack it under the name of its kind."""
    path = issued.zips / f"{kind}.zip"
    handout.create_pack(issued.house, company, period or issued.period, path, raw=raw)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(issued.folder)
    return issued.folder / kind


def companies(house: House) -> list[dict[str, Any]]:
    return [
        {"company": code, "name": name, "representative_key": house.keys().person("worker_no", number),
         "address": f"東京都{code}", "in_scope": True, "fiscal_year_starts": "04-01"}
        for code, name, number in ((CODE, "株式会社葵", "W904171"), (OTHER, "株式会社緑", THEIRS[0]))
    ]  # fmt: skip


def vendors() -> list[dict[str, Any]]:
    return [
        {"company": code, "department": "総務部", "vendor_id": number, "name": name, "tier": "T2", "status": "active",
         "handles_personal_data": True, "items": ["氏名", "住所"]}
        for code, number, name in ((CODE, "V-1", "架空印刷"), (CODE, "V-2", "'=架空"), (OTHER, "V-9", THEIRS[3]))
    ]  # fmt: skip


def _workbook(path: Path, name: str, rows: list[dict[str, Any]]) -> None:
    path.write_bytes(export(catalogue()[name], rows))


def verified(pack: Path, key: str | None, *options: str, verifier: str = "verify.py") -> tuple[int, str]:
    """What an auditor reads who runs the verifier in the folder."""
    told = [] if key is None else ["--key", key]
    command = [sys.executable, "-I", verifier, *told, *options]
    done = subprocess.run(command, cwd=pack, capture_output=True, check=False, timeout=60, env={})
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def problems(pack: Path, key: str | None, previous: Path | None = None) -> list[str]:
    """What the verifier finds, in this process: whatever it raises fails the test."""
    with contextlib.chdir(pack):
        run = VERIFIER.Pack(VERIFIER.Key(key) if key else None, str(previous) if previous else None)
        run.check()
    return list(run.problems)


def _verifier() -> Any:
    """The verifier as it travels, in this process."""
    module = ModuleType("standalone_verifier")
    exec(compile(verifier(), "verify.py", "exec"), vars(module))
    return module


VERIFIER = _verifier()


def resum(pack: Path) -> None:
    """Make the manifests right again, as somebody without the signing key can."""
    (pack / "manifest-sha256.txt").write_bytes(_listed(pack, [p for p in (pack / "data").rglob("*") if _is_file(p)]))
    own = ("tagmanifest-sha256.txt", SEAL)
    tags = [p for p in pack.rglob("*") if _is_file(p) and p.relative_to(pack).parts[0] != "data" and p.name not in own]
    (pack / "tagmanifest-sha256.txt").write_bytes(_listed(pack, tags))


def relist(pack: Path) -> None:
    """Make all lists right again, the seal's too; its signature stays as it was."""
    resum(pack)
    first, _, signature = (pack / SEAL).read_bytes().partition(b"\n")
    sealed = [p for p in pack.rglob("*") if _is_file(p) and p.relative_to(pack).as_posix() != SEAL]
    (pack / SEAL).write_bytes(first + b"\n" + _listed(pack, sealed) + b"\n" + signature.rpartition(b"\n\n")[2])


def reseal(pack: Path, key: SigningKey) -> None:
    """Make manifests and seal right again, as the issuer can who has the key."""
    resum(pack)
    sealed = [p for p in pack.rglob("*") if _is_file(p) and p.relative_to(pack).as_posix() != SEAL]
    text = f"{key.vkey.name}/pack\n" + _listed(pack, sealed).decode()
    (pack / SEAL).write_text(sign(text, [key]), "utf-8", newline="")


def rewrite_ledger(pack: Path, key: SigningKey, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Change what the ledger says and sign it anew, custody with it."""
    leaves = [json.loads(line) for line in (pack / "ledger.jsonl").read_bytes().split(b"\n")[:-1]]
    change(leaves)
    told = (json.dumps(one, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for one in leaves)
    write_ledger(pack, key, [one.encode() for one in told])


def write_ledger(pack: Path, key: SigningKey, encoded: list[bytes]) -> None:
    """Put entries into a pack as they are written here, with a signed head of them and custody."""
    hashes = [leaf_hash(one) for one in encoded]
    (pack / "ledger.jsonl").write_bytes(b"".join(one + b"\n" for one in encoded))
    (pack / "checkpoint").write_text(sign(str(Checkpoint(key.vkey.name, len(hashes), root(hashes))), [key]), "utf-8")
    scope = json.loads((pack / "scope.json").read_text("utf-8"))
    (pack / "scope.json").write_text(json.dumps(scope | {"ledger_size": len(hashes)}), "utf-8")
    at = datetime.now().astimezone()
    told = [LedgerEntry(key.vkey.name, n, leaf, leaf_hash(leaf), "", at) for n, leaf in enumerate(encoded)]
    (pack / CUSTODY).write_bytes(_custody(told))


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def replace(path: Path, old: bytes, new: bytes, count: int = 1) -> None:
    """Put one text in the place of another that is there."""
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, count))


def entries(archive: Path) -> dict[str, bytes]:
    """Every member of an archive, with those of archives (workbooks) in it, by name."""
    found = {}
    with zipfile.ZipFile(archive) as outer:
        for name in outer.namelist():
            found[name] = outer.read(name)
            if name.endswith(".xlsx"):
                with zipfile.ZipFile(io.BytesIO(found[name])) as inner:
                    found |= {f"{name}/{part}": inner.read(part) for part in inner.namelist()}
    return found


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _listed(pack: Path, paths: list[Path]) -> bytes:
    lines = sorted((p.relative_to(pack).as_posix(), hashlib.sha256(p.read_bytes()).hexdigest()) for p in paths)
    return "".join(f"{digest}  {name}\n" for name, digest in lines).encode("utf-8", "surrogateescape")
