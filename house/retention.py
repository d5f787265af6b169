"""How long what sources gave must be kept: by dataset, from its start on, and under a legal hold without end.

What people wrote down, what was judged and what was closed is kept by other rules and is never purged here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import pyarrow.parquet as pq

from evidence.datasets import catalogue
from evidence.store.values import FactFile, FetchedObject
from house import House, newest

OURS = ("import", "judged")  # how objects came that no source gave
EVENTS = {"left": ("person_key", "workers", "left_on"), "ended": ("vendor_id", "vendors", "ended_on")}


@dataclass(frozen=True, slots=True)
class Kept:
    """What one run brought, and the last day that it must be kept; None: its time has not begun to run."""

    source: str
    run_id: str
    collected_on: date
    datasets: tuple[str, ...]
    companies: tuple[str, ...]
    digests: frozenset[str]
    until: date | None
    held: str | None  # the reason of a legal hold

    def is_due(self, today: date) -> bool:
        """Whether it may be purged."""
        return self.held is None and self.until is not None and today > self.until


def kept(house: House) -> list[Kept]:
    """What every run brought that can still be read, in the order of their recording."""
    with house.store.read() as tx:
        if tx.last_at is None:
            return []
        objects = [one for one in tx.objects.visible(tx.at) if one.salt]
        runs, files = tx.runs.visible(tx.at), tx.facts.visible(tx.at)
    of_run: dict[str, list[FetchedObject]] = defaultdict(list)
    for one in objects:
        if one.how not in OURS:
            of_run[one.run_id].append(one)
    datasets, companies = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for run in runs:
        datasets[run.run_id].add(run.dataset)
        companies[run.run_id].add(run.company)
    ends = _Ends(house, files)
    told = []
    for run_id, mine in of_run.items():
        on = max(one.recorded_at.astimezone(house.zone).date() for one in mine if one.recorded_at)
        names = tuple(sorted(datasets[run_id]))
        holds = (hold.reason for hold in house.settings.retention.holds if hold.covers(mine[0].source, names, on))
        told.append(
            Kept(
                mine[0].source, run_id, on, names, tuple(sorted(companies[run_id])),
                frozenset(one.digest for one in mine), ends.of(run_id, on, names), next(holds, None),
            )
        )  # fmt: skip
    return _together(told, {one.digest for one in objects if one.how in OURS})


def _together(told: list[Kept], ours: set[str]) -> list[Kept]:
    """Bytes that several runs brought go when the last of these may; those that are ours as well, never."""
    while True:
        by_digest: dict[str, list[Kept]] = defaultdict(list)
        for one in told:
            for digest in one.digests:
                by_digest[digest].append(one)
        after = [_with(one, (other for digest in one.digests for other in by_digest[digest]), ours) for one in told]
        if after == told:
            return told
        told = after


def _with(one: Kept, others: Iterable[Kept], ours: set[str]) -> Kept:
    untils, held = [one.until], one.held
    for other in others:
        untils.append(other.until)
        held = held or other.held
    known = [until for until in untils if until is not None]
    return replace(one, held=held, until=max(known) if len(known) == len(untils) and not one.digests & ours else None)


class _Ends:
    """Until when runs must be kept."""

    def __init__(self, house: House, files: Iterable[FactFile]) -> None:
        self._house = house
        self._files: dict[tuple[str, str], list[FactFile]] = defaultdict(list)
        for file in files:
            self._files[file.run_id, file.dataset].append(file)
        self._known: dict[str, Mapping[str, date | None]] = {}

    def of(self, run_id: str, collected_on: date, datasets: Iterable[str]) -> date | None:
        """The last day of the longest of its datasets; None when one has not begun to run."""
        ends = []
        for name in datasets:
            rule = self._house.settings.retention.of(name)
            start = collected_on if rule.start == "collected" else self._last(run_id, name, rule.start)
            if start is None:
                return None
            ends.append(rule.end(max(start, collected_on)))
        return max(ends, default=None)

    def _last(self, run_id: str, dataset: str, start: str) -> date | None:
        column, of, day = EVENTS[start]
        if column not in catalogue()[dataset].schema.names:
            return None
        if start not in self._known:
            rows = newest(self._house, (of,), history=True).rows(of, history=True)
            rows.sort(key=lambda row: row["valid_from_on"])
            self._known[start] = {row[column]: row[day] for row in rows}  # the last row of each says it
        days: list[date | None] = []
        for file in self._files[run_id, dataset]:
            told = pq.read_table(self._house.facts.verified(file), columns=[column])[column].unique().to_pylist()
            days += [self._known[start].get(one) for one in told if one is not None]
        known = [one for one in days if one is not None]
        return max(known) if known and len(known) == len(days) else None
