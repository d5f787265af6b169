"""Separation of duties 職務分掌: who does not decide about a gap, by whatever door the decision comes in.

A verb writes the same rows as a sheet, and all rows are asked here before they stay. What was seen to decide comes
along, so that nothing that happens meanwhile is decided about.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from controls.gaps import Key, key_of
from controls.model import UNVERIFIED_SUBJECT, Gap, GapEvent, GapKind, Words
from controls.record import event_of
from evidence.errors import ConfigError
from evidence.facts.rows import typed
from evidence.records import Broken, Waiver, Waivers
from house import House, newest
from house.behind import ACCOUNTS, ACTS, THINGS, behind, read_by
from house.following import Followed, Posted, followed
from registers.imports import Entry, Plan
from registers.refusals import TO_HOLD, versions
from registers.versions import by_key, entered

WAIVERS = "waivers"
FOUND = frozenset({GapKind.OPENED, GapKind.FOUND, GapKind.REGRESSED})  # what these tell of it is who did it


NOT_APART = Words(
    "申請者・記入者と、対象者(対象のアカウント・機器等の利用者)、対象となる不適合の責任者(元責任者)・是正者は承認できません",
    "asks for it, owns or mended what it covers, or is behind its subject; somebody else must approve",
)
NOT_THERE = Words(
    "承認者が従業者名簿にないか、休業中です",
    "is not on the roster or is on leave; name the worker number of one who is there",
)
NOT_ASKED = Words(
    "対象となる不適合の責任者(元責任者)・是正者や対象者は、例外を申請・記入できません",
    "is asked for by who owns or mended what it covers, or is behind its subject; somebody else must ask",
)
NOT_FOUND = Words(
    "例外にできるのは判定された不適合だけです。証跡がないことは例外にできません",
    "names missing evidence; only what a control found can be waived",
)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What separation of duties refuses in rows, and the gaps that were looked at to say so."""

    broken: tuple[Broken, ...] = ()
    seen: tuple[Gap, ...] = ()


def same(house: House, one: str, *others: str | None) -> bool:
    """Whether a person is one of the others, under whatever key."""
    natural = house.keys().of_person
    return natural(one) in {natural(other) for other in others if other}


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


def ruling(house: House, planned: Plan, by: str) -> Ruling:
    """What of a plan of waivers cannot stay that ``by`` brings in: who asks, approves and owns are three persons.

    A waiver that names no subject takes somebody who owns nothing of all that it covers.
    """
    rows = [(entry, _waiver(planned, entry)) for entry in planned.added + planned.changed if entry.state in TO_HOLD]
    natural, before = house.keys().of_person, by_key(entered(house.store, planned.dataset))
    waits = [one for one in followed(house) if one.gap.is_open]
    covered = {waiver.waiver_id: [one for one in waits if _reaches(waiver, one.gap)] for _, waiver in rows}
    about = involved(house, [one for ones in covered.values() for one in ones])
    known = whose(house, {waiver.subject or "" for _, waiver in rows}, {waiver.control for _, waiver in rows})
    present, broken = Posted.today(house).posts.present, list[Broken]()
    for entry, waiver in rows:
        named = {waiver.subject or "", *known.get(waiver.subject or "", ())}
        barred = set(map(natural, named.union(*(about[key_of(one.gap)] for one in covered[waiver.waiver_id]))))
        askers = {natural(key) for key in (by, *(version.entered_by for version in before.get(entry.key, ())))}
        approver = natural(waiver.approved_by)
        if waiver.subject == UNVERIFIED_SUBJECT:
            broken.append(_broken(entry, "subject", NOT_FOUND))
        if approver in barred | askers:
            broken.append(_broken(entry, "approved_by", NOT_APART))
        elif present and approver not in present:
            broken.append(_broken(entry, "approved_by", NOT_THERE))
        if natural(by) in barred:
            broken.append(_broken(entry, "waiver_id", NOT_ASKED))
    return Ruling(tuple(broken), tuple(one.gap for ones in covered.values() for one in ones))


def effects(house: House, planned: Plan, by: str, reason: str) -> Iterator[GapEvent]:
    """What a plan of waivers changes today for gaps that are open: they say so, by whatever door it came."""
    entries = planned.added + planned.changed
    touched = {(told["control_id"], told["company"]) for e in entries for told in (e.values, e.before or e.values)}
    gaps = [one.gap for one in followed(house) if (one.gap.control, one.gap.company) in touched]
    before, after = Posted.today(house), Posted.today(house, planned=versions(planned, house.today))
    for gap in gaps:
        was, now = before.waiver(gap), after.waiver(gap)
        if now is not None and now != was:
            told = {
                "approved_by": now.approved_by,
                "waiver_id": now.waiver_id,
                "expires_on": now.expires_on.isoformat(),
            }
            yield event(house, gap, GapKind.WAIVED, by, reason, **told)
        elif now is None and was is not None:
            yield event(house, gap, GapKind.UNWAIVED, by, reason, waiver_id=was.waiver_id)


def event(house: House, gap: Gap, kind: GapKind, by: str, reason: str | None, **columns: str) -> GapEvent:
    """What a person does about a gap today; ConfigError when the reason is blank."""
    if reason is not None and not reason.strip():
        raise ConfigError("a reason cannot be blank")
    return GapEvent(
        gap.control, gap.company, gap.subject, gap.aspect, kind, gap.about, house.today,
        department=gap.department, actor=by, reason=reason, columns=columns,
    )  # fmt: skip


def values_of(planned: Plan, entry: Entry) -> dict[str, Any]:
    """What a row of a plan says, typed."""
    return {column.name: typed(column, entry.values.get(column.name)) for column in planned.dataset.columns}


def _waiver(planned: Plan, entry: Entry) -> Waiver:
    [waiver] = Waivers.from_rows([values_of(planned, entry)]).all
    return waiver


def _reaches(waiver: Waiver, gap: Gap) -> bool:
    mine = (waiver.control, waiver.company) == (gap.control, gap.company)
    return mine and waiver.reaches(gap.department, gap.subject, gap.aspect)


def _broken(entry: Entry, column: str, words: Words) -> Broken:
    return Broken(entry.key, column, words.ja, words.en, grave=True)


def _named(event: GapEvent) -> Iterator[str]:
    """Whom an event names who has a part in the gap."""
    if event.kind in FOUND:
        yield from (value for value in event.columns.values() if isinstance(value, str))
    elif event.kind is GapKind.ASSIGNED:
        yield from (event.reason or "", event.actor or "")
    elif event.kind in (GapKind.PLANNED, GapKind.CORRECTED):
        yield event.actor or ""
