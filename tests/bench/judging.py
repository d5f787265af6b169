"""Judging a home: seconds and memory of all controls, and the same SQL bare, in a process of its own.

``python -m tests.bench.judging HOME``: one line of JSON.
"""

import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from controls.assess import Company, assess
from controls.compile import compiled
from controls.engine import given, run
from controls.model import Control
from controls.population import Population
from controls.proof import DEVIATING, KEY, NONE, SEPARATOR, traced
from demo.days import AS_OF, SINCE
from evidence.facts.sql import HELD
from evidence.facts.window import Window
from evidence.period import Period
from evidence.records import Waivers
from house import open_house, window

MEBI = 1024  # of the KiB that getrusage tells


class Clocked:
    """Seconds by what they were spent on."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def on(self, what: str) -> Iterator[None]:
        """Count the time until the end of the block."""
        begun = time.monotonic()
        yield
        self.seconds[what] = self.seconds.get(what, 0) + time.monotonic() - begun


def judged(home: Path, clocked: Clocked, *, rounds: int = 1) -> dict[str, int]:
    """Judge every control of a home, each beside its bare SQL; how many controls, members and deviations there were."""
    with clocked.on("catalogue"):
        house = open_house(home)
        controls = house.catalogue.controls
    period = Period(SINCE, AS_OF, house.settings.zone)
    with clocked.on("evidence"):
        seen = window(house, period, house.store.last_commit() or house.clock.now())
    with clocked.on("texts"):
        for control in controls:
            compiled(control)
            traced(control.test, control.views)
    companies = [Company(one.code, one.tolerance_percent) for one in house.settings.companies]
    waivers, counts = (
        Waivers.from_rows(seen.rows("waivers")),
        {"controls": len(controls), "members": 0, "deviations": 0},
    )
    for _ in range(rounds):
        for control in controls:
            began = time.monotonic()
            with clocked.on("judging"):
                tested = run(control, seen)
                told = assess(control, seen, companies, waivers, tested)
            assert isinstance(tested, Population), (control.id, tested)
            counts["members"] += sum(one.population for one in told)
            counts["deviations"] += sum(len(one.deviations) for one in told)
            ours = time.monotonic() - began
            with clocked.on("bare"):
                _bare(control, seen, tested)
            print(
                f"{control.id} {ours:.2f} {time.monotonic() - began - ours:.2f} {len(tested)} {len(tested.deviating)}",
                file=sys.stderr,
                flush=True,
            )
    return counts


def _bare(control: Control, seen: Window, tested: Population) -> None:
    """The statements of a control, run as DuckDB runs them."""
    bindings, lists = given(control.parameters, seen.period, compiled(control).scalars)
    deviating = tested.deviating
    texts = [compiled(control).sql]
    if len(deviating):
        columns = (deviating.rows[name].to_pylist() for name in KEY)
        lists[DEVIATING] = [
            SEPARATOR.join(NONE if v is None else str(v) for v in key) for key in zip(*columns, strict=True)
        ]
        texts.append(traced(control.test, control.views))
    cursor = seen.connection.cursor()
    cursor.execute(f"SET search_path = 'back_{control.lookback_days},{HELD}'")
    for name, values in lists.items():
        cursor.execute(
            f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT unnest($values::VARCHAR[]) AS value',
            {"values": list(values)},
        )
    for text in texts:
        cursor.sql(text, params=bindings).to_arrow_table()
    cursor.close()


def main(home: Path) -> None:
    """Print what was measured."""
    clocked = Clocked()
    counts = judged(home, clocked)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MEBI
    print(json.dumps({**counts, **clocked.seconds, "peak_mebibytes": peak, "engine": duckdb.__version__}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
