"""What the systems of the group hand out on the evening of a day, into the inbox of the home."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from demo import write_access, write_gates, write_people, write_security, write_things
from demo.days import DAY, at
from demo.files import Folder, exported
from demo.group import Group
from demo.values import Segment, Signal
from demo.write_taken_over import handed_over
from tests.year.world import BEFORE, SYSTEMS, World

EVERY = {
    "hr_postings": 3,
    "hr_leaves": 3,
    "hr_units": 30,
    "badge_aoi": 3,
    "cloud": 14,
    "settings": 14,
    "scanner": 14,
    "document_store": 30,
    "old_book": 90,
}
"""Days between two exports of what is handed out when it changed, or is so old; the others come each day."""
MONDAY = 0
MACHINE = {"AOI": "sv-crm", "MID": "sv-wms"}
RETENTION = timedelta(days=800)
Change = Callable[[bytes], bytes]


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

    def _all(self, world: World, day: date) -> Iterator[tuple[str, str, bytes, datetime]]:
        group, evening, stamp = world.group, exported(day), f"{day:%Y%m%d}"
        yield "hr_roster", f"roster_{stamp}.csv", write_people.roster(_shown(world), day), evening
        yield "idp", f"accounts_{stamp}.tsv", write_things.identities(group, day), evening
        yield "mdm", f"devices_{stamp}.json", write_things.devices(group, day), evening
        yield "lms", f"jukou_{stamp}.csv", write_people.learned(t for t in world.taken if t.on <= day), evening
        yield from self._logs(world, day)
        cards = write_things.badges((b for b in group.badges if b.company == "AOI"), day)
        for source, name, content, told in (
            ("hr_postings", f"hatsurei_{stamp}.csv", write_people.postings(group, day), None),
            ("hr_leaves", f"kyushoku_{stamp}.csv", write_people.leaves(group, day), None),
            ("hr_units", f"bumon_{stamp}.csv", write_people.units(group), None),
            ("badge_aoi", f"kenri_{stamp}.csv", cards, None),
            ("cloud", f"resources_{stamp}.json", write_things.cloud(group), None),
            (
                "settings",
                f"settings_{stamp}.json",
                write_gates.settings(group, day),
                write_gates.settings(group, date.min),
            ),
            ("document_store", f"documents_{stamp}.jsonl", handed_over(group, "documents"), None),
            ("old_book", f"book_entries_{stamp}.jsonl", handed_over(group, "book_entries"), None),
            ("scanner", f"zeijaku_{stamp}.csv", write_security.weaknesses(group, day), None),
        ):
            if self._due(source, day, told or content):
                yield source, name, content, evening
        if day.weekday() == MONDAY or day == BEFORE:
            alerts = write_things.alerts(_alert(code, day) for code in group.companies)
            yield "edr", f"alerts_{stamp}.jsonl", alerts, at(day, 24)
            yield "dlp", f"outbound_{stamp}.csv", write_things.sent(()), at(day, 24)

    def _due(self, source: str, day: date, content: bytes) -> bool:
        last = self._last.get(source)
        if last and last[1] == content and (day - last[0]).days < EVERY[source]:
            return False
        self._last[source] = day, content
        return True

    def _logs(self, world: World, day: date) -> Iterator[tuple[str, str, bytes, datetime]]:
        group = world.group
        segments: dict[str, list[Segment]] = {code: [] for code in group.companies}
        for system in SYSTEMS:
            host = group.hosts[system]
            told = sorted((a for a in group.access if a.system == system), key=lambda a: (a.at, a.id))
            write = {"json": write_access.json_log, "csv": write_access.csv_log}[host.log]
            suffix = {"json": "jsonl", "csv": "csv"}[host.log]
            yield str(host.source), f"{system.lower()}-{day:%Y%m%d}.{suffix}", write(told), at(day, 24)
            segments[host.company].append(
                segment(system, str(host.source), day, len(told), len({a.login for a in told}))
            )
        for code, mine in segments.items():
            name = f"log_platform_{code.lower()}"
            yield name, f"kukan_{day:%Y%m%d}.csv", write_access.segments(code, mine), at(day, 24)


def _shown(world: World) -> Group:
    """The group as personnel shows it: without those whom the roster has lost."""
    kept = [one for one in world.group.workers if one.no not in world.vanished]
    return replace(world.group, workers=kept) if world.vanished else world.group


def segment(system: str, source: str, day: date, lines: int, accounts: int) -> Segment:
    """A day of a log, complete and unharmed."""
    return Segment(
        system, source, at(day, 0), at(day, 24), lines, lines, accounts, accounts, retained_until=day + RETENTION
    )


def _alert(company: str, day: date) -> Signal:
    """What the detection sees every week, and nobody must look at."""
    return Signal(f"SIG-{company}-{day:%Y%m%d}", at(day, 11), company, "malware", "low", MACHINE[company], None, "検知")
