"""``tenken sources``: where evidence comes from."""

from dataclasses import asdict
from itertools import islice
from typing import Annotated, Any

import typer

from cli.given import Home, opened
from cli.output import Json, listed
from cli.progress import tracked
from collectors import unread
from collectors.sources import Source
from evidence.errors import ConfigError, SourceError

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Where evidence comes from.")

LOOKED_AT = 1000  # items: enough to see that a source answers


@app.command("list")
def list_(home: Home, json: Json = False) -> None:
    """Name every source, what it delivers about whom, and how old its newest evidence may be."""
    house = opened(home)
    with house.store.read() as tx:
        runs = tx.runs.visible(house.clock.now())
    last = {run.source: run for run in runs if run.outcome == "collected"}
    listed(
        [
            {
                "source": source.name,
                "companies": list(source.companies),
                "transport": source.kind,
                "profile": source.profile.name,
                "datasets": list(source.datasets),
                "max_age_days": source.max_age_days,
                "last_collected": last[source.name].slot_on if source.name in last else None,
            }
            for source in house.sources
        ],
        json=json,
    )


@app.command()
def test(
    home: Home,
    source: Annotated[list[str] | None, typer.Argument(help="The sources; default: all.")] = None,
    json: Json = False,
) -> None:
    """Ask each source what it has, and fetch nothing; exit 3 when one does not answer."""
    house = opened(home)
    if unknown := set(source or ()) - {one.name for one in house.sources}:
        raise ConfigError(f"no source {', '.join(sorted(unknown))}; see `tenken sources list`")
    asked = [one for one in house.sources if not source or one.name in source]
    rows = [_answer(one) for one in tracked(asked, "asking", len(asked))]
    listed(rows, json=json)
    if any(not row["answers"] for row in rows):
        raise typer.Exit(SourceError.exit_code)


@app.command()
def rejects(
    home: Home,
    source: Annotated[str, typer.Argument(help="The source.")],
    run: Annotated[str | None, typer.Option(help="A run of it; default: the newest.")] = None,
    json: Json = False,
) -> None:
    """Name what a run of a source could not read: in which file, where, why, and what to do."""
    house = opened(home)
    with house.store.read() as tx:
        runs = [one.run_id for one in tx.runs.visible(house.clock.now()) if one.source == source]
        if run is not None and run not in runs:
            raise ConfigError(f"{source} has no run {run}; `tenken collect` prints the run of each collection")
        if not runs:
            raise ConfigError(f"{source} was never collected; see `tenken sources list`, then `tenken collect`")
        told = unread.of_run(tx, source, run or runs[-1])
    listed([asdict(one) for one in told], json=json)


def _answer(source: Source) -> dict[str, Any]:
    told: dict[str, Any] = {
        "source": source.name,
        "answers": True,
        "items": 0,
        "newest": None,
        "refused": 0,
        "why": None,
    }
    try:
        with source.connect() as transport:
            items = list(islice(transport.items(None), LOOKED_AT))
            told |= {"items": len(items), "refused": len(transport.refused)}
            told["newest"] = max((item.modified for item in items), default=None)
    except (SourceError, ConfigError) as error:
        told |= {"answers": False, "why": str(error)}
    return told
