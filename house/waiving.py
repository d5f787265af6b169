"""Waivers 例外承認: who asks, who approves and who owns the gap are three persons; all that holds is seen, and ends.

A waiver is a row of its register. It is over at once when the row is retired.
"""

from collections.abc import Sequence
from datetime import date

from controls.model import UNVERIFIED_SUBJECT, Gap, GapKind
from controls.severities import severities
from evidence.errors import ConfigError
from evidence.records import Waiver
from house import House
from house.acting import concerned, event, owner_of, record, refuse_stranger, same
from house.desk import act_on, enter, next_id
from house.following import Followed, followed, waivers
from house.standing import act
from registers.approval import Act

WAIVERS = "waivers"


def waive(house: House, one: Followed, by: str, reason: str, approver: str, until: date) -> str:
    """Accept a gap for a time, and the id of the row that says so; who asks, approves and owns are three persons."""
    gap, owner = one.gap, owner_of(one)
    if gap.subject == UNVERIFIED_SUBJECT or gap.control not in severities():
        raise ConfigError("only what a control found can be waived, not that evidence is missing or work was not done")
    last = Waiver.last_day(house.today)
    if not house.today <= until <= last:
        raise ConfigError(f"{until}: a waiver holds until {last} at the latest, 12 months from today")
    if same(house, approver, by, *concerned(house, one)):
        raise ConfigError("a waiver is approved by somebody else than who asks for it, owns the gap or is its subject")
    refuse_stranger(house, approver)
    if same(house, by, owner):
        raise ConfigError("who owns the gap does not ask for its waiver; somebody else must ask")
    if not gap.is_open:
        raise ConfigError(f"this gap is {gap.state} since {gap.closed_on}; there is nothing to waive")
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
    enter(house, WAIVERS, row, by, reason)
    told = {"approved_by": approver, "waiver_id": waiver, "expires_on": until.isoformat()}
    record(house, gap, GapKind.WAIVED, by, reason, **told)
    return waiver


def unwaive(house: House, waiver_id: str, by: str, reason: str) -> Sequence[Gap]:
    """End a waiver now, and the gaps that it covered until now."""
    covered = [one.gap for one in followed(house) if one.waiver and one.waiver.waiver_id == waiver_id]
    act_on(house, WAIVERS, [waiver_id], Act.RETIRE, by, reason)
    act(house, *(event(house, gap, GapKind.UNWAIVED, by, reason, waiver_id=waiver_id) for gap in covered))
    return covered


def effect(house: House) -> Sequence[tuple[Waiver, int]]:
    """Every waiver, and how many open gaps it covers today."""
    told = [one.waiver.waiver_id for one in followed(house) if one.waiver]
    return [(one, told.count(one.waiver_id)) for one in waivers(house)]
