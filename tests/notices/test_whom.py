"""Who is told: whoever holds the post now, of each mass failure, and whatever became of another company."""

from datetime import timedelta

import pytest

from controls.model import GapKind
from house import acting
from house.following import escalate
from house.notify import notify
from house.standing import act
from tests.notices import homes
from tests.notices.homes import ADMIN, CRITICAL, DAY, HIGH, LOW, MAILS, MANAGER, OFFICER, TOP, Field
from tests.servers.smtp import Mailbox

NEXT_DAY = DAY + timedelta(days=1)
MASS = f"mass:{LOW}:AOBA:{DAY}"


def told(field: Field) -> list[str]:
    return sorted(one.notice.kind for one in notify(field.house))


def escalated(field: Field) -> None:
    field.gap(due_on=DAY - timedelta(days=10))
    field.now("09:00")
    assert [event.columns["to"] for event in escalate(field.house)] == [field.person(OFFICER)]
    notify(field.house)


def test_who_takes_over_a_post_hears_of_what_was_escalated_to_it(field: Field, mailbox: Mailbox) -> None:
    escalated(field)
    field.hand_over("cpo", OFFICER, ADMIN, NEXT_DAY)
    field.now("08:00", NEXT_DAY)
    assert told(field) == ["escalated"]
    assert told(field) == []
    field.now("08:30", NEXT_DAY)
    assert told(field) == ["digest", "digest"]
    assert [one.subject[:7] for one in mailbox.of(MAILS[ADMIN])] == ["【点検・上申】", "【点検】未対応"]
    assert {one.message["Date"].datetime.date() for one in mailbox.of(MAILS[OFFICER])} == {DAY}


def test_where_nobody_holds_the_post_any_more_the_fallback_hears(field: Field, mailbox: Mailbox) -> None:
    escalated(field)
    field.hand_over("cpo", OFFICER, None, NEXT_DAY)
    field.now("08:00", NEXT_DAY)
    assert told(field) == ["escalated"]
    assert [one.subject[:7] for one in mailbox.of(homes.FALLBACK)] == ["【点検・上申】"]


def test_who_takes_over_hears_at_once_of_what_is_held(field: Field, mailbox: Mailbox) -> None:
    field.gaps(30, LOW, cause=MASS)
    field.now("09:00")
    assert told(field) == ["mass"]
    field.hand_over("cpo", OFFICER, TOP, NEXT_DAY)
    field.now("08:00", NEXT_DAY)
    assert told(field) == ["mass"]
    assert [one.to for one in mailbox.taken] == [MAILS[OFFICER], MAILS[TOP]]


def released(field: Field, number: int) -> None:
    field.now("09:00")
    field.gaps(number, LOW, cause=MASS)
    assert told(field) == ["mass"]
    acting.release(field.house, MASS, field.person(OFFICER), "looked at")
    assert told(field) == ["digest"]


def test_a_second_mass_of_the_same_day_is_told_too(field: Field, mailbox: Mailbox) -> None:
    released(field, 25)
    act(field.house, *(field.event(LOW, f"T{n}", cause=MASS) for n in range(30)))
    assert told(field) == ["mass"]
    assert told(field) == []
    assert [one.subject[:13] for one in mailbox.of(MAILS[OFFICER])] == [
        "【点検】一括の不適合 25",
        "【点検】一括の不適合 30",
    ]


def test_it_is_told_where_nothing_of_the_first_is_left(field: Field) -> None:
    released(field, 25)
    act(field.house, *(field.event(LOW, f"S{n}", GapKind.CLOSED) for n in range(25)))
    act(field.house, *(field.event(LOW, f"S{n}", GapKind.REGRESSED, cause=MASS) for n in range(25)))
    assert told(field) == ["mass"]
    assert told(field) == []


def test_what_closes_of_a_mass_makes_it_no_news(field: Field) -> None:
    field.now("09:00")
    field.gaps(25, LOW, cause=MASS)
    assert told(field) == ["mass"]
    act(field.house, field.event(LOW, "S0", GapKind.CLOSED), field.event(LOW, "S24", GapKind.CLOSED))
    assert told(field) == []


def test_a_company_that_left_the_group_silences_nobody(
    field: Field, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    field.gap(HIGH, company="MIDORI", department="D2")
    field.gap(CRITICAL, company="MIDORI", department="D2", subject="S2")
    field.gap(CRITICAL, subject="S3")
    field.close()
    monkeypatch.setattr(homes, "COMPANIES", homes.COMPANIES[:1])
    field.now("09:00")
    assert told(field) == ["critical", "digest"]
    assert [one.to for one in mailbox.taken] == [MAILS[MANAGER]] * 2
    assert "MIDORI" not in "".join(one.body for one in mailbox.taken)
