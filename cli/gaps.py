"""``tenken gaps``: what does not conform, and what people do about it. Only judging opens and closes a gap."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from cli import gap_acts
from cli.gap_acts import Aspect, Control, Subject
from cli.given import AnyCompany, Day, Home, known_company, opened, person
from cli.output import Json, listed, progress, shown
from controls.matters import Matter, merged
from controls.model import Gap, GapEvent
from controls.record import event_of
from house import House, acting, trail
from house.following import Followed, followed

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="What does not conform, and what is done about it.")


@app.command("list")
def list_(
    home: Home,
    all: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    each: Annotated[bool, typer.Option("--each", help="A line for each, also where many have one cause.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what should be done by now.")] = False,
    owner: Annotated[str | None, typer.Option(help="Only what this person (worker number) answers for.")] = None,
    company: AnyCompany = None,
    control: Annotated[str | None, typer.Option(help="Only this control.")] = None,
    json: Json = False,
) -> None:
    """Name every gap that somebody still has to do something about; what has one cause is one line."""
    house = opened(home)
    whose = None if owner is None else person(house, owner)
    told = [
        one
        for one in followed(house, known_company(house, company))
        if (all or one.gap.is_open)
        and control in (None, one.gap.control)
        and (one.overdue_days or not overdue)
        and whose in (None, one.charge and one.charge.person)
    ]
    if json:
        listed([_row(one) for one in told], json=True)
        return
    listed(_lines(told, each=each), json=False)


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
    one = acting.find(house, control, subject, known_company(house, company), aspect)
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
        for at, event in _events(house, one.gap)
    ]
    if json:
        shown({**_row(one), "events": rows}, json=True)
        return
    shown(_row(one), json=False)
    print()
    listed(rows, json=False)


@app.command()
def waivers(home: Home, json: Json = False) -> None:
    """Name every waiver, how long it holds, and how many open gaps it covers today."""
    from house import waiving  # registers, which only those verbs need that change one

    house = opened(home)
    rows = [
        {
            "waiver": one.waiver_id,
            "control": one.control,
            "company": one.company,
            "department": one.department,
            "subject": one.subject,
            "aspect": one.aspect,
            "approved_by": one.approved_by,
            "approved_on": one.approved_on,
            "expires_on": one.expires_on,
            "holds": one.approved_on <= house.today <= one.expires_on,
            "covers": number,
            "reason": one.reason,
        }
        for one, number in waiving.effect(house)
    ]
    listed(rows, json=json)


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
    from cli.explain import places  # formats and registers, which no other verb of this group needs

    house = opened(home)
    gap = acting.find(house, control, subject, known_company(house, company), aspect).gap
    deviation = trail.deviation_of(house, gap, day)
    listed(places(house, deviation.proof, preview=preview), json=json)
    if not deviation.proof.rows:
        progress("no row took part: what is absent is proven by the population and the completeness of its sources")
    elif deviation.proof.total > len(deviation.proof.rows):
        progress(f"the first {len(deviation.proof.rows)} of {deviation.proof.total} lines")


for act in (
    gap_acts.acknowledge,
    gap_acts.assign,
    gap_acts.plan,
    gap_acts.correct,
    gap_acts.dispose,
    gap_acts.waive,
    gap_acts.unwaive,
    gap_acts.release,
):
    app.command()(act)


def _events(house: House, gap: Gap) -> list[tuple[Any, GapEvent]]:
    with house.store.read() as tx:
        told = [(row.at, event_of(row)) for row in tx.gaps.all(gap.company, gap.control)]
    return [(at, event) for at, event in told if (event.subject, event.aspect) == (gap.subject, gap.aspect)]


def _row(one: Followed) -> dict[str, Any]:
    gap, charge, waiver = one.gap, one.charge, one.waiver
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
        "owner": charge.person if charge else gap.owner,
        "role": charge and charge.role,
        "stands_in_for": charge and charge.stands_in_for,
        "department": gap.department,
        "days": sorted(gap.open_days),
        "age_days": one.age_days,
        "overdue": one.overdue_days > 0,
        "overdue_days": one.overdue_days,
        "escalated": gap.escalated,
        "regressions": gap.regressions,
        "clean_days": gap.clean_days,
        "cause": gap.cause,
        "held": gap.held,
        "waiver": waiver and waiver.waiver_id,
        "waived_until": waiver and waiver.expires_on,
        "finding": gap.finding,
        "message": gap.message.ja if gap.message else None,
        "message_en": gap.message.en if gap.message else None,
    }


def _lines(told: Sequence[Followed], *, each: bool) -> list[dict[str, Any]]:
    followed_as = {id(one.gap): one for one in told}
    matters = [Matter(one.gap.cause, (one.gap,)) for one in told] if each else merged(one.gap for one in told)
    return [_line(matter, [followed_as[id(gap)] for gap in matter.gaps]) for matter in matters]


def _line(matter: Matter, told: Sequence[Followed]) -> dict[str, Any]:
    """A matter as a line: its gap, or how many it is and of what."""
    gap, many = matter.gaps[0], len(matter.gaps)
    owners = {one.charge.person for one in told if one.charge}
    return {
        "control": _several({gap.control for gap in matter.gaps}),
        "company": _several({gap.company for gap in matter.gaps}),
        "subject": gap.subject if many == 1 else f"{many} gaps",
        "aspect": _several({gap.aspect for gap in matter.gaps}),
        "state": "held" if matter.held else _several({gap.state for gap in matter.gaps}),
        "severity": matter.severity,
        "about": _several({gap.about.value for gap in matter.gaps}),
        "opened_on": min(gap.opened_on for gap in matter.gaps),
        "due_on": matter.due_on,
        "overdue_days": max(one.overdue_days for one in told),
        "owner": _several(owners) if owners else None,
        "waiver": _several({one.waiver.waiver_id for one in told if one.waiver}),
        "cause": matter.cause,
        "message": gap.message.ja if gap.message else None,
    }


def _several(told: set[Any]) -> str | None:
    """One thing by its name, several by how many they are."""
    known = sorted(one for one in told if one is not None)
    return None if not known else known[0] if len(known) == 1 else f"{known[0]} +{len(known) - 1}"
