"""A company is on record from the day on which it was made: a year in which nothing ran is missed, and not before it."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from evidence import ledger
from evidence.clock import StandingClock
from house import House, create, day, furnish, open_house
from house.coverage import coverage, plan
from house.fiscal import fiscal_years
from reports.coverage import Mark
from tests.closing import CONTROL, at

YEAR = date(2026, 4, 1)
OTHER = "  - {code: MIDORI, name: 株式会社緑}\n"


def clock() -> StandingClock:
    return StandingClock(at("2026-04-02T09:00"))


def house_of(home: Path) -> House:
    return create(home, "青葉グループ", [("AOBA", "株式会社青葉")], clock())


def kinds(house: House, company: str) -> list[object]:
    with house.store.read() as tx:
        return [(ledger.said(one.leaf) or {}).get("kind") for one in tx.ledger.leaves(ledger.log_of(company))]


def marks(house: House, company: str) -> Counter[Mark]:
    fiscal = fiscal_years(house)[0][company]
    told = {company: plan(house, company, fiscal, fiscal.beginning_in(YEAR.year))}
    [(_, one)] = coverage(house, told, at("2027-05-20T00:00"), [CONTROL])
    return Counter(one.marks)


def joined(house: House) -> Path:
    """The home when another company was written into its settings."""
    path = house.home / "settings.yaml"
    path.write_text(path.read_text("utf-8").replace("companies:\n", f"companies:\n{OTHER}"), "utf-8")
    house.store.close()
    return house.home


def test_a_year_in_which_nothing_ran_is_missed(tmp_path: Path) -> None:
    assert marks(house_of(tmp_path / "home"), "AOBA") == {Mark.MISSED: 365}


def test_control_without_its_entry_the_year_would_be_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("house.begin", lambda _: None)
    assert marks(house_of(tmp_path / "home"), "AOBA") == {Mark.BEFORE: 365}


def test_a_company_that_joins_is_begun_when_the_home_is_furnished(tmp_path: Path) -> None:
    home = joined(house_of(tmp_path / "home"))
    house = furnish(home, StandingClock(at("2026-10-02T09:00")))
    assert marks(house, "MIDORI") == {Mark.BEFORE: 183, Mark.MISSED: 182}


def test_or_on_the_first_day_that_is_collected(tmp_path: Path) -> None:
    house = open_house(joined(house_of(tmp_path / "home")), StandingClock(at("2026-10-02T09:00")))
    assert list(day.collect_day(house, date(2026, 10, 1))) == []
    assert marks(house, "MIDORI") == {Mark.BEFORE: 183, Mark.MISSED: 182}


def test_it_begins_once(tmp_path: Path) -> None:
    home = joined(house_of(tmp_path / "home"))
    for _ in range(2):
        house = furnish(home, clock())
        list(day.collect_day(house, date(2026, 4, 1)))
    assert (kinds(house, "AOBA"), kinds(house, "MIDORI")) == (["begin"], ["begin"])
    assert day.verify_ledger(house) == []


def test_a_company_of_which_something_is_on_record_began_with_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("house.begin", lambda _: None)
        house = house_of(tmp_path / "home")
    with house.store.write() as tx:
        tx.ledger.append(ledger.log_of("AOBA"), {"kind": "notice", "actor": "tenken"}, "first")
    assert kinds(furnish(house.home, clock()), "AOBA") == ["notice"]
