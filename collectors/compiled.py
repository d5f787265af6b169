"""A profile and a source's constants, compiled into rules; and the profile that a dataset's own headers make.

In a file with a dataset's own headers a person is written as a worker number (or as a key minted before), an account
by its login, a code by itself or by its Japanese label, and an event needs no key of its own.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from collectors import cells, stamps
from collectors.cells import Value
from collectors.formats import Layout, Wanted
from collectors.profiles import ColumnFile, Completeness, DatasetFile, Profile, ProfileFile, Title, only_day
from collectors.rules import Constant, Ingredient, Only, Rule, Rules
from evidence.datasets import Column, Dataset, Kind
from evidence.errors import ConfigError

NO_PERSONS = frozenset({"account_key", "engagement_key", "element_key", "item_key", "location_key"})
SYSTEM = "system_id"


def own_profile(dataset: Dataset, format_file: Any, completeness: Completeness | str | None) -> Profile:
    """The profile of files whose headers are a dataset's own column names, or its Japanese headers."""
    # A field of JSON can be an array; in a cell of a table a list is one text.
    split = None if format_file.kind == "json_lines" else ";"
    columns = {column.name: _own_column(dataset, column, split) for column in _readable(dataset)}
    told = ProfileFile.model_construct(
        name=dataset.name,
        title=Title(ja=dataset.title_ja, en=dataset.title_en),
        format=format_file,
        completeness=completeness or "file",
        datasets={str(dataset.name): DatasetFile.model_construct(columns=columns, only=None)},
    )
    return Profile(str(dataset.name), told, f"dataset:{dataset.name}", own_headers=True)


def compiled(profile: Profile, options: Mapping[str, str], zone: str | None) -> tuple[Layout, tuple[Rules, ...]]:
    """The layout with its columns, and the rules of every dataset; ConfigError for a constant that nobody gives."""
    rules = tuple(
        Rules(
            dataset,
            _columns(profile, dataset, told, options),
            Only(told.only.source, frozenset(told.only.values)) if told.only else None,
            only_day(dataset) if dataset.kind is Kind.EVENT else None,
        )
        for dataset, told in zip(profile.datasets, profile.told.datasets.values(), strict=True)
    )
    layout = profile.layout(zone)
    if layout.kind in ("cloudtrail", "sshd", "vendor_audit"):
        return layout, rules
    return replace(layout, columns=_wanted(profile, rules)), rules


def _columns(profile: Profile, dataset: Dataset, told: DatasetFile, options: Mapping[str, str]) -> dict[str, Rule]:
    return {
        name: _rule(dataset.column(name), column_file, options, own=profile.own_headers)
        for name, column_file in told.columns.items()
    }


def _rule(column: Column, told: ColumnFile, options: Mapping[str, str], *, own: bool) -> Rule:
    if "value" in told.model_fields_set:
        word = _given(told.value, options) if isinstance(told.value, str) else told.value
        return Rule(column, value=_constant(column, word), is_constant=True)
    parts: tuple[Ingredient, ...] = tuple(
        Constant(_given(part, options)) if part.startswith("${") else part for part in told.parts
    )
    mapping = (
        {cells.identifier(key) or "": _dated(column, word) for key, word in told.map.items()} if told.map else told.map
    )
    return Rule(
        column,
        parts,
        mint=told.mint,
        person_kind=told.person_kind,
        may_be_minted=own,
        mapping=mapping,
        pattern=told.date,
        epoch=told.epoch,
        split=told.split,
    )


def _given(text: str, options: Mapping[str, str]) -> str:
    if not text.startswith("${"):
        return text
    name = text.removeprefix("${").removesuffix("}")
    if name not in options:
        raise ConfigError(f"the profile needs options.{name}; write it into the source")
    return options[name]


def _constant(column: Column, word: Any) -> Value | list[str]:
    if column.type == "list":
        return [] if word is None else [str(word)]
    if column.type == "timestamp" and isinstance(word, str):
        return stamps.read(word, None)[0]
    return _dated(column, word)


def _dated(column: Column, word: Any) -> Value:
    """A word of a column; JSON has a day as text."""
    value: Value = date.fromisoformat(word) if column.type == "date" and isinstance(word, str) else word
    return value


def _wanted(profile: Profile, rules: tuple[Rules, ...]) -> tuple[Wanted, ...]:
    """Every column that some rule reads, once."""
    found: dict[str, Wanted] = {}
    for one in rules:
        if one.only is not None:
            found.setdefault(one.only.column, Wanted((one.only.column,)))
        for rule in one.columns.values():
            many = rule.column.type == "list" and rule.split is None
            for name in rule.names:
                alternatives: tuple[str, ...] = (name,)
                required = True
                if profile.own_headers:
                    column = one.dataset.column(name)
                    alternatives = tuple(dict.fromkeys((name, column.header)))
                    required = _is_needed(one.dataset, column)
                found.setdefault(name, Wanted(alternatives, required, many))
    return tuple(found.values())


def _readable(dataset: Dataset) -> list[Column]:
    kind_columns = {
        Kind.EVENT: ("occurred_at", "occurred_on"),
        Kind.REGISTER: ("valid_from_on", "valid_to_on"),
        Kind.SNAPSHOT: (),
    }
    return [
        *dataset.columns,
        *(c for c in dataset.all_columns if c.name in kind_columns[dataset.kind] and c not in dataset.columns),
    ]


def _is_needed(dataset: Dataset, column: Column) -> bool:
    if column.name in ("company", "occurred_at", "occurred_on", "valid_from_on", "valid_to_on", SYSTEM):
        return column.name in dataset.key
    return not column.nullable and column.type != "list"


def _own_column(dataset: Dataset, column: Column, split: str | None) -> ColumnFile:
    name = column.name
    is_key = name in dataset.key
    if is_key and dataset.kind is Kind.EVENT and name.endswith("_key"):
        return ColumnFile.model_validate({"mint": "event"})
    if name == "account_key":
        login = "account_id" if any(c.name == "account_id" for c in dataset.columns) else name
        system = SYSTEM if any(c.name == SYSTEM for c in dataset.columns) else "${system_id}"
        return ColumnFile.model_validate({"from": [system, login], "mint": "account"})
    told: dict[str, Any] = {"from": name}
    if column.type == "list":
        told["split"] = split
    if is_person(dataset, column):
        told |= {"mint": "person", "as": "worker_no"}
    elif column.personal and column.type == "text" and name.endswith("_key"):
        told["mint"] = name.removesuffix("_key")  # what people write there often holds a worker number
    return ColumnFile.model_validate(told)


def is_person(dataset: Dataset, column: Column) -> bool:
    """Whether a column holds a person key (datasets.md §1): ``…_by``, and ``…_key`` with a role."""
    if column.type != "text" or column.name in dataset.key or column.name in NO_PERSONS:
        return False
    return column.name.endswith(("_by", "_key"))
