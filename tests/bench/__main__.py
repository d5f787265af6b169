"""``make bench``: what we promise of speed, as a ratio to something bare in the same run, or in CPU seconds."""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
PAIRS = 9
MOST_TIMES_BARE = 20  # performance.md, bar 12


def seconds(command: Sequence[str]) -> float:
    """How long a process takes, from its start to its end."""
    started = time.monotonic()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.monotonic() - started


def help_against_bare() -> float:
    """How many bare interpreters start in the time of ``tenken --help``: the median of interleaved pairs."""
    bare, ours = [sys.executable, "-c", "pass"], [sys.executable, "-m", "cli", "--help"]
    return median(seconds(ours) / seconds(bare) for _ in range(PAIRS))


def cpu_seconds(*words: str) -> float:
    """What a verb costs, with all processes that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds([sys.executable, "-m", "cli", *words])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Print what was measured; 1 when a bar was missed."""
    ratio = help_against_bare()
    print(f"tenken --help: {ratio:.1f} times a bare interpreter (bar: at most {MOST_TIMES_BARE})")
    for verb in ("list", "lint"):
        print(f"tenken controls {verb}: {cpu_seconds('controls', verb):.1f} CPU seconds")
    with tempfile.TemporaryDirectory() as out:
        print(f"tenken demo: {cpu_seconds('demo', '--out', out):.0f} CPU seconds")
    return int(ratio > MOST_TIMES_BARE)


if __name__ == "__main__":
    sys.exit(main())
