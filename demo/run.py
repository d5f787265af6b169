"""``tenken demo``: write the group, then do with it what a deployment does, and count what was found."""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from collectors.collect import Collected
from demo import SIZES, write
from demo.days import AS_OF, SINCE
from demo.plan import read
from demo.score import Score, compare
from demo.worlds import Size
from evidence.errors import AlreadyDone, IntegrityError, SourceError
from evidence.period import Period
from house import House, day, desk, furnish, handout

EDITOR = "1"  # the worker number of the person who imports the registers


@dataclass(frozen=True, slots=True)
class Ran:
    """What the demo made and found."""

    score: Score
    products: tuple[Path, ...]


def run(seed: int, out: Path, said: Callable[[str], None], size: str = "small") -> Ran:
    """Write the group of a seed under ``out``, run everything, and compare with what was planted before."""
    house, score = judged(seed, out, said, size)
    said("signing the ledger and writing the products")
    day.checkpoint(house)
    period = Period(SINCE, AS_OF, house.settings.zone)
    products = [path for company in house.settings.codes for path in _hand_out(house, company, period, out)]
    return Ran(score, tuple(products))


def judged(seed: int, out: Path, said: Callable[[str], None], size: str = "small") -> tuple[House, Score]:
    """Write the group of a seed under ``out``, collect and judge; its house, and what was found of what was planted."""
    said(f"writing a {size} group from seed {seed}")
    house = collected(seed, out, said, SIZES[size])
    assessments = day.judge(house, Period(SINCE, AS_OF, house.settings.zone))
    said(f"judged {len(assessments)} times")
    return house, compare(read((out / "planted.json").read_text("utf-8")), day.gaps(house), assessments)


def collected(seed: int, out: Path, said: Callable[[str], None], size: Size) -> House:
    """Write the group of a seed under ``out``, import its registers and collect its sources."""
    write(seed, out, size)
    house = furnish(out / "home")
    for path in sorted((out / "home" / "registers").glob("*.xlsx")):
        planned = desk.import_register(house, path.stem, path, EDITOR, "初回登録")
        said(f"imported {path.stem}: {len(planned.added)} rows, {len(planned.problems)} problems")
    for done in day.collect_day(house, AS_OF):
        said(_brought(done))
    return house


def _hand_out(house: House, company: str, period: Period, out: Path) -> list[Path]:
    documents = [*handout.self_check_documents(house, company, period), handout.management_book(house, company, period)]
    paths = []
    for document in documents:
        path = out / document.name
        path.write_bytes(document.content)
        paths.append(path)
    pack = Path(handout.create_pack(house, company, period, out))
    _verify(pack, house.vkey(company))
    (out / f"{company}.vkey").write_text(house.vkey(company) + "\n")
    return [*paths, pack]


def _verify(pack: Path, vkey: str) -> None:
    """Verify a pack as an auditor does: unpacked, with the verifier that travels in it, without tenken."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(pack) as archive:
        archive.extractall(folder)
        command = [sys.executable, "-I", "verify.py", "--key", vkey]
        done = subprocess.run(command, cwd=Path(folder) / pack.stem, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise IntegrityError(f"{pack}: does not verify:\n{done.stdout}{done.stderr}")


def _brought(done: Collected | SourceError | AlreadyDone) -> str:
    if not isinstance(done, Collected):
        return f"failed {done}"
    return f"collected {done.source}: {done.objects} objects, {done.rows} rows, {done.rejected} rejected"
