"""What the portal works out once for many: anew after each commit and minute, apart by what it is about, never of a fault."""

from datetime import timedelta

import pytest

from house import House
from portal.access_log import AccessLog
from portal.door import Room
from portal.shown import Shown
from tests.following import write
from tests.portal.served import Served
from tests.test_measured import VENDOR


@pytest.fixture
def room(door: Served) -> Room:
    return Room(door.house, Shown(), AccessLog(door.house.home), door.origin, None, is_secret=False)


def test_it_is_made_once_until_something_is_committed_or_a_minute_is_over(door: Served, room: Room) -> None:
    made = list[str]()

    def told(_: House, *about: str) -> int:
        made.append("".join(about))
        return len(made)

    assert [room.once(told, "AOBA"), room.once(told, "AOBA"), room.once(told, "AOI")] == [1, 1, 2]
    assert write(door.house, "vendors", VENDOR | {"department": "D2", "vendor_id": "V-8"}) == []
    assert [room.once(told, "AOBA"), room.once(told, "AOBA")] == [3, 3]
    door.house.clock.at += timedelta(seconds=60)  # type: ignore[attr-defined]
    assert room.once(told, "AOBA") == 4
    assert made == ["AOBA", "AOI", "AOBA", "AOBA"]


def test_what_failed_is_tried_again(room: Room) -> None:
    tried = list[int]()

    def told(_: House) -> int:
        tried.append(1)
        if len(tried) == 1:
            raise RuntimeError
        return len(tried)

    with pytest.raises(RuntimeError):
        room.once(told)
    assert room.once(told) == 2
