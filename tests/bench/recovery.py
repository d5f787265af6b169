"""What a backup of a demo home costs, and how long it takes until it stands again, verified (RTO)."""

import tempfile
import time
from pathlib import Path

from demo import run
from house import day
from house.backup import backup
from house.restore import restore
from tests.recipient import recipient


def recovery() -> bool:
    """Back up and restore a small group that was judged; whether it came back whole."""
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        house, keeper = run.judged(1, at / "demo", lambda _: None)[0], recipient(at)
        day.checkpoint(house)
        began = time.monotonic()
        made = backup(house, at / "kept.tar", keeper.certificate)
        backed_up, size = time.monotonic() - began, made.path.stat().st_size >> 20
        house.store.close()
        began = time.monotonic()
        problems = restore(made.path, keeper.key, at / "new")
        restored = time.monotonic() - began
    print(
        f"a small group: backed up in {backed_up:.1f} s ({size} MiB), restored and verified in {restored:.1f} s (RTO); "
        f"RPO: what was written since the last backup; {len(problems)} problems"
    )
    return not problems and not made.problems
