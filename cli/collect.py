"""``tenken collect``: fetch evidence from the sources."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated

import typer

from cli.given import Day, Home, opened
from cli.output import Json, Row, cell, listed, progress
from cli.progress import tracked
from collectors.collect import Collected
from evidence.errors import AlreadyDone, Misplaced, SourceError, Unread
from house import House
from house.day import collect_day

app = typer.Typer(rich_markup_mode=None)

UNVERIFIED = 1  # exit code: what rests on incomplete evidence is unverified
SHOWN = 20  # rows of one source that stderr names


@app.command()
def collect(
    home: Home,
    slot: Day = None,
    source: Annotated[list[str] | None, typer.Option(help="Only this source; repeat for more.")] = None,
    json: Json = False,
) -> None:
    """Collect every source for a day (default: yesterday); a line on stdout is a source whose evidence is committed.

    Exit 1 when a source is incomplete, 2 when the file of one is wrong, 3 when one failed; stderr names what could not
    be read, and where it stands.
    """
    house = opened(home)
    day = slot or house.today - timedelta(days=1)
    files = list((house.home / "sources").glob("*.yaml"))
    if not files:
        progress(f"{house.home / 'sources'}: no source is configured; nothing to collect")
    rows, code = [], 0
    for told in tracked(_collected_of(house, day, source or ()), "collecting", len(source or files)):
        if isinstance(told, Misplaced):
            code = max(code, Misplaced.exit_code)
            progress(f"{told}\nnot collected: what these files say is not known until they are mended")
            continue
        if isinstance(told, AlreadyDone):
            progress(f"left to another process: {told}")
            continue
        if isinstance(told, SourceError):
            code = max(code, SourceError.exit_code)
            progress(f"failed {told.source}: nothing of it could be read" if told.unread else f"failed {told}")
            _name(told.source, told.unread, len(told.unread))
            rows.append(_failed(told, day))
            continue
        if not told.complete:
            code = max(code, UNVERIFIED)
            progress(f"incomplete {told.source}: {'; '.join(told.doubts) or 'not everything could be read'}")
            _name(told.source, told.unread, told.rejected)
        rows.append(_collected(told))
        if not json:
            shown = f"rows={told.rows} rejected={told.rejected} complete={cell(told.complete)} run={told.run_id}"
            print(f"collected {told.source} {shown}", flush=True)
    if json:
        listed(rows, json=True)
    if code:
        raise typer.Exit(code)


def _collected_of(
    house: House, day: date, only: Iterable[str]
) -> Iterator[Collected | SourceError | AlreadyDone | Misplaced]:
    try:
        yield from collect_day(house, day, only)
    except Misplaced as error:
        yield error


def _name(source: str, unread: Sequence[Unread], count: int) -> None:
    for one in unread[:SHOWN]:
        progress(str(one))
    if (more := max(count, len(unread)) - SHOWN) > 0:
        progress(f"{source}: {more} more; `tenken sources rejects {source}` lists them")


def _collected(told: Collected) -> Row:
    return {
        "source": told.source,
        "slot_on": told.slot_on,
        "outcome": "collected",
        "rows": told.rows,
        "rejected": told.rejected,
        "complete": told.complete,
        "run": told.run_id,
        "reason": told.reason,
        "rejects": [asdict(one) for one in told.unread],
    }


def _failed(told: SourceError, day: date) -> Row:
    return {
        "source": told.source,
        "slot_on": day,
        "outcome": "failed",
        "rows": 0,
        "rejected": len(told.unread),
        "complete": False,
        "run": None,
        "reason": told.why,
        "rejects": [asdict(one) for one in told.unread],
    }
