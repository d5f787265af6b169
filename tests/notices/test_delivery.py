"""What a server does with a mail, and what becomes of it: tried again, sent once, told to somebody else, or a gap."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from evidence.errors import ConfigError
from evidence.store.values import Letter
from house import delivery, post
from house.delivery import PACE, begin
from house.notify import make, notices_of, notify
from house.standing import gaps
from tests.notices.homes import CRITICAL, DAY, FALLBACK, MAILS, MANAGER, OFFICER, Field, identity, impatient, smtp
from tests.servers import smtp as mail
from tests.servers.smtp import Mailbox

PAUSES = [1, 5, 15, 60, 60]


def outcomes(field: Field) -> list[str]:
    return [str(one.outcome) for one in notify(field.house)]


def letters(field: Field) -> list[Letter]:
    with field.house.store.read() as tx:
        return tx.notices.since(DAY)


def reasons(field: Field) -> list[str | None]:
    return [one.reason for letter in letters(field) for one in letter.tries]


def undelivered(field: Field) -> list[str]:
    return [gap.company for gap in gaps(field.house) if (gap.control, gap.subject) == ("SCHEDULE", "notices")]


def test_what_is_put_off_is_taken_later(field: Field, mailbox: Mailbox) -> None:
    mailbox.plan.append("later")
    field.gap(CRITICAL)
    assert outcomes(field) == ["None"]
    assert outcomes(field) == []
    field.wait(minutes=1, seconds=1)
    assert outcomes(field) == ["sent"]
    assert len(mailbox.taken) == 1
    assert reasons(field) == ["DATA: 451", None]


def test_the_pauses_grow_to_an_hour(field: Field, mailbox: Mailbox) -> None:
    field.now("20:00")
    mailbox.plan.extend(["later"] * len(PAUSES))
    field.gap(CRITICAL)
    notify(field.house)
    for minutes in PAUSES[:-1]:
        field.wait(minutes=minutes, seconds=-30)
        assert outcomes(field) == []
        field.wait(minutes=1)
        assert outcomes(field) == ["None"]
    field.wait(minutes=PAUSES[-1] + 1)
    assert outcomes(field) == ["sent"]


def test_an_address_that_is_refused_is_not_tried_again_and_the_fallback_is_told(field: Field, mailbox: Mailbox) -> None:
    mailbox.refused.add(MAILS[MANAGER])
    field.now("20:00")
    field.gap(CRITICAL)
    assert outcomes(field) == ["refused"]
    assert outcomes(field) == ["sent"]
    field.wait(hours=2)
    assert outcomes(field) == []
    [told] = mailbox.taken
    assert told.to == FALLBACK
    assert "受け取りを拒否した" in told.body
    assert field.pseudonym("AOBA", field.person(MANAGER)) in told.body
    assert undelivered(field) == []


def test_what_the_fallback_refuses_is_a_gap(field: Field, mailbox: Mailbox) -> None:
    mailbox.refused |= {MAILS[MANAGER], FALLBACK}
    field.gap(CRITICAL)
    assert outcomes(field) == ["refused"]
    assert outcomes(field) == ["refused"]
    assert undelivered(field) == ["AOBA"]


def test_what_a_server_says_is_never_kept(field: Field, mailbox: Mailbox) -> None:
    mailbox.refused.add(MAILS[MANAGER])
    mailbox.plan.append("never")
    field.gap(CRITICAL)
    field.gap(CRITICAL, department=None, subject="S2")
    notify(field.house)
    told = [reason for reason in reasons(field) if reason]
    assert sorted(told) == ["DATA: 554", "RCPT: 550"]


def test_a_server_that_hangs_is_left_and_the_others_wait_for_it(field: Field, mailbox: Mailbox) -> None:
    mailbox.plan.append("hang")
    field.gap(CRITICAL)
    field.gap(CRITICAL, department=None, subject="S2")
    with impatient():
        assert outcomes(field) == ["None"]
    mailbox.released.set()
    assert outcomes(field) == ["sent"]
    field.wait(minutes=2)
    assert outcomes(field) == ["sent"]
    assert sorted(one.to for one in mailbox.taken) == sorted([MAILS[MANAGER], MAILS[OFFICER]])


def test_where_nobody_can_know_whether_it_was_taken_the_same_mail_goes_again(field: Field, mailbox: Mailbox) -> None:
    mailbox.plan.append("close")
    field.gap(CRITICAL)
    assert outcomes(field) == ["None"]
    field.wait(minutes=2)
    assert outcomes(field) == ["sent"]
    first, second = mailbox.taken
    assert first.message_id == second.message_id


def test_a_server_that_is_not_there_is_tried_again(field: Field, mailbox: Mailbox) -> None:
    field.notices = smtp(mail.free_port())
    field.gap(CRITICAL)
    assert outcomes(field) == ["None"]
    field.close()
    field.notices = smtp(mailbox.port)
    field.wait(minutes=2)
    assert outcomes(field) == ["sent"]


def test_a_mail_that_nobody_takes_for_72_hours_is_given_up_and_a_gap(field: Field, mailbox: Mailbox) -> None:
    mailbox.plan.extend(["later"] * 1000)
    field.gap(CRITICAL)
    hours = 0
    notify(field.house)
    while letters(field)[0].outcome is None:
        notify(field.house)
        step = 1 if hours >= 60 else 6
        field.wait(hours=step, minutes=1)
        hours += step
        assert hours < 100
    assert letters(field)[0].outcome == "given_up"
    assert 72 <= hours <= 74
    assert undelivered(field) == ["AOBA"]


def test_a_machine_that_slept_for_a_week_still_tries_once(field: Field, mailbox: Mailbox) -> None:
    field.gap(CRITICAL)
    make(field.house, notices_of(field.house))
    field.wait(days=7)
    assert ("critical", "sent") in [(one.notice.kind, str(one.outcome)) for one in notify(field.house)]


def test_a_digest_that_could_not_be_sent_on_its_day_gives_way_to_the_next(field: Field, mailbox: Mailbox) -> None:
    mailbox.plan.append("later")
    field.gap()
    field.now("19:59")
    assert outcomes(field) == ["None"]
    field.now("20:10")
    assert outcomes(field) == []
    field.now("08:00", DAY + timedelta(days=1))
    assert outcomes(field) == []
    assert undelivered(field) == ["AOBA"]
    field.now("08:30", DAY + timedelta(days=1))
    assert outcomes(field) == ["sent", "sent"]  # and the system's administrator, whom the new gap falls to
    assert [letter.outcome for letter in letters(field) if letter.notice.day == DAY] == ["superseded"]
    assert len(mailbox.of(MAILS[MANAGER])) == 1


def test_an_attempt_that_lost_its_process_is_made_again_after_its_lease(field: Field, mailbox: Mailbox) -> None:
    field.gap(CRITICAL)
    [notice] = make(field.house, notices_of(field.house))
    assert begin(field.house, Letter(notice), 1)
    assert outcomes(field) == []
    field.wait(minutes=9)
    assert outcomes(field) == []
    field.wait(minutes=2)
    assert outcomes(field) == ["sent"]


def test_an_attempt_is_made_by_one_of_two(field: Field) -> None:
    field.gap(CRITICAL)
    [notice] = make(field.house, notices_of(field.house))
    assert begin(field.house, Letter(notice), 1)
    assert not begin(field.house, Letter(notice), 1)


def test_a_process_that_stood_still_sends_nothing(
    field: Field, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = post.MailServer._connect

    def slowly(server: post.MailServer) -> object:
        field.wait(minutes=8)
        return connect(server)

    monkeypatch.setattr(post.MailServer, "_connect", slowly)
    field.gap(CRITICAL)
    assert outcomes(field) == ["None"]
    assert mailbox.taken == []
    assert "stood still" in str(reasons(field))


def test_the_first_of_several_addresses_is_written_to(field: Field, mailbox: Mailbox) -> None:
    with field.house.store.write() as tx:
        tx.registers.add(identity("A-first", field.person(MANAGER), "first@aoba.example"))
    field.gap(CRITICAL)
    notify(field.house)
    assert [one.to for one in mailbox.taken] == ["first@aoba.example"]


@pytest.mark.parametrize("address", ["x@aoba.example\r\nBcc: y@else.example", "花子@aoba.example", "no address", ""])
def test_an_address_that_cannot_be_one_is_none(field: Field, mailbox: Mailbox, address: str) -> None:
    with field.house.store.write() as tx:
        tx.registers.add(replace(identity("IW3", field.person(MANAGER), address), version=2))
    field.gap(CRITICAL)
    notify(field.house)
    assert [one.to for one in mailbox.taken] == [FALLBACK]


def test_an_address_that_was_lost_meanwhile_is_said(field: Field, mailbox: Mailbox) -> None:
    field.gap(CRITICAL)
    make(field.house, notices_of(field.house))
    with field.house.store.write() as tx:
        tx.registers.add(replace(identity("IW3", field.person(MANAGER), "-"), version=2))
    notify(field.house)
    [told] = mailbox.taken
    assert told.to == FALLBACK
    assert "宛先が登録されていない" in told.body


@contextmanager
def server(field: Field, folder: Path, *, implicit: bool = False, name: str = "localhost") -> Iterator[Mailbox]:
    context, cert = mail.certificate(folder, name)
    with mail.running(context, implicit=implicit, auth=True) as box:
        told = {"host": "localhost", "user": "tenken", "password": field.secret("smtp", "x")}
        field.notices = smtp(box.port, security="tls" if implicit else "starttls", **told) | {"ca": str(cert)}
        field.close()
        yield box


@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "TLS"])
def test_a_server_that_proves_who_it_is_gets_the_password_and_the_mail(
    field: Field, tmp_path: Path, *, implicit: bool
) -> None:
    with server(field, tmp_path / "tls", implicit=implicit) as box:
        field.gap(CRITICAL)
        assert outcomes(field) == ["sent"]
        assert box.logins == ["tenken"]


@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "TLS"])
@pytest.mark.parametrize("wrong", ["of another name", "of nobody we trust"])
def test_a_wrong_certificate_gets_neither(field: Field, tmp_path: Path, wrong: str, *, implicit: bool) -> None:
    name = "else.example" if wrong == "of another name" else "localhost"
    with server(field, tmp_path / "tls", implicit=implicit, name=name) as box:
        if wrong == "of nobody we trust":
            assert field.notices is not None
            field.notices["ca"] = str(mail.certificate(tmp_path / "other")[1])
        field.gap(CRITICAL)
        assert outcomes(field) == ["None"]
        assert reasons(field) == ["TLS: SSLCertVerificationError"]
        assert (box.logins, box.taken) == ([], [])


def test_a_server_without_starttls_gets_no_mail(field: Field, mailbox: Mailbox) -> None:
    field.notices = smtp(mailbox.port, security="starttls")
    field.gap(CRITICAL)
    assert outcomes(field) == ["None"]
    assert mailbox.taken == []
    assert reasons(field) == ["connection: SMTPNotSupportedError"]


def test_a_wrong_password_is_no_refusal_of_a_person(field: Field, tmp_path: Path) -> None:
    with server(field, tmp_path / "tls") as box:
        box.password = "another"
        field.gap(CRITICAL)
        assert outcomes(field) == ["None"]
        assert reasons(field) == ["login: 535"]


def test_a_secret_that_is_not_there_is_a_failure_that_names_it(field: Field, mailbox: Mailbox) -> None:
    field.notices = smtp(mailbox.port, user="tenken", password="${env:TENKEN_TEST_NONE}")
    field.gap(CRITICAL)
    assert outcomes(field) == ["None"]
    assert "TENKEN_TEST_NONE is not set" in str(reasons(field))


def test_without_settings_nothing_is_sent(field: Field) -> None:
    field.notices = None
    field.gap(CRITICAL)
    with pytest.raises(ConfigError, match="no notices"):
        notify(field.house)
    assert delivery.addresses(field.house)[field.person(MANAGER)] == MAILS[MANAGER]


def test_the_pace_is_that_of_the_documentation() -> None:
    assert [pause.total_seconds() / 60 for pause in PACE.pauses] == [1, 5, 15, 60]
    assert (PACE.patience, PACE.lease) == (timedelta(hours=72), timedelta(minutes=10))
