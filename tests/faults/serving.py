"""A scheduler whose work writes a little, and tells at which attempt: ``python -m tests.faults.serving HOME FAULT,…``.

slow=N     N seconds pass between looking for what is due and putting it down
long       the work of s0 takes six leases; else it is one or so
unfenced   (a protection removed) whoever lost a slot may write all the same
forever    (a protection removed) no lease runs out
"""

import random
import re
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event

from sqlalchemy import func, select

import scheduler
from evidence import ledger, store
from evidence.clock import Clock, SystemClock
from evidence.store.tables import SlotAttemptTable as Attempt
from evidence.store.values import Claim
from house import House, open_house
from house.apart import Said
from scheduler import Schedule

LEASE = timedelta(seconds=1)
WRITES = 4
SCHEDULES = 10
moments = scheduler.moments


def plant(faults: str) -> None:
    """Plant faults in this process."""
    if "unfenced" in faults:
        store.hold = lambda *_: None  # type: ignore[attr-defined]
    if slow := re.search(r"slow=(\d+)", faults):
        scheduler.moments = partial(_slowly, int(slow[1]) / SCHEDULES)


def _slowly(seconds: float, house: House, schedule: Schedule, after: datetime, until: datetime) -> Iterator[datetime]:
    found = list(moments(house, schedule, after, until))
    time.sleep(seconds if found else 0)
    return iter(found)


def work(faults: str, home: Path, clock: Clock, claim: Claim, *__: object) -> None:
    """Write some entries under a claim, each with the newest attempt that there is then."""
    plant(faults)
    mine = open_house(home, clock).store.under(claim)
    this = (Attempt.schedule == claim.schedule) & (Attempt.due_at == claim.due_at)
    is_long = "long" in faults and claim.schedule == "s0"
    for _ in range(WRITES):
        time.sleep(1.5 if is_long else 0.75 * random.random() ** 3)
        with mine.write() as tx:
            newest = tx._rows.execute(select(func.max(Attempt.fence)).where(this)).scalar_one()
            entry = {"kind": "work", "schedule": claim.schedule, "attempt": claim.fence, "newest": newest}
            tx.ledger.append(ledger.GROUP, entry, uuid.uuid4().hex)


def serve(faults: str, house: House, claim: Claim, schedule: Schedule, _: date, said: Said) -> str | None:
    """Work in a child, as the product does."""
    task = partial(work, faults, house.home, house.clock, claim)
    told = scheduler.read(house.home)
    return scheduler.served_apart(task, house, claim, schedule, said, told=told, lease=lease_of(faults))


def lease_of(faults: str) -> timedelta:
    """How long nobody else may serve what one began."""
    return timedelta(days=9) if "forever" in faults else LEASE


if __name__ == "__main__":
    where, planted = Path(sys.argv[1]), sys.argv[2]
    plant(planted)
    scheduler.LOOK = timedelta(milliseconds=100)
    scheduler.run(open_house(where, SystemClock()), print, Event(), partial(serve, planted), lease_of(planted))
