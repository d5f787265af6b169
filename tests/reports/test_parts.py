"""A pack above a size is written in parts that any shell puts together again, and is verified from its first part."""

import shutil
import subprocess
from pathlib import Path

import pytest

from cli.pack import verify as verify_archive
from evidence.errors import ConfigError
from reports.pack.parts import joined, split
from tests.reports.packed import Issued

SIZE = 40_000  # bytes; a pack has some hundred thousand


@pytest.fixture
def parts(issued: Issued, tmp_path: Path) -> list[Path]:
    return split(Path(shutil.copy(issued.zips / "masked.zip", tmp_path / "masked.zip")), SIZE)


def test_the_shell_puts_them_together(issued: Issued, parts: list[Path]) -> None:
    whole = (issued.zips / "masked.zip").read_bytes()
    assert [part.stat().st_size for part in parts[:-1]] == [SIZE] * (len(whole) // SIZE)
    told = subprocess.run("cat masked.zip.[0-9]*", shell=True, cwd=parts[0].parent, capture_output=True, check=True)
    assert told.stdout == whole
    assert sorted(parts[0].parent.iterdir()) == parts


@pytest.mark.parametrize(("over", "number"), [(-1, 2), (0, 1), (1, 1)])
def test_only_what_is_larger_is_split(tmp_path: Path, over: int, number: int) -> None:
    (tmp_path / "p.zip").write_bytes(bytes(1000))
    assert len(split(tmp_path / "p.zip", 1000 + over)) == number


def test_it_is_verified_from_its_first_part(
    issued: Issued, parts: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    verify_archive(parts[0], issued.vkey())
    assert "ORIGIN VERIFIED" in capsys.readouterr().out


def test_a_part_that_is_missing_is_named(parts: list[Path], tmp_path: Path) -> None:
    (tmp_path / "joined").mkdir()
    parts[1].unlink()
    with pytest.raises(ConfigError, match=parts[1].name):
        joined(parts[0], tmp_path / "joined")
