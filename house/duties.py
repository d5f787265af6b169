"""Separation of duties 職務分掌: who does not decide about a gap: whom it is about, who owns or owned it, or mended it.

What rows may say by these rules: ``house.accepting`` of waivers, ``house.steps`` of findings.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache

from controls.answering import Posts
from controls.gaps import Key, key_of
from controls.model import Gap, GapEvent, GapKind, Words
from controls.record import event_of
from evidence.errors import ConfigError
from evidence.persons import Keys
from evidence.records import Broken
from house import House, newest
from house.behind import ACCOUNTS, ACTS, THINGS, behind, read_by
from house.following import Followed, Posted

APPOINTMENTS = "appointments"
FOUND = frozenset({GapKind.OPENED, GapKind.FOUND, GapKind.REGRESSED})  # what these tell of it is who did it

NOT_THERE = Words(
    "従業者名簿にも任命簿にもないか、休業中です",
    "is not on the roster and in no post, or is on leave; name the worker number of one who is there",
)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What separation of duties refuses in rows, and the gaps that were looked at to say so."""

    broken: tuple[Broken, ...] = ()
    seen: tuple[Gap, ...] = ()


def same(house: House, one: str, *others: str | None) -> bool:
    """Whether a person is one of the others, under whatever key."""
    return not ever(house, one).isdisjoint(other for other in others if other)


def ever(house: House, person: str) -> frozenset[str]:
    """Every key under which a person is known, or ever was: who records herself anew is nobody else."""
    minted = Keys(house.keys().secret).person
    rows = newest(house, ("person_identities",), history=True).rows("person_identities", history=True)
    pairs = {frozenset((row["person_key"], minted(row["identifier_kind"], row["identifier"]))) for row in rows}
    known, before = frozenset((person,)), frozenset[str]()
    while known != before:
        before, known = known, known.union(*(pair for pair in pairs if pair & known))
    return known


def strangers(house: House) -> Callable[[str | None], bool]:
    """Says of whoever is named whether they are not there today to decide or answer anything: on no roster and in no
    post, or away. Where there is no roster, nobody is a stranger."""
    staff = house.staff()
    return lambda person: bool(person and staff.workers) and staff.natural(person or "") not in staff.approving


def refuse_alone(house: House, by: str, approver: str, reason: str) -> None:
    """Refuse what takes two persons who are there, and a reason, when it has less: ConfigError says what is missing."""
    if not reason.strip():
        raise ConfigError("a reason cannot be blank")
    if same(house, by, approver):
        raise ConfigError("this takes two persons: who asks for it, and somebody else who approves")
    stranger = strangers(house)
    if stranger(by) or stranger(approver):
        raise ConfigError(f"who asks or approves {NOT_THERE.en}")


def owner_of(one: Followed) -> str | None:
    """Whom a gap falls to, else whom somebody gave it."""
    return one.charge.person if one.charge else one.gap.owner


def concerned(house: House, *ones: Followed) -> frozenset[str]:
    """Who decides nothing about any of these gaps (:func:`involved`)."""
    return frozenset().union(*involved(house, ones).values())


def involved(house: House, ones: Iterable[Followed]) -> dict[Key, frozenset[str]]:
    """By gap: whom it is about and who is behind that, who owns or ever owned it, who mended it."""
    gaps = {key_of(one.gap): one for one in ones}
    told = {key: {one.gap.subject, owner_of(one) or ""} for key, one in gaps.items()}
    opened: dict[Key, datetime | None] = {}
    with house.store.read() as tx:
        for company, control in sorted({(one.gap.company, str(one.gap.control)) for one in gaps.values()}):
            for row in tx.gaps.all(company, control):
                event, key = event_of(row), (row.control, row.company, row.subject, row.aspect)
                if key in told:
                    told[key].update(_named(event))
                    opened.setdefault(key, row.at)
    for key, names in _posted(house, gaps, opened):
        told[key].update(names)
    known = whose(house, set().union(*told.values()), {one.gap.control for one in gaps.values()})
    return {key: frozenset(names.union(*(known.get(name, ()) for name in names)) - {""}) for key, names in told.items()}


def _posted(
    house: House, gaps: Mapping[Key, Followed], opened: Mapping[Key, datetime | None]
) -> Iterator[tuple[Key, Iterable[str]]]:
    """Whose each gap was by post, on any day since it opened as is known now, and at any moment as was known then: who
    ends or moves a post since is not rid of what it was for."""
    told = newest(house, (APPOINTMENTS,), history=True).rows(APPOINTMENTS, history=True)
    told.sort(key=lambda row: row["recorded_at"])
    posts, now = Posted.today(house, [one.gap for one in gaps.values()]).posts, house.clock.now()
    today = posts.staff.on

    @cache
    def on_day(moment: datetime, on: date) -> Posts:
        begun = (row for row in told if row["recorded_at"] <= moment and row["valid_from_on"] <= on)
        newest = {row["appointment_id"]: row for row in begun}
        appointments = [row for row in newest.values() if on <= row["valid_to_on"]]
        return replace(posts, staff=replace(posts.staff, on=on, appointments=appointments))

    turns = {row[first] for row in told for first in ("appointed_on", "valid_from_on")}
    turns |= {row[last] + timedelta(1) for row in told for last in ("ends_on", "valid_to_on") if row[last] < today}
    known = {row["recorded_at"] for row in told}
    for key, one in gaps.items():
        since, first = one.gap.opened_on, opened.get(key) or now
        moments = [(now, day) for day in turns if since <= day <= today] + [(first, since), (now, since)]
        moments += [(moment, moment.astimezone(house.zone).date()) for moment in known if moment >= first]
        yield key, {person for moment, day in moments for person in on_day(moment, day).holders(one.gap)}


def whose(house: House, names: Collection[str], controls: Collection[str]) -> dict[str, frozenset[str]]:
    """Who is behind these names, as far as what the controls read knows."""
    wanted = {*ACCOUNTS, *read_by(controls, {**THINGS, **ACTS})}
    return behind(newest(house, wanted), names, wanted) if names else {}


def event(house: House, gap: Gap, kind: GapKind, by: str, reason: str | None, **columns: str) -> GapEvent:
    """What a person does about a gap today; ConfigError when the reason is blank."""
    if reason is not None and not reason.strip():
        raise ConfigError("a reason cannot be blank")
    return GapEvent(
        gap.control, gap.company, gap.subject, gap.aspect, kind, gap.about, house.today,
        department=gap.department, actor=by, reason=reason, columns=columns,
    )  # fmt: skip


def _named(event: GapEvent) -> Iterator[str]:
    """Whom an event names who has a part in the gap."""
    if event.kind in FOUND:
        yield from (value for value in event.columns.values() if isinstance(value, str))
    elif event.kind is GapKind.ASSIGNED:  # whoever gave it away was its owner, or has no part in it
        yield event.reason or ""
    elif event.kind is GapKind.CORRECTED:
        yield event.actor or ""
