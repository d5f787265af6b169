"""Gaps: what does not conform now, whom it falls to, what was done about it, and what whoever looks does next."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from controls.gaps import key_of
from controls.matters import WORST_FIRST
from controls.model import About, GapEvent, GapKind
from controls.record import event_of
from evidence.errors import ConfigError
from evidence.records import twelve_months_after
from house import acting, asking
from house.following import Followed
from portal.door import Asked, NotThere
from portal.forms import day_of
from portal.naming import address_of
from portal.pages.standing import seen
from portal.rights import Right

ACTS = {
    "acknowledge": GapKind.ACKNOWLEDGED,
    "plan": GapKind.PLANNED,
    "correct": GapKind.CORRECTED,
}
WITH_REASON = frozenset({"plan", "correct"})
MOST_SHOWN = 200


def list_(asked: Asked) -> Response:
    """The gaps of a company that are for whoever asks, the worst and latest first."""
    wanted = asked.request.query_params
    only, control = wanted.get("show", "open"), wanted.get("control", "")
    natural = asked.house.keys().of_person
    me = natural(asked.session.person)
    told = [
        one
        for one in asked.followed
        if seen(asked, one) and _wanted(one, only, natural, me) and control in ("", one.gap.control)
    ]
    told.sort(
        key=lambda one: (WORST_FIRST.index(one.gap.severity), -one.overdue_days, one.gap.opened_on, one.gap.control)
    )
    lines = [line_of(asked, one) for one in told[:MOST_SHOWN]]
    raises = asked.may(Right.RAISE)
    return asked.page("gaps.html", gaps=lines, found=len(told), only=only, control=control, raises=raises)


def gap(asked: Asked) -> Response:
    """One gap and everything that happened to it."""
    one = _found(asked)
    waits = _application(asked, one)
    is_open = one.gap.is_open
    return asked.page(
        "gap.html",
        gap=line_of(asked, one),
        message=_message(asked, one),
        events=[_event(asked, at, event) for at, event in _events(asked, one)],
        acts=[*ACTS] if is_open and asked.may(Right.FOLLOW) else [],
        with_reason=WITH_REASON,
        waits=waits and _told(asked, waits),
        wishes=[_wish(one)] if is_open and not waits and asked.may(Right.ASK) else [],
        decides=waits is not None and asked.may(Right.DECIDE),
        tomorrow=asked.house.today + timedelta(days=1),
        latest=twelve_months_after(asked.house.today),
    )


def act(asked: Asked) -> Response:
    """Put down what whoever asks did about a gap."""
    one, told = _found(asked), asked.form.get("act", "")
    if told not in ACTS:
        raise NotThere
    reason = asked.form.get("reason", "").strip()
    if told in WITH_REASON and not reason:
        raise ConfigError("a reason cannot be blank")
    acting.record(asked.house, one.gap, ACTS[told], asked.session.person, reason if told in WITH_REASON else None)
    return asked.moved(f"/{asked.company}/gaps/{asked.given['gap']}")


def ask(asked: Asked) -> Response:
    """Ask for a waiver, or that something that happened is answered for; somebody else decides."""
    one, told = _found(asked), asked.form
    if told.get("wish") not in {*asking.Wish}:
        raise NotThere
    wish, until = asking.Wish(told["wish"]), day_of(told.get("until"))
    asking.ask(asked.house, one.gap, wish, asked.session.person, told.get("reason", ""), until)
    return asked.moved(f"/{asked.company}/gaps/{asked.given['gap']}")


def decide(asked: Asked) -> Response:
    """Grant or refuse what somebody else asked for."""
    waits, told = _application(asked, _found(asked)), asked.form.get("decision")
    if waits is None or told not in ("grant", "refuse"):
        raise NotThere
    reason = asked.form.get("reason", "")
    asking.decide(asked.house, waits, asked.session.person, reason, granted=told == "grant")
    return asked.moved(f"/{asked.company}/gaps/{asked.given['gap']}")


def decisions(asked: Asked) -> Response:
    """What waits to be decided, the oldest first."""
    told = [one for one in asking.waiting(asked.house, str(asked.company)) if seen(asked, one.one)]
    return asked.page("decisions.html", waits=[{**_told(asked, one), **line_of(asked, one.one)} for one in told])


def _application(asked: Asked, one: Followed) -> asking.Application | None:
    waiting = asking.waiting(asked.house, str(asked.company))
    return next((told for told in waiting if key_of(told.one.gap) == key_of(one.gap)), None)


def _wish(one: Followed) -> asking.Wish:
    """What can be asked for: an event is answered for, a state is accepted for a time."""
    return asking.Wish.DISPOSE if one.gap.about is About.EVENT else asking.Wish.WAIVE


def _told(asked: Asked, one: asking.Application) -> dict[str, Any]:
    return {
        "wish": one.wish.value,
        "by": asked.masked(one.by),
        "why": asked.masked(one.reason),
        "asked_on": one.asked_on,
        "until": one.until,
    }


def _found(asked: Asked) -> Followed:
    """The gap of the address."""
    for one in asked.followed:
        if address_of(asked.masked, one.gap) == asked.given["gap"] and seen(asked, one):
            return one
    raise NotThere


def _wanted(one: Followed, only: str, natural: Callable[[str], str], me: str) -> bool:
    if only == "all":
        return True
    mine = one.charge is not None and natural(one.charge.person) == me
    return one.waits and (only not in ("overdue", "mine") or (one.overdue_days > 0 if only == "overdue" else mine))


def line_of(asked: Asked, one: Followed) -> dict[str, Any]:
    """A gap as lists show it."""
    told = asked.masked
    return {
        "address": address_of(told, one.gap),
        "control": str(one.gap.control),
        "subject": told(one.gap.subject),
        "aspect": told(one.gap.aspect) if one.gap.aspect else None,
        "department": one.gap.department,
        "severity": one.gap.severity,
        "state": one.gap.state,
        "opened_on": one.gap.opened_on,
        "due_on": one.gap.due_on,
        "overdue": one.overdue_days,
        "owner": told(one.charge.person) if one.charge else "",
        "waiver": told(one.waiver.waiver_id) if one.waiver else "",
        "finding": one.gap.finding or "",
        "is_open": one.gap.is_open,
    }


def _message(asked: Asked, one: Followed) -> str:
    return asked.masked(one.gap.message.ja) if one.gap.message else ""


def _events(asked: Asked, one: Followed) -> list[tuple[datetime | None, GapEvent]]:
    gap = one.gap
    with asked.house.store.read() as tx:
        rows = [(row.at, event_of(row)) for row in tx.gaps.all(gap.company, str(gap.control))]
    return [(at, event) for at, event in rows if (event.subject, event.aspect) == (gap.subject, gap.aspect)]


def _event(asked: Asked, at: datetime | None, event: GapEvent) -> dict[str, Any]:
    told = asked.masked
    return {
        "at": at and f"{at.astimezone(asked.house.zone):%Y-%m-%d %H:%M}",
        "kind": event.kind.value,
        "actor": told(event.actor) if event.actor else "",
        "reason": told(event.reason) if event.reason else "",
        "day": event.day,
    }
