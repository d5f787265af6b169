"""The lines that a deviation was read from, with what stands on them."""

from typing import Any

from cli.preview import line_of
from controls.model import Proof
from house import House, trail


def places(house: House, proof: Proof, *, preview: bool) -> list[dict[str, Any]]:
    """The place of each line: source, object, part, line; with ``preview`` also what stands there."""
    told = trail.places(house, proof)
    return [{**row, "shows": _shown(house, row)} for row in told] if preview else told


def _shown(house: House, row: dict[str, Any]) -> str | None:
    if row["sha256"] is None:
        return None
    with house.store.read() as tx:
        held = tx.objects.by_digest(row["sha256"])
    return line_of(house, held, row["part"], row["line"]) if held else None
