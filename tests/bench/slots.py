"""What a scheduler costs that finds ten thousand slots due, and how long it takes from its start to its first work."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import scheduler
from evidence.clock import SystemClock
from evidence.store.values import SlotRow
from house import House, create

SCHEDULES, MINUTES = 10, 1_000


@contextmanager
def behind(home: Path) -> Iterator[House]:
    """A house whose schedules were seen so long ago that ten thousand of their moments have come."""
    house = create(home, "架空グループ", [("AOI", "株式会社葵")], SystemClock())
    lines = "".join(f'  - {{name: s{n}, does: checkpoint, cron: "* * * * *"}}\n' for n in range(SCHEDULES))
    (home / "schedule.yaml").write_text(f"schedules:\n{lines}grace_hours: 720\n")
    seen = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=MINUTES)
    with house.store.write() as tx:
        for n in range(SCHEDULES):
            tx.slots.finish(SlotRow(f"s{n}", seen, "done", None))
    yield house
    house.store.close()


def planning(house: House) -> float:
    """CPU seconds of putting down what is due."""
    told, begun = scheduler.read(house.home), time.process_time()
    scheduler.plan(house, told)
    spent = time.process_time() - begun
    with house.store.read() as tx:
        assert len(tx.slots.all()) >= SCHEDULES * (MINUTES + 1)
    return spent


def starting(house: House) -> tuple[float, float]:
    """CPU seconds and seconds from the start of ``tenken scheduler run`` until it begins to serve the first of them."""
    command = [sys.executable, "-m", "cli", "--home", str(house.home), "scheduler", "run"]
    began = time.monotonic()
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL) as service:
        while not _begun(house):
            time.sleep(0.01)
        spent, passed = _cpu_seconds(service.pid), time.monotonic() - began
        service.kill()
    return spent, passed


def _cpu_seconds(pid: int) -> float:
    """What a process took itself, by the operating system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _begun(house: House) -> bool:
    with house.store.read() as tx:
        return bool(tx.slots.serving(house.clock.now()))
