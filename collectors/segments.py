"""Segments of a log: for each object that brought access events, what it covers and what of it was read.

Of a log that has grown, the segment is what stands behind that which was collected before (``collectors.series``): it
begins where the one before it ended. ``lines_reported`` is the source's own count where it gives one, else that of the
lines received, empty for an object that was not read to its end. It proves nothing that the source does not say; that
no line was lost on the way shows in the digest, that none is missing in between in ``chain_ok``.
"""

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from collectors import stamps
from collectors.formats import End, Reject
from collectors.lookup import looked_up
from collectors.series import Begun, Series
from collectors.sources import SEGMENTS
from collectors.stamps import ZONE_GIVEN
from evidence.datasets import catalogue
from evidence.facts import read_schema

INSTANT = timedelta(microseconds=1)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Segments:
    """Gathers the segments of a run while its access events pass by."""

    source: str
    zone: ZoneInfo
    retention: timedelta
    known_accounts: Set[str]
    series: Series = field(default_factory=Series)
    _seen: list[pa.Table] = field(default_factory=list)

    def count(self, batch: pa.RecordBatch) -> None:
        """Take note of a batch of access events."""
        keys = pa.array(sorted(self.known_accounts), pa.string())
        table = pa.Table.from_batches([batch]).select(["object", "system_id", "account_key", "occurred_at"])
        begun = looked_up([batch.column("object")], lambda stored: self._begun(stored).line, pa.int64())
        mapped = pc.is_in(table["account_key"], value_set=keys)
        self._seen.append(
            table.append_column("mapped", mapped)
            .append_column("is_new", pc.greater(batch.column("line"), begun))
            .group_by(["object", "system_id", "account_key", "mapped", "is_new"])
            .aggregate([("occurred_at", "min"), ("occurred_at", "max"), ("account_key", "count")])
        )

    def batch(self, ends: Sequence[End], rejects: Sequence[Reject]) -> pa.RecordBatch:
        """The segments as rows of ``log_segments``: one for each object and system with a dated event that is new."""
        lines = {end.object: end for end in ends}
        rejected = Counter(reject.object for reject in rejects if reject.line > self._begun(reject.object).line)
        found: dict[tuple[str, str], _Segment] = {}
        for row in pa.concat_tables(self._seen).to_pylist() if self._seen else ():
            if row["occurred_at_min"] is not None:
                found.setdefault((row["object"], row["system_id"]), _Segment()).add(row)
        alone = Counter(stored for stored, _ in found)
        rows = []
        for (stored, system), segment in found.items():
            end = lines.get(stored)
            if not segment.events:
                continue
            is_alone = alone[stored] == 1  # of several systems, lines cannot be told apart
            total = end.lines - self._begun(stored).counted if is_alone and end is not None else segment.events
            lost = rejected[stored] if is_alone and end is not None else 0
            told = end.reported if end is not None and is_alone else None
            rows.append(
                {
                    "segment_key": f"{self.source}:{stored[:16]}:{system}",
                    "system_id": system,
                    "source_name": self.source,
                    "starts_at": min(segment.starts_at, segment.before + INSTANT),
                    "ends_at": segment.ends_at + INSTANT,
                    "lines_read": total - lost,
                    "lines_reported": told if told is not None or end is None else total,
                    "lines_rejected": lost,
                    "accounts_seen": len(segment.accounts),
                    "accounts_mapped": len(segment.mapped),
                    "digest_ok": True,  # the vault hashed what came, and hashes again before it is read
                    "chain_ok": end is not None and stored not in self.series.broken,
                    "clock_drift_s": None,
                    "retained_until_on": (segment.ends_at + self.retention).astimezone(self.zone).date(),
                    "occurred_at": segment.ends_at,
                    "occurred_on": segment.ends_at.astimezone(self.zone).date(),
                    "time_basis": ZONE_GIVEN,
                    "object": stored,
                    "part": None,
                    "line": 1,
                }
            )
        return pa.RecordBatch.from_pylist(rows, schema=read_schema(catalogue()[SEGMENTS]))

    def _begun(self, stored: str) -> Begun:
        return self.series.begun.get(stored, Begun())


@dataclass(slots=True)
class _Segment:
    starts_at: datetime = NEVER
    ends_at: datetime = stamps.OLDEST
    before: datetime = NEVER  # the last event that was collected before
    events: int = 0
    accounts: set[str] = field(default_factory=set)
    mapped: set[str] = field(default_factory=set)

    def add(self, row: dict[str, Any]) -> None:
        if not row["is_new"]:
            last = row["occurred_at_max"]
            self.before = last if self.before == NEVER else max(self.before, last)
            return
        self.starts_at = min(self.starts_at, row["occurred_at_min"])
        self.ends_at = max(self.ends_at, row["occurred_at_max"])
        self.events += row["account_key_count"]
        self.accounts.add(row["account_key"])
        if row["mapped"]:
            self.mapped.add(row["account_key"])
