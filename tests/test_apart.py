"""Work in a process of its own: what it says is heard, and it ends with its deadline, its lease or its parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from evidence.errors import FencedOff
from house.apart import Said, Task, done_apart

SECOND = timedelta(seconds=1)


def apart(
    task: Task, said: Said = print, deadline: timedelta = 30 * SECOND, keep: Callable[[], bool] = lambda: True
) -> str | None:
    return done_apart(task, said, deadline, keep, SECOND / 10)


def speaking(said: Said) -> str | None:
    said("hello")
    said(str(os.getpid()))
    return "no answer"


def sleeping(note: Path, said: Said) -> str | None:
    note.write_text(str(os.getpid()))
    time.sleep(60)
    return None


def ending(said: Said) -> str | None:
    os.kill(os.getpid(), signal.SIGKILL)
    return None


def is_alive(note: Path) -> bool:
    try:
        os.kill(int(note.read_text()), 0)
    except ProcessLookupError:
        return False
    return True


def test_what_work_says_and_why_it_failed_come_back_from_another_process() -> None:
    heard: list[str] = []
    assert apart(speaking, heard.append) == "no answer"
    assert heard[0] == "hello"
    assert int(heard[1]) != os.getpid()


def test_work_that_ended_well_has_nothing_to_say() -> None:
    assert apart(lambda said: None) is None


def test_work_that_hangs_is_ended_at_its_deadline(tmp_path: Path) -> None:
    why = apart(partial(sleeping, tmp_path / "pid"), deadline=SECOND / 2)
    assert "not done within 0:00:00.5" in (why or "")
    assert not is_alive(tmp_path / "pid")


def test_work_whose_process_ends_by_itself_failed() -> None:
    assert "code -9" in (apart(ending) or "")


def test_work_whose_slot_somebody_else_serves_is_ended(tmp_path: Path) -> None:
    with pytest.raises(FencedOff):
        apart(partial(sleeping, tmp_path / "pid"), keep=lambda: not (tmp_path / "pid").exists())
    assert not is_alive(tmp_path / "pid")


def test_work_ends_with_whoever_began_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"from tests.test_apart import *; apart(partial(sleeping, Path({str(note)!r})))"
    with subprocess.Popen([sys.executable, "-c", script], cwd=Path(__file__).parents[1]) as parent:
        while not (note.exists() and note.read_text()):
            time.sleep(0.02)
        parent.kill()
    end = time.monotonic() + 10
    while is_alive(note) and time.monotonic() < end:
        time.sleep(0.02)
    assert not is_alive(note)
