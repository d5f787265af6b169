"""What a window shows of the facts known at one moment (datasets.md §3)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from evidence.clock import StandingClock
from evidence.datasets import State, catalogue
from evidence.facts import Facts, read_schema
from evidence.facts.feeds import Feed
from evidence.facts.rows import shown, table
from evidence.facts.window import Window
from evidence.period import Period
from evidence.store import Store
from evidence.store.values import FetchedObject, RegisterVersion, Run

PERIOD = Period(date(2026, 3, 1), date(2026, 3, 31))
LATER = datetime(2026, 4, 30, tzinfo=UTC)


class Held:
    """A store and a facts folder, and short ways to put evidence in."""

    def __init__(self, home: Path) -> None:
        self.clock = StandingClock(datetime(2026, 4, 1, tzinfo=UTC))
        self.store = Store.open(f"sqlite:///{home / 'tenken.db'}", self.clock)
        self.store.upgrade()
        self.facts = Facts(home / "facts")
        self.runs = 0

    def deliver(
        self,
        name: str,
        rows: Sequence[Mapping[str, Any]],
        *,
        at: datetime,
        source: str = "s",
        complete: bool = True,
        reason: str | None = None,
        objects: bool = True,
        covers: tuple[date | None, date | None] = (None, None),
        before: str = "",
        slot_on: date | None = None,
    ) -> datetime:
        """One collected run (of an earlier slot, made up for late), by a tenken of ``before`` a column was declared; when
        the store recorded it."""
        dataset = catalogue()[name]
        dataset = replace(dataset, columns=tuple(one for one in dataset.columns if one.name != before))
        self.runs += 1
        run_id = f"run-{self.runs}"
        moment = at if dataset.kind == "snapshot" else None
        batch = table(dataset, shown(dataset, rows, PERIOD.zone)).select(read_schema(dataset).names)
        with self.store.write() as tx:
            day = slot_on or at.date()
            file = self.facts.write(
                dataset, source, run_id, day, batch.to_batches(), snapshot_at=moment, complete=complete
            )
            if file is not None:
                tx.facts.add(file)
            if objects:
                tx.objects.add(
                    FetchedObject("ab" * 32, 1, source, run_id, run_id, None, None, "local:x", "local", "00" * 32)
                )
            tx.runs.add(
                Run(
                    run_id=run_id, source=source, company="C1", dataset=name, slot_on=day, outcome="collected",
                    complete=complete, rows=len(rows), rows_reported=None, rejected=0, reason=reason,
                    snapshot_at=None if dataset.kind == "event" else at,
                    covers_from=covers[0], covers_to=covers[1],
                )
            )  # fmt: skip
            return tx.at

    def window(self, known_at: datetime | None = None, feeds: tuple[Feed, ...] = (), period: Period = PERIOD) -> Window:
        return Window.open(self.store, self.facts, feeds, period, known_at or LATER)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    yield Held(tmp_path)


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00+09:00").astimezone(UTC)


def worker(person: str, **columns: Any) -> dict[str, Any]:
    return {"engagement_key": f"E-{person}", "person_key": person, "kind": "regular", **columns}


def test_the_newest_complete_snapshot_is_what_a_test_sees(held: Held) -> None:
    held.deliver("workers", [worker("P1"), worker("P2")], at=at("2026-03-10"))
    held.deliver("workers", [worker("P1")], at=at("2026-03-20"))
    held.deliver("workers", [], at=at("2026-03-25"), complete=False)
    assert [row["person_key"] for row in held.window().rows("workers")] == ["P1"]


def test_an_incomplete_snapshot_changes_no_state(held: Held) -> None:
    held.deliver("workers", [worker("P1"), worker("P2")], at=at("2026-03-10"))
    held.deliver("workers", [worker("P1")], at=at("2026-03-20"), complete=False)
    assert len(held.window().rows("workers")) == 2


def test_a_snapshot_taken_after_the_period_is_not_seen(held: Held) -> None:
    held.deliver("workers", [worker("P1")], at=at("2026-03-31"))
    held.deliver("workers", [worker("P2")], at=at("2026-04-01"))
    assert [row["person_key"] for row in held.window().rows("workers")] == ["P1"]


def test_snapshots_of_two_sources_stand_beside_each_other(held: Held) -> None:
    held.deliver("workers", [worker("P1")], at=at("2026-03-10"), source="hr")
    held.deliver("workers", [worker("P2")], at=at("2026-03-20"), source="agency")
    assert [row["person_key"] for row in held.window().rows("workers")] == ["P1", "P2"]


def test_what_was_recorded_later_is_hidden(held: Held) -> None:
    known = held.deliver("workers", [worker("P1")], at=at("2026-03-10"))
    held.deliver("workers", [worker("P2")], at=at("2026-03-20"))
    assert [row["person_key"] for row in held.window(known).rows("workers")] == ["P1"]


def test_known_since_is_when_the_content_was_first_recorded(held: Held) -> None:
    first = held.deliver("workers", [worker("P1")], at=at("2026-03-10"))
    posted = held.deliver("workers", [worker("P1", left_on="2026-03-01")], at=at("2026-03-20"))
    held.deliver("workers", [worker("P1", left_on="2026-03-01")], at=at("2026-03-25"))
    [row] = held.window().rows("workers")
    assert first < posted == row["known_since_at"] < row["recorded_at"]


def test_history_gives_each_content_its_days(held: Held) -> None:
    held.deliver("workers", [worker("P1", department="D1"), worker("P2")], at=at("2026-03-01"))
    held.deliver("workers", [worker("P1", department="D1"), worker("P2")], at=at("2026-03-08"))
    held.deliver("workers", [worker("P1", department="D2")], at=at("2026-03-15"))
    spans = {
        (row["person_key"], row["department"]): (row["valid_from_on"], row["valid_to_on"])
        for row in held.window().rows("workers", history=True)
    }
    assert spans == {
        ("P1", "D1"): (date(2026, 3, 1), date(2026, 3, 14)),
        ("P1", "D2"): (date(2026, 3, 15), date(9999, 12, 31)),
        ("P2", "D1"): (date(2026, 3, 1), date(2026, 3, 14)),
    }


def test_content_that_returns_has_two_spans(held: Held) -> None:
    for day, department in (("2026-03-01", "D1"), ("2026-03-08", "D2"), ("2026-03-15", "D1")):
        held.deliver("workers", [worker("P1", department=department)], at=at(day))
    spans = [row["valid_from_on"] for row in held.window().rows("workers", history=True) if row["department"] == "D1"]
    assert sorted(spans) == [date(2026, 3, 1), date(2026, 3, 15)]


def test_an_event_delivered_twice_is_there_once_as_first_recorded(held: Held) -> None:
    event = {
        "event_key": "e1",
        "action": "read",
        "result": "ok",
        "occurred_at": at("2026-03-10"),
        "time_basis": "zone_given",
    }
    first = held.deliver("access_events", [event], at=at("2026-03-11"))
    held.deliver("access_events", [event, {**event, "event_key": "e2"}], at=at("2026-03-12"))
    rows = held.window().rows("access_events")
    assert [(row["event_key"], row["recorded_at"] == first) for row in rows] == [("e1", True), ("e2", False)]


def test_a_test_sees_events_from_its_lookback_to_the_end_of_the_period(held: Held) -> None:
    days = ["2026-02-18", "2026-02-19", "2026-03-01", "2026-03-31", "2026-04-01"]
    events = [{"event_key": day, "occurred_at": at(day)} for day in days]
    held.deliver("access_events", events, at=at("2026-04-02"))
    told = held.window().run("SELECT event_key FROM access_events ORDER BY event_key", {}, lookback_days=10)
    assert told["event_key"].to_pylist() == days[1:4]


def test_a_row_ref_leads_to_object_part_and_line(held: Held) -> None:
    held.deliver("workers", [{**worker("P1"), "object": "ab" * 32, "part": "名簿", "line": 7}], at=at("2026-03-10"))
    [row] = held.window().rows("workers")
    assert row["row_ref"] == f"{'ab' * 32}:名簿:7"


def version(number: int, name: str, **changed: Any) -> RegisterVersion:
    row = {"company": "C1", "department": "D1", "system_id": "S1", "name": name, "owner_key": "P1", "log_sources": []}
    told: dict[str, Any] = {
        "register": "systems", "key": ("S1",), "version": number, "values": row, "valid_from_on": date(2026, 1, 1),
        "valid_to_on": date(9999, 12, 31), "entered_by": "P9", "reason": "r", "object": "cd" * 32, "part": "systems", "line": 3,
    }  # fmt: skip
    return RegisterVersion(**(told | changed))


@pytest.mark.parametrize(
    ("versions", "seen"),
    [
        pytest.param([version(1, "a"), version(2, "b")], ["b"], id="the newest version"),
        pytest.param([version(1, "a"), version(2, "b", valid_from_on=date(2026, 4, 1))], ["a"], id="not yet valid"),
        pytest.param([version(1, "a", valid_to_on=date(2026, 3, 30))], [], id="no longer valid"),
        pytest.param([version(1, "a", valid_to_on=date(2026, 3, 31))], ["a"], id="valid on its last day"),
        pytest.param([version(1, "a"), version(2, "a", state=State.RETIRED)], [], id="retired"),
    ],
)
def test_a_register_shows_the_version_valid_on_the_day(
    held: Held, versions: list[RegisterVersion], seen: list[str]
) -> None:
    for one in versions:
        with held.store.write() as tx:
            tx.registers.add(one)
    assert [row["name"] for row in held.window().rows("systems")] == seen


def test_a_register_as_known_before_a_correction(held: Held) -> None:
    with held.store.write() as tx:
        tx.registers.add(version(1, "a"))
        known = tx.at
    with held.store.write() as tx:
        tx.registers.add(version(2, "b"))
    assert [row["name"] for row in held.window(known).rows("systems")] == ["a"]


def test_what_is_planned_stands_in_its_register_as_if_it_were_entered(held: Held) -> None:
    with held.store.write() as tx:
        tx.registers.add(version(1, "a"))
    known_at = held.store.last_commit()
    assert known_at is not None
    planned = [version(2, "b")]
    window = Window.open(held.store, held.facts, (), PERIOD, known_at, only=("systems",), planned=planned)
    assert [row["name"] for row in window.rows("systems")] == ["b"]
    assert {row["name"] for row in window.rows("systems", history=True)} == {"a", "b"}
    again = Window.open(held.store, held.facts, (), PERIOD, known_at, only=("systems",))
    assert [row["name"] for row in again.rows("systems")] == ["a"]


def test_a_window_of_some_datasets_runs_a_test_over_them(held: Held) -> None:
    window = Window.open(held.store, held.facts, (), PERIOD, LATER, only=("systems",))
    assert window.run("SELECT count(*) AS n FROM systems", {}, lookback_days=0)["n"].to_pylist() == [0]


def test_register_rows_that_a_source_delivers_are_replaced_key_by_key(held: Held) -> None:
    row = {"system_id": "S1", "name": "old"}
    held.deliver("systems", [row, {"system_id": "S2", "name": "kept"}], at=at("2026-03-01"))
    held.deliver("systems", [{**row, "name": "new"}], at=at("2026-03-02"))
    assert [r["name"] for r in held.window().rows("systems")] == ["new", "kept"]


def test_a_file_that_no_commit_lists_is_not_read(held: Held) -> None:
    dataset = catalogue()["workers"]
    batch = table(dataset, shown(dataset, [worker("P1")], PERIOD.zone)).select(read_schema(dataset).names)
    held.facts.write(dataset, "s", "killed", date(2026, 3, 1), batch.to_batches(), snapshot_at=at("2026-03-01"))
    assert held.window().rows("workers") == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('/etc/hostname')",
        "ATTACH '/tmp/other.db'",
        "COPY (SELECT 1) TO '/tmp/out.csv'",
        "SET threads = 2",
        "INSTALL httpfs",
    ],
)
def test_the_engine_itself_refuses_to_leave_the_facts(held: Held, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        held.window().run(sql, {}, lookback_days=0)


FEED = Feed("s", "workers", ("C1",), max_age_days=7)


def test_a_fresh_complete_snapshot_leaves_no_doubt(held: Held) -> None:
    held.deliver("workers", [worker("P1")], at=at("2026-03-25"))
    assert held.window(feeds=(FEED,)).doubt("C1", ["workers"]) is None


@pytest.mark.parametrize(
    ("days_before_the_end", "believed"),
    [
        pytest.param(timedelta(days=7), True, id="exactly the allowed age"),
        pytest.param(timedelta(days=7, seconds=1), False, id="a second older"),
    ],
)
def test_a_snapshot_older_than_allowed_is_stale(held: Held, days_before_the_end: timedelta, believed: bool) -> None:
    held.deliver("workers", [worker("P1")], at=PERIOD.until_at - days_before_the_end)
    assert (held.window(feeds=(FEED,)).doubt("C1", ["workers"]) is None) is believed


@pytest.mark.parametrize(
    ("deliver", "says"),
    [
        pytest.param(None, "never delivered", id="never"),
        pytest.param(False, "no complete evidence", id="only incomplete"),
    ],
)
def test_a_source_without_complete_evidence_is_doubted(held: Held, deliver: bool | None, says: str) -> None:
    if deliver is not None:
        held.deliver("workers", [worker("P1")], at=at("2026-03-30"), complete=deliver, reason="行3が読めない")
    assert says in str(held.window(feeds=(FEED,)).doubt("C1", ["workers"]))


def test_a_dataset_that_no_source_delivers_is_doubted(held: Held) -> None:
    assert "no source" in str(held.window().doubt("C1", ["workers"]))


def test_a_feed_of_another_company_does_not_vouch(held: Held) -> None:
    held.deliver("workers", [worker("P1")], at=at("2026-03-30"))
    assert "no source" in str(held.window(feeds=(FEED,)).doubt("C2", ["workers"]))


LOG = Feed("s", "access_events", ("C1",), max_age_days=7)
EVENT = {"event_key": "e1", "occurred_at": at("2026-03-10")}


def test_events_that_lost_rows_are_doubted(held: Held) -> None:
    held.deliver("access_events", [EVENT], at=at("2026-03-29"))
    held.deliver("access_events", [EVENT], at=at("2026-03-30"), complete=False, reason="2行が読めない")
    assert "incomplete" in str(held.window(feeds=(LOG,)).doubt("C1", ["access_events"]))


def test_events_that_were_read_whole_at_last_are_believed(held: Held) -> None:
    held.deliver("access_events", [EVENT], at=at("2026-03-29"), complete=False, reason="2行が読めない")
    held.deliver("access_events", [EVENT], at=at("2026-03-30"))
    assert held.window(feeds=(LOG,)).doubt("C1", ["access_events"]) is None


def test_rows_lost_in_another_month_leave_this_one_believed(held: Held) -> None:
    held.deliver("access_events", [EVENT], at=at("2026-03-30"))
    later = (date(2026, 4, 20), date(2026, 4, 21))
    held.deliver("access_events", [EVENT], at=at("2026-04-21"), complete=False, reason="2行が読めない", covers=later)
    assert held.window(feeds=(LOG,)).doubt("C1", ["access_events"]) is None


@pytest.mark.parametrize(
    ("covers", "believed"),
    [
        pytest.param((date(2026, 3, 1), date(2026, 3, 30)), True, id="a log of the period, fetched long after"),
        pytest.param((date(2026, 3, 1), date(2026, 3, 20)), False, id="a log that ends too early"),
        pytest.param((date(2026, 4, 1), date(2026, 4, 20)), False, id="a log of later days"),
    ],
)
def test_a_log_that_is_fetched_late_vouches_for_the_days_it_tells_of(
    held: Held, covers: tuple[date, date], believed: bool
) -> None:
    held.deliver("access_events", [EVENT], at=at("2026-04-25"), covers=covers)
    assert (held.window(feeds=(LOG,)).doubt("C1", ["access_events"]) is None) is believed


@pytest.mark.parametrize(
    ("objects", "believed"),
    [pytest.param(True, True, id="an empty file"), pytest.param(False, False, id="nothing at all")],
)
def test_a_log_that_says_nothing_is_believed_only_when_something_was_delivered(
    held: Held, objects: bool, believed: bool
) -> None:
    feed = Feed("s", "access_events", ("C1",), max_age_days=2)
    held.deliver("access_events", [], at=at("2026-03-31"), objects=objects)
    assert (held.window(feeds=(feed,)).doubt("C1", ["access_events"]) is None) is believed


def test_an_older_snapshot_vouches_for_its_own_time(held: Held) -> None:
    held.deliver("workers", [worker("P1")], at=at("2026-03-30"))
    held.deliver("workers", [worker("P1")], at=at("2026-04-20"))
    assert held.window(feeds=(FEED,)).doubt("C1", ["workers"]) is None


def test_no_earlier_version_comes_back_when_a_row_is_over(held: Held) -> None:
    for one in (version(1, "a"), version(2, "b", valid_to_on=date(2026, 3, 30))):
        with held.store.write() as tx:
            tx.registers.add(one)
    assert held.window().rows("systems") == []


def test_a_window_over_given_rows_holds_the_datasets_that_are_asked_for_and_no_others() -> None:
    window = Window.given({"workers": [{"person_key": "P1"}]}, PERIOD, only=("workers", "access_events"))
    held = window.connection.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'held'")
    assert {name for (name,) in held.fetchall()} == {"workers", "workers_history", "access_events"}
    assert window.run("SELECT person_key FROM workers", {}, lookback_days=0)["person_key"].to_pylist() == ["P1"]


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_an_empty_dataset_has_the_columns_and_types_of_a_full_one(name: str) -> None:
    windows = [Window.given({name: [{}] * rows}, PERIOD, only=(name,)) for rows in (0, 1)]
    empty, full = (one.run(f"SELECT * FROM {name}", {}, lookback_days=50_000) for one in windows)
    assert (empty.num_rows, full.num_rows) == (0, 1)
    assert empty.schema == full.schema
    assert windows[0].table(name, "C1").schema == windows[1].table(name, "C1").schema
