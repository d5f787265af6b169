"""``tenken vault``: what sources gave, as it lies encrypted: its keys, how long it is kept, and its end."""

from typing import Annotated

import typer

from cli.given import By, Home, UpTo, opened, person
from cli.output import Json, listed, progress
from evidence.errors import IntegrityError
from house import purging, vaults
from house.purging import Why
from house.retention import kept
from house.scrubbing import scrub as scrubbed

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="What sources gave, as it lies encrypted.")
purge = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Destroy what need not be kept: two persons.")
app.add_typer(purge, name="purge")


@app.command()
def due(home: Home, json: Json = False) -> None:
    """List what every run brought and may be purged now; `--json` lists all, with why the others may not."""
    house = opened(home)
    rows = [
        {
            "source": one.source,
            "collected_on": one.collected_on.isoformat(),
            "datasets": list(one.datasets),
            "objects": len(one.digests),
            "until": one.until.isoformat() if one.until else None,
            "held": one.held,
            "due": one.is_due(house.today),
        }
        for one in kept(house)
    ]
    listed([row for row in rows if json or row["due"]], json=json)


@purge.command()
def request(
    home: Home,
    source: Annotated[str, typer.Option(help="The source whose evidence it is.")],
    until: UpTo,
    why: Annotated[Why, typer.Option(help="Why it is purged.")],
    by: By,
) -> None:
    """Ask that what was collected of a source be purged; prints the number that another person approves."""
    house = opened(home)
    print(purging.request(house, source, until, person(house, by), why))


@purge.command()
def approve(home: Home, number: Annotated[int, typer.Argument(help="What `request` printed.")], by: By) -> None:
    """Purge what was asked for. Nobody can read it again, and no backup of the vault helps."""
    house = opened(home)
    count = purging.approve(house, number, person(house, by))
    progress(f"{count} objects were purged; backups of the database from before still hold their keys")


@app.command()
def scrub(home: Home) -> None:
    """Read every object anew, as the schedule does; exit 4 when one is damaged."""
    if why := scrubbed(opened(home)):
        raise IntegrityError(f"{why}; restore the files from a backup, and scrub again")


@app.command()
def rotate(home: Home) -> None:
    """Wrap the keys of all objects by a new key; of AWS KMS by the one that the settings name."""
    house = opened(home)
    count = vaults.rotate(house.home, house.settings, house.store)
    progress(f"{count} keys of objects are wrapped anew; back up {house.home / 'keys'}")
