"""CR-05: killed while it writes a pack, a process leaves no half pack, and nothing readable of one with originals."""

import random
import shutil
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from house import open_house
from tests.faults.acting import Actor, done
from tests.faults.homes import copy
from tests.faults.sheet import Row, Sheet
from tests.outside import CODE, people
from tests.recipient import Recipient, recipient
from tests.reports.packed import Issued

QUICK, LONG = 3, 60


@dataclass(frozen=True, slots=True)
class Packing:
    """A home in which packs are written, and what they need."""

    home: Path
    out: Path
    period: tuple[str, str]
    auditor: Recipient
    released: tuple[str, str]

    def given(self, what: str) -> tuple[str, ...]:
        told = (CODE, *self.period, str(self.out))
        return told if what == "pack" else (*told, str(self.auditor.certificate), *self.released)

    def left(self) -> list[Path]:
        """Folders of packs with originals that lie in the home."""
        return [*(self.home / "plain").glob("*"), *self.home.glob(".pack-*")]


@pytest.fixture
def packing(issued: Issued, tmp_path: Path) -> Packing:
    by, approver = (issued.house.keys().person("worker_no", one.number) for one in people("kouno")[:2])
    home, out = copy(issued.house.home, tmp_path / "home"), tmp_path / "out"
    out.mkdir()
    period = (issued.period.since.isoformat(), issued.period.as_of.isoformat())
    return Packing(home, out, period, recipient(tmp_path), (by, approver))


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    return LONG if request.config.getoption("--long") else QUICK


def whole(path: Path, packing: Packing) -> dict[str, int]:
    """What is in a pack, by its checksums."""
    if path.suffix == ".p7m":
        path = packing.auditor.open(path, path.with_suffix(".opened"))
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {member.filename: member.CRC for member in archive.infolist()}


def killed(packing: Packing, what: str, kills: int, after: Callable[[], None]) -> tuple[list[str], Row]:
    """Kill a packing at random moments, one of each part of it; what is wrong, and the row of it."""
    began = time.monotonic()
    assert done(packing.home, what, *packing.given(what)) == 0
    usual = time.monotonic() - began
    [reference] = packing.out.iterdir()
    wanted, content = whole(reference, packing), reference.read_bytes()
    dice, hit, wrong = random.Random(5), 0, list[str]()
    for number in range(kills):
        shutil.rmtree(packing.out)
        packing.out.mkdir()
        with Actor(packing.home, what, "", packing.given(what)) as actor:
            actor.go()
            ended = actor.ended(usual * dice.uniform(number, number + 1) / kills)
        hit += ended is None
        seen = [path for path in packing.out.iterdir() if path.suffix != ".part"]
        wrong += [f"{path} is half a pack" for path in seen if what == "pack" and path.read_bytes() != content]
        wrong += [f"{path} is half a pack" for path in seen if what != "pack" and whole(path, packing) != wanted]
        after()
        again = done(packing.home, what, *packing.given(what))
        made = [whole(path, packing) for path in packing.out.iterdir() if path.suffix in (".zip", ".p7m")]
        wrong += [] if (again, made) == (0, [wanted]) else [f"again it ended with {again} and other files"]
        if what == "pack" and reference.read_bytes() != content:
            wrong.append("again it is of other bytes")
    return wrong, Row(hit, hit - len(wrong), 0, 0, len(wrong))


def test_a_pack_is_whole_or_not_there_and_the_same_when_it_is_made_again(
    packing: Packing, kills: int, sheet: Sheet
) -> None:
    wrong, row = killed(packing, "pack", kills, lambda: None)
    sheet.add("packs", row)
    assert wrong == []
    assert row.injected


def test_of_a_pack_with_originals_nothing_stays_readable_after_the_next_start(
    packing: Packing, kills: int, sheet: Sheet
) -> None:
    left, readable = list[Path](), list[str]()

    def started() -> None:
        left.extend(packing.left())
        open_house(packing.home).store.close()
        readable.extend(map(str, packing.left()))

    wrong, row = killed(packing, "raw pack", kills, started)
    sheet.add("packs", row)
    assert [*wrong, *readable] == []
    assert left, "no kill hit it while it had a pack in plain: nothing was tried"
