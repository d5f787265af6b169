"""A pack proves itself, and shows what was done to it, with Python's standard library alone (design.md §9)."""

import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import bagit
import pytest
import rfc8785

from evidence.ledger import commitment, log_of
from evidence.ledger.keys import SigningKey
from evidence.ledger.merkle import leaf_hash, root
from evidence.ledger.note import Checkpoint, sign
from reports.pack import Scope, write
from reports.pack.payload import Payload

KEY = SigningKey.from_seed(log_of("AOBA"), bytes(range(32)))
OTHER = SigningKey.from_seed(log_of("AOBA"), bytes(32))
SCOPE = Scope(
    "AOBA", "株式会社青葉", date(2026, 3, 1), date(2026, 3, 31), datetime(2026, 4, 1, tzinfo=UTC), True, ("HUM-01",)
)
RAW = {"data/06_raw/000001.bin": b"person,passed\nW-1,yes\n", "data/06_raw/000002.bin": b"a second object\n"}
SALT = bytes(range(32))


def leaves() -> list[bytes]:
    entries = [
        {"kind": "collected", "commitments": [commitment(SALT, hashlib.sha256(content).digest()).hex()]}
        for content in RAW.values()
    ]
    entries.append({"kind": "judged"})
    return [
        rfc8785.dumps({"v": 1, "seq": n, "at": f"2026-04-01T00:00:0{n}Z", **entry}) for n, entry in enumerate(entries)
    ]


def head(of: list[bytes], key: SigningKey = KEY) -> str:
    return sign(str(Checkpoint(log_of("AOBA"), len(of), root([leaf_hash(one) for one in of]))), [key])


def payload(kept: dict[str, bytes] = RAW) -> list[Payload]:
    told = [
        {"sha256": hashlib.sha256(content).hexdigest(), "salt": SALT.hex(), "size": len(content), "file": name}
        for name, content in kept.items()
    ]
    files = {name.removeprefix("data/"): content for name, content in kept.items()}
    files["11_custody/objects.jsonl"] = "".join(json.dumps(one) + "\n" for one in told).encode()
    files["01_scope.md"] = "範囲\n".encode()
    return [Payload(name, lambda content=content: io.BytesIO(content)) for name, content in files.items()]  # type: ignore[misc]


def make(folder: Path, kept: dict[str, bytes] = RAW, signer: SigningKey = KEY) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{SCOPE.name}.zip"
    write(archive, SCOPE, payload(kept), leaves(), head(leaves()), signer)
    return archive


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    with zipfile.ZipFile(make(tmp_path)) as archive:
        archive.extractall(tmp_path / "out")
    return tmp_path / "out" / SCOPE.name


def verified(pack: Path, *options: str, key: str | None = str(KEY.vkey)) -> tuple[int, str]:
    told = ["--key", key] if key else []
    done = subprocess.run(
        [sys.executable, "-I", "verify.py", *told, *options],
        cwd=pack,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def resum(pack: Path) -> None:
    """Make the manifests right again, as somebody without the signing key can."""

    def listed(paths: list[Path]) -> str:
        lines = sorted((p.relative_to(pack).as_posix(), hashlib.sha256(p.read_bytes()).hexdigest()) for p in paths)
        return "".join(f"{digest}  {name}\n" for name, digest in lines)

    (pack / "manifest-sha256.txt").write_text(listed([p for p in (pack / "data").rglob("*") if p.is_file()]))
    tags = [p for p in pack.iterdir() if p.is_file() and p.name not in ("tagmanifest-sha256.txt", "seal.sig")]
    (pack / "tagmanifest-sha256.txt").write_text(listed(tags))


def names() -> list[str]:
    tags = "bagit.txt bag-info.txt manifest-sha256.txt tagmanifest-sha256.txt scope.json ledger.jsonl checkpoint VERIFY.txt seal.sig"
    return [*tags.split(), "data/01_scope.md", "data/11_custody/objects.jsonl", *RAW]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_clean_pack_verifies(pack: Path) -> None:
    code, said = verified(pack)
    assert (code, "ORIGIN VERIFIED" in said) == (0, True), said


def test_without_the_key_the_origin_is_said_to_be_unverified(pack: Path) -> None:
    code, said = verified(pack, key=None)
    assert (code, "ORIGIN NOT VERIFIED" in said) == (0, True), said


def test_the_shell_agrees(pack: Path) -> None:
    command = ["sha256sum", "-c", "--strict", "--quiet", "manifest-sha256.txt", "tagmanifest-sha256.txt"]
    assert subprocess.run(command, cwd=pack, capture_output=True, check=False).returncode == 0


def test_another_make_of_bagit_agrees(pack: Path) -> None:
    assert bagit.Bag(str(pack)).is_valid()


@pytest.mark.parametrize("name", names())
def test_a_flipped_byte_is_named(pack: Path, name: str) -> None:
    flip(pack / name)
    code, said = verified(pack)
    assert (code, name in said) == (1, True), said


@pytest.mark.parametrize("name", [n for n in names() if "manifest" not in n and n != "seal.sig"])
def test_a_flipped_byte_with_checksums_made_right_is_named(pack: Path, name: str) -> None:
    flip(pack / name)
    resum(pack)
    code, said = verified(pack)
    assert (code, name in said) == (1, True), said


@pytest.mark.parametrize("name", [n for n in names() if n != "tagmanifest-sha256.txt"])
def test_a_missing_file_with_checksums_made_right_is_named(pack: Path, name: str) -> None:
    (pack / name).unlink()
    if name != "manifest-sha256.txt":
        resum(pack)
    code, said = verified(pack)
    assert (code, name in said) == (1, True), said


@pytest.mark.parametrize("name", ["extra.txt", "data/extra.txt", "data/06_raw/000003.bin"])
@pytest.mark.parametrize("mend", [pytest.param(resum, id="resummed"), pytest.param(lambda _: None, id="as is")])
def test_an_extra_file_is_named(pack: Path, name: str, mend: Callable[[Path], None]) -> None:
    (pack / name).write_text("more")
    mend(pack)
    code, said = verified(pack)
    assert (code, name in said) == (1, True), said


def test_a_changed_verifier_is_named(pack: Path) -> None:
    path = pack / "verify.py"
    path.write_bytes(path.read_bytes() + b"# changed\n")
    resum(pack)
    code, said = verified(pack)
    assert (code, "verify.py" in said) == (1, True), said


def test_a_link_is_named(pack: Path) -> None:
    (pack / "data" / "01_scope.md").unlink()
    (pack / "data" / "01_scope.md").symlink_to("/etc/hostname")
    code, said = verified(pack)
    assert (code, "01_scope.md: a link" in said) == (1, True), said


def test_evidence_left_out_is_seen_even_when_the_issuer_seals_it(tmp_path: Path) -> None:
    kept = dict(list(RAW.items())[:1])
    with zipfile.ZipFile(make(tmp_path, kept)) as archive:
        archive.extractall(tmp_path / "out")
    code, said = verified(tmp_path / "out" / SCOPE.name)
    assert (code, "ledger entry 1 is left out" in said) == (1, True), said


def test_the_seal_of_another_key_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(make(tmp_path, signer=OTHER)) as archive:
        archive.extractall(tmp_path / "out")
    code, said = verified(tmp_path / "out" / SCOPE.name)
    assert (code, "seal.sig: the signature" in said) == (1, True), said


@pytest.mark.parametrize(
    ("before", "code"),
    [
        pytest.param(leaves()[:2], 0, id="it only grew"),
        pytest.param([leaves()[1], leaves()[0]], 1, id="history was changed"),
        pytest.param([*leaves(), leaves()[0]], 1, id="it was rolled back"),
    ],
)
def test_growth_since_the_last_visit(pack: Path, tmp_path: Path, before: list[bytes], code: int) -> None:
    last = tmp_path / "last-visit"
    last.write_text(head(before))
    assert verified(pack, "--previous", str(last))[0] == code


def test_made_twice_it_is_the_same_bytes(tmp_path: Path) -> None:
    assert make(tmp_path / "a").read_bytes() == make(tmp_path / "b").read_bytes()


def test_nothing_stays_of_a_pack_that_could_not_be_finished(tmp_path: Path) -> None:
    def gone() -> io.BufferedIOBase:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        write(tmp_path / "p.zip", SCOPE, [Payload("06_raw/1", gone)], leaves(), head(leaves()), KEY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl (Debian package openssl)")
def test_openssl_agrees_on_the_signature(pack: Path, tmp_path: Path) -> None:
    import base64

    text, _, signature = (pack / "seal.sig").read_bytes().rpartition(b"\n\n")
    (tmp_path / "text").write_bytes(text + b"\n")
    (tmp_path / "sig").write_bytes(base64.b64decode(signature.split()[-1])[4:])
    public = bytes.fromhex("302a300506032b6570032100") + base64.b64decode(str(KEY.vkey).split("+", 2)[2])[1:]
    (tmp_path / "key.der").write_bytes(public)
    command = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-rawin",
        "-pubin",
        "-keyform",
        "DER",
        "-inkey",
        "key.der",
        "-in",
        "text",
        "-sigfile",
        "sig",
    ]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
