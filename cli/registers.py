"""``tenken registers``: what people write down."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli import register_acts, register_views, starting_book, vendor_sheets
from cli.given import AnyCompany, By, Home, KnownAt, On, Reason, known_company, opened
from cli.output import Json, listed, progress
from evidence.datasets import Kind, catalogue, register
from evidence.errors import ConfigError
from house.desk import import_register
from registers import csv_files, sheets, versions
from registers.csv_files import Encoding, Written, is_csv
from registers.returned import returned
from registers.workbook import Seen

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="What people write down.")

Name = Annotated[str, typer.Argument(help="The register.")]
Out = Annotated[Path | None, typer.Option(help="The .xlsx or .csv file to write; default: the register's name, .xlsx.")]
WrittenIn = Annotated[Encoding, typer.Option("--encoding", help="Of a .csv file.")]


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
def template(name: Name, out: Out = None, encoding: WrittenIn = Encoding.UTF_8) -> None:
    """Write the empty file of a register, to be filled in and imported."""
    path = _file(name, out)
    if is_csv(path.name):
        _hand_out(path, csv_files.template(register(name), encoding))
    else:
        _hand_out(path, Written(sheets.template(register(name)), ()))


@app.command("import")
def import_(
    home: Home,
    name: Name,
    path: Annotated[Path, typer.Argument(help="The filled-in .xlsx or .csv file.")],
    by: By,
    reason: Reason,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    errors: Annotated[
        Path | None, typer.Option(help="Where to write the rows that are not taken, with the reasons; as FILE is.")
    ] = None,
    encoding: Annotated[Encoding | None, typer.Option(help="Of a .csv file without the mark of UTF-8.")] = None,
    json: Json = False,
) -> None:
    """Import a file: good rows are taken, bad ones are named with sheet, row and column (then exit 2)."""
    if errors and errors.suffix.lower() != path.suffix.lower():
        raise ConfigError(
            f"{errors}: rows are given back in the format they came in; let its name end in {path.suffix}"
        )
    plan = import_register(opened(home), name, path, by, reason, dry_run=dry_run, charset=encoding)
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
    for note in plan.notes:
        progress(f"注意 / note: {note}")
    done = "would add" if dry_run else "added"
    progress(
        f"{name}: {done} {len(plan.added)} rows and {len(plan.changed)} new versions; {plan.unchanged} unchanged, "
        f"{len(plan.problems)} problems, {len(plan.notes)} notes"
    )
    if errors and (content := returned(plan)) is not None:
        errors.write_bytes(content)
        progress(f"{errors}: {len({problem.row for problem in plan.problems})} rows to correct and import again")
    if plan.problems:
        raise typer.Exit(ConfigError.exit_code)


@app.command()
def export(
    home: Home,
    name: Name,
    out: Out = None,
    encoding: WrittenIn = Encoding.UTF_8,
    company: AnyCompany = None,
    as_of: On = None,
    known_at: KnownAt = None,
) -> None:
    """Write a register as it stood on a day, as known at a moment; it can be imported again.

    Letters that the encoding of a .csv file cannot hold are named (then exit 2).
    """
    house, path = opened(home), _file(name, out)
    known_company(house, company)
    known_at = known_at or house.store.last_commit()
    rows = versions.rows_as_of(house.store, register(name), known_at, as_of)
    told = [row for row in rows if company is None or row.get("company") in (None, company)]
    progress(f"{len(told)} rows")
    if is_csv(path.name):
        _hand_out(path, csv_files.export(register(name), told, house.zone, encoding))
    else:
        seen = Seen(known_at, as_of) if known_at else None
        _hand_out(path, Written(sheets.export(register(name), told, house.zone, seen), ()))


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


def _file(name: str, out: Path | None) -> Path:
    path = out or Path(f"{name}.xlsx")
    if path.suffix.lower() not in (".xlsx", csv_files.SUFFIX):
        raise ConfigError(f"{path}: its name says the format: let it end in .xlsx or .csv")
    return path


def _hand_out(path: Path, file: Written) -> None:
    path.write_bytes(file.content)
    for one in file.unheld:
        progress(f"{path}: {one}")
    print(path)
    if file.unheld:
        raise typer.Exit(ConfigError.exit_code)


app.command("audit-sheet")(vendor_sheets.audit_sheet)
app.command("audit-result")(vendor_sheets.audit_result)
app.command("sub-vendors")(vendor_sheets.sub_vendors)
app.command()(register_views.show)
app.command()(register_views.compare)
app.command()(register_acts.submit)
app.command("send-back")(register_acts.send_back)
app.command()(register_acts.approve)
app.command()(register_acts.retire)
app.command()(register_acts.confirm)
app.command("starting-book")(starting_book.starting_book)
