"""``python -m tests.bench.judging HOME``: all controls of a home judged, each beside its bare SQL; one line of JSON.

In a process of its own, so that its peak of memory is that of judging.
"""

import json
import sys
import time
from pathlib import Path

from controls.assess import Company
from controls.decided import Decided
from demo.days import AS_OF, SINCE
from evidence.period import Period
from house import open_house, window
from tests.bench.beside import judged
from tests.memory import peak

MIB = 1 << 20


def main(home: Path) -> None:
    """Print what was measured, in CPU seconds and MiB; progress, control by control, on stderr."""
    house = open_house(home)
    controls, period = house.catalogue.controls, Period(SINCE, AS_OF, house.settings.zone)
    begun = time.process_time()
    seen = window(house, period, house.store.last_commit() or house.clock.now())
    held = time.process_time() - begun
    companies = [Company(one.code, one.tolerance_percent) for one in house.settings.companies]
    decided, told = Decided.shown(seen), []
    for control in controls:
        told.append(judged(control, seen, companies, decided))
        print(f"{control.id}: {told[-1]}", file=sys.stderr, flush=True)
    figures = {
        "controls": len(controls),
        "companies": len(companies),
        "faults": [str(c.id) for c, one in zip(controls, told, strict=True) if one.fault],
        "members": sum(one.members for one in told),
        "deviations": sum(one.deviations for one in told),
        "evidence": round(held, 1),
        "judged": round(sum(one.judged for one in told if not one.fault), 1),
        "bare": round(sum(one.bare for one in told), 1),
        "peak": peak() // MIB,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
