"""``tenken periods``: the closed months, quarters, halves and years."""

from typing import Annotated, Any

import typer

from cli.given import AnyCompany, FirstDay, Home, LastDay, On, known_company, opened
from cli.output import Json, Row, listed, progress, shown
from cli.progress import working
from evidence.errors import ConfigError, Tampered
from evidence.store.values import PeriodCloseRow
from house import House
from house.closed import found, read_version, signed_size, versions

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Closed periods: list, show, close.")


@app.command("list")
def list_(home: Home, company: AnyCompany = None, json: Json = False) -> None:
    """List every version of every closed period, with how many controls have each mark.

    A period of which the ledger tells otherwise is named instead: exit 4.
    """
    house = opened(home)
    told, wrong = versions(house, known_company(house, company))
    newest = {(row.company, row.since, row.as_of): row.version for row in told}
    listed([_row(house, row, newest[row.company, row.since, row.as_of]) for row in told], json=json)
    if wrong:
        raise Tampered("\n".join(wrong))


@app.command()
def show(
    home: Home,
    company: Annotated[str, typer.Argument(help="The company's code.")],
    since: FirstDay,
    as_of: LastDay,
    version: Annotated[int | None, typer.Option(min=1, help="One version; default: the newest.")] = None,
    json: Json = False,
) -> None:
    """Show what was frozen of a period, and why it differs from the version before.

    It is held against its digest, the ledger and the signed head first: exit 4 when it is not what was frozen.
    """
    house = opened(home)
    row = found(house, house.settings.company(company).code, since, as_of, version)
    told, signed = read_version(house, row), signed_size(house, row)
    if json:
        shown({**told, "digest": row.digest, "entry": row.entry, "signed_size": signed}, json=True)
        return
    head = {name: told[name] for name in ("company", "cycle", "since", "as_of", "version", "known_at")}
    head |= {
        "closed_at": row.closed_at and row.closed_at.astimezone(house.zone),
        "digest": row.digest,
        "ledger entry": row.entry,
        "signed in a head of": signed,
        "marks": _counts(told["marks"]),
        "open gaps": _counts(told["open_gaps"]),
    }
    shown(head, json=False)
    _table([{"schedule": name, **one} for name, one in told["slots"].items()])
    names = ("verdict", "population", "deviations", "waived", "reason")
    _table([{"control": control, **{name: one[name] for name in names}} for control, one in told["controls"].items()])
    if told["reasons"] is not None:
        _reasons(told["reasons"])


@app.command()
def close(home: Home, as_of: On = None, json: Json = False) -> None:
    """Do what the daily work does: close what is due by a day (default: today), restate what late news changed."""
    from house.periods import close_due  # judging comes with it, which those that look need not wait for

    house = opened(home)
    if as_of and as_of > house.today:
        raise ConfigError(f"--as-of {as_of} has not come yet; what is closed must be over")
    with working("closing"):
        closed = close_due(house, as_of or house.today)
    listed([_row(house, row, row.version) for row in closed], json=json)
    progress(f"{len(closed)} closed or restated")


def _row(house: House, row: PeriodCloseRow, newest: int) -> Row:
    return {
        "company": row.company,
        "cycle": row.cycle,
        "since": row.since,
        "as_of": row.as_of,
        "version": row.version,
        "restated": newest > 1,
        "closed_at": row.closed_at and row.closed_at.astimezone(house.zone),
        **row.marks,
    }


def _counts(told: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in told.items())


def _table(rows: list[Row]) -> None:
    if rows:
        print()
        listed(rows, json=False)


def _reasons(told: dict[str, Any]) -> None:
    """Why it differs, a block for each kind of reason."""
    print(f"\nrestates version {told['restates']}, because of")
    _table([_changed(control, one) for control, one in told["controls"].items()])
    _table(told["runs"])
    _table(told["registers"])
    _table([{"setting": name, "was": str(was), "is": str(now)} for name, (was, now) in told["settings"].items()])


def _changed(control: str, one: dict[str, Any]) -> Row:
    names = ("verdict", "population", "deviations")
    return {
        "control": control,
        **{name: f"{_part(one['was'], name)} → {_part(one['is'], name)}" for name in names},
        "parameters": [f"{name} {was} → {now}" for name, (was, now) in one["parameters"].items()],
        "definition": "changed" if one["definition"] else "same",
    }


def _part(one: dict[str, Any] | None, name: str) -> str:
    return "―" if one is None else str(one[name])
