"""``tenken vault``: what sources gave, as it lies encrypted."""

import typer

from cli.given import Home, opened
from cli.output import progress
from house import vaults

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="What sources gave, as it lies encrypted.")


@app.callback()
def vault() -> None:
    """Keep this a group of verbs, though it has only one."""


@app.command()
def rotate(home: Home) -> None:
    """Wrap the keys of all objects by a new key; of AWS KMS by the one that the settings name."""
    house = opened(home)
    count = vaults.rotate(house.home, house.settings, house.store)
    progress(f"{count} keys of objects are wrapped anew; back up {house.home / 'keys'}")
