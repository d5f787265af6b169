"""What people do about gaps, and what they may not: nobody answers for what they did, asked for or own themselves.

Only judging opens and closes a gap; what is done here is an added event. Waivers: ``house.waiving``.
"""

from collections.abc import Sequence

from controls.model import About, Gap, GapEvent, GapKind, Verdict
from evidence.errors import ConfigError
from house import House, slots
from house.duties import NOT_THERE, concerned, event, same, strangers
from house.following import Followed, followed
from house.standing import act


def find(house: House, control: str, subject: str, company: str | None, aspect: str | None) -> Followed:
    """The gap that these words name, its subject also by pseudonym, as a mail does; ConfigError when there is none, or
    more than one."""
    ones = [one for one in followed(house, company) if one.gap.control == control and aspect in (None, one.gap.aspect)]
    masked = {code: house.masking(code) for code in {one.gap.company for one in ones}}
    found = [one for one in ones if subject in (one.gap.subject, masked[one.gap.company](one.gap.subject))]
    if not found:
        raise ConfigError(f"no gap of {control} about {subject}; `tenken gaps list --all` shows them")
    if len(found) > 1:
        told = (one.gap for one in found)
        which = ", ".join(
            f"--company {gap.company}" + (f" --aspect {gap.aspect}" if gap.aspect else "") for gap in told
        )
        raise ConfigError(f"{len(found)} gaps of {control} are about {subject}; say which: {which}")
    return found[0]


def record(
    house: House, gap: Gap, kind: GapKind, by: str, reason: str | None = None, *before: GapEvent, **columns: str
) -> None:
    """Put down what a person does about a gap that is open, and what led to it, or nothing of both."""
    if not gap.is_open:
        raise ConfigError(f"this gap is {gap.state} since {gap.closed_on}; there is nothing to do about it")
    if (gap.control, gap.subject) == (slots.CONTROL, slots.SILENT):
        slots.heard_again(house)  # a silence that lasts is only seen: before anything is done, it goes on record
    act(house, *before, event(house, gap, kind, by, reason, **columns), seen=[gap])


def dispose(house: House, one: Followed, by: str, reason: str, approver: str, *before: GapEvent) -> None:
    """Answer for something that happened; the approver neither did it, nor asks for it, nor owns the gap.

    A state is not answered for but mended, unless its control does not apply any more: nothing tests it again then.
    """
    gap = one.gap
    refuse_undisposable(house, gap)
    if same(house, approver, by, *concerned(house, one)):
        raise ConfigError("the approver did it, asks for it or owns the gap; somebody else must approve")
    if strangers(house)(approver):
        raise ConfigError(f"the approver {NOT_THERE.en}")
    record(house, gap, GapKind.DISPOSED, by, reason, *before, approved_by=approver)


def refuse_undisposable(house: House, gap: Gap) -> None:
    """ConfigError where a gap is mended, and not answered for."""
    if gap.about is not About.EVENT and not _does_not_apply(house, gap):
        raise ConfigError(
            f"{gap.control} is about a state: mend it, and the next judgement closes it; or `tenken gaps waive`"
        )


def release(house: House, cause: str, by: str, reason: str) -> Sequence[Gap]:
    """Let go of gaps that were held because they were too many at once: a person has looked, and they are real.

    Anybody may: nothing is accepted or closed by it, and whom they fall to hears of them.
    """
    held = [one.gap for one in followed(house) if one.gap.held and one.gap.cause == cause]
    if not held:
        causes = sorted({one.gap.cause for one in followed(house) if one.gap.held and one.gap.cause})
        raise ConfigError(f"nothing is held for {cause}; held now: {', '.join(causes) or 'nothing'}")
    act(house, *(event(house, gap, GapKind.RELEASED, by, reason) for gap in held), seen=held)
    return held


def _does_not_apply(house: House, gap: Gap) -> bool:
    with house.store.read() as tx:
        newest = {(row.control, row.company): row.verdict for row in tx.judgements.latest()}
    return newest.get((gap.control, gap.company)) == Verdict.NOT_APPLICABLE
