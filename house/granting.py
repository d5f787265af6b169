"""Who may use the portal: rows of a register that one person asked for and another approved, never the one it is for.

A grant is in force on the days that its row names, from its approval on. A person may hold several.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from controls.model import Words
from evidence.portal_settings import Role
from evidence.records import Broken, twelve_months_after
from house import House, newest
from house.duties import NOT_THERE, Ruling, same, strangers
from registers.imports import Plan
from registers.refusals import TO_HOLD

GRANTS = "portal_grants"
Row = Mapping[str, Any]


NEEDS = {  # beside what every row has
    Role.CONTROL_OWNER: ("company", "control_ids"),
    Role.DEPARTMENT_MANAGER: ("company", "department"),
    Role.EXTERNAL_AUDITOR: ("company", "period_from_on", "period_to_on"),
}
NOT_FROM_OUTSIDE = frozenset({Role.EXTERNAL_AUDITOR, Role.MACHINE})  # all others are on the roster or in a post
OWN = Words("利用者本人は承認できません", "is who it is for; somebody else must approve")
BROUGHT = Words(
    "利用者本人は承認済みの行を記入できません", "brings in the approval of their own grant; somebody else must"
)
AHEAD = Words("本日より後です", "is ahead of today")
LACKING = Words("この役割には必要です", "is needed for this role")
ORDER = Words("開始日より前です", "is before the first day")
TOO_LONG = Words(
    "利用開始日から12か月以内にしてください", "ends within 12 months of its first day; have it approved anew"
)
HALF = Words("開始日と終了日の両方を記入してください", "is told with its other end, or not at all")


@dataclass(frozen=True, slots=True)
class Grant:
    """One role that a person has, where, and about which time; None: everywhere, all of it, whenever."""

    role: Role
    company: str | None
    department: str | None
    controls: frozenset[str]  # of a control owner
    period: tuple[date, date] | None


def granted(house: House, person: str) -> tuple[Grant, ...]:
    """The grants that a person has today, under whatever key they were entered."""
    natural, who, today = house.keys().of_person, house.keys().of_person(person), house.today
    rows = (row for row in newest(house, (GRANTS,)).rows(GRANTS) if natural(str(row["person_key"])) == who)
    return tuple(_grant(row) for row in rows if row["starts_on"] <= today <= row["ends_on"])


def _grant(row: Row) -> Grant:
    period = (row["period_from_on"], row["period_to_on"]) if row["period_from_on"] else None
    controls = frozenset(row["control_ids"] or ())
    return Grant(Role(row["role"]), row["company"], row["department"], controls, period)


def ruling(house: House, planned: Plan, by: str) -> Ruling:
    """What of a plan of grants cannot stay."""
    strange = strangers(house)
    controls = frozenset(str(one.id) for one in house.catalogue.controls)
    broken = list[Broken]()
    for entry in planned.added + planned.changed:
        if entry.state in TO_HOLD:
            row = planned.row(entry)
            told = [*_unfit(row, controls), *_alone(house, row, None if planned.act else by)]
            if row["approved_on"] and row["approved_on"] > house.today:
                told.append(("approved_on", AHEAD))
            told += [(name, NOT_THERE) for name in ("requested_by", "approved_by") if strange(row[name])]
            if row["role"] not in NOT_FROM_OUTSIDE and strange(row["person_key"]):
                told.append(("person_key", NOT_THERE))
            broken += (Broken(entry.key, column, words.ja, words.en, grave=True) for column, words in told)
    return Ruling(tuple(broken))


def _alone(house: House, row: Row, by: str | None) -> Iterator[tuple[str, Words]]:
    if row["approved_by"] and same(house, row["approved_by"], row["person_key"]):
        yield "approved_by", OWN
    if by and row["approved_by"] and same(house, by, row["person_key"]):
        yield "person_key", BROUGHT


def _unfit(row: Row, controls: frozenset[str]) -> Iterator[tuple[str, Words]]:
    yield from ((name, LACKING) for name in NEEDS.get(Role(row["role"]), ()) if not row[name])
    if row["ends_on"] < row["starts_on"]:
        yield "ends_on", ORDER
    if row["ends_on"] > twelve_months_after(row["starts_on"]):
        yield "ends_on", TOO_LONG
    first, last = row["period_from_on"], row["period_to_on"]
    if bool(first) != bool(last):
        yield "period_to_on" if first else "period_from_on", HALF
    elif first and last < first:
        yield "period_to_on", ORDER
    if unknown := sorted(set(row["control_ids"] or ()) - controls):
        told = ", ".join(unknown[:3])
        yield "control_ids", Words(f"その管理策はありません({told})", f"names controls that there are not: {told}")
