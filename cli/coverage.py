"""``tenken coverage``: the coverage calendar, what should have been checked in a fiscal year and what was."""

from typing import Annotated

import typer

from cli.given import AnyCompany, Home, KnownAt, known_company, opened
from cli.output import Json, Row, listed, progress
from evidence.cycles import Cycle, FiscalYear
from evidence.errors import ConfigError
from house import House
from house.coverage import coverage as calendar
from house.coverage import plan
from house.fiscal import fiscal_years
from reports.coverage import DUE, Mark, Plan

app = typer.Typer(rich_markup_mode=None)

FOUND = 1  # exit code
LACKING = (Mark.UNVERIFIED, Mark.MISSED)


@app.command()
def coverage(
    home: Home,
    company: AnyCompany = None,
    year: Annotated[
        int | None, typer.Option(min=2000, max=2200, help="The fiscal year that begins in it; default: this one.")
    ] = None,
    control: Annotated[str | None, typer.Option(help="Each occurrence of this control.")] = None,
    known_at: KnownAt = None,
    json: Json = False,
) -> None:
    """Say of each control and company what was expected so far and what became of it; exit 1 when it lacks anything."""
    house = opened(home)
    code, only = known_company(house, company), () if control is None else (house.catalogue.control(control).id,)
    years, wrong = fiscal_years(house)
    if wrong and code not in years:
        raise ConfigError("\n".join(wrong))
    plans = {one: _plan(house, one, fiscal, year) for one, fiscal in years.items() if code in (None, one)}
    rows: list[Row] = []
    due = lacking = 0
    for about, told in calendar(house, plans, known_at or house.clock.now(), only):
        counts = told.counts
        expected = sum(counts.get(one, 0) for one in DUE)
        due += expected
        lacking += sum(counts.get(one, 0) for one in LACKING)
        head: Row = {"control": told.control, "company": about, "frequency": told.frequency}
        if only:
            found = zip(told.occurrences, told.marks, strict=True)
            rows += [{**head, "since": one.since, "as_of": one.as_of, "due_at": one.due_at.astimezone(house.zone),
                      "mark": mark.value} for one, mark in found]  # fmt: skip
        else:
            rows.append({**head, "expected": expected, **{one.value: counts.get(one, 0) for one in DUE}})
    listed(rows, json=json)
    spans = sorted({f"{told.year.since} to {told.year.as_of}" for told in plans.values()})
    became = f"{due} due so far, {lacking} of them missed or unverified" if due else "nothing was due so far"
    progress(f"fiscal year {', '.join(spans)}: {became}")
    if lacking:
        raise typer.Exit(FOUND)


def _plan(house: House, company: str, fiscal: FiscalYear, year: int | None) -> Plan:
    span = fiscal.holding(Cycle.YEAR, house.today) if year is None else fiscal.beginning_in(year)
    return plan(house, company, fiscal, span)
