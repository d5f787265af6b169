"""Acts on rows that are there: submitted, sent back, signed, retired, confirmed; each adds a version."""

import json
from collections.abc import Callable, Sequence
from datetime import date

from evidence.datasets import Dataset
from evidence.errors import ConfigError
from evidence.persons import Keys
from evidence.store import Store
from registers.approval import Act, acted
from registers.imports import Entry, Plan, Where, person, says
from registers.reading import PROGRAM
from registers.versions import by_key, entered

Key = tuple[str, ...]


def key_of(dataset: Dataset, text: str) -> Key:
    """The key of a row as people type it: its parts with / between; ConfigError when there are not as many."""
    parts = tuple(text.split("/")) if len(dataset.key) > 1 else (text,)
    if len(parts) != len(dataset.key):
        raise ConfigError(f"{text}: a row of {dataset.name} is named {'/'.join(dataset.key)}")
    return parts


def plan(
    store: Store,
    dataset: Dataset,
    rows: Sequence[Key],
    act: Act,
    keys: Keys,
    by: str,
    on: date,
    due: Callable[[str], date] | None = None,
) -> Plan:
    """What an act adds to all these rows; ConfigError names each of them that it cannot be done to, and why.

    ``due`` says until which day a confirmation holds in a company. :func:`registers.imports.apply` does it, for all or
    for none.
    """
    known = by_key(entered(store, dataset))
    actor = person(keys, by)
    entries, refused = list[Entry](), list[str]()
    for number, key in enumerate(dict.fromkeys(rows), start=1):
        versions = known.get(key)
        try:
            if not versions:
                raise ConfigError("そのキーの行はありません / there is no such row")
            until = due(str(versions[-1].values["company"])) if due else None
            told = acted(dataset, act, versions, actor, on, until, keys)
        except ConfigError as error:
            refused.append(f"{dataset.name} {'/'.join(key)}: {error}")
            continue
        newest = versions[-1]
        first, last = newest.valid_from_on, newest.valid_to_on
        before = says(newest.values, first, last)
        entries.append(Entry(key, newest.version + 1, told.values, first, last, number, before, told.state))
    if refused:
        raise ConfigError("\n".join(refused))
    lines = (json.dumps({"act": act, **one.says}, ensure_ascii=False, sort_keys=True) + "\n" for one in entries)
    called = {one.line: f"{dataset.title_ja} {'/'.join(one.key)}" for one in entries}
    where = Where(PROGRAM, dataset.title_ja, {}, called)
    name, content = f"{dataset.name}.{act}.jsonl", "".join(lines).encode()
    return Plan(dataset, name, content, None, (), tuple(entries), 0, (), where, act=act)
