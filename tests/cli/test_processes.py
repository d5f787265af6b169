"""The program as its users start it: a process of its own says what a call in the tests' process says."""

import subprocess
from pathlib import Path

import pytest

from cli.app import VERBS
from tests.cli.conftest import as_call, as_process
from tests.homes import copied

SAME = [
    pytest.param(("--home", "nowhere", "doctor"), id="doctor"),
    pytest.param(("config", "check"), id="config"),
    pytest.param(("sources", "list", "--json"), id="sources"),
    pytest.param(("collect", "--source", "nobody"), id="collect"),
    pytest.param(("datasets", "list"), id="datasets"),
    pytest.param(("controls", "list"), id="controls"),
    pytest.param(("check", "--control", "POL-01", "--json"), id="check"),
    pytest.param(("periods", "show", "AOBA", "2026-04-01", "2026-04-30"), id="periods"),
    pytest.param(("coverage", "--control", "POL-01", "--json"), id="coverage"),
    pytest.param(("gaps", "list"), id="gaps"),
    pytest.param(("findings", "show", "F-1"), id="findings"),
    pytest.param(("notices", "send"), id="notices"),
    pytest.param(("registers", "show", "companies"), id="registers"),
    pytest.param(("attest", "POL-99", "--company", "AOBA", "--by", "7", "--fact", "x", "--answer", "nil"), id="attest"),
    pytest.param(("report", "erasures", "--company", "AOBA", "--month", "2026-13"), id="report"),
    pytest.param(("pack", "verify", "nowhere.zip"), id="pack"),
    pytest.param(("ledger", "verify", "--json"), id="ledger"),
    pytest.param(("vault", "due", "--json"), id="vault"),
    pytest.param(("portal", "run"), id="portal"),
    pytest.param(("scheduler", "status", "--json"), id="scheduler"),
    pytest.param(("db", "upgrade"), id="db"),
    pytest.param(("init", "--group", "別", "--company", "X=Y"), id="init"),
    pytest.param(("demo", "--out", "."), id="demo"),
]


@pytest.fixture(scope="module")
def home(judged: tuple[Path, subprocess.CompletedProcess[str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A judged home."""
    return copied(judged[0], tmp_path_factory.mktemp("processes") / "home")


@pytest.mark.parametrize("words", SAME)
def test_a_process_prints_and_leaves_as_a_call_does(home: Path, words: tuple[str, ...]) -> None:
    call, process = (run("--home", home, *words) for run in (as_call, as_process))
    assert (process.returncode, process.stdout, process.stderr) == (call.returncode, call.stdout, call.stderr)
    assert process.stdout + process.stderr


def test_every_group_of_verbs_is_started_once() -> None:
    assert {param.id for param in SAME} == set(VERBS)
