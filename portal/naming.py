"""What things are called in addresses whose own names may hold any sign, or a person."""

import hashlib
import json
from collections.abc import Sequence

from controls.model import Gap
from evidence.border import Border


def name_of(told: Sequence[object]) -> str:
    """A digest of what tells a thing from others, as whoever asks may see it."""
    return hashlib.sha256(json.dumps([*told]).encode()).hexdigest()[:16]


def address_of(masked: Border, gap: Gap) -> str:
    """What a gap is called: its control, and a digest of what it is about."""
    return f"{gap.control}-{name_of([masked(gap.subject), gap.aspect])}"
