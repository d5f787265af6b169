"""Notices in the store: none is told twice, each attempt has one maker, and what waits is known."""

from dataclasses import replace
from datetime import timedelta

import pytest

from evidence.errors import AlreadyDone
from evidence.store import Store
from tests.evidence.store.samples import DAY, NOTICE

OTHER = replace(NOTICE, key="critical|p9|7", kind="critical", urgent=True)


def waiting(store: Store) -> list[str]:
    with store.read() as tx:
        return [letter.notice.key for letter in tx.notices.waiting()]


def test_a_notice_comes_back_as_it_was_put_down(store: Store) -> None:
    with store.write() as tx:
        kept = tx.notices.add(NOTICE)
    with store.read() as tx:
        assert [letter.notice for letter in tx.notices.since(DAY)] == [kept]
        assert tx.notices.since(DAY + timedelta(days=1)) == []


@pytest.mark.parametrize(
    "again",
    [
        pytest.param((NOTICE, ()), id="the same key"),
        pytest.param((replace(OTHER, key="critical|p9|8"), (7,)), id="the same event, kind and person"),
    ],
)
def test_nothing_is_told_twice(store: Store, again: tuple[object, object]) -> None:
    with store.write() as tx:
        tx.notices.add(NOTICE)
        tx.notices.add(OTHER, [7])
    with pytest.raises(AlreadyDone), store.write() as tx:
        tx.notices.add(*again)  # type: ignore[arg-type]


def test_another_person_is_told_of_the_same(store: Store) -> None:
    with store.write() as tx:
        tx.notices.add(OTHER, [7])
        tx.notices.add(replace(OTHER, key="critical||7", person_key=None), [7])
    with store.read() as tx:
        assert tx.notices.told([7, 8, 7]) == {("critical", "p9", 7): DAY, ("critical", None, 7): DAY}
        assert tx.notices.told([8]) == {}


def test_any_number_of_events_can_be_asked_about(store: Store) -> None:
    with store.write() as tx:
        tx.notices.add(OTHER, range(70_000))
    with store.read() as tx:
        assert len(tx.notices.told(range(100_000))) == 70_000


def test_an_attempt_has_one_maker(store: Store) -> None:
    with store.write() as tx:
        tx.notices.add(NOTICE)
        tx.notices.begin(NOTICE.key, 1, "host-1")
    with pytest.raises(AlreadyDone), store.write() as tx:
        tx.notices.begin(NOTICE.key, 1, "host-2")


@pytest.mark.parametrize("outcome", ["sent", "refused", "given_up", "superseded"])
def test_what_has_ended_waits_no_more(store: Store, outcome: str) -> None:
    with store.write() as tx:
        tx.notices.add(NOTICE)
        tx.notices.add(OTHER)
        tx.notices.begin(NOTICE.key, 1, "host-1")
        tx.notices.end(NOTICE.key, 1, outcome)
    assert waiting(store) == [OTHER.key]


def test_what_failed_waits_on_with_all_its_attempts(store: Store) -> None:
    with store.write() as tx:
        tx.notices.add(NOTICE)
        tx.notices.begin(NOTICE.key, 1, "host-1")
        tx.notices.end(NOTICE.key, 1, "failed", "connect")
        tx.notices.begin(NOTICE.key, 2, "host-1")
    with store.read() as tx:
        [letter] = tx.notices.waiting()
    assert [(one.number, one.outcome, one.reason) for one in letter.tries] == [
        (1, "failed", "connect"),
        (2, None, None),
    ]
    assert letter.outcome is None


def test_a_notice_can_end_without_an_attempt(store: Store) -> None:
    with store.write() as tx:
        tx.notices.add(NOTICE)
        tx.notices.end(NOTICE.key, 0, "superseded")
    with store.read() as tx:
        assert tx.notices.letter(NOTICE.key).outcome == "superseded"


def test_what_was_sent_late_was_sent(store: Store) -> None:
    with store.write() as tx:
        tx.notices.add(NOTICE)
        tx.notices.begin(NOTICE.key, 1, "host-1")
        tx.notices.end(NOTICE.key, 0, "superseded")
        tx.notices.end(NOTICE.key, 1, "sent")
    with store.read() as tx:
        assert tx.notices.letter(NOTICE.key).outcome == "sent"


def test_days_tell_which_keys_are_there(store: Store) -> None:
    with store.write() as tx:
        tx.notices.add(NOTICE)
    with store.read() as tx:
        assert tx.notices.days([NOTICE.key, "none"]) == {NOTICE.key: DAY}
        assert tx.notices.last("mail") is not None
        assert tx.notices.last("webhook") is None
