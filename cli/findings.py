"""``tenken findings``: what people make of gaps: cause, correction, and the check that it held."""

from datetime import date
from typing import Annotated, Any

import typer

from cli.given import AnyCompany, By, Home, known_company, opened, person
from cli.output import Json, listed, progress, shown
from evidence.errors import ConfigError
from house import House, acting, findings
from house.findings import Finding
from house.following import Followed, followed

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Findings: causes, corrections and their checks.")

Id = Annotated[str, typer.Argument(metavar="FINDING", help="Its id.")]
What = Annotated[str, typer.Option("--reason", help="What was done or seen.")]


@app.command("list")
def list_(
    home: Home,
    all: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    company: AnyCompany = None,
    json: Json = False,
) -> None:
    """Name every finding that is not closed, and how many of its gaps are open."""
    house = opened(home)
    told = findings.findings(house, known_company(house, company))
    listed([_row(one, house.today) for one in told if all or one.state != "closed"], json=json)


@app.command()
def show(home: Home, finding: Id, json: Json = False) -> None:
    """Show one finding with its gaps."""
    house = opened(home)
    one = findings.find(house, finding)
    gaps = [
        {"control": gap.control, "subject": gap.subject, "aspect": gap.aspect, "state": gap.state, "due_on": gap.due_on}
        for gap in (told.gap for told in one.gaps)
    ]
    if json:
        shown({**one.row, "state": one.state, "gaps": gaps}, json=True)
        return
    shown({"state": one.state, **one.row}, json=False)
    print()
    listed(gaps, json=False)


@app.command("raise")
def raise_(
    home: Home,
    by: By,
    content: Annotated[str, typer.Option(help="What was found, in a sentence.")],
    gap: Annotated[list[str] | None, typer.Option(metavar="CONTROL SUBJECT", help="A gap; repeat for more.")] = None,
    cause: Annotated[str | None, typer.Option(help="All open gaps of this cause, as `gaps list` shows it.")] = None,
    company: AnyCompany = None,
    department: Annotated[str | None, typer.Option(help="Whose finding it is, where the gaps do not tell.")] = None,
) -> None:
    """Make one finding of open gaps."""
    house = opened(home)
    told = _of_cause(house, cause, known_company(house, company)) if cause else _named(house, gap or [], company)
    if not told:
        raise ConfigError("name the gaps: --gap 'CONTROL SUBJECT' for each, or --cause for all of one cause")
    finding = findings.take_up(house, told, person(house, by), content, department)
    progress(f"{finding}: {len(told)} gaps")
    print(finding)


@app.command()
def plan(
    home: Home,
    finding: Id,
    by: By,
    cause: Annotated[str, typer.Option(help="Why it happened.")],
    correction: Annotated[str, typer.Option(help="What is done about it.")],
    prevention: Annotated[str, typer.Option(help="What keeps it from coming back.")],
    owner: Annotated[str, typer.Option(help="Worker number of who does it.")],
    due: Annotated[str, typer.Option(metavar="DATE", help="The last day for it.")],
) -> None:
    """Say why it happened, and what is done about it by whom and when."""
    house = opened(home)
    try:
        until = date.fromisoformat(due)
    except ValueError as error:
        raise ConfigError(f"--due {due!r} is no day; write it as 2026-03-31") from error
    findings.plan(
        house, findings.find(house, finding), person(house, by), cause=cause, correction=correction,
        prevention=prevention, owner=person(house, owner), due=until,
    )  # fmt: skip
    progress(f"{finding}: planned until {until}")


@app.command()
def complete(home: Home, finding: Id, by: By, reason: What) -> None:
    """Say that it is done; who says so did it."""
    house = opened(home)
    findings.complete(house, findings.find(house, finding), person(house, by), reason)
    progress(f"{finding}: completed")


@app.command()
def verify(
    home: Home,
    finding: Id,
    by: By,
    reason: What,
    effective: Annotated[bool, typer.Option("--effective/--ineffective", help="Whether it held.")],
) -> None:
    """Say whether it held; another person than who did it or owns it."""
    house = opened(home)
    findings.verify(house, findings.find(house, finding), person(house, by), reason, effective=effective)
    progress(f"{finding}: {'verified' if effective else 'to be done again'}")


@app.command()
def close(home: Home, finding: Id, by: By, reason: What) -> None:
    """Close a finding that was verified, once none of its gaps is open; one that is only waived is."""
    house = opened(home)
    findings.close(house, findings.find(house, finding), person(house, by), reason)
    progress(f"{finding}: closed")


def _of_cause(house: House, cause: str, company: str | None) -> list[Followed]:
    return [one for one in followed(house, company) if one.gap.is_open and one.gap.cause == cause]


def _named(house: House, told: list[str], company: str | None) -> list[Followed]:
    found = []
    for words in told:
        control, _, subject = words.partition(" ")
        found.append(acting.find(house, control, subject.strip(), known_company(house, company), None))
    return found


def _row(one: Finding, today: date) -> dict[str, Any]:
    row = one.row
    late = row["due_on"] is not None and row["completed_on"] is None and row["due_on"] < today
    return {
        "finding": row["finding_id"],
        "company": row["company"],
        "department": row["department"],
        "control": row["control_id"],
        "severity": row["severity"],
        "state": one.state,
        "raised_on": row["raised_on"],
        "owner": row["owner_key"],
        "due_on": row["due_on"],
        "overdue": late,
        "gaps": len(one.gaps),
        "open_gaps": len(one.open_gaps),
        "content": row["content"],
    }
