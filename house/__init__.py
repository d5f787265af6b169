"""Floor 4: settings become the built rooms, which the days, the desk and the hand-outs use.

The only place that builds clocks, keys and stores. Stages do not call each other: each function of this floor calls
one stage with plain values, and what was done is in the ledger. Facts, controls and collectors are imported by who asks
for them: most verbs need none of them, and they cost a start as much as all the rest.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from zoneinfo import ZoneInfo

from controls.model import View
from evidence import ledger, persons, settings
from evidence.border import Border, Known
from evidence.clock import Clock, SteadyClock, SystemClock
from evidence.datasets import OURSELVES
from evidence.errors import IntegrityError
from evidence.ledger import keys as signing
from evidence.period import Period
from evidence.persons import Keys
from evidence.settings import Settings
from evidence.store import Store, Transaction
from evidence.store.values import RegisterVersion
from evidence.vault import Vault
from evidence.vault.plain import PLAIN, PlainFolder
from house.kept import Kept
from house.vaults import furnish_keys, vault_of

if TYPE_CHECKING:
    from collectors.sources import Source
    from controls.answering import Staff
    from controls.loader import Catalogue
    from evidence.facts import Facts
    from evidence.facts.feeds import Feed
    from evidence.facts.look import Look
    from evidence.facts.window import Window


T = TypeVar("T")
KEPT = 8  # windows about now
STAFF = ("appointments", "workers", "leaves", "org_units")  # who answers for what follows from these
EMPLOYED = ("person_key", "hired_on", "left_on")
CODE = re.compile(settings.CODE.strip("^$"))


@dataclass
class House:
    """The rooms of one deployment, built from its home."""

    home: Path
    settings: Settings
    clock: Clock
    store: Store
    vault: Vault
    _seen: "Window | None" = field(default=None, init=False, repr=False)  # the last one that was looked through
    _newest: "tuple[tuple[datetime, date], list[Window]] | None" = field(default=None, init=False, repr=False)
    _shown: "dict[str, _Shown]" = field(default_factory=dict, init=False, repr=False)
    kept: Kept = field(default_factory=Kept, init=False, repr=False)

    @cached_property
    def facts(self) -> "Facts":
        """The folder of typed rows."""
        from evidence.facts import Facts

        return Facts((self.home / "facts").absolute())

    @cached_property
    def catalogue(self) -> "Catalogue":
        """The control catalogue, safe to run."""
        from controls.loader import shipped

        return shipped()

    @cached_property
    def views(self) -> tuple[View, ...]:
        """The views that the controls share, for those that need no control."""
        from controls.loader import load_views

        return load_views()

    @cached_property
    def sources(self) -> "tuple[Source, ...]":
        """The configured sources, in the order of their names: as they were when they were asked for first."""
        from collectors.sources import read_all

        return read_all(self.home, self.settings.codes)

    @property
    def feeds(self) -> "tuple[Feed, ...]":
        """Which source must deliver which dataset about whom; tenken itself tells what it judged of the same period."""
        from evidence.facts.feeds import Feed

        judged = Feed(OURSELVES, "assessments", self.settings.codes, max_age_days=1, of_period=True)
        told = (Feed(s.name, dataset, s.companies, s.max_age_days) for s in self.sources for dataset in s.datasets)
        return (*told, judged)

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

        def made(seen: "Window") -> Keys:
            return Keys(persons.load_secret(self.home / "keys" / "secret"), _aliases(seen))

        return _as_shown(self, ("person_identities",), made, "keys")

    def masking(self, company: str) -> Border:
        """What a text becomes that leaves a company now: it names nobody."""

        def made(seen: "Window") -> Known:
            return Known.by(self.keys().secret, seen, history=False)

        return Border(_as_shown(self, ("person_identities", "workers"), made, "known"), company)

    def known_in(self, seen: "Window") -> Known:
        """Whom the house knew at the moment of a window: what is masked by it again becomes the same."""
        return Known.by(self.keys().secret, seen)

    def staff(self) -> "Staff":
        """Who holds which post today, and who is there."""
        from controls.answering import Staff
        from controls.severities import owners

        def made(seen: "Window") -> Staff:
            appointments, leaves, units = (seen.rows(name) for name in ("appointments", "leaves", "org_units"))
            there = seen.ever("workers", *EMPLOYED)
            workers = [dict(zip(EMPLOYED, told, strict=True)) for told in there]
            return Staff(self.today, owners(), appointments, workers, leaves, units, natural=self.keys().of_person)

        return _as_shown(self, (*STAFF, "person_identities"), made, "staff")

    def look_again(self) -> None:
        """Read the sources anew when they are asked for next: one may have come or changed since."""
        self.__dict__.pop("sources", None)

    @contextmanager
    def another(self) -> "Iterator[House]":
        """Rooms of their own in the same home, for who must not keep others waiting; what is worked out is shared."""
        other = open_house(self.home, self.clock)
        other.catalogue, other.kept, other._shown = self.catalogue, self.kept, self._shown
        try:
            yield other
        finally:
            other.store.close()

    def forget(self) -> None:
        """Let go of the windows, which hold most of the memory; what was made of them goes by what is committed."""
        self._seen = self._newest = None

    def vkey(self, company: str) -> str:
        """The verification key of a company's ledger, to be handed to auditors outside any pack."""
        return str(signing.load(self.home / "keys", ledger.log_of(self.settings.company(company).code)).vkey)


def create(home: Path, group: str, companies: Sequence[tuple[str, str]], clock: Clock | None = None) -> House:
    """Make a home: settings, secret, signing keys, database. ConfigError when there is one already."""
    settings.write(home, group, companies)
    return furnish(home, clock)


def furnish(home: Path, clock: Clock | None = None) -> House:
    """Give a home that has its settings what it lacks: folders, tables, keys that nothing rests on yet, and the first
    entry of each company. Repeatable."""
    told = settings.read(home)
    for folder in ("sources", "profiles", "keys"):
        (home / folder).mkdir(exist_ok=True)
    house, keys = open_house(home, clock), home / "keys"
    if house.store.last_commit() is None and not (keys / "secret").exists():
        persons.create_secret(keys / "secret")
    furnish_keys(home, told, house.store)
    with house.store.read() as tx:
        unsigned = [log for log in logs(told) if tx.checkpoints.latest(log) is None]
    for log in unsigned:
        if not signing.place(keys, log).exists():
            signing.create(keys, log)
    begin(house)
    return house


def begin(house: House) -> None:
    """Put down, once, that each company is kept from now on: what is not done afterwards is missed."""
    with house.store.read() as tx:
        new = [code for code in house.settings.codes if not tx.ledger.size(ledger.log_of(code))]
    if not new:
        return
    with house.store.write() as tx:
        for log in map(ledger.log_of, new):
            if not tx.ledger.size(log):  # another process may have been first
                tx.ledger.append(log, {"kind": "begin", "actor": "tenken"}, f"begin|{log}")


def steady_clock() -> Clock:
    """The machine's clock for who goes by it for long: its jumps are not followed at once."""
    return SteadyClock(SystemClock())


def open_house(home: Path, clock: Clock | None = None) -> House:
    """Build the rooms of a home; its database is brought up to date. IntegrityError when it is gone.

    What a killed process left in plain is removed.
    """
    told = settings.read(home)
    PlainFolder(home / PLAIN).sweep()
    clock = clock or SystemClock()
    url = address(home, told)
    store = Store.open(url, clock)
    vault = vault_of(home, told, store, clock)
    # Twice: a vault may be a bucket, that not each verb shall ask; and another process may be making the home now.
    if store.is_new() and next(vault.digests(), None) and store.is_new():
        raise IntegrityError(f"{url}: holds nothing, but the vault holds evidence; stop, and restore the database")
    store.upgrade()
    return House(home, told, clock, store, vault)


def address(home: Path, told: Settings) -> str:
    """Where the database of a home is; a relative path lies in the home."""
    if told.database.startswith("sqlite:///") and not told.database.startswith("sqlite:////"):
        return f"sqlite:///{home.absolute() / told.database.removeprefix('sqlite:///')}"
    return told.database


def window(house: House, period: Period, known_at: datetime, only: Collection[str] = ()) -> "Window":
    """All evidence known at a moment about a period, or ``only`` these datasets.

    The last one of all is kept: what is handed out is read from it again.
    """
    from evidence.facts.window import Window

    kept = house._seen
    if kept is not None and (kept.period, kept.known_at) == (period, known_at) and kept.look().is_held(house.store):
        return kept
    del kept
    house.forget()  # never two at once
    last = house.store.last_commit()
    opened = Window.open(house.store, house.facts, house.feeds, period, known_at, only=only)
    if not only and last is not None and known_at <= last:  # until it has passed, more may become known at a moment
        house._seen = opened
    return opened


def newest(
    house: House, only: Collection[str], planned: Sequence[RegisterVersion] = (), *, history: bool = False
) -> "Window":
    """What is known now of ``only`` these datasets, with versions that are ``planned``, about today.

    Of snapshots only the newest, but with ``history``. The last few without a plan are kept as long as they would say
    the same: one act asks for it several times, and most of what is committed concerns none of them.
    """
    from evidence.facts.window import Window

    last, today = house.store.last_commit(), house.today
    if last is None:
        house._newest = None
    elif house._newest is None or house._newest[0] != (last, today):
        before = house._newest[1] if house._newest and house._newest[0][1] == today else []
        house._newest = ((last, today), [one for one in before if one.look().is_current(house.store)])
    kept = house._newest[1] if house._newest and not planned else []
    if found := next((one for one in kept if one.holds(only, history=history)), None):
        kept[:] = [found, *(one for one in kept if one is not found)]
        return found
    opened = Window.open(
        house.store, house.facts, (), Period(today, today, house.settings.zone), last or house.clock.now(),
        only=only, planned=planned, history=history,
    )  # fmt: skip
    kept[:] = [opened, *kept[: KEPT - 1]]
    return opened


@dataclass(frozen=True, slots=True)
class _Shown:
    """What was made of a window, and of which."""

    moment: tuple[datetime | None, date]  # the last commit and the day when it was asked for
    look: "Look"
    value: Any


def _as_shown(house: House, only: Collection[str], made: Callable[["Window"], T], called: str) -> T:
    """What is made of the newest of these datasets, made again only when they say something else or the day is over."""
    moment, before = (house.store.last_commit(), house.today), house._shown.get(called)
    if before is None or before.moment != moment:
        if before is not None and before.moment[1] == moment[1] and before.look.is_current(house.store):
            before = replace(before, moment=moment)
        else:
            seen = newest(house, only)
            before = _Shown(moment, seen.look(only), made(seen))
        house._shown[called] = before
    return cast(T, before.value)


def logs(told: Settings, tx: Transaction | None = None) -> tuple[str, ...]:
    """The logs of all companies, of those that left the settings, too, if a transaction shows them, and the group's."""
    left = [log for log in tx.ledger.logs() if is_log(log)] if tx else []
    kept = [*map(ledger.log_of, told.codes), *left]
    return (*dict.fromkeys(log for log in kept if log != ledger.GROUP), ledger.GROUP)


def is_log(name: object) -> bool:
    """Whether a log can have this name: a hand may write any into the database."""
    return isinstance(name, str) and name.startswith(ledger.PREFIX) and bool(CODE.fullmatch(name, len(ledger.PREFIX)))


def _aliases(seen: "Window") -> dict[tuple[str, str], str]:
    rows = seen.rows("person_identities")
    told = {(row["identifier_kind"], persons.normal(row["identifier"])): row["person_key"] for row in rows}
    return {named: key for named, key in told.items() if named[1]}  # a blank names nobody
