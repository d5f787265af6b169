"""DSK: a disk that takes no more: nothing half-done stays, somebody is told, and with room again the day is completed."""

import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from evidence.ballast import SIZE
from tests.faults import homes
from tests.faults.acting import FAILED, acknowledged, done
from tests.faults.conftest import Undisturbed
from tests.faults.sheet import Row, Sheet
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
    told = "SELECT outcome, reason FROM runs WHERE source = :source AND dataset = 'access_events' ORDER BY id"
    with homes.asked(home) as ask:
        return [(outcome, reason) for outcome, reason in ask(told, source=source)]


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
    failed: Failed, undisturbed: Undisturbed, sheet: Sheet
) -> None:
    wrong = homes.problems(failed.home, failed.acked)
    sheet.add("disk full", Row(1, int(not wrong), len(wrong)))
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
    percent: int, template: Path, undisturbed: Undisturbed, small_disk: tuple[Path, Resize], sheet: Sheet
) -> None:
    disk, resize = small_disk
    whole = Path(shutil.copytree(undisturbed.home, disk / "whole"))
    (whole / "ballast").unlink()
    needed = used(disk)
    shutil.rmtree(whole)
    home = homes.copy(template, disk / "home")
    before = used(disk)
    resize(before + (needed - before) * percent // 100)
    full = homes.collect(home)
    acked = homes.acknowledged(full.stdout)
    wrong = homes.problems(home, acked)
    sheet.add("disk full", Row(1, int(not wrong), len(wrong)))
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


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return homes.make_small(tmp_path_factory.mktemp("small") / "home")


def filled(small: Path, disk: Path, resize: Resize, room: int) -> tuple[list[str], Row]:
    """Collect until the disk is full, make room, and collect what is left; what is wrong, and the row of it."""
    home = homes.copy(small, disk / str(room))
    for number in range(8):
        homes.deliver(home, f"{number}", room // 8)
    (home / "inbox" / "log1").rename(home / "inbox" / "coming")
    (home / "inbox" / "log1").mkdir()
    resize(used(disk) + room)
    ends = list[int | None]()
    for path in sorted((home / "inbox" / "coming").iterdir()):
        path.rename(home / "inbox" / "log1" / path.name)
        ends.append(done(home, "collect"))
    acked = {run: int(rows) for run, rows in acknowledged(home)}
    wrong = [f"ended with {end}" for end in ends if end not in (0, FAILED)]
    wrong += [] if FAILED in ends else ["it was never full"]
    resize(256 * MIB)
    wrong += [*left_over(home), *homes.problems(home, acked), *homes.ledger_problems(home)]
    wrong += [] if done(home, "collect") == 0 else ["not even with room again"]
    told = homes.entries(home).values()
    row = Row(1, int(not wrong), sum(not one for one in told), sum(max(one - 1, 0) for one in told))
    shutil.rmtree(home)
    return [f"{room}: {one}" for one in wrong], row


def test_of_a_disk_of_any_size_nothing_is_lost_when_it_is_full(
    small: Path, small_disk: tuple[Path, Resize], sheet: Sheet, request: pytest.FixtureRequest
) -> None:
    draws, sizes = random.Random(4), [MIB, 10 * MIB]
    if request.config.getoption("--long"):
        sizes = [size * MIB + draws.randrange(MIB) for size in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 63)]
    told = [filled(small, *small_disk, size) for size in sizes]
    for _, row in told:
        sheet.add("disk full", row)
    assert [one for wrong, _ in told for one in wrong] == []
    assert [row for _, row in told if row.lost or row.duplicated] == []


@pytest.fixture
def brimful(small: Path, small_disk: tuple[Path, Resize]) -> Iterator[Path]:
    """A home whose disk another file has filled after its last collection."""
    disk, _ = small_disk
    home = homes.copy(small, disk / "home")
    assert done(home, "collect") == 0
    homes.deliver(home, "next")
    with (disk / "other").open("wb", buffering=0) as other, suppress(OSError):
        while other.write(bytes(MIB)):
            pass
    yield home


def ballast_of(home: Path) -> int:
    return (home / "ballast").stat().st_size


def test_that_the_disk_is_full_is_put_down_while_it_is(brimful: Path, sheet: Sheet) -> None:
    assert ballast_of(brimful) == SIZE
    ends = [done(brimful, "collect") for _ in range(3)]
    told = outcomes(brimful, "log1")
    sheet.add("disk full", Row(3, sum(outcome == "failed" for outcome, _ in told)))
    assert ends == [FAILED] * 3
    assert [outcome for outcome, _ in told] == ["collected"] * 2 + ["failed"] * 3
    assert all(reason for _, reason in told[2:])


def test_nothing_is_stored_in_what_was_freed_and_it_is_put_back_when_there_is_room(brimful: Path) -> None:
    objects = sorted((brimful / "vault").rglob("*.sealed"))
    assert done(brimful, "collect") == FAILED
    assert done(brimful, "collect") == FAILED
    assert (ballast_of(brimful), sorted((brimful / "vault").rglob("*.sealed"))) == (0, objects)
    (brimful.parent / "other").unlink()
    assert done(brimful, "collect") == 0
    assert ballast_of(brimful) == SIZE
    assert set(homes.entries(brimful).values()) == {1}
    assert homes.ledger_problems(brimful) == []


def test_control_without_ballast_it_cannot_be_put_down(brimful: Path) -> None:
    (brimful / "ballast").unlink()
    with (brimful.parent / "other").open("ab", buffering=0) as other, suppress(OSError):
        while other.write(bytes(MIB)):
            pass
    assert done(brimful, "collect") == FAILED
    (brimful.parent / "other").unlink()
    assert [outcome for outcome, _ in outcomes(brimful, "log1")].count("failed") == 0
