"""Gaps: opened and closed by ``reconcile`` alone, one per (control, company, subject, aspect) (design.md §4).

A state gap closes by a passing re-test and not by missing evidence. An event gap closes only when one of its days is
judged again on changed evidence, or when a person answers for it (a disposition): later clean days never touch it.
What is said to be mended is open again when a later day shows that it is not.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from controls.matters import is_mass
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
_MENDED = "再判定で適合 / conforms at a re-test on fresh evidence"
_EVIDENCE_CHANGED = "証跡の訂正により再判定で適合 / conforms after the evidence changed"
_NOT_MENDED = "是正後の再判定で不適合 / said to be mended, and found again by a later judgement"


@dataclass(frozen=True, slots=True)
class Found:
    """What one assessment found under one gap's key: the newest deviation and all its days."""

    deviation: Deviation
    days: frozenset[date]


def reconcile(
    known: Iterable[Gap],
    assessment: Assessment,
    control: Control,
    *,
    due_on: date,
    followed_until: date | None = None,
) -> Iterator[GapEvent]:
    """Yield what this assessment changes in the gaps of its control and company; nothing when nothing changed.

    What opens is due on ``due_on``. ``followed_until`` is the last day that was judged and followed before. How things
    stood on an earlier day tells nothing of how they stand now: such an assessment changes the gaps of events only.
    """
    for event in _changes(known, assessment, control, followed_until):
        yield replace(event, due_on=due_on) if event.kind in (GapKind.OPENED, GapKind.REGRESSED) else event


def _changes(
    known: Iterable[Gap], assessment: Assessment, control: Control, followed_until: date | None
) -> Iterator[GapEvent]:
    gaps = {key_of(gap): gap for gap in known if (gap.control, gap.company) == (assessment.control, assessment.company)}
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
        elif _refuted(mark, assessment):
            yield _unverified(assessment, GapKind.REFUTED)
        elif mark.cause != assessment.cause:
            yield _unverified(assessment, GapKind.FOUND)
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
        elif _refuted(gap, assessment):
            yield replace(event, kind=GapKind.REFUTED, reason=_NOT_MENDED)
        elif gap.department != event.department:  # who moved is for another department to mend
            yield replace(event, kind=GapKind.FOUND)
        return
    if gap is not None and found.days & gap.open_days and _refuted(gap, assessment):
        yield replace(event, kind=GapKind.REFUTED, day=None, reason=_NOT_MENDED)
    fresh = sorted(found.days - (gap.open_days | gap.disposed_days if gap else frozenset()))
    for number, day in enumerate(fresh):
        first = GapKind.OPENED if gap is None else GapKind.FOUND if gap.is_open else GapKind.REGRESSED
        yield replace(event, kind=GapKind.FOUND if number else first, day=day)


def _refuted(gap: Gap, assessment: Assessment) -> bool:
    """Whether a gap is said to be mended since a day before the one that was judged."""
    return gap.corrected_on is not None and gap.corrected_on < assessment.as_of


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
            yield replace(closing, reason=_MENDED)
        return
    days = found.days if found else frozenset()
    gone = sorted(d for d in gap.open_days if assessment.since <= d <= assessment.as_of and d not in days)
    for day in gone:
        yield replace(closing, kind=GapKind.GONE, day=day, reason=_EVIDENCE_CHANGED)
    if gone and set(gone) == gap.open_days and days <= gap.disposed_days:  # what was answered for keeps nothing open
        yield replace(closing, reason=_EVIDENCE_CHANGED)


def fold(events: Iterable[GapEvent], severities: Mapping[str, str]) -> dict[Key, Gap]:
    """What the events add up to: one gap per key, in order of first opening."""
    gaps: dict[Key, Gap] = {}
    number: Counter[Key] = Counter()
    for event in events:
        key = (event.control, event.company, event.subject, event.aspect)
        gaps[key] = _after(gaps.get(key), event, severities.get(event.control, "medium"))
        number[key] += 1
    return {key: replace(gap, events=number[key]) for key, gap in gaps.items()}


def _after(gap: Gap | None, event: GapEvent, severity: str) -> Gap:
    if gap is None:
        opened_on = event.day or event.as_of
        gap = Gap(event.control, event.company, event.subject, event.aspect, event.about, "open", opened_on, severity)
    match event.kind:
        case GapKind.OPENED | GapKind.REGRESSED:
            return _again(gap, event)
        case GapKind.FOUND:
            return _found_again(gap, event)
        case GapKind.REFUTED:
            return replace(_found_again(gap, event), state="open", corrected_on=None)
        case GapKind.GONE:
            return replace(gap, open_days=gap.open_days - {event.day})
        case GapKind.CLOSED:
            return replace(gap, state="closed", closed_on=event.as_of, open_days=frozenset(), held=False)
        case GapKind.DISPOSED:
            disposed = gap.disposed_days | gap.open_days
            return replace(
                gap, state="disposed", closed_on=event.as_of, open_days=frozenset(), disposed_days=disposed, held=False
            )
        case GapKind.CORRECTED:
            return replace(gap, state=event.kind.value, corrected_on=gap.corrected_on or event.as_of)
        case GapKind.ASSIGNED:
            return replace(gap, owner=event.reason)
        case GapKind.RELEASED:
            return replace(gap, held=False)
        case GapKind.ESCALATED:
            return replace(gap, escalated=gap.escalated + 1)
        case GapKind.TAKEN_UP:
            return replace(gap, finding=str(event.columns["finding_id"]))
        case GapKind.WAIVED | GapKind.UNWAIVED | GapKind.ASKED | GapKind.DECIDED:
            return gap
        case _:
            return replace(gap, state=event.kind.value)


def _again(gap: Gap, event: GapEvent) -> Gap:
    """A gap that opens, for the first time or not: what was done about it before counts no more."""
    again = event.kind is GapKind.REGRESSED
    clean = (event.as_of - gap.closed_on).days if again and gap.closed_on else None
    opened = replace(
        gap, state="open", closed_on=None, corrected_on=None, regressions=gap.regressions + again, clean_days=clean,
        due_on=event.due_on, cause=None, escalated=0,
    )  # fmt: skip
    return _found_again(opened, event)


def _found_again(gap: Gap, event: GapEvent) -> Gap:
    days = gap.open_days | ({event.day} if event.day else set())
    cause = event.cause if gap.subject == UNVERIFIED_SUBJECT else event.cause or gap.cause
    return replace(
        gap, open_days=days, last_found_on=event.as_of, department=event.department,
        message=event.message or gap.message, cause=cause, held=gap.held or is_mass(event.cause),
    )  # fmt: skip


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
        cause=assessment.cause,
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


def key_of(gap: Gap) -> Key:
    """What a gap is known by."""
    return (gap.control, gap.company, gap.subject, gap.aspect)
