"""``tenken gaps``: what does not conform, and what people do about it. Only judging opens and closes a gap."""

from datetime import date
from typing import Annotated, Any

import typer

from cli.given import AnyCompany, By, Day, Home, Reason, known_company, opened, person
from cli.output import Json, listed, progress, shown
from controls.model import UNVERIFIED_SUBJECT, About, Gap, GapEvent, GapKind
from controls.record import event_of
from controls.severities import severities
from evidence.errors import ConfigError
from house import House
from house.standing import act, gaps_now

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="What does not conform, and what is done about it.")

Control = Annotated[str, typer.Argument(help="The control.")]
Subject = Annotated[str, typer.Argument(help="What the gap is about, as `gaps list` shows it.")]
Aspect = Annotated[str | None, typer.Option(help="The part of the requirement, where there are several.")]
Approver = Annotated[str, typer.Option("--approved-by", help="Worker number of the person who approved it.")]

SHOWN = ("control", "company", "subject", "aspect", "state", "severity", "about", "opened_on", "due_on", "message")


@app.command("list")
def list_(
    home: Home,
    all: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    company: AnyCompany = None,
    control: Annotated[str | None, typer.Option(help="Only this control.")] = None,
    json: Json = False,
) -> None:
    """Name every gap that somebody still has to do something about."""
    house = opened(home)
    found = gaps_now(house, known_company(house, company))
    told = [gap for gap in found if (all or gap.is_open) and control in (None, gap.control)]
    rows = [_row(gap, house.today) for gap in told]
    listed(rows if json else [{name: row[name] for name in SHOWN} for row in rows], json=json)


@app.command()
def show(
    home: Home,
    control: Control,
    subject: Subject,
    company: AnyCompany = None,
    aspect: Aspect = None,
    json: Json = False,
) -> None:
    """Show one gap and everything that happened to it."""
    house = opened(home)
    gap = _find(house, control, subject, company, aspect)
    rows = [
        {
            "at": at,
            "kind": event.kind.value,
            "day": event.day,
            "as_of": event.as_of,
            "actor": event.actor,
            "reason": event.reason,
            "approved_by": event.columns.get("approved_by"),
        }
        for at, event in _events(house, gap)
    ]
    if json:
        shown({**_row(gap, house.today), "events": rows}, json=True)
        return
    shown(_row(gap, house.today), json=False)
    print()
    listed(rows, json=False)


@app.command()
def acknowledge(
    home: Home, control: Control, subject: Subject, by: By, company: AnyCompany = None, aspect: Aspect = None
) -> None:
    """Say that you have seen a gap."""
    _record(*_at(home, control, subject, company, aspect), GapKind.ACKNOWLEDGED, by)


@app.command()
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
    house, gap = _at(home, control, subject, company, aspect)
    _record(house, gap, GapKind.ASSIGNED, by, person(house, to))


@app.command()
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


@app.command()
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


@app.command()
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
    house, gap = _at(home, control, subject, company, aspect)
    if gap.about is not About.EVENT:
        raise ConfigError(
            f"{control} is about a state: mend it, and the next judgement closes it; or `tenken gaps waive`"
        )
    approver = person(house, approved_by)
    concerned = {person(house, by), gap.owner, gap.subject}
    concerned |= {
        value for _, event in _events(house, gap) for value in event.columns.values() if isinstance(value, str)
    }
    if approver in concerned:
        raise ConfigError("the approver did it, asks for it or owns the gap; somebody else must approve")
    _record(house, gap, GapKind.DISPOSED, by, reason, approved_by=approver)


@app.command()
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
    from cli.entering import enter, next_id  # registers, which no other verb of this group needs

    house, gap = _at(home, control, subject, company, aspect)
    if gap.subject == UNVERIFIED_SUBJECT or gap.control not in severities():
        raise ConfigError("only what a control found can be waived, not that evidence is missing or work was not done")
    approver, until = person(house, approved_by), _expiry(expires, house.today)
    if approver in (person(house, by), gap.subject):
        raise ConfigError("a waiver is approved by somebody else than who asks for it or is its subject")
    waiver = next_id(house, "waivers", "W")
    row = {
        "company": gap.company,
        "waiver_id": waiver,
        "control_id": gap.control,
        "subject": gap.subject,
        "aspect": gap.aspect,
        "reason": reason,
        "approved_by": approver,
        "approved_on": house.today,
        "expires_on": until,
    }
    enter(house, "waivers", row, by, reason)
    _record(
        house, gap, GapKind.WAIVED, by, reason, approved_by=approver, waiver_id=waiver, expires_on=until.isoformat()
    )


@app.command()
def explain(
    home: Home,
    control: Control,
    subject: Subject,
    company: AnyCompany = None,
    aspect: Aspect = None,
    day: Day = None,
    preview: Annotated[bool, typer.Option("--show", help="What stands on those lines, too: personal data.")] = False,
    json: Json = False,
) -> None:
    """Say from which lines of which objects a deviation was read."""
    from cli import explain as trail  # formats and registers, which no other verb of this group needs

    house = opened(home)
    gap = _find(house, control, subject, company, aspect)
    deviation = trail.deviation_of(house, gap, day)
    listed(trail.places(house, deviation.proof, preview=preview), json=json)
    if not deviation.proof.rows:
        progress("no row took part: what is absent is proven by the population and the completeness of its sources")
    elif deviation.proof.total > len(deviation.proof.rows):
        progress(f"the first {len(deviation.proof.rows)} of {deviation.proof.total} lines")


def _at(home: Home, control: str, subject: str, company: str | None, aspect: str | None) -> tuple[House, Gap]:
    """The house and a gap that is not closed."""
    house = opened(home)
    gap = _find(house, control, subject, company, aspect)
    if not gap.is_open:
        raise ConfigError(f"this gap is {gap.state} since {gap.closed_on}; there is nothing to do about it")
    return house, gap


def _record(house: House, gap: Gap, kind: GapKind, by: str, reason: str | None = None, **columns: str) -> None:
    """Record what a person does about a gap."""
    if reason is not None and not reason.strip():
        raise ConfigError("a reason cannot be blank")
    act(
        house,
        GapEvent(
            gap.control, gap.company, gap.subject, gap.aspect, kind, gap.about, house.today,
            department=gap.department, actor=person(house, by), reason=reason, columns=columns,
        ),
    )  # fmt: skip
    progress(f"{gap.control} {gap.company} {gap.subject}: {kind.value}")


def _find(house: House, control: str, subject: str, company: str | None, aspect: str | None) -> Gap:
    found = [
        gap
        for gap in gaps_now(house, known_company(house, company))
        if (gap.control, gap.subject) == (control, subject) and aspect in (None, gap.aspect)
    ]
    if not found:
        raise ConfigError(f"no gap of {control} about {subject}; `tenken gaps list --all` shows them")
    if len(found) > 1:
        which = ", ".join(
            f"--company {gap.company}" + (f" --aspect {gap.aspect}" if gap.aspect else "") for gap in found
        )
        raise ConfigError(f"{len(found)} gaps of {control} are about {subject}; say which: {which}")
    return found[0]


def _events(house: House, gap: Gap) -> list[tuple[Any, GapEvent]]:
    with house.store.read() as tx:
        told = [(row.at, event_of(row)) for row in tx.gaps.all(gap.company)]
    key = (gap.control, gap.subject, gap.aspect)
    return [(at, event) for at, event in told if (event.control, event.subject, event.aspect) == key]


def _row(gap: Gap, today: date) -> dict[str, Any]:
    return {
        "control": gap.control,
        "company": gap.company,
        "subject": gap.subject,
        "aspect": gap.aspect,
        "state": gap.state,
        "severity": gap.severity,
        "about": gap.about.value,
        "opened_on": gap.opened_on,
        "due_on": gap.due_on,
        "owner": gap.owner,
        "department": gap.department,
        "days": sorted(gap.open_days),
        "overdue": gap.is_open and gap.due_on is not None and gap.due_on < today,
        "message": gap.message.ja if gap.message else None,
        "message_en": gap.message.en if gap.message else None,
    }


def _expiry(text: str, today: date) -> date:
    try:
        until = date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--expires {text!r} is no day; write it as 2026-03-31") from error
    last = date(today.year + 1, today.month, min(today.day, 28) if today.month == 2 else today.day)
    if not today <= until <= last:
        raise ConfigError(f"--expires {until}: a waiver holds until {last} at the latest, 12 months from today")
    return until
