"""``tenken controls``: the control catalogue."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.output import Json, listed, progress, shown
from cli.progress import working
from controls import examples
from controls.loader import FOLDER, load, load_for_judging
from controls.model import Control
from evidence.errors import ConfigError

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="The control catalogue.")

Folder = Annotated[Path, typer.Option(help="A folder of controls; default: the ones that are built in.")]


@app.command("list")
def list_(json: Json = False, folder: Folder = FOLDER) -> None:
    """Name every control in the order of the catalogue."""
    listed(
        [
            {
                "id": control.id,
                "measure": control.measure,
                "about": _about(control),
                "severity": control.severity,
                "frequency": list(control.frequency),
                "datasets": list(control.datasets),
                "title": control.title.ja,
            }
            for control in load_for_judging(folder).controls
        ],
        json=json,
    )


@app.command()
def show(id: Annotated[str, typer.Argument(help="The control.")], json: Json = False, folder: Folder = FOLDER) -> None:
    """Show what a control requires, on what ground, with which thresholds, its views and its test."""
    control = load_for_judging(folder).control(id)
    told: dict[str, Any] = {
        **asdict(control),
        "about": _about(control),
        "basis": [f"{b.name} {b.article}" + ("" if b.verified else " (unverified)") for b in control.basis],
    }
    if json:
        shown({**told, "views": [view.name for view in control.views]}, json=True)
        return
    from reports.control_reference import section  # workbooks come with it, which no other verb of this group needs

    print(f"{section(control)}| SHA-256 | {control.digest} |")
    for view in control.views:
        says = f"{view.name}: {view.says.ja} / {view.says.en}\n" if view.says else f"{view.name}:\n"
        print(f"\n{says}{view.select}", end="")
    print(f"\ntest:\n{control.test}", end="")


@app.command()
def reference(folder: Folder = FOLDER) -> None:
    """Print what every control asks, on which ground and by which thresholds, as one page of Markdown."""
    from reports import control_reference

    catalogue = load_for_judging(folder)
    print(control_reference.reference(catalogue.controls, catalogue.measures), end="")


@app.command()
def lint(
    told: Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="The same as --folder.")] = None,
    folder: Folder = FOLDER,
) -> None:
    """Refuse what is wrong in a catalogue, with file, line and column."""
    folder = told or folder
    with working("reading the catalogue"):
        read = load(folder)
    print(f"{folder}: {len(read.controls)} controls, {len(read.views)} views, {len(read.examples)} examples: fine")


@app.command()
def test(
    id: Annotated[str | None, typer.Argument(help="One control or view; default: all.")] = None,
    json: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Show each control its examples, and probe it with emptied columns and datasets (exit 2: it answers wrongly)."""
    catalogue = load(folder)
    if id is not None and id not in {*(c.id for c in catalogue.controls), *(v.name for v in catalogue.views)}:
        raise ConfigError(f"no control or view {id}; `tenken controls list` shows the controls")
    with working("showing the examples"):
        outcomes = list(examples.shown(catalogue, id))
    wrong = [one for one in outcomes if one.problem is not None]
    rows = [{"of": o.of, "example": o.example, "probe": o.probe, "problem": o.problem} for o in wrong]
    listed(rows, json=json)
    tried = sum(one.probe is None for one in outcomes)
    progress(f"{tried} examples and {len(outcomes) - tried} probes; {len(wrong)} of them answered wrongly")
    if wrong:
        raise typer.Exit(ConfigError.exit_code)


def _about(control: Control) -> str | dict[str, str]:
    """One word, or one for each aspect."""
    if set(control.about) == {None}:
        return control.about[None].value
    return {aspect or "": about.value for aspect, about in control.about.items()}
