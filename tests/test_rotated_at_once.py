"""Two processes that rotate the vault's key at once: one waits for the other, and no object is lost."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest

from evidence.errors import Tampered
from evidence.vault import Digest
from house import create, open_house

ROOT = Path(__file__).parents[1]
PATIENCE = 60  # seconds
KEPT = [bytes([number]) for number in range(3)]
ROTATE = """
import sys, time
from contextlib import nullcontext
from pathlib import Path
from evidence import secrets
from house import open_house, vaults

def at_the_gate(path, content):  # of which all is read that it is made of
    gate.touch()
    while gate.exists():
        time.sleep(0.01)
    replace(path, content)

home, gate, replace = Path(sys.argv[1]), Path(sys.argv[2]), secrets.replace
if "halting" in sys.argv:
    secrets.replace = at_the_gate
if "unlocked" in sys.argv:
    vaults.locked = lambda *_: nullcontext()
house = open_house(home)
print(vaults.rotate(house.home, house.settings, house.store))
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create(tmp_path / "home", "青葉グループ", [("AOBA", "株式会社青葉")]).store.close()
    return tmp_path / "home"


@pytest.fixture
def kept(home: Path) -> Sequence[Digest]:
    house = open_house(home)
    told = [house.vault.put(BytesIO(one)).digest for one in KEPT]
    house.store.close()
    return told


def contents(home: Path, kept: Sequence[Digest]) -> list[bytes]:
    house, told = open_house(home), list[bytes]()
    for one in kept:
        with house.vault.open(one) as file:
            told.append(file.read())
    house.store.close()
    return told


@contextmanager
def rotating(home: Path, *how: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that rotates, ended if it does not end itself."""
    command = [sys.executable, "-c", ROTATE, str(home), str(home.with_name("gate")), *how]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def waits(process: "subprocess.Popen[str]") -> bool:
    """Whether it waits for a lock that another process holds."""
    told = [line.split() for line in Path("/proc/locks").read_text("ascii").splitlines()]
    return any(line[1:3] == ["->", "FLOCK"] and str(process.pid) in line for line in told)


def until(told: Callable[[], bool]) -> None:
    last = time.monotonic() + PATIENCE
    while not told():
        assert time.monotonic() < last
        time.sleep(0.01)


def test_of_two_who_rotate_at_once_one_waits_for_the_other_and_no_object_is_lost(
    home: Path, kept: Sequence[Digest]
) -> None:
    gate = home.with_name("gate")
    with rotating(home, "halting") as first:
        until(gate.exists)
        with rotating(home) as second:
            until(lambda: waits(second) or second.poll() is not None)
            assert second.poll() is None, "it did not wait"
            gate.unlink()
            told = [one.communicate(timeout=PATIENCE) for one in (first, second)]
    assert told == [("3\n", "")] * 2
    assert contents(home, kept) == KEPT
    assert len((home / "keys" / "vault").read_text("ascii").split()) == 2, "that of the first, and the newest"


def test_control_where_nobody_waits_the_key_of_one_is_lost_with_every_object(
    home: Path, kept: Sequence[Digest]
) -> None:
    gate = home.with_name("gate")
    with rotating(home, "halting", "unlocked") as first:
        until(gate.exists)
        with rotating(home, "unlocked") as second:
            assert second.communicate(timeout=PATIENCE) == ("3\n", "")
            gate.unlink()
            _, said = first.communicate(timeout=PATIENCE)
    assert "Tampered" in said
    with pytest.raises(Tampered):
        contents(home, kept)
