"""``make late``: a period judged before all of its evidence had come, and again: both results stay, and can be had again.

The demo of a seed is collected without the last exports of some sources and judged, then they arrive and it is judged
again: now what was planted is found. After that the table of judgements is emptied, and each result comes back, control
for control, from what was known at its moment.
"""

import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from controls.model import Assessment
from demo import write
from demo.days import AS_OF, SINCE
from demo.plan import read
from demo.run import EDITOR
from demo.score import compare
from evidence.period import Period
from house import House, day, desk, furnish, open_house
from tests.recomputed import bodies

LATE = ("hr_roster", "lms", "mdm", "log_crm")  # a roster, records, an inventory, a log


def main(seed: int) -> int:
    """Print what was seen; 1 when anything of it is not as it must be."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        write(seed, out)
        held_back = _hold_back(out / "home" / "inbox", out / "later")
        house = furnish(out / "home")
        for path in sorted((out / "home" / "registers").glob("*.xlsx")):
            desk.import_register(house, path.stem, path, EDITOR, "初回登録")
        first = _judged(house)
        for source, path in held_back:
            path.rename(out / "home" / "inbox" / source / path.name)
        second = _judged(house)
        score = compare(read((out / "planted.json").read_text("utf-8")), day.gaps(house), second)
        kept = [len(_history(house, one)) for one in second]
        house.store.close()
        _forget(out / "home")
        house = open_house(out / "home")
        period = Period(SINCE, AS_OF, house.settings.zone)
        again = [day.judge(house, period, one[0].known_at) for one in (first, second)]
        house.store.close()
    restated = sum(a.verdict != b.verdict or a.deviations != b.deviations for a, b in zip(first, second, strict=True))
    same = [bodies(a) == bodies(b) for a, b in zip((first, second), again, strict=True)]
    print(f"{len(second)} results, {restated} restated; kept of each at least {min(kept)}")
    print(f"found {score.found} of {score.planted} planted, {len(score.false)} false, after the late evidence")
    print(f"first and second result again, after the table was emptied: {same}")
    return int(not (restated and min(kept) >= 2 and score.perfect and all(same)))


def _hold_back(inbox: Path, later: Path) -> list[tuple[str, Path]]:
    """Take the last file of some sources away."""
    taken = []
    for source in LATE:
        last = max((inbox / source).iterdir(), key=lambda path: path.stat().st_mtime)
        (later / source).mkdir(parents=True)
        taken.append((source, last.rename(later / source / last.name)))
    return taken


def _judged(house: House) -> Sequence[Assessment]:
    """Everything that has come, collected and judged."""
    for _ in day.collect_day(house, AS_OF):
        pass
    period = Period(SINCE, AS_OF, house.settings.zone)
    return day.judge(house, period)


def _history(house: House, one: Assessment) -> Sequence[object]:
    with house.store.read() as tx:
        return tx.judgements.history(one.control, one.company)


def _forget(home: Path) -> None:
    with sqlite3.connect(home / "tenken.db") as database:
        database.execute("DELETE FROM judgements")
    database.close()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
