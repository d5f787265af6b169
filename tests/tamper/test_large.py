"""A pack of many files and one of a large object are verified in the browser, in memory that does not grow with them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from reports.pack.page import page
from tests.memory import peak
from tests.reports.packed import reseal
from tests.tamper.browser import opened, zipped
from tests.tamper.made import make

MIB = 2**20


def browsers() -> Iterator[int]:
    """The processes that this one started, and those that they started."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            told = status.read_text()
        except OSError:
            continue  # it ended meanwhile
        if "VmHWM" in told:  # it has memory: it did not end unnoticed
            parents[int(status.parent.name)] = int(re.findall(r"PPid:\t(\d+)", told)[0])
    for process in parents:
        above = process
        while above in parents and above != os.getpid():
            above = parents[above]
        if above == os.getpid() and process != above:
            yield process


def largest() -> int:
    """Bytes of the largest of them at its largest."""
    return max(map(peak, browsers()))


def test_many_files_and_a_large_object(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    long = request.config.getoption("--long")
    many, large, bar = (10_000, 1024 * MIB, 240 * MIB) if long else (500, 160 * MIB, 100 * MIB)
    made = make(3, tmp_path)
    samples = made.folder / "data" / "05_samples"
    samples.mkdir()
    for number in range(many):
        (samples / f"{number:06d}.bin").write_bytes(number.to_bytes(4, "big") * 256)
    with (samples / "large.bin").open("wb") as file:
        file.truncate(large)  # zeros: a few packed bytes hold all of them
    reseal(made.folder, made.key)
    verifier = opened(browser, page(), tmp_path)
    before = largest()
    told = verifier.answer(zipped(made.folder, tmp_path / "pack.zip"), made.vkeys()[-1])
    grown = largest() - before
    print(f"{many} files and {large // MIB} MiB: the browser's largest process grew by {grown // MIB} MiB")
    assert told.verdict == "genuine", told.all_found
    assert grown < bar
