"""``tenken registers``: what people write down."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.given import AnyCompany, By, From, Home, KnownAt, On, Reason, To, known_company, opened
from cli.output import Json, listed, progress
from evidence.datasets import Kind, catalogue, register
from evidence.errors import ConfigError
from evidence.period import Period
from evidence.store.values import RegisterVersion
from house import House, import_register
from registers import acts, sheets, versions
from registers.approval import Act

SHOWN = 6  # columns of a row on the screen

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="What people write down.")

Name = Annotated[str, typer.Argument(help="The register.")]
Rows = Annotated[list[str], typer.Argument(metavar="KEY...", help="Rows by their keys; a key's parts with / between.")]
Out = Annotated[Path | None, typer.Option(help="The workbook to write; default: the register's name, .xlsx.")]


@app.command("list")
def list_(home: Home, json: Json = False) -> None:
    """Name every register, and how many rows it has."""
    house = opened(home)
    listed(
        [
            {
                "register": dataset.name,
                "title": dataset.title_ja,
                "key": list(dataset.key),
                "rows": len(versions.rows_as_of(house.store, dataset)),
            }
            for dataset in catalogue().values()
            if dataset.kind is Kind.REGISTER
        ],
        json=json,
    )


@app.command()
def template(name: Name, out: Out = None) -> None:
    """Write the empty workbook of a register, to be filled in and imported."""
    path = out or Path(f"{name}.xlsx")
    path.write_bytes(sheets.template(register(name)))
    print(path)


@app.command("import")
def import_(
    home: Home,
    name: Name,
    path: Annotated[Path, typer.Argument(help="The filled-in workbook.")],
    by: By,
    reason: Reason,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    json: Json = False,
) -> None:
    """Import a workbook: good rows are taken, bad ones are named with sheet, row and column (then exit 2)."""
    plan = import_register(opened(home), name, path, by, reason, dry_run=dry_run)
    rows: list[dict[str, Any]] = [
        {
            "row": entry.line,
            "key": list(entry.key),
            "change": "changed" if entry.before else "added",
            "columns": columns,
        }
        for entry in sorted((*plan.added, *plan.changed), key=lambda entry: entry.line)
        for columns in [list(entry.changed) if entry.before else []]
    ]
    listed(rows, json=json)
    for problem in plan.problems:
        progress(str(problem))
    done = "would add" if dry_run else "added"
    progress(
        f"{name}: {done} {len(plan.added)} rows and {len(plan.changed)} new versions; {plan.unchanged} unchanged, "
        f"{len(plan.problems)} problems"
    )
    if plan.problems:
        raise typer.Exit(ConfigError.exit_code)


@app.command()
def export(
    home: Home, name: Name, out: Out = None, company: AnyCompany = None, as_of: On = None, known_at: KnownAt = None
) -> None:
    """Write the workbook of a register as it stood on a day, as known at a moment; it can be imported again."""
    house = opened(home)
    known_company(house, company)
    rows = versions.rows_as_of(house.store, register(name), known_at, as_of)
    told = [row for row in rows if company is None or row.get("company") in (None, company)]
    path = out or Path(f"{name}.xlsx")
    path.write_bytes(sheets.export(register(name), told, house.zone))
    progress(f"{len(told)} rows")
    print(path)


@app.command()
def history(
    home: Home,
    name: Name,
    key: Annotated[list[str] | None, typer.Option(help="Only this row; repeat for a key of several columns.")] = None,
    json: Json = False,
) -> None:
    """Say who changed which field of which row, when, from what to what, and why."""
    house = opened(home)
    listed(
        [
            {
                "key": list(change.key),
                "version": change.version,
                "entered_at": change.entered_at,
                "entered_by": change.entered_by,
                "column": change.column,
                "before": change.before,
                "after": change.after,
                "reason": change.reason,
            }
            for change in versions.history(house.store, register(name), key=tuple(key) if key else None)
        ],
        json=json,
    )


@app.command()
def show(
    home: Home,
    name: Name,
    company: AnyCompany = None,
    as_of: On = None,
    known_at: KnownAt = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only what waits to be submitted or signed.")] = False,
    json: Json = False,
) -> None:
    """Show the rows of a register as they stood on a day, as known at a moment, or those that wait for a signature."""
    house, dataset = opened(home), register(name)
    known_company(house, company)
    found = (
        versions.waiting(house.store, dataset, known_at)
        if waiting
        else versions.held(house.store, dataset, known_at, as_of)
    )
    mine = [one for one in found if company is None or one.values.get("company") in (None, company)]
    listed([_row(one, full=json) for one in mine], json=json)


@app.command()
def compare(
    home: Home,
    name: Name,
    first: From,
    last: To,
    company: AnyCompany = None,
    json: Json = False,
) -> None:
    """Say what differs between a register as it was known and held at the end of one day and of another."""
    house, dataset = opened(home), register(name)
    known_company(house, company)
    before, after = (_at_end(house, name, day, company) for day in (first, last))
    listed(
        [
            {
                "key": list(one.key),
                "change": one.change,
                "column": one.column,
                "header": one.header,
                "before": one.before,
                "after": one.after,
            }
            for one in versions.differences(dataset, before, after)
        ],
        json=json,
    )


@app.command()
def submit(home: Home, name: Name, rows: Rows, by: By, reason: Reason) -> None:
    """Hand in drafts, or rows that were sent back, to be approved."""
    _act(home, name, rows, Act.SUBMIT, by, reason)


@app.command("send-back")
def send_back(home: Home, name: Name, rows: Rows, by: By, reason: Reason) -> None:
    """Send submitted rows back to be corrected; what was signed so far is void."""
    _act(home, name, rows, Act.SEND_BACK, by, reason)


@app.command()
def approve(home: Home, name: Name, rows: Rows, by: By, reason: Reason) -> None:
    """Sign submitted rows; the last signature approves. Who wrote a row cannot."""
    _act(home, name, rows, Act.APPROVE, by, reason)


@app.command()
def retire(home: Home, name: Name, rows: Rows, by: By, reason: Reason) -> None:
    """End rows that hold; they stay readable as of earlier days."""
    _act(home, name, rows, Act.RETIRE, by, reason)


@app.command()
def confirm(home: Home, name: Name, rows: Rows, by: By, reason: Reason) -> None:
    """Confirm that approved rows are still right (年次確認)."""
    _act(home, name, rows, Act.CONFIRM, by, reason)


def _act(home: Home, name: str, rows: list[str], act: Act, by: str, reason: str) -> None:
    house, dataset = opened(home), register(name)
    wanted = [acts.key_of(dataset, row) for row in rows]
    due = house.today + timedelta(days=_confirmed_for(house)) if act is Act.CONFIRM else None
    done = acts.perform(
        house.store, house.vault, dataset, wanted, act, house.keys(), by=by, reason=reason, on=house.today, due=due
    )
    for entry in done:
        print(f"{'/'.join(entry.key)}  {entry.state}")


def _confirmed_for(house: House) -> int:
    """For how many days a confirmation holds: the parameter by which confirmations are judged."""
    told = house.catalogue.control("ORG-3-02").parameters
    return int(next(one.value for one in told if one.name == "book_confirm_days"))  # type: ignore[arg-type]


def _row(version: RegisterVersion, *, full: bool) -> dict[str, Any]:
    """A version on the screen: all of it, or what tells it from others."""
    named: dict[str, Any] = {"key": list(version.key), "state": version.state, "entered_at": version.entered_at}
    told = versions.row_of(register(version.register), version)
    shown = told if full else {name: told[name] for name in list(told)[:SHOWN] if name not in named}
    return named | shown


def _at_end(house: House, name: str, day: date, company: str | None) -> list[dict[str, Any]]:
    rows = versions.rows_as_of(house.store, register(name), Period(day, day, house.settings.zone).until_at, day)
    return [row for row in rows if company is None or row.get("company") in (None, company)]
