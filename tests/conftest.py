"""What every test may ask for."""

from pathlib import Path

import pytest

from tests.servers import lacking


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--long``: fault tests with the nightly numbers of promises.md instead of a few."""
    parser.addoption("--long", action="store_true", help="run the fault tests with their nightly numbers")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of third-party data beside the repository; a build server must have it, a laptop may not."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        lacking(f"{folder} is not there: no third-party data to test on")
    return folder
