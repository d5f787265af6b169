"""When what was judged, from an index alone; and the versions of closed periods in their order."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import pytest

from evidence.clock import StandingClock
from evidence.store import Store
from evidence.store.values import JudgedDay
from tests.evidence.store import samples as s
from tests.evidence.store.conftest import NOON

HOUR = timedelta(hours=1)
MARCH = date(2026, 3, 1)
CONTROLS = ("TEC-01", "HUM-01")


def judge(store: Store, clock: StandingClock, hours: int, **changes: object) -> None:
    clock.at = NOON + hours * HOUR
    with store.write() as tx:
        tx.judgements.add(replace(s.JUDGEMENT, **changes))  # type: ignore[arg-type]


def days(store: Store, until_hours: int, company: str = "AOI") -> list[JudgedDay]:
    with store.read() as tx:
        return list(tx.judgements.days(company, MARCH, s.DAY, NOON + until_hours * HOUR, CONTROLS))


SINCE = s.JUDGEMENT.since


def test_every_judgement_of_a_day_tells_when_it_was_made_and_what_came_out(store: Store, clock: StandingClock) -> None:
    verdicts = ("unverified", "not_applicable", "pass")
    for hours, verdict in enumerate(verdicts):
        judge(store, clock, hours, verdict=verdict)
    told = [days(store, until) for until in range(-1, 3)]
    moments = [NOON + hours * HOUR for hours in range(3)]
    made = [JudgedDay("HUM-01", s.DAY, SINCE, at, verdict, at) for at, verdict in zip(moments, verdicts, strict=True)]
    assert told == [[], made[:1], made[:2], made]


def test_what_was_judged_by_what_was_known_once_tells_until_when(store: Store, clock: StandingClock) -> None:
    judge(store, clock, 1, followed=False)
    assert [(one.judged_at, one.known_until) for one in days(store, 1)] == [(NOON + HOUR, s.JUDGEMENT.known_at)]


def test_days_come_by_control_and_day_of_one_company_between_two_days(store: Store, clock: StandingClock) -> None:
    rows = [("TEC-01", 31), ("HUM-01", 31), ("HUM-01", 2), ("HUM-01", 1)]
    for control, day in rows:
        judge(store, clock, 0, control=control, as_of=date(2026, 3, day))
    judge(store, clock, 0, as_of=date(2026, 2, 28))
    judge(store, clock, 0, since=date(2026, 4, 1), as_of=date(2026, 4, 1))
    judge(store, clock, 0, company="KITA")
    judge(store, clock, 0, control="POL-01")
    assert [(one.control, one.as_of.day) for one in days(store, 1)] == sorted(rows)


def test_periods_that_end_with_the_same_day_are_told_apart(store: Store, clock: StandingClock) -> None:
    first = date(2026, 1, 15)
    judge(store, clock, 0, since=SINCE, verdict="unverified")
    judge(store, clock, 1, since=first)
    assert [(one.since, one.judged_at) for one in days(store, 2)] == [(first, NOON + HOUR), (SINCE, NOON)]


def test_a_later_period_that_reaches_back_is_told_and_an_earlier_one_is_not(store: Store, clock: StandingClock) -> None:
    for since, as_of in ((date(2026, 2, 1), date(2026, 2, 28)), (s.DAY, date(2026, 5, 1)), (date(2026, 4, 1),) * 2):
        judge(store, clock, 0, since=since, as_of=as_of)
    assert [(one.since, one.as_of) for one in days(store, 1)] == [(s.DAY, date(2026, 5, 1))]


def test_only_the_days_that_are_named_are_told(store: Store, clock: StandingClock) -> None:
    for day in (3, 10, 31):
        judge(store, clock, 0, since=date(2026, 3, 1), as_of=date(2026, 3, day))
    ends = (date(2026, 3, 10), date(2026, 3, 20))
    with store.read() as tx:
        told = list(tx.judgements.days("AOI", MARCH, s.DAY, NOON + HOUR, CONTROLS, ends))
    assert [one.as_of for one in told] == [ends[0]]


def test_a_result_that_is_had_again_is_of_the_moment_it_was_had_first(store: Store, clock: StandingClock) -> None:
    for hours in range(3):
        judge(store, clock, hours)
    judge(store, clock, 3, known_at=NOON)
    with store.read() as tx:
        told = tx.judgements.judged_at("AOI", s.JUDGEMENT.since, s.DAY)
        assert told == {("HUM-01", s.MORNING): NOON, ("HUM-01", NOON): NOON + 3 * HOUR}
        assert tx.judgements.judged_at("AOI", MARCH + timedelta(days=1), s.DAY) == {}


def test_the_first_day_of_each_company_is_the_earliest_that_was_judged(store: Store, clock: StandingClock) -> None:
    for company, day in (("AOI", 31), ("AOI", 30), ("KITA", 31)):
        judge(store, clock, 0, company=company, as_of=date(2026, 3, day))
    with store.read() as tx:
        assert tx.judgements.first_days() == {"AOI": date(2026, 3, 30), "KITA": s.DAY}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_the_calendar_of_judgements_reads_no_body(store: Store, url: str) -> None:
    sql = (
        "EXPLAIN QUERY PLAN SELECT control, as_of, since, judged_at, verdict, CASE WHEN followed THEN judged_at ELSE known_at END "
        "FROM judgements WHERE company = 'AOI' AND as_of >= '2026-03-01' AND since <= '2026-03-31' "
        "AND judged_at <= '2026-04-01' ORDER BY control, as_of, since, judged_at"
    )
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        [plan] = database.execute(sql).fetchall()
    assert "COVERING INDEX ix_judgements_days" in plan[3]


def test_the_versions_of_a_period_come_in_their_order_and_the_shorter_period_first(store: Store) -> None:
    quarter = replace(s.CLOSE, cycle="quarter", since=date(2026, 1, 1))
    rows = [quarter, replace(s.CLOSE, version=2), s.CLOSE, replace(s.CLOSE, company="KITA")]
    with store.write() as tx:
        for one in rows:
            tx.closes.add(one)
        told = [(one.company, one.cycle, one.version) for one in tx.closes.all()]
        assert [one.version for one in tx.closes.of("AOI", s.CLOSE.since, s.DAY)] == [1, 2]
        assert {one.company for one in tx.closes.all("KITA")} == {"KITA"}
    assert told == [("AOI", "month", 1), ("AOI", "month", 2), ("KITA", "month", 1), ("AOI", "quarter", 1)]
