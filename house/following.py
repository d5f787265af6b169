"""Gaps as people see them: who answers for each today, which waiver covers it, how late it is; and what grows too old.

Nothing here judges. What is seen is found anew each time; what is done to a gap is an added event.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from controls.answering import OFFICER, TOP, Charge, Posts
from controls.model import UNVERIFIED_SUBJECT, About, Gap, GapEvent, GapKind
from evidence.records import Waiver, Waivers
from evidence.store.values import RegisterVersion
from house import House, newest
from house.behind import THINGS, behind, read_by
from house.once import once
from house.standing import act, gaps, gaps_now

ESCALATED_TO = (OFFICER, TOP)  # by how often it was escalated before


@dataclass(frozen=True, slots=True)
class Followed:
    """A gap on a day: whom it falls to, the waiver that covers it, and its age and lateness in days."""

    gap: Gap
    charge: Charge | None
    waiver: Waiver | None
    age_days: int
    overdue_days: int  # 0: not yet due, or nothing to be done about it

    @property
    def waits(self) -> bool:
        """Whether somebody has to do something about it now."""
        return self.gap.is_open and self.waiver is None


def followed(house: House, company: str | None = None) -> list[Followed]:
    """Every gap (of a company), open or not, as it is today; last, that no scheduler is heard now."""
    told = once(house, _followed)  # of the whole group, which costs as much: whose things are is read of all
    return [one for one in told if company in (None, one.gap.company)]


def _followed(house: House) -> tuple[Followed, ...]:
    told = gaps_now(house)
    return tuple(as_seen(house, told, Posted.today(house, told)))


def waivers(house: House) -> Sequence[Waiver]:
    """Every waiver that is in its register now, also those that have expired or have yet to begin."""
    return Waivers.from_rows(newest(house, ("waivers",)).rows("waivers")).all


def escalate(house: House) -> list[GapEvent]:
    """Put down each gap that has grown so late that the chief privacy officer, or then the representative, is told."""
    known, steps = gaps(house), house.settings.gaps.escalate_days
    posted = Posted.today(house, known)
    told = [event for one in as_seen(house, known, posted) for event in _escalated(one, posted, steps)]
    if told:
        act(house, *told)
    return told


@dataclass(frozen=True, slots=True)
class Posted:
    """What must be known of a day to say who answers for a gap."""

    posts: Posts
    waivers: Mapping[tuple[str, str], Sequence[Waiver]]

    @staticmethod
    def today(house: House, about: Collection[Gap] = (), planned: Sequence[RegisterVersion] = ()) -> "Posted":
        """As it is known now, with who is behind what open gaps are ``about``, and with versions that are planned."""
        waits = [gap for gap in about if gap.is_open]
        known = read_by({gap.control for gap in waits}, THINGS)
        whose = behind(newest(house, known), {gap.subject for gap in waits}, known) if known else {}
        seen = newest(house, ("waivers",), planned)
        waivers: dict[tuple[str, str], list[Waiver]] = {}
        for one in Waivers.from_rows(seen.rows("waivers")).all:
            waivers.setdefault((one.control, one.company), []).append(one)
        return Posted(Posts(house.staff(), whose), waivers)

    def waiver(self, gap: Gap) -> Waiver | None:
        """The waiver that covers a gap: a state today, each of the days of an event; none covers missing evidence.

        Of several, the one that holds longest. Nor does one cover what its approver has to mend and had not seen when
        it was approved.
        """
        if gap.subject == UNVERIFIED_SUBJECT or not gap.is_open:
            return None
        days = sorted(gap.open_days) if gap.about is About.EVENT else [self.posts.staff.on]
        charge, natural = self.posts.charge(gap), self.posts.staff.natural
        covering = [
            one
            for one in self.waivers.get((gap.control, gap.company), ())
            if charge is None or gap.opened_on < one.approved_on or natural(one.approved_by) != charge.person
        ]
        longest = sorted(covering, key=lambda one: one.expires_on, reverse=True)
        found = [next((w for w in longest if w.covers(gap.department, gap.subject, gap.aspect, d)), None) for d in days]
        return found[0] if found and all(found) else None


def as_seen(house: House, told: Iterable[Gap], posted: Posted) -> list[Followed]:
    """These gaps as they are today."""
    return [_as_of(gap, posted.posts.charge(gap), posted.waiver(gap), house.today) for gap in told]


def _as_of(gap: Gap, charge: Charge | None, waiver: Waiver | None, today: date) -> Followed:
    ended = gap.closed_on or today
    late = (today - gap.due_on).days if gap.is_open and gap.due_on and waiver is None else 0
    return Followed(gap, charge, waiver, max((ended - gap.opened_on).days, 0), max(late, 0))


def _escalated(one: Followed, posted: Posted, steps: Sequence[int]) -> Iterable[GapEvent]:
    gap = one.gap
    if not one.waits:
        return
    for level in range(gap.escalated, len(steps)):
        if one.overdue_days < steps[level]:
            return
        to = posted.posts.holder(gap, ESCALATED_TO[level])
        yield GapEvent(
            gap.control, gap.company, gap.subject, gap.aspect, GapKind.ESCALATED, gap.about, posted.posts.staff.on,
            department=gap.department, reason=f"期限を {one.overdue_days} 日超過 / {one.overdue_days} days overdue",
            columns={"to": to, "role": ESCALATED_TO[level]},
        )  # fmt: skip
