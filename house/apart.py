"""Work in a process of its own: it ends with its deadline, with whoever began it, or when it is told to.

Work that hangs would make its scheduler silent, and work that takes all memory would take it along. The process is a
copy of ours, which has no threads; it loads what its work needs, which we do not, and builds a house of its own.
"""

import gc
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait

from evidence.errors import FencedOff

Said = Callable[[str], None]
Task = Callable[[Said], str | None]  # why it failed; None: it did not

_PROCESSES = get_context("fork")


class Apart:
    """Work that was begun in a process of its own: it is listened to until it is over, and then ended."""

    def __init__(self, task: Task, deadline: timedelta) -> None:
        self._ours, theirs = _PROCESSES.Pipe(duplex=False)
        self._child = _PROCESSES.Process(target=_begin, args=(task, theirs), name="tenken-work")
        self._child.start()
        theirs.close()
        self._deadline, self._end = deadline, time.monotonic() + deadline.total_seconds()
        self.why: str | None = None  # it failed, once it is over

    def over(self, said: Said, seconds: float) -> bool:
        """Pass on what it says for so long at most; whether it is over."""
        until = min(time.monotonic() + seconds, self._end)
        while self._ours.poll(left := max(0, until - time.monotonic())):
            try:
                told: tuple[bool, str | None] = self._ours.recv()
            except EOFError:
                self._child.join()
                code = self._child.exitcode
                self.why = f"処理のプロセスが異常終了({code}) / its process ended with code {code}"
                return True
            ended, text = told
            if ended:
                self.why = text
                return True
            said(text or "")
            if not left:
                return False
        if time.monotonic() < self._end:
            return False
        self.why = f"{self._deadline} 以内に終わらず中止 / not done within {self._deadline}: its process was ended"
        return True

    def end(self) -> None:
        """End its process, over or not."""
        self._child.kill()
        self._child.join()
        self._ours.close()


def done_apart(task: Task, said: Said, deadline: timedelta, keep: Callable[[], bool], every: timedelta) -> str | None:
    """Do a task, and say why it failed; FencedOff when ``keep``, asked ``every`` so often, says no."""
    work = Apart(task, deadline)
    try:
        while not work.over(said, every.total_seconds()):
            if not keep():
                raise FencedOff("somebody else serves this slot now; its work was ended")
        return work.why
    finally:
        work.end()


def _begin(task: Task, told: Connection) -> None:
    gc.freeze()  # what was copied is not ours to end: an engine whose threads are not here dies of it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who began us: what is being done is finished
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    told.send((True, task(lambda text: told.send((False, text)))))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
