"""What opens and closes a gap, as properties (design.md §4; law 4)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controls.gaps import Key, fold, reconcile
from controls.model import (
    About,
    Assessment,
    Control,
    ControlId,
    Deviation,
    Gap,
    GapEvent,
    GapKind,
    Proof,
    Verdict,
    Words,
)

ID = ControlId("HUM-03")
DAY = date(2026, 3, 31)
DUE = DAY + timedelta(days=30)
SUBJECTS = st.sets(st.sampled_from(["W-1", "W-2", "W-3", "W-4"]))


def control(about: About) -> Control:
    return Control(
        id=ID,
        measure="HUM",
        title=Words("題", "title"),
        requires=Words("要求", "requirement"),
        basis=(),
        about={None: about},
        severity="high",
        frequency=("daily",),
        datasets=("workers",),
        population=("workers",),
        lookback_days=0,
        parameters=(),
        test="",
        gap=Words("{subject}: 例外({last_on})", "{subject}: deviates ({last_on})"),
        valid_from=date(2022, 4, 1),
        valid_to=date(9999, 12, 31),
        attest=None,
        digest="0" * 64,
        file="",
    )


def judged(found: dict[str, set[date | None]], since: date, as_of: date, verdict: Verdict | None = None) -> Assessment:
    deviations = tuple(
        Deviation(subject, None, day, "D1", {"last_on": None}, Proof())
        for subject in sorted(found)
        for day in found[subject]
    )
    return Assessment(
        control=ID,
        company="C1",
        since=since,
        as_of=as_of,
        known_at=datetime(2026, 4, 1, tzinfo=UTC),
        verdict=verdict or (Verdict.FAIL if deviations else Verdict.PASS),
        reason="証跡なし" if verdict is Verdict.UNVERIFIED else None,
        population=10,
        population_digest="",
        deviations=deviations,
        departments=(),
        parameters={},
        control_digest="",
        engine="",
    )


def lived(about: About, *assessments: Assessment, acts: tuple[GapEvent, ...] = ()) -> dict[Key, Gap]:
    events, until = list(acts), None
    for assessment in assessments:
        known = fold(events, {}).values()
        events += list(reconcile(known, assessment, control(about), due_on=DUE, followed_until=until))
        until = max(assessment.as_of, until or assessment.as_of)
    return fold(events, {})


def state(*subjects: str) -> dict[str, set[date | None]]:
    return {subject: {None} for subject in subjects}


def still_open(gaps: dict[Key, Gap]) -> set[str]:
    return {gap.subject for gap in gaps.values() if gap.is_open}


@given(SUBJECTS, SUBJECTS)
def test_of_states_what_is_open_afterwards_is_exactly_what_was_found(before: set[str], found: set[str]) -> None:
    gaps = lived(About.STATE, judged(state(*before), DAY, DAY), judged(state(*found), DAY, DAY))
    assert still_open(gaps) == found


def test_what_does_not_apply_waits_for_no_evidence_and_closes_nothing_that_was_found() -> None:
    found, silent = judged(state("W-1"), DAY, DAY), judged({}, DAY, DAY, Verdict.UNVERIFIED)
    gaps = lived(About.STATE, found, silent, judged({}, DAY, DAY, Verdict.NOT_APPLICABLE))
    assert still_open(gaps) == {"W-1"}


@given(SUBJECTS, st.integers(min_value=1, max_value=5))
def test_missing_evidence_closes_no_state_gap(before: set[str], times: int) -> None:
    silence = [judged({}, DAY, DAY, Verdict.UNVERIFIED)] * times
    gaps = lived(About.STATE, judged(state(*before), DAY, DAY), *silence)
    assert still_open(gaps) == before | {"unverified"}


@given(SUBJECTS, SUBJECTS, st.integers(min_value=1, max_value=400), st.sampled_from([None, Verdict.UNVERIFIED]))
def test_how_states_were_on_an_earlier_day_changes_nothing(
    now: set[str], then: set[str], days: int, verdict: Verdict | None
) -> None:
    earlier = DAY - timedelta(days=days)
    past = judged(state(*then) if verdict is None else {}, earlier, earlier, verdict)
    assert lived(About.STATE, judged(state(*now), DAY, DAY), past) == lived(About.STATE, judged(state(*now), DAY, DAY))


def test_an_event_of_an_earlier_day_opens_its_gap_however_late_it_is_found() -> None:
    earlier = DAY - timedelta(days=40)
    gaps = lived(About.EVENT, judged({}, DAY, DAY), judged({"W-1": {earlier}}, earlier, earlier))
    assert still_open(gaps) == {"W-1"}


@given(SUBJECTS.filter(bool), st.lists(st.integers(min_value=1, max_value=400), max_size=12))
def test_later_clean_days_leave_event_gaps_open(subjects: set[str], later: list[int]) -> None:
    days = [DAY + timedelta(days=n) for n in sorted(later)]
    gaps = lived(About.EVENT, judged({s: {DAY} for s in subjects}, DAY, DAY), *(judged({}, d, d) for d in days))
    assert still_open(gaps) == subjects


@given(st.sets(st.integers(min_value=0, max_value=20), min_size=1), st.sets(st.integers(min_value=0, max_value=20)))
def test_an_event_gap_keeps_exactly_the_days_still_found_when_judged_again(first: set[int], again: set[int]) -> None:
    def on(days: set[int]) -> dict[str, set[date | None]]:
        return {"W-1": {DAY + timedelta(days=n) for n in days}} if days else {}

    end = DAY + timedelta(days=20)
    gaps = lived(About.EVENT, judged(on(first), DAY, end), judged(on(again), DAY, end))
    assert {gap.open_days for gap in gaps.values()} == {frozenset(DAY + timedelta(days=n) for n in again)}


@pytest.mark.parametrize("verdict", [Verdict.UNVERIFIED, Verdict.NOT_APPLICABLE])
def test_an_event_is_not_undone_by_a_judgement_that_judged_nothing(verdict: Verdict) -> None:
    gaps = lived(About.EVENT, judged({"W-1": {DAY}}, DAY, DAY), judged({}, DAY, DAY, verdict))
    assert "W-1" in still_open(gaps)


def test_a_return_is_a_regression_of_the_same_gap() -> None:
    gaps = lived(
        About.STATE, *(judged(found, DAY, DAY) for found in (state("W-1"), state(), state("W-1"))),
    )  # fmt: skip
    [gap] = gaps.values()
    assert (gap.is_open, gap.regressions, gap.opened_on) == (True, 1, DAY)


def test_judging_the_same_twice_changes_nothing() -> None:
    once = judged({"W-1": {DAY}}, DAY, DAY)
    events = list(reconcile([], once, control(About.EVENT), due_on=DUE))
    assert list(reconcile(fold(events, {}).values(), once, control(About.EVENT), due_on=DUE)) == []


def test_what_a_person_disposed_of_stays_closed_when_found_again() -> None:
    found = judged({"W-1": {DAY}}, DAY, DAY)
    opened = list(reconcile([], found, control(About.EVENT), due_on=DUE))
    disposed = GapEvent(ID, "C1", "W-1", None, GapKind.DISPOSED, About.EVENT, DAY, reason="確認済", actor="p")
    gaps = lived(About.EVENT, found, acts=(*opened, disposed))
    assert still_open(gaps) == set()


def test_a_new_day_of_a_disposed_event_is_a_regression() -> None:
    found = judged({"W-1": {DAY}}, DAY, DAY)
    opened = list(reconcile([], found, control(About.EVENT), due_on=DUE))
    disposed = GapEvent(ID, "C1", "W-1", None, GapKind.DISPOSED, About.EVENT, DAY, reason="確認済", actor="p")
    next_day = DAY + timedelta(days=1)
    [gap] = lived(About.EVENT, judged({"W-1": {next_day}}, next_day, next_day), acts=(*opened, disposed)).values()
    assert (gap.is_open, gap.regressions, gap.open_days) == (True, 1, frozenset({next_day}))


def test_a_day_that_was_answered_for_keeps_no_gap_open_whose_other_day_conforms_after_all() -> None:
    found = judged({"W-1": {DAY}}, DAY, DAY)
    both = judged({"W-1": {DAY, NEXT}}, DAY, NEXT)
    gap = followed(About.EVENT, found, act(GapKind.DISPOSED, DAY, About.EVENT), both, judged({"W-1": {DAY}}, DAY, NEXT))
    assert (gap.state, gap.open_days, gap.regressions) == ("closed", frozenset(), 1)


def test_the_unverified_gap_closes_when_the_control_is_judged_again() -> None:
    gaps = lived(About.STATE, judged({}, DAY, DAY, Verdict.UNVERIFIED), judged({}, DAY, DAY))
    assert still_open(gaps) == set()


def test_the_message_shows_columns_and_a_dash_for_what_is_not_known() -> None:
    [gap] = lived(About.STATE, judged(state("W-1"), DAY, DAY)).values()
    assert gap.message == Words("W-1: 例外(―)", "W-1: deviates (―)")


def act(kind: GapKind, on: date, about: About = About.STATE, subject: str = "W-1", **columns: str) -> GapEvent:
    return GapEvent(ID, "C1", subject, None, kind, about, on, actor="p1", reason="x", columns=columns)


def followed(about: About, *told: Assessment | GapEvent) -> Gap:
    """The one gap that these judgements and acts, in their order, come to."""
    events: list[GapEvent] = []
    for one in told:
        if isinstance(one, GapEvent):
            events.append(one)
        else:
            events += reconcile(fold(events, {}).values(), one, control(about), due_on=one.as_of + timedelta(days=30))
    [gap] = fold(events, {ID: "high"}).values()
    return gap


NEXT = DAY + timedelta(days=1)


def test_a_gap_that_comes_back_is_due_anew_and_tells_how_long_it_was_clean() -> None:
    back = DAY + timedelta(days=41)
    gap = followed(
        About.STATE, judged(state("W-1"), DAY, DAY), act(GapKind.ESCALATED, DAY), judged({}, NEXT, NEXT),
        judged(state("W-1"), back, back),
    )  # fmt: skip
    told = (gap.state, gap.due_on, gap.clean_days, gap.regressions, gap.escalated, gap.opened_on)
    assert told == ("open", back + timedelta(days=30), 40, 1, 0, DAY)


@pytest.mark.parametrize(
    ("corrected_on", "state_after"),
    [
        pytest.param(DAY, "open", id="a later day shows that it is not mended"),
        pytest.param(NEXT, "corrected", id="evidence of the very day may be older than the correction"),
    ],
)
def test_what_is_said_to_be_mended_is_tested_again(corrected_on: date, state_after: str) -> None:
    found, again = judged(state("W-1"), DAY, DAY), judged(state("W-1"), NEXT, NEXT)
    gap = followed(About.STATE, found, act(GapKind.CORRECTED, corrected_on), again)
    assert gap.state == state_after


@pytest.mark.parametrize("kind", [GapKind.CORRECTED, GapKind.ACKNOWLEDGED, GapKind.PLANNED, GapKind.ASSIGNED])
def test_nothing_that_is_said_later_keeps_a_correction_from_being_refuted(kind: GapKind) -> None:
    found, again = judged(state("W-1"), DAY, DAY), judged(state("W-1"), NEXT, NEXT)
    told: list[Assessment | GapEvent] = [found, act(GapKind.CORRECTED, DAY), act(kind, NEXT), again]
    assert followed(About.STATE, *told).state == "open"
    assert followed(About.STATE, *told, act(GapKind.CORRECTED, NEXT), again).state == "corrected"


def test_who_moves_takes_a_gap_along_to_the_new_department() -> None:
    found, moved = judged(state("W-1"), DAY, DAY), judged(state("W-1"), NEXT, NEXT)
    moved = replace(moved, deviations=tuple(replace(one, department="D2") for one in moved.deviations))
    gap = followed(About.STATE, found, act(GapKind.ACKNOWLEDGED, DAY), moved)
    assert (gap.department, gap.state, gap.due_on) == ("D2", "acknowledged", DAY + timedelta(days=30))
    assert followed(About.STATE, found, moved, moved) == followed(About.STATE, found, moved)


def test_a_corrected_state_that_conforms_is_closed() -> None:
    found, clean = judged(state("W-1"), DAY, DAY), judged({}, NEXT, NEXT)
    assert followed(About.STATE, found, act(GapKind.CORRECTED, DAY), clean).state == "closed"


def test_missing_evidence_refutes_no_correction() -> None:
    silent = judged({}, NEXT, NEXT, Verdict.UNVERIFIED)
    events = [*reconcile([], judged(state("W-1"), DAY, DAY), control(About.STATE), due_on=DUE)]
    events.append(act(GapKind.CORRECTED, DAY))
    events += reconcile(fold(events, {}).values(), silent, control(About.STATE), due_on=DUE)
    states = {gap.subject: gap.state for gap in fold(events, {}).values()}
    assert states == {"W-1": "corrected", "unverified": "open"}


@pytest.mark.parametrize(
    ("again", "state_after"),
    [
        pytest.param({"W-1": {DAY}}, "open", id="its day is judged again and still deviates"),
        pytest.param({"W-1": set[date | None]()}, "closed", id="its day conforms now"),
    ],
)
def test_of_an_event_the_correction_is_tested_on_its_own_day(
    again: dict[str, set[date | None]], state_after: str
) -> None:
    found = judged({"W-1": {DAY}}, DAY, DAY)
    later = judged({subject: days for subject, days in again.items() if days}, DAY, NEXT)
    assert followed(About.EVENT, found, act(GapKind.CORRECTED, DAY, About.EVENT), later).state == state_after


def test_days_after_the_event_refute_nothing() -> None:
    found, clean = judged({"W-1": {DAY}}, DAY, DAY), judged({}, NEXT, NEXT)
    assert followed(About.EVENT, found, act(GapKind.CORRECTED, DAY, About.EVENT), clean).state == "corrected"


def unverified(cause: str | None, as_of: date = DAY) -> Assessment:
    return replace(judged({}, as_of, as_of, Verdict.UNVERIFIED), cause=cause)


def test_another_reason_why_nothing_can_be_judged_is_told_once() -> None:
    known = [*reconcile([], unverified("source:hr"), control(About.STATE), due_on=DUE)]
    assert [*reconcile(fold(known, {}).values(), unverified("source:hr"), control(About.STATE), due_on=DUE)] == []
    gap = followed(About.STATE, unverified("source:hr"), unverified("source:lms", NEXT))
    assert (gap.state, gap.cause, gap.opened_on) == ("open", "source:lms", DAY)


@given(st.lists(st.sampled_from([*GapKind]), max_size=8), SUBJECTS)
def test_whatever_people_say_what_deviates_is_open_and_what_conforms_is_not(
    acts: list[GapKind], found: set[str]
) -> None:
    told = [one for one in acts if one not in (GapKind.CLOSED, GapKind.DISPOSED, GapKind.OPENED, GapKind.REGRESSED)]
    events = [*reconcile([], judged(state("W-1", "W-2"), DAY, DAY), control(About.STATE), due_on=DUE)]
    events += [act(kind, DAY, finding_id="F-1") for kind in told]
    events += reconcile(fold(events, {}).values(), judged(state(*found), NEXT, NEXT), control(About.STATE), due_on=DUE)
    assert still_open(fold(events, {})) == found
