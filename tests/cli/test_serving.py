"""The scheduler as a service: it says that it serves, and stops when told to."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evidence.clock import StandingClock
from house import open_house
from scheduler import run_once
from tests.cli.conftest import ROOT, Tenken

GONE = """\
name: gone
companies: [AOBA]
transport: {kind: local, folder: inbox/gone, pattern: "*.csv"}
dataset: org_units
format: {kind: csv, encoding: utf-8}
"""
EVERY_MINUTE = 'schedules:\n  - {name: hr, does: collect, cron: "* * * * *"}\n'


@pytest.fixture
def away(home: Path) -> Callable[[timedelta], None]:
    """Let the scheduler have looked for the first time so long ago, and not since."""

    def looked(ago: timedelta) -> None:
        past = open_house(home, StandingClock(datetime.now(UTC) - ago))
        run_once(past, lambda _: None)
        past.store.close()

    return looked


def test_a_source_that_fails_is_exit_3(home: Path, run: Tenken, away: Callable[[timedelta], None]) -> None:
    (home / "sources" / "gone.yaml").write_text(GONE, "utf-8")
    (home / "schedule.yaml").write_text(EVERY_MINUTE, "utf-8")
    away(timedelta(minutes=2))
    told = run("scheduler", "run", "--once", "--json")
    assert told.returncode == 3
    assert {row["outcome"] for row in json.loads(told.stdout)} == {"failed"}


def test_what_was_missed_is_a_gap_that_a_person_answers_for(run: Tenken, away: Callable[[timedelta], None]) -> None:
    away(timedelta(days=4))
    told = run("scheduler", "run", "--once", "--json")
    assert told.returncode == 1
    assert "missed" in {row["outcome"] for row in json.loads(told.stdout)}
    words = ["SCHEDULE", "collect", "--by", "7", "--reason", "停電"]
    assert run("gaps", "dispose", *words, "--approved-by", "7").returncode == 2
    assert run("gaps", "dispose", *words, "--approved-by", "8").returncode == 0
    rows = json.loads(run("gaps", "list", "--all", "--control", "SCHEDULE", "--json").stdout)
    states = {row["subject"]: row["state"] for row in rows}
    assert (states["collect"], states["judge"]) == ("disposed", "open")


def test_an_overdue_schedule_is_exit_1(run: Tenken, away: Callable[[timedelta], None]) -> None:
    away(timedelta(days=4))
    told = run("scheduler", "status", "--json")
    assert told.returncode == 1
    assert {row["schedule"]: row["overdue"] > 0 for row in json.loads(told.stdout)}["collect"]


def test_the_service_stops_at_sigterm_with_exit_0(home: Path) -> None:
    command = [sys.executable, "-m", "cli", "--home", str(home), "scheduler", "run"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr is not None
        first = service.stderr.readline()
        service.send_signal(signal.SIGTERM)
        assert service.wait(60) == 0
    assert first.startswith(f"serving {home}")
