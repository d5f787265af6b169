"""``tenken config``: the files that people write."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

import scheduler
from cli.given import Home
from cli.output import Json, listed, progress, shown
from collectors import profiles, sources
from controls import catalogue_files, loader
from evidence import settings, yaml_files
from evidence.errors import ConfigError, Misplaced, Problem

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Check every file that people write; their shapes.")

MODELS: dict[str, type[BaseModel]] = {
    "settings": settings.Settings,
    "schedule": scheduler.Schedules,
    "source": sources.SourceFile,
    "profile": profiles.ProfileFile,
    "controls": catalogue_files.MeasureFile,
    "views": catalogue_files.ViewsFile,
    "examples": catalogue_files.ExamplesFile,
}


@app.command()
def check(home: Home, json: Json = False) -> None:
    """Read settings, schedule, sources, profiles and controls; name each problem with its place (exit 2)."""
    problems = list(problems_of(home.obj))
    if json:
        rows = [
            {"file": p.file, "line": p.line, "column": p.column, "path": p.path, "problem": p.what} for p in problems
        ]
        listed(rows, json=True)
    else:
        for problem in problems:
            progress(str(problem))
    if problems:
        raise typer.Exit(ConfigError.exit_code)
    progress(f"{home.obj}: fine")


@app.command()
def schema(
    file: Annotated[str | None, typer.Argument(help=f"One of: {', '.join(MODELS)}; default: all.")] = None,
) -> None:
    """Print the JSON schema of a kind of file, for an editor to complete and check it."""
    if file is not None and file not in MODELS:
        raise ConfigError(f"no kind of file {file!r}; there are: {', '.join(MODELS)}")
    schemas = {name: model.model_json_schema() for name, model in MODELS.items()}
    shown(schemas if file is None else schemas[file], json=True)


def problems_of(home: Path) -> Iterator[Problem]:
    """Everything that is wrong in the files of a home and in the catalogue."""
    yield from _of(home / "schedule.yaml", lambda: scheduler.read(home))
    for path in sorted((home / "profiles").glob("*.yaml")):
        yield from _of(path, partial(profiles.read, path))
    yield from _of(loader.FOLDER, loader.checked)
    if wrong := list(_of(home / "settings.yaml", lambda: settings.read(home))):
        yield from wrong
        return
    codes = settings.read(home).codes
    if wrong := list(_of(home / "sources", lambda: sources.read_all(home, codes))):
        yield from wrong
        return
    yield from _unknown_sources(home, {source.name for source in sources.read_all(home, codes)})


def _of(path: Path, reading: Callable[[], object]) -> Iterator[Problem]:
    try:
        reading()
    except Misplaced as error:
        yield from error.problems
    except ConfigError as error:
        yield Problem(path, 1, 1, "", str(error).removeprefix(f"{path}: "))


def _unknown_sources(home: Path, known: set[str]) -> Iterator[Problem]:
    """Sources that the schedule names and nobody configured."""
    path = home / "schedule.yaml"
    try:
        plan = scheduler.read(home)
    except ConfigError:
        return
    node = yaml_files.load(path)
    for n, schedule in enumerate(plan.schedules):
        for m, name in enumerate(schedule.sources):
            if name not in known:
                at: list[str | int] = ["schedules", n, "sources", m]
                yield yaml_files.problem(
                    path, node, at, f"no source {name}; there are: {', '.join(sorted(known)) or 'none'}"
                )
