"""A control judged, and beside it its statements as DuckDB runs them, without anything of ours around them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from controls.assess import Company, assess
from controls.compile import combined, lists_of, written
from controls.decided import Decided
from controls.engine import TestFault, given, run, tracing
from controls.model import Control, Member
from evidence.facts.sql import HELD
from evidence.facts.window import Window


@dataclass(frozen=True, slots=True)
class Beside:
    """CPU seconds of judging and of the statements alone (one thread each), and how much was judged."""

    judged: float
    bare: float
    members: int
    deviations: int
    fault: str | None = None  # why it cannot be judged: such a control is UNVERIFIED, and nothing stands beside it


def judged(control: Control, window: Window, companies: Sequence[Company], decided: Decided) -> Beside:
    """Judge one control for all companies, then run its statements once more by themselves."""
    begun = time.process_time()
    tested = run(control, window)
    told = assess(control, window, companies, decided, tested)
    spent = time.process_time() - begun
    members, deviations = sum(one.population for one in told), sum(len(one.deviations) for one in told)
    if isinstance(tested, TestFault):
        return Beside(spent, 0, 0, 0, str(tested))
    deviating = list(tested.deviating)
    del tested, told  # no judging holds two answers at once
    try:
        return Beside(spent, _statements(control, window, deviating), members, deviations)
    except duckdb.Error as error:  # then its proof could not be gathered in judging either
        return Beside(spent, 0, 0, 0, str(error).splitlines()[0])


def _statements(control: Control, window: Window, deviating: Sequence[Member]) -> float:
    """Seconds of the test as its author wrote it and, where something deviates, of its proof."""
    test = written(combined(control.test, control.views), lists_of(control.parameters))
    asked = [(test, given(control.parameters, window.period, test.bound))]
    if deviating:
        asked.append(tracing(control, window.period, deviating))
    with window.connection.cursor() as cursor:
        cursor.execute(f"SET search_path = 'back_{control.lookback_days},{HELD}'")
        begun = time.process_time()
        for text, bindings in asked:
            cursor.sql(text.sql, params=bindings).to_arrow_table()
        return time.process_time() - begun
