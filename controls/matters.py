"""What several gaps have in common: they are one matter, and a person is told of it once (domain.md §6, alert economy).

A source that failed leaves every control that reads it unverified: one matter. Many members of one population that fail
at once are more likely one broken source than many people: one matter too, and held back until a person has looked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from controls.model import UNVERIFIED_SUBJECT, Assessment, Gap, GapEvent, GapKind

MASS = "mass:"
WORST_FIRST = ("critical", "high", "medium", "low", "")
_FRESH = (GapKind.OPENED, GapKind.REGRESSED)  # one more day of what is known already is followed as before


@dataclass(frozen=True, slots=True)
class Brake:
    """When deviations of one control are too many at once: over a share of its population, and not just a few."""

    percent: int
    at_least: int


@dataclass(frozen=True, slots=True)
class Matter:
    """Gaps with one cause, in the order they were opened; a gap without one is a matter of its own."""

    cause: str | None
    gaps: tuple[Gap, ...]

    @property
    def severity(self) -> str:
        """That of the gravest."""
        return min((gap.severity for gap in self.gaps), key=WORST_FIRST.index)

    @property
    def due_on(self) -> date | None:
        """When the first of them is due."""
        return min((gap.due_on for gap in self.gaps if gap.due_on), default=None)

    @property
    def held(self) -> bool:
        """Whether a person has yet to look at it before it goes to those who answer for its gaps."""
        return any(gap.held for gap in self.gaps)


def is_mass(cause: str | None) -> bool:
    """Whether a cause is that too many failed at once."""
    return cause is not None and cause.startswith(MASS)


def braked(events: Iterable[GapEvent], assessment: Assessment, brake: Brake) -> Sequence[GapEvent]:
    """What one assessment changes; where too many deviate for the first time or again, they have that in common."""
    told = list(events)
    fresh = {(one.subject, one.aspect) for one in told if _is_fresh(one)}
    if len(fresh) < brake.at_least or len(fresh) * 100 <= assessment.population * brake.percent:
        return told
    cause = f"{MASS}{assessment.control}:{assessment.company}:{assessment.as_of}"
    return [replace(one, cause=cause) if _is_fresh(one) else one for one in told]


def merged(gaps: Iterable[Gap]) -> list[Matter]:
    """The matters that these gaps are, in the order of the first gap of each."""
    matters: dict[object, list[Gap]] = {}
    for gap in gaps:
        own = (gap.control, gap.company, gap.subject, gap.aspect)
        matters.setdefault(gap.cause or own, []).append(gap)
    return [Matter(told[0].cause, tuple(told)) for told in matters.values()]


def _is_fresh(event: GapEvent) -> bool:
    return event.kind in _FRESH and event.subject != UNVERIFIED_SUBJECT
