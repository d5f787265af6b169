"""One day's work: collect, judge, follow the gaps; and, of quicker modules, look at them, sign the heads, verify."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from datetime import date, datetime, timedelta

from collectors import sources as source_files
from collectors.collect import Collected, collect
from controls.assess import Company, assess
from controls.decided import Decided
from controls.engine import TestFault, run
from controls.gaps import reconcile
from controls.matters import Brake, braked
from controls.model import Assessment, Gap, GapEvent
from controls.population import Population
from controls.record import event_of, event_row, judgement_row
from evidence import ledger
from evidence.border import Border
from evidence.datasets import Kind, catalogue
from evidence.errors import AlreadyDone, ConfigError, Misplaced, SourceError, VaultUnwritable
from evidence.facts.window import Window
from evidence.period import Period
from house import House, begin, newest, window
from house.heads import checkpoint, verify_ledger
from house.measured import DATASET, keep_measured, measured
from house.standing import act, assessments, folded, gaps
from registers import calendars
from reports.pack import recorded

__all__ = ["act", "assessments", "checkpoint", "collect_day", "gaps", "judge", "verify_ledger"]

IDENTIFYING = frozenset({"person_identities", "account_owners", "accounts"})  # tell later sources whose an id is


def collect_day(
    house: House, slot_on: date, only: Iterable[str] = ()
) -> Iterator[Collected | SourceError | AlreadyDone]:
    """Collect every source (or the named ones) for a day; a failure is recorded, told, and does not stop the others.

    AlreadyDone tells of a source that another process finished first. Misplaced comes last: of files that are wrong.
    """
    wanted, (readable, problems) = set(only), source_files.read_each(house.home, house.settings.codes)
    if unknown := wanted - {source.name for source in readable}:
        raise ConfigError(f"no source {', '.join(sorted(unknown))}; see `tenken sources list`")
    house.vault.sweep()
    if house.store.ballast:
        house.store.ballast.keep()
    begin(house)  # companies that came into the settings since
    with suppress(VaultUnwritable):  # each source that brings something says so too, and that is on record
        keep_calendars(house)
    keys, accounts = house.keys(), known_accounts(house)
    chosen = [source for source in readable if not wanted or source.name in wanted]
    for source in sorted(chosen, key=lambda one: not IDENTIFYING & set(one.datasets)):
        came = False
        try:
            told = collect(
                source, house.vault, house.facts, house.store, slot_on, house.clock, keys, house.settings.zone, accounts
            )
            came = told.rows > 0
            yield told
        except SourceError as error:
            yield SourceError(source.name, str(error), error.unread)
        except AlreadyDone as error:
            came = True
            yield error
        if came and IDENTIFYING & set(source.datasets):
            keys, accounts = house.keys(), known_accounts(house)
    if problems:
        raise Misplaced(problems)


def judge(house: House, period: Period, known_at: datetime | None = None, only: Iterable[str] = ()) -> list[Assessment]:
    """Judge the controls for a period, keep the assessments, and follow every gap.

    What departments answered is compared with an earlier judging of the period: those controls are judged before.
    With a ``known_at`` a past judgement is made again: it is kept too, but what was once known changes no gap.
    """
    if known_at is not None and known_at > (last := known_now(house)):
        raise ConfigError(
            f"{known_at.isoformat()} is after all that is known ({last.isoformat()}); give an earlier moment"
        )
    known = {str(control.id) for control in house.catalogue.controls}
    wanted = set(only) or known
    if unknown := wanted - known:
        raise ConfigError(f"no control {', '.join(sorted(unknown))}; see `tenken controls list`")
    comparing = {str(c.id) for c in house.catalogue.controls if DATASET in c.datasets}
    if known_at is None and wanted & comparing and (answered := _answered_for(house, period) - comparing):
        _judge(house, period, None, answered)
    return _judge(house, period, known_at, wanted)


def _answered_for(house: House, period: Period) -> set[str]:
    """The controls that self-checks of the period ask departments about."""
    rows = newest(house, ("self_check_items",)).rows("self_check_items")
    asked = {one for row in rows if period.since <= row["due_on"] <= period.as_of for one in row["control_ids"]}
    return asked & {str(control.id) for control in house.catalogue.controls}


def _judge(house: House, period: Period, known_at: datetime | None, wanted: Set[str]) -> list[Assessment]:
    follow = known_at is None
    seen = window(house, period, known_at or known_now(house), _read_by(house, wanted))
    known = house.known_in(seen)
    masking = {code: Border(known, code) for code in house.settings.codes}
    files = {code: recorded.of_registers(seen, code, masked) for code, masked in masking.items()}
    judged: list[Assessment] = []
    for one, tested in assessed(house, seen, wanted):
        files[one.company] |= recorded.of_judgement(one, tested, masking[one.company])
        judged.append(one)
    keep(house, judged, files, follow=follow)
    return judged


def _read_by(house: House, wanted: Set[str]) -> frozenset[str]:
    """What judging these controls reads: their datasets, every register, who is known; of all: nothing left out."""
    if wanted >= {str(control.id) for control in house.catalogue.controls}:
        return frozenset()
    kept = {dataset.name for dataset in catalogue().values() if dataset.kind is Kind.REGISTER} | {"workers"}
    return frozenset(kept.union(*(control.datasets for control in house.catalogue.controls if control.id in wanted)))


def known_now(house: House) -> datetime:
    """The moment until which everything is known that is."""
    return house.store.last_commit() or house.clock.now()


def assessed(house: House, seen: Window, wanted: Set[str]) -> Iterator[tuple[Assessment, Population | TestFault]]:
    """Judge controls by what a window shows, with what each test answered; nothing is kept."""
    companies = [Company(c.code, c.tolerance_percent) for c in house.settings.companies]
    decided = Decided.shown(seen)
    for control in (c for c in house.catalogue.controls if c.id in wanted):
        for variant in decided.variants(control, house.settings.codes):
            tested = variant.fault or run(variant.control, seen)
            mine = [company for company in companies if company.code in variant.companies]
            for one in assess(variant.control, seen, mine, decided, tested):
                yield one, tested


def keep(house: House, judged: Sequence[Assessment], files: Mapping[str, recorded.Digests], *, follow: bool) -> None:
    """Store assessments and, to ``follow`` them, what they change in gaps; a ledger entry a company.

    The entry has the digests of the ``files`` that a pack will show of them.
    """
    follows = following(house)
    of_company = {code: [one for one in judged if one.company == code] for code in house.settings.codes}
    told = {code: measured(house, mine) for code, mine in of_company.items() if mine and follow}
    with house.store.write() as tx:
        known: dict[tuple[str, str], list[Gap]] = defaultdict(list)
        for gap in folded([event_of(row) for row in tx.gaps.all()] if follow else []).values():
            known[gap.control, gap.company].append(gap)
        until = tx.judgements.followed_until(house.today)
        for one in judged:
            tx.judgements.add(judgement_row(one, followed=follow))
            if follow:
                pair = (one.control, one.company)
                for event in follows(known[pair], one, until.get(pair)):
                    tx.gaps.add(event_row(event))
        for company, mine in of_company.items():
            if not mine:
                continue
            kept = keep_measured(house, tx, told[company]) if follow else {}
            entry = recorded.entry(mine, files[company], followed=follow) | kept
            claim = f"judged|{company}|{entry['since']}|{entry['as_of']}|{entry['known_at']}|{tx.at.isoformat()}"
            tx.ledger.append(ledger.log_of(company), entry, claim)


def following(house: House) -> Callable[[Sequence[Gap], Assessment, date | None], Sequence[GapEvent]]:
    """What an assessment changes in the gaps known of its control and company, by the settings of the house."""
    controls, told = {control.id: control for control in house.catalogue.controls}, house.settings.gaps
    due_days, brake = told.due_days.model_dump(), Brake(told.mass_percent, told.mass_at_least)

    def changes(known: Sequence[Gap], one: Assessment, until: date | None) -> Sequence[GapEvent]:
        found_on = max(one.as_of, one.known_at.astimezone(house.zone).date())  # what is judged late is not born overdue
        due_on = found_on + timedelta(days=due_days[controls[one.control].severity])
        found = reconcile(known, one, controls[one.control], due_on=due_on, followed_until=until)
        return braked(found, one, brake)

    return changes


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
