"""No personal data leaves the house: what was planted in what systems and people write is found nowhere outside."""

import logging
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from collectors.collect import Collected
from evidence.border import Border, Level
from evidence.period import Period
from house import House, day, handout
from reports.pack.reperform import differences
from tests.canaries.planted import CODE, JUDGED, plant
from tests.canaries.search import CANARIES, WRITTEN, shown_in, unpacked
from tests.notices.homes import DAY

PERIOD = Period(DAY.replace(day=1), DAY)
LEDGER = ("ledger", "runs", "rejects")


@dataclass
class Left:
    """A home of canaries, and all that left it."""

    house: House
    packs: Path
    pieces: list[tuple[str, bytes]]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    base = tmp_path_factory.mktemp("canaries")
    out, packs, temp = (base / name for name in ("out", "packs", "temp"))
    for folder in (out, packs, temp):
        folder.mkdir()
    heard = Heard()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tempfile, "tempdir", str(temp))
        logging.getLogger().addHandler(heard)
        logging.getLogger().setLevel(logging.DEBUG)
        house = plant(base / "home")
        told = [str(one.reason if isinstance(one, Collected) else one) for one in day.collect_day(house, DAY)]
        day.judge(house, PERIOD, only=JUDGED)
        day.checkpoint(house)
        handout.create_pack(house, CODE, PERIOD, out / "pack.zip")
        for document in (
            *handout.self_check_documents(house, CODE, PERIOD),
            handout.management_book(house, CODE, PERIOD),
        ):
            (out / document.name).write_bytes(document.content)
        handout.create_pack(house, CODE, PERIOD, packs / "raw.zip", raw=True)
        logging.getLogger().removeHandler(heard)
    pieces = [piece for path in sorted(out.iterdir()) for piece in unpacked(path.read_bytes(), path.name)]
    pieces += [(f"temp/{path}", path.read_bytes()) for path in temp.rglob("*") if path.is_file()]
    pieces += [("log", line.encode()) for line in heard.lines] + [("told", line.encode()) for line in told]
    yield Left(house, packs, [*pieces, *recorded(house.home)])
    house.store.close()


class Heard(logging.Handler):
    """All that is logged, by whomever."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def recorded(home: Path) -> Iterator[tuple[str, bytes]]:
    """What the ledger says, and what is recorded of runs and refused rows."""
    with closing(sqlite3.connect(home / "tenken.db")) as database:
        for table in LEDGER:
            for row in database.execute(f"SELECT * FROM {table}"):
                yield table, b"\n".join(one if isinstance(one, bytes) else str(one).encode() for one in row)


def test_no_canary_is_found_outside(left: Left) -> None:
    assert {name.partition("!")[0] for name, _ in left.pieces} >= {"pack.zip", "ledger", "rejects", "told"}
    assert shown_in(CANARIES.values(), left.pieces) == {}


def test_the_keys_of_persons_stay_inside(left: Left) -> None:
    key = left.house.keys().person("worker_no", CANARIES["an employee number"])
    assert shown_in([key], left.pieces) == {}
    assert shown_in([left.house.masking(CODE)(key)], left.pieces)


def test_the_search_finds_every_canary_in_a_raw_pack(left: Left) -> None:
    pieces = list(unpacked((left.packs / "raw.zip").read_bytes(), "raw"))
    assert shown_in(CANARIES.values(), pieces).keys() == set(CANARIES.values())


def test_without_the_border_what_was_written_would_leave(left: Left) -> None:
    whole = left.house.masking(CODE)
    assert shown_in(CANARIES.values(), [("", whole(WRITTEN).encode())]) == {}
    keys_only = Border(whole.known, CODE, Level.KEYS)(WRITTEN)
    assert shown_in(CANARIES.values(), [("", keys_only.encode())]).keys() == set(CANARIES.values())


def test_a_known_person_is_named_by_the_same_pseudonym_in_words_as_in_keys(left: Left) -> None:
    key = left.house.keys().person("worker_no", CANARIES["an employee number"])
    masked = left.house.masking(CODE)
    assert re.fullmatch(rf"{masked(key)}-[a-z2-7]{{4}}が是正", masked(f"{CANARIES['a name']}が是正"))


def test_the_masked_pack_is_judged_again_as_it_is(left: Left, tmp_path: Path) -> None:
    whole = dict(left.pieces)["pack.zip"]
    (tmp_path / "pack.zip").write_bytes(whole)
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        archive.extractall(tmp_path)
    by_hand = [
        one for one in differences(tmp_path / "pack") if "出所のない事実" not in one
    ]  # rows put there by the test
    assert by_hand == []
