"""What one person asks for about a gap and another decides: a waiver 例外承認, or that it is disposed of 処置.

What is asked is an event of the gap, and so is the decision. It waits until somebody decided, or the gap is over. Who
grants it is its approver, held to the same rules by whatever door it comes: an approval that is not allowed is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from controls.gaps import Key, key_of
from controls.model import Gap, GapEvent, GapKind
from controls.record import event_of
from evidence.errors import ConfigError
from evidence.records import twelve_months_after
from house import House, acting, waiving
from house.duties import event, same
from house.following import Followed, followed
from house.standing import act


class Wish(StrEnum):
    """What can be asked for."""

    WAIVE = "waive"
    DISPOSE = "dispose"


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody asked for about a gap that is still open, and nobody decided yet."""

    one: Followed
    wish: Wish
    by: str
    reason: str
    asked_on: date
    until: date | None  # of a waiver: the last day that it would hold


def ask(house: House, gap: Gap, wish: Wish, by: str, reason: str, until: date | None = None) -> None:
    """Put down what is asked for; ConfigError when nobody could grant it."""
    if wish is Wish.WAIVE:
        waiving.refuse_unwaivable(gap)
        if until is None or not house.today <= until <= twelve_months_after(house.today):
            raise ConfigError("a waiver ends on a day from today on, within 12 months")
    else:
        acting.refuse_undisposable(house, gap)
    if not reason.strip():
        raise ConfigError("a reason cannot be blank")
    told = {"wish": wish.value} | ({"until": until.isoformat()} if until else {})
    acting.record(house, gap, GapKind.ASKED, by, reason, **told)


def waiting(house: House, company: str) -> Sequence[Application]:
    """What nobody decided yet, the oldest first."""
    asked: dict[Key, GapEvent] = {}
    with house.store.read() as tx:
        events = [event_of(row) for row in tx.gaps.all(company)]
    for one in events:
        key = (one.control, one.company, one.subject, one.aspect)
        if one.kind is GapKind.ASKED:
            asked[key] = one
        elif one.kind in (GapKind.DECIDED, GapKind.CLOSED, GapKind.DISPOSED):
            asked.pop(key, None)
    gaps = {key_of(one.gap): one for one in followed(house, company) if one.gap.is_open} if asked else {}
    return [_application(gaps[key], told) for key, told in asked.items() if key in gaps]


def decide(house: House, told: Application, by: str, reason: str, *, granted: bool) -> None:
    """Grant or refuse what was asked; ConfigError when whoever decides may not."""
    if same(house, by, told.by):
        raise ConfigError("who asked for it does not decide it; somebody else must")
    gap = told.one.gap
    decided = event(house, gap, GapKind.DECIDED, by, reason, granted=str(granted).lower(), wish=told.wish.value)
    if granted and told.wish is Wish.DISPOSE:
        acting.dispose(house, told.one, told.by, told.reason, by, decided)
    elif granted and told.until is not None:
        waiving.waive(house, told.one, told.by, told.reason, by, told.until, decided)
    else:
        act(house, decided, seen=[gap])


def _application(one: Followed, told: GapEvent) -> Application:
    until = told.columns.get("until")
    wish, by, reason = Wish(str(told.columns["wish"])), str(told.actor), str(told.reason)
    return Application(one, wish, by, reason, told.as_of, date.fromisoformat(str(until)) if until else None)
