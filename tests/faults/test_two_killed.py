"""CR-01: two that collect into one home, killed at random moments again and again, lose nothing that they told.

What is killed was forked ready, so that each kill hits a collection at work; ``test_kill`` kills the whole command.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evidence.vault import Digest
from tests.faults import homes
from tests.faults.acting import Actor, acknowledged, done
from tests.faults.sheet import Row, Sheet
from tests.faults.test_twice import without_unique_keys
from tests.servers import postgres

KILLS = {False: 5, True: 500}  # of each database, in the suite and in the long run
A_HOME = 20  # kills of one home: what it holds makes each collection slower
LONGEST = 3.0  # seconds that one is left alone, on a machine that is too busy for two collections meanwhile
DATABASES = ("sqlite", "postgresql")


@dataclass
class Killed:
    """What came of many kills."""

    kills: int = 0
    told: int = 0
    swept: int = 0  # half-received objects that a kill left behind
    wrong: list[str] = field(default_factory=list)
    entries: Counter[int] = field(default_factory=Counter)  # how many files have so many entries of the ledger
    repeated: int = 0

    @property
    def row(self) -> Row:
        doubled = sum((times - 1) * files for times, files in self.entries.items() if times > 1)
        return Row(self.kills, self.kills - len(self.wrong), self.entries[0], doubled + self.repeated)


@pytest.fixture(params=DATABASES)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Path]:
    """Makes small homes."""
    numbers = iter(range(10**6))

    def home() -> Path:
        database = None
        if request.param == "postgresql":
            database = postgres.new_schema(request.getfixturevalue("postgres_server"))
        return homes.make_small(tmp_path / str(next(numbers)), database)

    return home


def until_told(home: Path) -> float:
    """How long it takes until the first collection is told."""
    began = time.monotonic()
    while not acknowledged(home):
        assert time.monotonic() < began + 300
        time.sleep(0.01)
    return time.monotonic() - began


def killed(home: Path, kills: int, dice: random.Random, faults: str = "") -> Killed:
    """Let two collect into a home, kill one of them after the other, and look at what is left."""
    came = Killed()
    with ExitStack() as running:
        other = running.enter_context(Actor(home, "collect on", faults))
        other.go()
        usual = until_told(home)
        for _ in range(kills):
            with Actor(home, "collect on", faults) as actor:
                actor.go()
                time.sleep(dice.uniform(0, min(2 * usual, LONGEST)))
            came.kills += (actor.process.exitcode or 0) < 0
    came.swept = len(list((home / "vault" / "incoming").iterdir()))
    acked = {run: int(rows) for run, rows in acknowledged(home)}
    came.told = len(acked)
    came.wrong = homes.problems(home, acked)
    if faults:
        return came
    ended = done(home, "collect")
    came.wrong += [*homes.problems(home, acked), *homes.ledger_problems(home)]
    came.wrong += [] if ended == 0 else [f"the last collection ended with {ended}"]
    came.wrong += [f"{path} was not swept" for path in (home / "vault" / "incoming").iterdir()]
    came.entries, came.repeated = Counter(homes.entries(home).values()), homes.repeated(home)
    with homes.opened(home) as house, house.store.read() as tx:
        recorded = [Digest(one.digest) for one in tx.objects.visible(tx.at)]
        came.wrong += [str(one) for one in house.vault.scrub(recorded)]
    return came


def test_killed_at_any_moment_they_lose_and_double_nothing(
    made: Callable[[], Path], sheet: Sheet, request: pytest.FixtureRequest
) -> None:
    seed = int(os.environ.get("TENKEN_SEED") or random.SystemRandom().randrange(10**6))
    dice, kills, told = random.Random(seed), KILLS[request.config.getoption("--long")], list[Killed]()
    while kills > 0:
        told.append(killed(made(), min(kills, A_HOME), dice))
        kills -= A_HOME
        sheet.add("kills", told[-1].row)
    print(f"seed {seed}: told {sum(one.told for one in told)}, half received {sum(one.swept for one in told)}")
    assert [wrong for one in told for wrong in one.wrong] == []
    assert [(one.row.lost, one.row.duplicated) for one in told if one.row.lost or one.row.duplicated] == []
    assert all(one.kills and one.told for one in told)


@pytest.mark.parametrize("removed", ["late_key", "torn"])
def test_control_without_the_order_of_storing_a_kill_tears_what_was_told(
    made: Callable[[], Path], removed: str
) -> None:
    dice = random.Random(1)
    assert any("is torn" in wrong for _ in range(5) for wrong in killed(made(), 10, dice, removed).wrong)


def test_control_without_the_unique_keys_what_both_collect_counts_twice(made: Callable[[], Path]) -> None:
    dice = random.Random(1)

    def doubled() -> int:
        home = made()
        without_unique_keys(home, ["ledger", "objects"])
        return killed(home, 10, dice).row.duplicated

    assert any(doubled() for _ in range(5))
