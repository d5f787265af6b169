"""Waivers 例外承認: who asks, who approves and who owns the gap are three persons; all that holds is seen, and ends.

A waiver is a row of its register, held to the same rules by whatever door it comes in (``house.accepting``), and the
gaps that it covers today tell of it. It is over at once when the row is retired.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from controls.decided import WAIVERS
from controls.model import Gap, GapEvent
from controls.severities import severities
from evidence.errors import ConfigError
from evidence.records import Waiver
from house import House
from house.desk import act_on, enter, next_id
from house.following import Followed, followed, waivers
from registers.approval import Act


def waive(house: House, one: Followed, by: str, reason: str, approver: str, until: date, *events: GapEvent) -> str:
    """Accept a gap for a time, and the id of the row that says so; who asks, approves and owns are three persons.

    What else happened to the gap with it goes on record in the same transaction, or not at all.
    """
    gap = one.gap
    refuse_unwaivable(gap)
    waiver = next_id(house, WAIVERS, "W")
    row = {
        "company": gap.company,
        "waiver_id": waiver,
        "control_id": gap.control,
        "subject": gap.subject,
        "aspect": gap.aspect,
        "reason": reason,
        "approved_by": approver,
        "approved_on": house.today,
        "expires_on": until,
    }
    enter(house, WAIVERS, row, by, reason, seen=[gap], events=events)
    return waiver


def refuse_unwaivable(gap: Gap) -> None:
    """ConfigError where there is nothing that a waiver could accept."""
    if gap.control not in severities():
        raise ConfigError("only what a control found can be waived, not that work was not done")
    if not gap.is_open:
        raise ConfigError(f"this gap is {gap.state} since {gap.closed_on}; there is nothing to waive")


def unwaive(house: House, waiver_id: str, by: str, reason: str) -> Sequence[Gap]:
    """End a waiver now, and the gaps that it covered until now."""
    covered = [one.gap for one in followed(house) if one.waiver and one.waiver.waiver_id == waiver_id]
    act_on(house, WAIVERS, [waiver_id], Act.RETIRE, by, reason)
    return covered


def effect(house: House, company: str | None = None) -> Sequence[tuple[Waiver, int]]:
    """Every waiver (of a company), and how many open gaps it covers today."""
    told = Counter(one.waiver.waiver_id for one in followed(house, company) if one.waiver)
    return [(one, told[one.waiver_id]) for one in waivers(house) if company in (None, one.company)]
