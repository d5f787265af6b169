"""Work in a process of its own: what it says is heard, and it ends with its deadline, its lease or its parent."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from multiprocessing.context import ForkProcess
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


def interrupted(said: Said) -> str | None:
    os.kill(os.getpid(), signal.SIGINT)
    return "finished"


def is_alive(note: Path) -> bool:
    """Whether a process runs; one that has ended and was not waited for yet does not."""
    try:
        told = Path(f"/proc/{note.read_text()}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return told.rpartition(")")[2].split()[0] != "Z"


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


@pytest.fixture
def unkilled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Let nobody end the process of work, but this fixture afterwards."""
    with monkeypatch.context() as patched:
        patched.setattr(ForkProcess, "kill", lambda _: None)
        patched.setattr(ForkProcess, "join", lambda *_: None)
        yield
    [child] = multiprocessing.active_children()
    child.kill()
    child.join()


def test_control_work_that_nobody_ends_outlives_its_deadline(unkilled: None, tmp_path: Path) -> None:
    apart(partial(sleeping, tmp_path / "pid"), deadline=SECOND / 2)
    assert is_alive(tmp_path / "pid")


def test_control_work_that_nobody_ends_outlives_its_lease(unkilled: None, tmp_path: Path) -> None:
    with pytest.raises(FencedOff):
        apart(partial(sleeping, tmp_path / "pid"), keep=lambda: not (tmp_path / "pid").exists())
    assert is_alive(tmp_path / "pid")


def test_work_is_finished_when_who_began_it_is_told_to_stop_at_the_terminal() -> None:
    assert apart(interrupted) == "finished"


def test_control_work_that_hears_the_terminal_is_not_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    told = signal.signal  # whoever began the tests in the background left them deaf to the terminal
    monkeypatch.setattr(signal, "signal", lambda number, _: told(number, signal.default_int_handler))
    assert "code 1" in (apart(interrupted) or "")


def outlived(note: Path, before: str, seconds: float) -> bool:
    """Whether work is there so long after whoever began it was killed."""
    script = f"from tests.test_apart import *; {before}; apart(partial(sleeping, Path({str(note)!r})))"
    with subprocess.Popen([sys.executable, "-c", script], cwd=Path(__file__).parents[1]) as parent:
        while not (note.exists() and note.read_text()):
            time.sleep(0.02)
        parent.kill()
    end = time.monotonic() + seconds
    while is_alive(note) and time.monotonic() < end:
        time.sleep(0.02)
    return is_alive(note)


def test_work_ends_with_whoever_began_it(tmp_path: Path) -> None:
    assert not outlived(tmp_path / "pid", "pass", 10)


def test_control_work_that_does_not_look_after_its_parent_outlives_it(tmp_path: Path) -> None:
    assert outlived(tmp_path / "pid", "from house import apart as a; a._end_with_parent = lambda: None", 1)
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
