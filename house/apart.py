"""Work in a process of its own: it ends with its deadline, with whoever began it, or when it is told to.

Work that hangs would make its scheduler silent, and work that takes all memory would take it along. The process is a
copy of ours, which has no threads; it loads what its work needs, which we do not, and builds a house of its own.
"""

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


def done_apart(task: Task, said: Said, deadline: timedelta, keep: Callable[[], bool], every: timedelta) -> str | None:
    """Do a task, and say why it failed; FencedOff when ``keep``, asked ``every`` so often, says no."""
    ours, theirs = _PROCESSES.Pipe(duplex=False)
    child = _PROCESSES.Process(target=_begin, args=(task, theirs), name="tenken-work")
    child.start()
    theirs.close()
    end = time.monotonic() + deadline.total_seconds()
    ask = time.monotonic() + every.total_seconds()
    try:
        while (now := time.monotonic()) < end:
            if now >= ask:
                if not keep():
                    raise FencedOff("somebody else serves this slot now; its work was ended")
                ask = now + every.total_seconds()
            if ours.poll(max(0, min(ask, end) - time.monotonic())):
                told: tuple[bool, str | None] = ours.recv()
                ended, text = told
                if ended:
                    return text
                said(text or "")
        return f"{deadline} 以内に終わらず中止 / not done within {deadline}: its process was ended"
    except EOFError:
        child.join()
        return f"処理のプロセスが異常終了({child.exitcode}) / its process ended with code {child.exitcode}"
    finally:
        child.kill()
        child.join()
        ours.close()


def _begin(task: Task, told: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who began us: what is being done is finished
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    told.send((True, task(lambda text: told.send((False, text)))))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
