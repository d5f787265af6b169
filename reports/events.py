"""What a system is told: the events of gaps as one JSON document, without personal data (docs/webhook.md)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from evidence.store.values import GapEventRow

VERSION = 1


def payload(
    rows: Sequence[GapEventRow],
    after: int,
    delivery: str,
    masking: Mapping[str, Callable[[str], str]],
    severities: Mapping[str, str],
) -> dict[str, Any]:
    """Events in their order; ``after`` is the last one of the delivery before, so that a lost one is seen."""
    return {
        "version": VERSION,
        "kind": "gap_events",
        "delivery": delivery,
        "after": after,
        "events": [_event(row, masking[row.company], severities) for row in rows],
    }


def _event(row: GapEventRow, masked: Callable[[str], str], severities: Mapping[str, str]) -> dict[str, Any]:
    """One event. Not told: who acted, reasons and messages, which may hold whatever somebody wrote."""
    body: Mapping[str, Any] = row.body
    return {
        "seq": row.seq,
        "at": row.at.isoformat() if row.at else None,
        "company": row.company,
        "control": row.control,
        "severity": severities.get(row.control, "medium"),
        "subject": masked(row.subject),
        "aspect": masked(row.aspect) if row.aspect else None,
        "kind": row.kind,
        "about": row.about,
        "as_of": row.as_of.isoformat(),
        "occurred_on": row.day.isoformat() if row.day else None,
        "department": row.department,
        "due_on": body.get("due_on"),
        "cause": body.get("cause"),
    }


def companies(rows: Iterable[GapEventRow]) -> tuple[str, ...]:
    """Whose gaps the events are about."""
    return tuple(sorted({row.company for row in rows}))
