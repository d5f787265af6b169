"""Who looked at what is a log as any other, and is collected as evidence."""

import json
from datetime import timedelta
from pathlib import Path
from shutil import copy

from collectors.collect import Collected
from evidence.period import Period
from house import day, window
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
    door.house.__dict__.pop("sources", None)
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
