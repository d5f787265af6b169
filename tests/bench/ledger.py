"""What a ledger of many entries costs: to append to, to verify as a whole, to prove one entry of. Prints JSON.

``python -m tests.bench.ledger FOLDER COUNT``: in a process of its own, whose memory is its own.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from evidence import ledger
from evidence.clock import SystemClock
from evidence.ledger import keys
from evidence.store import Store
from tests.memory import peak

LOG = ledger.log_of("AOI")
AT_ONCE = 1_000
MIB = 1 << 20
Result = TypeVar("Result")


def spent(work: Callable[[], Result]) -> tuple[float, Result]:
    """CPU seconds of some work, and what came of it."""
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result


def measured(folder: Path, count: int) -> dict[str, float]:
    """Append, sign, verify and prove; CPU seconds of each, and the peak of memory in MiB."""
    keys.create(folder / "keys", LOG)
    signers, last = keys.signers(folder / "keys", LOG), keys.last_head(folder / "keys", LOG)
    store = Store.open(f"sqlite:///{folder / 'tenken.db'}", SystemClock())
    store.upgrade()

    def append() -> None:
        for first in range(0, count, AT_ONCE):
            entries = [
                ({"kind": "collected", "source": "log", "rows": n}, f"slot-{n}") for n in range(first, first + AT_ONCE)
            ]
            with store.write() as tx:
                tx.ledger.append_all(LOG, entries[: count - first])

    def sign() -> str:
        with store.write() as tx:
            return ledger.checkpoint(tx, LOG, signers, last)

    def prove() -> ledger.Proof:
        with store.read() as tx:
            return ledger.prove(tx, LOG, count // 3)

    def verify() -> list[str]:
        with store.read() as tx:
            return ledger.verify(tx, LOG, signers[0].vkey, last.read())

    told: dict[str, float] = {"entries": count}
    for work in (append, sign, prove, verify):
        told[work.__name__], result = spent(work)
        assert work is not verify or result == []
    store.close()
    return told | {"peak": peak() // MIB}


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]), int(sys.argv[2]))))
