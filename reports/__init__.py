"""Floor 3: what we hand out. ``render(view) -> Document``: no queries, no clock, no settings; the same view, the same bytes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """One finished thing to hand out."""

    name: str  # an ASCII file name
    content: bytes
