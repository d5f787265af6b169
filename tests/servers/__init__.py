"""Real servers for tests, on loopback, started and ended by the test that uses them."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest


def lacking(reason: str) -> NoReturn:
    """Skip the test for what this machine lacks, or fail it on a build server."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def need(program: str, package: str) -> Path:
    """A program of this machine."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        lacking(f"{program} is not installed: apt-get install {package}")
    return Path(found)
