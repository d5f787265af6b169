"""CR-01: killed at any moment, a collection loses nothing that it told, and the next one completes it."""

import os
import random
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults import homes
from tests.faults.conftest import Undisturbed
from tests.faults.sheet import Row, Sheet

QUICK, LONG = 4, 50


@dataclass
class Killed:
    """One collection that was killed, and what became of its home."""

    after_s: float
    acked: dict[str, int]
    problems: list[str]
    ledger: list[str]
    completed: subprocess.CompletedProcess[str]
    repeated: int
    is_equal: bool


@dataclass
class Run:
    """All collections that were killed."""

    seed: int
    usual_s: float = 0.0
    kills: list[Killed] = field(default_factory=list)

    @property
    def row(self) -> Row:
        return Row(
            len(self.kills),
            sum(not one.problems and not one.ledger and one.is_equal for one in self.kills),
            lost=sum(len(one.problems) for one in self.kills),
            duplicated=sum(one.repeated for one in self.kills),
            false_alarms=sum(len(one.ledger) for one in self.kills),
        )


def timed(home: Path, kill_after_s: float | None) -> tuple[str, float, bool]:
    """Collect, and kill it so long after its first act; what it told, how long its acts took, whether it was killed."""
    vault = home / "vault"
    with subprocess.Popen(
        homes.command(home), cwd=homes.ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        while not vault.exists() and process.poll() is None:
            time.sleep(0.002)
        began = time.monotonic()
        if kill_after_s is not None:
            try:
                process.wait(kill_after_s)
            except subprocess.TimeoutExpired:
                process.kill()
        told, _ = process.communicate(timeout=300)
        return told, time.monotonic() - began, process.returncode < 0


@pytest.fixture(scope="module")
def run(
    template: Path, undisturbed: Undisturbed, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Run:
    seed = int(os.environ.get("TENKEN_SEED") or random.SystemRandom().randrange(10**6))
    told = Run(seed)
    draws = random.Random(seed)
    folder = tmp_path_factory.mktemp("kills")
    kills = LONG if request.config.getoption("--long") else QUICK
    with ThreadPoolExecutor(2) as two:  # two at a time, also when the usual time is measured
        usual = two.map(lambda name: timed(homes.copy(template, folder / name), None)[1], ("usual", "too"))
        told.usual_s = sum(usual) / 2
        # Random moments, one of each part of the run.
        moments = [told.usual_s * draws.uniform(number, number + 1) / kills for number in range(kills)]
        places = [folder / str(number) for number in range(kills)]
        told.kills += two.map(lambda home, after_s: killed(template, home, after_s, undisturbed), places, moments)
    print(f"seed {told.seed}: {told.usual_s:.1f} s of acts each")
    return told


def killed(template: Path, home: Path, after_s: float, undisturbed: Undisturbed) -> Killed:
    """Kill a collection, look at what it left, collect again, and look at that. One that ended before, as machines have
    moods, is killed earlier on a home of its own."""
    output, _, died = timed(homes.copy(template, home), after_s)
    if not died:
        return killed(template, home.with_name(f"{home.name}-earlier"), after_s / 2, undisturbed)
    acked = homes.acknowledged(output)
    problems, ledger = homes.problems(home, acked), homes.ledger_problems(home)
    homes.facts(home)
    completed = homes.collect(home)
    is_equal = homes.facts(home) == undisturbed.facts
    return Killed(after_s, acked, problems, ledger, completed, homes.repeated(home), is_equal)


def test_nothing_that_was_told_is_lost(run: Run, sheet: Sheet, undisturbed: Undisturbed) -> None:
    sheet.add("kills", run.row)
    assert [one.problems for one in run.kills if one.problems] == []
    assert any(0 < len(one.acked) < undisturbed.runs for one in run.kills)


def test_the_ledger_holds_after_every_kill(run: Run) -> None:
    assert [one.ledger for one in run.kills if one.ledger] == []


def test_the_next_collection_completes_it(run: Run, undisturbed: Undisturbed) -> None:
    assert {one.completed.returncode for one in run.kills} == {0}
    assert {len(homes.acknowledged(one.completed.stdout)) for one in run.kills} == {undisturbed.runs}


def test_nothing_stands_twice_and_the_facts_are_those_of_an_undisturbed_day(run: Run) -> None:
    assert [one.repeated for one in run.kills] == [0] * len(run.kills)
    assert [one.after_s for one in run.kills if not one.is_equal] == []


@pytest.mark.parametrize("number", [1, 2, 40], ids=["the calendar", "the first object", "an object in the middle"])
def test_an_object_whose_writing_was_killed_is_no_object(home: Path, number: int) -> None:
    killed = homes.collect(home, f"kill={number}")
    assert killed.returncode < 0
    assert homes.problems(home, homes.acknowledged(killed.stdout)) == []


def test_the_next_collection_sweeps_what_was_left_half_written(home: Path) -> None:
    homes.collect(home, "kill=2")
    left = list((home / "vault" / "incoming").iterdir())
    assert homes.collect(home).returncode == 0
    assert (len(left), list((home / "vault" / "incoming").iterdir())) == (1, [])


def test_control_a_vault_that_writes_in_place_leaves_torn_objects(home: Path) -> None:
    killed = homes.collect(home, "in_place,kill=40")
    torn = homes.problems(home, homes.acknowledged(killed.stdout))
    assert killed.returncode < 0
    assert [problem.split()[-1] for problem in torn] == ["torn"]
    noticed = homes.collect(home)
    assert noticed.returncode == 4
    assert "holds other bytes than were stored" in noticed.stderr
