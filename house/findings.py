"""Findings 指摘: a person's record that takes up gaps, from cause to the check that what was done holds.

A finding is a row of its register, each step the next version of it; the gaps that it owns say so by an added event.
What its rows may say next, by a verb or by a sheet, and who may say it: ``house.steps``. A finding that is retired or
closed holds none of its gaps: they can be taken up again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from controls.matters import WORST_FIRST
from controls.model import Gap, GapKind
from evidence.datasets import register
from evidence.errors import ConfigError
from house import House, newest
from house.desk import enter, next_id
from house.duties import event
from house.following import Followed, followed
from house.steps import FINDINGS, state_of

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """A row of the register with the gaps it owns, open or not."""

    row: Row
    gaps: tuple[Followed, ...]

    @property
    def state(self) -> str:
        """How far it has come."""
        return state_of(self.row)

    @property
    def open_gaps(self) -> tuple[Gap, ...]:
        """Its gaps that keep it open, those that are waived too."""
        return tuple(one.gap for one in self.gaps if one.gap.is_open)


def findings(house: House, company: str | None = None) -> list[Finding]:
    """Every finding, in the order of their ids."""
    owned: dict[str, list[Followed]] = {}
    for one in followed(house, company):
        if one.gap.finding:
            owned.setdefault(one.gap.finding, []).append(one)
    rows = newest(house, (FINDINGS,)).rows(FINDINGS)
    return [Finding(r, tuple(owned.get(r["finding_id"], ()))) for r in rows if company in (None, r["company"])]


def find(house: House, finding_id: str) -> Finding:
    """One finding; ConfigError when there is none of that id."""
    told = next((one for one in findings(house) if one.row["finding_id"] == finding_id), None)
    if told is None:
        raise ConfigError(f"no finding {finding_id}; `tenken findings list --all` shows them")
    return told


def take_up(house: House, gaps: Sequence[Followed], by: str, content: str, department: str | None = None) -> str:
    """Make one finding of gaps that are open, and the id of it."""
    [company, *others] = sorted({one.gap.company for one in gaps})
    if others:
        raise ConfigError(f"these gaps are of {company} and {', '.join(others)}; each company has findings of its own")
    gaps = list({(one.gap.control, one.gap.subject, one.gap.aspect): one for one in gaps}.values())
    alive = {one.row["finding_id"] for one in findings(house) if one.state != "closed"}
    if taken := sorted({one.gap.finding for one in gaps if one.gap.finding} & alive):
        raise ConfigError(f"{', '.join(taken)} has taken up some of these gaps already")
    if closed := [one.gap.subject for one in gaps if not one.gap.is_open]:
        raise ConfigError(f"nothing is open about {', '.join(closed[:3])}")
    departments = {one.gap.department for one in gaps} if department is None else {department}
    if len(departments) > 1 or None in departments:
        raise ConfigError("these gaps are not of one department; say with --department whose finding it is")
    controls = {str(one.gap.control) for one in gaps}
    finding_id = next_id(house, FINDINGS, "F")
    row = {
        "company": company,
        "department": departments.pop(),
        "finding_id": finding_id,
        "origin": "automatic",
        "control_id": controls.pop() if len(controls) == 1 else None,
        "severity": min((one.gap.severity for one in gaps), key=WORST_FIRST.index),
        "raised_on": house.today,
        "content": content,
        "owner_key": next((one.charge.person for one in gaps if one.charge), None),
    }
    told = [event(house, one.gap, GapKind.TAKEN_UP, by, content, finding_id=finding_id) for one in gaps]
    enter(house, FINDINGS, row, by, content, seen=[one.gap for one in gaps], events=told)
    return finding_id


def plan(
    house: House, one: Finding, by: str, *, cause: str, correction: str, prevention: str, owner: str, due: date
) -> None:
    """Put down why it happened, what is done about it, what keeps it from coming back, by whom and until when."""
    _refuse_unless(one, "raised", "planned", "ineffective")
    if due < house.today:
        raise ConfigError(f"{due} is over; a plan is for days to come")
    told = {"cause": cause, "correction": correction, "prevention": prevention}
    if blank := [name for name, text in told.items() if not text.strip()]:
        raise ConfigError(f"{', '.join(blank)} cannot be blank")
    dated = {"owner_key": owner, "due_on": due, "due_set_on": one.row["due_set_on"] or house.today}
    _next(house, one, by, correction, **told, **dated)


def complete(house: House, one: Finding, by: str, done: str) -> None:
    """Say that what was planned is done, and who did it."""
    _refuse_unless(one, "planned", "ineffective")
    fresh = {"verified_on": None, "verified_by": None, "effective": None}
    _next(house, one, by, done, completed_on=house.today, implemented_by=by, **fresh)


def verify(house: House, one: Finding, by: str, what: str, *, effective: bool) -> None:
    """Put down whether it held, as another person saw; what did not hold, or no longer does, is to be done again."""
    _refuse_unless(one, "completed", *(() if effective else ("verified",)))
    checked = {"verified_on": house.today, "verified_by": by, "effective": effective}
    _next(house, one, by, what, **checked, **({} if effective else {"completed_on": None, "closed_on": None}))


def close(house: House, one: Finding, by: str, what: str) -> None:
    """Close what was verified, when none of its gaps is open any more."""
    _refuse_unless(one, "verified")
    _next(house, one, by, what, closed_on=house.today)


def _refuse_unless(one: Finding, *states: str) -> None:
    if one.state not in states:
        raise ConfigError(f"{one.row['finding_id']} is {one.state}; this is for one that is {' or '.join(states)}")


def _next(house: House, one: Finding, by: str, reason: str, **columns: object) -> None:
    """The next version of a finding."""
    row = {column.name: one.row[column.name] for column in register(FINDINGS).columns}
    enter(house, FINDINGS, row | columns, by, reason, over=row)
