"""Make forgeries of each class at many places, and ask both verifiers: all must be seen, and both must agree."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.reports.packed import Issued, problems
from tests.tamper.browser import Verifier, zipped
from tests.tamper.ground import Class, Forged, Ground
from tests.tamper.made import make


@dataclass(slots=True)
class Row:
    """What became of one class: ``shown`` were also given to the page, which refused ``refused`` of them."""

    name: str
    injected: int = 0
    seen: int = 0
    shown: int = 0
    refused: int = 0
    missed: tuple[str, ...] = ()  # the seeds of those that a verifier took for genuine
    disagreements: tuple[str, ...] = ()

    def count(self, seed: str, *, seen: bool, refused: bool | None) -> None:
        """One forgery: whether verify.py saw it, and verify.html when it was asked."""
        self.injected += 1
        self.seen += seen
        if refused is not None:
            self.shown += 1
            self.refused += refused
            self.disagreements += (seed,) * (seen != refused)
        self.missed += (seed,) * (not seen or refused is False)


def forged(kind: Class, seed: str, issued: Issued, base: Path) -> Forged:
    """The forgery of a seed, in a new folder."""
    return kind.forge(Ground(issued, base, Random(seed)))


def refused(verifier: Verifier, told: Forged, base: Path) -> bool:
    """Whether the page refuses it; anything but a clear answer is no refusal."""
    return verifier.answer(zipped(told.folder, base / "pack.zip"), told.key, told.previous).verdict == "refused"


def hunt(
    kinds: Iterable[Class], issued: Issued, verifier: Verifier, seed: int, places: int, shown: int
) -> Iterator[Row]:
    """A row a class: so many places each, of which ``shown`` are given to the page too."""
    for kind in kinds:
        row = Row(f"{kind.number:2} {kind.name}")
        for place in range(places):
            told_seed = f"{seed}|{kind.number}|{place}"
            with tempfile.TemporaryDirectory(prefix="tamper-", ignore_cleanup_errors=True) as folder:
                told = forged(kind, told_seed, issued, Path(folder))
                seen = bool(problems(told.folder, told.key, told.previous))
                row.count(
                    told_seed, seen=seen, refused=refused(verifier, told, Path(folder)) if place < shown else None
                )
        yield row


def clean(verifier: Verifier, seed: int, packs: int, shown: int) -> Row:
    """The same of packs that nobody touched, asked with each key that the company had and each earlier visit."""
    row = Row("   clean packs, by each key and visit (seen = false alarms)")
    for number in range(packs):
        with tempfile.TemporaryDirectory(prefix="tamper-") as folder:
            made = make(seed * 10**6 + number, Path(folder))
            for told in (Forged(made.folder, key, visit) for key in made.vkeys() for visit in (None, *made.visits)):
                seen = bool(problems(told.folder, told.key, told.previous))
                asked = refused(verifier, told, Path(folder)) if number < shown else None
                row.injected += 1
                row.seen += seen
                row.shown += asked is not None
                row.refused += bool(asked)
                row.disagreements += (str(number),) * (asked is not None and asked != seen)
    return row


def line(row: Row) -> str:
    """A row of the printed table."""
    return f"{row.name:60} {row.injected:8} {row.seen:18} {row.refused:12}/{row.shown:<6} {len(row.disagreements):13}"


HEAD = f"{'class':60} {'injected':>8} {'seen by verify.py':>18} {'by verify.html':>19} {'disagreements':>13}"
