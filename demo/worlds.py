"""A larger group: the world of two companies, more populous, several times, each time under names of its own.

A further world is the first one with other codes and numbers, so what is planted in it is known without planting again.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from demo.group import Group
from demo.plan import Plan
from evidence.datasets import catalogue


@dataclass(frozen=True, slots=True)
class Size:
    """How often the world of two companies stands in the group, and how many times as many people work in each."""

    worlds: int
    people: float


SIZES = {"small": Size(1, 1), "group": Size(3, 2.4), "large": Size(25, 6.7)}
STEP = 437_500  # to the next world's worker numbers: shifts and addresses are made of remainders by 7 and by 250 * 250

_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_NUMBERED = re.compile(r"(G|u|PC-|pc-)(\d{6})")
_NAMES = re.compile(r"(?:^|_)(?:ids?|keys?|by|company|department)$")  # of columns that hold codes and numbers
_SHARED = frozenset({"control_id", "control_ids", "source_name"})  # not of one world
_OF_VALUES = re.compile(
    "id|no|login|system|stores?|source|company|department|badge|zone|serial|hosts?|vendor|party|terminal|medium|"
    "contract|approval|manager|(registered_|former_)?owner|auditor"
)


def repeat(group: Group, plan: Plan, worlds: int) -> None:
    """Put the world into the group again until it stands there so often, with its plan."""
    first = {one.name: _copied(getattr(group, one.name)) for one in fields(group)}
    planted, names = list(plan.planted), _names(group)
    for number in range(2, worlds + 1):
        renamed = _renaming(names, plan, number)
        for name, told in first.items():
            mine = getattr(group, name)
            match told:
                case list():
                    mine.extend(_renamed(told, renamed))
                case dict() if name == "registers":
                    _add_rows(mine, told, renamed)
                case dict() | set():
                    mine.update(_renamed(told, renamed))
        plan.planted += [
            replace(_renamed(one, renamed), control=one.control, kind=one.kind, aspect=_aspect(one.aspect, renamed))
            for one in planted
        ]


def _aspect(aspect: str | None, renamed: Callable[[str], str]) -> str | None:
    """A part of a control; what follows a colon names something of the world."""
    part, colon, named = (aspect or "").partition(":")
    return f"{part}:{renamed(named)}" if colon else aspect


def _add_rows(mine: dict[str, list[Any]], told: Mapping[str, list[Any]], renamed: Callable[[str], str]) -> None:
    """Rows of registers; what the whole group has in common stands there already."""
    for register, rows in told.items():
        key = catalogue()[register].key
        for row in rows:
            new = {name: value if name in _SHARED else _renamed(value, renamed) for name, value in row.items()}
            if any(new.get(name) != row.get(name) for name in key):
                mine[register].append(new)


def _names(group: Group) -> frozenset[str]:
    """The codes and numbers that belong to this world and not to the whole group."""
    common = {
        str(row[name])
        for register, rows in group.registers.items()
        for row in rows
        for name in catalogue()[register].key
        if row.get("company", "") is None and name in row
    }
    return frozenset(name for name in {*_of_rows(group), *_of_values(group), *group.companies} - common if name)


def _of_rows(group: Group) -> Iterator[str]:
    for rows in group.registers.values():
        for row in rows:
            if row.get("company") is not None:
                for name, value in row.items():
                    if _NAMES.search(name) and name not in _SHARED:
                        yield from (
                            one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, str)
                        )


def _of_values(group: Group) -> Iterator[str]:
    for told in (getattr(group, one.name) for one in fields(group)):
        for value in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
            if is_dataclass(value):
                for one in fields(value):
                    if _OF_VALUES.fullmatch(one.name):
                        held = getattr(value, one.name)
                        yield from (x for x in (held if isinstance(held, tuple) else (held,)) if isinstance(x, str))


def _renaming(names: frozenset[str], plan: Plan, number: int) -> Callable[[str], str]:
    """What gives a text the names of the world of this number."""
    known: dict[str, str] = {}

    def token(text: str) -> str:
        if text not in known:
            known[text] = _token(text, names, plan, number, renamed)
        return known[text]

    def renamed(text: str) -> str:
        return token(text) if text in names else _TOKEN.sub(lambda found: token(found[0]), text)

    return renamed


def _token(text: str, names: frozenset[str], plan: Plan, number: int, renamed: Callable[[str], str]) -> str:
    if minted := plan.minted.get(text):
        return plan.mint(minted[0], *map(renamed, minted[1:]))
    if numbered := _NUMBERED.fullmatch(text):
        return f"{numbered[1]}{int(numbered[2]) + (number - 1) * STEP:06d}"
    if text in names:
        return f"{text}{number:02d}"
    whole, dash, part = text.rpartition("-")  # a question of an audit has the audit's number before its own
    return f"{_token(whole, names, plan, number, renamed)}{dash}{part}" if dash else text


def _renamed(value: Any, renamed: Callable[[str], str]) -> Any:
    match value:
        case str():
            return renamed(value)
        case tuple() | list() | set():
            return type(value)(_renamed(one, renamed) for one in value)
        case Mapping():
            return {_renamed(key, renamed): _renamed(one, renamed) for key, one in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{one.name: _renamed(getattr(value, one.name), renamed) for one in fields(value)})
        case _:
            return value


def _copied(value: Any) -> Any:
    """A container whose own growing leaves the copy as it was."""
    if isinstance(value, dict):
        return {key: list(one) if isinstance(one, list) else one for key, one in value.items()}
    return type(value)(value) if isinstance(value, list | set) else value
