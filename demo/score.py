"""What was found against what was planted: two sets that must be the same."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from controls.model import Assessment, Gap, Verdict
from demo.plan import UNVERIFIED, Planted


@dataclass(frozen=True, slots=True)
class Score:
    """The demo is as it should be when everything planted was found and nothing else."""

    planted: int  # faults that must be found
    found: int  # of them
    false: tuple[str, ...]  # gaps that nobody planted, near-misses that were flagged
    missing: tuple[str, ...]  # faults that no gap matches
    unexpected: tuple[str, ...]  # controls without a verdict although nothing was planted so

    @property
    def perfect(self) -> bool:
        """Whether found = planted."""
        return not (self.false or self.missing or self.unexpected)


@dataclass(frozen=True, slots=True)
class _Found:
    """A gap, or one day of it: a false alarm is no less false on another day of a planted subject."""

    control: str
    company: str
    subject: str
    aspect: str | None
    day: date | None

    def matches(self, one: Planted) -> bool:
        """Whether this is what was planted."""
        mine = (self.control, self.company, self.subject, self.day)
        return mine == (one.control, one.company, one.subject, one.day) and one.aspect in (None, self.aspect)

    def __str__(self) -> str:
        told = (self.control, self.company, self.subject, self.aspect, self.day)
        return " ".join(str(part) for part in told if part)


def compare(planted: Iterable[Planted], gaps: Iterable[Gap], judged: Iterable[Assessment]) -> Score:
    """Match each fault with the open gap of its control, company, subject and day, and its aspect where planted."""
    plan = list(planted)
    faults = [one for one in plan if not one.near_miss]
    found = [one for gap in gaps if gap.is_open for one in _days(gap)]
    missing = [_named(one) for one in faults if not any(seen.matches(one) for seen in found)]
    flagged = [_named(one) for one in plan if one.near_miss and any(seen.matches(one) for seen in found)]
    strange = [str(seen) for seen in found if not any(seen.matches(one) for one in plan)]
    silent = {(one.control, one.company) for one in faults if one.subject == UNVERIFIED}
    return Score(
        planted=len(faults),
        found=len(faults) - len(missing),
        false=(*strange, *(f"near-miss {name}" for name in flagged)),
        missing=tuple(missing),
        unexpected=tuple(
            f"{one.control} {one.company}: {one.reason}"
            for one in judged
            if one.verdict is Verdict.UNVERIFIED and (one.control, one.company) not in silent
        ),
    )


def _days(gap: Gap) -> Iterator[_Found]:
    for day in sorted(gap.open_days) or (None,):
        yield _Found(gap.control, gap.company, gap.subject, gap.aspect, day)


def _named(one: Planted) -> str:
    return f"{one.control} {one.company} {one.subject}: {one.kind}"
