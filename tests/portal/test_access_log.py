"""Who looked at what is a log as any other, and is collected as evidence."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy

import pytest

from collectors.collect import Collected
from evidence.errors import ConfigError
from evidence.period import Period
from house import day, window
from portal.access_log import AccessLog
from tests.following import at
from tests.portal.served import DAY, Served, key

SOURCE = Path(__file__).parents[2] / "config" / "sources" / "portal.yaml"


def lines(door: Served) -> list[dict[str, object]]:
    paths = (door.house.home / "access").glob("*.jsonl")
    return [json.loads(one) for path in paths for one in path.read_text("utf-8").splitlines()]


def test_what_was_looked_at_becomes_access_events(door: Served) -> None:
    auditor, stranger, today = door.visitor("109"), door.visitor(), DAY + timedelta(days=1)
    assert auditor.get("/AOBA").status_code == 200
    assert auditor.get("/AOI").status_code == 404
    assert stranger.come_in("109", "wrong").status_code == 401
    assert stranger.get("/AOBA/gaps").status_code == 303
    copy(SOURCE, door.house.home / "sources")
    path = door.house.home / "sources" / "portal.yaml"
    path.write_text(path.read_text("utf-8").replace("[AOBA]", "[AOBA, AOI]"), "utf-8")
    door.house.look_again()
    door.house.clock.at = at(today + timedelta(days=1))  # type: ignore[attr-defined]
    [told] = [one for one in day.collect_day(door.house, today) if getattr(one, "source", "") == "portal"]
    assert isinstance(told, Collected), told
    assert (told.rows, told.rejected) == (len(lines(door)), 0)
    known_at = door.house.store.last_commit()
    assert known_at is not None
    seen = window(door.house, Period(today, today), known_at)
    mine = door.house.keys().mint("account", "SYS-TENKEN", key(door.house, "109"))
    rows = [row for row in seen.rows("access_events") if row["account_key"] == mine]
    found = [(row["company"], row["action"], row["result"]) for row in rows]
    assert ("AOBA", "read", "ok") in found
    assert ("AOI", "read", "denied") in found
    assert ("AOBA", "login_ok", "ok") in found
    assert ("AOBA", "login_ng", "denied") in found


def test_no_number_name_or_password_is_in_it(door: Served) -> None:
    stranger = door.visitor()
    stranger.come_in("109", "geheim-und-falsch")
    stranger.come_in("田中太郎", "geheim-und-falsch")
    told = "".join(json.dumps(one, ensure_ascii=False) for one in lines(door))
    assert told
    assert not any(word in told for word in ("geheim", "田中", '"109"'))


def test_who_came_in_is_told_by_a_damaged_log_as_far_as_it_is_whole(tmp_path: Path) -> None:
    log, midnight = AccessLog(tmp_path), datetime(2026, 3, 5, tzinfo=UTC)
    spoilt = [
        *("[]", "null", "5", "{}", '"at"', "", '{"at": 1}', "[" * 100_000, '{"at": "2026-03-04T23:59'),
        *('{"at": "2026-03-05T00:00:00", "act": "login_ok", "person": "p"}', '{"at": "2026-03-05T00:00:00+00:00"}'),
        '{"at": "2026-03-05T00:00:00+00:00", "act": "login_ok", "person": ["p"]}',
    ]
    for minutes in (-1_500, -2, -1, 0, 1, 2):
        log.add(midnight + timedelta(minutes=minutes), {"act": "login_ok", "person": f"p{minutes}"})
        log.add(midnight + timedelta(minutes=minutes), {"act": "login_ng", "person": "q"})
        [*_, last] = sorted((tmp_path / "access").iterdir())
        with last.open("ab") as file:
            file.write("\n".join(spoilt).encode() + b"\n\xff\xfe\n\0\0" + str(minutes).encode())  # cut off: no end
    (tmp_path / "access" / "2026-03-06.jsonl").mkdir()
    os.mkfifo(tmp_path / "access" / "2026-03-07.jsonl")
    (tmp_path / "access" / "2026-03-08.jsonl").symlink_to("nowhere")
    (tmp_path / "access" / "notes-of-2026.jsonl").write_bytes(b"\xff")
    minute = timedelta(minutes=1)
    told = [*log.came_in(midnight - minute, midnight + minute)]
    assert told == [(f"p{one}", midnight + one * minute) for one in (-1, 0, 1)]
    assert [*AccessLog(tmp_path / "none").came_in(midnight, midnight)] == []


def test_a_log_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "access").mkdir()
    (tmp_path / "access" / "2026-03-05.jsonl").symlink_to("/proc/self/mem")  # whose first byte no machine gives
    moment = datetime(2026, 3, 5, tzinfo=UTC)
    with pytest.raises(ConfigError, match=r"2026-03-05\.jsonl: cannot be read"):
        [*AccessLog(tmp_path).came_in(moment, moment)]
