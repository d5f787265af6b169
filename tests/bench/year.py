"""The fiscal year of the demo group, lived through day by day by the real scheduler, against its planted history.

Every gap must be there with its life, every period closed and restated, every mark of the coverage calendar; no other.
Two companies, some 210 workers, one system each. Of the 90 controls 29 are judged, states and events of every
frequency and severity: POL-01, ORG-1-01, ORG-1-02, ORG-1-04, ORG-2-01, ORG-2-04, ORG-3-01, ORG-5-04, HUM-01, HUM-02,
HUM-03, HUM-05, HUM-06, PHY-1-01, PHY-2-02, PHY-2-03, PHY-3-01, PHY-4-01, TEC-1-03, TEC-2-01, TEC-2-02, TEC-2-03,
TEC-3-01, TEC-3-02, TEC-4-05, VEN-01, VEN-02, VEN-04 and VEN-05; and that what is scheduled is done. Left out are the
other 61 (none of REG, EXT, TPP and REQ), the demo's other systems and sources, mails (no server takes them here), reports
and packs, and the processes of its own in which a scheduler works.
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
MOST_MINUTES = 45  # of CPU: some seven seconds a day, a third of it for opening what was held before


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
