"""The index of evidence 証跡索引: every object behind the verdicts, with where, how and when it was got (domain.md §4)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from controls.model import Control
from evidence.facts.feeds import Feed
from evidence.store.values import FetchedObject, RegisterVersion, Run
from reports.self_check_view import EvidenceLine

HOW = {"local": "ファイル受領", "sftp": "SFTP", "s3": "S3 API", "import": "手動取込"}
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
    """Number the objects in the order they were recorded; ``named`` shows the source's own file names."""
    fed = {feed.source: set[str]() for feed in feeds if company in feed.companies}
    for feed in feeds:
        if company in feed.companies:
            fed[feed.source].add(feed.dataset)
    imported: dict[str, set[str]] = {}
    for version in versions:
        imported.setdefault(version.object, set()).add(version.register)
    of_run = {run.run_id: run for run in runs if run.company == company}
    rows: dict[str, int] = {}
    for run in runs:
        if run.company == company:
            rows[run.run_id] = rows.get(run.run_id, 0) + run.rows
    lines: list[EvidenceLine] = []
    for held in objects:
        datasets = imported.get(held.digest, set()) if held.how == BY_HAND else fed.get(held.source, set())
        if users := tuple(control.id for control in controls if datasets & set(control.datasets)):
            line = _line(held, of_run.get(held.run_id), rows.get(held.run_id, 0), ZoneInfo(zone), named=named)
            lines.append(replace(line, number=f"E-{len(lines) + 1:04d}", controls=users))
    return tuple(lines)


def _line(held: FetchedObject, run: Run | None, rows: int, zone: ZoneInfo, *, named: bool) -> EvidenceLine:
    if held.recorded_at is None:
        raise ValueError(f"{held.digest}: only an object that is recorded can be shown")
    by_hand = held.how == BY_HAND
    return EvidenceLine(
        number="",
        controls=(),
        name=held.name if named else held.source,
        kind="記録" if by_hand else "システム出力",
        origin=held.origin if named else held.source,
        how=HOW.get(held.how, held.how),
        fetched_at=held.recorded_at.astimezone(zone),
        modified_at=held.modified.astimezone(zone) if held.modified else None,
        size=held.size,
        rows=rows,
        sha256=held.digest,
        reader=held.mapped or "列見出しどおり",
        complete=_completeness(run, by_hand=by_hand),
    )


def _completeness(run: Run | None, *, by_hand: bool) -> str:
    if run is None:
        return "取込時に全行を検査" if by_hand else "―"
    if not run.complete:
        return f"不完全: {run.reason or ''}"
    return "全行読取" if run.rows_reported is None else f"件数照合 一致({run.rows_reported})"
