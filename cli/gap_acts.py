"""``tenken gaps acknowledge``, ``assign``, ``plan`` and so on: what people do about gaps."""

from datetime import date
from typing import Annotated

import typer

from cli.given import AnyCompany, By, Home, Reason, known_company, opened, person
from cli.output import progress
from controls.model import GapKind
from evidence.errors import ConfigError
from house import House, acting
from house.following import Followed

Control = Annotated[str, typer.Argument(help="The control.")]
Subject = Annotated[str, typer.Argument(help="What the gap is about, as `gaps list` or a mail shows it.")]
Aspect = Annotated[str | None, typer.Option(help="The part of the requirement, where there are several.")]
Approver = Annotated[str, typer.Option("--approved-by", help="Worker number of the person who approved it.")]


def acknowledge(
    home: Home, control: Control, subject: Subject, by: By, company: AnyCompany = None, aspect: Aspect = None
) -> None:
    """Say that you have seen a gap."""
    _record(*_at(home, control, subject, company, aspect), GapKind.ACKNOWLEDGED, by)


def assign(
    home: Home,
    control: Control,
    subject: Subject,
    by: By,
    to: Annotated[str, typer.Option(help="Worker number of the owner.")],
    company: AnyCompany = None,
    aspect: Aspect = None,
) -> None:
    """Give a gap an owner."""
    house, one = _at(home, control, subject, company, aspect)
    _record(house, one, GapKind.ASSIGNED, by, person(house, to))


def plan(
    home: Home,
    control: Control,
    subject: Subject,
    by: By,
    reason: Reason,
    company: AnyCompany = None,
    aspect: Aspect = None,
) -> None:
    """Say what will be done about a gap."""
    _record(*_at(home, control, subject, company, aspect), GapKind.PLANNED, by, reason)


def correct(
    home: Home,
    control: Control,
    subject: Subject,
    by: By,
    reason: Reason,
    company: AnyCompany = None,
    aspect: Aspect = None,
) -> None:
    """Say what was done about a gap; a state closes at the next judgement that finds it mended."""
    _record(*_at(home, control, subject, company, aspect), GapKind.CORRECTED, by, reason)


def dispose(
    home: Home,
    control: Control,
    subject: Subject,
    by: By,
    reason: Reason,
    approved_by: Approver,
    company: AnyCompany = None,
    aspect: Aspect = None,
) -> None:
    """Answer for something that happened; the approver neither did it, nor asks for it, nor owns the gap."""
    house, one = _at(home, control, subject, company, aspect)
    acting.dispose(house, one, person(house, by), reason, person(house, approved_by))
    _done(one, GapKind.DISPOSED)


def waive(
    home: Home,
    control: Control,
    subject: Subject,
    by: By,
    reason: Reason,
    approved_by: Approver,
    expires: Annotated[str, typer.Option(metavar="DATE", help="The last day it holds; at most 12 months from today.")],
    company: AnyCompany = None,
    aspect: Aspect = None,
) -> None:
    """Accept a deviation for a time: a row of the register of waivers; it shows, and never hides."""
    from house import waiving  # registers, which no other verb of this group needs

    house, one = _at(home, control, subject, company, aspect)
    waiver = waiving.waive(house, one, person(house, by), reason, person(house, approved_by), _last_day(expires))
    _done(one, GapKind.WAIVED)
    if not any(number for told, number in waiving.effect(house) if told.waiver_id == waiver):
        progress("it covers nothing that was found so far: answer for that with `tenken gaps dispose`")
    print(waiver)


def unwaive(home: Home, waiver: Annotated[str, typer.Argument(help="Its id.")], by: By, reason: Reason) -> None:
    """End a waiver now: what it covered counts again at once."""
    from house import waiving

    house = opened(home)
    covered = waiving.unwaive(house, waiver, person(house, by), reason)
    progress(f"{waiver} is over; {len(covered)} open gaps are covered by it no more")


def release(
    home: Home, cause: Annotated[str, typer.Argument(help="As `gaps list` shows it.")], by: By, reason: Reason
) -> None:
    """Say that you have looked at gaps that were held, too many at once, and that they are real."""
    house = opened(home)
    progress(f"{cause}: {len(acting.release(house, cause, person(house, by), reason))} gaps go to those who answer")


def _at(home: Home, control: str, subject: str, company: str | None, aspect: str | None) -> tuple[House, Followed]:
    house = opened(home)
    return house, acting.find(house, control, subject, known_company(house, company), aspect)


def _record(house: House, one: Followed, kind: GapKind, by: str, reason: str | None = None) -> None:
    acting.record(house, one.gap, kind, person(house, by), reason)
    _done(one, kind)


def _done(one: Followed, kind: GapKind) -> None:
    progress(f"{one.gap.control} {one.gap.company} {one.gap.subject}: {kind.value}")


def _last_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--expires {text!r} is no day; write it as 2026-03-31") from error
