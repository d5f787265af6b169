"""A fact file that is not the one that was recorded is not read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.errors import Tampered
from tests.evidence.facts.test_window import Held, at, worker


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    yield Held(tmp_path)


def test_a_changed_fact_file_is_tampered(held: Held) -> None:
    held.deliver("workers", [worker("P1")], at=at("2026-03-10"))
    [file] = held.facts.root.rglob("*.parquet")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(Tampered, match="workers"):
        held.window()


@pytest.mark.parametrize("depth", [pytest.param(0, id="the file"), pytest.param(2, id="a folder on the way to it")])
def test_a_fact_file_that_is_reached_through_a_link_is_tampered(held: Held, depth: int) -> None:
    held.deliver("workers", [worker("P1")], at=at("2026-03-10"))
    [file] = held.facts.root.rglob("*.parquet")
    linked = (file, *file.parents)[depth]
    elsewhere = linked.rename(held.facts.root.parent / "elsewhere")
    linked.symlink_to(elsewhere)
    with pytest.raises(Tampered, match="through a link"):
        held.window()
