"""What a register said: as of a day, as known at a moment, and how each row came to say it.

A version holds from its first valid day on and takes the place of every earlier entry from that day on; when its own
last valid day is over the row is over, and no earlier entry comes back.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from evidence.datasets import PENDING, Dataset, source_of
from evidence.facts.rows import typed_row
from evidence.store import Store
from evidence.store.values import RegisterVersion
from registers.approval import gone, in_force
from registers.forms import form

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One line of a register's 変更履歴: who changed which field of which row, when, from what to what, and why."""

    key: tuple[str, ...]
    version: int
    entered_at: datetime
    entered_by: str
    column: str
    header: str
    before: Any
    after: Any
    reason: str


def rows_as_of(store: Store, dataset: Dataset, known_at: datetime | None = None, on: date | None = None) -> list[Row]:
    """The rows, typed and by key, that were entered by ``known_at`` and hold ``on`` a day (default: the newest)."""
    return [row_of(dataset, version) for version in held(store, dataset, known_at, on)]


def held(
    store: Store,
    dataset: Dataset,
    known_at: datetime | None = None,
    on: date | None = None,
    company: str | None = None,
) -> list[RegisterVersion]:
    """The versions that are the rows (:func:`rows_as_of`)."""
    return list(_valid(dataset, entered(store, dataset, known_at, company), on))


def waiting(store: Store, dataset: Dataset | None = None, known_at: datetime | None = None) -> list[RegisterVersion]:
    """The newest versions (of one register) that wait to be submitted or signed, by register and key."""
    moment = known_at or store.last_commit()
    if moment is None:
        return []
    with store.read() as tx:
        return tx.registers.newest(moment, PENDING, dataset.name if dataset else None)


def history(
    store: Store, dataset: Dataset, known_at: datetime | None = None, key: tuple[str, ...] | None = None
) -> list[FieldChange]:
    """Every change of every field, oldest first within a row; of one row when a key is given."""
    versions = entered(store, dataset, known_at)
    return [
        change for one in by_key(versions).values() if key in (None, one[0].key) for change in changes(dataset, one)
    ]


def entered(
    store: Store, dataset: Dataset, known_at: datetime | None = None, company: str | None = None
) -> list[RegisterVersion]:
    """All versions entered by a moment (default: until now), oldest first within a key; of a ``company`` those of the
    rows that ever were its own or the whole group's."""
    moment = known_at or store.last_commit()
    if moment is None:
        return []
    with store.read() as tx:
        return tx.registers.visible(moment, dataset.name, company)


def by_key(versions: Iterable[RegisterVersion]) -> dict[tuple[str, ...], list[RegisterVersion]]:
    """The versions of each row, oldest first."""
    rows: dict[tuple[str, ...], list[RegisterVersion]] = {}
    for version in versions:
        rows.setdefault(version.key, []).append(version)
    return rows


def row_of(dataset: Dataset, version: RegisterVersion) -> Row:
    """One version as a row of the dataset, with the columns of its kind and where it came from."""
    row: Mapping[str, Any] = {
        **version.values,
        "valid_from_on": version.valid_from_on,
        "valid_to_on": version.valid_to_on,
        "entered_by": version.entered_by,
        "entered_at": version.entered_at,
        "source": source_of(version.register),
        "run_id": run_id(version.object),
        "object": version.object,
        "part": version.part,
        "line": version.line,
        "recorded_at": version.entered_at,
        "row_ref": f"{version.object}:{version.part or ''}:{version.line}",
    }
    return typed_row(dataset.all_columns, row)


def run_id(digest: str) -> str:
    """The import that an object was."""
    return f"import:{digest[:16]}"


@dataclass(frozen=True, slots=True)
class Difference:
    """How a row stands otherwise at one moment than at another; a row that is new or gone has one line, no column."""

    key: tuple[str, ...]
    change: str  # added | removed | changed
    column: str | None = None
    header: str | None = None
    before: Any = None
    after: Any = None


def differences(dataset: Dataset, before: Iterable[Row], after: Iterable[Row]) -> list[Difference]:
    """What differs between the rows of two moments (:func:`rows_as_of`), by key and in the order of the columns."""
    old, new = ({key_of(dataset, row): row for row in rows} for rows in (before, after))
    fields = [field for field in form(dataset).fields if not field.key]
    told: list[Difference] = []
    for key in sorted(old.keys() | new.keys()):
        if key not in new or key not in old:
            told.append(Difference(key, "added" if key in new else "removed"))
            continue
        was, now = old[key], new[key]
        told += [
            Difference(key, "changed", one.name, one.header, was[one.name], now[one.name])
            for one in fields
            if was[one.name] != now[one.name]
        ]
    return told


def key_of(dataset: Dataset, row: Row) -> tuple[str, ...]:
    """The values of a row by which it is told from all others."""
    return tuple(str(row[name]) for name in dataset.key)


def _valid(dataset: Dataset, versions: Iterable[RegisterVersion], on: date | None) -> Iterator[RegisterVersion]:
    return (one for told in by_key(versions).values() if (one := holding(dataset, told, on)) is not None)


def holding(dataset: Dataset, versions: Iterable[RegisterVersion], on: date | None) -> RegisterVersion | None:
    """Which of a row's versions, oldest first, holds on a day (default: the newest); None when none does."""
    cut = None if dataset.relation else on  # the day a relation is asked about is the test's to choose
    found = in_force(dataset, [one for one in versions if cut is None or one.valid_from_on <= cut])
    return found if found is not None and (cut is None or cut <= found.valid_to_on) else None


def changes(dataset: Dataset, versions: Iterable[RegisterVersion]) -> Iterator[FieldChange]:
    """How each of the versions of one row, oldest first, differs from the one before."""
    before: Row = {}
    fields = form(dataset).fields
    for version in versions:
        after = {} if gone(dataset, version) else row_of(dataset, version)
        for field in fields:
            old, new = before.get(field.name), after.get(field.name)
            if old == new or (old is None and new == []):
                continue
            yield FieldChange(
                version.key, version.version, _moment(version), version.entered_by, field.name, field.header, old, new,
                version.reason,
            )  # fmt: skip
        before = after


def _moment(version: RegisterVersion) -> datetime:
    if version.entered_at is None:
        raise ValueError("a version that was never stored has no history")
    return version.entered_at
