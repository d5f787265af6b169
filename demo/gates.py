"""The gates of the offices: whoever works comes in before the shift and goes out after it."""

from datetime import timedelta

from demo.days import AS_OF, at
from demo.group import Group
from demo.values import GatePass

_BEFORE, _AFTER = timedelta(minutes=10), timedelta(minutes=15)


def build(group: Group) -> None:
    """Let everybody pass the gate around every shift, after the shifts are there."""
    for shift in group.shifts:
        group.passes += [
            GatePass(shift.no, shift.company, moment, direction)
            for moment, direction in ((shift.starts_at - _BEFORE, "入"), (shift.ends_at + _AFTER, "出"))
            if moment < at(AS_OF, 24)
        ]
