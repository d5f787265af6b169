"""All controls are judged again from masked packs, which name nobody, and the facts of a raw one are those that its
objects hold: with ``--long`` (`make reperformed`) of the whole demo; else of one day of a small group, in which few have
anything to judge and the others must come out unverified."""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from controls.loader import shipped
from demo import run as demo
from demo.days import AS_OF, SINCE
from evidence.period import Period
from evidence.persons import MINTED
from house import House, day, handout
from reports.pack.reperform import differences
from tests import recomputed
from tests.demo.conftest import world
from tests.outside import people
from tests.reports.reread import differing
from tests.reports.test_reperform import bare, told_by_facts


@dataclass(frozen=True, slots=True)
class Packs:
    """The packs of a group, unpacked below the company's code."""

    base: Path
    house: House
    period: Period
    names: Sequence[str]  # of those who work there
    companies: Sequence[str]
    raw: tuple[str, int]  # whose raw pack is read again, and more objects than so many in it

    def of(self, company: str) -> Path:
        [found] = (self.base / company).iterdir()
        return found


@pytest.fixture(scope="module")
def packs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Packs:
    base = tmp_path_factory.mktemp("reperformed")
    if request.config.getoption("--long"):
        house, _ = demo.judged(1, base / "demo", lambda _: None)
        names = [worker.name for worker in world(1)[0].workers]
        made = Packs(base, house, Period(SINCE, AS_OF, house.settings.zone), names, ("AOI", "MID"), ("MID", 200))
    else:
        house, _ = recomputed.collected(base)
        day.judge(house, recomputed.PERIOD)
        names = [one.name for one in people(recomputed.WHO)]
        made = Packs(base, house, recomputed.PERIOD, names, ("AOI",), ("AOI", 3))
    day.checkpoint(house)
    for company in made.companies:
        with zipfile.ZipFile(handout.create_pack(house, company, made.period, base)) as archive:
            archive.extractall(base / company)
    return made


def test_every_control_comes_out_as_it_was_judged(packs: Packs) -> None:
    assert [one for company in packs.companies for one in differences(packs.of(company))] == []


def test_enough_of_them_have_something_to_judge(packs: Packs) -> None:
    told = [json.loads(path.read_bytes()) for path in packs.of("AOI").glob("data/03_results/*.json")]
    assert sum(one["population"] > 0 for one in told) >= 15


def test_plain_duckdb_says_the_same_of_every_control(packs: Packs) -> None:
    same = {control.id: ("○", "") for control in shipped().controls}
    assert {company: bare(packs.of(company)) for company in packs.companies} == dict.fromkeys(packs.companies, same)


def test_the_facts_of_a_raw_pack_are_those_of_its_objects(packs: Packs, tmp_path: Path) -> None:
    (company, objects), told = packs.raw, list[str]()
    handout.create_pack(packs.house, company, packs.period, tmp_path / "raw.zip", raw=True)
    with zipfile.ZipFile(tmp_path / "raw.zip") as archive:
        archive.extractall(tmp_path)
    assert differing(tmp_path / "raw", told.append) == []
    assert int(told[0].split()[0]) > objects


def test_the_facts_name_nobody(packs: Packs) -> None:
    told = "".join(told_by_facts(packs.of(company)) for company in packs.companies)
    assert MINTED.findall(told) == []
    assert [name for name in packs.names if name in told] == []
