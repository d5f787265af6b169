"""Counting: everything planted found, and nothing else; each way to differ is one that the score can fail by."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controls.model import About, Assessment, ControlId, Gap, Verdict
from demo.plan import Planted, read, written
from demo.score import compare

AS_OF = date(2026, 3, 31)
DAY, OTHER_DAY = date(2026, 3, 5), date(2026, 3, 6)
STATE = Planted("HUM-01", "AOI", "p1", "late", "")
EVENT = Planted("ORG-2-05", "AOI", "a1", "on leave", "", day=DAY)
PART = Planted("TEC-2-01", "MID", "a2", "leaver in the log", "", aspect="seen", day=DAY)
NEAR = Planted("HUM-01", "AOI", "p2", "in time", "", near_miss=True)
NEAR_EVENT = Planted("ORG-2-05", "AOI", "a1", "within the grace", "", near_miss=True, day=OTHER_DAY)
SILENT = Planted("PHY-1-02", "MID", "unverified", "source never delivers", "")
PLAN = (STATE, EVENT, PART, NEAR, NEAR_EVENT, SILENT)


def gap(one: Planted) -> Gap:
    return Gap(
        control=ControlId(one.control),
        company=one.company,
        subject=one.subject,
        aspect=one.aspect,
        about=About.EVENT if one.day else About.STATE,
        state="open",
        opened_on=AS_OF,
        open_days=frozenset({one.day} if one.day else ()),
    )


def unverified(control: str, company: str) -> Assessment:
    return Assessment(
        control=ControlId(control),
        company=company,
        since=AS_OF,
        as_of=AS_OF,
        known_at=datetime(2026, 4, 1, tzinfo=UTC),
        verdict=Verdict.UNVERIFIED,
        reason="stale",
        population=0,
        population_digest="",
        deviations=(),
        departments=(),
        parameters={},
        control_digest="",
        engine="",
    )


FOUND = tuple(gap(one) for one in PLAN if not one.near_miss)


def test_what_was_planted_is_found() -> None:
    score = compare(PLAN, FOUND, [unverified("PHY-1-02", "MID")])
    assert score.perfect and (score.found, score.planted) == (4, 4)


@given(st.sets(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdef")))
def test_the_score_is_perfect_exactly_when_both_sets_are_the_same(planted: set[str], found: set[str]) -> None:
    plan = [replace(STATE, subject=subject) for subject in sorted(planted)]
    score = compare(plan, [gap(replace(STATE, subject=subject)) for subject in sorted(found)], [])
    assert (len(score.missing), len(score.false)) == (len(planted - found), len(found - planted))
    assert score.perfect == (planted == found)


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        pytest.param(STATE, replace(STATE, subject="e1"), id="another name"),
        pytest.param(STATE, replace(STATE, subject="*"), id="a star"),
        pytest.param(STATE, replace(STATE, company="MID"), id="another company"),
        pytest.param(STATE, replace(STATE, control="HUM-03"), id="another control"),
        pytest.param(STATE, replace(STATE, day=DAY), id="an event for a state"),
        pytest.param(EVENT, replace(EVENT, day=date(2026, 3, 4)), id="another day"),
        pytest.param(EVENT, replace(EVENT, day=None), id="a state for an event"),
        pytest.param(PART, replace(PART, aspect="account"), id="another aspect"),
        pytest.param(PART, replace(PART, aspect=None), id="no aspect"),
    ],
)
def test_a_fault_told_otherwise_is_missing_and_false(planted: Planted, told: Planted) -> None:
    gaps = [one for one in FOUND if one != gap(planted)]
    score = compare(PLAN, [*gaps, gap(told)], [])
    assert (score.found, len(score.missing), len(score.false)) == (3, 1, 1)


def test_a_fault_without_a_gap_is_missing() -> None:
    assert compare(PLAN, FOUND[1:], []).missing == ("HUM-01 AOI p1: late",)


def test_a_closed_gap_finds_nothing() -> None:
    assert compare([STATE], [replace(gap(STATE), state="closed")], []).missing


def test_a_gap_that_nobody_planted_is_false() -> None:
    assert compare(PLAN, [*FOUND, gap(replace(STATE, subject="p9"))], []).false == ("HUM-01 AOI p9",)


def test_a_day_that_nobody_planted_is_false_although_another_day_of_the_gap_was() -> None:
    seen = replace(gap(EVENT), open_days=frozenset({DAY, AS_OF}))
    assert compare([EVENT], [seen], []).false == ("ORG-2-05 AOI a1 2026-03-31",)


def test_a_flagged_near_miss_is_false() -> None:
    assert compare(PLAN, [*FOUND, gap(NEAR)], []).false == ("near-miss HUM-01 AOI p2: in time",)


def test_a_near_miss_of_the_same_subject_as_a_fault_is_judged_by_its_day() -> None:
    seen = replace(gap(EVENT), open_days=frozenset({DAY, OTHER_DAY}))
    score = compare([EVENT, NEAR_EVENT], [seen], [])
    assert (score.found, score.false) == (1, ("near-miss ORG-2-05 AOI a1: within the grace",))


def test_an_aspect_that_was_not_planted_is_not_asked() -> None:
    assert compare([STATE], [gap(replace(STATE, aspect="due"))], []).perfect


def test_a_control_left_unverified_by_accident_is_unexpected() -> None:
    score = compare(PLAN, FOUND, [unverified("PHY-1-02", "AOI")])
    assert (score.unexpected, score.perfect) == (("PHY-1-02 AOI: stale",), False)


def test_a_verdict_where_none_was_planned_is_missing() -> None:
    assert compare(PLAN, FOUND[:-1], []).missing == ("PHY-1-02 MID unverified: source never delivers",)


def test_the_plan_is_read_as_it_was_written() -> None:
    assert read(written(PLAN)) == list(PLAN)
