"""Who may do what in the portal: a right by role, held to the company, department, controls and period of the grant.

After promises.md §4: nobody decides alone, an administrator reads no evidence, an external auditor sees a period and
nothing beside it. What is not in the table is not allowed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from evidence.period import Period
from evidence.portal_settings import Role
from house.granting import Grant


class Right(StrEnum):
    """What a route asks for."""

    RESULTS = "results"  # what was judged, down to the deviations
    CALENDAR = "calendar"  # what should have been checked in a year, and was
    GAPS = "gaps"  # what does not conform now, and what was done about it
    SOURCE_LINES = "source_lines"  # which objects and lines a deviation was read from
    FOLLOW = "follow"  # acknowledge, assign, plan, correct
    ASK = "ask"  # for a waiver or a disposal, that somebody else decides
    DECIDE = "decide"  # on what was asked
    RAISE = "raise"  # make findings of gaps
    VERIFY = "verify"  # say whether what was done about a finding holds, and close it
    PACKS = "packs"  # build and take away masked packs
    ORIGINALS = "originals"  # ask for packs with objects as received
    RELEASE = "release"  # grant them to another
    LEDGER = "ledger"
    EVIDENCE = "evidence"  # the index of all objects, with what became of each
    REGISTERS = "registers"  # read what people write down, masked, with its history
    ENTER = "enter"  # bring in sheets of registers, and hand rows in
    SIGN = "sign"  # approve rows, send them back, end or confirm them
    GRANTS = "grants"  # see, ask for and approve who may use the portal
    SETTINGS = "settings"
    API = "api"


_SEES = {
    Right.RESULTS,
    Right.CALENDAR,
    Right.GAPS,
    Right.SOURCE_LINES,
    Right.PACKS,
    Right.LEDGER,
    Right.EVIDENCE,
    Right.REGISTERS,
}
RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.ADMINISTRATOR: frozenset({Right.GRANTS, Right.SETTINGS}),
    Role.SECURITY_OPERATOR: frozenset(
        {*_SEES, Right.FOLLOW, Right.ASK, Right.RAISE, Right.VERIFY, Right.ENTER, Right.SETTINGS}
    ),
    Role.PRIVACY_OFFICER: frozenset({*_SEES, Right.FOLLOW, Right.DECIDE, Right.VERIFY, Right.SIGN, Right.RELEASE}),
    Role.CONTROL_OWNER: frozenset({Right.RESULTS, Right.CALENDAR, Right.GAPS, Right.FOLLOW, Right.ASK}),
    Role.DEPARTMENT_MANAGER: frozenset({Right.GAPS, Right.FOLLOW, Right.ASK}),
    Role.INTERNAL_AUDITOR: frozenset({*_SEES, Right.RAISE, Right.VERIFY, Right.ORIGINALS}),
    Role.EXTERNAL_AUDITOR: frozenset({Right.RESULTS, Right.SOURCE_LINES, Right.EVIDENCE, Right.PACKS}),
    Role.REQUESTS_DESK: frozenset(),
    Role.MACHINE: frozenset({Right.API}),
}


OF_ALL_CONTROLS = frozenset(
    {Right.PACKS, Right.ORIGINALS, Right.RELEASE, Right.LEDGER, Right.EVIDENCE}
    | {Right.REGISTERS, Right.ENTER, Right.SIGN}
)
OF_ALL_DEPARTMENTS = OF_ALL_CONTROLS | {Right.RESULTS, Right.CALENDAR, Right.SOURCE_LINES}


@dataclass(frozen=True, slots=True)
class Scope:
    """The grants by which somebody may do what was asked; they say how much of it is seen."""

    grants: tuple[Grant, ...]

    def __bool__(self) -> bool:
        return bool(self.grants)

    def holds(self, control: str, department: str | None) -> bool:
        """Whether what is about a control and a department is within one of the grants."""
        return any(
            (not grant.controls or control in grant.controls) and grant.department in (None, department)
            for grant in self.grants
        )

    def knows(self, control: str) -> bool:
        """Whether a control is within one of the grants."""
        return any(not grant.controls or control in grant.controls for grant in self.grants)

    def spans(self, period: Period) -> bool:
        """Whether a period is within one of the grants."""
        return any(_spans(grant, period) for grant in self.grants)


def scope(grants: Iterable[Grant], right: Right, company: str | None) -> Scope:
    """The grants that give a right in a company (None: in any), about whatever time."""
    return Scope(
        tuple(
            one
            for one in grants
            if right in RIGHTS[one.role] and company in (None, one.company or company) and _is_wide(one, right)
        )
    )


def _is_wide(grant: Grant, right: Right) -> bool:
    """Whether a grant has within it all that a right is about: a result counts all departments, a pack all controls."""
    if right in OF_ALL_DEPARTMENTS and grant.department is not None:
        return False
    return not (right in OF_ALL_CONTROLS and grant.controls)


def about(told: Scope, period: Period | None) -> Scope:
    """Those of the grants that reach a period (None: how things stand now).

    Who is confined to a time sees what was judged of days within it, and never how things stand now.
    """
    return Scope(tuple(one for one in told.grants if one.period is None or (period and _spans(one, period))))


def _spans(grant: Grant, period: Period) -> bool:
    first, last = grant.period or (period.since, period.as_of)
    return first <= period.since and period.as_of <= last
