"""``tenken demo``: a synthetic group with planted faults, from its systems' exports to book, report and pack."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.output import progress
from demo.run import run
from evidence.errors import ConfigError

app = typer.Typer(rich_markup_mode=None)

DIFFERS = 1  # exit code


class GroupSize(StrEnum):
    """How large the group is."""

    SMALL = "small"
    GROUP = "group"
    LARGE = "large"


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="The same seed gives the same group.")] = 1,
    size: Annotated[
        GroupSize, typer.Option(help="2 companies with 420 workers, 6 with 3,000, 50 with 70,000.")
    ] = GroupSize.SMALL,
    out: Annotated[Path, typer.Option(help="A new folder for everything that is written.")] = Path("demo-out"),
) -> None:
    """Write the group, run everything, and count what was found; exit 0 exactly when that is what was planted."""
    if out.exists() and any(out.iterdir()):
        raise ConfigError(f"{out}: is not empty; name a new folder with --out, or remove it")
    ran = run(seed, out, progress, size.value)
    for path in ran.products:
        print(path)
    score = ran.score
    for kind, told in (("missing", score.missing), ("false", score.false), ("unexpected", score.unexpected)):
        for one in told:
            progress(f"{kind}: {one}")
    print(f"found {score.found} of {score.planted} planted, {len(score.false)} false")
    if not score.perfect:
        raise typer.Exit(DIFFERS)
