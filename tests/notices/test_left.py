"""A company that was taken out of the settings stops no notice of the others, and what was put down of it still goes."""

from house.delivery import deliver
from house.notify import make, notices_of, notify
from tests.notices.homes import COMPANIES, CRITICAL, HIGH, MAILS, MANAGER, Field
from tests.servers.smtp import Mailbox
from tests.servers.webhook import Receiver

STAYS, LEAVES = (code for code, _ in COMPANIES)


def left(field: Field) -> None:
    """MIDORI is no more in the settings."""
    field.more["companies"] = [{"code": code, "name": name} for code, name in COMPANIES if code != LEAVES]
    field.close()


def test_the_others_are_told_and_nobody_of_what_is_no_more_the_group_s(field: Field, mailbox: Mailbox) -> None:
    for company, department in ((STAYS, "D1"), (LEAVES, "D2")):
        field.gap(CRITICAL, "S1", company=company, department=department)
        field.gap(HIGH, "S2", company=company, department=department)
    left(field)
    field.now("09:00")
    told = [(one.notice.kind, one.notice.companies, one.outcome) for one in notify(field.house)]
    assert told == [("critical", (STAYS,), "sent"), ("digest", (STAYS,), "sent")]
    assert [one.to for one in mailbox.taken] == [MAILS[MANAGER]] * 2


def test_what_was_put_down_before_it_left_still_goes(field: Field, mailbox: Mailbox) -> None:
    field.gap(CRITICAL, "S1", company=LEAVES, department="D2")
    field.now("08:00")
    [made] = make(field.house, notices_of(field.house))
    left(field)
    assert [(one.notice.key, one.outcome) for one in deliver(field.house, notices_of(field.house))] == [
        (made.key, "sent")
    ]


def test_its_events_are_posted_with_those_of_the_others(field: Field, receiver: Receiver) -> None:
    for company in (LEAVES, STAYS):
        field.gap(HIGH, "S1", company=company)
    left(field)
    field.notices = {"webhook": {"url": receiver.url, "secret": field.secret("webhook", "invented")}}
    assert [one.outcome for one in notify(field.house)] == ["sent"]
    [posted] = receiver.posted
    assert [event["company"] for event in posted.told["events"]] == [LEAVES, STAYS]
