"""What the command line costs before it does anything, and what it says of itself."""

import subprocess
import sys
from ast import literal_eval
from pathlib import Path

import pytest

from cli.app import VERBS
from tests.cli.conftest import ROOT, as_call

HEAVY = ("boto3", "paramiko", "sqlalchemy", "openpyxl", "duckdb", "pyarrow", "rich", "pydantic", "apscheduler")
TO_READ = ("duckdb", "pyarrow")
TO_JUDGE, TO_COLLECT, TO_WRITE = ("sqlglot",), ("boto3", "paramiko"), ("openpyxl", "jinja2", "holidays")
LOOKING = """
import sys
from cli import main
try:
    main()
finally:
    print(sorted(sys.modules), file=sys.stderr)
"""


def imported(*words: object) -> set[str]:
    """What a process had imported when it had done a verb."""
    command = [sys.executable, "-c", LOOKING, *map(str, words)]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return set(literal_eval(told.stderr.splitlines()[-1]))


def test_help_imports_no_library_that_a_verb_needs() -> None:
    assert imported("--help") & set(HEAVY) == set()


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("gaps", "list"), id="gaps"),
        pytest.param(("ledger", "verify"), id="the ledger"),
        pytest.param(("db", "upgrade"), id="the database"),
    ],
)
def test_a_verb_that_only_looks_imports_nothing_that_judges_collects_or_writes(
    home: Path, words: tuple[str, ...]
) -> None:
    assert imported("--home", home, *words) & {*TO_JUDGE, *TO_COLLECT, *TO_WRITE} == set()


def test_a_scheduler_that_has_no_work_imports_nothing_that_work_needs(home: Path) -> None:
    """But holidays: the example's self-check is due on a business day."""
    loaded = imported("--home", home, "scheduler", "run", "--once") - {"holidays"}
    assert loaded & {*TO_READ, *TO_JUDGE, *TO_COLLECT, *TO_WRITE, "sqlalchemy.dialects.postgresql"} == set()


def test_help_names_every_verb() -> None:
    told = as_call("--help")
    assert all(f"  {verb} " in told.stdout for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_without_a_home(verb: str) -> None:
    told = as_call(verb, "--help")
    assert told.returncode == 0, told.stderr
    assert f"tenken {verb}" in told.stdout


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["fly"], id="no such verb"),
        pytest.param(["gaps", "fly"], id="no such verb in a group"),
        pytest.param(["check", "--since", "yesterday"], id="no day"),
        pytest.param(["check", "--known-at", "2026-03-31T18:00"], id="a moment without a zone"),
        pytest.param(["check", "--home", "x"], id="an option in the wrong place"),
    ],
)
def test_usage_that_means_nothing_is_exit_2(words: list[str]) -> None:
    told = as_call(*words)
    assert (told.returncode, told.stdout) == (2, "")
    assert "Traceback" not in told.stderr
