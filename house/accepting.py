"""What a row of the register of waivers may say, by whatever door it comes in, and what it changes in gaps."""

from collections.abc import Iterator

from controls.gaps import key_of
from controls.model import UNVERIFIED_SUBJECT, Gap, GapEvent, GapKind, Words
from evidence.records import Broken, Waiver, Waivers
from house import House
from house.duties import Ruling, event, involved, whose
from house.following import Posted, followed
from registers.imports import Entry, Plan
from registers.refusals import TO_HOLD, versions
from registers.versions import by_key, entered

WAIVERS = "waivers"
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


def _waiver(planned: Plan, entry: Entry) -> Waiver:
    [waiver] = Waivers.from_rows([planned.row(entry)]).all
    return waiver


def _reaches(waiver: Waiver, gap: Gap) -> bool:
    mine = (waiver.control, waiver.company) == (gap.control, gap.company)
    return mine and waiver.reaches(gap.department, gap.subject, gap.aspect)


def _broken(entry: Entry, column: str, words: Words) -> Broken:
    return Broken(entry.key, column, words.ja, words.en, grave=True)
