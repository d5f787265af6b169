"""Who stands behind the pseudonyms of a pack leaves the house encrypted to one recipient, by two persons, on record."""

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from evidence import ledger
from evidence.errors import ConfigError
from house.handout import Released
from house.revealing import reveal
from reports.pack.envelope import recipient_at
from tests.canaries.search import shown_in, unpacked
from tests.notices.homes import identity
from tests.outside import CODE, LEAVER, people
from tests.recipient import Recipient, recipient
from tests.reports.packed import Issued

PURPOSE = "2025年度 外部監査"
STAFF = people("kouno")


@pytest.fixture(scope="module")
def auditor(tmp_path_factory: pytest.TempPathFactory) -> Recipient:
    return recipient(tmp_path_factory.mktemp("auditor"))


@pytest.fixture
def released(issued: Issued, auditor: Recipient) -> Released:
    by, approver = (issued.house.keys().person("worker_no", one.number) for one in STAFF[:2])
    return Released(recipient_at(auditor.certificate, issued.house.clock.now()), PURPOSE, by, approver)


def opened(issued: Issued, released: Released, auditor: Recipient, folder: Path) -> list[dict[str, str]]:
    sent = reveal(issued.house, CODE, issued.period, folder / "who.csv.p7m", released)
    plain = auditor.open(sent, folder / "opened").read_bytes()
    return list(csv.DictReader(io.StringIO(plain.decode("utf-8-sig"))))


def said(issued: Issued) -> list[bytes]:
    with issued.house.store.read() as tx:
        return [entry.leaf for entry in tx.ledger.leaves(ledger.log_of(CODE))]


def test_each_person_of_the_pack_is_named_by_number_and_nobody_else(
    issued: Issued, released: Released, auditor: Recipient, tmp_path: Path
) -> None:
    rows = opened(issued, released, auditor, tmp_path)
    masked, person = issued.house.masking(CODE), issued.house.keys().person
    numbers = {row["pseudonym"]: row["worker_no"] for row in rows}
    assert {numbers[masked(person("worker_no", one.number))] for one in STAFF} == {one.number for one in STAFF}
    pack = list(unpacked((issued.zips / "masked.zip").read_bytes(), "masked"))
    assert shown_in(numbers, pack).keys() == set(numbers)


def test_a_name_is_told_where_the_register_of_identities_has_one(
    issued: Issued, released: Released, auditor: Recipient, tmp_path: Path
) -> None:
    with issued.house.store.write() as tx:
        tx.registers.add(replace(identity("I1", released.by, STAFF[0].name, "name"), entered_by=released.by))
    named = {row["worker_no"]: row["name"] for row in opened(issued, released, auditor, tmp_path)}
    assert named == {STAFF[0].number: STAFF[0].name} | dict.fromkeys(set(named) - {STAFF[0].number}, "")


def test_the_ledger_says_how_many_to_whom_and_for_what_and_names_nobody(
    issued: Issued, released: Released, auditor: Recipient, tmp_path: Path
) -> None:
    rows = opened(issued, released, auditor, tmp_path)
    last = json.loads(said(issued)[-1])
    assert (last["kind"], last["persons"], last["purpose"]) == ("revealed", len(rows), PURPOSE)
    assert re.fullmatch("[0-9a-f]{64}", last["recipient"])
    assert last["actor"] != last["approver"]
    told = {released.by, released.approved_by, *(text for one in (*STAFF, LEAVER) for text in (one.number, one.name))}
    assert shown_in(told, [("leaf", said(issued)[-1])]) == {}


def test_nothing_readable_is_written(issued: Issued, released: Released, auditor: Recipient, tmp_path: Path) -> None:
    before = sorted(issued.house.home.iterdir())
    sent = reveal(issued.house, CODE, issued.period, tmp_path / "who.p7m", released)
    assert sorted(issued.house.home.iterdir()) == before
    assert list(tmp_path.iterdir()) == [sent]
    assert shown_in([one.number for one in STAFF], [("sent", sent.read_bytes())]) == {}
    assert shown_in([one.number for one in STAFF], [("opened", auditor.open(sent, tmp_path / "o").read_bytes())])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"approved_by": None}, id="one person"),
        pytest.param({"purpose": " "}, id="no purpose"),
        pytest.param({"approved_by": "P-9999999999999999"}, id="a stranger approves"),
        pytest.param({"by": "P-9999999999999999"}, id="a stranger asks"),
    ],
)
def test_it_takes_two_who_are_there_and_a_purpose(
    issued: Issued, released: Released, tmp_path: Path, change: Mapping[str, str | None]
) -> None:
    told = {"by": released.by, "approved_by": released.approved_by, "purpose": released.purpose}
    told |= {name: value or released.by for name, value in change.items()}
    asked = Released(released.certificate, told["purpose"], told["by"], told["approved_by"])
    entries = len(said(issued))
    with pytest.raises(ConfigError):
        reveal(issued.house, CODE, issued.period, tmp_path / "who.p7m", asked)
    assert (list(tmp_path.iterdir()), len(said(issued))) == ([], entries)


def test_what_cannot_be_written_is_refused_before_it_is_on_record(
    issued: Issued, released: Released, tmp_path: Path
) -> None:
    entries = len(said(issued))
    with pytest.raises(ConfigError, match="no folder"):
        reveal(issued.house, CODE, issued.period, tmp_path / "nowhere" / "who.p7m", released)
    assert len(said(issued)) == entries


def test_a_person_asks_for_it_by_worker_numbers(issued: Issued, auditor: Recipient, tmp_path: Path) -> None:
    given = ["--home", issued.house.home, "pack", "reveal", "--company", CODE, "--out", tmp_path / "who.p7m"]
    given += ["--since", issued.period.since, "--as-of", issued.period.as_of, "--recipient", auditor.certificate]
    given += ["--by", STAFF[0].number, "--approved-by", STAFF[1].number, "--purpose", PURPOSE]
    done = CliRunner().invoke(app, list(map(str, given)), catch_exceptions=False)
    assert (done.exit_code, done.stdout.strip()) == (0, str(tmp_path / "who.p7m"))
    assert auditor.open(tmp_path / "who.p7m", tmp_path / "opened").read_bytes().count(b"\r\n") > len(STAFF)
