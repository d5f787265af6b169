"""Gaps: opened and closed by ``reconcile`` alone, one per (control, company, subject, aspect) (design.md §4).

A state gap closes by a passing re-test and not by missing evidence. An event gap closes only when one of its days is
judged again on changed evidence, or when a person answers for it (a disposition): later clean days never touch it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from controls.model import (
    UNVERIFIED_SUBJECT,
    About,
    Assessment,
    Control,
    Deviation,
    Gap,
    GapEvent,
    GapKind,
    Verdict,
    Words,
)

Key = tuple[str, str, str, str | None]  # control, company, subject, aspect
DUE_DAYS = {"critical": 7, "high": 30, "medium": 60, "low": 90}


@dataclass(frozen=True, slots=True)
class Found:
    """What one assessment found under one gap's key: the newest deviation and all its days."""

    deviation: Deviation
    days: frozenset[date]


def reconcile(
    known: Iterable[Gap], assessment: Assessment, control: Control, *, followed_until: date | None = None
) -> Iterator[GapEvent]:
    """Yield what this assessment changes in the gaps of its control and company; nothing when nothing changed.

    ``followed_until`` is the last day that was judged and followed before. How things stood on an earlier day tells
    nothing of how they stand now: such an assessment changes the gaps of events only.
    """
    gaps = {_key(gap): gap for gap in known if (gap.control, gap.company) == (assessment.control, assessment.company)}
    if followed_until is not None and assessment.as_of < followed_until:
        yield from _of_the_past(gaps, assessment, control)
        return
    mark = gaps.pop((assessment.control, assessment.company, UNVERIFIED_SUBJECT, None), None)
    if assessment.verdict is Verdict.NOT_APPLICABLE:
        if mark is not None and mark.is_open:  # nothing waits to be verified; what deviated is for a person to answer
            yield _unverified(assessment, GapKind.CLOSED)
        return
    if assessment.verdict is Verdict.UNVERIFIED:
        if mark is None or not mark.is_open:
            yield _unverified(assessment, GapKind.REGRESSED if mark else GapKind.OPENED)
        return
    if mark is not None and mark.is_open:
        yield _unverified(assessment, GapKind.CLOSED)
    yield from _changed(gaps, _found(assessment, control), assessment, control)


def _of_the_past(gaps: Mapping[Key, Gap], assessment: Assessment, control: Control) -> Iterator[GapEvent]:
    if assessment.verdict in (Verdict.NOT_APPLICABLE, Verdict.UNVERIFIED):
        return
    events = {key: gap for key, gap in gaps.items() if gap.about is About.EVENT}
    found = {k: one for k, one in _found(assessment, control).items() if control.about_aspect(k[3]) is About.EVENT}
    yield from _changed(events, found, assessment, control)


def _changed(
    gaps: Mapping[Key, Gap], found: Mapping[Key, Found], assessment: Assessment, control: Control
) -> Iterator[GapEvent]:
    for key, one in found.items():
        yield from _still_there(gaps.get(key), one, assessment, control)
    for key, gap in gaps.items():
        if gap.is_open:
            yield from _cleared(gap, found.get(key), assessment)


def _found(assessment: Assessment, control: Control) -> dict[Key, Found]:
    found: dict[Key, Found] = {}
    for deviation in assessment.deviations:
        key = (control.id, assessment.company, deviation.subject, deviation.aspect)
        days = found[key].days if key in found else frozenset()
        if deviation.occurred_on:
            days |= {deviation.occurred_on}
        found[key] = Found(deviation, days)
    return found


def _still_there(gap: Gap | None, found: Found, assessment: Assessment, control: Control) -> Iterator[GapEvent]:
    about = control.about_aspect(found.deviation.aspect)
    event = _event(found.deviation, assessment, control, about)
    if about is About.STATE:
        if gap is None:
            yield event
        elif not gap.is_open:
            yield replace(event, kind=GapKind.REGRESSED)
        return
    fresh = sorted(found.days - (gap.open_days | gap.disposed_days if gap else frozenset()))
    for number, day in enumerate(fresh):
        first = GapKind.OPENED if gap is None else GapKind.FOUND if gap.is_open else GapKind.REGRESSED
        yield replace(event, kind=GapKind.FOUND if number else first, day=day)


def _cleared(gap: Gap, found: Found | None, assessment: Assessment) -> Iterator[GapEvent]:
    """What a verified judgement no longer finds: a state is mended; of an event, the days judged again."""
    closing = GapEvent(
        gap.control,
        gap.company,
        gap.subject,
        gap.aspect,
        GapKind.CLOSED,
        gap.about,
        assessment.as_of,
        department=gap.department,
    )
    if gap.about is About.STATE:
        if found is None:
            yield replace(closing, reason="再判定で適合 / conforms at a re-test on fresh evidence")
        return
    days = found.days if found else frozenset()
    gone = sorted(d for d in gap.open_days if assessment.since <= d <= assessment.as_of and d not in days)
    for day in gone:
        yield replace(
            closing,
            kind=GapKind.GONE,
            day=day,
            reason="証跡の訂正により再判定で適合 / conforms after the evidence changed",
        )
    if gone and not days and set(gone) == gap.open_days:
        yield replace(closing, reason="証跡の訂正により再判定で適合 / conforms after the evidence changed")


def fold(events: Iterable[GapEvent], severities: Mapping[str, str]) -> dict[Key, Gap]:
    """What the events add up to: one gap per key, in order of first opening."""
    gaps: dict[Key, Gap] = {}
    for event in events:
        key = (event.control, event.company, event.subject, event.aspect)
        gaps[key] = _after(gaps.get(key), event, severities.get(event.control, "medium"))
    return gaps


def _after(gap: Gap | None, event: GapEvent, severity: str) -> Gap:
    if gap is None:
        gap = Gap(
            event.control, event.company, event.subject, event.aspect, event.about, "open", event.day or event.as_of
        )
        gap = replace(gap, severity=severity, due_on=event.as_of + timedelta(days=DUE_DAYS[severity]))
    days = gap.open_days | ({event.day} if event.day else set())
    match event.kind:
        case GapKind.OPENED | GapKind.FOUND | GapKind.REGRESSED:
            again = gap.regressions + (event.kind is GapKind.REGRESSED)
            state = gap.state if event.kind is GapKind.FOUND else "open"
            return replace(
                gap, state=state, open_days=days, last_found_on=event.as_of, closed_on=None, regressions=again,
                department=event.department, message=event.message or gap.message,
            )  # fmt: skip
        case GapKind.GONE:
            return replace(gap, open_days=gap.open_days - {event.day})
        case GapKind.CLOSED:
            return replace(gap, state="closed", closed_on=event.as_of, open_days=frozenset())
        case GapKind.DISPOSED:
            disposed = gap.disposed_days | gap.open_days
            return replace(gap, state="disposed", closed_on=event.as_of, open_days=frozenset(), disposed_days=disposed)
        case GapKind.ASSIGNED:
            return replace(gap, owner=event.reason)
        case GapKind.WAIVED:
            return gap
        case _:
            return replace(gap, state=event.kind.value)


def _event(deviation: Deviation, assessment: Assessment, control: Control, about: About) -> GapEvent:
    return GapEvent(
        control.id,
        assessment.company,
        deviation.subject,
        deviation.aspect,
        GapKind.OPENED,
        about,
        assessment.as_of,
        deviation.occurred_on,
        deviation.department,
        columns=deviation.columns,
        message=message(control, deviation),
    )


def _unverified(assessment: Assessment, kind: GapKind) -> GapEvent:
    reason = assessment.reason or "再び判定できた / judged again"
    return GapEvent(
        assessment.control,
        assessment.company,
        UNVERIFIED_SUBJECT,
        None,
        kind,
        About.STATE,
        assessment.as_of,
        reason=reason,
        message=Words(f"未確認: {reason}", f"unverified: {reason}") if kind is not GapKind.CLOSED else None,
    )


def message(control: Control, deviation: Deviation) -> Words:
    """The gap message of a control with a deviation's columns put in; a column that is NULL reads ―."""
    columns = {
        "subject": deviation.subject,
        "aspect": deviation.aspect,
        "department": deviation.department,
        "occurred_on": deviation.occurred_on,
        **deviation.columns,
    }
    told = {name: "―" if value is None else value for name, value in columns.items()}
    return Words(control.gap.ja.format_map(told), control.gap.en.format_map(told))


def _key(gap: Gap) -> Key:
    return (gap.control, gap.company, gap.subject, gap.aspect)
