"""``python -m tests.backups.collecting HOME``: a house that collects and signs without an end, for backups under load."""

import sys
from datetime import date, timedelta
from itertools import count
from pathlib import Path

from evidence.clock import StandingClock
from house import open_house
from tests.backups.homes import grown, remember
from tests.closing import at

FIRST = date(2026, 4, 3)


def main(home: Path) -> None:
    """Bring one list after the other, and say of each that it was brought."""
    house = open_house(home, StandingClock(at("2026-04-02T09:00")))
    for days in count():
        remember(house, grown(house, FIRST + timedelta(days=days)))
        print(days, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
