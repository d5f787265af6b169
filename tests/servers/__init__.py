"""Real servers for tests, on loopback, started and ended by the test that uses them."""

import os
import shutil
from pathlib import Path

import pytest


def need(program: str, package: str) -> Path:
    """A program of this machine; without it the test is skipped, or fails on a build server."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        reason = f"{program} is not installed: apt-get install {package}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return Path(found)
