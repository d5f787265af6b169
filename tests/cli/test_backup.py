"""Backups by the command line: what it says, and how it leaves."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Tenken, tenken
from tests.recipient import Recipient, recipient


@pytest.fixture(scope="module")
def keeper(tmp_path_factory: pytest.TempPathFactory) -> Recipient:
    return recipient(tmp_path_factory.mktemp("keeper"))


@pytest.fixture
def kept(run: Tenken, keeper: Recipient, tmp_path: Path) -> Path:
    (tmp_path / "before").write_text(run("ledger", "checkpoint").stdout, "utf-8")
    told = run("db", "backup", "--out", tmp_path / "kept.tar", "--recipient", keeper.certificate)
    assert (told.returncode, told.stdout.strip()) == (0, str(tmp_path / "kept.tar")), told.stderr
    return tmp_path / "kept.tar"


def test_a_home_comes_back(run: Tenken, kept: Path, keeper: Recipient, tmp_path: Path) -> None:
    told = tenken(tmp_path / "nowhere", "db", "restore", kept, "--key", keeper.key, "--home", tmp_path / "new")
    assert (told.returncode, told.stdout) == (0, ""), told.stderr
    assert "compared with no head" in told.stderr
    assert not (tmp_path / "nowhere").exists()
    assert tenken(tmp_path / "new", "ledger", "verify").returncode == 0
    known = ["--checkpoint", tmp_path / "before", "--json"]
    told = tenken(tmp_path / "other", "db", "restore", kept, "--key", keeper.key, *known)
    assert (told.returncode, json.loads(told.stdout)) == (0, []), told.stderr
    assert "compared with no head" not in told.stderr


def test_an_old_backup_is_exit_4_and_names_what_is_lost(
    run: Tenken, kept: Path, keeper: Recipient, tmp_path: Path
) -> None:
    run("check")
    (tmp_path / "heads").write_text(run("ledger", "checkpoint").stdout, "utf-8")
    words = ["restore", kept, "--key", keeper.key, "--home", tmp_path / "new", "--checkpoint", tmp_path / "heads"]
    told = tenken(tmp_path / "new", "db", *words)
    assert told.returncode == 4
    assert "ROLLBACK (巻き戻し): tenken/AOBA" in told.stdout
    assert "are lost" in told.stdout
    assert "ROLLBACK (巻き戻し)" in told.stderr


def test_a_file_that_was_cut_off_is_exit_4_and_leaves_nothing(kept: Path, keeper: Recipient, tmp_path: Path) -> None:
    kept.write_bytes(kept.read_bytes()[:-600])
    told = tenken(tmp_path, "db", "restore", kept, "--key", keeper.key, "--home", tmp_path / "new")
    assert (told.returncode, told.stdout) == (4, "")
    assert [path.name for path in tmp_path.iterdir() if "new" in path.name] == []


def test_a_file_that_is_there_is_not_written_over(run: Tenken, kept: Path, keeper: Recipient) -> None:
    before = kept.read_bytes()
    assert run("db", "backup", "--out", kept, "--recipient", keeper.certificate).returncode == 2
    assert kept.read_bytes() == before
