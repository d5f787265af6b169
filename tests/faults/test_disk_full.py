"""DSK: a disk that takes no more: nothing half-done stays, somebody is told, and with room again the day is completed."""

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults import homes
from tests.faults.conftest import Undisturbed
from tests.servers import lacking

MIB = 1 << 20
LARGEST = 8 * MIB  # well above the database, below the object
BIG_ROWS = 90
Resize = Callable[[int], None]


def left_over(home: Path) -> list[str]:
    """What a failure must not leave behind."""
    half = [*(home / "vault" / "incoming").glob("*"), *(home / "facts").rglob("*.part")]
    return [str(path.relative_to(home)) for path in half]


def outcomes(home: Path, source: str) -> list[tuple[str, str | None]]:
    with sqlite3.connect(home / "tenken.db") as database:
        told = database.execute(
            "SELECT outcome, reason FROM runs WHERE source = ? AND dataset = 'access_events' ORDER BY id", [source]
        ).fetchall()
    database.close()
    return told


@dataclass(frozen=True)
class Failed:
    """A home of which one object is larger than a file may be, after a collection."""

    home: Path
    done: "subprocess.CompletedProcess[str]"

    @property
    def acked(self) -> dict[str, int]:
        return homes.acknowledged(self.done.stdout)


@pytest.fixture(scope="module")
def failed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Failed:
    home = homes.copy(template, tmp_path_factory.mktemp("big") / "home")
    row = {"system_id": "S1", "account_key": "user1", "action": "read", "result": "ok", "purpose": "監" * 35_000}
    days = ({**row, "occurred_at": f"2026-03-01T00:00:{n % 60:02}+09:00", "target": f"T{n}"} for n in range(BIG_ROWS))
    text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in days)
    assert len(text.encode()) > LARGEST
    path = home / "inbox" / "log1" / "big.jsonl"
    path.write_text(text, "utf-8")
    os.utime(path, (homes.MOMENT, homes.MOMENT))
    return Failed(home, homes.collect(home, f"largest={LARGEST}"))


def test_an_object_that_finds_no_room_fails_its_source_alone_and_leaves_nothing(
    failed: Failed, undisturbed: Undisturbed
) -> None:
    print(f"injected 1, acknowledged {len(failed.acked)}, lost 0")
    assert failed.done.returncode == 3
    assert "log1" in failed.done.stderr
    assert len(failed.acked) == undisturbed.runs - 1
    assert [outcome for outcome, _ in outcomes(failed.home, "log1")] == ["failed"]
    assert homes.problems(failed.home, failed.acked) == []
    assert left_over(failed.home) == []


def test_with_room_again_the_same_day_is_completed(failed: Failed, undisturbed: Undisturbed, tmp_path: Path) -> None:
    home = homes.copy(failed.home, tmp_path / "home")
    done = homes.collect(home)
    assert done.returncode == 0, done.stderr
    assert [outcome for outcome, _ in outcomes(home, "log1")] == ["failed", "collected"]
    assert homes.repeated(home) == 0
    brought, wanted = homes.facts(home)["access_events"], undisturbed.facts["access_events"]
    assert [row for row in brought if row["purpose"] is None] == wanted
    assert len(brought) == len(wanted) + BIG_ROWS


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, Resize]]:
    """A disk of its own in memory, and what changes its size."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def mount(*options: str) -> None:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", disk], check=True, capture_output=True
        )

    try:
        mount(f"size={64 * MIB}")
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        lacking(f"no disk can be mounted here: {error}")
    try:
        yield disk, lambda size: mount("remount", f"size={size}")
    finally:
        subprocess.run(["umount", disk], check=True)


def used(folder: Path) -> int:
    about = os.statvfs(folder)
    return (about.f_blocks - about.f_bfree) * about.f_frsize


@pytest.mark.parametrize("percent", [10, 80])
def test_a_full_disk_is_told_and_loses_nothing(
    percent: int, template: Path, undisturbed: Undisturbed, small_disk: tuple[Path, Resize]
) -> None:
    disk, resize = small_disk
    whole = Path(shutil.copytree(undisturbed.home, disk / "whole"))
    needed = used(disk)
    shutil.rmtree(whole)
    home = homes.copy(template, disk / "home")
    before = used(disk)
    resize(before + (needed - before) * percent // 100)
    full = homes.collect(home)
    acked = homes.acknowledged(full.stdout)
    print(f"injected 1 at {percent} % of {needed - before} bytes, acknowledged {len(acked)}, lost 0")
    assert full.returncode in (2, 3)
    assert len(acked) < undisturbed.runs
    assert full.stderr.strip() and "Traceback" not in full.stderr
    assert left_over(home) == []
    resize(64 * MIB)
    assert homes.problems(home, acked) == []
    assert homes.ledger_problems(home) == []
    again = homes.collect(home)
    assert again.returncode == 0, again.stderr
    assert homes.problems(home, acked) == []
    assert homes.repeated(home) == 0
    assert homes.facts(home) == undisturbed.facts
