"""What a pack is made of, as values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from controls.model import Assessment, Control, Gap
from controls.population import Population
from evidence.store.values import FetchedObject, LedgerEntry
from evidence.vault import StoredObject
from reports import Document
from reports.evidence_index import Evidence


@dataclass(frozen=True, slots=True)
class Held:
    """An object that a ledger entry commits to; a raw pack has it at ``file``, or says why it is ``withheld``."""

    fetched: FetchedObject
    stored: StoredObject
    entry: int
    file: str | None
    withheld: str | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything a pack is made of; keys are masked already unless the pack is raw."""

    company: str
    title: str
    known_at: datetime
    controls: Sequence[Control]
    assessments: Sequence[Assessment]
    populations: Mapping[str, Population]
    evidence: Sequence[Evidence]
    objects: Sequence[Held]
    registers: Mapping[str, pa.Table]
    gaps: Sequence[Gap]
    ledger: Sequence[LedgerEntry]
    documents: Sequence[Document]
    settings: Mapping[str, Any]
    readings: Mapping[str, bytes]  # how the objects that it has were read, by digest
    raw: bool
    masked: Callable[[str], str]  # by what is known at ``known_at``
    masked_at: Callable[[datetime], Callable[[str], str]]  # by what was known when a control was judged
