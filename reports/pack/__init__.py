"""The evidence pack 監査証跡パック: a sealed bag (BagIt 1.0, RFC 8493) that proves itself.

A pack is a function of (company, period, known_at, ledger size): asked twice, equal bytes. Who downloaded it when is
an entry of the ledger and lies outside the sealed bag.
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from evidence.ledger import log_of
from evidence.ledger.note import Signer, sign
from reports.pack.page import page
from reports.pack.payload import Payload

IMPORTED = re.compile(r"^from (reports\.pack|evidence\.ledger)\.(\w+) import (?:[^\n(]*|\([^)]*\))\n", re.MULTILINE)
NO_TAGS: Mapping[str, bytes] = MappingProxyType({})
VERIFY = """検証の手順 / HOW TO VERIFY

Python 3.9 以上だけで検証できます。tenken は不要です。 / Python 3.9 or newer is all that is needed.

  python3 -m zipfile -e {name}.zip out && cd out/{name}
  sha256sum -c --strict --quiet manifest-sha256.txt tagmanifest-sha256.txt
  python3 -I verify.py --key VKEY [--previous CHECKPOINT]

ブラウザーだけでも検証できます。verify.html を開き、{name}.zip をドロップして鍵を貼り付けます(送信はされません)。
verify.py とは別に書かれた検証器で、両方の答えは一致しなければなりません。
A browser will do as well: open verify.html, drop {name}.zip on it and paste the key; nothing is sent. It was written
apart from verify.py, and both must give the same answer.

分割されたパック / a pack in parts ({name}.zip.001, ...):

  cat {name}.zip.[0-9]* > {name}.zip        (Windows: copy /b {name}.zip.001 + {name}.zip.002 {name}.zip)

パックの外から用意するもの / what must come from outside this pack:
  VKEY         会社の検証鍵 / the company's verification key
  verify.py    このパックの verify.py・verify.html は、信頼できる入手元のもの(または前回のもの)とダイジェストを
  verify.html  比べてから使うか、そちらを使ってください。偽のパックは「合格」と言う検証器を持てます。
               Compare them with copies from a source that you trust (or of your last visit), or use those: a forged
               pack can bring a verify.py or verify.html that says that all is well.
               何も表示されないときは検証されていません。 / One that says nothing has verified nothing.
  CHECKPOINT   前回のパックの checkpoint を手元に保管 / keep the file checkpoint of every pack you get

判定のやり直し / to judge every control again, from the facts in data/13_facts (no tenken; DuckDB 1.4 or newer):

  duckdb < reperform.sql
  python3 -c "import duckdb; duckdb.sql(open('reperform.sql', encoding='utf-8').read()).show(max_rows=999)"
  tenken pack verify {name}.zip --key VKEY --reperform

どの手順で何がわかるか / which step sees what:
  sha256sum    ファイルの変更・欠落 / a file changed or missing
  verify.py    余分なファイル・フォルダー、封印・台帳の改ざん、取得物の抜き取り・差し替え、判定時に台帳へ記録した
               結果・母集団・登録簿・経過(custody)との相違、母集団と例外の数え直し、
               例外に対する不適合(gap)の抜き取り
               an extra file or folder; a forged seal or ledger; objects left out or exchanged; results, populations
               and registers that are not those recorded in the ledger when judged, and a custody that is not the
               ledger's; members and deviations that do not add up; a deviation whose gap is left out
  --key        発行元。鍵がなければ、誰が作ったパックでも「確認」と出ます。先頭に出る会社と期間もお確かめください。
               Who issued it. Without it "verified" means nothing against a forger, who can make all of a pack anew.
               Read the company and the period that it prints first: an older pack is genuine too.
  checkpoint.tsr (あるとき / if any) 時刻認証局(RFC 3161)が、その時刻に台帳がこの状態で存在したことを証明します。
               verify.py と verify.html は対象が checkpoint であることだけを見ます。署名は次のコマンドで確かめ、
               tsa-chain.pem のルート証明書は認証局が公表するものと比べてください。
               An authority says that the ledger was there as it is by that time. Both verifiers see only that the stamp
               is of this checkpoint: who gave it, and whether that authority had run out or was revoked, is proven by
               this command, for neither Python nor a browser brings what that takes. Compare the root certificate in
               tsa-chain.pem with the one that the authority publishes:
  openssl ts -verify -data checkpoint -in checkpoint.tsr -CAfile tsa-chain.pem -attime SECONDS
               SECONDS は verify.py が表示します。その時刻に有効だった証明書は、有効期限が過ぎた後も証明になります。
               tsa-chain.pem に失効リスト(CRL)があるときは -crl_check を付け、SECONDS はリストの発行時刻以後とします。
               SECONDS is printed by verify.py: a certificate that was valid at that time still proves it after it ran
               out. Where tsa-chain.pem holds a list of revoked certificates (X509 CRL), add -crl_check and take SECONDS
               not before that list was issued.
  reperform    判定・母集団・例外が、パック内の事実と定義から導かれるものと同じか。reperform.sql もパックの一部です。
               各管理策の SQL は 10_config/controls と比べられます。
               Whether verdicts, populations and deviations follow from the facts and definitions in the pack. The
               script is part of the pack too: compare its tests with 10_config/controls, or run tenken of your own.
               原本(raw)のパックでは tenken が 06_raw の取得物を読み直し、事実と行・列ごとに比べます。
               In a raw pack tenken also reads the objects in 06_raw again and compares the facts with them.
  purged N     消去済み(purged)と表示される取得物は、保存期間の後に2人で鍵を消去したもので、だれも開けません。台帳の
               purged の記録(custody.csv)が、だれが・なぜ・いつかを示します。記録なく欠けたものは不合格になります。
               What is told to be purged was destroyed by two persons after its retention, and nobody can open it; the
               ledger's entries of kind purged (custody.csv) say by whom, why and when. What is gone without is refused.
  --previous   前回以降の書き換え・巻き戻し / history rewritten or rolled back since your last visit

このパックだけではわからないこと / what no check of this pack can see:
  - 鍵を持つ発行者が、前回の checkpoint より後の台帳を丸ごと作り直した場合。checkpoint を頻繁に受け取ってください。
    A ledger that the holder of the key wrote anew after the last checkpoint that you hold: ask for one often.
  - 台帳に記録される前に取得元で除かれた、または変えられたもの。取得元で直接お確かめください。
    What was left out or changed at a source before it was collected: look at the source.
  - 00_index・01_scope・02_control_matrix・12_reports・10_config(controls 以外)・bag-info.txt・gaps.csv の状態や
    期限などの内容。発行者が封印した表示で、数値の根拠は 03_results と 04_populations です。
    The documents 00, 01, 02, 12, bag-info.txt, the rest of 10_config and what gaps.csv says of a gap (its state, its
    days) are the issuer's rendering, sealed by it; the figures stand in 03_results and 04_populations.
  - 仮名化したパックでは、母集団の各行が原本のとおりかどうか。原本(raw)のパックか社内での閲覧をお求めください。
    In a masked pack, whether a row says what the original said: ask for a raw pack, or to see it in the company.
  - ZIP の外形(並び・時刻・コメント)と、ZIP の中でこのフォルダーの外に置かれたもの。封印は中身のファイルのものです。
    The archive around the files (its order, times, comment), and what it puts beside this folder: the seal is of files.
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
    path: Path, scope: Scope, payload: Iterable[Payload], leaves: Sequence[bytes], checkpoint: str, signer: Signer,
    tags: Mapping[str, bytes] = NO_TAGS, record: Callable[[Path], object] = lambda _: None,
) -> None:  # fmt: skip
    """Write the sealed archive, with more ``tags`` beside its own; nothing stays at ``path`` when it fails. Bounded
    memory: objects are streamed. It has its name once it is on ``record``."""
    temporary = path.with_name(path.name + ".part")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            bag = _Bag(archive, path.stem)
            for one in sorted(payload, key=lambda p: p.path):
                bag.add(f"data/{one.path}", one.open)
            _add_tags(bag, scope, leaves, {"checkpoint": checkpoint.encode(), **tags})
            seal = [
                f"{log_of(scope.company)}/pack",
                *(f"{digest}  {name}" for name, digest in sorted(bag.digests.items())),
            ]
            bag.add("seal.sig", _bytes(sign("\n".join(seal) + "\n", [signer]).encode()))
        record(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def verifier() -> bytes:
    """verify.py as it travels: one file that needs nothing beside it, for its parts stand where it imports them."""

    def part(room: str, name: str) -> str:
        return files(room).joinpath(f"{name}.py").read_text("utf-8")

    return IMPORTED.sub(lambda found: part(found[1], found[2]), part("reports.pack", "verify")).encode()


def verifiers() -> dict[str, bytes]:
    """The two verifiers, by their names in a pack: of different make, and agreeing."""
    return {"verify.py": verifier(), "verify.html": page()}


def _add_tags(bag: "_Bag", scope: Scope, leaves: Sequence[bytes], heads: Mapping[str, bytes]) -> None:
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
            f"Source-Organization: {' '.join(scope.company_name.split())}\n"
            f"External-Identifier: {scope.name}\n"
            f"Bagging-Date: {scope.known_at:%Y-%m-%d}\n"
            f"Payload-Oxum: {payload_bytes}.{payload_count}\n"
        ).encode(),
        "scope.json": (json.dumps(told, ensure_ascii=True, indent=1, sort_keys=True) + "\n").encode(),
        "ledger.jsonl": b"".join(leaf + b"\n" for leaf in leaves),
        **heads,
        **verifiers(),
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

    def add(self, name: str, opened: Callable[[], AbstractContextManager[io.BufferedIOBase]]) -> None:
        member = zipfile.ZipInfo(f"{self.folder}/{name}", (1980, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        member._compresslevel = 1  # type: ignore[attr-defined] # ZipFile's own is for names alone; 6 takes twice as long
        member.external_attr = 0o644 << 16
        member.create_system = 3  # the same bytes on every system
        digest = hashlib.sha256()
        with opened() as source, self.archive.open(member, "w", force_zip64=True) as target:
            while piece := source.read(1 << 20):
                digest.update(piece)
                target.write(piece)
                self.size += len(piece)
        self.digests[name] = digest.hexdigest()


def _bytes(content: bytes) -> Callable[[], io.BufferedIOBase]:
    return lambda: io.BytesIO(content)
