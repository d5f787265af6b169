"""Logs that are still being written: collected again and again, every event counts once and no line goes unseen."""

import gzip
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.rules import Rule
from collectors.transports.local import LocalFolder
from collectors.typed import Typer
from evidence.facts.window import Window
from evidence.period import Period
from tests.collectors.homes import ACCEPTED, DAY, KEYS, SSHD, Home

GROWING = SSHD + "growing: true\n"
JSON = """\
name: app
companies: [AOI]
transport: {kind: local, folder: inbox, pattern: "auth.log*"}
dataset: access_events
format: {kind: json_lines}
options: {system_id: SYS-LNX}
growing: true
"""
TOKYO = ZoneInfo("Asia/Tokyo")
START = datetime(2026, 3, 1, tzinfo=UTC)


def syslog(at: datetime, user: str) -> str:
    return f"{at.astimezone(TOKYO):%b %e %H:%M:%S} h1 {ACCEPTED.replace('sato', user)}"


def record(at: datetime, user: str) -> str:
    told = {"system_id": "SYS-LNX", "account_key": user, "action": "login_ok", "operation": "login", "result": "ok"}
    return json.dumps(told | {"occurred_at": at.isoformat()}) + "\n"


@contextmanager
def at_home(text: str = GROWING) -> Iterator[Home]:
    folder = Path(tempfile.mkdtemp(prefix="tenken-growing-"))
    home = Home(folder, text)
    try:
        yield home
    finally:
        home.store.close()
        shutil.rmtree(folder)


@dataclass
class Host:
    """A host whose log is written, rotated and collected."""

    home: Home
    line: Callable[[datetime, str], str]
    now: datetime = START
    live: str = ""
    rest: str = ""  # of a line of which the beginning is written
    events: int = 0
    slots: int = 0

    def write(self, gap: int, count: int) -> None:
        """Write so many equal events, some time after the last."""
        self.now += timedelta(seconds=gap)
        self.live += self.rest + self.line(self.now, "sato") * count
        self.rest = ""
        self.events += count
        self._save()

    def begin(self, gap: int, count: int) -> None:
        """Write a line of which only the beginning has come to the disk."""
        self.write(gap, count)
        line = self.line(self.now, "ito")
        cut = len(line) * count // 7
        self.live, self.rest = self.live + line[:cut], line[cut:]
        self.events += 1
        self._save()

    def rotate(self, gap: int, count: int) -> None:
        """Begin a new log; the old ones get other names, the oldest is packed."""
        self.write(gap, count)
        inbox = self.home.folder / "inbox"
        for number in (4, 3, 2):
            if (old := inbox / f"auth.log.{number}.gz").exists():
                old.rename(inbox / f"auth.log.{number + 1}.gz")
        if (last := inbox / "auth.log.1").exists():
            self.home.drop("auth.log.2.gz", gzip.compress(last.read_bytes()), self.now)
        (inbox / "auth.log").rename(last)
        self.live = ""

    def collect(self, gap: int = 0, count: int = 0) -> None:
        """Collect what there is."""
        self.slots += 1
        assert self.home.collect(DAY + timedelta(days=self.slots)).complete

    def finish(self) -> None:
        """Finish the last line, and collect."""
        self.write(1, 1)
        self.collect()

    def window(self) -> Window:
        """All that is known about the quarter."""
        known_at = self.home.store.last_commit()
        assert known_at is not None
        period = Period(date(2026, 3, 1), date(2026, 5, 31))
        return Window.open(
            self.home.store, self.home.facts, (), period, known_at, only=("access_events", "log_segments")
        )

    def _save(self) -> None:
        self.home.drop("auth.log", self.live, self.now)


ACTS = st.tuples(
    st.sampled_from(["write", "write", "begin", "rotate", "collect", "collect"]),
    st.integers(1, 100_000),
    st.integers(1, 3),
)


def lived(host: Host, acts: list[tuple[str, int, int]]) -> Window:
    for act, gap, count in acts:
        getattr(host, act)(gap, count)
    host.finish()
    return host.window()


@pytest.mark.parametrize(("text", "line"), [(GROWING, syslog), (JSON, record)], ids=["sshd", "json_lines"])
@settings(max_examples=12)
@given(st.lists(ACTS, max_size=8))
def test_however_often_a_log_is_collected_and_rotated_every_event_counts_once(
    text: str, line: Callable[[datetime, str], str], acts: list[tuple[str, int, int]]
) -> None:
    with at_home(text) as home:
        host = Host(home, line)
        window = lived(host, acts)
        assert len(window.rows("access_events")) == host.events
        segments = window.rows("log_segments")
        assert sum(segment["lines_read"] for segment in segments) == host.events
        assert all(segment["chain_ok"] for segment in segments)


TWICE = [("write", 5, 3), ("collect", 0, 0), ("write", 5, 1), ("rotate", 5, 1)]


def keys_of_the_object(typer: Typer, rule: Rule, raw: pa.RecordBatch) -> pa.Array:
    stood = zip(raw.column("#object").to_pylist(), raw.column("#line").to_pylist(), strict=True)
    return pa.array([KEYS.mint("event", told, str(line)) for told, line in stood], pa.string())


@pytest.mark.parametrize(("text", "line"), [(GROWING, syslog), (JSON, record)], ids=["sshd", "json_lines"])
def test_control_without_the_rule_for_keys_what_was_seen_before_counts_twice(
    text: str, line: Callable[[datetime, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Typer, "_events", keys_of_the_object)
    with at_home(text) as home:
        host = Host(home, line)
        window = lived(host, TWICE)
        assert (host.events, len(window.rows("access_events"))) == (6, 9)


def test_a_log_that_grows_as_it_is_opened_is_collected_as_it_then_was(monkeypatch: pytest.MonkeyPatch) -> None:
    with at_home() as home:
        home.drop("auth.log", syslog(START, "sato"), START)
        opened = LocalFolder.open

        def written_on(folder: LocalFolder, item: Any) -> Any:
            home.drop("auth.log", syslog(START, "sato") + syslog(START, "ito"), START + timedelta(seconds=1))
            return opened(folder, item)

        monkeypatch.setattr(LocalFolder, "open", written_on)
        first = home.collect()
        again = home.collect()
        assert (first.rows, first.complete, again.objects) == (2, True, 0)


def collected(home: Home, *logs: dict[str, str]) -> list[dict[str, Any]]:
    """Collect a host on as many days; its segments in the order of their ends."""
    host = Host(home, syslog)
    for day, files in enumerate(logs):
        for old in (home.folder / "inbox").iterdir():
            old.unlink()
        for name, content in files.items():
            home.drop(name, content, START + timedelta(days=day, hours=len(content)))
        host.collect()
    return sorted(host.window().rows("log_segments"), key=lambda segment: segment["ends_at"])


def lines(*hours: int) -> str:
    return "".join(syslog(START + timedelta(hours=hour), "sato") for hour in hours)


def test_a_segment_begins_where_the_one_before_it_ended(home: Home) -> None:
    first, second = collected(home, {"auth.log": lines(1, 2)}, {"auth.log": lines(1, 2, 5)})
    assert (first["lines_read"], first["lines_reported"], second["lines_read"], second["lines_reported"]) == (
        2,
        2,
        1,
        1,
    )
    assert first["ends_at"] == second["starts_at"]
    assert second["ends_at"] == START + timedelta(hours=5, microseconds=1)


@pytest.fixture
def home() -> Iterator[Home]:
    with at_home() as made:
        yield made


CHAINS: dict[str, tuple[list[dict[str, str]], list[bool]]] = {
    "grown": ([{"auth.log": lines(1)}, {"auth.log": lines(1, 2)}], [True, True]),
    "rotated": (
        [{"auth.log": lines(1)}, {"auth.log.1": lines(1, 2), "auth.log": lines(3)}],
        [True, True, True],
    ),
    "rotated as it was": ([{"auth.log": lines(1)}, {"auth.log.1": lines(1), "auth.log": lines(3)}], [True, True]),
    "rotated before, written anew only now": (
        [{"auth.log": lines(1)}, {"auth.log.1": lines(1, 2)}, {"auth.log": lines(3), "auth.log.1": lines(1, 2)}],
        [True, True, True],
    ),
    "rotated away": ([{"auth.log": lines(1)}, {"auth.log": lines(3)}], [True, False]),
    "rotated away, and its successor too": (
        [{"auth.log": lines(1)}, {"auth.log.1": lines(3), "auth.log": lines(5)}],
        [True, True, False],
    ),
    "written over": ([{"auth.log": lines(1, 2)}, {"auth.log": lines(1, 3, 4)}], [True, False]),
    "an old one removed": (
        [
            {"auth.log.1": lines(1), "auth.log": lines(2)},
            {"auth.log.1": lines(2, 3), "auth.log": lines(4)},
        ],
        [True, True, True, True],
    ),
    "gone altogether": ([{"auth.log": lines(1)}, {"secure": "x"}], [True]),
}  # fmt: skip


@pytest.mark.parametrize(("logs", "chain"), CHAINS.values(), ids=CHAINS)
def test_the_chain_breaks_where_a_log_lost_its_predecessor(
    home: Home, logs: list[dict[str, str]], chain: list[bool]
) -> None:
    assert [segment["chain_ok"] for segment in collected(home, *logs)] == chain


def test_of_a_source_that_is_not_growing_no_chain_is_known(home: Home) -> None:
    home.write(SSHD)
    segments = collected(home, {"auth.log": lines(1)}, {"auth.log": lines(3)})
    assert [segment["chain_ok"] for segment in segments] == [True, True]
