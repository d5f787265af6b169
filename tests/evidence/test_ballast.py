"""The ballast of a home: laid where there is room, let go of when the disk is full, and put back later."""

import os
import resource
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest

from evidence.ballast import ROOM, SIZE, Ballast


@pytest.fixture
def kept(tmp_path: Path) -> Ballast:
    one = Ballast(tmp_path / "ballast")
    one.keep()
    return one


@pytest.fixture
def limited() -> Iterator[None]:
    """No file may be as large as a ballast."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SIZE // 2, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def room(monkeypatch: pytest.MonkeyPatch, left: int) -> None:
    told: Mapping[str, int] = {"f_bavail": left, "f_frsize": 1}
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(**told))


def test_it_takes_the_room_that_it_keeps_and_nobody_else_reads_it(kept: Ballast) -> None:
    about = kept.path.stat()
    assert (about.st_size, about.st_mode & 0o777, kept.is_let_go) == (SIZE, 0o600, False)
    assert about.st_blocks * 512 >= SIZE


def test_let_go_of_it_takes_none_and_says_that_the_disk_was_full(kept: Ballast) -> None:
    kept.let_go()
    assert (kept.path.stat().st_blocks, kept.is_let_go) == (0, True)


def test_it_is_put_back_when_there_is_room_for_it_and_as_much_again(
    kept: Ballast, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.let_go()
    room(monkeypatch, ROOM - 1)
    kept.keep()
    assert kept.is_let_go
    room(monkeypatch, ROOM)
    kept.keep()
    assert not kept.is_let_go


def test_a_disk_that_never_had_room_for_it_was_not_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room(monkeypatch, ROOM - 1)
    one = Ballast(tmp_path / "ballast")
    one.keep()
    one.let_go()
    assert (one.path.exists(), one.is_let_go) == (False, False)


@pytest.mark.usefixtures("limited")
def test_where_a_quota_leaves_no_room_for_it_there_is_none(tmp_path: Path) -> None:
    one = Ballast(tmp_path / "ballast")
    one.keep()
    assert (one.path.exists(), one.is_let_go) == (False, False)


def test_where_a_quota_leaves_no_room_to_put_it_back_the_disk_is_full_still(kept: Ballast, limited: None) -> None:
    kept.let_go()
    kept.keep()
    assert kept.is_let_go
