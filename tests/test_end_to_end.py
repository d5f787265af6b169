"""From real servers to a verified pack with nothing of ours in between: S3 over HTTP, sshd over SFTP, dropped files."""

import gzip
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collectors.collect import Collected
from controls.model import Assessment, Verdict
from evidence.datasets import OURSELVES, Kind, catalogue
from evidence.facts.window import Window
from evidence.ledger import GROUP, log_of
from evidence.period import Period
from evidence.persons import Keys
from evidence.store.values import FactFile
from evidence.vault import Digest
from house import House, create, day, desk, handout, window
from tests.canaries.search import shown_in, unpacked
from tests.evidence.vault.keyed import content_of
from tests.outside import AWS, CODE, LEAVER, SILENT, SSH, Person, configure, deliver, people, registers, remote
from tests.servers import s3, syslog

TOKYO = ZoneInfo("Asia/Tokyo")
RECORDED_ON = date(2023, 7, 10)  # the day of all CloudTrail records
RECORDS = 2_900
FAILURES = 25
Records = dict[str, dict[str, Any]]  # event id → record, as plain json and gzip read it


@dataclass
class World:
    """What was outside, and the house that collected it."""

    house: House
    staff: tuple[Person, ...]
    raw: Records
    log: list[str]
    first: tuple[Collected, ...]
    again: tuple[Collected, ...]
    held: tuple[tuple[FactFile, ...], tuple[FactFile, ...]]  # before and after the last collection
    then: Period
    now: Period
    judged: tuple[Assessment, ...]
    out: Path

    def window(self, period: Period) -> Window:
        known_at = self.house.store.last_commit()
        assert known_at is not None
        return window(self.house, period, known_at)

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """All access events that arrived."""
        return self.window(self.now).rows("access_events")

    def assessment(self, control: str, period: Period, company: str = CODE) -> Assessment:
        [one] = [
            a
            for a in self.judged
            if (a.control, a.company, a.since, a.as_of) == (control, company, period.since, period.as_of)
        ]
        return one

    @cached_property
    def keys(self) -> Keys:
        return self.house.keys()

    def account(self, system: str, login: str) -> str:
        return self.keys.mint("account", system, login)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[World]:
    base = tmp_path_factory.mktemp("world")
    keys, logs, out = base / "ssh", base / "log", base / "out"
    for folder in (keys, logs, out):
        folder.mkdir()
    with s3.running() as bucket, syslog.running(keys, logs, TOKYO) as bastion:
        raw = _fill(bucket, shared / "data" / "cloudtrail")
        bastion.enter()
        bastion.rotate("Accepted publickey", 1)
        house = create(base / "home", "架空グループ", [(CODE, "株式会社葵"), (SILENT, "株式会社緑")])
        staff = people(bastion.server.user)
        _configure(house, bucket, bastion, logs)
        owner = house.keys().person("worker_no", staff[0].number)
        for name, path in registers(base, owner).items():
            assert not desk.import_register(house, name, path, staff[0].number, "初回登録").problems
        deliver(house.home, staff, datetime(2023, 7, 10, 18, 0, tzinfo=TOKYO))
        first = tuple(_collect(house, RECORDED_ON))
        deliver(house.home, staff, datetime.now(TOKYO) - timedelta(minutes=1))
        _repeat_one(bucket)
        bastion.fail("not the password", FAILURES)
        bastion.enter()
        # the collector itself logged in to fetch the first
        log = bastion.rotate("Accepted publickey", 2).read_text("utf-8").splitlines()
        list(_collect(house, house.today))
        before = _facts(house)
        again = tuple(_collect(house, house.today))
        yield _judged(house, staff, raw, log, first, again, before, out)


def _fill(server: s3.S3, folder: Path) -> Records:
    raw: Records = {}
    with server.client() as client:
        s3.make_bucket(client, "trails")
        for path in sorted(folder.rglob("*.json.gz")):
            content = path.read_bytes()
            client.put_object(Bucket="trails", Key=path.relative_to(folder).as_posix(), Body=content)
            raw |= {record["eventID"]: record for record in json.loads(gzip.decompress(content))["Records"]}
    return raw


def _repeat_one(server: s3.S3) -> None:
    """Deliver one object once more under another key, as CloudTrail may."""
    with server.client() as client:
        [*_, last] = client.list_objects_v2(Bucket="trails")["Contents"]
        client.copy_object(
            Bucket="trails", Key="AWSLogs/again.json.gz", CopySource={"Bucket": "trails", "Key": last["Key"]}
        )


def _configure(house: House, bucket: s3.S3, bastion: syslog.Logged, logs: Path) -> None:
    server = bastion.server
    key = house.home / "keys" / "collector"
    key.touch(0o600)
    key.write_bytes(server.key_path.read_bytes())
    ssh = {
        "kind": "sftp", "host": server.host, "port": server.port, "user": server.user, "key": "${file:keys/collector}",
        "host_key": server.fingerprint, "folder": str(logs), "pattern": "auth.log.*",
    }  # fmt: skip
    configure(house.home, remote(house, bucket.endpoint, s3.ACCESS_KEY, s3.SECRET_KEY, ssh))


def _collect(house: House, on: date) -> Iterator[Collected]:
    for told in day.collect_day(house, on):
        if not isinstance(told, Collected):
            raise told
        yield told


def _facts(house: House) -> tuple[FactFile, ...]:
    with house.store.read() as tx:
        return tuple(file for file in tx.facts.visible(tx.at) if file.source != OURSELVES)


def _judged(
    house: House,
    staff: tuple[Person, ...],
    raw: Records,
    log: list[str],
    first: tuple[Collected, ...],
    again: tuple[Collected, ...],
    before: tuple[FactFile, ...],
    out: Path,
) -> World:
    yesterday = house.today - timedelta(days=1)  # the log may have been written over midnight
    then, now = Period(RECORDED_ON, RECORDED_ON), Period(yesterday, house.today)
    judged = [*day.judge(house, then), *day.judge(house, now)]
    day.checkpoint(house)
    for period in (then, now):
        documents = [
            *handout.self_check_documents(house, CODE, period),
            handout.management_book(house, CODE, period),
        ]
        for document in documents:
            (out / document.name).write_bytes(document.content)
        handout.create_pack(house, CODE, period, out)
    held = (before, _facts(house))
    return World(house, staff, raw, log, first, again, held, then, now, tuple(judged), out)


def actor(record: dict[str, Any]) -> str:
    """Who acted, as collectors/formats/cloudtrail.py promises it, worked out once more."""
    who = record["userIdentity"]
    issuer = who.get("sessionContext", {}).get("sessionIssuer", {}).get("userName")
    named = [who.get(n) for n in ("userName", "arn", "principalId", "invokedBy", "accountId")]
    first = next((name for name in named if name), None)
    match who.get("type"):
        case "Root":
            first = "root"
        case "AWSService":
            first = who["invokedBy"]
        case "AssumedRole":
            first = issuer or first
    account = who.get("accountId")
    assert first is not None
    return f"{account}:{first}" if account and account != record["recipientAccountId"] and first != account else first


def stops(world: World) -> list[dict[str, Any]]:
    """The records that stop, delete or change a log, and were not refused."""
    [operations] = [
        p.value
        for c in world.house.catalogue.controls
        if c.id == "ORG-2-02"
        for p in c.parameters
        if p.name == "log_stop_operations"
    ]
    assert isinstance(operations, tuple)
    return [r for r in world.raw.values() if r["eventName"] in operations and not r.get("errorCode")]


def test_every_record_arrives_once_with_the_identity_that_acted(world: World) -> None:
    arrived = {e["event_key"]: e["account_key"] for e in world.events if e["system_id"] == AWS}
    assert len(world.raw) == RECORDS
    assert len([e for e in world.events if e["system_id"] == AWS]) == RECORDS
    assert arrived == {key: world.account(AWS, actor(record)) for key, record in world.raw.items()}


def test_object_and_line_lead_back_to_the_very_record(world: World) -> None:
    opened: dict[str, list[dict[str, Any]]] = {}
    found = {}
    for event in world.events:
        if event["system_id"] == AWS:
            name = event["object"]
            if name not in opened:
                content = content_of(world.house.vault, Digest(name))
                opened[name] = json.loads(gzip.decompress(content))["Records"]
            found[event["event_key"]] = opened[name][event["line"] - 1]
    assert len(opened) == 55
    assert found == world.raw


def test_every_identity_that_nobody_knows_is_a_deviation_and_no_other(world: World) -> None:
    acted = {
        world.account(AWS, actor(r))
        for r in world.raw.values()
        if r["eventName"] != "ConsoleLogin" or r["responseElements"]["ConsoleLogin"] == "Success"
    }
    known = {world.account(p.system, p.login) for p in world.staff}
    judged = world.assessment("TEC-2-01", world.then)
    assert judged.verdict is Verdict.FAIL
    assert world.account(AWS, "bert-jan") in acted
    assert {d.subject for d in judged.deviations} == acted - known


def test_the_stopped_and_deleted_trails_are_a_deviation_that_names_their_records(world: World) -> None:
    wanted = {r["eventID"] for r in stops(world)}
    [stop] = [d for d in world.assessment("ORG-2-02", world.then).deviations if d.aspect == "log_stop"]
    by_ref = {e["row_ref"]: e["event_key"] for e in world.events}
    assert (stop.subject, stop.occurred_on, stop.columns["stops"]) == (AWS, RECORDED_ON, len(wanted))
    assert {by_ref[ref] for ref in stop.proof.rows if ref in by_ref} == wanted


def test_a_success_after_a_burst_of_failures_is_a_deviation(world: World) -> None:
    account = world.account(SSH, world.staff[1].login)
    mine = sorted(
        (e for e in world.events if e["system_id"] == SSH), key=lambda e: (e["recorded_at"], e["object"], e["line"])
    )
    ordinary = ["login_ok", "login_ok"]  # the test's first login, and that of the collector when it fetched its line
    assert [e["action"] for e in mine] == [*ordinary, *["login_ng"] * FAILURES, "login_ok"]
    assert {e["account_key"] for e in mine} == {account}
    success = mine[-1]
    judged = world.assessment("TEC-3-04", world.now)
    assert judged.verdict is Verdict.FAIL
    assert [(d.subject, d.aspect) for d in judged.deviations] == [(success["event_key"], "login_pattern")]
    assert "Accepted publickey" in world.log[success["line"] - 1]


def test_known_people_at_work_are_no_deviation(world: World) -> None:
    judged = world.assessment("TEC-2-01", world.now)
    assert (judged.verdict, judged.population) == (Verdict.PASS, len(world.staff))


def test_a_control_without_its_sources_is_unverified(world: World) -> None:
    fed = {feed.dataset for feed in world.house.feeds} | {"source_runs"}
    lacking = {
        control.id
        for control in world.house.catalogue.controls
        if any(name not in fed and catalogue()[name].kind is not Kind.REGISTER for name in control.datasets)
    }
    assert lacking
    verdicts = {a.verdict for a in world.judged if a.company == CODE and a.control in lacking}
    assert verdicts == {Verdict.UNVERIFIED}


def test_who_left_is_known_by_a_key_also_where_a_file_has_our_own_headers(world: World) -> None:
    judged = world.assessment("TEC-1-03", world.then)
    assert (judged.verdict, judged.population) == (Verdict.PASS, 1)


def test_a_company_without_any_source_passes_nothing(world: World) -> None:
    silent = [a for a in world.judged if a.company == SILENT]
    assert len(silent) == len(world.judged) / 2
    assert {a.verdict for a in silent} == {Verdict.UNVERIFIED}


def test_a_damaged_snapshot_is_told_and_its_control_unverified(world: World) -> None:
    [leaves] = [told for told in world.first if told.source == "leaves"]
    assert (leaves.complete, leaves.rows, leaves.rejected) == (False, 0, 1)
    of_leaves = {c.id for c in world.house.catalogue.controls if "leaves" in c.datasets}
    assert {a.verdict for a in world.judged if a.control in of_leaves} == {Verdict.UNVERIFIED}


def test_collecting_again_adds_nothing(world: World) -> None:
    known = [told for told in world.again if told.source != "leaves"]  # what could not be read is read again
    assert {(told.objects, told.rows, told.rejected) for told in known} == {(0, 0, 0)}
    assert len(known) == len(world.house.sources) - 1
    assert world.held[0] == world.held[1]


def test_the_ledger_verifies(world: World) -> None:
    assert day.verify_ledger(world.house) == []
    with world.house.store.read() as tx:
        assert tx.ledger.logs() == sorted([GROUP, log_of(CODE), log_of(SILENT)])


def test_every_pack_proves_itself_on_a_machine_without_us(world: World, tmp_path: Path) -> None:
    packs = sorted(world.out.glob("*.zip"))
    assert len(packs) == 2
    for pack in packs:
        with zipfile.ZipFile(pack) as archive:
            archive.extractall(tmp_path)
        command = [sys.executable, "-I", "verify.py", "--key", world.house.vkey(CODE)]
        done = subprocess.run(command, cwd=tmp_path / pack.stem, capture_output=True, text=True, env={}, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def words(world: World) -> set[str]:
    """What people and systems call a person."""
    told = {text for p in (*world.staff, LEAVER) for text in (p.number, p.name, p.mail)}
    return told | {
        p.login for p in world.staff if p.system == AWS
    }  # the other is this machine's user: root is everywhere


def keys(world: World) -> set[str]:
    """What we call them inside."""
    persons = {world.keys.person("worker_no", p.number) for p in (*world.staff, LEAVER)}
    return persons | {world.account(p.system, p.login) for p in world.staff}


def handed_out(world: World) -> Iterator[tuple[str, bytes]]:
    for path in sorted(world.out.iterdir()):
        yield from unpacked(path.read_bytes(), path.name)
    with world.house.store.read() as tx:
        for log in tx.ledger.logs():
            for entry in tx.ledger.leaves(log):
                yield f"{log} {entry.seq}", entry.leaf
        for run in tx.runs.visible(tx.at):
            yield f"run {run.run_id}", (run.reason or "").encode()
            for reject in tx.rejects.of_run(run.run_id):
                yield f"reject of {run.run_id}", f"{reject.column} {reject.reason}".encode()


def test_no_person_stands_in_what_is_handed_out_or_told(world: World) -> None:
    pieces = list(handed_out(world))
    assert len(pieces) > 500
    assert shown_in(words(world) | keys(world), pieces) == {}


def test_the_search_finds_every_person_in_a_raw_pack(world: World, tmp_path: Path) -> None:
    pack = Path(handout.create_pack(world.house, CODE, world.now, tmp_path, raw=True))
    pieces = list(unpacked(pack.read_bytes(), pack.name))
    assert shown_in(words(world), pieces).keys() == words(world)
    assert shown_in(keys(world), pieces)
