"""The year lived through: each morning the real scheduler, each day people and systems, each evening the exports."""

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import scheduler
from controls.model import GapEvent, GapKind
from controls.record import event_of
from demo.days import DAY, at
from evidence import yaml_files
from evidence.clock import StandingClock
from evidence.errors import ConfigError
from evidence.store.values import Claim
from house import House, acting, findings, waiving
from house.apart import Said
from house.day import collect_day
from house.following import Followed, followed
from house.work import WORK
from tests.year.exports import Exports
from tests.year.home import DAILY_SOURCES, JUDGED, WEEKLY_SOURCES, built, enter, registers_of
from tests.year.story import Happens, Key, Story
from tests.year.upkeep import upkeep
from tests.year.world import BEFORE, World

SCHEDULE: Sequence[Mapping[str, Any]] = (
    {"name": "collect", "does": "collect", "cron": "30 5 * * *", "sources": DAILY_SOURCES},
    {"name": "collect-weekly", "does": "collect", "cron": "40 5 * * mon", "sources": WEEKLY_SOURCES},
    {"name": "judge-daily", "does": "judge", "cron": "0 7 * * *", "frequency": ["daily"]},
    {"name": "judge-weekly", "does": "judge", "cron": "5 7 * * mon", "frequency": ["weekly"]},
    {"name": "judge-monthly", "does": "judge", "cron": "10 7 1 * *", "frequency": ["monthly"]},
    {"name": "judge-seldom", "does": "judge", "cron": "15 7 1 1,4,7,10 *",
     "frequency": ["quarterly", "half_yearly", "annual"]},
    {"name": "close", "does": "close", "cron": "0 8 * * *", "business_day": 5},
    {"name": "checkpoint", "does": "checkpoint", "cron": "30 8 1 * *"},
)  # fmt: skip
"""Each control by its frequency; what is judged quarterly or more seldom is judged on the first of each quarter."""
DAILY, MONDAYS, FIRSTS = ((5, 30), (7, 0), (8, 0)), ((5, 40), (7, 5)), ((7, 10), (7, 15), (8, 30))
EVENING = (18, 0)
"""When the scheduler looks: each day, on Mondays and on firsts of a month as well, and once when nothing is due."""


@dataclass
class Lived:
    """A home, its world and what people do in it; a day is lived after the other."""

    house: House
    world: World
    exports: Exports
    happens: Mapping[date, Sequence[Happens]]
    looks: Mapping[date, Sequence[Key]]  # gaps to be looked at, at noon
    down: Container[date] = ()  # days on which no scheduler runs
    finding: str = ""  # the one that is being followed
    seen: dict[tuple[Key, date], str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    today: date = BEFORE

    def through(self, last: date) -> None:
        """Live until the evening of a day. The files of sources stay as they are meanwhile, and are read once."""
        with patch.object(yaml_files, "load", cache(yaml_files.load)):
            while self.today < last:
                self.today += DAY
                self._morning()
                self._noon()
                self._evening()

    def _clock(self, moment: datetime) -> None:
        assert isinstance(self.house.clock, StandingClock)
        self.house.clock.at = moment

    def _serve_at(self, hours: Sequence[tuple[int, int]]) -> None:
        for hour, minute in hours if self.today not in self.down else ():
            self._clock(at(self.today, hour, minute))
            scheduler.run_once(self.house, self.said.append, _served)

    def _morning(self) -> None:
        mondays, firsts = MONDAYS if self.today.weekday() == 0 else (), FIRSTS if self.today.day == 1 else ()
        self._serve_at(sorted((*DAILY, *mondays, *firsts)))

    def _noon(self) -> None:
        self._clock(at(self.today, 12))
        keys = self.looks.get(self.today, ())
        if keys:
            told = {key_of(one): one for one in followed(self.house)}
            for key in keys:
                self.seen[key, self.today] = _looks(told.get(key))
        self._clock(at(self.today, 14))
        upkeep(self.world, self.today)
        for one in self.happens.get(self.today, ()):
            try:
                one(self)
            except ConfigError as error:  # an act that the product refuses is as wrong as a gap that is not there
                self.refused.append(f"refused on {self.today}: {error}")
        self.world.live(self.today)
        kept = registers_of(self.house.catalogue)
        for register in dict.fromkeys(name for name, _ in self.world.written if name in kept):
            enter(self.house, register, [row for name, row in self.world.written if name == register])
        self.world.written.clear()

    def _evening(self) -> None:
        self._serve_at((EVENING,))
        self.exports.evening(self.world, self.today)

    # what people do about gaps; ``by`` names a post: "AOI-SAL manager", "MID cpo"
    def gap(self, control: str, company: str, subject: str, aspect: str | None = None) -> Followed:
        """The gap of these words."""
        return acting.find(self.house, control, subject, company, aspect)

    def holder(self, post: str) -> str:
        """The key of who holds a post."""
        scope, _, name = post.partition(" ")
        return self.world.post(scope, "dept_privacy_manager" if name == "manager" else name)

    def act(
        self,
        kind: str,
        control: str,
        company: str,
        subject: str,
        aspect: str | None = None,
        *,
        by: str,
        reason: str = "対応した",
    ) -> None:
        """Say something about a gap; of an assignment, the reason is to whom."""
        gap = self.gap(control, company, subject, aspect).gap
        acting.record(self.house, gap, GapKind(kind), self.holder(by), reason)

    def dispose(
        self, control: str, company: str, subject: str, aspect: str | None = None, *, by: str, approver: str
    ) -> None:
        """Answer for what happened."""
        one = self.gap(control, company, subject, aspect)
        acting.dispose(self.house, one, self.holder(by), "再発防止を確認した", self.holder(approver))

    def waive(
        self, control: str, company: str, subject: str, aspect: str | None, *, by: str, approver: str, until: date
    ) -> None:
        """Accept a gap for a time."""
        one = self.gap(control, company, subject, aspect)
        waiving.waive(self.house, one, self.holder(by), "更改までの間", self.holder(approver), until)

    def unwaive(self, control: str, company: str, subject: str, aspect: str, *, by: str) -> None:
        """End the waiver of a gap."""
        one = self.gap(control, company, subject, aspect)
        assert one.waiver is not None
        waiving.unwaive(self.house, one.waiver.waiver_id, self.holder(by), "更改が早まった")

    def release(self, cause: str, *, by: str) -> None:
        """Say that what is held was looked at, and is real."""
        acting.release(self.house, cause, self.holder(by), "実機で確認した")

    def take_up(self, *keys: Key, by: str) -> None:
        """Make a finding of gaps."""
        gaps = [self.gap(*key) for key in keys]
        self.finding = findings.take_up(self.house, gaps, self.holder(by), "暗号化が外れた端末")

    def plan_finding(self, *, by: str, owner: str, due: date) -> None:
        """Say why it happened and what is done about it."""
        told = {"cause": "更改時の設定漏れ", "correction": "再設定", "prevention": "手順に確認を追加"}
        findings.plan(self.house, self._found(), self.holder(by), owner=self.holder(owner), due=due, **told)

    def complete_finding(self, *, by: str) -> None:
        """Say that it is done."""
        findings.complete(self.house, self._found(), self.holder(by), "再設定した")

    def verify_finding(self, *, by: str) -> None:
        """Say that it held."""
        findings.verify(self.house, self._found(), self.holder(by), "一か月後も保たれている", effective=True)

    def close_finding(self, *, by: str) -> None:
        """Close it."""
        findings.close(self.house, self._found(), self.holder(by), "完結")

    def _found(self) -> findings.Finding:
        return findings.find(self.house, self.finding)

    def is_refused(self, act: Callable[[], None]) -> None:
        """Let somebody try what this person may not do."""
        try:
            act()
        except ConfigError:
            return
        self.refused.append(f"on {self.today} somebody did what must be refused")


def _served(house: House, _: Claim, schedule: scheduler.Schedule, day: date, said: Said) -> str | None:
    """Work in this process: what it does is what matters here, not where."""
    return scheduler.done(WORK, house, schedule, day, said)


def _looks(one: Followed | None) -> str:
    if one is None:
        return "no gap"
    return (
        f"waived until {one.waiver.expires_on:%m-%d}" if one.waiver else one.charge.person if one.charge else "nobody"
    )


def key_of(one: Followed) -> Key:
    """What a gap is known by."""
    return str(one.gap.control), one.gap.company, one.gap.subject, one.gap.aspect


def events(house: House) -> dict[Key, list[GapEvent]]:
    """Everything that happened to each gap, in order."""
    told: dict[Key, list[GapEvent]] = {}
    with house.store.read() as tx:
        for one in map(event_of, tx.gaps.all()):
            told.setdefault((str(one.control), one.company, one.subject, one.aspect), []).append(one)
    return told


def begin(
    folder: Path,
    world: World,
    stories: Sequence[Story],
    down: Container[date] = (),
    *,
    controls: Collection[str] = JUDGED,
    schedule: Sequence[Mapping[str, Any]] = SCHEDULE,
) -> Lived:
    """A home on the evening before the year, and all that will happen."""
    house, exports = built(folder, world, schedule, controls)
    house.clock.at = at(BEFORE, 20)  # type: ignore[attr-defined]
    scheduler.run_once(house, lambda _: None, _served)
    house.clock.at = at(BEFORE, 24, 30)  # type: ignore[attr-defined]
    for _ in collect_day(house, BEFORE):  # by hand, as who sets a house up does
        pass
    happens: dict[date, list[Happens]] = {}
    looks: dict[date, list[Key]] = {}
    for story in stories:
        for day, one in story.happens:
            happens.setdefault(day, []).append(one)
        for life in story.lives:
            for day in life.seen:
                looks.setdefault(day, []).append(life.key)
    return Lived(house, world, exports, happens, looks, down)
