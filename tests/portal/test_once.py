"""What the portal works out once for many: anew after each commit and day, apart by what it is about, never of a fault."""

import time
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from house import House, following, kept, open_house
from house.following import Followed, followed
from house.once import once
from house.slots import CONTROL, SILENT
from portal.access_log import AccessLog
from portal.door import Room
from portal.shown import Shown
from tests.following import write
from tests.portal.served import Served, served
from tests.test_measured import VENDOR


@pytest.fixture
def room(door: Served) -> Room:
    return Room(door.house, Shown(), AccessLog(door.house.home), door.origin, None, is_secret=False)


def test_it_is_made_once_until_something_is_committed_or_the_day_is_over(door: Served) -> None:
    made = list[str]()

    def told(_: House, *about: str) -> int:
        made.append("".join(about))
        return len(made)

    assert [once(door.house, told, company) for company in ("AOBA", "AOBA", "AOI")] == [1, 1, 2]
    assert write(door.house, "vendors", VENDOR | {"department": "D2", "vendor_id": "V-8"}) == []
    assert [once(door.house, told, "AOBA") for _ in range(2)] == [3, 3]
    door.house.clock.at += timedelta(hours=1)  # type: ignore[attr-defined]
    assert once(door.house, told, "AOBA") == 3
    door.house.clock.at += timedelta(days=1)  # type: ignore[attr-defined]
    assert once(door.house, told, "AOBA") == 4
    assert made == ["AOBA", "AOI", "AOBA", "AOBA"]


def test_what_failed_is_tried_again(door: Served) -> None:
    tried = list[int]()

    def told(_: House) -> int:
        tried.append(1)
        if len(tried) == 1:
            raise RuntimeError
        return len(tried)

    with pytest.raises(RuntimeError):
        once(door.house, told)
    assert once(door.house, told) == 2


def test_of_too_many_things_the_first_is_let_go(door: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 2)
    made = list[int]()

    def told(_: House, number: int) -> int:
        made.append(number)
        return number

    assert [once(door.house, told, number) for number in (1, 2, 3, 3, 2, 1)] == [1, 2, 3, 3, 2, 1]
    assert made == [1, 2, 3, 1]


def test_what_another_of_the_same_home_made_serves_all(door: Served) -> None:
    made = list[House]()

    def told(by: House) -> int:
        made.append(by)
        return len(made)

    with door.house.another() as another:
        assert [once(another, told), once(door.house, told)] == [1, 1]
    assert made == [another]


def test_one_works_it_out_for_all_who_ask_meanwhile(door: Served) -> None:
    begun, go_on, made, told = Event(), Event(), list[int](), list[int]()

    def slow(_: House) -> int:
        made.append(1)
        begun.set()
        assert go_on.wait(60)
        return len(made)

    asking = [Thread(target=lambda: told.append(once(door.house, slow))) for _ in range(3)]
    for one in asking:
        one.start()
    assert begun.wait(60)
    time.sleep(0.1)
    go_on.set()
    for one in asking:
        one.join(60)
    assert (told, made) == ([1, 1, 1], [1])


def test_what_is_made_of_before_a_commit_takes_the_place_of_nothing_newer(door: Served) -> None:
    begun, go_on, made = Event(), Event(), list[str]()

    def told(_: House, slowly: str = "") -> int:
        made.append(slowly)
        if slowly:
            begun.set()
            assert go_on.wait(60)
        return len(made)

    before = Thread(target=lambda: once(door.house, told, "slowly"))
    before.start()
    assert begun.wait(60)
    assert write(door.house, "vendors", VENDOR | {"department": "D2", "vendor_id": "V-6"}) == []
    assert once(door.house, told) == 2
    go_on.set()
    before.join(60)
    assert (once(door.house, told), made) == (2, ["slowly", ""])


def test_a_scheduler_that_fell_silent_is_seen_at_once(door: Served) -> None:
    now = door.house.clock.now()
    with door.house.store.lease() as leases:
        leases.heard("s-1", now + timedelta(minutes=10))
    assert [one.gap.subject for one in followed(door.house, "AOBA") if one.gap.control == CONTROL] == []
    door.house.clock.at += timedelta(minutes=11)  # type: ignore[attr-defined]
    assert [one.gap.subject for one in followed(door.house, "AOBA") if one.gap.control == CONTROL] == [SILENT]


def test_what_pages_show_is_worked_out_before_somebody_asks(
    door: Served, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.look_ahead()
    monkeypatch.setattr(following, "as_seen", lambda *_: pytest.fail("it is worked out again"))
    told = followed(door.house, "AOBA")
    assert len(told) > 0
    monkeypatch.undo()
    assert told == followed(open_house(door.house.home, door.house.clock), "AOBA")
    assert write(door.house, "vendors", VENDOR | {"department": "D2", "vendor_id": "V-9"}) == []
    monkeypatch.setattr(following, "as_seen", lambda *_: [])
    assert followed(door.house, "AOBA") == []


def test_who_looks_ahead_keeps_nobody_waiting_and_what_was_found_out_is_known_to_all(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = room.house.staff()
    assert write(room.house, "vendors", VENDOR | {"department": "D2", "vendor_id": "V-7"}) == []
    looking = Thread(target=room.look_ahead)
    with room.lock:  # as somebody has whom a page is made for
        looking.start()
        looking.join(60)
        assert not looking.is_alive()
    monkeypatch.setattr(following, "as_seen", lambda *_: pytest.fail("it is worked out again"))
    assert followed(room.house) != []
    assert room.house.staff() is before, "what a vendor's row does not change is not made again"


def test_a_portal_looks_ahead_unasked_and_does_so_again_after_a_fault_of_which_it_names_nobody(
    judged_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked, was_right = list[int](), Event()

    def as_seen(*told: Any) -> list[Followed]:
        asked.append(1)
        if len(asked) == 1:
            raise RuntimeError(str(told))  # all that a gap is about
        was_right.set()
        return following_as_seen(*told)

    following_as_seen = following.as_seen
    monkeypatch.setattr(following, "as_seen", as_seen)
    with served(judged_home, tmp_path, ahead=timedelta(milliseconds=10)):
        assert was_right.wait(60)
        time.sleep(0.1)
    assert len(asked) == 2, "what is known is not worked out again"
    assert "not worked out: RuntimeError" in caplog.text
    assert "Gap(" not in caplog.text
