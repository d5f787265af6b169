"""CR-02: each call of the system that one commit makes is the last one, or fails: nothing that was told is lost.

CR-06: the same of signing: nobody ever holds two roots of one size, and the next signing goes on.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from random import Random

import pytest

from evidence.ledger.note import Checkpoint, parse
from tests.faults import homes
from tests.faults.acting import acknowledged, done
from tests.faults.sheet import Kind, Row, Sheet
from tests.faults.tracing import KILL, Fault, Struck, calls_of, faults_of, strike

EVERY, LONGEST = 41, 15  # of the faults one in so many, and for so many seconds, in the suite
LOGS = ("tenken/AOI", "tenken/group")
NUMBERS = count()


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one fault."""

    fault: Fault
    struck: Struck
    lost: int = 0
    duplicated: int = 0
    forked: int = 0  # sizes of a log of which there are two roots
    wrong: list[str] = field(default_factory=list)

    @property
    def is_as_promised(self) -> bool:
        return not (self.lost or self.duplicated or self.forked or self.wrong)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return homes.make_small(tmp_path_factory.mktemp("small") / "home")


@pytest.fixture
def fresh(small: Path, tmp_path: Path) -> Callable[[], Path]:
    """Makes homes in which something waits to be collected."""

    def made() -> Path:
        home = homes.copy(small, tmp_path / str(next(NUMBERS)))
        homes.deliver(home, "next")
        return home

    return made


@pytest.fixture
def some(request: pytest.FixtureRequest) -> Callable[[Sequence[Fault]], Iterator[Fault]]:
    """Chooses from many faults those that there is time for."""
    is_long = request.config.getoption("--long")

    def chosen(faults: Sequence[Fault]) -> Iterator[Fault]:
        until = time.monotonic() + LONGEST
        for fault in Random(1).sample(faults, len(faults) // (1 if is_long else EVERY)):
            if not is_long and time.monotonic() > until:
                return
            yield fault

    return chosen


def all_of(faults: Iterator[Fault], one: Callable[[Fault], Came], sheet: Sheet, kind: Kind) -> list[Came]:
    """Let each fault be, two at a time, and put down what came of them; only of those that came to pass."""
    with ThreadPoolExecutor(2) as two:
        tried = [came for pair in iter(lambda: [*islice(faults, 2)], []) for came in two.map(one, pair)]
    came = [told for told in tried if told.struck.injected]
    handled, lost = sum(one.is_as_promised for one in came), sum(one.lost for one in came)
    doubled, accepted = sum(one.duplicated for one in came), sum(one.forked for one in came)
    sheet.add(kind, Row(len(came), handled, lost, doubled, accepted, sum(bool(one.wrong) for one in came)))
    assert len(came) * 10 > len(tried) * 8
    return [one for one in came if not one.is_as_promised]


def collected(home: Path, fault: Fault, faults: str = "") -> Came:
    """Let a collection have a fault, look at what it left, and collect again."""
    struck = strike(home, fault, "collect", faults=faults)
    acked = {run: int(rows) for run, rows in acknowledged(home)}
    wrong = [*homes.problems(home, acked), *homes.ledger_problems(home)]
    again = done(home, "collect")
    wrong += [*homes.problems(home, acked), *([] if again == 0 else [f"the next collection ended with {again}"])]
    entries = homes.entries(home)
    lost, more = sum(not told for told in entries.values()), sum(max(told - 1, 0) for told in entries.values())
    came = Came(fault, struck, lost, more + homes.repeated(home), 0, wrong)
    shutil.rmtree(home)
    return came


def test_whatever_call_of_a_commit_fails_or_is_the_last_nothing_is_lost(
    fresh: Callable[[], Path], some: Callable[[Sequence[Fault]], Iterator[Fault]], sheet: Sheet
) -> None:
    faults = some(faults_of(calls_of(fresh(), "collect")))
    assert all_of(faults, lambda fault: collected(fresh(), fault), sheet, "syscall faults") == []


def test_control_a_key_that_is_kept_after_its_object_was_told_is_lost(fresh: Callable[[], Path]) -> None:
    synced = calls_of(fresh(), "collect", faults="late_key")["fsync"]  # the last ones are of what is told
    last = (Fault("fsync", number, KILL) for number in range(synced, 0, -1))
    assert any(wrong.endswith("is torn") for fault in last for wrong in collected(fresh(), fault, "late_key").wrong)


def test_control_an_object_that_is_written_where_it_will_lie_is_torn(fresh: Callable[[], Path]) -> None:
    first = (Fault("write", number, KILL) for number in range(1, 10))
    assert any(wrong.endswith("is torn") for fault in first for wrong in collected(fresh(), fault, "torn").wrong)


def roots(home: Path, told: Sequence[str]) -> Iterator[tuple[str, int, bytes]]:
    """The heads that anybody could hold: those that were told, are kept, or are remembered."""
    with homes.asked(home) as ask:
        kept = [note for (note,) in ask("SELECT note FROM checkpoints")]
    for note in (*told, *kept, *(path.read_text("utf-8") for path in (home / "keys").glob("*.head"))):
        head = Checkpoint.parse(parse(note).text)
        yield head.origin, head.size, head.root


def signed(home: Path, fault: Fault, faults: str = "") -> Came:
    """Let a signing have a fault, let the logs grow otherwise than they would have, and sign again, twice."""
    struck = strike(home, fault, "sign", faults=faults)
    heads = set(roots(home, [json.loads(" ".join(words)) for _, *words in acknowledged(home)]))
    wrong = []
    for what in ("one", "two"):
        ended = (done(home, "sign"), done(home, "note", what), done(home, "sign"))
        wrong += [f"afterwards it ended with {ended}"] if any(ended) else []
        heads |= set(roots(home, [json.loads(" ".join(words)) for _, *words in acknowledged(home)]))
    wrong += homes.ledger_problems(home)
    forked = len(heads) - len({(log, size) for log, size, _ in heads})
    came = Came(fault, struck, forked=forked, wrong=wrong)
    shutil.rmtree(home)
    return came


@pytest.fixture
def grown(small: Path, tmp_path: Path) -> Callable[[], Path]:
    """Makes homes whose heads are to be signed."""
    home = homes.copy(small, tmp_path / "grown")
    assert [done(home, act, *given) for act, *given in (("sign",), ("note", "more"))] == [0, 0]
    return lambda: homes.copy(home, tmp_path / str(next(NUMBERS)))


def test_whatever_call_of_a_signing_fails_or_is_the_last_there_is_one_root_of_a_size(
    grown: Callable[[], Path], some: Callable[[Sequence[Fault]], Iterator[Fault]], sheet: Sheet
) -> None:
    faults = some(faults_of(calls_of(grown(), "sign")))
    assert all_of(faults, lambda fault: signed(grown(), fault), sheet, "signer") == []


@pytest.mark.parametrize(
    ("removed", "harm"),
    [
        pytest.param("undone", "wrong", id="signed before it is committed, the signer refuses what comes then"),
        pytest.param("undone,released_first", "forked", id="and not remembered, there are two roots of a size"),
    ],
)
def test_control_without_the_order_of_signing_a_kill_does_harm(
    grown: Callable[[], Path], removed: str, harm: str
) -> None:
    writes = calls_of(grown(), "sign", faults=removed)["pwrite64"]
    kills = (Fault("pwrite64", number, KILL) for number in range(1, writes + 1))
    assert any(getattr(signed(grown(), fault, removed), harm) for fault in kills)
