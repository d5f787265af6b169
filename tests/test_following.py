"""Every gap reaches a person and is followed until it is closed: owners, waivers, what is late, what is one matter."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from controls.matters import merged
from controls.model import About, ControlId, GapEvent, GapKind, Verdict
from controls.record import event_of
from evidence.errors import ConfigError
from evidence.period import Period
from house import House, acting, day, duties, waiving
from house.following import Followed, escalate, followed
from house.standing import act
from registers.cells import person_key
from tests.following import FIRST, UNAUDITED, at, copied, deliver, furnished, gap_of, judged, key, lived, write
from tests.test_measured import AUDIT

CONTROL, VENDOR = UNAUDITED
WAIVER: dict[str, Any] = {
    "company": "AOBA", "waiver_id": "W-1", "control_id": CONTROL, "subject": VENDOR, "reason": "契約終了まで",
    "approved_by": "103", "approved_on": FIRST, "expires_on": date(2027, 3, 2),
}  # fmt: skip


@pytest.fixture
def house(first_day: House, tmp_path: Path) -> House:
    """A company whose first day was judged: the vendor in D2 deviates."""
    return copied(first_day, tmp_path)


def pass_days(house: House, days: int) -> None:
    """A morning so many days later, with a roster of the day before."""
    day_on = FIRST + timedelta(days=days)
    deliver(house, day_on)
    judged(house, day_on, [CONTROL])


def events(house: House, kind: GapKind) -> list[tuple[str, str, Any]]:
    with house.store.read() as tx:
        told = [event_of(row) for row in tx.gaps.all(control=CONTROL)]
    return [(e.control, e.subject, e.columns.get("to")) for e in told if e.kind is kind]


def test_a_gap_falls_to_the_manager_of_its_department(house: House) -> None:
    charge = gap_of(house, CONTROL, VENDOR).charge
    assert charge is not None
    assert (charge.person, charge.role) == (key(house, "manager"), "dept_privacy_manager")


def test_a_manager_who_leaves_hands_over_to_the_deputy(house: House) -> None:
    day_on = FIRST + timedelta(days=1)
    deliver(house, day_on, without=["manager"])
    judged(house, day_on, [CONTROL])
    charge = gap_of(house, CONTROL, VENDOR).charge
    assert charge is not None
    assert (charge.person, charge.stands_in_for) == (key(house, "deputy"), key(house, "manager"))


def test_what_is_late_goes_up_once_to_each_and_no_further(house: House) -> None:
    due = gap_of(house, CONTROL, VENDOR).gap.due_on
    assert due == FIRST + timedelta(days=1 + 30)  # found on the morning after the day that was judged
    told = []
    for days in (6, 7, 8, 29, 30, 31, 60):
        house.clock.at = at(due + timedelta(days=days))  # type: ignore[attr-defined]
        escalate(house)
        told.append([to for _, subject, to in events(house, GapKind.ESCALATED) if subject == VENDOR])
    cpo, top = key(house, "cpo"), key(house, "top")
    assert told == [[], [cpo], [cpo], [cpo], [cpo, top], [cpo, top], [cpo, top]]


def test_what_is_judged_long_after_its_day_is_not_late_when_it_is_found(tmp_path: Path) -> None:
    house = furnished(tmp_path)
    deliver(house, FIRST)
    house.clock.at = at(FIRST + timedelta(days=50))  # type: ignore[attr-defined]
    for _ in day.collect_day(house, FIRST):
        pass
    day.judge(house, Period(FIRST, FIRST), only=[CONTROL])
    one = gap_of(house, CONTROL, VENDOR)
    assert (one.gap.due_on, one.overdue_days, escalate(house)) == (FIRST + timedelta(days=50 + 30), 0, [])


def test_what_a_clock_ahead_judged_freezes_nothing(house: House) -> None:
    judged(house, FIRST + timedelta(days=400), [CONTROL])
    write(house, "vendor_audits", AUDIT | {"audit_id": "A-2", "vendor_id": VENDOR, "department": "D2"})
    judged(house, FIRST + timedelta(days=1), [CONTROL])
    assert gap_of(house, CONTROL, VENDOR).gap.state == "closed"


def test_a_source_that_fails_is_one_matter_however_many_controls_read_it(house: House) -> None:
    silent = [FIRST + timedelta(days=n) for n in (1, 2, 3, 4)]
    for _ in lived(house, silent[-1], silent=silent):
        pass
    mine = [one.gap for one in followed(house) if one.gap.is_open and one.gap.cause == "source:hr"]
    assert len(mine) >= 20
    assert {gap.company for gap in mine} == {"AOBA", "AOI"}
    assert len(merged(mine)) == 1
    deliver(house, FIRST + timedelta(days=5))
    judged(house, FIRST + timedelta(days=5))
    assert not [one for one in followed(house) if one.gap.is_open and one.gap.cause == "source:hr"]


@pytest.mark.parametrize(
    ("by", "approver", "why"),
    [
        pytest.param("clerk", "clerk", "somebody else", id="who asks approves"),
        pytest.param("clerk", "manager", "somebody else", id="who owns the gap approves"),
        pytest.param("manager", "cpo", "somebody else must ask", id="who owns the gap asks"),
    ],
)
def test_a_waiver_takes_three_persons(house: House, by: str, approver: str, why: str) -> None:
    one = gap_of(house, CONTROL, VENDOR)
    with pytest.raises(ConfigError, match=why):
        waiving.waive(house, one, key(house, by), "理由", key(house, approver), house.today)
    assert gap_of(house, CONTROL, VENDOR).waiver is None


def waived(house: House, until: date) -> str:
    one = gap_of(house, CONTROL, VENDOR)
    return waiving.waive(house, one, key(house, "clerk"), "契約終了まで", key(house, "cpo"), until)


def test_a_waiver_shows_its_effect_and_its_end(house: House) -> None:
    until = house.today + timedelta(days=9)
    waiver = waived(house, until)
    assert [(told.waiver_id, told.expires_on, number) for told, number in waiving.effect(house)] == [(waiver, until, 1)]
    assert gap_of(house, CONTROL, VENDOR).waits is False
    house.clock.at = at(until + timedelta(days=1))  # type: ignore[attr-defined]
    assert gap_of(house, CONTROL, VENDOR).waits is True
    assert [number for _, number in waiving.effect(house)] == [0]


def test_what_is_waived_is_not_late(house: House) -> None:
    waived(house, house.today + timedelta(days=300))
    house.clock.at = at(FIRST + timedelta(days=200))  # type: ignore[attr-defined]
    assert VENDOR not in {event.subject for event in escalate(house)}


def test_a_waiver_that_is_ended_is_over_at_once(house: House) -> None:
    waiver = waived(house, house.today + timedelta(days=300))
    day_on = FIRST + timedelta(days=1)
    deliver(house, day_on)
    [one] = [one for one in judged(house, day_on, [CONTROL]) if one.company == "AOBA"]
    assert one.verdict is Verdict.PARTIAL
    waiving.unwaive(house, waiver, key(house, "clerk"), "契約が延長された")
    assert gap_of(house, CONTROL, VENDOR).waits is True
    [one] = [one for one in judged(house, day_on, [CONTROL]) if one.company == "AOBA"]
    assert one.verdict is Verdict.FAIL
    assert [subject for _, subject, _ in events(house, GapKind.UNWAIVED)] == [VENDOR]


@pytest.mark.parametrize(
    ("columns", "by", "refused"),
    [
        pytest.param({}, "1", 0, id="twelve months"),
        pytest.param({"expires_on": date(2027, 3, 3)}, "1", 1, id="a day more"),
        pytest.param({"expires_on": date(2026, 3, 1)}, "1", 1, id="over before it began"),
        pytest.param({"approved_on": date(2028, 2, 29), "expires_on": date(2029, 2, 28)}, "1", 0, id="a leap day"),
        pytest.param({"approved_on": date(2028, 2, 29), "expires_on": date(2029, 3, 1)}, "1", 1, id="after a leap day"),
        pytest.param({}, "103", 1, id="brought in by who approved it"),
        pytest.param({"control_id": "VEN-99"}, "1", 1, id="no such control"),
    ],
)
def test_a_sheet_of_waivers_is_held_to_the_same_rules(
    house: House, columns: dict[str, Any], by: str, refused: int
) -> None:
    approved_on = columns.get("approved_on", house.today)
    pass_days(house, (approved_on - house.today).days)
    assert len(write(house, "waivers", WAIVER | columns, by=by)) == refused
    assert len(waiving.effect(house)) == 1 - refused


def test_nobody_approves_what_he_is_the_subject_of(house: House) -> None:
    assert len(write(house, "waivers", WAIVER | {"subject": key(house, "cpo")})) == 1


def test_what_was_said_to_be_mended_and_is_not_is_open_again(house: House) -> None:
    pass_days(house, 1)
    one = gap_of(house, CONTROL, VENDOR)
    acting.record(house, one.gap, GapKind.CORRECTED, key(house, "manager"), "監査した")
    assert gap_of(house, CONTROL, VENDOR).gap.state == "corrected"
    pass_days(house, 3)
    assert gap_of(house, CONTROL, VENDOR).gap.state == "open"
    assert [subject for _, subject, _ in events(house, GapKind.REFUTED)] == [VENDOR]


def test_who_was_told_that_a_gap_is_late_may_approve_what_is_said_about_it(house: House) -> None:
    clerk, cpo = key(house, "clerk"), key(house, "cpo")
    opened = GapEvent(ControlId("HUM-03"), "AOBA", clerk, None, GapKind.OPENED, About.EVENT, FIRST, FIRST, "D2")
    late = replace(opened, kind=GapKind.ESCALATED, day=None, columns={"to": cpo, "role": "cpo"})
    act(house, opened, late)
    acting.dispose(house, gap_of(house, "HUM-03", clerk), key(house, "deputy"), "理由", cpo)
    assert gap_of(house, "HUM-03", clerk).gap.state == "disposed"


@pytest.mark.parametrize("verb", ["waive", "dispose"])
def test_who_gave_a_gap_away_or_mended_it_does_not_approve(house: House, verb: str) -> None:
    one = gap_of(house, CONTROL, VENDOR)
    acting.record(house, one.gap, GapKind.CORRECTED, key(house, "manager"), "監査した")
    one = gap_of(house, CONTROL, VENDOR)
    acting.record(house, one.gap, GapKind.ASSIGNED, key(house, "manager"), key(house, "deputy"))
    one = gap_of(house, CONTROL, VENDOR)
    assert key(house, "manager") in duties.concerned(house, one)
    if verb == "waive":
        with pytest.raises(ConfigError, match="somebody else"):
            waiving.waive(house, one, key(house, "clerk"), "理由", key(house, "manager"), house.today)
    else:
        event = replace(one, gap=replace(one.gap, about=About.EVENT))
        with pytest.raises(ConfigError, match="somebody else"):
            acting.dispose(house, event, key(house, "clerk"), "理由", key(house, "manager"))


def test_a_number_that_nobody_has_approves_nothing(house: House) -> None:
    ghost = person_key("no-such-number", lambda number: house.keys().person("worker_no", number))
    with pytest.raises(ConfigError, match="roster"):
        waiving.waive(house, gap_of(house, CONTROL, VENDOR), key(house, "clerk"), "理由", ghost, house.today)


def test_a_silence_goes_on_record_before_anybody_does_something_about_it(house: House) -> None:
    with house.store.lease() as leases:
        leases.heard("host:1", house.clock.now())
    house.clock.at += timedelta(days=2)  # type: ignore[attr-defined]
    one = gap_of_company(house, "SCHEDULE", "scheduler")
    acting.record(house, one.gap, GapKind.ACKNOWLEDGED, key(house, "admin"))
    with house.store.read() as tx:
        kinds = [row.kind for row in tx.gaps.all("AOBA", "SCHEDULE") if row.subject == "scheduler"]
    assert kinds == [GapKind.OPENED, GapKind.ACKNOWLEDGED]
    assert gap_of_company(house, "SCHEDULE", "scheduler").gap.due_on is not None


def gap_of_company(house: House, control: str, subject: str) -> Followed:
    [one] = [one for one in followed(house, "AOBA") if (one.gap.control, one.gap.subject) == (control, subject)]
    return one
