"""The index of evidence 証跡索引: each object behind the verdicts; where, how and when it was got (domain.md §4)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from controls.model import Control
from evidence.facts.feeds import Feed
from evidence.store.values import FetchedObject, RegisterVersion, Run
from reports.self_check_view import EvidenceLine
from reports.words import dataset_title

HOW = {"local": "ファイル受領", "sftp": "SFTP", "s3": "S3 API", "import": "手動取込", "judged": "本システムの判定"}
BY_HAND = "import"


def evidence_lines(
    company: str,
    zone: str,
    controls: Sequence[Control],
    feeds: Iterable[Feed],
    runs: Sequence[Run],
    objects: Iterable[FetchedObject],
    versions: Iterable[RegisterVersion],
    *,
    named: bool,
) -> tuple[EvidenceLine, ...]:
    """Number the objects as they were recorded; each by its own file name when ``named``, else by what it holds."""
    fed: dict[str, set[str]] = {}
    for feed in feeds:
        if company in feed.companies:
            fed.setdefault(feed.source, set()).add(feed.dataset)
    imported: dict[str, list[RegisterVersion]] = {}
    for version in versions:
        if version.values.get("company") in (None, company):
            imported.setdefault(version.object, []).append(version)
    of_run: dict[str, list[Run]] = {}
    for run in runs:
        if run.company == company:
            of_run.setdefault(run.run_id, []).append(run)
    lines: list[EvidenceLine] = []
    for held in objects:
        by_hand = imported.get(held.digest, [])
        datasets = {v.register for v in by_hand} if held.how == BY_HAND else fed.get(held.source, set())
        if users := tuple(control.id for control in controls if datasets & set(control.datasets)):
            told = of_run.get(held.run_id, [])
            if held.how == "judged" and not told:  # of another company
                continue
            rows = len(by_hand) if held.how == BY_HAND else sum(run.rows for run in told)
            line = _line(held, told, rows, sorted(datasets), ZoneInfo(zone), named=named)
            lines.append(replace(line, number=f"E-{len(lines) + 1:04d}", controls=users))
    return tuple(lines)


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
