"""Who answers for a gap: whom somebody gave it, else who holds the post that must mend it, else who stands in for them.

Found anew on each day from what is known then: who left, is away, or is what the gap is about, or behind it,
answers for nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from controls.model import UNVERIFIED_SUBJECT, Gap

Row = Mapping[str, Any]
MANAGER, OFFICER, DEPUTY, TOP = "dept_privacy_manager", "cpo", "deputy", "representative"
EVIDENCE = "system_admin"  # who sees to it that evidence comes


@dataclass(frozen=True, slots=True)
class Charge:
    """Whom a gap falls to, by which post, and for whom they stand in."""

    person: str
    role: str
    stands_in_for: str | None = None


@dataclass(frozen=True)
class Staff:
    """Who holds which post on a day, who is there, and which department is above which: rows as a window shows them."""

    on: date
    owners: Mapping[str, str | None]  # by control: the post that owns it; one that is not there is about evidence
    appointments: Sequence[Row]
    workers: Sequence[Row]
    leaves: Sequence[Row]
    org_units: Sequence[Row]
    natural: Callable[[str], str] = str  # the key of a person now, who was known by another one before
    _by_post: dict[tuple[str, str | None, str | None], tuple[tuple[str, str], ...]] = field(
        default_factory=dict, init=False, repr=False
    )

    @cached_property
    def present(self) -> frozenset[str]:
        """Who is employed on the day and not on leave."""
        there = (w for w in self.workers if w["hired_on"] <= self.on and not _over(w["left_on"], self.on))
        return frozenset(map(self._person, there)) - self._away

    @cached_property
    def approving(self) -> frozenset[str]:
        """Who may approve: who is there, and who holds any post and is on no roster, as directors are on none."""
        posted = frozenset(self._person(row) for rows in self._posts.values() for row in rows)
        return self.present | posted - frozenset(map(self._person, self.workers)) - self._away

    def by_post(self, gap: Gap) -> Sequence[tuple[str, str]]:
        """Who must mend a gap by their posts, each with the post, in order; not all of them are there."""
        unseen = gap.control not in self.owners or gap.subject == UNVERIFIED_SUBJECT
        department, role = (None, EVIDENCE) if unseen else (gap.department, self.owners[gap.control])
        key = (gap.company, department, role)
        if key not in self._by_post:
            self._by_post[key] = tuple(self._in_order(*key))
        return self._by_post[key]

    def held(self, company: str, department: str | None, role: str) -> list[tuple[str, str]]:
        """Who holds a post of a department, or of the whole company, with the post; the first appointed is first."""
        mine = [
            row
            for row in self._posts.get((company, role), ())
            if row["department"] == department and row["scope_id"] is None
        ]
        return [(self._person(row), role) for row in sorted(mine, key=lambda r: (r["appointed_on"], r["person_key"]))]

    @cached_property
    def _away(self) -> frozenset[str]:
        away = (one for one in self.leaves if one["leave_from_on"] <= self.on <= one["leave_to_on"])
        return frozenset(map(self._person, away))

    def _in_order(self, company: str, department: str | None, role: str | None) -> Iterable[tuple[str, str]]:
        for unit in (department, *self._above(company, department)) if department else ():
            for post in (MANAGER, DEPUTY):
                yield from self.held(company, unit, post)
        for post in (*([role] if role else ()), OFFICER, DEPUTY, TOP):
            yield from self.held(company, None, post)

    def _person(self, row: Row) -> str:
        return self.natural(row["person_key"])

    @cached_property
    def _posts(self) -> dict[tuple[str, str], list[Row]]:
        told: dict[tuple[str, str], list[Row]] = {}
        for row in self.appointments:
            if row["appointed_on"] <= self.on <= row["ends_on"]:
                told.setdefault((row["company"], row["role"]), []).append(row)
        return told

    def _above(self, company: str, department: str) -> Sequence[str]:
        """The departments above one, the nearest first."""
        found = next((u for u in self.org_units if (u["company"], u["department"]) == (company, department)), None)
        return list(reversed(found["ancestors"] or ())) if found else []


@dataclass(frozen=True, slots=True)
class Posts:
    """Whom gaps fall to on a day, knowing whose the things are that they are about."""

    staff: Staff
    behind: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by what a gap is about: whose that is

    def charge(self, gap: Gap) -> Charge | None:
        """Whom a gap falls to; None when there is nobody."""
        away: str | None = None
        about = self._about(gap)
        for person, role in self._candidates(gap):
            if person in about:
                continue
            if person in self.staff.present:
                return Charge(person, role, away)
            away = away or person
        return None

    def holders(self, gap: Gap) -> Iterator[str]:
        """Whose a gap is by their posts: who is there, and before them whoever is away, or is what it is about."""
        about = self._about(gap)
        for person, _ in self.staff.by_post(gap):
            yield person
            if person in self.staff.present and person not in about:
                return

    def holder(self, gap: Gap, role: str) -> str | None:
        """Who holds a post of the whole company and is there, or who stands in for them; what is about one of these is
        for somebody else, at last for the representative."""
        about, held = self._about(gap), self.staff.held
        told = [person for post in (role, DEPUTY) for person, _ in held(gap.company, None, post)]
        if not about.isdisjoint(told):
            told += [person for person, _ in held(gap.company, None, TOP)]
        return next((person for person in told if person in self.staff.present and person not in about), None)

    def _about(self, gap: Gap) -> frozenset[str]:
        return frozenset(map(self.staff.natural, (gap.subject, *self.behind.get(gap.subject, ()))))

    def _candidates(self, gap: Gap) -> Iterable[tuple[str, str]]:
        if gap.owner is not None:
            yield self.staff.natural(gap.owner), "assigned"
        yield from self.staff.by_post(gap)


def _over(left_on: date | None, on: date) -> bool:
    return left_on is not None and left_on < on
