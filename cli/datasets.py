"""``tenken datasets``: the canonical tables."""

from typing import Annotated

import typer

from cli.output import Json, listed, shown
from evidence.datasets import catalogue
from evidence.errors import ConfigError

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="The canonical tables that everything speaks.")


@app.command("list")
def list_(json: Json = False) -> None:
    """Name every dataset, its kind and its key."""
    listed(
        [
            {
                "dataset": d.name,
                "kind": d.kind.value,
                "key": list(d.key),
                "title": d.title_ja,
                "columns": len(d.columns),
            }
            for d in catalogue().values()
        ],
        json=json,
    )


@app.command()
def show(name: Annotated[str, typer.Argument(help="The dataset.")], json: Json = False) -> None:
    """Show one dataset's columns: type, Japanese header, allowed values, meaning."""
    if name not in catalogue():
        raise ConfigError(f"no dataset {name!r}; see `tenken datasets list`")
    columns = catalogue()[name].all_columns
    shown(
        [
            {
                "column": c.name,
                "type": c.type,
                "header": c.header,
                "required": not c.nullable,
                "personal": c.personal,
                "allowed": list(c.codes),
                "unit": c.unit,
                "meaning": c.meaning,
            }
            for c in columns
        ],
        json=json,
    )
