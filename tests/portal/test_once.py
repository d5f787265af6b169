"""What the portal works out once for many: anew after each commit and day, apart by what it is about, never of a fault."""

from datetime import timedelta

import pytest

from house import House, following, open_house
from house.following import followed
from house.slots import CONTROL, SILENT
from portal.access_log import AccessLog
from portal.door import Room
from portal.shown import Shown
from tests.following import write
from tests.portal.served import Served
from tests.test_measured import VENDOR


@pytest.fixture
def room(door: Served) -> Room:
    return Room(door.house, Shown(), AccessLog(door.house.home), door.origin, None, is_secret=False)


def test_it_is_made_once_until_something_is_committed_or_the_day_is_over(door: Served, room: Room) -> None:
    made = list[str]()

    def told(_: House, *about: str) -> int:
        made.append("".join(about))
        return len(made)

    assert [
        room.once(room.house, told, "AOBA"),
        room.once(room.house, told, "AOBA"),
        room.once(room.house, told, "AOI"),
    ] == [1, 1, 2]
    assert write(door.house, "vendors", VENDOR | {"department": "D2", "vendor_id": "V-8"}) == []
    assert [room.once(room.house, told, "AOBA"), room.once(room.house, told, "AOBA")] == [3, 3]
    door.house.clock.at += timedelta(hours=1)  # type: ignore[attr-defined]
    assert room.once(room.house, told, "AOBA") == 3
    door.house.clock.at += timedelta(days=1)  # type: ignore[attr-defined]
    assert room.once(room.house, told, "AOBA") == 4
    assert made == ["AOBA", "AOI", "AOBA", "AOBA"]


def test_what_failed_is_tried_again(room: Room) -> None:
    tried = list[int]()

    def told(_: House) -> int:
        tried.append(1)
        if len(tried) == 1:
            raise RuntimeError
        return len(tried)

    with pytest.raises(RuntimeError):
        room.once(room.house, told)
    assert room.once(room.house, told) == 2


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
