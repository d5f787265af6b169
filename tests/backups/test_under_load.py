"""P15 and DB-04: every backup that was made while a process wrote can be restored, and every old one is told as old."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from house import House, open_house
from house.backup import backup
from house.heads import checkpoint, verify_ledger
from house.restore import ROLLBACK, Known
from tests.backups import homes
from tests.backups.conftest import BOTH, Restoring
from tests.recipient import Recipient

ROOT = Path(__file__).parents[2]
QUICK, LONG = 2, 20


@contextmanager
def written_to(home: Path) -> Iterator["subprocess.Popen[str]"]:
    """While a process of its own collects into a home."""
    command = [sys.executable, "-m", "tests.backups.collecting", str(home)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield process
            assert process.poll() is None
        finally:
            process.kill()


@dataclass
class Sheet:
    """What promises.md §5 asks every fault test to tell."""

    injected: int = 0
    survived: int = 0
    rolled_back: int = 0
    unseen: int = 0

    def __str__(self) -> str:
        return (
            f"{self.injected} backups under load: {self.survived} restored and verified; restored late: "
            f"{self.rolled_back} flagged as rollback, {self.unseen} of them without the comparison"
        )


def backed_up(house: House, keeper: Recipient, folder: Path, times: int) -> list[Path]:
    """Backups of a house into which somebody writes: of each the one before was not the same."""
    made: list[Path] = []
    with written_to(house.home) as process:
        assert process.stdout is not None
        while len(made) < times:
            made.append(backup(house, folder / f"{len(made)}.tar", keeper.certificate).path)
            process.stdout.readline()
    return made


def ahead(home: Path) -> list[str]:
    """The heads in a keys folder that the database beside it has not grown to."""
    with homes.reopened(home) as house, house.store.read() as tx:
        found = [Known(path.read_text("utf-8"), path).head for path in (home / "keys").glob("*.head")]
        assert found
        return [one.origin for one in found if one.size > tx.ledger.size(one.origin)]


@BOTH
def test_backups_under_load_are_restored_and_old_ones_are_flagged(
    house: House, keeper: Recipient, back: Restoring, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    times, sheet = LONG if request.config.getoption("--long") else QUICK, Sheet()
    homes.remember(house, checkpoint(house))
    made = backed_up(house, keeper, tmp_path, times)
    (tmp_path / "heads").write_text("\n".join(checkpoint(house).values()), "utf-8")
    for number, kept in enumerate(made):
        sheet.injected += 1
        verified = back(kept, tmp_path / f"{number}") == [] and not ahead(tmp_path / f"{number}")
        sheet.survived += verified
        sheet.unseen += verified  # what passes when nobody compares
        late = back(kept, tmp_path / f"late{number}", checkpoint=tmp_path / "heads")
        sheet.rolled_back += len(late) == 3 and all(told.startswith(ROLLBACK) for told in late)
    print(sheet)
    assert sheet == Sheet(times, times, times, times)


def test_control_files_before_the_database_leave_rows_without_their_files(house: House, tmp_path: Path) -> None:
    shutil.copytree(house.home, tmp_path / "copy")
    homes.grown(house, date(2026, 4, 3))  # what a process wrote in between
    (tmp_path / "copy" / "tenken.db").unlink()
    with house.store.copied(tmp_path / "copy" / "tenken.db"):
        pass
    copied = open_house(tmp_path / "copy")
    assert verify_ledger(copied)
    copied.store.close()


def test_one_backup_at_a_time(house: House, keeper: Recipient, tmp_path: Path) -> None:
    from evidence.errors import ConfigError
    from house.backup import _private_folder

    with _private_folder(house.home) as folder, pytest.raises(ConfigError, match="another backup"):
        (folder / "half").write_text("a copy that is being written")
        backup(house, tmp_path / "kept.tar", keeper.certificate)
    assert not (tmp_path / "kept.tar").exists()
    assert list((house.home / ".backup").iterdir()) == []
