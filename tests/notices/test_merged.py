"""Whose keys were merged later is one person: who is told, where, and that nothing is told again."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest

from controls.model import GapKind
from house import day
from house.delivery import deliver
from house.following import followed
from house.notify import make, notices_of, notify
from house.standing import act
from tests.notices.homes import CRITICAL, DAY, HIGH, MAILS, MANAGER, OFFICER, Field, at, identity
from tests.servers.smtp import Mailbox


def merged(field: Field, number: str) -> str:
    """It comes out that a worker is known by another number already; the key from then on."""
    known = field.house.keys().person("worker_no", "W777")
    with field.house.store.write() as tx:
        tx.registers.add(identity("IZ", known, number, "worker_no"))
    return known


def delivered_anew(field: Field) -> None:
    """The roster comes again, and tells of the worker by the key that is known now."""
    folder = field.home / "inbox"
    (folder / "roster.csv").rename(folder / "roster_2.csv")
    (folder / "roster_2.csv").write_text((folder / "roster_2.csv").read_text("utf-8") + "\n", "utf-8")
    moment, day_on = at("04:00", DAY + timedelta(days=1)).timestamp(), DAY + timedelta(days=1)
    os.utime(folder / "roster_2.csv", (moment, moment))
    field.now("05:00", day_on + timedelta(days=1))
    assert [one for one in day.collect_day(field.house, day_on) if isinstance(one, Exception)] == []


@pytest.mark.parametrize("anew", [False, True], ids=["as before", "a new roster"])
def test_a_gap_falls_to_who_holds_the_post_under_whatever_key_and_he_is_told(
    field: Field, mailbox: Mailbox, anew: bool
) -> None:
    known = merged(field, MANAGER)
    if anew:
        delivered_anew(field)
    field.gap(HIGH, "S1")
    field.now("09:00", DAY + timedelta(days=2))
    [charge] = [one.charge for one in followed(field.house)]
    assert charge is not None
    assert (charge.person, charge.role) == (known, "dept_privacy_manager")
    assert [one.notice.person_key for one in notify(field.house)] == [known]
    assert [one.to for one in mailbox.taken] == [MAILS[MANAGER]]


Before = Callable[[Field], object]


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(lambda field: notify(field.house), id="sent before"),
        pytest.param(lambda field: make(field.house, notices_of(field.house)), id="put down before"),
    ],
)
def test_what_was_told_under_the_key_of_before_is_told_once_and_to_the_person(
    field: Field, mailbox: Mailbox, before: Before
) -> None:
    field.gap(CRITICAL, "S1")
    field.now("08:00")
    before(field)
    merged(field, MANAGER)
    assert all(one.outcome == "sent" for one in deliver(field.house, notices_of(field.house)))
    assert notify(field.house) == []
    assert [one.to for one in mailbox.taken] == [MAILS[MANAGER]]


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(lambda field: notify(field.house), id="sent before"),
        pytest.param(lambda field: make(field.house, notices_of(field.house)), id="put down before"),
    ],
)
def test_a_person_whose_keys_are_merged_has_one_digest_a_day(field: Field, mailbox: Mailbox, before: Before) -> None:
    field.gap(HIGH, "S1")
    field.now("09:00")
    before(field)
    known = merged(field, MANAGER)
    field.wait(minutes=5)
    assert [one.notice.person_key for one in notify(field.house)] != [known]
    assert [one.to for one in mailbox.taken] == [MAILS[MANAGER]]
    field.now("09:00", DAY + timedelta(days=1))
    assert [one.notice.person_key for one in notify(field.house)] == [known]


def test_control_unless_the_day_s_digests_are_known_by_person_there_would_be_two(
    field: Field, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evidence.store.notices.Notices.people", lambda *_: set())
    field.gap(HIGH, "S1")
    field.now("09:00")
    notify(field.house)
    merged(field, MANAGER)
    notify(field.house)
    assert [one.to for one in mailbox.taken] == [MAILS[MANAGER]] * 2


def test_what_was_escalated_to_the_key_of_before_is_told_to_the_person(field: Field, mailbox: Mailbox) -> None:
    field.gap(HIGH, "S1")
    act(field.house, field.event(HIGH, "S1", GapKind.ESCALATED, columns={"to": field.person(OFFICER), "role": "cpo"}))
    known = merged(field, OFFICER)
    field.now("08:00")
    assert [(one.notice.kind, one.notice.person_key) for one in notify(field.house)] == [("escalated", known)]
    assert [one.to for one in mailbox.taken] == [MAILS[OFFICER]]
