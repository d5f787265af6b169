"""P2, P4: several schedulers on one database, killed, paused past their lease or cut off: each slot ends exactly once.

Each has a control run without what protects it, which must do harm.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import repeat
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.faults.field import KEYS, KINDS, Field, Served, Wire, home_of, without
from tests.faults.sheet import Row, Sheet
from tests.servers import postgres


@pytest.fixture
def several(tmp_path: Path, postgres_server: str, request: pytest.FixtureRequest) -> Iterator[Field]:
    """Three homes on one PostgreSQL, each over a wire of its own."""
    slots, database = 500 if request.config.getoption("--long") else 30, postgres.new_schema(postgres_server)
    address = make_url(database)
    with ExitStack() as opened:
        wires = [opened.enter_context(closing(Wire("127.0.0.1", address.port or 0))) for _ in range(3)]
        over = [address.set(port=wire.port).render_as_string(hide_password=False) for wire in wires]
        homes = [home_of(tmp_path / f"home{n}", one) for n, one in enumerate(over)]
        yield Field(database, slots, homes, wires)


@pytest.fixture
def alone(tmp_path: Path, request: pytest.FixtureRequest) -> Field:
    """One home on SQLite."""
    folder = home_of(tmp_path / "home", "sqlite:///tenken.db")
    return Field(f"sqlite:///{folder / 'tenken.db'}", 200 if request.config.getoption("--long") else 10, [folder])


@pytest.fixture
def two(tmp_path: Path) -> Field:
    """Two processes that serve one home on SQLite."""
    folder = home_of(tmp_path / "home", "sqlite:///tenken.db")
    return Field(f"sqlite:///{folder / 'tenken.db'}", 10, [folder, folder])


def row_of(hurt: Counter[str], served: Served) -> Row:
    """What came of schedulers that were hurt."""
    harm = served.lost + served.doubled + served.stray
    injected = hurt.total()
    return Row(injected, max(injected - harm, 0), served.lost, served.doubled, served.stray)


def test_three_on_one_database_serve_each_slot_once_whatever_happens_to_them(
    several: Field, request: pytest.FixtureRequest, sheet: Sheet
) -> None:
    rounds = 20 if request.config.getoption("--long") else 1
    injuries = random.Random(2).sample(KINDS * rounds, len(KINDS) * rounds)
    hurt = several.run("", injuries, longest=15 * several.slots)
    served = several.served()
    sheet.add("schedulers", row_of(hurt, served))
    print(hurt, served)
    assert (served.lost, served.doubled, served.stray) == (0, 0, 0)
    assert hurt == Counter(injuries)
    assert served.taken_over > 0


def test_control_without_the_unique_keys_slots_are_served_twice(several: Field) -> None:
    with several.asked() as connection:
        without(connection, KEYS)
    several.run(longest=120, enough=lambda _: several.served().doubled > 0)
    assert several.served().doubled > 0


def test_control_without_the_fence_whoever_lost_a_slot_writes_all_the_same(several: Field) -> None:
    again, harmed = repeat("pause alone"), lambda _: several.served().stray > 0
    several.run("unfenced,long", again, longest=120, leases=(4, 5), serving="s0", enough=harmed)
    assert several.served().stray > 0


def test_two_processes_on_one_sqlite_database_serve_each_slot_once(two: Field) -> None:
    two.run(longest=300)
    served = two.served()
    assert (served.lost, served.doubled, served.stray) == (0, 0, 0)
    assert served.holders == 2


def test_control_without_the_unique_keys_two_processes_on_sqlite_serve_slots_twice(two: Field) -> None:
    with two.asked() as connection:
        without(connection, KEYS)
    two.run(longest=120, enough=lambda _: two.served().doubled > 0)
    assert two.served().doubled > 0


def test_one_that_is_killed_again_and_again_serves_each_slot_once(
    alone: Field, request: pytest.FixtureRequest, sheet: Sheet
) -> None:
    injuries = ("kill", "kill alone") * (100 if request.config.getoption("--long") else 2)
    hurt = alone.run("", injuries, longest=10 * len(injuries) + 200)
    served = alone.served()
    sheet.add("schedulers", row_of(hurt, served))
    print(hurt, served)
    assert (served.lost, served.doubled, served.stray) == (0, 0, 0)
    assert hurt == Counter(injuries)
    assert served.taken_over > 0


def test_control_where_no_lease_runs_out_what_was_being_served_at_a_kill_is_lost(tmp_path: Path) -> None:
    folder, kills, left = home_of(tmp_path / "home", "sqlite:///tenken.db"), ("kill", "kill alone") * 2, list[int]()
    alone = Field(f"sqlite:///{folder / 'tenken.db'}", 10, [folder])

    def enough(killed: Sequence[int]) -> bool:
        left[:] = [alone.waiting(), alone.stuck(killed)]
        return len(killed) == len(kills) and left[0] == left[1]

    alone.run("forever", kills, longest=120, enough=enough)
    assert left[0] == left[1] > 0
