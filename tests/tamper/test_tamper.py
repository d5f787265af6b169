"""Every class of tampering is seen by both verifiers wherever it is done, and clean packs are clean to both."""

from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Browser

from reports.pack.page import page
from tests.faults import sheet as faults
from tests.reports.packed import CUSTODY, GAPS, OBJECTS, Issued, flip, problems, reseal, resum
from tests.tamper.browser import Verifier, opened, zipped
from tests.tamper.classes import CLASSES
from tests.tamper.ground import Class, Forged, Ground
from tests.tamper.hunt import clean, forged, hunt, refused
from tests.tamper.made import make

BY_NAME = {kind.name: kind for kind in CLASSES}
SIGNED_ANEW = (
    "history back-dated and signed anew",
    "an entry taken out and all signed anew",
    "a fork of equal size, signed anew",
)
MARKS = (
    b"",
    b"\0",
    b"\n",
    b"\r",
    b"\r\n",
    b'"',
    b"'",
    b",",
    b"0",
    b"1",
    b" ",
    b"-",
    b"{}",
    b"\\",
    b"\xff",
    "\u2028".encode(),
)


@pytest.fixture
def quick(request: pytest.FixtureRequest) -> bool:
    return not request.config.getoption("--long")


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.name)
def test_it_is_seen_by_both(issued: Issued, verifier: Verifier, kind: Class, quick: bool, sheet: faults.Sheet) -> None:
    [row] = hunt([kind], issued, verifier, 1, 2 if quick else 200, 1 if quick else 10)
    sheet.add("tamper", faults.Row(row.injected, row.injected - len(row.missed), accepted_wrongly=len(row.missed)))
    assert (row.missed, row.disagreements) == ((), ())


def test_clean_packs_are_clean_to_both(verifier: Verifier, quick: bool, sheet: faults.Sheet) -> None:
    row = clean(verifier, 1, 6 if quick else 200, 2 if quick else 200)
    sheet.add("tamper", faults.Row(0, 0, false_alarms=row.seen))
    assert (row.seen, row.refused, row.disagreements) == (0, 0, ())


UNBOUND = ("scope.json", "bagit.txt", "bag-info.txt", CUSTODY, OBJECTS, GAPS, "checkpoint", "ledger.jsonl")


@pytest.mark.parametrize("name", UNBOUND)
def test_whatever_the_issuer_writes_both_say_the_same(
    verifier: Verifier, tmp_path: Path, name: str, quick: bool
) -> None:
    chance, differing = Random(name), []
    for number in range(4 if quick else 100):
        made = make(chance.randrange(10**9), tmp_path / str(number))
        content = (made.folder / name).read_bytes() or b"{}"
        place, more = chance.randrange(len(content)), chance.choice(MARKS)
        gone = chance.randrange(2)
        (made.folder / name).write_bytes(content[:place] + more + content[place + gone :])
        reseal(made.folder, made.key)
        told = Forged(made.folder, made.vkeys()[-1])
        mine, theirs = problems(told.folder, told.key), refused(verifier, told, tmp_path)
        differing += [(place, more, gone, mine)] if bool(mine) != theirs else []
    assert differing == []


@pytest.mark.parametrize("name", SIGNED_ANEW)
@pytest.mark.parametrize("seed", ["1", "2"])
def test_history_that_the_issuer_wrote_anew_is_seen_by_the_last_checkpoint_alone(
    issued: Issued, verifier: Verifier, tmp_path: Path, name: str, seed: str
) -> None:
    told = forged(BY_NAME[name], seed, issued, tmp_path)
    assert problems(told.folder, told.key) == []
    alone = verifier.answer(zipped(told.folder, tmp_path / "pack.zip"), told.key)
    assert (alone.verdict, alone.marks["growth"]) == ("genuine", "―")
    with_it = verifier.answer(tmp_path / "pack.zip", told.key, told.previous)
    assert (with_it.verdict, with_it.marks["growth"]) == ("refused", "×")
    assert [check for check, mark in with_it.marks.items() if mark == "×"] == ["growth"]
    assert problems(told.folder, told.key, told.previous)


def test_a_ledger_that_another_key_signed_anew_is_seen_by_the_key_alone(
    issued: Issued, verifier: Verifier, tmp_path: Path
) -> None:
    told = forged(BY_NAME["all made anew under another key"], "1", issued, tmp_path)
    archive = zipped(told.folder, tmp_path / "pack.zip")
    assert problems(told.folder, None) == []
    assert verifier.answer(archive, None).verdict == "unknown"
    assert [check for check, mark in verifier.answer(archive, told.key).marks.items() if mark == "×"] == ["origin"]


def index_changed(ground: Ground) -> Forged:
    """A file that no check looks into."""
    made = ground.made()
    flip(made.folder / "data/00_index.xlsx", 4)
    resum(made.folder)
    return Forged(made.folder, made.vkeys()[-1])


CUTS = {
    "(bad) => checkLists(pack, bad)": index_changed,
    "(bad) => checkGrowth(pack, bad)": BY_NAME["history back-dated and signed anew"].forge,
    "(bad) => checkCustody(pack, bad)": BY_NAME["the chain of custody changed by the issuer"].forge,
    "(bad) => checkObjects(pack, bad)": BY_NAME["an object left out by the issuer"].forge,
    "(bad) => checkJudgements(pack, bad)": BY_NAME["a control left out by the issuer"].forge,
    "() => checkOrigin(pack)": BY_NAME["all made anew under another key"].forge,
}


@pytest.mark.parametrize("check", CUTS)
def test_a_page_without_the_check_would_let_it_pass(
    issued: Issued, browser: Browser, verifier: Verifier, tmp_path: Path, check: str
) -> None:
    told = CUTS[check](Ground(issued, tmp_path, Random("1")))
    assert refused(verifier, told, tmp_path)
    assert page().decode().count(check) == 1
    cut = opened(browser, page().replace(check.encode(), b"() => {}"), tmp_path, bypass_csp=True)
    answer = cut.answer(tmp_path / "pack.zip", told.key, told.previous)
    cut.page.context.close()
    assert answer.verdict == "genuine"


def test_a_check_that_does_not_run_is_no_circle(browser: Browser, tmp_path: Path) -> None:
    made = make(3, tmp_path)
    source = page().replace(b'await outcome.run("objects", (bad) => checkObjects(pack, bad));', b"")
    assert source != page()
    broken = opened(browser, source, tmp_path, bypass_csp=True)
    answer = broken.answer(made.folder, made.vkeys()[-1])
    broken.page.context.close()
    assert (answer.verdict, answer.marks["objects"]) == ("unknown", "？")
