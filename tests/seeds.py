"""``make seeds``: many seeds of the demo, each in a process of its own; found must be what was planted, each time."""

import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from demo import run
from demo.score import Score


def timed(size: str, seed: int) -> tuple[int, Score, float]:
    """What the demo of a seed found, and the seconds it took."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        _, score = run.judged(seed, Path(folder) / "out", lambda _: None, size)
    return seed, score, time.monotonic() - begun


def main(size: str, first: int, last: int) -> int:
    """Run the seeds from first to last; 1 when what was found is not what was planted."""
    seeds, wrong = range(first, last + 1), 0
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as processes:
        for seed, score, seconds in processes.map(timed, [size] * len(seeds), seeds):
            print(
                f"{size} {seed}: found {score.found} of {score.planted}, {len(score.false)} false, {seconds:.0f} s",
                flush=True,
            )
            for kind in ("missing", "false", "unexpected"):
                for one in getattr(score, kind):
                    print(f"  {kind}: {one}", flush=True)
            wrong += not score.perfect
    print(f"{len(seeds) - wrong} of {len(seeds)} seeds: found = planted")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
