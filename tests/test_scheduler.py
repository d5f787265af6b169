"""When things are done: every due moment is one slot, served by one, and none of them disappears."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import scheduler
from controls.gaps import fold
from controls.model import Gap
from controls.record import event_of
from evidence.clock import StandingClock, SystemClock
from evidence.errors import SourceUnreachable
from evidence.period import Period
from evidence.store.values import Claim, SlotRow
from house import House, create, slots
from house.apart import Said
from house.standing import assessments
from house.work import WORK, Asked, Work
from scheduler import Schedule, run_once

TOKYO = ZoneInfo("Asia/Tokyo")
DAILY = '- {name: collect, does: collect, cron: "30 5 * * *"}'
BY_BUSINESS_DAY = '- {name: self-check, does: self-check, cron: "0 8 * * *", business_day: 15}'
MONTHLY = '- {name: self-check, does: self-check, cron: "0 8 5 * *"}'
JUDGE = '- {name: judge, does: judge, cron: "0 7 * * *"}'


class Worked:
    """The work table of a house that only remembers what it was asked to do."""

    def __init__(self) -> None:
        self.days: list[tuple[str, date]] = []
        self.failing: Exception | str | None = None

    @property
    def table(self) -> Mapping[str, Work]:
        return dict.fromkeys(("collect", "judge", "close", "self-check", "checkpoint"), self._work)

    def serve(self, house: House, _: Claim, schedule: Schedule, day: date, said: Said) -> str | None:
        return scheduler.done(self.table, house, schedule, day, said)

    def _work(self, _: House, schedule: Asked, day: date, said: Said) -> str | None:
        self.days.append((schedule.name, day))
        if isinstance(self.failing, Exception):
            raise self.failing
        return self.failing


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(tokyo(2026, 5, 1, 12))


@pytest.fixture
def house(tmp_path: Path, clock: StandingClock) -> Iterator[House]:
    built = create(tmp_path / "home", "青葉グループ", [("AOBA", "株式会社青葉"), ("MIDORI", "株式会社みどり")], clock)
    planned(built, DAILY)
    yield built
    built.store.close()


@pytest.fixture
def worked() -> Worked:
    return Worked()


def tokyo(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=TOKYO).astimezone(UTC)


def planned(house: House, *lines: str, grace: int = 12) -> None:
    told = "".join(f"  {line}\n" for line in lines)
    (house.home / "schedule.yaml").write_text(f"schedules:\n{told}grace_hours: {grace}\n", "utf-8")


def served(house: House, worked: Worked) -> list[SlotRow]:
    return run_once(house, lambda _: None, worked.serve)


def told(rows: list[SlotRow]) -> list[tuple[str, str, str]]:
    return [(row.schedule, f"{row.due_at.astimezone(TOKYO):%m-%d %H:%M}", row.outcome) for row in rows]


def gaps(house: House) -> dict[str, Gap]:
    with house.store.read() as tx:
        folded = fold((event_of(row) for row in tx.gaps.all()), {})
    return {gap.company: gap for gap in folded.values() if gap.control == slots.CONTROL and gap.subject != slots.SILENT}


def test_nothing_before_the_first_look_is_due(house: House, worked: Worked) -> None:
    assert served(house, worked) == []
    assert worked.days == []


def test_each_slot_is_served_once_for_the_day_before_it(house: House, clock: StandingClock, worked: Worked) -> None:
    served(house, worked)
    clock.at = tokyo(2026, 5, 2, 5, 31)
    assert told(served(house, worked)) == [("collect", "05-02 05:30", "collected")]
    assert served(house, worked) == []
    assert worked.days == [("collect", date(2026, 5, 1))]


def test_what_is_due_is_done_in_the_order_of_its_times(house: House, clock: StandingClock, worked: Worked) -> None:
    planned(house, JUDGE, DAILY)
    served(house, worked)
    clock.at = tokyo(2026, 5, 2, 9)
    assert told(served(house, worked)) == [("collect", "05-02 05:30", "collected"), ("judge", "05-02 07:00", "done")]


def test_three_days_without_us_are_three_slots_and_only_the_newest_collects(
    house: House, clock: StandingClock, worked: Worked
) -> None:
    served(house, worked)
    clock.at = tokyo(2026, 5, 4, 9)
    assert [outcome for _, _, outcome in told(served(house, worked))] == ["missed", "missed", "collected"]
    assert worked.days == [("collect", date(2026, 5, 3))]


def test_what_was_missed_is_a_gap_of_every_company_with_its_days(
    house: House, clock: StandingClock, worked: Worked
) -> None:
    served(house, worked)
    clock.at = tokyo(2026, 5, 4, 9)
    served(house, worked)
    assert set(gaps(house)) == {"AOBA", "MIDORI"}
    gap = gaps(house)["AOBA"]
    assert (gap.subject, gap.about, gap.state) == ("collect", "event", "open")
    assert gap.open_days == {date(2026, 5, 2), date(2026, 5, 3)}
    assert gap.message is not None
    assert "05-03 05:30" in gap.message.ja


def test_later_success_does_not_close_what_was_missed(house: House, clock: StandingClock, worked: Worked) -> None:
    served(house, worked)
    for day in (4, 5, 6):
        clock.at = tokyo(2026, 5, day, 9)
        served(house, worked)
    assert gaps(house)["AOBA"].open_days == {date(2026, 5, 2), date(2026, 5, 3)}


def test_a_newest_slot_that_is_late_too_catches_up_and_stays_missed(
    house: House, clock: StandingClock, worked: Worked
) -> None:
    served(house, worked)
    clock.at = tokyo(2026, 5, 3, 23)
    assert [outcome for _, _, outcome in told(served(house, worked))] == ["missed", "missed"]
    assert worked.days == [("collect", date(2026, 5, 2))]


def test_what_is_judged_late_is_judged_on_what_came_meanwhile(
    house: House, clock: StandingClock, worked: Worked
) -> None:
    planned(house, DAILY, JUDGE)
    served(house, worked)
    clock.at = tokyo(2026, 5, 5, 5, 31)
    assert [outcome for _, _, outcome in told(served(house, worked))] == [*["missed"] * 6, "collected"]
    assert worked.days == [("collect", date(2026, 5, 3)), ("judge", date(2026, 5, 3)), ("collect", date(2026, 5, 4))]


def test_a_monthly_self_check_is_made_for_each_month_however_late(
    house: House, clock: StandingClock, worked: Worked
) -> None:
    planned(house, MONTHLY)
    served(house, worked)
    clock.at = tokyo(2026, 7, 20)
    assert told(served(house, worked)) == [
        ("self-check", "05-05 08:00", "missed"),
        ("self-check", "06-05 08:00", "missed"),
        ("self-check", "07-05 08:00", "missed"),
    ]
    assert [day for _, day in worked.days] == [date(2026, 5, 4), date(2026, 6, 4), date(2026, 7, 4)]


def test_a_monthly_self_check_by_business_day_is_made_for_each_month_though_they_lie_close(
    house: House, clock: StandingClock, worked: Worked
) -> None:
    planned(house, BY_BUSINESS_DAY)
    served(house, worked)
    clock.at = tokyo(2026, 7, 20)
    assert told(served(house, worked)) == [  # the second is due twenty-four days after the first
        ("self-check", "05-26 08:00", "missed"),
        ("self-check", "06-19 08:00", "missed"),
    ]
    assert [day for _, day in worked.days] == [date(2026, 5, 25), date(2026, 6, 18)]


@pytest.mark.parametrize(
    ("failing", "reason"),
    [
        pytest.param("hr: no answer", "hr: no answer", id="the work says so"),
        pytest.param(SourceUnreachable("hr", "no answer"), "hr: no answer", id="an error raised on purpose"),
        pytest.param(
            KeyError("山田"), "KeyError; see the scheduler's output", id="any other error, without what it holds"
        ),
    ],
)
def test_failed_work_is_a_failed_slot_with_its_reason(
    house: House, clock: StandingClock, worked: Worked, failing: Exception | str, reason: str
) -> None:
    served(house, worked)
    worked.failing, clock.at = failing, tokyo(2026, 5, 2, 6)
    [row] = served(house, worked)
    assert (row.outcome, row.reason) == ("failed", reason)
    assert gaps(house)["MIDORI"].open_days == {date(2026, 5, 2)}


def test_a_good_collection_mends_the_days_of_failed_ones(house: House, clock: StandingClock, worked: Worked) -> None:
    served(house, worked)
    worked.failing, clock.at = "hr: no answer", tokyo(2026, 5, 2, 6)
    served(house, worked)
    worked.failing, clock.at = None, tokyo(2026, 5, 3, 6)
    served(house, worked)
    assert {gap.state for gap in gaps(house).values()} == {"closed"}


def test_a_good_judgement_mends_nothing(house: House, clock: StandingClock, worked: Worked) -> None:
    planned(house, JUDGE)
    served(house, worked)
    worked.failing, clock.at = "no space", tokyo(2026, 5, 2, 8)
    served(house, worked)
    worked.failing, clock.at = None, tokyo(2026, 5, 3, 8)
    served(house, worked)
    assert gaps(house)["AOBA"].open_days == {date(2026, 5, 2)}


def test_a_schedule_is_not_served_while_its_last_slot_is_and_other_work_waits_for_what_was_due_before(
    house: House, clock: StandingClock, worked: Worked
) -> None:
    planned(house, DAILY, '- {name: other, does: collect, cron: "0 6 * * *"}', JUDGE, grace=720)
    served(house, worked)
    clock.at = tokyo(2026, 5, 3, 9)
    seen: list[SlotRow] = []

    def meanwhile(house: House, claim: Claim, schedule: Schedule, day: date, said: Said) -> str | None:
        if not worked.days:
            seen.extend(served(house, worked))
        return None

    rows = run_once(house, lambda _: None, meanwhile)
    assert told(seen) == [("other", "05-02 06:00", "collected")]
    assert [row.schedule for row in rows] == ["collect", "judge", "collect", "other", "judge"]


def test_work_within_the_grace_is_labelled_late(house: House, clock: StandingClock, worked: Worked) -> None:
    served(house, worked)
    clock.at = tokyo(2026, 5, 2, 8, 31)
    [row] = served(house, worked)
    assert (row.outcome, row.reason) == ("collected", "3 時間遅れて実施 / done 3 h late")


def test_a_clock_that_ran_ahead_does_not_hide_what_is_due_now(
    house: House, clock: StandingClock, worked: Worked
) -> None:
    served(house, worked)
    clock.at = tokyo(2026, 6, 2, 6)
    planned(house, '- {name: collect, does: collect, cron: "30 5 2 6 *"}')
    served(house, worked)
    planned(house, DAILY)
    clock.at = tokyo(2026, 5, 2, 6)
    assert told(served(house, worked)) == [("collect", "05-02 05:30", "collected")]


def test_every_slot_is_one_entry_of_the_group_s_ledger(house: House, clock: StandingClock, worked: Worked) -> None:
    served(house, worked)
    clock.at = tokyo(2026, 5, 4, 9)
    rows = served(house, worked)
    with house.store.read() as tx:
        entries = [leaf for leaf in tx.ledger.leaves("tenken/group") if b'"kind":"slot"' in leaf.leaf]
    assert len(entries) == 1 + len(rows)
    assert sum(b'"outcome":"missed"' in entry.leaf for entry in entries) == 2


def test_run_serves_what_is_due_at_once_and_stops_when_told(tmp_path: Path) -> None:
    house = create(tmp_path / "home", "青葉グループ", [("AOBA", "株式会社青葉")], SystemClock())
    planned(house, '- {name: judge, does: judge, cron: "* * * * *"}')
    with house.store.write() as tx:
        tx.slots.finish(SlotRow("judge", house.clock.now() - timedelta(minutes=2), "done", None))
    stop, days = threading.Event(), []

    def work(_: House, __: Claim, schedule: Schedule, day: date, ___: Said) -> str | None:
        days.append(day)
        stop.set()
        return None

    scheduler.run(house, lambda _: None, stop, work)
    assert days
    house.store.close()


def test_told_to_stop_it_finishes_what_is_being_done_and_begins_nothing_more(
    house: House, clock: StandingClock, worked: Worked
) -> None:
    served(house, worked)
    clock.at = tokyo(2026, 5, 4, 9)
    planned(house, DAILY, grace=720)
    stop, days = threading.Event(), list[date]()

    def work(_: House, __: Claim, ___: Schedule, day: date, ____: Said) -> str | None:
        days.append(day)
        stop.set()
        return None

    [row] = run_once(house, lambda _: None, work, stop=stop)
    assert (row.outcome, days) == ("collected", [date(2026, 5, 1)])


def test_a_judgement_of_some_frequencies_judges_their_controls(house: House, clock: StandingClock) -> None:
    weekly = Schedule(name="weekly", does="judge", cron="0 7 * * mon", frequency=("weekly",))
    assert scheduler.done(WORK, house, weekly, date(2026, 4, 30), print) is None
    judged = {str(one.control) for one in assessments(house, Period(date(2026, 3, 17), date(2026, 4, 30)))}
    assert judged == {str(one.id) for one in house.catalogue.controls if "weekly" in one.frequency}


def test_a_judgement_of_frequencies_that_no_control_has_fails_and_judges_nothing(house: House) -> None:
    daily = [one for one in house.catalogue.controls if "daily" in one.frequency]
    house.__dict__["catalogue"] = replace(house.catalogue, controls=tuple(daily))
    yearly = Schedule(name="yearly", does="judge", cron="0 7 1 4 *", frequency=("annual",))
    assert "annual" in (scheduler.done(WORK, house, yearly, date(2026, 4, 30), print) or "")
    assert assessments(house, Period(date(2026, 3, 17), date(2026, 4, 30))) == []


def test_status_says_what_was_done_and_what_is_overdue(house: House, clock: StandingClock, worked: Worked) -> None:
    served(house, worked)
    clock.at = tokyo(2026, 5, 2, 6)
    served(house, worked)
    clock.at = tokyo(2026, 5, 4, 6)
    [row] = scheduler.status(house)
    assert (row["outcome"], row["overdue"]) == ("collected", 2)
    assert row["next_due"] == tokyo(2026, 5, 5, 5, 30)
