"""Closing periods: what was judged of a month, quarter, half or year is frozen, signed, and never changed.

What comes later makes another version, which says why; the one before stays. A close is one object of the vault, to
which the company's ledger commits, and one row: without its row it does not count.
"""

import io
import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from controls.model import Assessment
from evidence import ledger
from evidence.cycles import DAY, Cycle, FiscalYear, Span
from evidence.datasets import OURSELVES, Kind, catalogue
from evidence.errors import AlreadyDone, ConfigError, IntegrityError, Tampered
from evidence.ledger import SALT_SIZE, commitment
from evidence.period import Period, midnight
from evidence.store.values import FetchedObject, PeriodCloseRow, SlotRow
from evidence.vault import StoredObject
from house import House, snapshot, window
from house.closed import days_of, differing, read_version, versions
from house.day import assessed, judge, known_now
from house.fiscal import closing, fiscal_years
from house.heads import checkpoint
from house.snapshot import Frozen, Results
from house.standing import first_had, gaps
from registers.forms import SPAN

Group = tuple[Span, tuple[str, ...]]  # days, and the companies that have a period of just these
Work = Callable[[House, Span, Sequence[str]], Iterator[PeriodCloseRow | IntegrityError]]


def close_due(house: House, on: date) -> list[PeriodCloseRow]:
    """Close every period whose day has come and that is not closed, restate what has changed since, and sign.

    Nothing that is due is skipped, however long nobody asked: as far back as the fiscal year before, and as anybody
    ever judged. Closing again closes nothing; of two at once one closes. What is wrong with one company or period stops
    no other and is told when all was done: Tampered when what was closed before is not what it was, and is neither
    closed anew nor restated; ConfigError for a company whose fiscal years nobody can tell.
    """
    known, problems = versions(house)
    closed, wrong = list[PeriodCloseRow](), list[IntegrityError](map(Tampered, problems))
    for work, spans in ((_close, due(house, on)), (_restate, _recent(house, known, on))):
        for told in _done(house, work, spans):
            if isinstance(told, PeriodCloseRow):
                closed.append(told)
            else:
                wrong.append(told)
    unknown = fiscal_years(house)[1]
    if wrong:
        raise Tampered("\n".join(dict.fromkeys((*map(str, wrong), *unknown))))
    if unknown:
        raise ConfigError("\n".join(unknown))
    return closed


def due(house: House, on: date) -> dict[str, list[Span]]:
    """By company, the periods that are to be closed on a day, or should have been before; the earliest first."""
    found: dict[str, list[Span]] = {}
    with house.store.read() as tx:
        closed = {days_of(row) for row in tx.closes.all()}
        judged_from = tx.judgements.first_days()
        for company, fiscal in fiscal_years(house)[0].items():
            closed |= differing(tx, company).keys()  # what the ledger has is not closed anew, though its row is gone
            closes_on = closing(house, company)
            found[company] = [
                span
                for span in _over(fiscal, on)
                if company in judged_from
                and span.as_of >= judged_from[company]
                and (company, span.since.isoformat(), span.as_of.isoformat()) not in closed
                and closes_on(span.as_of) <= on
            ]
    return found


def _done(house: House, work: Work, spans: Mapping[str, Sequence[Span]]) -> Iterator[PeriodCloseRow | IntegrityError]:
    """Do work for all periods, then sign; what is wrong with one of them is told, and stops no other."""
    for group in _grouped(spans):
        try:
            yield from work(house, *group)
        except IntegrityError as error:
            yield error
    try:
        _sign(house)
    except IntegrityError as error:
        yield error


def _over(fiscal: FiscalYear, on: date) -> Iterator[Span]:
    """Every period that ended before a day, in its fiscal year or the one before."""
    this_year = fiscal.holding(Cycle.YEAR, on)
    month = fiscal.holding(Cycle.MONTH, fiscal.holding(Cycle.YEAR, this_year.since - DAY).since)
    while month.as_of < on:
        yield from fiscal.ended_with(month.as_of)
        month = fiscal.holding(Cycle.MONTH, month.as_of + DAY)


def _recent(house: House, known: Sequence[PeriodCloseRow], on: date) -> dict[str, list[Span]]:
    """The closed periods that late news is still judged for."""
    first = on - timedelta(days=house.settings.recompute_days)
    found: dict[str, list[Span]] = defaultdict(list)
    for row in known:
        if row.version == 1 and row.as_of >= first and row.company in house.settings.codes:
            found[row.company].append(Span(Cycle(row.cycle), row.since, row.as_of))
    return found


def _grouped(spans: Mapping[str, Sequence[Span]]) -> list[Group]:
    """The same days together, for they are judged together: the earliest end first, and of one end the shortest."""
    companies: dict[Span, list[str]] = defaultdict(list)
    for company, mine in spans.items():
        for span in mine:
            companies[span].append(company)
    ordered = sorted(companies, key=lambda span: (span.as_of, span.cycle.months))
    return [(span, tuple(companies[span])) for span in ordered]


def _close(house: House, span: Span, companies: Sequence[str]) -> Iterator[PeriodCloseRow | IntegrityError]:
    judged = judge(house, span.period(house.settings.zone))
    for company in companies:
        if row := _freeze(house, company, span, 1, judged, None):
            yield row


def _restate(house: House, span: Span, companies: Sequence[str]) -> Iterator[PeriodCloseRow | IntegrityError]:
    """Judge a closed period as it is known now; only where something came out otherwise is anything written."""
    with house.store.read() as tx:
        newest = {company: tx.closes.of(company, span.since, span.as_of)[-1] for company in companies}
    period, frozen = span.period(house.settings.zone), dict[str, Mapping[str, Any]]()
    for company, row in newest.items():
        try:
            frozen[company] = read_version(house, row)
        except IntegrityError as error:
            yield error
    every = {str(control.id) for control in house.catalogue.controls}
    now = [one for one, _ in assessed(house, window(house, period, known_now(house)), every)] if frozen else []
    if not any(_changes(house, company, told, now) for company, told in frozen.items()):
        return
    judged = judge(house, period)
    for company, told in frozen.items():
        if changes := _changes(house, company, told, judged):
            before = newest[company]
            reasons = _reasons(house, before, period, judged[0].known_at, changes, told)
            if restated := _freeze(house, company, span, before.version + 1, judged, reasons):
                yield restated


def _changes(house: House, company: str, frozen: Mapping[str, Any], judged: Sequence[Assessment]) -> dict[str, Any]:
    return snapshot.changes(frozen["controls"], _results(house, company, judged))


def _results(house: House, company: str, judged: Sequence[Assessment]) -> Results:
    base = {str(control.id): control for control in house.catalogue.controls}
    return snapshot.results((one for one in judged if one.company == company), base, house.masking(company))


def _reasons(
    house: House, before: PeriodCloseRow, period: Period, known_at: datetime, changes: Mapping[str, Any],
    frozen: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Why a version differs from the one before: what changed, and what came in between."""
    known = {str(control.id): control for control in house.catalogue.controls}
    read = {control: known[control].datasets if control in known else () for control in changes}
    span = Span(Cycle(before.cycle), before.since, before.as_of)
    with house.store.read() as tx:
        runs = tx.runs.between(before.known_at, known_at)
        versions = list(tx.registers.entered(known_at, after=before.known_at))
    handed_out = {run.dataset for run in runs if run.dataset in frozenset().union(*read.values())}
    brought = _brought(house, before, period, known_at, handed_out)
    came = snapshot.evidence_since(before.company, span, period.until_at, read, runs, versions, brought)
    settings = snapshot.settings_changed(frozen["judged_by"], _judged_by(house, before.company))
    return {"restates": before.version, "controls": changes, "settings": settings, **came}


def _brought(
    house: House, before: PeriodCloseRow, period: Period, known_at: datetime, datasets: Collection[str]
) -> frozenset[str]:
    """Which of these registers, handed out by sources, tell otherwise of a period: most bring the same again."""
    from evidence.facts.window import Window

    registers = {name for name in datasets if catalogue()[name].kind is Kind.REGISTER}
    if not registers:
        return frozenset()

    def told(seen: Window, name: str) -> set[str]:
        columns = [column.name for column in catalogue()[name].columns]
        return {
            repr([*(row[one] for one in columns), row[first], min(row[last], period.as_of)])
            for row in seen.rows(name, history=True)
            if row[first] <= period.as_of and row[last] >= period.since and row.get("company") in (None, before.company)
        }

    first, last = SPAN
    was, now = (
        Window.open(house.store, house.facts, (), period, at, only=registers) for at in (before.known_at, known_at)
    )
    return frozenset(name for name in registers if told(was, name) != told(now, name))


def _judged_by(house: House, company: str) -> dict[str, Any]:
    return snapshot.judged_by(house.settings.company(company), house.feeds)


def _freeze(
    house: House, company: str, span: Span, version: int, judged: Sequence[Assessment],
    reasons: Mapping[str, Any] | None,
) -> PeriodCloseRow | None:  # fmt: skip
    """Freeze one version; None when somebody else froze it first, Tampered when nobody did and it cannot be told."""
    log, at = ledger.log_of(company), first_had(house, [one for one in judged if one.company == company])
    with house.store.read() as tx:
        size = tx.ledger.size(log)
    frozen = Frozen(
        company, span, version, judged[0].known_at, _results(house, company, judged), _judged_by(house, company),
        gaps(house, company, at), _slots(house, span), log, size, reasons,
    )  # fmt: skip
    content = snapshot.content(frozen)
    stored = house.vault.put(io.BytesIO(content))
    try:
        return _keep(house, frozen, stored)
    except AlreadyDone as error:
        with house.store.read() as tx:
            if version in {row.version for row in tx.closes.of(company, span.since, span.as_of)}:
                return None
        raise Tampered(
            f"{company} {span.since} to {span.as_of}, version {version}: {error}; yet no row has it"
        ) from error


def _keep(house: House, frozen: Frozen, stored: StoredObject) -> PeriodCloseRow:
    """Make it count: object, ledger entry and row, all of them or none."""
    span, salt, digest = frozen.span, secrets.token_bytes(SALT_SIZE), str(stored.digest)
    days, told = f"{span.since}|{span.as_of}|{frozen.version}", snapshot.marks(frozen.results)
    with house.store.write() as tx:
        tx.objects.add(
            FetchedObject(
                digest=digest, size=stored.size, source=OURSELVES, run_id=f"close|{frozen.company}|{days}",
                name=f"close_{frozen.company}_{span.since:%Y%m%d}_{span.as_of:%Y%m%d}_v{frozen.version}.json",
                modified=None, version=digest, origin="tenken", how="judged", salt=salt.hex(),
                key_id=stored.key_id,
            )
        )  # fmt: skip
        entry = snapshot.entry(frozen, commitment(salt, bytes.fromhex(digest)).hex())
        leaf = tx.ledger.append(frozen.log, entry, f"close|{frozen.company}|{days}")
        return tx.closes.add(
            PeriodCloseRow(
                frozen.company, span.cycle.value, span.since, span.as_of, frozen.version, digest, leaf.seq,
                frozen.known_at, told,
            )
        )  # fmt: skip


def _slots(house: House, span: Span) -> list[SlotRow]:
    """The due moments whose work was for the days of a period: work is for the last whole day before it."""
    zone = house.settings.zone
    first, end = midnight(span.since + DAY, zone), midnight(span.as_of + 2 * DAY, zone)
    with house.store.read() as tx:
        return [row for row in tx.slots.all() if first <= row.due_at < end]


def _sign(house: House) -> None:
    """Sign the heads when a close lies beyond the last one of its log: whoever wrote it may have been ended before."""
    with house.store.read() as tx:
        heads = {code: tx.checkpoints.latest(ledger.log_of(code)) for code in house.settings.codes}
        sizes = {code: head[0] if head else 0 for code, head in heads.items()}
        unsigned = any(row.entry >= sizes[code] for code in sizes for row in tx.closes.all(code))
    if unsigned:
        checkpoint(house)
