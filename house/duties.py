"""Separation of duties 職務分掌: who does not decide about a gap: whom it is about, who owns it, who gave it away.

What rows may say by these rules: ``house.accepting`` of waivers, ``house.steps`` of findings.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from controls.gaps import Key, key_of
from controls.model import Gap, GapEvent, GapKind
from controls.record import event_of
from evidence.errors import ConfigError
from evidence.records import Broken
from house import House, newest
from house.behind import ACCOUNTS, ACTS, THINGS, behind, read_by
from house.following import Followed, Posted

FOUND = frozenset({GapKind.OPENED, GapKind.FOUND, GapKind.REGRESSED})  # what these tell of it is who did it


@dataclass(frozen=True, slots=True)
class Ruling:
    """What separation of duties refuses in rows, and the gaps that were looked at to say so."""

    broken: tuple[Broken, ...] = ()
    seen: tuple[Gap, ...] = ()


def same(house: House, one: str, *others: str | None) -> bool:
    """Whether a person is one of the others, under whatever key."""
    natural = house.keys().of_person
    return natural(one) in {natural(other) for other in others if other}


def refuse_alone(house: House, by: str, approver: str, reason: str) -> None:
    """Refuse what takes two persons who are there, and a reason, when it has less: ConfigError says what is missing."""
    if not reason.strip():
        raise ConfigError("a reason cannot be blank")
    if same(house, by, approver):
        raise ConfigError("this takes two persons: who asks for it, and somebody else who approves")
    for one in (by, approver):
        refuse_stranger(house, one)


def refuse_stranger(house: House, person: str) -> None:
    """Refuse who is not on the roster today, where there is one: a number that nobody has approves nothing."""
    present = Posted.today(house).posts.present
    if present and not same(house, person, *present):
        raise ConfigError(
            "who asks or approves is not on the roster or is on leave; name the worker number of one who is there"
        )


def owner_of(one: Followed) -> str | None:
    """Whom a gap falls to, else whom somebody gave it."""
    return one.charge.person if one.charge else one.gap.owner


def concerned(house: House, *ones: Followed) -> frozenset[str]:
    """Who decides nothing about any of these gaps (:func:`involved`)."""
    return frozenset().union(*involved(house, ones).values())


def involved(house: House, ones: Iterable[Followed]) -> dict[Key, frozenset[str]]:
    """By gap: whom it is about and who is behind that, who owns or ever owned it, who gave it away or mended it."""
    gaps = {key_of(one.gap): one for one in ones}
    told = {key: {one.gap.subject, owner_of(one) or ""} for key, one in gaps.items()}
    with house.store.read() as tx:
        for company, control in sorted({(one.gap.company, str(one.gap.control)) for one in gaps.values()}):
            for event in map(event_of, tx.gaps.all(company, control)):
                key = (event.control, event.company, event.subject, event.aspect)
                if key in told:
                    told[key].update(_named(event))
    known = whose(house, set().union(*told.values()), {one.gap.control for one in gaps.values()})
    return {key: frozenset(names.union(*(known.get(name, ()) for name in names)) - {""}) for key, names in told.items()}


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
    elif event.kind is GapKind.ASSIGNED:
        yield from (event.reason or "", event.actor or "")
    elif event.kind in (GapKind.PLANNED, GapKind.CORRECTED):
        yield event.actor or ""
