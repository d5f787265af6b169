"""All controls of the demo are judged again from its masked packs, which name nobody; and the facts of a raw one are
those that its objects hold, of every kind of source."""

import zipfile
from pathlib import Path

import pytest

from controls.loader import shipped
from demo.days import AS_OF, SINCE
from demo.run import judged
from evidence.period import Period
from evidence.persons import MINTED
from house import day, handout, open_house
from reports.pack.reperform import differences
from tests.demo.conftest import world
from tests.reports.reread import differing
from tests.reports.test_reperform import bare, told_by_facts

COMPANIES = ("AOI", "MID")


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packs of the demo of seed 1, unpacked."""
    base = tmp_path_factory.mktemp("reperformed")
    house, _ = judged(1, base / "demo", lambda _: None)
    day.checkpoint(house)
    for company in COMPANIES:
        made = handout.create_pack(house, company, Period(SINCE, AS_OF, house.settings.zone), base)
        with zipfile.ZipFile(made) as archive:
            archive.extractall(base / company)
    return base


def pack(packs: Path, company: str) -> Path:
    [found] = (packs / company).iterdir()
    return found


@pytest.mark.parametrize("company", COMPANIES)
def test_every_control_comes_out_as_it_was_judged(packs: Path, company: str) -> None:
    assert list(differences(pack(packs, company))) == []


@pytest.mark.parametrize("company", COMPANIES)
def test_plain_duckdb_says_the_same_of_every_control(packs: Path, company: str) -> None:
    assert bare(pack(packs, company)) == {control.id: ("○", "") for control in shipped().controls}


def test_the_facts_of_a_raw_pack_are_those_of_its_objects(packs: Path, tmp_path: Path) -> None:
    house, told = open_house(packs / "demo" / "home"), list[str]()
    period = Period(SINCE, AS_OF, house.settings.zone)
    handout.create_pack(house, COMPANIES[1], period, tmp_path / "raw.zip", raw=True)
    with zipfile.ZipFile(tmp_path / "raw.zip") as archive:
        archive.extractall(tmp_path)
    assert differing(tmp_path / "raw", told.append) == []
    assert int(told[0].split()[0]) > 200


@pytest.mark.parametrize("company", COMPANIES)
def test_the_facts_name_nobody(packs: Path, company: str) -> None:
    told = told_by_facts(pack(packs, company))
    assert MINTED.findall(told) == []
    assert [worker.name for worker in world(1)[0].workers if worker.name in told] == []
