"""``tenken db``: the database."""

import typer

from cli.given import Home
from cli.output import progress
from house import furnish

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="The database.")


@app.callback()
def database() -> None:
    """Keep this a group of verbs, though it has only one."""


@app.command()
def upgrade(home: Home) -> None:
    """Bring the tables to the version of this program, and begin new companies, with their keys; harmless to repeat."""
    house = furnish(home.obj)
    last = house.store.last_commit()
    progress(f"{house.home}: up to date; " + (f"last written {last.astimezone(house.zone)}" if last else "still empty"))
