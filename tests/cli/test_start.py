"""What the command line costs before it does anything, and what it says of itself."""

import subprocess
import sys

import pytest

from cli.app import VERBS
from tests.cli.conftest import ROOT, as_call

HEAVY = ("boto3", "paramiko", "sqlalchemy", "openpyxl", "duckdb", "pyarrow", "rich", "pydantic", "apscheduler")
LOOKING = f"""
import sys
sys.argv = ["tenken", "--help"]
from cli import main
try:
    main()
finally:
    print([name for name in {HEAVY!r} if name in sys.modules])
"""


def test_help_imports_no_library_that_a_verb_needs() -> None:
    told = subprocess.run([sys.executable, "-c", LOOKING], cwd=ROOT, check=True, capture_output=True, text=True)
    assert told.stdout.splitlines()[-1] == "[]"


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
