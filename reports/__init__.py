"""Floor 3: what we hand out. ``render(view) -> Document``: the same view, the same bytes.

No queries, no clock, no settings.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """One finished thing to hand out."""

    name: str  # an ASCII file name
    content: bytes
