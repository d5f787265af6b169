"""Days on which no scheduler ran, in the coverage calendar: what the catching up judges of them, and what it cannot."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from controls.loader import shipped
from controls.model import ControlId
from evidence.period import Period
from house import House, day
from house.coverage import coverage, plan
from house.fiscal import fiscal_years
from house.work import WORK
from reports.coverage import Covered
from scheduler import Schedule
from tests.closing import CONTROL, at, clock_of, collected, entered, listed, made
from tests.test_thresholds import INCIDENT

EVENTS = ControlId("ORG-4-03")  # incidents, which people write down
OUTAGE = (date(2026, 4, 5), date(2026, 4, 6), date(2026, 4, 7))
JUDGE = Schedule(name="judge", does="judge", cron="0 7 * * *")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Judged on the morning of the 5th, and then of the 9th for the day before, as is caught up."""
    built = made(tmp_path / "home")
    controls = tuple(one for one in shipped().controls if one.id in (CONTROL, EVENTS))
    built.catalogue = replace(built.catalogue, controls=controls)
    entered(built, "incidents", incident(3))
    for morning in (5, 9):
        clock_of(built).at = at(f"2026-04-{morning:02}T06:00")
        listed(built, f"2026-04-{morning - 1:02}T18:00", f"2026-04-{morning - 1:02}")
        collected(built, date(2026, 4, morning - 1))
        if morning == 9:
            entered(built, "incidents", incident(6))
        WORK["judge"](built, JUDGE, date(2026, 4, morning - 1), print)
    yield built
    built.store.close()


def incident(of_april: int) -> dict[str, object]:
    """Something that became known on a day."""
    told = {"company": "AOBA", "incident_id": f"INC-{of_april}", "detected_at": at(f"2026-04-{of_april:02}T10:00")}
    return INCIDENT | told | {"known_on": date(2026, 4, of_april)}


def marked(house: House, control: str) -> dict[date, str]:
    fiscal = fiscal_years(house)[0]["AOBA"]
    plans = {"AOBA": plan(house, "AOBA", fiscal, fiscal.beginning_in(2026))}
    told: list[tuple[str, Covered]] = [*coverage(house, plans, at("2026-05-01T00:00"), [control])]
    [(_, one)] = told
    return {each.as_of: mark.value for each, mark in zip(one.occurrences, one.marks, strict=True)}


def test_what_happened_on_them_was_judged_late_and_is_marked_so(house: House) -> None:
    marks, reached = marked(house, EVENTS), Period(date(2026, 2, 23), date(2026, 4, 8))
    assert {one.control: one.population for one in day.assessments(house, reached, "AOBA")}[EVENTS] == 2
    assert [marks[one] for one in OUTAGE] == ["late"] * 3
    assert (marks[date(2026, 4, 4)], marks[date(2026, 4, 8)], marks[date(2026, 4, 9)]) == ("done", "done", "missed")


def test_how_things_stood_on_them_was_not_judged_until_somebody_does(house: House) -> None:
    marks = marked(house, CONTROL)
    assert (marks[date(2026, 4, 4)], marks[date(2026, 4, 8)]) == ("done", "done")
    assert [marks[one] for one in OUTAGE] == ["missed"] * 3
    day.judge(house, Period(OUTAGE[1], OUTAGE[1]), only=[CONTROL])
    assert [marked(house, CONTROL)[one] for one in OUTAGE] == ["missed", "late", "missed"]
