"""P2: each unique key stops what comes through without the ones before it, on both databases.

Somebody looked for what is due, stood still, and puts it down when another one has served it.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from evidence.clock import StandingClock
from evidence.errors import AlreadyDone, StoreUnavailable, TenkenError
from evidence.store.values import Claim, SlotRow
from house import House, create, slots
from tests.faults.field import KEYS, without
from tests.servers import postgres

LEASE = timedelta(minutes=1)
DUE = datetime(2026, 3, 31, tzinfo=UTC)
SLOT = SlotRow("daily", DUE, "done", None)


@dataclass(frozen=True, slots=True)
class Came:
    """What came of it: how often the slot was begun, ended and told, and what stopped the second one."""

    begun: int
    ended: int
    told: int
    stopped: type[TenkenError] | None


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'home' / 'tenken.db'}"
    return postgres.new_schema(request.getfixturevalue("postgres_server"))


@pytest.fixture
def house(url: str, tmp_path: Path) -> Iterator[House]:
    clock = StandingClock(DUE + timedelta(hours=1))
    built = create(tmp_path / "home", "架空グループ", [("AOI", "株式会社葵")], clock)
    built.store.close()
    built.store = type(built.store).open(url, clock)
    with closing(built.store) as store:
        store.upgrade()
        yield built


def began(house: House, holder: str) -> Claim | None:
    with house.store.lease() as leases:
        leases.plan([("daily", DUE)])
        return leases.claim("daily", DUE, holder, LEASE)


def served_by_two(house: House, url: str, dropped: Sequence[str]) -> Came:
    """Serve one slot, and put it down, begin and end it once more."""
    engine = create_engine(url)
    with engine.connect() as connection:
        without(connection, dropped)
    first = began(house, "a")
    assert first is not None
    slots.finish(house, first, SLOT, print, timedelta(0))
    stopped = None
    try:
        if second := began(house, "b"):
            slots.finish(house, second, SLOT, print, timedelta(0))
    except TenkenError as error:
        stopped = type(error)
    with engine.connect() as connection:
        asked = ("slot_attempts", "slot_results", "ledger WHERE log = 'tenken/group'")
        begun, ended, told = (connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in asked)
    engine.dispose()
    return Came(begun, ended, told, stopped)


@pytest.mark.parametrize(
    ("dropped", "came"),
    [
        pytest.param([], Came(1, 1, 1, None), id="none: it is put down once"),
        pytest.param(["slots"], Came(1, 1, 1, StoreUnavailable), id="slots: an attempt is made once"),
        pytest.param(["slots", "slot_attempts"], Came(2, 1, 1, AlreadyDone), id="attempts: a slot ends once"),
        pytest.param(
            ["slots", "slot_attempts", "slot_results"], Came(2, 1, 1, AlreadyDone), id="ends: it is told once"
        ),
        pytest.param(list(KEYS), Came(2, 2, 2, None), id="all: it is served twice"),
    ],
)
def test_each_key_stops_what_comes_through_without_those_before(
    house: House, url: str, dropped: list[str], came: Came
) -> None:
    assert served_by_two(house, url, dropped) == came
