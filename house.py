"""Floor 4: settings become the built rooms; one day's work as plain functions.

The only place that builds clocks, keys and stores. Stages do not call each other: each function here calls one stage
with plain values, and what was done is in the ledger.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from collectors import sources as source_files
from collectors.collect import Collected, collect
from collectors.sources import Source
from controls import rules
from controls.assess import Company, assess
from controls.engine import run
from controls.gaps import Key, fold, reconcile
from controls.loader import Catalogue, load_for_judging
from controls.model import Assessment, Gap, GapEvent
from controls.record import assessment_of, event_of, event_row, judgement_row
from evidence import ledger, persons, settings
from evidence.clock import Clock, SystemClock
from evidence.datasets import register
from evidence.errors import AlreadyDone, ConfigError, IntegrityError, SourceError
from evidence.facts import Facts
from evidence.facts.feeds import Feed
from evidence.facts.window import Window
from evidence.ledger import keys as signing
from evidence.period import Period
from evidence.persons import Keys
from evidence.records import Waivers
from evidence.settings import Settings
from evidence.store import Store
from evidence.store.values import RegisterVersion
from evidence.vault import Digest
from evidence.vault.folder import FolderVault
from registers import calendars, imports, refusals
from registers.csv_files import Encoding
from registers.imports import Plan
from reports import Document, products
from reports.pack import recorded
from reports.products import Materials

IDENTIFYING = frozenset({"person_identities", "account_owners", "accounts"})  # tell later sources whose an id is
EXPORTED = "exported"
SCHEDULE = "SCHEDULE"  # stands for a control in gaps of slots that were missed or failed


@dataclass
class House:
    """The rooms of one deployment, built from its home."""

    home: Path
    settings: Settings
    clock: Clock
    store: Store
    vault: FolderVault
    facts: Facts

    @cached_property
    def catalogue(self) -> Catalogue:
        """The control catalogue, safe to run."""
        return load_for_judging()

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The configured sources, in the order of their names."""
        return source_files.read_all(self.home, self.settings.codes)

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """Which source must deliver which dataset about whom."""
        return tuple(Feed(s.name, dataset, s.companies, s.max_age_days) for s in self.sources for dataset in s.datasets)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days are days."""
        return ZoneInfo(self.settings.zone)

    @property
    def today(self) -> date:
        """The day it is in the company's zone."""
        return self.clock.now().astimezone(self.zone).date()

    def keys(self) -> Keys:
        """What mints keys, knowing the persons identified so far."""
        secret = persons.load_secret(self.home / "keys" / "secret")
        return Keys(secret, _aliases(self))

    def masking(self, company: str) -> Callable[[str], str]:
        """What puts a company's pseudonyms in the place of keys."""
        secret = persons.load_secret(self.home / "keys" / "secret")
        return lambda text: persons.masked(secret, company, text)

    def vkey(self, company: str) -> str:
        """The verification key of a company's ledger, to be handed to auditors outside any pack."""
        return str(signing.load(self.home / "keys", ledger.log_of(self.settings.company(company).code)).vkey)


def create(home: Path, group: str, companies: Sequence[tuple[str, str]], clock: Clock | None = None) -> House:
    """Make a home: settings, secret, signing keys, database. ConfigError when there is one already."""
    settings.write(home, group, companies)
    return furnish(home, clock)


def furnish(home: Path, clock: Clock | None = None) -> House:
    """Give a home that has its settings what it lacks: folders, tables, keys that nothing rests on yet. Repeatable."""
    told = settings.read(home)
    for folder in ("sources", "profiles", "keys"):
        (home / folder).mkdir(exist_ok=True)
    house, keys = open_house(home, clock), home / "keys"
    if house.store.last_commit() is None and not (keys / "secret").exists():
        persons.create_secret(keys / "secret")
    with house.store.read() as tx:
        unsigned = [log for log in _logs(told) if tx.checkpoints.latest(log) is None]
    for log in unsigned:
        if not signing.place(keys, log).exists():
            signing.create(keys, log)
    return house


def open_house(home: Path, clock: Clock | None = None) -> House:
    """Build the rooms of a home; its database is brought up to date. IntegrityError when it is gone."""
    told = settings.read(home)
    clock = clock or SystemClock()
    url = told.database
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        url = f"sqlite:///{home.absolute() / url.removeprefix('sqlite:///')}"
    store, vault = Store.open(url, clock), FolderVault(home / "vault")
    if next(vault.digests(), None) and store.is_new():  # in this order: another process may be making the home now
        raise IntegrityError(f"{url}: holds nothing, but the vault holds evidence; stop, and restore the database")
    store.upgrade()
    return House(home, told, clock, store, vault, Facts((home / "facts").absolute()))


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
        for log in _logs(house.settings):
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


def import_register(
    house: House, name: str, path: Path, by: str, reason: str, *, dry_run: bool = False, charset: Encoding | None = None
) -> Plan:
    """Plan an import of a register's file and, unless it is a dry run, write it."""
    keys, codes = house.keys(), house.settings.codes
    planned = imports.plan(
        house.store, register(name), path, keys, by, companies=codes, zone=house.zone, encoding=charset
    )
    planned = held_to_rules(house, planned)
    if not dry_run:
        imports.apply(planned, house.store, house.vault, keys, by=by, reason=reason)
    return planned


def held_to_rules(house: House, planned: Plan) -> Plan:
    """A plan without the rows that the rules of its register refuse as of today, telling what else they find."""
    name = planned.dataset.name
    if name not in rules.JUDGING:  # the catalogue takes longer to read than most sheets
        return planned
    views = house.catalogue.views
    seen = _now(house, rules.datasets(name, views), refusals.versions(planned, house.today))
    return refusals.judged(planned, rules.broken(name, views, seen))


def materials(house: House, company: str, period: Period, known_at: datetime | None = None) -> Materials:
    """What the documents of a company and period are made of; ConfigError when the period was never judged."""
    judged = assessments(house, period, company)
    if not judged:
        raise ConfigError(
            f"{company} was not judged for {period.since} to {period.as_of}; run `tenken check` for it first"
        )
    known_at = known_at or max(one.known_at for one in judged)
    return Materials(
        company=company,
        company_name=house.settings.company(company).name,
        catalogue=house.catalogue,
        window=window(house, period, known_at),
        store=house.store,
        assessments=judged,
        before=assessments(house, period.before, company),
        window_at=lambda moment: window(house, period, moment),
        gaps=gaps(house, company),
        secret=house.keys().secret,
    )


def self_check_documents(house: House, company: str, period: Period) -> list[Document]:
    """The self-check report of a company and period: workbook and page."""
    return products.self_check_documents(materials(house, company, period))


def management_book(house: House, company: str, period: Period) -> Document:
    """The management book of a company as it stood at the end of a period."""
    return products.management_book_document(materials(house, company, period))


def create_pack(house: House, company: str, period: Period, path: Path, *, raw: bool = False) -> str:
    """Write an evidence pack at ``path`` (a folder: named after its scope) and record it; the path written."""
    told = materials(house, company, period)
    log = ledger.log_of(company)
    if _unsigned(house, log):
        checkpoint(house)
    target = products.pack_path(told, path, raw=raw)
    signer = signing.load(house.home / "keys", log)
    shown = house.settings.model_dump(mode="json", exclude={"companies", "database"})
    shown["company"] = house.settings.company(company).model_dump(mode="json")
    products.write_pack(told, house.vault, shown, target, signer, raw=raw)
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with house.store.write() as tx:
        told_ledger = {"kind": EXPORTED, "actor": "tenken", "pack": digest, "raw": raw}
        tx.ledger.append(log, told_ledger, f"exported|{company}|{tx.at.isoformat()}")
    return str(target)


def _logs(told: Settings) -> tuple[str, ...]:
    return (*map(ledger.log_of, told.codes), ledger.GROUP)


def _unsigned(house: House, log: str) -> bool:
    """Whether anything but an export was written since the last signed head: a pack must cover what it shows."""
    with house.store.read() as tx:
        head = tx.checkpoints.latest(log)
        later = tx.ledger.leaves(log)[head[0] if head else 0 :]
    return head is None or any(json.loads(entry.leaf)["kind"] != EXPORTED for entry in later)


def window(house: House, period: Period, known_at: datetime) -> Window:
    """All evidence known at a moment about a period."""
    return Window.open(house.store, house.facts, house.feeds, period, known_at)


def known_accounts(house: House) -> frozenset[str]:
    """The accounts that a person or a register entry owns, as far as is known now."""
    seen = _now(house, ("account_owners", "accounts"))
    owned = {str(row["account_key"]) for row in seen.rows("account_owners")}
    return frozenset(owned | {str(row["account_key"]) for row in seen.rows("accounts") if row["registered_owner_key"]})


def _aliases(house: House) -> dict[tuple[str, str], str]:
    rows = _now(house, ("person_identities",)).rows("person_identities")
    return {(row["identifier_kind"], persons.normal(row["identifier"])): row["person_key"] for row in rows}


def _now(house: House, only: Collection[str], planned: Sequence[RegisterVersion] = ()) -> Window:
    known_at, today = house.store.last_commit() or house.clock.now(), house.today
    period = Period(today, today, house.settings.zone)
    return Window.open(house.store, house.facts, (), period, known_at, only=only, planned=planned)


def _wrong(check: Callable[[Any], object], one: Any) -> list[str]:
    try:
        check(one)
    except IntegrityError as error:
        return [str(error)]
    return []


def _fold(house: House, events: Sequence[GapEvent]) -> dict[Key, Gap]:
    severities = {control.id: control.severity for control in house.catalogue.controls}
    return fold(events, severities | {SCHEDULE: "high"})
