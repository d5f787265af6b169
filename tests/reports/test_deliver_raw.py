"""Originals leave the house encrypted to one recipient, released by two persons, and the ledger tells so."""

import hashlib
import json
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from evidence import ledger
from evidence.errors import ConfigError, StoreUnavailable
from house import House, handout
from house.handout import Released, deliver_raw
from reports.pack.envelope import recipient_at
from tests.outside import CODE, people
from tests.recipient import Recipient, openssl, recipient
from tests.reports.packed import Issued, verified

PURPOSE = "2025年度 外部監査"


@pytest.fixture(scope="module")
def auditor(tmp_path_factory: pytest.TempPathFactory) -> Recipient:
    return recipient(tmp_path_factory.mktemp("auditor"))


@pytest.fixture
def released(issued: Issued, auditor: Recipient) -> Released:
    by, approver = (issued.house.keys().person("worker_no", one.number) for one in people("kouno")[:2])
    return Released(recipient_at(auditor.certificate, issued.house.clock.now()), PURPOSE, by, approver)


def delivered(issued: Issued, released: Released, to: Path) -> Path:
    [sent] = deliver_raw(issued.house, CODE, issued.period, to, released)
    return sent


def said(issued: Issued) -> list[bytes]:
    with issued.house.store.read() as tx:
        return [entry.leaf for entry in tx.ledger.leaves(ledger.log_of(CODE))]


def test_the_recipient_opens_it_with_the_shell_and_it_verifies(
    issued: Issued, released: Released, auditor: Recipient, tmp_path: Path
) -> None:
    sent = delivered(issued, released, tmp_path)
    assert sent.suffixes == [".zip", ".p7m"]
    opened = auditor.open(sent, tmp_path / "opened.zip")
    with zipfile.ZipFile(opened) as archive:
        archive.extractall(tmp_path / "unpacked")
    [pack] = (tmp_path / "unpacked").iterdir()
    code, told = verified(pack, issued.vkey())
    assert (code, "ORIGIN VERIFIED" in told) == (0, True), told
    last = json.loads(said(issued)[-1])
    assert last["kind"] == "delivered"
    assert last["pack"] == hashlib.sha256(opened.read_bytes()).hexdigest()
    assert last["delivered"] == [hashlib.sha256(sent.read_bytes()).hexdigest()]
    assert last["purpose"] == PURPOSE


def test_a_large_one_is_encrypted_in_parts_that_are_opened_one_by_one(
    issued: Issued, released: Released, auditor: Recipient, tmp_path: Path
) -> None:
    to = tmp_path / "given.zip.p7m"
    sent = deliver_raw(issued.house, CODE, issued.period, to, released, 300_000)
    assert [one.name for one in sent[:2]] == ["given.zip.001.p7m", "given.zip.002.p7m"]
    assert sorted(tmp_path.iterdir()) == sorted(sent)
    for one in sent:
        auditor.open(one, one.with_suffix(""))
    done = CliRunner().invoke(app, ["pack", "verify", str(tmp_path / "given.zip.001"), "--key", issued.vkey()])
    assert done.exit_code == 0, done.output
    assert json.loads(said(issued)[-1])["delivered"] == [hashlib.sha256(one.read_bytes()).hexdigest() for one in sent]


def test_what_is_not_on_record_is_not_handed_out(
    issued: Issued, released: Released, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(house: House, log: str, told: Mapping[str, object]) -> None:
        if told["kind"] == handout.DELIVERED:
            raise StoreUnavailable("the database went away")

    monkeypatch.setattr(handout, "tell", refused)
    with pytest.raises(StoreUnavailable):
        delivered(issued, released, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nobody_else_opens_it(issued: Issued, released: Released, tmp_path: Path) -> None:
    sent = delivered(issued, released, tmp_path)
    other = recipient(tmp_path)
    done = subprocess.run(
        ["openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-in", sent, "-inkey", other.key, "-recip",
         other.certificate, "-out", tmp_path / "opened.zip"], capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert b"PK" not in sent.read_bytes()[:64]


def test_nothing_readable_stays_in_the_house(issued: Issued, released: Released, tmp_path: Path) -> None:
    before = sorted(issued.house.home.iterdir())
    delivered(issued, released, tmp_path)
    assert sorted(issued.house.home.iterdir()) == before
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".p7m"]


def test_the_ledger_names_nobody(issued: Issued, released: Released, tmp_path: Path) -> None:
    delivered(issued, released, tmp_path)
    assert not [leaf for leaf in said(issued) for who in (released.by, released.approved_by) if who.encode() in leaf]


@pytest.mark.parametrize("change", [{"approved_by": None}, {"purpose": " "}, {"approved_by": "P-9999999999999999"}])
def test_one_person_or_a_stranger_or_no_purpose_is_refused(
    issued: Issued, released: Released, tmp_path: Path, change: dict[str, str | None]
) -> None:
    told = {"purpose": released.purpose, "approved_by": released.approved_by} | change
    asked = replace(released, purpose=told["purpose"] or "", approved_by=told["approved_by"] or released.by)
    entries = len(said(issued))
    with pytest.raises(ConfigError):
        delivered(issued, asked, tmp_path)
    assert (list(tmp_path.iterdir()), len(said(issued))) == ([], entries)


def test_a_certificate_that_does_not_serve_is_refused(tmp_path: Path) -> None:
    small, signs = tmp_path / "small", tmp_path / "signs"
    for folder in (small, signs):
        folder.mkdir()
    recipient(signs, "-addext", "keyUsage=critical,digitalSignature")
    openssl("req", "-x509", "-newkey", "rsa:1024", "-nodes", "-keyout", small / "auditor.key", "-out",
            small / "auditor.pem", "-days", "30", "-subj", "/CN=auditor")  # fmt: skip
    (tmp_path / "text.pem").write_text("no certificate")
    for path in (*(one / "auditor.pem" for one in (small, signs)), tmp_path / "text.pem", tmp_path / "none.pem"):
        with pytest.raises(ConfigError, match=path.name):
            recipient_at(path, datetime.now(UTC))


@pytest.mark.parametrize("days", [-1, 31])
def test_a_certificate_that_does_not_hold_now_is_refused(auditor: Recipient, days: int) -> None:
    recipient_at(auditor.certificate, datetime.now(UTC))
    with pytest.raises(ConfigError, match="not now"):
        recipient_at(auditor.certificate, datetime.now(UTC) + timedelta(days=days))
