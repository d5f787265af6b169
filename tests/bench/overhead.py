"""What judging a tiny company costs beside its SQL, and whether that stays so with thousands of controls."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import pyarrow as pa

from controls.assess import Company, assess
from controls.decided import Decided
from controls.loader import Catalogue
from controls.model import Control, ControlId
from evidence.facts.window import Window
from evidence.period import Period

TINY = [Company("C1")]


@dataclass(slots=True)
class Timed(Window):
    """A window that counts the CPU seconds of its statements."""

    spent: float = 0.0

    def run(self, sql: str, bindings: Mapping[str, object], *, lookback_days: int) -> pa.Table:
        begun = time.process_time()
        try:
            return Window.run(self, sql, bindings, lookback_days=lookback_days)
        finally:
            self.spent += time.process_time() - begun


def tiny(catalogue: Catalogue) -> Iterator[tuple[Control, Timed]]:
    """Each control, and the rows of its first example, judged once: its texts are prepared."""
    for control in catalogue.controls:
        example = catalogue.examples_of(control.id)[0]
        period = Period(example.since, example.as_of)
        window = Window.given(example.given, period, only=[*control.datasets, "attestations"])
        timed = Timed(**{field.name: getattr(window, field.name) for field in fields(window)})
        assess(control, timed, TINY, Decided())
        yield control, timed


def milliseconds(shown: Sequence[tuple[Control, Timed]], controls: int) -> float:
    """CPU time that one of so many controls costs beside its statements."""
    spent = 0.0
    for number in range(controls):
        control, window = shown[number % len(shown)]
        begun, before = time.process_time(), window.spent
        assess(replace(control, id=ControlId(f"{control.id}-{number}")), window, TINY, Decided())
        spent += time.process_time() - begun - (window.spent - before)
    return 1000 * spent / controls
