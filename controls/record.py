"""Assessments and gap events as rows of the store, and back."""

from pydantic import TypeAdapter

from controls.model import Assessment, GapEvent
from evidence.store.values import GapEventRow, JudgementRow

_ASSESSMENT = TypeAdapter(Assessment)
_EVENT = TypeAdapter(GapEvent)


def judgement_row(assessment: Assessment, *, followed: bool = True) -> JudgementRow:
    """The row that keeps an assessment whole."""
    return JudgementRow(
        control=assessment.control,
        company=assessment.company,
        since=assessment.since,
        as_of=assessment.as_of,
        known_at=assessment.known_at,
        verdict=assessment.verdict.value,
        reason=assessment.reason,
        population=assessment.population,
        deviations=len(assessment.deviations),
        body=_ASSESSMENT.dump_python(assessment, mode="json"),
        followed=followed,
    )


def assessment_of(row: JudgementRow) -> Assessment:
    """The assessment that a row keeps; dates and decimals among a deviation's columns come back as text."""
    return _ASSESSMENT.validate_python(dict(row.body))


def event_row(event: GapEvent) -> GapEventRow:
    """The row that keeps one act in the life of a gap."""
    return GapEventRow(
        control=event.control,
        company=event.company,
        subject=event.subject,
        aspect=event.aspect,
        kind=event.kind.value,
        about=event.about.value,
        as_of=event.as_of,
        day=event.day,
        department=event.department,
        actor=event.actor,
        reason=event.reason,
        body=_EVENT.dump_python(event, mode="json"),
    )


def event_of(row: GapEventRow) -> GapEvent:
    """The act that a row keeps."""
    return _EVENT.validate_python(dict(row.body))
