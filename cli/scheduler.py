"""``tenken scheduler``: do what is due."""

import signal
from threading import Event
from typing import Annotated, Any

import typer

import scheduler
from cli.given import Home, opened
from cli.output import Json, listed, progress
from evidence.errors import SourceError
from house import steady_clock
from house.rounds import told_apart

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Do what is due; say what was missed.")

MISSED = 1  # exit code


@app.command()
def run(
    home: Home,
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, and end.")] = False,
    json: Json = False,
) -> None:
    """Do what is due and tell people, until stopped; with --once exit 1 for what was missed or failed (a source: 3)."""
    house = opened(home, steady_clock())
    if not once:
        stop = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        progress(f"serving {house.home}; stop with Ctrl-C or SIGTERM")
        scheduler.run(house, progress, stop)
        return
    ended = scheduler.run_once(house, progress)
    if untold := told_apart(house, progress):
        progress(f"notices: {untold}")
    listed(
        [
            {
                "schedule": row.schedule,
                "due_at": row.due_at.astimezone(house.zone),
                "outcome": row.outcome,
                "reason": row.reason,
            }
            for row in ended
        ],
        json=json,
    )
    collecting = {schedule.name for schedule in scheduler.read(house.home).schedules if schedule.does == "collect"}
    if any(row.outcome == "failed" and row.schedule in collecting for row in ended):
        raise typer.Exit(SourceError.exit_code)
    if untold or any(row.outcome in ("failed", "missed") for row in ended):
        raise typer.Exit(MISSED)


@app.command()
def status(home: Home, json: Json = False) -> None:
    """Say what was done last, what is due next, and what should have been done by now (then exit 1)."""
    house = opened(home)
    rows: list[dict[str, Any]] = scheduler.status(house)
    listed(rows, json=json)
    with house.store.read() as tx:
        span = tx.slots.silent(house.clock.now())
    silent = span is None or span[1] <= house.clock.now()
    if span is None:
        progress("no scheduler was ever heard")
    else:
        heard, by = (f"{at.astimezone(house.zone):%Y-%m-%d %H:%M}" for at in span)
        progress(f"a scheduler was heard last at {heard}; one must be heard by {by}")
    if silent or any(row["overdue"] for row in rows):
        raise typer.Exit(MISSED)
