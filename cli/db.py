"""``tenken db``: the database, and backups of the whole home."""

from pathlib import Path
from typing import Annotated

import typer

from cli.given import Home, opened
from cli.output import Json, listed, progress
from cli.progress import working
from evidence.errors import IntegrityError
from house import furnish

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="The database, and backups of the whole home.")


@app.command()
def upgrade(home: Home) -> None:
    """Bring the tables to the version of this program, and begin new companies, with their keys; harmless to repeat."""
    house = furnish(home.obj)
    last = house.store.last_commit()
    progress(f"{house.home}: up to date; " + (f"last written {last.astimezone(house.zone)}" if last else "still empty"))


@app.command()
def backup(
    home: Home,
    out: Annotated[Path, typer.Option(help="The new file.")],
    recipient: Annotated[Path, typer.Option(help="The certificate (PEM, RSA) of who keeps backups.")],
) -> None:
    """Write everything that the home is into one file that only its keeper can read; others may go on working.

    Exit 4 when the home lacks something that its database names: the backup is made all the same.
    """
    from house.backup import backup as write

    with working("backing up"):
        made = write(opened(home), out, recipient)
    print(made.path)
    if made.problems:
        listed([{"problem": problem} for problem in made.problems], json=False)
        raise IntegrityError(f"{out}: made, but {len(made.problems)} things are wrong; run `tenken ledger verify`")


@app.command()
def restore(
    home: Home,
    file: Annotated[Path, typer.Argument(help="The backup.")],
    key: Annotated[Path, typer.Option(help="The private key (PEM) of the certificate that it was made for.")],
    to: Annotated[Path | None, typer.Option("--home", help="The new home; default: that of the command line.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Signed heads that somebody kept: what `tenken ledger checkpoint` printed.")
    ] = None,
    keys: Annotated[Path | None, typer.Option(help="The keys folder of the machine that the home was on.")] = None,
    database: Annotated[
        str | None, typer.Option(help="The address of the new database; default: that of the settings.")
    ] = None,
    json: Json = False,
) -> None:
    """Make a new home of a backup, verify it, and compare it with heads that were kept elsewhere.

    Exit 4 when something is wrong with it, or it is older than somebody knows (ROLLBACK); it stays to be looked at.
    """
    from house.restore import ROLLBACK
    from house.restore import restore as read

    new = to or home.obj
    with working("restoring"):
        problems = read(file, key, new, checkpoint=checkpoint, keys=keys, database=database)
    listed([{"problem": problem} for problem in problems], json=json)
    if problems:
        what = f"{ROLLBACK}; " if any(told.startswith(ROLLBACK) for told in problems) else ""
        raise IntegrityError(f"{new}: {what}{len(problems)} problems; keep it as it is, and see docs/operations.md")
    progress(f"{new}: restored and verified")
    if checkpoint is None and keys is None:
        progress("compared with no head that was kept elsewhere (--checkpoint, --keys): an older backup looks the same")
