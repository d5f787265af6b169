"""One day's work as plain functions, on a home of its own."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from collectors.collect import Collected
from evidence import ledger, settings
from evidence.clock import StandingClock
from evidence.datasets import Kind, catalogue
from evidence.errors import ConfigError, StoreUnavailable
from evidence.period import Period
from evidence.store.values import RegisterVersion
from house import KEPT, House, create, day, handout, newest, open_house, slots, window
from house.standing import gaps_now

PERIOD = Period(date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return create(tmp_path / "home", "青葉グループ", [("AOBA", "株式会社青葉")])


@pytest.mark.parametrize("name", ["青葉, 株式会社: #1", '株式会社"青葉"', "{青葉}", "no"])
def test_any_name_survives_the_settings_file(tmp_path: Path, name: str) -> None:
    create(tmp_path / "home", name, [("NO", name)])
    told = settings.read(tmp_path / "home")
    assert (told.group, told.company("NO").name) == (name, name)


@pytest.mark.parametrize("code", ["", "A B", "株", "../x"])
def test_a_company_code_that_cannot_be_one_leaves_no_home_behind(tmp_path: Path, code: str) -> None:
    with pytest.raises(ConfigError):
        create(tmp_path / "home", "青葉グループ", [(code, "株式会社青葉")])
    assert not (tmp_path / "home").exists()


def test_a_home_is_never_made_over_another(tmp_path: Path, house: House) -> None:
    with pytest.raises(ConfigError, match="a home already"):
        create(tmp_path / "home", "別の会社", [("BETSU", "別の会社")])


def test_a_home_without_evidence_is_unverified_all_over(house: House) -> None:
    judged = day.judge(house, PERIOD, only=["HUM-01", "VEN-02"])
    assert {one.verdict.value for one in judged} == {"unverified"}
    assert {(gap.control, gap.subject) for gap in day.gaps(house)} == {
        ("HUM-01", "unverified"),
        ("VEN-02", "unverified"),
    }


def test_a_past_judgement_made_again_changes_no_gap(house: House) -> None:
    day.keep_calendars(house)
    known_at = house.store.last_commit()
    day.judge(house, PERIOD, known_at, only=["HUM-01"])
    assert day.gaps(house) == []
    assert len(day.assessments(house, PERIOD)) == 1


def test_nothing_is_judged_by_what_is_not_known_yet(house: House) -> None:
    day.keep_calendars(house)
    with pytest.raises(ConfigError, match="after all that is known"):
        day.judge(house, PERIOD, datetime(2099, 1, 1, tzinfo=UTC), ["HUM-01"])
    assert day.assessments(house, PERIOD) == []


def test_a_pack_that_is_not_on_record_is_not_there(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise StoreUnavailable("the database went away")

    day.judge(house, PERIOD, only=["HUM-01"])
    monkeypatch.setattr(handout, "tell", refused)
    with pytest.raises(StoreUnavailable):
        handout.create_pack(house, "AOBA", PERIOD, tmp_path / "p.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]


def test_an_untouched_home_verifies(house: House) -> None:
    assert day.verify_ledger(house) == []


@pytest.mark.parametrize("folder", ["vault", "facts"])
def test_a_changed_byte_of_what_is_held_is_named(house: House, folder: str) -> None:
    day.keep_calendars(house)
    [path] = [p for p in (house.home / folder).rglob("*") if p.is_file() and "incoming" not in p.parts]
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert len(day.verify_ledger(house)) == 1


def test_a_pack_needs_a_judged_period(house: House, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="was not judged"):
        handout.create_pack(house, "AOBA", PERIOD, tmp_path / "p.zip")


def test_what_is_handed_out_tells_of_what_is_stored_and_not_of_the_hour(tmp_path: Path) -> None:
    clock, hour = StandingClock(datetime(2026, 4, 2, 3, tzinfo=UTC)), timedelta(hours=1)
    house = create(tmp_path / "home", "青葉グループ", [("AOBA", "株式会社青葉")], clock)
    day.judge(house, PERIOD, only=["HUM-01"])
    with house.store.lease() as leases:
        leases.heard("a", clock.at + hour)
    before = handout.self_check_documents(house, "AOBA", PERIOD)
    clock.at += 13 * hour
    assert slots.SILENT in {gap.subject for gap in gaps_now(house)}
    assert handout.self_check_documents(house, "AOBA", PERIOD) == before


def test_who_is_known_is_looked_up_again_only_where_something_came(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, known = list[frozenset[str]](), day.known_accounts

    def counted(of: House) -> frozenset[str]:
        looked.append(known(of))
        return looked[-1]

    monkeypatch.setattr(day, "known_accounts", counted)
    source = {
        "name": "idp", "companies": ["AOBA"], "zone": "Asia/Tokyo", "dataset": "accounts", "format": {"kind": "csv"},
        "transport": {"kind": "local", "folder": "inbox", "pattern": "*.csv"},
    }  # fmt: skip
    (house.home / "sources" / "idp.yaml").write_text(json.dumps(source), "utf-8")
    (house.home / "inbox").mkdir()
    (house.home / "inbox" / "idp.csv").write_text("account_id,system_id,kind,enabled\nu1,S1,personal,yes\n", "utf-8")
    times = []
    for slot in (date(2026, 3, 1), date(2026, 3, 2)):
        came = [one.rows for one in day.collect_day(house, slot) if isinstance(one, Collected)]
        times.append((sum(came), len(looked)))
        looked.clear()
    assert times == [(1, 2), (0, 1)]


@pytest.mark.parametrize("what", ["control", "source"])
def test_an_unknown_name_is_refused_with_where_to_look(house: House, what: str) -> None:
    with pytest.raises(ConfigError, match=f"tenken {what}s list"):
        if what == "control":
            day.judge(house, PERIOD, only=["XXX-01"])
        else:
            list(day.collect_day(house, date(2026, 3, 31), ["nowhere"]))


def test_what_is_known_now_is_looked_up_again_once_something_was_committed(house: House) -> None:
    first = newest(house, ("workers", "postings"))
    assert newest(house, ("workers",)) is first
    assert newest(house, ("workers", "leaves")) is not first
    assert newest(house, ("workers",), history=True) is not first
    other = open_house(house.home)  # as another process would
    with other.store.write() as tx:
        tx.ledger.append(ledger.GROUP, {"kind": "check"}, "check|1")
    other.store.close()
    assert newest(house, ("workers",)) is not first


def test_what_is_planned_is_not_known(house: House) -> None:
    version = RegisterVersion(
        "systems", ("S1",), 1, {"company": "AOBA", "system_id": "S1"}, date(2026, 1, 1), date(9999, 12, 31), "1",
        "初回登録", "0" * 64, None, 1,
    )  # fmt: skip
    assert len(newest(house, ("systems",), [version]).rows("systems")) == 1
    assert newest(house, ("systems",)).rows("systems") == []


def test_of_windows_about_now_few_are_held_and_none_beside_one_of_a_period(house: House) -> None:
    names = [name for name, dataset in catalogue().items() if dataset.kind is Kind.REGISTER][: 2 * KEPT]
    looked = [newest(house, (name,)) for name in names]
    assert house._newest is not None
    assert house._newest[1] == looked[: -KEPT - 1 : -1]
    window(house, PERIOD, day.known_now(house))
    assert house._newest is None


def test_on_another_day_what_is_known_is_looked_up_again(tmp_path: Path) -> None:
    clock = StandingClock(datetime(2026, 4, 2, 3, tzinfo=UTC))
    house = create(tmp_path / "home", "青葉グループ", [("AOBA", "株式会社青葉")], clock)
    first = newest(house, ("workers",))
    clock.at += timedelta(days=1)
    assert newest(house, ("workers",)) is not first
