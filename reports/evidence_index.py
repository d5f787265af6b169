"""The index of evidence 証跡索引: each object behind the verdicts; where, how and when it was got (domain.md §4)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from controls.model import Control
from evidence.datasets import source_of
from evidence.facts.feeds import Feed
from evidence.store.values import FactFile, FetchedObject, Run, Written
from reports.self_check_view import EvidenceLine
from reports.words import dataset_title

HOW = {"local": "ファイル受領", "sftp": "SFTP", "s3": "S3 API", "import": "手動取込", "judged": "本システムの判定"}
BY_HAND = "import"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A line of the index, and what else is known of where it came from and what became of it."""

    line: EvidenceLine
    source: str
    how: str  # local | sftp | s3 | import | judged
    datasets: tuple[str, ...]
    departments: tuple[str, ...]  # that it tells of; none: of the whole company
    covers: tuple[date, date] | None  # the first and last day that it tells of
    facts: tuple[str, ...]  # digests of the files of typed rows that were read from it
    purged: bool  # nobody can open it any more

    @property
    def by_hand(self) -> bool:
        """Whether a person brought it."""
        return self.how == BY_HAND


def sources(company: str, feeds: Iterable[Feed], written: Iterable[Written]) -> set[str]:
    """Where what a company is judged by comes from: all that must tell of it, and the sheets of its registers."""
    told = {feed.source for feed in feeds if company in feed.companies}
    return told | {source_of(one.register) for one in written if one.company in (None, company)}


def evidence(
    company: str,
    zone: str,
    controls: Sequence[Control],
    feeds: Iterable[Feed],
    runs: Sequence[Run],
    objects: Iterable[FetchedObject],
    written: Iterable[Written],
    files: Iterable[FactFile] = (),
    *,
    named: bool,
) -> tuple[Evidence, ...]:
    """Number the objects as they were recorded; each by its own file name when ``named``, else by what it holds."""
    fed: dict[str, set[str]] = defaultdict(set)
    for feed in feeds:
        if company in feed.companies:
            fed[feed.source].add(feed.dataset)
    imported: dict[str, list[Written]] = defaultdict(list)
    for one in written:
        if one.company in (None, company):
            imported[one.object].append(one)
    of_run: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        if run.company == company:
            of_run[run.run_id].append(run)
    facts: dict[str, list[str]] = defaultdict(list)
    for file in files:
        facts[file.run_id].append(file.digest)
    told: list[Evidence] = []
    for held in objects:
        by_hand = held.how == BY_HAND
        said, mine = imported[held.digest] if by_hand else [], of_run[held.run_id]
        datasets = {one.register for one in said} if by_hand else fed[held.source]
        users = tuple(control.id for control in controls if datasets & set(control.datasets))
        if not users or (held.how == "judged" and not mine):  # of no use here, or of another company
            continue
        count = sum(one.rows for one in said) if by_hand else sum(run.rows for run in mine)
        line = _line(held, mine, count, sorted(datasets), ZoneInfo(zone), named=named)
        told.append(
            Evidence(
                replace(line, number=f"E-{len(told) + 1:04d}", controls=users), held.source, held.how,
                tuple(sorted(datasets)), tuple(sorted({one.department for one in said if one.department})),
                _covers(mine, said), tuple(sorted(facts[held.run_id])), not held.salt,
            )
        )  # fmt: skip
    return tuple(told)


def _covers(runs: Sequence[Run], said: Sequence[Written]) -> tuple[date, date] | None:
    """From the first to the last day that it tells of; a snapshot tells of its own."""
    firsts = [run.covers_from or run.slot_on for run in runs] + [one.first_on for one in said]
    lasts = [run.covers_to or run.slot_on for run in runs] + [one.last_on for one in said]
    return (min(firsts), max(lasts)) if firsts else None


def _line(
    held: FetchedObject, runs: Sequence[Run], rows: int, datasets: Sequence[str], zone: ZoneInfo, *, named: bool
) -> EvidenceLine:
    if held.recorded_at is None:
        raise ValueError(f"{held.digest}: only an object that is recorded can be shown")
    by_hand = held.how == BY_HAND
    return EvidenceLine(
        number="",
        controls=(),
        name=held.name if named else "、".join(dataset_title(name) for name in datasets),
        kind="記録" if by_hand else "システム出力",
        origin=held.origin if named else held.source,
        how=HOW.get(held.how, held.how),
        fetched_at=held.recorded_at.astimezone(zone),
        modified_at=held.modified.astimezone(zone) if held.modified else None,
        size=held.size,
        rows=rows,
        sha256=held.digest,
        reader=held.mapped or "列見出しどおり",
        complete=_completeness(runs, by_hand=by_hand),
    )


def _completeness(runs: Sequence[Run], *, by_hand: bool) -> str:
    """What is known of the whole run: one dataset of it that is incomplete makes all of it so."""
    if not runs:
        return "取込時に全行を検査" if by_hand else "―"
    if broken := [run for run in runs if not run.complete]:
        return f"不完全: {broken[0].reason or '理由の記録なし'}"
    unread = sum(run.rejected for run in runs)
    refused = f"、読めない行 {unread:,}" if unread else ""
    reported = [run.rows_reported for run in runs if run.rows_reported is not None]
    if len(reported) < len(runs):
        return f"全行読取{refused}"
    return f"件数照合 一致({sum(reported):,}){refused}"
