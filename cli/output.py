"""How every listing verb prints: one JSON array, or aligned columns; nothing but data on stdout.

Registers keep control characters as they were written; a terminal obeys them, so none is ever printed as it is.
"""

import json as jsonlib
import re
import sys
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of columns.")]
Row = dict[str, Any]
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")  # C0 and C1 but for the new line
UNESCAPED_BY_JSON = re.compile(r"[\x7f-\x9f]")


def listed(rows: Sequence[Row], *, json: bool) -> None:
    """Print rows: as one JSON array, or as columns under their names."""
    if json:
        print(_json(list(rows)))
        return
    if not rows:
        return
    names = list(rows[0])
    table = [names, *([cell(row.get(name)) for name in names] for row in rows)]
    widths = [max(width(line[n]) for line in table) for n in range(len(names))]
    for line in table:
        print("  ".join(text + " " * (widths[n] - width(text)) for n, text in enumerate(line)).rstrip())


def shown(told: Any, *, json: bool) -> None:
    """Print one thing: JSON, or ``name: value`` lines; a list of rows is printed as columns."""
    if json:
        print(_json(told))
    elif isinstance(told, list):
        listed(told, json=False)
    else:
        for name, value in told.items():
            print(f"{name}: {cell(value)}")


def progress(text: str) -> None:
    """Say on stderr what is going on."""
    print(visible(text), file=sys.stderr, flush=True)


def plain(value: Any) -> Any:
    """A value as JSON holds it: ISO 8601 dates and instants, decimals as text."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset | tuple):
        return sorted(value)
    return str(value)


def cell(value: Any) -> str:
    """A value as one line of text."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(cell(one) for one in value)
    return visible(" ".join(str(plain(value) if isinstance(value, date | Decimal) else value).split()))


def visible(text: str) -> str:
    """A text in which every control character but the new line is told by its code (\\x1b), not sent."""
    return CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def width(text: str) -> int:
    """Columns that a text takes in a terminal; East Asian wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _json(told: Any) -> str:
    text = jsonlib.dumps(told, ensure_ascii=False, default=plain)
    return UNESCAPED_BY_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
