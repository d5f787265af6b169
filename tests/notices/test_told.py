"""Who is told of what, and when: once, by mail that a real server takes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Executable

from controls.model import GapKind
from evidence.store.rows import Rows
from evidence.store.values import GapEventRow, Letter
from house.following import escalate
from house.notify import notify
from house.standing import act
from tests.notices.homes import (
    ADMIN,
    CRITICAL,
    DAY,
    FALLBACK,
    HIGH,
    LOW,
    MAILS,
    MANAGER,
    OFFICER,
    TOP,
    Field,
)
from tests.servers.smtp import Mailbox


def kinds(field: Field) -> list[tuple[str, str]]:
    return [(one.notice.kind, str(one.outcome)) for one in notify(field.house)]


def to(mailbox: Mailbox) -> list[str]:
    return [one.to for one in mailbox.taken]


def test_nothing_waits_and_nobody_is_written_to(field: Field, mailbox: Mailbox) -> None:
    before = field.house.store.last_commit()
    field.now("09:00")
    assert notify(field.house) == []
    assert mailbox.taken == []
    assert field.house.store.last_commit() == before


def test_the_digest_comes_at_its_time_and_once_a_day(field: Field, mailbox: Mailbox) -> None:
    field.gap()
    field.now("08:29")
    assert kinds(field) == []
    field.now("08:30")
    assert kinds(field) == [("digest", "sent")]
    field.now("16:00")
    field.gap(subject="S2")
    assert kinds(field) == []
    field.now("08:30", DAY + timedelta(days=1))
    assert kinds(field) == [("digest", "sent")]
    assert to(mailbox) == [MAILS[MANAGER]] * 2


def test_a_digest_that_was_not_made_in_time_comes_later_on_the_day(field: Field, mailbox: Mailbox) -> None:
    field.gap()
    field.now("15:00")
    assert kinds(field) == [("digest", "sent")]


def test_each_person_gets_what_falls_to_them(field: Field, mailbox: Mailbox) -> None:
    field.gap()
    field.gap(subject="unverified", department=None, cause="source:hr")
    field.now("09:00")
    notify(field.house)
    assert sorted(to(mailbox)) == sorted([MAILS[MANAGER], MAILS[ADMIN]])
    [told] = mailbox.of(MAILS[ADMIN])
    assert "source:hr" in told.body


def test_gaps_of_several_companies_are_in_one_digest(field: Field, mailbox: Mailbox) -> None:
    field.gap()
    field.gap(company="MIDORI", department="D2", subject="S2")
    field.now("09:00")
    notify(field.house)
    assert to(mailbox) == [MAILS[MANAGER]]
    assert "AOBA" in mailbox.taken[0].body
    assert "MIDORI" in mailbox.taken[0].body


@pytest.mark.parametrize("again", [GapKind.FOUND, GapKind.REFUTED])
def test_what_is_critical_and_found_again_is_told_at_once_and_once(
    field: Field, mailbox: Mailbox, again: GapKind
) -> None:
    field.gap(CRITICAL)
    assert kinds(field) == [("critical", "sent")]
    act(field.house, field.event(CRITICAL, "S1", GapKind.CORRECTED))
    assert kinds(field) == []
    act(field.house, field.event(CRITICAL, "S1", again))
    assert kinds(field) == [("critical", "sent")]
    assert kinds(field) == []
    assert to(mailbox) == [MAILS[MANAGER]] * 2


def test_what_is_not_critical_and_found_again_waits_for_the_digest(field: Field) -> None:
    field.gap(HIGH)
    act(field.house, field.event(HIGH, "S1", GapKind.FOUND))
    assert kinds(field) == []


def test_what_is_late_and_about_the_officer_is_told_to_the_representative(field: Field, mailbox: Mailbox) -> None:
    field.gap(HIGH, field.person(OFFICER), due_on=DAY - timedelta(days=10))
    field.now("09:00")
    assert [event.columns["to"] for event in escalate(field.house)] == [field.person(TOP)]
    notify(field.house)
    assert [one.to for one in mailbox.taken if "上申" in one.subject] == [MAILS[TOP]]


def test_what_is_critical_is_told_at_once_and_once(field: Field, mailbox: Mailbox) -> None:
    field.now("23:00")
    field.gap(CRITICAL)
    field.gap(CRITICAL, subject="S2")
    assert kinds(field) == [("critical", "sent")]
    assert kinds(field) == []
    field.gap(CRITICAL, subject="S3")
    assert kinds(field) == [("critical", "sent")]
    assert "2 critical gaps" in mailbox.taken[0].subject
    assert "1 critical gap" in mailbox.taken[1].subject


def test_what_is_critical_and_comes_back_is_told_again(field: Field, mailbox: Mailbox) -> None:
    field.gap(CRITICAL)
    assert kinds(field) == [("critical", "sent")]
    act(field.house, field.event(CRITICAL, "S1", GapKind.CLOSED))
    assert kinds(field) == []
    act(field.house, field.event(CRITICAL, "S1", GapKind.REGRESSED))
    assert kinds(field) == [("critical", "sent")]


def test_what_was_closed_before_it_was_told_is_not_told(field: Field) -> None:
    field.gap(CRITICAL)
    act(field.house, field.event(CRITICAL, "S1", GapKind.CLOSED))
    field.now("09:00")
    assert kinds(field) == []


def test_whoever_gets_a_critical_gap_from_another_is_told_at_once(field: Field, mailbox: Mailbox) -> None:
    field.gap(CRITICAL)
    notify(field.house)
    act(field.house, field.event(CRITICAL, "S1", GapKind.ASSIGNED, reason=field.person(ADMIN)))
    notify(field.house)
    assert to(mailbox) == [MAILS[MANAGER], MAILS[ADMIN]]


def test_a_gap_that_was_escalated_is_told_to_whom_it_was_escalated_to(field: Field, mailbox: Mailbox) -> None:
    field.gap()
    field.gap(subject="S2")
    field.now("09:00")
    notify(field.house)
    field.now("10:00")
    told = {"to": field.person(OFFICER), "role": "cpo"}
    act(field.house, field.event(HIGH, "S1", GapKind.ESCALATED, columns=told))
    assert kinds(field) == [("digest", "sent"), ("escalated", "sent")]
    assert to(mailbox) == [MAILS[MANAGER], MAILS[OFFICER], MAILS[OFFICER]]
    assert kinds(field) == []


def test_what_was_escalated_stays_in_the_digest_of_both(field: Field, mailbox: Mailbox) -> None:
    field.gap()
    field.gap(subject="S2")
    act(
        field.house,
        field.event(HIGH, "S1", GapKind.ESCALATED, columns={"to": field.person(TOP), "role": "representative"}),
    )
    field.now("09:00")
    notify(field.house)
    [digest] = [one for one in mailbox.of(MAILS[TOP]) if "未対応" in one.subject]
    assert "未対応 1件" in digest.subject
    assert "未対応 2件" in mailbox.of(MAILS[MANAGER])[-1].subject


def test_an_escalation_waits_for_the_morning_and_a_critical_one_does_not(field: Field, mailbox: Mailbox) -> None:
    field.gap()
    field.gap(CRITICAL)
    notify(field.house)
    field.now("21:00")
    told = {"to": field.person(OFFICER), "role": "cpo"}
    act(field.house, field.event(HIGH, "S1", GapKind.ESCALATED, columns=told))
    act(field.house, field.event(CRITICAL, "S1", GapKind.ESCALATED, columns=told))
    assert kinds(field) == [("escalated", "sent")]
    assert CRITICAL in mailbox.taken[-1].body
    assert HIGH not in mailbox.taken[-1].body
    field.now("07:30", DAY + timedelta(days=1))
    assert kinds(field) == [("escalated", "sent")]
    assert HIGH in mailbox.taken[-1].body


MASS = f"mass:{LOW}:AOBA:{DAY}"


def test_a_mass_failure_is_one_notice_to_the_officer_and_none_to_others(field: Field, mailbox: Mailbox) -> None:
    field.gaps(5000, LOW, cause=MASS)
    field.now("09:00")
    assert kinds(field) == [("mass", "sent")]
    assert kinds(field) == []
    assert to(mailbox) == [MAILS[OFFICER]]
    assert "5000" in mailbox.taken[0].subject
    assert len(mailbox.taken[0].content) < 20_000


def test_a_mass_failure_that_nobody_looked_at_is_in_the_next_digest_of_the_officer(
    field: Field, mailbox: Mailbox
) -> None:
    field.gaps(30, LOW, cause=MASS)
    field.now("09:00")
    notify(field.house)
    field.now("09:00", DAY + timedelta(days=1))
    assert kinds(field) == [("digest", "sent")]
    assert to(mailbox) == [MAILS[OFFICER]] * 2


def test_what_a_person_released_goes_to_those_who_answer_for_it(field: Field, mailbox: Mailbox) -> None:
    field.gaps(30, LOW, cause=MASS)
    field.now("09:00")
    notify(field.house)
    act(field.house, *(field.event(LOW, f"S{n}", GapKind.RELEASED) for n in range(30)))
    notify(field.house)
    assert to(mailbox) == [MAILS[OFFICER], MAILS[MANAGER]]
    assert "未対応 30件" in mailbox.taken[1].subject


def test_a_source_that_failed_is_one_matter(field: Field, mailbox: Mailbox) -> None:
    for control in (HIGH, LOW, "VEN-01", "TEC-3-01"):
        field.gap(control, "unverified", department=None, cause="source:hr")
    field.now("09:00")
    notify(field.house)
    [told] = mailbox.taken
    assert "1. " in told.body
    assert "2. " not in told.body
    assert "ほか 3 管理策" in told.body


def test_what_nobody_answers_for_goes_to_the_fallback(field: Field, mailbox: Mailbox) -> None:
    field.gap(company="MIDORI", department="D7")
    field.now("09:00")
    notify(field.house)
    assert to(mailbox) == [FALLBACK]
    assert "宛先が登録されていない" in mailbox.taken[0].body


def test_people_without_an_address_share_one_digest_to_the_fallback(field: Field, mailbox: Mailbox) -> None:
    field.gap(department="D9")
    field.gap(company="MIDORI", department="D7", subject="S2")
    field.now("09:00")
    notify(field.house)
    assert to(mailbox) == [FALLBACK]
    assert "未対応 2件" in mailbox.taken[0].subject


DAYS = [
    pytest.param("19:59", DAY, True, id="before the quiet hours"),
    pytest.param("20:00", DAY, False, id="as they begin"),
    pytest.param("00:00", DAY + timedelta(days=1), False, id="at midnight"),
    pytest.param("08:30", date(2026, 4, 4), False, id="a Saturday"),
    pytest.param("08:30", date(2026, 4, 29), False, id="a national holiday"),
    pytest.param("08:30", date(2026, 12, 30), False, id="the end of the year"),
    pytest.param("08:30", date(2026, 4, 6), True, id="a Monday"),
    pytest.param("08:30", date(2026, 8, 13), False, id="a day on which the company is closed"),
]


@pytest.mark.parametrize(("time", "on", "sent"), DAYS)
def test_digests_wait_for_hours_in_which_people_work(field: Field, time: str, on: date, *, sent: bool) -> None:
    field.more = {
        "companies": [{"code": "AOBA", "name": "青葉", "closed_days": ["2026-08-13"]}, {"code": "MIDORI", "name": "緑"}]
    }
    field.now("08:00")
    field.gap()
    field.now(time, on)
    assert kinds(field) == ([("digest", "sent")] if sent else [])


@pytest.mark.parametrize(("time", "on", "sent"), DAYS)
def test_what_is_critical_waits_for_no_hour(field: Field, time: str, on: date, *, sent: bool) -> None:
    field.now(time, on)
    field.gap(CRITICAL)
    assert ("critical", "sent") in kinds(field)


@pytest.mark.parametrize(
    ("utc", "sent"),
    [
        pytest.param("2026-03-09T12:29", False, id="08:29 of summer time"),
        pytest.param("2026-03-09T12:30", True, id="08:30 of summer time"),
        pytest.param("2026-11-02T13:29", False, id="08:29 of winter time"),
        pytest.param("2026-11-02T13:30", True, id="08:30 of winter time"),
    ],
)
def test_the_time_is_that_of_the_wall_in_the_zone(field: Field, utc: str, *, sent: bool) -> None:
    field.more = {"zone": "America/New_York"}
    field.clock.at = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    field.gap()
    assert bool(kinds(field)) is sent


def test_a_round_reads_nothing_of_what_is_over(field: Field, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    rows_of = Rows.read

    def counted(rows: Rows, kind: type, statement: Executable) -> list[Any]:
        found = rows_of(rows, kind, statement)
        read.append(len(found) if kind is GapEventRow else 0)
        return found

    field.gaps(200, CRITICAL)
    act(field.house, *(field.event(CRITICAL, f"S{n}", GapKind.CLOSED) for n in range(200)))
    field.gap(CRITICAL, subject="T1")
    field.now("09:00")
    monkeypatch.setattr(Rows, "read", counted)
    assert kinds(field) == [("critical", "sent"), ("digest", "sent")]
    assert sum(read) < 10


def test_letters_say_what_became_of_them(field: Field) -> None:
    field.gap(CRITICAL)
    [told] = notify(field.house)
    assert isinstance(told, Letter)
    assert [(one.number, one.outcome) for one in told.tries] == [(1, "sent")]
