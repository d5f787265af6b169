"""How things stand: what was judged, the gaps, and what people do about them. Nothing here judges."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache

from controls.gaps import Key, fold, key_of
from controls.model import Assessment, Gap, GapEvent
from controls.record import assessment_of, event_of, event_row
from controls.severities import severities
from evidence import ledger
from evidence.errors import ConfigError
from evidence.period import Period
from evidence.store import Transaction
from evidence.store.values import JudgementRow
from house import House, slots


def assessments(
    house: House, period: Period, company: str | None = None, until: datetime | None = None
) -> list[Assessment]:
    """The newest assessments of a period (of those made until a moment), in the order of the catalogue."""
    with house.store.read() as tx:
        rows = tx.judgements.latest(since=period.since, as_of=period.as_of, until=until, company=company)
    return _in_order(house, rows)


def newest_assessments(house: House, company: str) -> list[Assessment]:
    """The newest assessment of each control of a company, of whichever period, in the order of the catalogue."""
    with house.store.read() as tx:
        rows = tx.judgements.latest(company=company)
    return _in_order(house, rows)


def _in_order(house: House, rows: Iterable[JudgementRow]) -> list[Assessment]:
    order = {control.id: place for place, control in enumerate(house.catalogue.controls)}
    found = [assessment_of(row) for row in rows if row.control in order]
    return sorted(found, key=lambda one: (one.company, order[one.control]))


def first_had(house: House, judged: Sequence[Assessment]) -> datetime:
    """When the last of these results of one company and period was had for the first time.

    What is handed out of them tells how all else stood then: whatever happens later, and having them again on the same
    evidence, changes no byte of it.
    """
    with house.store.read() as tx:
        at = tx.judgements.judged_at(judged[0].company, judged[0].since, judged[0].as_of)
    return max(at[str(one.control), one.known_at] for one in judged)


def gaps(house: House, company: str | None = None, until: datetime | None = None) -> list[Gap]:
    """Every gap (as it stood at a moment), open or not, in the order they were first opened."""
    with house.store.read() as tx:
        return list(folded([event_of(row) for row in tx.gaps.all(company, until=until)]).values())


def gaps_now(house: House) -> list[Gap]:
    """Every gap and, last, that no scheduler is heard now: for a person who asks now. What is handed out asks
    :func:`gaps` of its moment, else it would change with the hour at which it is made."""
    with house.store.read() as tx:
        events = [event_of(row) for row in tx.gaps.all()]
        events += slots.silence(house, tx)
    return list(folded(events).values())


def act(house: House, *events: GapEvent, seen: Iterable[Gap] = ()) -> None:
    """Record what was done about gaps beside judging, each with a ledger entry, or nothing of it.

    ConfigError when something happened to one of the gaps that were ``seen`` to decide it.
    """
    with house.store.write() as tx:
        put(house, tx, events, seen)


def put(house: House, tx: Transaction, events: Iterable[GapEvent], seen: Iterable[Gap]) -> None:
    """The same, within a transaction that writes more."""
    _refuse_stale(tx, seen)
    masking = cache(house.masking)
    for number, event in enumerate(events):
        tx.gaps.add(event_row(event))
        subject = masking(event.company)(event.subject)
        told = {"kind": "gap", "act": event.kind.value, "control": event.control, "subject": subject}
        claim = f"gap|{event.company}|{event.control}|{tx.at.isoformat()}" + (f"|{number}" if number else "")
        tx.ledger.append(ledger.log_of(event.company), told, claim)


def _refuse_stale(tx: Transaction, seen: Iterable[Gap]) -> None:
    gaps = {key_of(gap): gap for gap in sorted(seen, key=lambda gap: -gap.events)}  # as it was seen first
    since: dict[Key, list[GapEvent]] = {key: [] for key in gaps}
    for company, control in sorted({(gap.company, str(gap.control)) for gap in gaps.values()}):
        for row in tx.gaps.all(company, control):
            if (key := (row.control, row.company, row.subject, row.aspect)) in gaps:
                since[key].append(event_of(row))
    for key, gap in gaps.items():
        if later := since[key][gap.events :]:
            told = ", ".join(f"{event.kind.value} {event.day or event.as_of}" for event in later)
            raise ConfigError(f"{gap.control} {gap.subject}: meanwhile {told}; look at it again, then decide")


def folded(events: Sequence[GapEvent]) -> dict[Key, Gap]:
    """The gaps that came of these events."""
    return fold(events, {**severities(), slots.CONTROL: slots.SEVERITY})
