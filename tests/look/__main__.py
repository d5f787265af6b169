"""``python -m tests.look DEMO_OUT LOOK_OUT [--pages 3] [--dpi 80]``: exit 1 when a workbook is not fit to be handed out."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.look.handed_out import hand_out
from tests.look.pictures import HOME, documents, look
from tests.look.portal_pages import portal_pictures


def main(words: Sequence[str]) -> int:
    """Write what a demo's home hands out, take the pictures, and say where they are and what is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.look", description="Every workbook and page of a demo and of its home as pictures."
    )
    parser.add_argument("demo", type=Path, help="folder of a demo")
    parser.add_argument("out", type=Path, help="new folder for the pictures")
    parser.add_argument("--pages", type=int, default=3, help="pages to show of each sheet")
    parser.add_argument("--dpi", type=int, default=80)
    told = parser.parse_args(words)
    if not documents(told.demo):
        parser.error(f"{told.demo}: no workbook and no page there; run `make demo` first")
    handed_out = told.out / "handed-out"
    hand_out(told.demo / HOME, handed_out)
    pages = portal_pictures(told.demo / HOME, told.out)
    pictures, faults = look([told.demo, handed_out], told.out, told.pages, told.dpi, pages)
    print(f"{len(pictures)} pictures, all on {told.out / 'contact.png'}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
