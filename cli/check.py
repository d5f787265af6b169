"""``tenken check``: judge the controls for a period."""

from typing import Annotated

import typer

from cli.given import AnyCompany, AsOf, Home, KnownAt, Since, known_company, opened, period
from cli.output import Json, listed, progress
from cli.progress import working
from controls.model import Verdict
from house.day import judge

app = typer.Typer(rich_markup_mode=None)

FINE = (Verdict.PASS, Verdict.NOT_APPLICABLE)
FOUND = 1  # exit code


@app.command()
def check(
    home: Home,
    since: Since = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    control: Annotated[list[str] | None, typer.Option(help="Only this control; repeat for more.")] = None,
    company: AnyCompany = None,
    json: Json = False,
) -> None:
    """Judge the controls, keep the verdicts and follow the gaps; exit 1 when anything is not as it should be."""
    house = opened(home)
    known_company(house, company)
    with working("judging"):
        judged = judge(house, period(house, since, as_of), known_at, control or ())
    told = [one for one in judged if company in (None, one.company)]
    rows = [
        {
            "control": one.control,
            "company": one.company,
            "since": one.since,
            "as_of": one.as_of,
            "verdict": one.verdict.value,
            "reason": one.reason,
            "population": one.population,
            "deviations": len(one.deviations),
        }
        for one in told
    ]
    listed(rows, json=json)
    counts = [f"{verdict.mark} {sum(one.verdict is verdict for one in told)}" for verdict in Verdict]
    progress("  ".join(counts))
    if any(one.verdict not in FINE for one in told):
        raise typer.Exit(FOUND)
