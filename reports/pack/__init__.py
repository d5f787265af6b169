"""The evidence pack 監査証跡パック: a sealed bag (BagIt 1.0, RFC 8493) that proves itself.

A pack is a function of (company, period, known_at, ledger size): asked twice, equal bytes. Who downloaded it when is
an entry of the ledger and lies outside the sealed bag.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path

from evidence.ledger import log_of
from evidence.ledger.note import Signer, sign
from reports.pack.payload import Payload

VERIFY = """検証の手順 / HOW TO VERIFY

Python 3.9 以上だけで検証できます。tenken は不要です。 / Python 3.9 or newer is all that is needed.

  python3 -m zipfile -e {name}.zip out && cd out/{name}
  sha256sum -c --strict --quiet manifest-sha256.txt tagmanifest-sha256.txt
  python3 verify.py --key VKEY [--previous CHECKPOINT]

VKEY は会社の検証鍵で、必ずこのパックの外から入手してください。
VKEY is the company's verification key and must come from outside this pack.

どの手順で何がわかるか / which step sees what:
  sha256sum    ファイルの変更・欠落 / a file changed or missing
  verify.py    余分なファイル、封印・台帳の改ざん、証跡の抜き取り / an extra file, a forged seal or ledger, omission
  --key        発行元 / who issued it
  --previous   前回以降の書き換え / history rewritten since your last visit
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a pack is about; with the ledger's leaves it decides every byte."""

    company: str
    company_name: str
    since: date
    as_of: date
    known_at: datetime
    raw: bool  # with the raw objects and unmasked keys: the pack is then personal information itself
    controls: tuple[str, ...]

    @property
    def name(self) -> str:
        """How the archive is named unless the caller names it; the folder inside is named like the archive."""
        kind = "raw" if self.raw else "masked"
        return f"{self.company}_{self.since:%Y%m%d}_{self.as_of:%Y%m%d}_{kind}"


def write(
    path: Path, scope: Scope, payload: Iterable[Payload], leaves: Sequence[bytes], checkpoint: str, signer: Signer
) -> None:
    """Write the sealed archive; nothing stays at ``path`` when it fails. Bounded memory: objects are streamed."""
    temporary = path.with_name(path.name + ".part")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            bag = _Bag(archive, path.stem)
            for one in sorted(payload, key=lambda p: p.path):
                bag.add(f"data/{one.path}", one.open)
            _add_tags(bag, scope, leaves, checkpoint)
            seal = [
                f"{log_of(scope.company)}/pack",
                *(f"{digest}  {name}" for name, digest in sorted(bag.digests.items())),
            ]
            bag.add("seal.sig", _bytes(sign("\n".join(seal) + "\n", [signer]).encode()))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _add_tags(bag: "_Bag", scope: Scope, leaves: Sequence[bytes], checkpoint: str) -> None:
    payload_bytes, payload_count = bag.size, len(bag.digests)
    manifest = "".join(f"{digest}  {name}\n" for name, digest in sorted(bag.digests.items()))
    told = {
        "origin": log_of(scope.company),
        "company": scope.company,
        "since": scope.since.isoformat(),
        "as_of": scope.as_of.isoformat(),
        "known_at": scope.known_at.isoformat(),
        "ledger_size": len(leaves),
        "raw": scope.raw,
        "controls": list(scope.controls),
    }
    tags: dict[str, bytes] = {
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": (
            f"Source-Organization: {scope.company_name}\n"
            f"External-Identifier: {scope.name}\n"
            f"Bagging-Date: {scope.known_at:%Y-%m-%d}\n"
            f"Payload-Oxum: {payload_bytes}.{payload_count}\n"
        ).encode(),
        "scope.json": (json.dumps(told, ensure_ascii=True, indent=1, sort_keys=True) + "\n").encode(),
        "ledger.jsonl": b"".join(leaf + b"\n" for leaf in leaves),
        "checkpoint": checkpoint.encode(),
        "verify.py": files("reports.pack").joinpath("verify.py").read_bytes(),
        "VERIFY.txt": VERIFY.format(name=bag.folder).encode(),
        "manifest-sha256.txt": manifest.encode(),
    }
    for name, content in sorted(tags.items()):
        bag.add(name, _bytes(content))
    listed = "".join(f"{bag.digests[name]}  {name}\n" for name in sorted(tags))
    bag.add("tagmanifest-sha256.txt", _bytes(listed.encode()))


class _Bag:
    """The archive being written: members with settled times, and the digest of each."""

    def __init__(self, archive: zipfile.ZipFile, folder: str) -> None:
        self.archive, self.folder = archive, folder
        self.digests: dict[str, str] = {}
        self.size = 0

    def add(self, name: str, opened: Callable[[], io.BufferedIOBase]) -> None:
        member = zipfile.ZipInfo(f"{self.folder}/{name}", (1980, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        member.external_attr = 0o644 << 16
        digest = hashlib.sha256()
        with opened() as source, self.archive.open(member, "w", force_zip64=True) as target:
            while piece := source.read(1 << 20):
                digest.update(piece)
                target.write(piece)
                self.size += len(piece)
        self.digests[name] = digest.hexdigest()


def _bytes(content: bytes) -> Callable[[], io.BufferedIOBase]:
    return lambda: io.BytesIO(content)
