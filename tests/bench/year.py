"""The fiscal year of the demo group, lived through day by day by the real scheduler, against its planted history.

Two companies, some 210 workers and four systems of the demo, thirty of its controls: states and events of every
frequency. What is left out: the other controls, systems and sources, mails (there is no server to send them to), and
the processes that a scheduler works in.
"""

import tempfile
import time
from datetime import date
from pathlib import Path

from demo.days import DAY
from tests.year import calendar, closes
from tests.year.compared import compared
from tests.year.history import history
from tests.year.history_sources import DOWN
from tests.year.lived import begin
from tests.year.second_head import disagreements
from tests.year.world import FIRST, begun

COMPARED = date(2026, 4, 30)  # the weeks until this day are judged by the oracles as well
LAST_CLOSED = date(2027, 4, 8)  # the year's last periods are closed on the day before
MOST_MINUTES = 20  # of CPU


def year() -> bool:
    """Live it, print what came of it; whether everything is as the history implies and the bar was held."""
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        world = begun()
        stories = history(world, LAST_CLOSED)
        lived = begin(Path(folder), world, stories, DOWN)
        lived.through(COMPARED + DAY)
        doubted = list(disagreements(lived.house, COMPARED))
        lived.through(LAST_CLOSED)
        gaps, wrong = compared(lived, stories)
        wrong += doubted
        told = calendar.told(lived)
        wrong += calendar.differing(lived, told)
        wrong += closes.differing(lived.house, stories, LAST_CLOSED)
        print("\n".join(calendar.printed(lived, told)))
        lived.house.store.close()
    minutes, days = (time.process_time() - began) / 60, (LAST_CLOSED - FIRST).days + 1
    print("\n".join(wrong))
    print(
        f"a year: {days} days lived, {len(stories)} stories, {gaps} gaps found, {len(wrong)} wrong; "
        f"{minutes:.0f} CPU minutes (bar: {MOST_MINUTES})"
    )
    return not wrong and minutes <= MOST_MINUTES
