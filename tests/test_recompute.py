"""Law 5: a judgement is a function of what was known; the same evidence gives the same verdicts and the same bytes."""

import itertools
import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controls.assess import Company, assess
from controls.decided import Decided
from controls.engine import TestFault, run
from controls.model import Assessment, Control, Verdict
from controls.population import Population
from evidence.datasets import Kind, catalogue
from evidence.errors import Tampered
from evidence.facts.feeds import Feed
from evidence.facts.window import Window
from evidence.period import Period
from house import House, day, open_house
from house import window as open_window
from tests.homes import copied
from tests.outside import CODE, people, put
from tests.recomputed import AT, DAY, PERIOD, bodies, collected, judged_once_more, log

ROOT = Path(__file__).parents[1]
MAX_AGE_DAYS = 3
TIME_ZONES = ("Asia/Tokyo", "Pacific/Chatham")
LOCALES: Mapping[str, Mapping[str, str]] = {
    "utf-8": {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"},
    "ascii": {"LC_ALL": "POSIX", "LANG": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


@dataclass(frozen=True)
class Judged:
    """A house whose day was judged, and how."""

    house: House
    before: tuple[Assessment, ...]
    commits: tuple[datetime, ...]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judged]:
    house, commits = collected(tmp_path_factory.mktemp("recompute"))
    before = tuple(day.judge(house, PERIOD))
    day.checkpoint(house)
    yield Judged(house, before, tuple(commits))
    house.store.close()


def forget_judgements(home: Path) -> int:
    """Empty the table; how many rows it had."""
    with sqlite3.connect(home / "tenken.db") as database:
        gone = database.execute("DELETE FROM judgements").rowcount
    database.close()
    return gone


def test_forgotten_judgements_come_back_the_same(judged: Judged, tmp_path: Path) -> None:
    home = copied(judged.house.home, tmp_path / "home")
    known_at = judged.before[0].known_at
    assert forget_judgements(home) == len(judged.before)
    house = open_house(home)
    assert day.assessments(house, PERIOD) == []
    again = day.judge(house, PERIOD, known_at)
    house.store.close()
    assert tuple(again) == judged.before
    assert bodies(again) == bodies(judged.before)


def test_what_came_later_changes_nothing_of_what_was_known(judged: Judged, tmp_path: Path) -> None:
    home = copied(judged.house.home, tmp_path / "home")
    put(home, "roster/meibo_later.csv", "社員番号,氏名,所属,区分,入社日,取扱者\n合計,0,,,,\n".encode("cp932"), AT)
    put(home, "log/later.jsonl", log(people("nobody-knows")).replace(b"otoyama1", b"stranger"), AT)
    house = open_house(home)
    for _ in day.collect_day(house, DAY):
        pass
    again, now = judged_once_more(house), day.judge(house, PERIOD)
    house.store.close()
    assert bodies(again) == bodies(judged.before)
    assert [one.verdict for one in now] != [one.verdict for one in again]


def handed_out(home: Path, out: Path, zone: str, locale: str, seed: int) -> dict[str, str]:
    out.mkdir()
    environment = {"PATH": os.environ["PATH"], "TZ": zone, "PYTHONHASHSEED": str(seed), **LOCALES[locale]}
    command = [sys.executable, "-m", "tests.recomputed", str(home), str(out)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    told: dict[str, str] = json.loads(done.stdout)
    return told


def test_the_same_bytes_in_every_zone_locale_and_hash_order(judged: Judged, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(2**32)
    draws = random.Random(seed)
    places = [
        (z, locale, draws.randrange(2**32)) for z, locale in zip(TIME_ZONES, itertools.cycle(LOCALES), strict=False)
    ]
    homes = [copied(judged.house.home, tmp_path / f"home{n}") for n in range(len(places))]
    with ThreadPoolExecutor(2) as two:
        running = [
            two.submit(handed_out, home, tmp_path / f"out{n}", *place)
            for n, (home, place) in enumerate(zip(homes, places, strict=True))
        ]
        told = [one.result() for one in running]
    print(f"seed {seed}: {len(told)} processes, {len(told[0])} digests each")
    assert len(told[0]) == 5
    assert [one for one in told if one != told[0]] == []


def test_what_was_known_is_looked_up_once_and_one_window_kept(judged: Judged) -> None:
    house, known_at = judged.house, judged.before[0].known_at
    first = open_window(house, PERIOD, known_at)
    assert open_window(house, PERIOD, known_at) is first
    assert open_window(house, PERIOD.before, known_at) is not first
    assert open_window(house, PERIOD, known_at) is not first


def test_a_control_judged_alone_answers_as_among_all_and_reads_no_facts_but_its_own(
    judged: Judged, tmp_path: Path
) -> None:
    home = copied(judged.house.home, tmp_path / "home")
    known_at, house = judged.before[0].known_at, open_house(home)
    for file in (home / "facts" / "access_events").rglob("*.parquet"):
        file.write_bytes(b"changed")
    others = [str(c.id) for c in house.catalogue.controls if "access_events" not in c.datasets]
    again = day.judge(house, PERIOD, known_at, others)
    assert bodies(again) == bodies([one for one in judged.before if one.control in others])
    with pytest.raises(Tampered):
        day.judge(house, PERIOD, known_at)
    house.store.close()


def test_a_moment_that_has_not_passed_is_looked_up_anew(judged: Judged) -> None:
    last = judged.house.store.last_commit()
    assert last is not None
    first, again = (open_window(judged.house, PERIOD, last + timedelta(seconds=1)) for _ in range(2))
    assert again is not first


def fed_by(control: Control, feeds: set[str]) -> bool:
    return bool(feeds & {str(name) for name in control.datasets})


Answers = Mapping[str, Population | TestFault]


def verdicts(house: House, window: Window, answers: Answers = MappingProxyType({})) -> dict[str, Verdict]:
    """``answers`` are what the tests said of the facts of this window."""
    decided, told = Decided.shown(window), [Company(CODE)]
    judged = (assess(one, window, told, decided, answers.get(one.id)) for one in house.catalogue.controls)
    return {one.control: one.verdict for [one] in judged}


@pytest.fixture(scope="module")
def window(judged: Judged) -> Window:
    return open_window(judged.house, PERIOD, judged.before[0].known_at)


@pytest.fixture(scope="module")
def answers(judged: Judged, window: Window) -> Answers:
    return {control.id: run(control, window) for control in judged.house.catalogue.controls}


@pytest.fixture(scope="module")
def full(judged: Judged, window: Window, answers: Answers) -> dict[str, Verdict]:
    """The verdicts with all evidence, some of which are passes: otherwise nothing below could fail."""
    told = verdicts(judged.house, window, answers)
    assert list(told.values()).count(Verdict.PASS) >= 2
    return told


SOURCED = sorted(name for name, dataset in catalogue().items() if name != "source_runs")


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(missing=st.sets(st.sampled_from(SOURCED), min_size=1, max_size=6))
def test_a_source_that_never_delivered_leaves_no_pass(
    judged: Judged, window: Window, answers: Answers, full: dict[str, Verdict], missing: set[str]
) -> None:
    silent = tuple(Feed("silent", name, (CODE,), MAX_AGE_DAYS) for name in sorted(missing))
    doubts = replace(window.doubts, feeds=window.doubts.feeds + silent)
    told = verdicts(judged.house, replace(window, doubts=doubts), answers)
    touched = {c.id for c in judged.house.catalogue.controls if fed_by(c, missing)}
    in_force = {name for name, verdict in full.items() if verdict is not Verdict.NOT_APPLICABLE}
    assert {told[name] for name in touched & in_force} <= {Verdict.UNVERIFIED}
    assert {name: told[name] for name in told.keys() - touched} == {name: full[name] for name in full.keys() - touched}


def test_control_without_doubts_the_passes_stand(
    judged: Judged, window: Window, answers: Answers, full: dict[str, Verdict]
) -> None:
    credulous = verdicts(judged.house, replace(window, everything_is_proven=True), answers)
    passing = {name for name, verdict in full.items() if verdict is Verdict.PASS}
    silent = tuple(Feed("silent", name, (CODE,), MAX_AGE_DAYS) for name in SOURCED)
    doubtful = verdicts(judged.house, replace(window, doubts=replace(window.doubts, feeds=silent)), answers)
    assert passing <= {name for name, verdict in credulous.items() if verdict is Verdict.PASS}
    assert Verdict.PASS not in doubtful.values()


def held_at(house: House, known_at: datetime) -> set[str]:
    """The sources of which everything was recorded by a moment, read with SQL alone."""
    with sqlite3.connect(house.home / "tenken.db") as database:
        rows = database.execute("SELECT source, complete, recorded_at FROM runs").fetchall()
    database.close()
    moments = {source: (complete, _instant(at)) for source, complete, at in rows}
    return {source for source, (complete, at) in moments.items() if complete and at <= known_at}


def _instant(stored: Any) -> datetime:
    return datetime.fromisoformat(stored).replace(tzinfo=ZoneInfo("UTC"))


@pytest.mark.parametrize("place", [0, 3, 6, 8])
def test_before_a_source_was_held_its_controls_do_not_pass(judged: Judged, place: int) -> None:
    house, known_at = judged.house, judged.commits[place]
    held = held_at(house, known_at)
    lacking = {dataset for source in house.sources if source.name not in held for dataset in source.datasets}
    assert lacking
    told = verdicts(house, open_window(house, PERIOD, known_at))
    touched = {c.id for c in house.catalogue.controls if fed_by(c, lacking)}
    assert touched
    assert {told[name] for name in touched} <= {Verdict.UNVERIFIED, Verdict.NOT_APPLICABLE}


@pytest.mark.parametrize(("days", "is_fresh"), [(2, True), (3, False), (4, False), (30, False)])
def test_evidence_that_grows_old_turns_no_control_into_a_pass(
    judged: Judged, full: dict[str, Verdict], days: int, is_fresh: bool
) -> None:
    house, last = judged.house, DAY + timedelta(days=days)
    told = verdicts(house, open_window(house, Period(last, last), judged.before[0].known_at))
    sourced = {name for source in house.sources for name in source.datasets}
    of_sources = {
        c.id
        for c in house.catalogue.controls
        if fed_by(c, {name for name in sourced if catalogue()[name].kind is not Kind.REGISTER})
    }
    passing = {name for name in of_sources if told[name] is Verdict.PASS}
    assert bool(passing) == is_fresh
    assert passing <= {name for name in of_sources if full[name] is Verdict.PASS}
