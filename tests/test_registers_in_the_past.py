"""Any register as it stood at a past moment is shown, exported and in the pack of what was judged then."""

import csv
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from evidence.clock import StandingClock
from evidence.datasets import Dataset, State
from evidence.period import Period
from house import House, create, day, handout
from registers import imports
from registers.forms import SPAN, form
from registers.reading import Border, read
from registers.sheets import export
from registers.versions import rows_as_of
from reports.pack.recorded import NEVER_HANDED_OUT
from tests.registers.samples import REGISTERS, sample

CODE, LATER = "AOBA", "後に改めた"
PERIOD = Period(date(2026, 3, 1), date(2026, 3, 31))
STARTED = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
FOLDERS = {"attestations": "08_attestations", "findings": "09_findings"}


@dataclass(frozen=True, slots=True)
class Kept:
    """A home in which every register was written twice, the moment between, and a pack of each judgement."""

    house: House
    between: datetime
    packs: Mapping[str, Path]


def first(dataset: Dataset) -> dict[str, Any]:
    approval = dataset.approval
    signed = {one.by: f"worker {n}" for n, one in enumerate(approval.signatures, 2)} if approval else {}
    status = {approval.status: dict(approval.states)[State.APPROVED]} if approval and approval.status else {}
    company = {"company": CODE} if any(one.name == "company" for one in dataset.columns) else {}
    return {**sample(dataset), **signed, **status, **company, "valid_from_on": date(2025, 4, 1)}


def edited(dataset: Dataset) -> str:
    """A text that is another one later: of the content, else of the key, where approved content stays as it is."""
    named = [
        one for one in form(dataset).fields if one.column.type == "text" and not one.column.allowed and not one.person
    ]
    texts = [one.name for one in named if one.name not in ("company", *SPAN)]
    content = [name for name in texts if name not in dataset.key]
    return content[0] if content and not dataset.approval else next(name for name in texts if name in dataset.key)


def write(house: House, *, later: bool) -> None:
    for dataset in REGISTERS:
        row = first(dataset) | ({edited(dataset): LATER} if later else {})
        keys = house.keys()
        planned = imports.plan_rows(house.store, dataset, [row], keys, "1", companies=[CODE], zone=house.zone)
        assert not planned.problems, (dataset.name, planned.problems)
        assert imports.apply(planned, house.store, house.vault, keys, by="1", reason="記入") == 1, dataset.name


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("past")
    clock = StandingClock(STARTED)
    house = create(folder / "home", "青葉グループ", [(CODE, "株式会社青葉")], clock)
    write(house, later=False)
    between = house.store.last_commit() or STARTED
    clock.at += timedelta(days=1)
    write(house, later=True)
    packs: dict[str, Path] = {}
    for name, known_at in (("then", between), ("now", None)):
        clock.at += timedelta(days=1)
        day.judge(house, PERIOD, known_at, only=["HUM-01"])
        packs[name] = Path(handout.create_pack(house, CODE, PERIOD, folder / f"{name}.zip", raw=True))
    return Kept(house, between, packs)


@pytest.mark.parametrize("dataset", REGISTERS, ids=lambda one: one.name)
def test_it_is_shown(kept: Kept, dataset: Dataset) -> None:
    column = edited(dataset)
    then, now = ([row[column] for row in rows_as_of(kept.house.store, dataset, at)] for at in (kept.between, None))
    assert (then, LATER in now) == ([first(dataset)[column]], True)


@pytest.mark.parametrize("dataset", REGISTERS, ids=lambda one: one.name)
def test_it_is_exported(kept: Kept, dataset: Dataset) -> None:
    column = edited(dataset)
    content = export(dataset, rows_as_of(kept.house.store, dataset, kept.between), kept.house.zone)
    read_back = read(form(dataset), content, "then.xlsx", Border(kept.house.keys(), kept.house.zone))
    assert [line.values[column] for line in read_back.lines] == [first(dataset)[column]]


@pytest.mark.parametrize(
    "dataset", [one for one in REGISTERS if one.name not in NEVER_HANDED_OUT], ids=lambda one: one.name
)
def test_it_is_in_the_pack(kept: Kept, dataset: Dataset) -> None:
    told = [packed(kept.packs[name], dataset) for name in ("then", "now")]
    assert (told[0], LATER in told[1]) == ([str(first(dataset)[edited(dataset)])], True)


def packed(pack: Path, dataset: Dataset) -> list[str]:
    """What a pack's file of the register says in the column."""
    with zipfile.ZipFile(pack) as archive:
        member = next(
            n
            for n in archive.namelist()
            if n.endswith(f"/{FOLDERS.get(dataset.name, '07_registers')}/{dataset.name}.csv")
        )
        with archive.open(member) as content:
            return [row[edited(dataset)] for row in csv.DictReader(TextIOWrapper(content, "utf-8-sig"))]
