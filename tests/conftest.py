"""What every test may ask for."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import migrated
from tests.faults.sheet import Sheet, lines, rows
from tests.servers import lacking, postgres

if TYPE_CHECKING:
    from house import House
    from tests.reports.packed import Issued

settings.register_profile("tenken", deadline=None)  # a busy machine is no wrong answer; speed is measured in make bench
settings.load_profile("tenken")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--long``: fault tests with the nightly numbers of promises.md instead of a few; ``--real-s3``: no stand-in."""
    parser.addoption("--long", action="store_true", help="run the fault tests with their nightly numbers")
    parser.addoption("--real-s3", action="store_true", help="try the vault on the bucket of TENKEN_S3_BUCKET")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what came of the faults that were injected, where any test injects some."""
    ran = (one for reports in terminalreporter.stats.values() for one in reports)
    if sheet := rows([one for one in ran if isinstance(one, pytest.TestReport)]):
        terminalreporter.section("faults")
        for line, is_red in lines(sheet):
            terminalreporter.line(line, red=is_red)


@pytest.fixture(scope="session", autouse=True)
def _migrated_once() -> Iterator[None]:
    """The hundreds of homes of the suite take the tables that the migrations made for the first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evidence.store.schema.upgrade", migrated.upgrade)
        yield


@pytest.fixture
def sheet(request: pytest.FixtureRequest) -> Sheet:
    """Where a test puts down the faults that it injected."""
    return Sheet(request.node)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of third-party data beside the repository; a build server must have it, a laptop may not."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        lacking(f"{folder} is not there: no third-party data to test on")
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server that these tests have for themselves."""
    with postgres.running() as address:
        yield address


@pytest.fixture(scope="session")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> "House":
    """A company whose first day was judged, and its vendor in D2 deviates; a test takes a copy of it."""
    from tests.following import FIRST, UNAUDITED, deliver, furnished, judged  # the whole house, for a few tests

    house = furnished(tmp_path_factory.mktemp("first_day"))
    deliver(house, FIRST)
    judged(house, FIRST, [UNAUDITED[0]])
    house.store.close()
    return house


@pytest.fixture
def house(first_day: "House", tmp_path: Path) -> "House":
    """A company whose first day was judged: the vendor in D2 deviates, and its manager answers for that."""
    from tests.following import copied

    return copied(first_day, tmp_path)


@pytest.fixture
def raised(house: "House") -> str:
    """A finding that owns the open gap of the vendor."""
    from house.findings import take_up
    from tests.following import UNAUDITED, gap_of, key

    return take_up(house, [gap_of(house, *UNAUDITED)], key(house, "clerk"), "委託先監査が未実施")


@pytest.fixture(scope="session")
def issued(tmp_path_factory: pytest.TempPathFactory) -> "Issued":
    """Packs of one small group, as auditors get them."""
    from tests.reports.packed import issue  # the whole house, for the tests of packs

    return issue(tmp_path_factory.mktemp("issued"))
