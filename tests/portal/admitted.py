"""People who are let into the portal of any home: appointed, granted a role each, and given a password."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from house import House, credentials
from tests.following import write
from tests.portal.served import PASSWORD, key

ASKER, APPROVER = "P-asker", "P-approver"  # of all grants


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a number, and the role that they have in a company."""

    number: str
    role: str
    company: str


def admit(house: House, people: Sequence[Person]) -> None:
    """Let them in from today on."""
    today, company = house.today, people[0].company
    posts: list[dict[str, Any]] = [
        {
            "company": one.company, "department": None, "appointment_id": f"of {one.number}", "role": "auditor",
            "person_key": one.number, "appointed_by": ASKER, "appointed_on": date(2020, 4, 1),
            "ends_on": date(9999, 12, 31),
        }
        for one in (*people, Person(ASKER, "", company), Person(APPROVER, "", company))
    ]  # fmt: skip
    grants: list[dict[str, Any]] = [
        {
            "company": one.company, "department": None, "grant_id": f"of {one.number}", "person_key": one.number,
            "role": one.role, "control_ids": None, "starts_on": today, "ends_on": today + timedelta(days=300),
            "period_from_on": None, "period_to_on": None, "purpose": "自己点検", "requested_by": ASKER,
            "approved_by": APPROVER, "approved_on": today,
        }
        for one in people
    ]  # fmt: skip
    assert write(house, "appointments", *posts) == []
    assert write(house, "portal_grants", *grants, by=ASKER) == []
    for one in people:
        credentials.set_password(house, key(house, one.number), PASSWORD)
