"""One day's work: collect, judge, follow the gaps, sign the heads, verify."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from collectors import sources as source_files
from collectors.collect import Collected, collect
from controls.assess import Company, assess
from controls.engine import run
from controls.gaps import Key, fold, reconcile
from controls.model import Assessment, Gap, GapEvent
from controls.record import assessment_of, event_of, event_row, judgement_row
from evidence import ledger
from evidence.errors import AlreadyDone, ConfigError, IntegrityError, SourceError
from evidence.ledger import keys as signing
from evidence.period import Period
from evidence.records import Waivers
from evidence.vault import Digest
from house import House, logs, newest, window
from registers import calendars
from reports.pack import recorded

IDENTIFYING = frozenset({"person_identities", "account_owners", "accounts"})  # tell later sources whose an id is
SCHEDULE = "SCHEDULE"  # stands for a control in gaps of slots that were missed or failed


def collect_day(
    house: House, slot_on: date, only: Iterable[str] = ()
) -> Iterator[Collected | SourceError | AlreadyDone]:
    """Collect every source (or the named ones) for a day; a failure is recorded, told, and does not stop the others.

    AlreadyDone tells of a source that another process finished first. Misplaced comes last: of files that are wrong.
    """
    wanted, readable = set(only), source_files.readable(house.home, house.settings.codes)
    if unknown := wanted - {source.name for source in readable}:
        raise ConfigError(f"no source {', '.join(sorted(unknown))}; see `tenken sources list`")
    house.vault.sweep()
    keep_calendars(house)
    keys, accounts = house.keys(), known_accounts(house)
    chosen = [source for source in readable if not wanted or source.name in wanted]
    for source in sorted(chosen, key=lambda one: not IDENTIFYING & set(one.datasets)):
        try:
            yield collect(
                source, house.vault, house.facts, house.store, slot_on, house.clock, keys, house.settings.zone, accounts
            )
        except SourceError as error:
            yield SourceError(source.name, str(error), error.unread)
        except AlreadyDone as error:
            yield error
        if IDENTIFYING & set(source.datasets):
            keys, accounts = house.keys(), known_accounts(house)
    source_files.read_all(house.home, house.settings.codes)


def judge(house: House, period: Period, known_at: datetime | None = None, only: Iterable[str] = ()) -> list[Assessment]:
    """Judge the controls for a period, keep the assessments, and follow every gap.

    With a ``known_at`` a past judgement is made again: it is kept too, but what was once known changes no gap.
    """
    follow = known_at is None
    known_at = known_at or house.store.last_commit() or house.clock.now()
    seen = window(house, period, known_at)
    wanted = set(only)
    controls = [c for c in house.catalogue.controls if not wanted or c.id in wanted]
    if unknown := wanted - {c.id for c in controls}:
        raise ConfigError(f"no control {', '.join(sorted(unknown))}; see `tenken controls list`")
    companies = [Company(c.code, c.tolerance_percent) for c in house.settings.companies]
    waivers = Waivers.from_rows(seen.rows("waivers"))
    files = {one.code: recorded.of_registers(seen, one.code, house.masking(one.code)) for one in companies}
    judged: list[Assessment] = []
    for control in controls:
        tested = run(control, seen)
        for one in assess(control, seen, companies, waivers, tested):
            files[one.company] |= recorded.of_judgement(one, tested, house.masking(one.company))
            judged.append(one)
    keep(house, judged, files, follow=follow)
    return judged


def keep(house: House, judged: Sequence[Assessment], files: Mapping[str, recorded.Digests], *, follow: bool) -> None:
    """Store assessments and, to ``follow`` them, what they change in gaps; a ledger entry a company.

    The entry has the digests of the ``files`` that a pack will show of them.
    """
    by_id = {control.id: control for control in house.catalogue.controls}
    with house.store.write() as tx:
        known = _fold(house, [event_of(row) for row in tx.gaps.all()])
        until = tx.judgements.followed_until()
        for one in judged:
            tx.judgements.add(judgement_row(one, followed=follow))
            if follow:
                last = until.get((one.control, one.company))
                for event in reconcile(known.values(), one, by_id[one.control], followed_until=last):
                    tx.gaps.add(event_row(event))
        for company in sorted({one.company for one in judged}):
            mine = [one for one in judged if one.company == company]
            told = recorded.entry(mine, files[company], followed=follow)
            claim = f"judged|{company}|{told['since']}|{told['as_of']}|{told['known_at']}|{tx.at.isoformat()}"
            tx.ledger.append(ledger.log_of(company), told, claim)


def assessments(house: House, period: Period, company: str | None = None) -> list[Assessment]:
    """The newest assessments of a period, in the order of the catalogue."""
    with house.store.read() as tx:
        rows = tx.judgements.latest(since=period.since, as_of=period.as_of)
    order = {control.id: place for place, control in enumerate(house.catalogue.controls)}
    found = [assessment_of(row) for row in rows if row.control in order and company in (None, row.company)]
    return sorted(found, key=lambda one: (one.company, order[one.control]))


def gaps(house: House, company: str | None = None) -> list[Gap]:
    """Every gap, open or not, in the order they were first opened."""
    with house.store.read() as tx:
        events = [event_of(row) for row in tx.gaps.all(company)]
    return list(_fold(house, events).values())


def act(house: House, event: GapEvent) -> None:
    """Record what a person did about a gap, with a ledger entry."""
    with house.store.write() as tx:
        tx.gaps.add(event_row(event))
        subject = house.masking(event.company)(event.subject)
        told = {"kind": "gap", "act": event.kind.value, "control": event.control, "subject": subject}
        claim = f"gap|{event.company}|{event.control}|{tx.at.isoformat()}"
        tx.ledger.append(ledger.log_of(event.company), told, claim)


def checkpoint(house: House) -> dict[str, str]:
    """Sign the heads of all logs and anchor the companies' heads in the group's; the notes by log."""
    notes: dict[str, str] = {}
    with house.store.write() as tx:
        for code in house.settings.codes:
            log = ledger.log_of(code)
            notes[log] = ledger.checkpoint(tx, log, signing.load(house.home / "keys", log))
        ledger.anchor(tx, house.settings.codes)
        notes[ledger.GROUP] = ledger.checkpoint(tx, ledger.GROUP, signing.load(house.home / "keys", ledger.GROUP))
    return notes


def verify_ledger(house: House) -> list[str]:
    """Everything that is wrong with the logs and with the objects they speak of; empty when all holds."""
    problems: list[str] = []
    with house.store.read() as tx:
        for log in logs(house.settings):
            problems += ledger.verify(tx, log, signing.load(house.home / "keys", log).vkey)
        recorded = tx.objects.visible(tx.at) if tx.ledger.logs() else []
        files = tx.facts.visible(tx.at) if tx.ledger.logs() else []
    for held in recorded:
        problems += _wrong(house.vault.path, Digest(held.digest))
    for file in files:
        problems += _wrong(house.facts.verified, file)
    return list(dict.fromkeys(problems))


def keep_calendars(house: House) -> int:
    """Make sure that the calendars cover the years that judging needs; the number of days written."""
    year = house.today.year
    told = house.settings
    closed = {company.code: company.closed_days for company in told.companies}
    first, last = date(year - told.calendar_years_back, 1, 1), date(year + told.calendar_years_ahead, 12, 31)
    return calendars.keep(house.store, house.vault, house.facts, closed, first, last)


def known_accounts(house: House) -> frozenset[str]:
    """The accounts that a person or a register entry owns, as far as is known now."""
    seen = newest(house, ("account_owners", "accounts"))
    owned = {str(row["account_key"]) for row in seen.rows("account_owners")}
    return frozenset(owned | {str(row["account_key"]) for row in seen.rows("accounts") if row["registered_owner_key"]})


def _wrong(check: Callable[[Any], object], one: Any) -> list[str]:
    try:
        check(one)
    except IntegrityError as error:
        return [str(error)]
    return []


def _fold(house: House, events: Sequence[GapEvent]) -> dict[Key, Gap]:
    severities = {control.id: control.severity for control in house.catalogue.controls}
    return fold(events, severities | {SCHEDULE: "high"})
