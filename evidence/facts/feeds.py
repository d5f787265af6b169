"""Which source must deliver which dataset, and whether it has: the doubts that make a verdict UNVERIFIED (law 4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from evidence.datasets import Kind, catalogue
from evidence.period import Period
from evidence.store.values import Run


@dataclass(frozen=True, slots=True)
class Feed:
    """One source's duty to deliver one dataset about some companies."""

    source: str
    dataset: str
    companies: tuple[str, ...]
    max_age_days: int


@dataclass(frozen=True, slots=True)
class Doubts:
    """The feeds and the runs known at one moment; says what cannot be believed."""

    feeds: tuple[Feed, ...]
    runs: tuple[Run, ...]
    period: Period

    def of(self, company: str, datasets: Sequence[str]) -> str | None:
        """The first reason, in Japanese and English, why these datasets do not prove anything about a company."""
        for name in datasets:
            kind = catalogue()[name].kind
            if name == "source_runs":
                continue
            feeds = [feed for feed in self.feeds if feed.dataset == name and company in feed.companies]
            if not feeds and kind is not Kind.REGISTER:
                return f"{name}: 取得元の設定なし / no source is configured to deliver it"
            for feed in feeds:
                runs = [r for r in self.runs if (r.source, r.company, r.dataset) == (feed.source, company, name)]
                if doubt := self._of_feed(feed, kind, runs):
                    return f"{name}({feed.source}): {doubt}"
        return None

    def _of_feed(self, feed: Feed, kind: Kind, runs: Sequence[Run]) -> str | None:
        seen = [run for run in runs if run.slot_on <= self.period.as_of]
        good = [run for run in seen if run.outcome == "collected" and run.complete]
        if not good:
            return _never(seen)
        if kind is Kind.SNAPSHOT:
            moments = [run.snapshot_at for run in good if run.snapshot_at and run.snapshot_at < self.period.until_at]
            if not moments:
                return _never(seen)
            if self.period.until_at - max(moments) > timedelta(days=feed.max_age_days):
                return _stale(max(moments).date(), feed.max_age_days, seen)
            return None
        newest = max(run.slot_on for run in good)
        if (self.period.as_of - newest).days >= feed.max_age_days:
            return _stale(newest, feed.max_age_days, seen)
        if holes := _incomplete(seen, self.period.since):
            run = holes[0]
            return f"{run.slot_on} 分が不完全({run.reason}) / incomplete on {run.slot_on}"
        return None


def _never(runs: Iterable[Run]) -> str:
    last = max(runs, key=lambda run: (run.slot_on, run.recorded_at or datetime.min.replace(tzinfo=UTC)), default=None)
    if last is None:
        return "証跡なし(一度も届いていない) / no evidence: it has never delivered"
    return f"証跡なし(直近 {last.slot_on}: {last.reason or last.outcome}) / no complete evidence yet"


def _stale(newest: date, days: int, runs: Iterable[Run]) -> str:
    failed = [r for r in runs if r.outcome != "collected" and r.slot_on > newest]
    why = f"、取得失敗 {failed[-1].reason or failed[-1].outcome}" if failed else ""
    return f"証跡が古い(最新 {newest}、許容 {days} 日{why}) / stale: newest {newest}, {days} days allowed"


def _incomplete(runs: Iterable[Run], since: date) -> list[Run]:
    """Collected runs of the period that lost rows; a later run of the same slot that is complete mends it."""
    mended = {run.slot_on for run in runs if run.outcome == "collected" and run.complete}
    return [
        r
        for r in runs
        if r.outcome == "collected" and not r.complete and r.slot_on >= since and r.slot_on not in mended
    ]
