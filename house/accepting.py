"""What a waiver, an exclusion, a threshold or an answer may say, by whatever door it comes in, and what waivers change
in gaps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from controls.decided import ATTESTATIONS, PARAMETERS, WAIVERS
from controls.gaps import key_of
from controls.model import UNVERIFIED_SUBJECT, Gap, GapEvent, GapKind, Words
from evidence.facts.rows import LONG_AGO
from evidence.records import Broken
from evidence.store.values import RegisterVersion
from house import House
from house.duties import NOT_THERE, Ruling, event, involved, strangers, whose
from house.following import Posted, followed
from registers.approval import Act
from registers.forms import SPAN
from registers.imports import Entry, Plan
from registers.refusals import TO_HOLD, versions
from registers.versions import by_key, entered

Row = Mapping[str, Any]
FIRST_DAY = SPAN[0]
NOT_APART = Words(
    "申請者・記入者と、対象者(対象のアカウント・機器等の利用者)、対象となる不適合の責任者(元責任者)・是正者は承認できません",
    "asks for it, owns or mended what it covers, or is behind its subject; somebody else must approve",
)
NOT_ASKED = Words(
    "対象となる不適合の責任者(元責任者)・是正者や対象者は、例外を申請・記入できません",
    "is asked for by who owns or mended what it covers, or is behind its subject; somebody else must ask",
)
TOO_EARLY = Words(
    "有効開始日は承認日以降にしてください。承認より前の判定は変わりません",
    "is before the approval; a threshold holds from its approval on at the earliest",
)
RENEWED = Words(
    "承認し直した例外は、新しい例外承認IDの行にしてください。この行は、過ぎた日の承認として残ります",
    "is of the approval that covered the days before; a renewal is a row of its own, with a new id",
)
NOT_FOUND = Words(
    "例外にできるのは判定された不適合だけです。証跡がないことは例外にできません",
    "names missing evidence; only what a control found can be waived",
)


def dated(planned: Plan) -> Plan:
    """A plan of thresholds, each that is approved and names no first day of its own holding from its approval on."""

    def from_approval(entry: Entry) -> Entry:
        told, signed = (entry.before or {}).get(FIRST_DAY), planned.row(entry)["approved_on"]
        named = entry.valid_from_on.isoformat() not in (LONG_AGO.isoformat(), told)
        if named or signed is None or entry.state not in TO_HOLD:
            return entry
        return replace(entry, valid_from_on=max(entry.valid_from_on, signed))

    return replace(
        planned,
        added=tuple(map(from_approval, planned.added)),
        changed=tuple(map(from_approval, planned.changed)),
    )


def ruling(house: House, planned: Plan, by: str) -> Ruling:
    """What of a plan of waivers, exclusions or thresholds cannot stay that ``by`` brings in: who asks and who approves
    are two persons who are there, and who owns what it touches is a third. Who answers a question is there, too.

    A row that names no subject takes somebody who owns nothing of all that it covers; one of the group, in all of them.
    """
    rows = [(entry, planned.row(entry)) for entry in planned.added + planned.changed if entry.state in TO_HOLD]
    strange, natural = strangers(house), house.keys().of_person
    if planned.dataset.name == ATTESTATIONS:
        told = (entry for entry, row in rows if strange(row["answered_by"]))
        return Ruling(tuple(_broken(entry, "answered_by", NOT_THERE) for entry in told))
    before = by_key(entered(house.store, planned.dataset))
    waits = [one for one in followed(house) if one.gap.is_open]
    covered = {entry.key: [one for one in waits if _reaches(row, one.gap)] for entry, row in rows}
    about = involved(house, [one for ones in covered.values() for one in ones])
    known = whose(house, {row.get("subject") or "" for _, row in rows}, {row["control_id"] for _, row in rows})
    broken = list[Broken]()
    for entry, row in rows:
        subject, asker, approver = row.get("subject") or "", row.get("requested_by"), row["approved_by"]
        named = {subject, *known.get(subject, ())}
        barred = set(map(natural, named.union(*(about[key_of(one.gap)] for one in covered[entry.key]))))
        if subject == UNVERIFIED_SUBJECT:
            broken.append(_broken(entry, "subject", NOT_FOUND))
        if approver and natural(approver) in barred | set(
            map(natural, _writers(planned, before.get(entry.key, ()), by, asker))
        ):
            broken.append(_broken(entry, "approved_by", NOT_APART))
        elif strange(approver):
            broken.append(_broken(entry, "approved_by", NOT_THERE))
        if strange(asker):
            broken.append(_broken(entry, "requested_by", NOT_THERE))
        if planned.dataset.name == WAIVERS and natural(by) in barred:
            broken.append(_broken(entry, "waiver_id", NOT_ASKED))
        if planned.dataset.name == WAIVERS and "approved_on" in entry.changed and entry.before:
            broken.append(_broken(entry, "approved_on", RENEWED))
        if planned.dataset.name == PARAMETERS and approver and entry.valid_from_on < row["approved_on"]:
            broken.append(_broken(entry, "valid_from_on", TOO_EARLY))
    return Ruling(tuple(broken), tuple(one.gap for ones in covered.values() for one in ones))


def _writers(planned: Plan, before: Sequence[RegisterVersion], by: str, asker: str | None) -> Iterator[str]:
    """Who asks for a row, and whoever brought it in: not who signed what others had brought in."""
    yield from (asker,) if asker else ()
    yield from () if planned.act == Act.APPROVE else (by,)
    yield from (version.entered_by for version in before if version.entered_by != version.values.get("approved_by"))


def effects(house: House, planned: Plan, by: str, reason: str) -> Iterator[GapEvent]:
    """What a plan of waivers changes today for gaps that are open: they say so, by whatever door it came."""
    entries = planned.added + planned.changed
    touched = {(told["control_id"], told["company"]) for e in entries for told in (e.values, e.before or e.values)}
    gaps = [one.gap for one in followed(house) if (one.gap.control, one.gap.company) in touched]
    before, after = Posted.today(house, gaps), Posted.today(house, gaps, versions(planned))
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


def _reaches(row: Row, gap: Gap) -> bool:
    """Whether a row is about a gap, on whatever day; what it does not name, it leaves open."""
    told = {
        "company": gap.company,
        "department": gap.department,
        "subject": gap.subject,
        "aspect": gap.aspect,
    }
    return row["control_id"] == gap.control and all(row.get(name) in (None, value) for name, value in told.items())


def _broken(entry: Entry, column: str, words: Words) -> Broken:
    return Broken(entry.key, column, words.ja, words.en, grave=True)
