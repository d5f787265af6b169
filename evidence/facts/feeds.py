"""Which source must deliver which dataset, and whether it has: the doubts that make a verdict UNVERIFIED (law 4)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from evidence.datasets import Kind, catalogue
from evidence.period import Period, midnight
from evidence.store.values import FactFile, Run


@dataclass(frozen=True, slots=True)
class Feed:
    """One source's duty to deliver one dataset about some companies."""

    source: str
    dataset: str
    companies: tuple[str, ...]
    max_age_days: int
    of_period: bool = False  # it tells of whole periods: what it told of any but the judged one proves nothing


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why datasets prove nothing, in Japanese and English, and what is to blame for it."""

    cause: str  # source:hr, dataset:leaves, register:waivers; the same wherever the same thing is missing
    why: str

    def __str__(self) -> str:
        return self.why


LOST = {
    "erased": "証跡は消去済み / evidence erased",
    "damaged": "証跡の原本が破損 / the original of the evidence is damaged",
}


@dataclass(frozen=True, slots=True)
class Lost:
    """A fact file whose objects nobody can read any more, and why (:data:`LOST`)."""

    file: FactFile
    why: str


@dataclass(frozen=True, slots=True)
class Doubts:
    """The feeds, runs and fact files known at one moment; says what cannot be believed."""

    feeds: tuple[Feed, ...]
    runs: tuple[Run, ...]
    files: tuple[FactFile, ...]
    delivered: frozenset[str]  # the runs that were given anything at all: no news is not good news
    period: Period
    lost: tuple[Lost, ...] = ()
    _known: dict[tuple[str, str, bool, date], Doubt | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _told: dict[tuple[str, str, str], list[Run]] = field(
        default_factory=lambda: defaultdict(list), init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        for run in self.runs:
            self._told[run.source, run.company, run.dataset].append(run)

    def of(
        self, company: str, datasets: Sequence[str], *, nil: bool = False, since: date | None = None
    ) -> Doubt | None:
        """The first reason why these datasets do not prove anything about a company.

        ``nil``: somebody attested that there is nothing, so a list may be empty. ``since``: how far back they are read.
        """
        for name in datasets:
            asked = (company, name, nil, since or self.period.since)
            if asked not in self._known:
                self._known[asked] = self._of_lost(company, name, asked[3]) or self._of_dataset(company, name, nil)
            if doubt := self._known[asked]:
                return doubt
        return None

    def _of_lost(self, company: str, name: str, since: date) -> Doubt | None:
        for one in self.lost:
            if one.file.dataset == name and self._bears_on(one.file, company, since):
                return Doubt(f"source:{one.file.source}", f"{name}({one.file.source}): {LOST[one.why]}")
        return None

    def _bears_on(self, file: FactFile, company: str, since: date) -> bool:
        """Whether a file tells of a company in the days that are read; of lists, whether none came after it before."""
        mine = [r for r in self._told[file.source, company, file.dataset] if r.run_id == file.run_id]
        if file.snapshot_at is None:
            return any(
                (r.covers_from or date.min) <= self.period.as_of and (r.covers_to or date.max) >= since for r in mine
            )
        begin, at = midnight(since, self.period.zone), file.snapshot_at
        others = (
            f.snapshot_at for f in self.files if (f.source, f.dataset) == (file.source, file.dataset) and f.complete
        )
        replaced = any(other is not None and at < other <= begin for other in others)
        return bool(mine) and at < self.period.until_at and not replaced

    def _of_dataset(self, company: str, name: str, nil: bool) -> Doubt | None:
        kind = catalogue()[name].kind
        if name == "source_runs":
            return None
        feeds = [feed for feed in self.feeds if feed.dataset == name and company in feed.companies]
        if not feeds and kind is not Kind.REGISTER:
            return Doubt(f"dataset:{name}", f"{name}: 取得元の設定なし / no source is configured to deliver it")
        for feed in feeds:
            runs = self._told[feed.source, company, name]
            if feed.of_period:
                told = (self.period.since, self.period.as_of)
                runs = [run for run in runs if (run.covers_from, run.covers_to) == told]
            if why := self._of_feed(feed, kind, runs):
                return Doubt(f"source:{feed.source}", f"{name}({feed.source}): {why}")
        if kind is Kind.SNAPSHOT and not nil and not any(self._lists_anything(feed, company) for feed in feeds):
            why = f"{name}: 一覧が空で、該当なしの確認もない / an empty list, and nobody attested the zero"
            return Doubt(f"source:{feeds[0].source}", why)
        return None

    def _of_feed(self, feed: Feed, kind: Kind, runs: Sequence[Run]) -> str | None:
        collected = [run for run in runs if run.outcome == "collected"]
        good = [run for run in collected if run.complete]
        if kind is Kind.SNAPSHOT:
            return self._of_snapshots(feed, runs, {run.run_id for run in good})
        days = [day for run in good if run.run_id in self.delivered and (day := self._vouches_until(run))]
        if not days:
            return _never(runs)
        if (self.period.as_of - max(days)).days >= feed.max_age_days:
            return _stale(max(days), feed.max_age_days, runs)
        last = max(collected, key=_when)  # what could not be read is read again: the newest run speaks for all
        if not last.complete and self._concerns(last):
            return f"{last.slot_on} 分が不完全({last.reason}) / incomplete on {last.slot_on}"
        return None

    def _lists_anything(self, feed: Feed, company: str) -> bool:
        """Whether the newest whole list of a feed has a row of the company: an empty one looks like a failed export."""
        of_feed = self._told[feed.source, company, feed.dataset]
        whole = [r for r in of_feed if r.complete and r.snapshot_at and r.snapshot_at < self.period.until_at]
        return bool(whole) and max(whole, key=lambda run: (run.snapshot_at, _when(run))).rows > 0

    def _vouches_until(self, run: Run) -> date | None:
        """The last day of which a run tells: that of its newest event, the one on which a register's rows were handed
        out, which a run that makes up for a missed day brings later, or its own when it was made in the period.
        """
        of_slot = [run.slot_on] if run.slot_on <= self.period.as_of else []
        if run.snapshot_at and run.snapshot_at < self.period.until_at:
            of_slot.append(run.snapshot_at.astimezone(ZoneInfo(self.period.zone)).date())
        of_events = [run.covers_to] if run.covers_to and (run.covers_from or run.covers_to) <= self.period.as_of else []
        return max(of_slot + of_events, default=None)

    def _concerns(self, run: Run) -> bool:
        """Whether the days a run tells of touch the period; a run that does not say touches every period."""
        first, last = run.covers_from or date.min, run.covers_to or date.max
        return first <= self.period.as_of and last >= self.period.since

    def _of_snapshots(self, feed: Feed, seen: Sequence[Run], good: set[str]) -> str | None:
        moments = [
            file.snapshot_at
            for file in self.files
            if (file.source, file.dataset) == (feed.source, feed.dataset)
            and file.complete
            and file.snapshot_at
            and file.run_id in good
            and file.snapshot_at < self.period.until_at
        ]
        if not moments:
            return _never(seen)
        if self.period.until_at - max(moments) > timedelta(days=feed.max_age_days):
            return _stale(max(moments).date(), feed.max_age_days, seen)
        return None


def _when(run: Run) -> tuple[date, datetime]:
    return run.slot_on, run.recorded_at or datetime.min.replace(tzinfo=UTC)


def _never(runs: Iterable[Run]) -> str:
    last = max(runs, key=_when, default=None)
    if last is None:
        return "証跡なし(一度も届いていない) / no evidence: it has never delivered"
    return f"証跡なし(直近 {last.slot_on}: {last.reason or last.outcome}) / no complete evidence yet"


def _stale(newest: date, days: int, runs: Iterable[Run]) -> str:
    failed = [run for run in runs if run.outcome != "collected" and run.slot_on > newest]
    why = f"、取得失敗 {failed[-1].reason or failed[-1].outcome}" if failed else ""
    return f"証跡が古い(最新 {newest}、許容 {days} 日{why}) / stale: newest {newest}, {days} days allowed"
