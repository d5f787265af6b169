"""What the systems of the group hand out on the evening of a day, into the inbox of the home."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from demo import write_access, write_gates, write_people, write_security, write_things
from demo.days import DAY, at
from demo.files import Folder, exported
from demo.group import Group
from demo.values import Signal
from demo.write_taken_over import handed_over
from tests.year.world import BEFORE, SYSTEMS, World

EVERY = {
    "hr_roster": 3, "hr_postings": 14, "hr_leaves": 14, "hr_units": 30, "idp": 3, "mdm": 3, "badge_aoi": 14, "cloud": 14,
    "settings": 14, "scanner": 14, "document_store": 30, "old_book": 90,
}  # fmt: skip
"""Days between two exports of a whole state, when nothing of it changed; what changed is handed out the same evening."""
MONDAY = 0
MACHINE = {"AOI": "sv-crm", "MID": "sv-wms"}
BEGAN = BEFORE - timedelta(days=59)  # since when there are logs
Change = Callable[[bytes], bytes]
Told = tuple[str, str, bytes, datetime]  # source, name of the file, content, moment


@dataclass
class Exports:
    """The inbox, and what of it has come."""

    inbox: Folder
    silent: dict[str, tuple[date, date]] = field(default_factory=dict)  # sources that hand out nothing meanwhile
    damaged: dict[tuple[str, date], Change] = field(default_factory=dict)  # what becomes of one export on its way
    again: list[tuple[str, date]] = field(default_factory=list)  # exports handed out once more, in order now
    kept: dict[tuple[str, date], tuple[str, bytes]] = field(default_factory=dict)  # as they should have been
    _last: dict[str, tuple[date, bytes]] = field(default_factory=dict)

    def evening(self, world: World, day: date) -> None:
        """Hand out everything of a day."""
        for source, name, content, moment in self._all(world, day):
            first, last = self.silent.get(source, (day + DAY, day))
            if not first <= day <= last:
                change = self.damaged.get((source, day))
                if change:
                    self.kept[source, day] = name, content
                self.inbox.under(source).put(name, change(content) if change else content, moment)
        for key in self.again:
            self.inbox.under(key[0]).put(*self.kept[key], exported(day))
        self.again.clear()
        world.taken = [course for course in world.taken if course.on > day]

    def _all(self, world: World, day: date) -> Iterator[Told]:
        group, stamp = world.group, f"{day:%Y%m%d}"
        yield "lms", f"jukou_{stamp}.csv", write_people.learned(t for t in world.taken if t.on <= day), exported(day)
        yield from logs(group, day)
        for source, name, content, state in _states(world, day):
            if self._due(source, day, state or content):
                yield source, name.format(stamp), content, exported(day)
        if day.weekday() == MONDAY or day == BEFORE:
            alerts = write_things.alerts(_alert(code, day) for code in group.companies)
            yield "edr", f"alerts_{stamp}.jsonl", alerts, at(day, 24)
            yield "dlp", f"outbound_{stamp}.csv", write_things.sent(()), at(day, 24)

    def _due(self, source: str, day: date, state: bytes) -> bool:
        """Whether a state is handed out: it changed, the last one is old, or the source is silent from tomorrow on."""
        before, (first, last) = self._last.get(source), self.silent.get(source, (day, day - DAY))
        if first <= day <= last:
            return False
        if before and before[1] == state and (day - before[0]).days < EVERY[source] and day + DAY != first:
            return False
        self._last[source] = day, state
        return True


def logs(group: Group, day: date) -> Iterator[Told]:
    """The log of each system on a day."""
    for system in SYSTEMS:
        host = group.hosts[system]
        told = sorted((a for a in group.access if a.system == system), key=lambda a: (a.at, a.id))
        write, suffix = {"json": (write_access.json_log, "jsonl"), "csv": (write_access.csv_log, "csv")}[host.log]
        yield str(host.source), f"{system.lower()}-{day:%Y%m%d}.{suffix}", write(told), at(day, 24)


def _states(world: World, day: date) -> Iterator[tuple[str, str, bytes, bytes | None]]:
    """Source, name, content, and what of it tells whether it changed, where the content has the day in it."""
    group = world.group
    yield "hr_roster", "roster_{}.csv", write_people.roster(_shown(world), day), None
    yield "hr_postings", "hatsurei_{}.csv", write_people.postings(group, day), None
    yield "hr_leaves", "kyushoku_{}.csv", write_people.leaves(group, day), None
    yield "hr_units", "bumon_{}.csv", write_people.units(group), None
    yield "idp", "accounts_{}.tsv", write_things.identities(group, day), None
    yield "badge_aoi", "kenri_{}.csv", write_things.badges((b for b in group.badges if b.company == "AOI"), day), None
    changed = [(d, d.changed_at is None or d.changed_at <= exported(day)) for d in group.devices.values()]
    yield "mdm", "devices_{}.json", write_things.devices(group, day), repr(changed).encode()
    yield "cloud", "resources_{}.json", write_things.cloud(group), None
    yield "settings", "settings_{}.json", write_gates.settings(group, day), repr(group.settings).encode()
    yield "document_store", "documents_{}.jsonl", handed_over(group, "documents"), None
    yield "old_book", "book_entries_{}.jsonl", handed_over(group, "book_entries"), None
    yield "scanner", "zeijaku_{}.csv", write_security.weaknesses(group, day), None


def _shown(world: World) -> Group:
    """The group as personnel shows it: without those whom the roster has lost."""
    kept = [one for one in world.group.workers if one.no not in world.vanished]
    return replace(world.group, workers=kept) if world.vanished else world.group


def _alert(company: str, day: date) -> Signal:
    """What the detection sees every week, and nobody must look at."""
    return Signal(f"SIG-{company}-{day:%Y%m%d}", at(day, 11), company, "malware", "low", MACHINE[company], None, "検知")
