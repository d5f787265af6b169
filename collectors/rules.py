"""What one column of a dataset is made of, ready to be applied; made from a profile and a source's constants."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from collectors.cells import Value
from evidence.datasets import Column, Dataset
from evidence.persons import Keys

MINTED = re.compile(r"[a-z][a-z2-7]{20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Constant:
    """A text that is the same in every row."""

    text: str


Ingredient = str | Constant  # the name of a column of the batches, or a constant


@dataclass(frozen=True, slots=True)
class Rule:
    """How a column gets its value."""

    column: Column
    parts: tuple[Ingredient, ...] = ()  # none = ``value``, or for ``mint: event`` the whole row
    value: Value | list[str] = None
    is_constant: bool = False
    mint: str | None = None
    person_kind: str | None = None
    may_be_minted: bool = False  # a field that holds a key already is taken as it is
    mapping: Mapping[str, Value] | None = None
    pattern: str | None = None
    epoch: str | None = None
    split: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the batches that it reads."""
        return tuple(part for part in self.parts if isinstance(part, str))


@dataclass(frozen=True, slots=True)
class Only:
    """Which rows of a file belong to a dataset."""

    column: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """How rows of one dataset are made of rows of a file."""

    dataset: Dataset
    columns: Mapping[str, Rule]  # by column of the dataset; kind columns too where they are given
    only: Only | None = None
    day: str | None = None  # the column that says when an event happened where nothing else does (``completed_on``)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a row means beside its own text: whose it is, when it was collected, in which zone it speaks."""

    source: str
    companies: tuple[str, ...]
    is_about_all: bool  # about every company of the house
    company_zone: ZoneInfo
    zone: ZoneInfo | None  # of times that are written without one
    collected_at: datetime
    allowance: timedelta  # how far a source's clock may be ahead of ours
    keys: Keys = field(repr=False)
    iso_too: bool = False  # a workbook's own dates are ISO 8601 whatever the pattern
