"""``tenken registers show | compare``: a register as it stood, and what changed since."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.given import AnyCompany, From, Home, KnownAt, On, To, known_company, opened
from cli.output import Json, listed, progress
from evidence.datasets import register
from evidence.errors import ConfigError
from evidence.period import Period
from evidence.store.values import RegisterVersion
from house import House
from registers import comparison, versions

SHOWN = 6  # columns of a row on the screen

Name = Annotated[str, typer.Argument(help="The register.")]


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


def compare(
    home: Home,
    name: Name,
    first: From,
    last: To,
    company: AnyCompany = None,
    out: Annotated[Path | None, typer.Option(help="The .xlsx file to write it to as well.")] = None,
    json: Json = False,
) -> None:
    """Say what differs between a register as it was known and held at the end of one day and of another."""
    if out and out.suffix.lower() != ".xlsx":
        raise ConfigError(f"{out}: differences are written as a workbook: let its name end in .xlsx")
    house, dataset = opened(home), register(name)
    known_company(house, company)
    before, after = (_at_end(house, name, day, company) for day in (first, last))
    told = versions.differences(dataset, before, after)
    if out:
        out.write_bytes(comparison.workbook(dataset, told, first, last, house.zone))
        progress(f"{out}: {len(told)} differences")
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
            for one in told
        ],
        json=json,
    )


def _row(version: RegisterVersion, *, full: bool) -> dict[str, Any]:
    """A version on the screen: all of it, or what tells it from others."""
    named: dict[str, Any] = {"key": list(version.key), "state": version.state, "entered_at": version.entered_at}
    told = versions.row_of(register(version.register), version)
    shown = told if full else {name: told[name] for name in list(told)[:SHOWN] if name not in named}
    return named | shown


def _at_end(house: House, name: str, day: date, company: str | None) -> list[dict[str, Any]]:
    rows = versions.rows_as_of(house.store, register(name), Period(day, day, house.settings.zone).until_at, day)
    return [row for row in rows if company is None or row.get("company") in (None, company)]
