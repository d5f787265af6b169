"""What sources gave is kept as long as it must be, then destroyed by two persons; what is damaged is found and told."""

import json
import os
import sqlite3
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from controls.model import Assessment, Verdict
from evidence import ledger
from evidence.errors import ConfigError, IntegrityError
from evidence.period import Period
from evidence.settings import DatasetRetention, Hold, RetentionSettings
from evidence.store.objects import Objects
from evidence.store.values import FetchedObject
from evidence.vault import Digest
from house import House, day, purging
from house.heads import checkpoint, verify_ledger
from house.purging import approve, request
from house.retention import kept
from house.scrubbing import scrub
from tests.evidence.vault.keyed import content_of, file_of
from tests.following import FIRST, at, copied, key, write

CONTROL = "TEC-3-01"  # reads the list of devices alone
PERIOD = Period(FIRST - timedelta(days=6), FIRST)
LAST = date(2029, 3, 3)  # of three years: it was collected the morning after
HEADERS = "company,department,device_id,kind,portable,status,encryption,approved_model,agent_reported_on,signature_on"


@pytest.fixture(scope="module")
def with_devices(first_day: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A company whose list of devices came on its first day, and was judged."""
    house = copied(first_day, tmp_path_factory.mktemp("with_devices"))
    source = {
        "name": "mdm", "companies": ["AOBA"], "zone": "Asia/Tokyo", "max_age_days": 3, "dataset": "devices",
        "format": {"kind": "csv"}, "transport": {"kind": "local", "folder": "inbox/mdm", "pattern": "*.csv"},
    }  # fmt: skip
    (house.home / "sources" / "mdm.yaml").write_text(json.dumps(source), "utf-8")
    path = house.home / "inbox" / "mdm" / "devices.csv"
    path.parent.mkdir()
    path.write_text(f"{HEADERS}\nAOBA,D1,PC-1,pc,yes,in_use,on,yes,{FIRST},{FIRST}\n", "utf-8")
    os.utime(path, (at(FIRST).timestamp(),) * 2)
    for told in day.collect_day(house, FIRST, ["mdm"]):
        assert not isinstance(told, Exception), told
    assert judged(house).verdict is Verdict.PASS
    house.store.close()
    return house


@pytest.fixture
def house(with_devices: House, tmp_path: Path) -> House:
    return copied(with_devices, tmp_path)


def judged(house: House) -> Assessment:
    [one] = [one for one in day.judge(house, PERIOD, only=[CONTROL]) if one.company == "AOBA"]
    return one


def today(house: House, on: date) -> None:
    house.clock.at = at(on)  # type: ignore[attr-defined]


def told(house: House, retention: RetentionSettings) -> None:
    house.settings = house.settings.model_copy(update={"retention": retention})


def asked(house: House, who: str = "clerk", until: date = FIRST + timedelta(days=1)) -> int:
    return request(house, "mdm", until, key(house, who), "retention")


def object_of(house: House) -> FetchedObject:
    with house.store.read() as tx:
        [one] = tx.objects.of_source("mdm")
    return one


def purged(house: House) -> FetchedObject:
    one = object_of(house)
    today(house, LAST + timedelta(days=1))
    assert approve(house, asked(house), key(house, "admin")) == 1
    return one


def turned(house: House) -> tuple[Path, bytes]:
    """Turn one bit of the object where it lies; the file, and what it was."""
    path = file_of(house.vault, Digest(object_of(house).digest))
    whole = path.read_bytes()
    path.chmod(0o640)
    path.write_bytes(whole[:50] + bytes([whole[50] ^ 1]) + whole[51:])
    return path, whole


def damaged(house: House) -> None:
    turned(house)
    assert scrub(house) is not None


def rows(house: House, table: str) -> int:
    with sqlite3.connect(house.home / "tenken.db") as database:
        [(count,)] = database.execute(f"SELECT count(*) FROM {table}").fetchall()
    database.close()
    return int(count)


def entries(house: House, kind: str, log: str = "tenken/AOBA") -> list[dict[str, Any]]:
    with house.store.read() as tx:
        said = [json.loads(entry.leaf) for entry in tx.ledger.leaves(log)]
    return [one for one in said if one["kind"] == kind]


def test_a_purge_is_refused_on_every_day_until_its_retention_ends(house: House) -> None:
    for on in (FIRST + timedelta(days=1), date(2027, 3, 3), LAST - timedelta(days=1), LAST):
        today(house, on)
        with pytest.raises(ConfigError, match=f"1 of 1 runs of mdm .* up to {LAST}"):
            asked(house)
    today(house, LAST + timedelta(days=1))
    assert asked(house) > 0


def test_what_was_asked_for_in_time_is_refused_when_it_is_held_meanwhile(house: House) -> None:
    today(house, LAST + timedelta(days=1))
    number = asked(house)
    told(house, RetentionSettings(holds=(Hold(reason="係争中", source="mdm"),)))
    with pytest.raises(ConfigError, match="係争中"):
        approve(house, number, key(house, "admin"))
    assert judged(house).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("hold", "holds"),
    [
        pytest.param({"source": "mdm"}, True, id="of the source"),
        pytest.param({"source": "hr"}, False, id="of another source"),
        pytest.param({"dataset": "devices"}, True, id="of the dataset"),
        pytest.param({"dataset": "workers"}, False, id="of another dataset"),
        pytest.param({"since": FIRST}, True, id="of days from then on"),
        pytest.param({"until": FIRST}, False, id="of the days before"),
        pytest.param({"since": FIRST + timedelta(days=2)}, False, id="of the days after"),
        pytest.param({"source": "mdm", "until": FIRST}, False, id="of the source in the days before"),
        pytest.param({}, True, id="of everything"),
    ],
)
def test_a_legal_hold_beats_retention(house: House, hold: dict[str, Any], holds: bool) -> None:
    today(house, date(2040, 1, 1))
    told(house, RetentionSettings(holds=(Hold(reason="係争中", **hold),)))
    assert [one.is_due(house.today) for one in kept(house) if one.source == "mdm"] == [not holds]


@pytest.mark.parametrize(
    ("rule", "until"),
    [
        pytest.param(DatasetRetention(years=5), date(2031, 3, 3), id="five years"),
        pytest.param(DatasetRetention(years=3, start="left"), None, id="from a leaving that the dataset cannot tell"),
    ],
)
def test_a_dataset_has_its_own_retention(house: House, rule: DatasetRetention, until: date | None) -> None:
    told(house, RetentionSettings(datasets={"devices": rule}))
    assert [one.until for one in kept(house) if one.source == "mdm"] == [until]


def test_who_still_works_keeps_the_time_from_running(house: House) -> None:
    told(house, RetentionSettings(datasets={"workers": DatasetRetention(years=3, start="left")}))
    assert {one.until for one in kept(house) if one.source == "hr"} == {None}


def test_two_persons_of_the_roster_purge(house: House) -> None:
    today(house, LAST + timedelta(days=1))
    stranger = house.keys().person("worker_no", "999")
    with pytest.raises(ConfigError, match="roster"):
        request(house, "mdm", LAST, stranger, "retention")
    number = asked(house)
    for who, why in ((key(house, "clerk"), "somebody else"), (stranger, "roster")):
        with pytest.raises(ConfigError, match=why):
            approve(house, number, who)
    assert approve(house, number, key(house, "admin")) == 1
    with pytest.raises(ConfigError, match="no purge"):
        approve(house, number, key(house, "cpo"))


@pytest.mark.parametrize("ended", [False, True], ids=["a new identity", "one that was ended again"])
def test_who_asked_approves_under_no_other_identity(house: House, ended: bool) -> None:
    today(house, LAST + timedelta(days=1))
    number = asked(house)
    row = {
        "company": "AOBA", "identity_key": "I-1", "person_key": "900106", "identifier_kind": "worker_no",
        "identifier": "106", "basis": "manual",
    }  # fmt: skip
    write(house, "person_identities", row, by="106")
    if ended:
        number = asked(house)
        write(house, "person_identities", {**row, "person_key": "900107"}, by="106")
    with pytest.raises(ConfigError, match="who asked"):
        approve(house, number, key(house, "clerk"))


def test_control_by_the_key_of_today_alone_she_would(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    today(house, LAST + timedelta(days=1))
    number = asked(house)
    row = {
        "company": "AOBA", "identity_key": "I-1", "person_key": "900106", "identifier_kind": "worker_no",
        "identifier": "106", "basis": "manual",
    }  # fmt: skip
    write(house, "person_identities", row, by="106")
    monkeypatch.setattr(purging, "ever", lambda house, person: {house.keys().of_person(person)})
    assert approve(house, number, key(house, "clerk")) == 1


def test_more_than_was_asked_for_is_not_purged(house: House) -> None:
    today(house, LAST + timedelta(days=1))
    number = asked(house, until=date(2029, 6, 1))
    path = house.home / "inbox" / "mdm" / "more.csv"
    path.write_text(f"{HEADERS}\nAOBA,D1,PC-2,pc,yes,in_use,on,yes,{LAST},{LAST}\n", "utf-8")
    list(day.collect_day(house, LAST, ["mdm"]))
    with pytest.raises(ConfigError, match="1 of 2 runs of mdm cannot be purged"):
        approve(house, number, key(house, "admin"))


def given_to(house: House, company: str) -> None:
    """The object, in the log of another company too."""
    with house.store.write() as tx:
        [(_, commitment)] = tx.objects.commitments(object_of(house).digest)
        tx.ledger.append(ledger.log_of(company), {"kind": "collected", "commitments": [commitment]}, f"made {company}")


def test_every_log_that_commits_to_it_tells_of_both_persons(house: House) -> None:
    given_to(house, "KAEDE")
    purged(house)
    for company in ("AOBA", "KAEDE"):
        [before] = entries(house, "purge_requested", ledger.log_of(company))
        [tomb] = entries(house, "purged", ledger.log_of(company))
        assert before["seq"] < tomb["seq"]
        assert (before["actor"], before["request"]) == (tomb["requested_by"], tomb["request"])
        assert tomb["actor"] != tomb["requested_by"]


def test_what_another_company_got_since_it_was_asked_for_is_not_purged(house: House) -> None:
    today(house, LAST + timedelta(days=1))
    number = asked(house)
    given_to(house, "KAEDE")
    with pytest.raises(ConfigError, match="KAEDE was not told"):
        approve(house, number, key(house, "admin"))
    assert not entries(house, "purged")
    assert judged(house).verdict is Verdict.PASS
    assert approve(house, asked(house), key(house, "admin")) == 1


def test_what_was_purged_opens_nowhere_and_the_ledger_still_verifies(house: House) -> None:
    before = object_of(house)
    sealed = file_of(house.vault, Digest(before.digest))
    kept_elsewhere, counts = sealed.read_bytes(), (rows(house, "object_keys"), rows(house, "object_salts"))
    checkpoint(house)
    purged(house)
    assert (rows(house, "object_keys"), rows(house, "object_salts")) == (counts[0] - 1, counts[1] - 1)
    assert verify_ledger(house) == []
    sealed.write_bytes(kept_elsewhere)
    with pytest.raises(IntegrityError, match="destroyed"), house.vault.open(Digest(before.digest)):
        pytest.fail("something was given")


def test_neither_key_nor_salt_lies_on_in_the_database(house: House) -> None:
    before = object_of(house)
    with house.store.read() as tx:
        assert tx.last_at
    wrapped = house.store.object_keys.find(before.key_id or "")
    assert wrapped is not None
    purged(house)
    house.store.close()
    content = b"".join(path.read_bytes() for path in house.home.glob("tenken.db*"))
    assert [wrapped.wrapped in content, before.salt.encode() in content] == [False, False]


def test_its_tombstone_tells_what_why_and_who_and_nothing_of_persons(house: House) -> None:
    one = purged(house)
    made = ledger.commitment(bytes.fromhex(one.salt), bytes.fromhex(one.digest)).hex()
    [entry] = entries(house, "purged")
    assert (entry["erased"], entry["why"], entry["source"]) == ([made], "retention", "mdm")
    masked = house.masking("AOBA")
    assert (entry["requested_by"], entry["actor"]) == (masked(key(house, "clerk")), masked(key(house, "admin")))
    assert one.digest not in json.dumps(entry)
    assert [said["request"] for said in entries(house, "purged", ledger.GROUP)] == [entry["request"]]


def test_what_is_judged_of_erased_evidence_is_unverified(house: House) -> None:
    purged(house)
    one = judged(house)
    assert (one.verdict, "evidence erased" in (one.reason or "")) == (Verdict.UNVERIFIED, True)
    assert not [path for path in (house.home / "facts" / "devices").rglob("*") if path.is_file()]


def test_control_unless_the_window_knows_of_it_its_files_are_missed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    purged(house)
    monkeypatch.setattr(Objects, "lost_runs", lambda _: {})
    with pytest.raises(IntegrityError):
        judged(house)


def test_an_end_between_keys_and_files_is_made_up_for_by_the_next_scrub(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = object_of(house)
    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(purging, "clear", _ends)
        purged(house)
    left = [path for path in (house.home / "facts" / "devices").rglob("*") if path.is_file()]
    assert (len(left), file_of(house.vault, Digest(one.digest)).exists()) == (1, True)
    assert scrub(house) is None
    left = [path for path in (house.home / "facts" / "devices").rglob("*") if path.is_file()]
    assert (left, Digest(one.digest) in list(house.vault.digests())) == ([], False)


def _ends(_: House) -> None:
    raise KeyboardInterrupt


def test_a_salt_that_a_hand_destroyed_is_no_purge(house: House) -> None:
    with sqlite3.connect(house.home / "tenken.db") as database:
        database.execute("DELETE FROM object_salts WHERE object = (SELECT max(id) FROM objects WHERE source = 'mdm')")
    database.close()
    [problem] = [one for one in verify_ledger(house) if "salt" in one]
    assert "no purge tells of it" in problem
    assert scrub(house) is None
    assert Digest(object_of(house).digest) in list(house.vault.digests())


def test_an_old_backup_that_brings_a_purged_key_back_is_noticed(house: House) -> None:
    one = purged(house)
    with sqlite3.connect(house.home / "tenken.db") as database:
        database.execute("INSERT INTO object_salts SELECT max(id), ? FROM objects WHERE source = 'mdm'", (one.salt,))
    database.close()
    assert [problem for problem in verify_ledger(house) if "old backup" in problem]


def test_one_bit_that_turned_is_told_and_what_rests_on_it_is_unverified(house: House) -> None:
    assert scrub(house) is None
    path, whole = turned(house)
    assert "1 objects of the vault are damaged" in (scrub(house) or "")
    assert [len(one["found"]) for one in entries(house, "damaged")] == [1]
    one = judged(house)
    assert (one.verdict, "damaged" in (one.reason or "")) == (Verdict.UNVERIFIED, True)
    scrub(house)
    assert len(entries(house, "damaged")) == 1
    path.write_bytes(whole)
    assert scrub(house) is None
    assert len(entries(house, "restored")) == 1
    assert judged(house).verdict is Verdict.PASS


def test_control_unless_it_is_scrubbed_a_turned_bit_passes(house: House) -> None:
    turned(house)
    assert judged(house).verdict is Verdict.PASS


def test_an_object_that_is_gone_is_damage(house: House) -> None:
    file_of(house.vault, Digest(object_of(house).digest)).unlink()
    assert "is gone" in (scrub(house) or "")
    assert judged(house).verdict is Verdict.UNVERIFIED


def test_a_new_home_seals_what_comes_and_names_the_key_in_its_row(house: House) -> None:
    one = object_of(house)
    assert one.key_id is not None
    assert b"PC-1" not in file_of(house.vault, Digest(one.digest)).read_bytes()
    assert b"PC-1" in content_of(house.vault, Digest(one.digest))
    assert (house.home / "keys" / "vault").stat().st_mode & 0o777 == 0o600
