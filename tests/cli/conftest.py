"""The command line on a home of its own: in this process, because a start takes longer than most verbs.

That a process of its own says the same is what ``test_processes`` holds, a verb of each group.
"""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cli import main
from tests.homes import copied

ROOT = Path(__file__).parents[2]
Tenken = Callable[..., subprocess.CompletedProcess[str]]


def as_process(*words: object) -> subprocess.CompletedProcess[str]:
    """Run the program as its users do."""
    command = [sys.executable, "-m", "cli", *map(str, words)]
    environment = {name: value for name, value in os.environ.items() if name != "TENKEN_HOME"}
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, timeout=300)


def as_call(*words: object) -> subprocess.CompletedProcess[str]:
    """Run the program in this process: what it printed, and the exit code with which it would have left."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    command, told = ["tenken", *map(str, words)], 0
    with pytest.MonkeyPatch.context() as patched, chdir(ROOT), redirect_stdout(out), redirect_stderr(err):
        patched.setattr(sys, "argv", command)
        patched.delenv("TENKEN_HOME", raising=False)
        try:
            main()
        except SystemExit as left:
            told = left.code if isinstance(left.code, int) else int(left.code is not None)
    return subprocess.CompletedProcess(command, told, *(_printed(stream) for stream in (out, err)))


def _printed(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def tenken(home: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """Run one verb on a home."""
    return as_call("--home", home, *words)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A home that ``init`` has just made, and what it said."""
    home = tmp_path_factory.mktemp("cli") / "home"
    return home, tenken(home, "init", "--group", "青葉グループ", "--company", "AOBA=株式会社青葉")


@pytest.fixture
def home(made: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> Path:
    """A copy of a fresh home."""
    return copied(made[0], tmp_path / "home")


@pytest.fixture
def run(home: Path) -> Tenken:
    """Run verbs on that copy."""
    return lambda *words: tenken(home, *words)


@pytest.fixture(scope="session")
def judged(
    made: tuple[Path, subprocess.CompletedProcess[str]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A home whose one company has no policy: POL-01 finds it; and what judging said."""
    folder = tmp_path_factory.mktemp("judged")
    home, sheet = copied(made[0], folder / "home"), folder / "companies.xlsx"
    assert tenken(home, "registers", "template", "companies", "--out", sheet).returncode == 0
    book = load_workbook(sheet)
    for column, value in enumerate(["AOBA", "株式会社青葉", "1", "東京都港区", "はい", "04-01"], start=1):
        book.worksheets[0].cell(3, column).value = value
    book.save(sheet)
    imported = tenken(home, "registers", "import", "companies", sheet, "--by", "1", "--reason", "初回登録")
    assert imported.returncode == 0, imported.stderr
    assert tenken(home, "ledger", "checkpoint").returncode == 0
    return home, tenken(home, "check", "--json")


@pytest.fixture
def found(judged: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> Tenken:
    """Run verbs on a copy of the judged home."""
    home = copied(judged[0], tmp_path / "judged")
    return lambda *words: tenken(home, *words)
