"""One written demo and a few worlds, shared by the tests: building them takes longer than asking them."""

from functools import cache
from pathlib import Path

import pytest

import demo
from demo.group import Group
from demo.plan import Plan

SEEDS = (1, 2026)  # make seeds runs twenty


@cache
def world(seed: int) -> tuple[Group, Plan]:
    """The world of a seed."""
    return demo.build(seed)


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the demo of seed 1 was written."""
    out = tmp_path_factory.mktemp("demo")
    demo.write(1, out)
    return out
