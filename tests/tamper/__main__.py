"""``make tamper``: every class of tampering at many places, and clean packs; both verifiers are asked. 1 when one errs."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from reports.pack.page import page
from tests.reports.packed import issue
from tests.tamper.browser import chromium, opened
from tests.tamper.classes import CLASSES
from tests.tamper.hunt import HEAD, clean, hunt, line


def main(words: Sequence[str]) -> int:
    """Print the table; the seeds of what was missed, if any, go to stderr."""
    parser = argparse.ArgumentParser(prog="python -m tests.tamper", description="Forged packs, and both verifiers.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--places", type=int, default=200, help="forgeries of each class, and clean packs")
    parser.add_argument("--shown", type=int, default=10, help="how many of them the browser sees too")
    told = parser.parse_args(words)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        issued = issue(Path(folder))
        verifier = opened(browser, page(), Path(folder))
        print(HEAD, flush=True)
        for row in hunt(CLASSES, issued, verifier, told.seed, told.places, told.shown):
            print(line(row), flush=True)
            wrong += len(row.missed) + len(row.disagreements)
            for seed in row.missed:
                print(f"not seen: {seed}", file=sys.stderr)
        row = clean(verifier, told.seed, told.places, told.shown)
        print(line(row), flush=True)
        wrong += row.seen + row.refused
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
