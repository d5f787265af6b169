"""What becomes of a due moment: its end, its ledger entry, and the gap where it failed or was missed.

A gap of the control ``SCHEDULE`` stands in every company: a person answers for it, or, where a later run collected what
a failed one could not, its day is gone. Silence of all schedulers is such a gap too: the reader sees it, for whoever is
silent tells of nothing.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from controls.gaps import fold
from controls.model import About, ControlId, Gap, GapEvent, GapKind, Words
from controls.record import event_of, event_row
from evidence import ledger
from evidence.errors import StoreUnavailable
from evidence.store import Transaction
from evidence.store.values import Claim, SlotRow
from house import House
from house.apart import Said

CONTROL = ControlId("SCHEDULE")
SEVERITY = "high"
SILENT = "scheduler"  # the subject of silence; no schedule has this name
TRIES = 10
NOTICES = "notices"  # the subject of notices that reached nobody; nor has this one
OUTCOME_JA = {"failed": "失敗", "missed": "未実施"}


def finish(
    house: House, claim: Claim, row: SlotRow, said: Said, patience: timedelta, *, collected: bool = False
) -> SlotRow:
    """Record the end of a slot with its ledger entry and gaps, in one transaction; FencedOff when it is not ours.

    ``collected`` tells that a collection brought all it should: the days of earlier ones that failed are mended. With
    ``patience`` for a database that is away: what was done would have to be done again.
    """
    for _ in range(TRIES):
        try:
            return _finish(house, claim, row, collected=collected)
        except StoreUnavailable as error:
            said(str(error))
        time.sleep(patience.total_seconds() / TRIES)
    return _finish(house, claim, row, collected=collected)


def _finish(house: House, claim: Claim, row: SlotRow, *, collected: bool) -> SlotRow:
    with house.store.under(claim).write() as tx:
        ended = tx.slots.finish(row)
        _tell(tx, ended)
        for company, gap in _known(house, tx, row.schedule).items():
            _add(tx, _events(house, company, gap, ended))
            if collected and gap is not None and gap.is_open:
                _add(tx, _recovered(house, gap, tx.slots.all(row.schedule)))
        return ended


def begin(house: House, schedules: Iterable[str]) -> None:
    """Give each schedule that is seen for the first time a first slot: before it nothing was due."""
    with house.store.write() as tx:
        now = house.clock.now()
        known = tx.slots.newest(now)
        for name in schedules:
            if name not in known:
                _tell(tx, tx.slots.finish(SlotRow(name, now, "done", "初回 / first seen")))


def heard_again(house: House) -> None:
    """Put down a silence that is over: what nobody saw at the time must not be forgotten."""
    with house.store.write() as tx:
        _add(tx, silence(house, tx))


def silence(house: House, tx: Transaction) -> list[GapEvent]:
    """What is to be told of a silence that lasts, beside what is on record; a gap in each company. There must have been
    a scheduler before."""
    span = _unheard(house, tx)
    if span is None:
        return []
    told = []
    for company, gap in _known(house, tx, SILENT).items():
        event = _silence(house, company, *span)
        if gap is None or event.day not in gap.open_days | gap.disposed_days:
            told.append(replace(event, kind=_kind(gap)))
    return told


def silent_since(house: House) -> datetime | None:
    """When a scheduler should have been heard and none was; None: one was, or there never was one."""
    with house.store.read() as tx:
        span = _unheard(house, tx)
    return span and span[1]


def _unheard(house: House, tx: Transaction) -> tuple[datetime, datetime] | None:
    now = house.clock.now()
    span = tx.slots.silent(now)
    return None if span is None or span[1] > now else span


def untold(house: House, tx: Transaction, companies: Iterable[str]) -> None:
    """Put down that a notice reached nobody: a gap in each company whose it tells of, once a day."""
    message = Words(
        "通知を届けられなかった(`tenken notices list` で確認)",
        "a notice could not be delivered; see `tenken notices list`",
    )
    known = _known(house, tx, NOTICES)
    for company in companies:
        gap = known.get(company)
        if company in known and (gap is None or house.today not in gap.open_days):
            event = GapEvent(
                CONTROL, company, NOTICES, None, _kind(gap), About.EVENT, house.today, house.today,
                reason=message.ja, message=message, due_on=_due(house),
            )  # fmt: skip
            _add(tx, [event])


def _silence(house: House, company: str, heard_at: datetime, silent_at: datetime) -> GapEvent:
    since, due = (f"{at.astimezone(house.zone):%Y-%m-%d %H:%M}" for at in (heard_at, silent_at))
    message = Words(
        f"スケジューラが {since} から応答していない({due} までに応答があるはずだった)",
        f"no scheduler was heard since {since}; one should have been by {due}",
    )
    day = silent_at.astimezone(house.zone).date()
    return GapEvent(
        CONTROL,
        company,
        SILENT,
        None,
        GapKind.OPENED,
        About.EVENT,
        house.today,
        day,
        reason=message.ja,
        message=message,
        due_on=_due(house),
    )


def _known(house: House, tx: Transaction, subject: str) -> dict[str, Gap | None]:
    """The gap about a subject in each company."""
    events = map(event_of, tx.gaps.all(control=CONTROL))
    gaps = fold((event for event in events if event.subject == subject), {})
    return {code: gaps.get((CONTROL, code, subject, None)) for code in house.settings.codes}


def _add(tx: Transaction, events: Iterable[GapEvent]) -> None:
    for event in events:
        tx.gaps.add(event_row(event))


def _tell(tx: Transaction, row: SlotRow) -> None:
    """The ledger entry of a slot; the reason stays in the store, for it may name things that no ledger may."""
    due_at = row.due_at.isoformat()
    entry = {"kind": "slot", "actor": "tenken", "schedule": row.schedule, "due_at": due_at, "outcome": row.outcome}
    tx.ledger.append(ledger.GROUP, entry, f"slot|{row.schedule}|{due_at}")


def _due(house: House) -> date:
    return house.today + timedelta(days=house.settings.gaps.due_days.high)


def _kind(gap: Gap | None) -> GapKind:
    return GapKind.OPENED if gap is None else GapKind.FOUND if gap.is_open else GapKind.REGRESSED


def _events(house: House, company: str, gap: Gap | None, row: SlotRow) -> Iterator[GapEvent]:
    if row.outcome not in OUTCOME_JA:
        return
    local = row.due_at.astimezone(house.zone)
    if gap is not None and local.date() in gap.open_days:
        return
    when = f"{local:%Y-%m-%d %H:%M}"
    message = Words(
        f"{row.schedule}: {when} の実行が{OUTCOME_JA[row.outcome]}({row.reason})",
        f"{row.schedule}: the run of {when} was {row.outcome} ({row.reason})"
        if row.outcome == "missed"
        else f"{row.schedule}: the run of {when} failed ({row.reason})",
    )
    kind = _kind(gap)
    yield GapEvent(
        CONTROL, company, row.schedule, None, kind, About.EVENT, house.today, local.date(),
        reason=row.reason, message=message, due_on=None if kind is GapKind.FOUND else _due(house),
    )  # fmt: skip


def _recovered(house: House, gap: Gap, rows: Sequence[SlotRow]) -> Iterator[GapEvent]:
    """What a good collection mends: the days of failed ones. A missed one stays, until a person answers for it."""
    days: dict[str, set[date]] = {"failed": set(), "missed": set()}
    for row in rows:
        if row.outcome in days:
            days[row.outcome].add(row.due_at.astimezone(house.zone).date())
    gone = sorted(gap.open_days & (days["failed"] - days["missed"]))
    mended = GapEvent(
        CONTROL, gap.company, gap.subject, None, GapKind.GONE, About.EVENT, house.today,
        reason="後の取得で回収 / a later run collected it",
    )  # fmt: skip
    for day in gone:
        yield replace(mended, day=day)
    if gone and gap.open_days == set(gone):
        yield replace(mended, kind=GapKind.CLOSED)
