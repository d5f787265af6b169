"""What was found against what was planted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from demo.plan import UNVERIFIED, Planted

Gap = Mapping[str, Any]


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


def compare(
    planted: Iterable[Planted | Mapping[str, Any]], gaps: Sequence[Gap], verdicts: Iterable[Mapping[str, Any]]
) -> Score:
    """Match each planted fault with the open gaps of its control, company and subject.

    A gap is known by its ``control``, ``company`` and ``subject``; ``day``, ``days`` or ``open_days`` tell when.
    """
    plan = [one if isinstance(one, Planted) else _planted(one) for one in planted]
    wanted = [one for one in plan if not (one.near_miss or one.optional)]
    spared = [one for one in plan if one.near_miss]
    allowed = [one for one in plan if not one.near_miss]
    missing = [one for one in wanted if not any(_matches(one, gap) for gap in gaps)]
    false = [_told(gap) for gap in gaps if not any(_matches(one, gap) for one in allowed)]
    false += [
        f"near-miss {_named(one)}"
        for one in spared
        if any(_matches(one, gap) and _nowhere(allowed, one, gap) for gap in gaps)
    ]
    return Score(
        planted=len(wanted),
        found=len(wanted) - len(missing),
        false=tuple(dict.fromkeys(false)),
        missing=tuple(_named(one) for one in missing),
        unexpected=tuple(_unexpected(plan, verdicts)),
    )


def _planted(told: Mapping[str, Any]) -> Planted:
    day = told.get("day")
    return Planted(
        **{**told, "subject_any": tuple(told["subject_any"]), "day": date.fromisoformat(day) if day else None}
    )


def _matches(one: Planted, gap: Gap) -> bool:
    if (one.control, one.company) != (gap["control"], gap["company"]):
        return False
    if one.aspect is not None and one.aspect != gap.get("aspect"):
        return False
    if gap["subject"] in one.subject_any:
        days = _days(gap)
        return one.day is None or not days or one.day in days or not one.near_miss
    return "*" in one.subject_any and one.day in _days(gap) and gap["subject"] != UNVERIFIED


def _days(gap: Gap) -> set[date]:
    told = [gap.get("day"), *(gap.get("days") or ()), *(gap.get("open_days") or ())]
    return {one if isinstance(one, date) else date.fromisoformat(str(one)) for one in told if one}


def _nowhere(allowed: Iterable[Planted], near: Planted, gap: Gap) -> bool:
    """Whether no planted fault explains the gap that a near-miss was flagged by."""
    return not any(_matches(one, gap) for one in allowed) or "*" in near.subject_any


def _unexpected(plan: Iterable[Planted], verdicts: Iterable[Mapping[str, Any]]) -> list[str]:
    known = {(one.control, one.company) for one in plan if UNVERIFIED in one.subject_any}
    told = []
    for verdict in verdicts:
        if str(verdict["verdict"]) == UNVERIFIED and (verdict["control"], verdict["company"]) not in known:
            told.append(f"{verdict['control']} {verdict['company']}: {verdict.get('reason')}")
    return told


def _named(one: Planted) -> str:
    return f"{one.control} {one.company} {one.subject}: {one.kind}"


def _told(gap: Gap) -> str:
    return f"{gap['control']} {gap['company']} {gap['subject']} {gap.get('aspect') or ''}".rstrip()
