"""What has one cause is one matter; too many at once are held until somebody has looked (domain.md §6)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controls.gaps import fold, reconcile
from controls.matters import Brake, braked, merged
from controls.model import About, Assessment, Gap, GapEvent, GapKind, Verdict
from tests.controls.test_gaps import DAY, DUE, ID, control, judged, state

BRAKE = Brake(percent=2, at_least=20)


def found(number: int, population: int, as_of: date = DAY) -> Assessment:
    return replace(judged(state(*(f"W-{n}" for n in range(number))), as_of, as_of), population=population)


def after(*told: Assessment | GapEvent) -> list[Gap]:
    """The gaps that these judgements and acts come to, with the brake on."""
    events: list[GapEvent] = []
    for one in told:
        if isinstance(one, GapEvent):
            events.append(one)
            continue
        changes = reconcile(fold(events, {}).values(), one, control(About.STATE), due_on=DUE)
        events += braked(changes, one, BRAKE)
    return list(fold(events, {}).values())


@pytest.mark.parametrize(
    ("number", "population", "held"),
    [
        pytest.param(1400, 70_000, False, id="2 percent"),
        pytest.param(1401, 70_000, True, id="more than 2 percent"),
        pytest.param(19, 100, False, id="a fifth of a hundred, but few"),
        pytest.param(20, 100, True, id="as many as are looked at first"),
        pytest.param(20, 1000, False, id="2 percent of a thousand"),
    ],
)
def test_too_many_of_a_population_at_once_are_one_matter_and_held(number: int, population: int, held: bool) -> None:
    gaps = after(found(number, population))
    assert {gap.held for gap in gaps} == {held}
    assert len(merged(gaps)) == (1 if held else number)


def test_what_was_there_before_does_not_count_as_at_once() -> None:
    later = DAY + timedelta(days=1)
    gaps = after(found(19, 100), found(38, 100, later))
    assert not any(gap.held for gap in gaps)


def test_released_gaps_go_to_those_who_answer_and_stay_one_matter() -> None:
    released = [GapEvent(ID, "C1", f"W-{n}", None, GapKind.RELEASED, About.STATE, DAY) for n in range(30)]
    [matter] = merged(after(found(30, 100), *released))
    assert (matter.held, len(matter.gaps)) == (False, 30)


def test_what_closes_is_held_no_more() -> None:
    later = DAY + timedelta(days=1)
    gaps = after(found(30, 100), found(1, 100, later))
    assert [gap.subject for gap in gaps if gap.held] == ["W-0"]


def test_a_source_that_failed_is_one_matter_in_all_controls_and_companies() -> None:
    silent = replace(judged({}, DAY, DAY, Verdict.UNVERIFIED), cause="source:hr")
    gaps = [gap for company in ("C1", "C2", "C3") for gap in after(replace(silent, company=company))]
    assert [(one.cause, len(one.gaps)) for one in merged(gaps)] == [("source:hr", 3)]


@given(st.lists(st.tuples(st.sampled_from([None, "source:hr", "source:lms"]), st.integers(0, 9)), unique=True))
def test_every_gap_is_in_one_matter(told: list[tuple[str | None, int]]) -> None:
    gaps = [Gap(ID, "C1", f"W-{cause}-{n}", None, About.STATE, "open", DAY, "high", cause=cause) for cause, n in told]
    matters = merged(gaps)
    assert sorted(gap.subject for one in matters for gap in one.gaps) == sorted(gap.subject for gap in gaps)
    assert all({gap.cause for gap in one.gaps} == {one.cause} for one in matters)
    assert len(matters) == len({cause for cause, _ in told if cause}) + sum(cause is None for cause, _ in told)


def test_a_matter_is_as_grave_as_its_gravest_and_due_with_its_first() -> None:
    first = Gap(ID, "C1", "a", None, About.STATE, "open", DAY, "medium", due_on=DAY, cause="source:hr")
    graver = replace(first, subject="b", severity="critical", due_on=DAY + timedelta(days=9))
    [matter] = merged([first, graver])
    assert (matter.severity, matter.due_on) == ("critical", DAY)


def test_one_more_day_of_what_is_known_is_held_by_nothing() -> None:
    later = DAY + timedelta(days=1)
    events: list[GapEvent] = []
    for day_on, number in ((DAY, 10), (later, 60)):
        told = replace(judged({f"W-{n}": {day_on} for n in range(number)}, day_on, day_on), population=100)
        changes = reconcile(fold(events, {}).values(), told, control(About.EVENT), due_on=DUE)
        events += braked(changes, told, BRAKE)
    held = {gap.subject for gap in fold(events, {}).values() if gap.held}
    assert held == {f"W-{n}" for n in range(10, 60)}
