"""``tenken collect``: fetch evidence from the sources."""

from datetime import timedelta
from typing import Annotated

import typer

from cli.given import Day, Home, opened
from cli.output import Json, cell, listed, progress
from cli.progress import tracked
from evidence.errors import AlreadyDone, SourceError
from house import collect_day

app = typer.Typer(rich_markup_mode=None)

UNVERIFIED = 1  # exit code: what rests on incomplete evidence is unverified


@app.command()
def collect(
    home: Home,
    slot: Day = None,
    source: Annotated[list[str] | None, typer.Option(help="Only this source; repeat for more.")] = None,
    json: Json = False,
) -> None:
    """Collect every source for a day (default: yesterday); a line on stdout is a source whose evidence is committed."""
    house = opened(home)
    day = slot or house.today - timedelta(days=1)
    if not house.sources:
        progress(f"{house.home / 'sources'}: no source is configured; nothing to collect")
    rows, code = [], 0
    for told in tracked(collect_day(house, day, source or ()), "collecting", len(source or house.sources)):
        if isinstance(told, SourceError):
            code = max(code, SourceError.exit_code)
            progress(f"failed {told}")
            continue
        if isinstance(told, AlreadyDone):
            progress(f"left to another process: {told}")
            continue
        if not told.complete:
            code = max(code, UNVERIFIED)
            progress(f"incomplete {told.source}: {told.reason}")
        row = {
            "source": told.source,
            "slot_on": day,
            "rows": told.rows,
            "rejected": told.rejected,
            "complete": told.complete,
            "run": told.run_id,
            "reason": told.reason,
        }
        rows.append(row)
        if not json:
            shown = f"rows={told.rows} rejected={told.rejected} complete={cell(told.complete)} run={told.run_id}"
            print(f"collected {told.source} {shown}", flush=True)
    if json:
        listed(rows, json=True)
    if code:
        raise typer.Exit(code)
