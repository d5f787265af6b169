"""One call of the system that an act makes is made to fail, or is the last one that its process makes, by ``strace``.

strace does not carry out a call whose result it sets: of short writes only that of nothing is one that can happen.
"""

import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.acting import Actor
from tests.servers import lacking, need

CALLS = (
    "openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "renameat2", "link", "linkat", "ftruncate", "unlink",
    "unlinkat", "mkdir", "close",
)  # fmt: skip
KILL, SHORT = "signal=KILL", "retval=0"
HOW = (KILL, "error=EIO", "error=ENOSPC")
SEEN = re.compile(r"^(\d+) +(\w+)\(", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fault:
    """What becomes of one call."""

    call: str
    number: int
    how: str

    def __str__(self) -> str:
        return f"{self.call}:{self.how}:when={self.number}"


@dataclass(frozen=True, slots=True)
class Struck:
    """How an act ended that one call was made to fail of."""

    exitcode: int | None
    injected: bool


def calls_of(home: Path, what: str, *given: str, faults: str = "") -> Counter[str]:
    """How often an undisturbed act makes each call; the most of any of its threads, because each is counted alone."""
    log = home.with_name(f"{home.name}.trace")
    with Actor(home, what, faults, given) as actor, _traced(actor, log):
        actor.go()
        assert actor.ended(300) == 0, log.read_text()
    made = Counter[str]()
    for (_, call), count in Counter(SEEN.findall(log.read_text())).items():
        made[call] = max(made[call], count)
    return made


def faults_of(made: Counter[str]) -> list[Fault]:
    """Every fault that can come of these calls."""
    return [
        Fault(call, number + 1, how)
        for call in CALLS
        for number in range(made[call])
        for how in (*HOW, *([SHORT] if call in ("write", "pwrite64") else []))
    ]


def strike(home: Path, fault: Fault, what: str, *given: str, faults: str = "") -> Struck:
    """Act, and let one call have its fault."""
    log = home.with_name(f"{home.name}.trace")
    with Actor(home, what, faults, given) as actor, _traced(actor, log, "-e", f"inject={fault}"):
        actor.go()
        ended = actor.ended(120)
    return Struck(ended, (ended or 0) < 0 if fault.how == KILL else "(INJECTED)" in log.read_text())


@contextmanager
def _traced(actor: Actor, log: Path, *more: str) -> Iterator[None]:
    """Trace a process that waits until it ends, or the block does."""
    watched = ",".join(f"?{call}" for call in CALLS)
    command = [
        str(need("strace", "strace")),
        "-f",
        "-p",
        str(actor.pid),
        "-o",
        str(log),
        "-e",
        f"trace={watched}",
        *more,
    ]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as one:
        while not _attached(actor.pid):
            if one.poll() is not None:
                assert one.stderr is not None
                lacking(f"strace cannot trace here: {one.stderr.read().decode()}")
            time.sleep(0.002)
        try:
            yield
        finally:
            if one.poll() is None and actor.process.exitcode is None:
                one.terminate()
            one.wait(60)


def _attached(pid: int) -> bool:
    """Whether all threads of a process are traced."""
    told = (path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/status"))
    return all("\nTracerPid:\t0\n" not in one for one in told)
