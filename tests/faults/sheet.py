"""The sheet of promises.md §5.7: what was injected, and what came of it, by kind of fault; a row a kind.

A row is a property of its test, so that it comes through to the process that prints, whichever ran the test.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass, fields, replace
from typing import Literal, get_args

import pytest

Kind = Literal[
    "kills", "syscall faults", "signer", "disk full", "DB cuts", "packs", "schedulers", "notices", "tamper"
]  # fmt: skip
BESIDE = "tamper"  # told where it ran; ``make tamper`` has a sheet of its own
PROPERTY = "faults"


@dataclass(frozen=True, slots=True)
class Row:
    """What came of so many faults of one kind."""

    injected: int
    handled: int  # as promised
    lost: int = 0
    duplicated: int = 0
    accepted_wrongly: int = 0
    false_alarms: int = 0
    seconds: float = 0.0

    def __add__(self, other: "Row") -> "Row":
        return Row(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where a test puts down what it injected: before it asserts anything."""

    item: pytest.Item

    def add(self, kind: Kind, row: Row) -> None:
        self.item.user_properties.append((PROPERTY, {"kind": kind, **asdict(row)}))


def rows(reports: Sequence[pytest.TestReport]) -> dict[Kind, Row]:
    """The rows of all tests that ran, by their kinds; nothing where none of them injects faults.

    A row has the seconds of its test and of what was set up for it.
    """
    spent, found = dict[str, float](), dict[str, list[tuple[Kind, Row]]]()
    for report in reports:
        spent[report.nodeid] = spent.get(report.nodeid, 0) + report.duration
        for name, told in report.user_properties if report.when == "call" else ():
            if name == PROPERTY and isinstance(told, dict):
                row = Row(**{field.name: told[field.name] for field in fields(Row)})
                found.setdefault(report.nodeid, []).append((told["kind"], row))
    sheet = {kind: Row(0, 0) for kind in get_args(Kind) if kind != BESIDE} if found else {}
    for nodeid, told in found.items():
        for place, (kind, row) in enumerate(told):
            sheet[kind] = sheet.get(kind, Row(0, 0)) + replace(row, seconds=0 if place else spent[nodeid])
    return sheet


def lines(sheet: dict[Kind, Row]) -> Iterator[tuple[str, bool]]:
    """The sheet as text, and whether a line is red: nothing was injected, or something was not handled as promised."""
    words = [field.name.replace("_", " ") for field in fields(Row)]
    yield "| faults         | " + " | ".join(words) + " |", False
    yield "|---|" + "--:|" * len(words), False
    for kind, row in sheet.items():
        cells = [f"{value:{len(word)}.0f}" for word, value in zip(words, astuple(row), strict=True)]
        harm = row.lost + row.duplicated + row.accepted_wrongly + row.false_alarms
        yield f"| {kind:14} | " + " | ".join(cells) + " |", not row.injected or bool(harm) or row.handled < row.injected
