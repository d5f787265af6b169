"""A backup is one file that only its keeper reads, and that brings the whole home back."""

import hashlib
import json
import subprocess
import tarfile
from datetime import date
from pathlib import Path

import pytest

from evidence import ledger
from evidence.errors import ConfigError, TenkenError
from house import House
from house.backup import backup
from house.heads import verify_ledger
from tests.backups import homes
from tests.backups.conftest import BOTH, Restoring
from tests.recipient import Recipient


def last_entry(house: House) -> dict[str, object]:
    with house.store.read() as tx:
        return dict(json.loads(tx.ledger.leaves(ledger.GROUP)[-1].leaf))


@BOTH
def test_what_was_restored_is_what_was_there(house: House, kept: Path, back: Restoring, tmp_path: Path) -> None:
    before = homes.sizes(house)
    assert back(kept, tmp_path / "new") == []
    with homes.reopened(tmp_path / "new") as restored:
        assert verify_ledger(restored) == []
        assert homes.sizes(restored) == before | {ledger.GROUP: before[ledger.GROUP] - 1}  # its own entry came after it
        left, right = homes.content(house.home), homes.content(restored.home)
        del left["settings.yaml"], right["settings.yaml"]  # names another database
        assert left == right
        homes.grown(restored, date(2026, 4, 10))
        assert verify_ledger(restored) == []


def test_secrets_stay_closed_to_others(kept: Path, back: Restoring, tmp_path: Path) -> None:
    back(kept, tmp_path / "new")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "new" / "keys").iterdir()} == {0o600}
    assert kept.stat().st_mode & 0o777 == 0o600


def test_the_ledger_says_that_it_was_made_and_for_whom(house: House, kept: Path, keeper: Recipient) -> None:
    told = last_entry(house)
    der = subprocess.run(
        ["openssl", "x509", "-in", keeper.certificate, "-outform", "DER"], capture_output=True, check=True
    ).stdout
    assert told["kind"] == "backup"
    assert told["backup"] == hashlib.sha256(kept.read_bytes()).hexdigest()
    assert told["recipient"] == hashlib.sha256(der).hexdigest()
    heads = told["heads"]
    assert isinstance(heads, list)
    assert {head["log"] for head in heads} == {"tenken/AOBA", "tenken/AOI", "tenken/group"}


def test_the_keeper_opens_it_by_the_shell_and_the_manifest_tells_of_each_file(
    house: House, kept: Path, keeper: Recipient, tmp_path: Path
) -> None:
    script = (
        'set -e; tar -xf "$1"; sha256sum --quiet --strict -c SHA256SUMS; for f in *.p7m; '
        'do openssl cms -decrypt -binary -inform DER -in "$f" -inkey "$2"; done > opened.tar; mkdir out; '
        "tar -xf opened.tar -C out"
    )
    subprocess.run(["bash", "-c", script, "-", kept, keeper.key], cwd=tmp_path, check=True)
    out = tmp_path / "out"
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    files = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file()}
    del files["manifest.json"]
    assert {name: told["sha256"] for name, told in manifest["members"].items()} == {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()
    }
    assert all(one["signed"].startswith(f"{one['log']}\n{one['size']}\n") for one in manifest["logs"])
    own = {ledger.GROUP: homes.sizes(house)[ledger.GROUP] - 1}
    assert {one["log"]: one["size"] for one in manifest["logs"]} == homes.sizes(house) | own


def test_nothing_of_it_can_be_read_without_the_key(house: House, kept: Path) -> None:
    shown = kept.read_bytes()
    for secret in (b"PRIVATE+KEY", b"AOBA", b"SQLite format", b"PGDMP", b"PAR1"):
        assert secret not in shown
    assert sorted(path.name for path in (house.home / ".backup").iterdir()) == []


@pytest.mark.parametrize("name", ["settings.yaml", "nowhere/kept.tar"])
def test_a_place_that_does_not_serve_is_refused(house: House, keeper: Recipient, name: str) -> None:
    before = homes.sizes(house)
    with pytest.raises(ConfigError, match=name):
        backup(house, house.home / name, keeper.certificate)
    assert homes.sizes(house) == before


def test_what_is_no_certificate_is_refused(house: House, tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("none")
    with pytest.raises(ConfigError, match=r"none\.pem"):
        backup(house, tmp_path / "kept.tar", tmp_path / "none.pem")
    assert not (tmp_path / "kept.tar").exists()


def test_a_home_that_lost_an_object_is_backed_up_and_says_so(house: House, keeper: Recipient, tmp_path: Path) -> None:
    lost = next(path for path in (house.home / "vault").glob("??/*"))
    lost.unlink()
    made = backup(house, tmp_path / "kept.tar", keeper.certificate)
    assert [problem for problem in made.problems if lost.name[:64] in problem]
    assert made.path.exists()


def test_a_database_that_is_damaged_leaves_no_file(house: House, keeper: Recipient, tmp_path: Path) -> None:
    house.store.close()
    (house.home / "tenken.db").write_bytes(b"no database" * 1000)
    with pytest.raises(TenkenError):
        backup(house, tmp_path / "kept.tar", keeper.certificate)
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith((".tar", ".part"))] == []


def test_two_segments_are_one_stream(
    house: House, keeper: Recipient, back: Restoring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("house.segments.SEGMENT", 20_000)
    kept = backup(house, tmp_path / "kept.tar", keeper.certificate).path
    with tarfile.open(kept) as outer:
        assert len(outer.getnames()) > 5
    assert back(kept, tmp_path / "new") == []
