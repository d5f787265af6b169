"""Heads are stamped once a day by an authority outside of the house: a real one, of openssl, over HTTP."""

import hashlib
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evidence import ledger, settings
from evidence.clock import StandingClock
from evidence.errors import ConfigError, Misplaced
from evidence.ledger import keys as signing
from evidence.ledger.timestamp import Trusted, request
from evidence.ledger.tsr import stamped
from evidence.period import Period
from house import House, create, day, handout, heads, open_house, stamps
from house.work import WORK
from scheduler import Schedule
from tests.reports.packed import problems, reseal, verified
from tests.servers import tsa
from tests.servers.tsa import Authority

CODE = "AOBA"
LOG = ledger.log_of(CODE)
FIRST = 2  # the size of the first head: the beginning of the log, and one act
CHECKPOINT = Schedule(name="checkpoint", does="checkpoint", cron="0 8 * * *")
AT = datetime(2026, 4, 2, 3, tzinfo=UTC)
MESSAGE = b"tenken/AOBA\n1\n"


@pytest.fixture(scope="module", params=["strict", "loose"])
def authority(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """An authority whose answers are strict DER, and one whose are not."""
    made = tsa.made(tmp_path_factory.mktemp("tsa") / "it", loose=request.param == "loose")
    with tsa.serving(made) as serving:
        yield serving


@pytest.fixture
def house(authority: Authority, tmp_path: Path) -> Iterator[House]:
    home = tmp_path / "home"
    create(home, "青葉グループ", [(CODE, "株式会社青葉")], StandingClock(AT)).store.close()
    (home / "chain.pem").write_bytes(authority.chain)
    authority.asked.clear()
    house = configured(home, authority.url)
    with closing(house.store):
        yield house


def configured(home: Path, url: str) -> House:
    """The house with an authority in its settings."""
    with (home / "settings.yaml").open("a", encoding="utf-8") as file:
        file.write(f"timestamps: {{url: {json.dumps(url)}, chain: chain.pem}}\n")
    return open_house(home, StandingClock(AT))


def served(house: House, name: str) -> list[str]:
    """Do what the schedule does after something was recorded; what it said."""
    with house.store.write() as tx:
        tx.ledger.append(LOG, {"kind": "collected"}, name)
    said = list[str]()
    assert WORK["checkpoint"](house, CHECKPOINT, house.today, said.append) is None
    return said


def told(house: House) -> list[dict[str, object]]:
    """What the ledger says of time stamps."""
    with house.store.read() as tx:
        entries = [json.loads(entry.leaf) for entry in tx.ledger.leaves(LOG)]
    return [{k: one[k] for k in ("size", "token", "reason")} for one in entries if one["kind"] == "timestamp"]


def head(house: House, size: int) -> bytes:
    with house.store.read() as tx:
        return next(signed for of, signed in tx.checkpoints.all(LOG) if of == size).encode()


def test_a_head_is_stamped_once_a_day_and_the_stamp_is_in_the_ledger(house: House, authority: Authority) -> None:
    assert served(house, "1") == served(house, "2") == []
    with house.store.read() as tx:
        [kept] = tx.timestamps.all(LOG)
    assert (kept.size, kept.reason, len(authority.asked)) == (FIRST, None, 1)
    assert stamped(kept.token or b"")[0] == hashlib.sha256(head(house, FIRST)).digest()
    assert told(house) == [{"size": FIRST, "token": hashlib.sha256(kept.token or b"").hexdigest(), "reason": None}]
    assert heads.verify_ledger(house) == stamps.standing(house) == []
    assert isinstance(house.clock, StandingClock)
    house.clock.at += timedelta(days=1)
    served(house, "3")
    assert [one["size"] for one in told(house)] == [FIRST, FIRST + 3]


def test_openssl_agrees(house: House, authority: Authority, tmp_path: Path) -> None:
    served(house, "1")
    with house.store.read() as tx:
        kept = tx.timestamps.good(LOG)
    assert kept and kept.token
    (tmp_path / "tsr").write_bytes(kept.token)
    for content, code in ((head(house, FIRST), 0), (head(house, FIRST) + b" ", 1)):
        (tmp_path / "checkpoint").write_bytes(content)
        command = [
            "openssl",
            "ts",
            "-verify",
            "-data",
            "checkpoint",
            "-in",
            "tsr",
            "-CAfile",
            str(house.home / "chain.pem"),
        ]
        assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == code


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(503, "HTTP 503", id="out of order"),
        pytest.param(b"", "not a granted time stamp", id="an empty answer"),
        pytest.param(b"<html>", "not a granted time stamp", id="a page"),
        pytest.param(bytes.fromhex("30053003020102"), "not a granted time stamp", id="a rejection"),
    ],
)
def test_an_authority_that_fails_is_told_and_stops_nothing(
    house: House, authority: Authority, answer: int | bytes, reason: str
) -> None:
    authority.plan.append(answer)
    assert served(house, "1") == [f"{LOG}: no time stamp: {reason}"]
    assert head(house, FIRST)
    [failure] = told(house)
    assert (failure["size"], failure["reason"]) == (FIRST, reason)
    assert failure["token"] == (hashlib.sha256(answer).hexdigest() if answer and isinstance(answer, bytes) else None)
    assert stamps.standing(house) == [f"{LOG}: not stamped since ever: {reason}"]
    assert heads.verify_ledger(house) == []
    assert served(house, "2") == stamps.standing(house) == []


def test_an_authority_that_is_not_there_is_told(house: House) -> None:
    house.settings = house.settings.model_copy(
        update={"timestamps": settings.TimestampSettings(url="http://127.0.0.1:9/", chain="chain.pem")}
    )
    assert served(house, "1") == [f"{LOG}: no time stamp: connection: ConnectionRefusedError"]


def test_a_stamp_of_another_head_is_kept_and_does_not_count(house: House, authority: Authority) -> None:
    authority.plan.append(authority.reply(request(b"another").as_bytes()))
    assert served(house, "1") == [f"{LOG}: no time stamp: is of another message"]
    with house.store.read() as tx:
        assert [bool(one.token) for one in tx.timestamps.all(LOG)] == [True]
        assert tx.timestamps.good(LOG) is None


def test_a_chain_that_is_not_there_is_told(house: House) -> None:
    (house.home / "chain.pem").unlink()
    [failed] = served(house, "1")
    assert "chain.pem: cannot be read" in failed


def test_a_kept_stamp_that_was_exchanged_is_found(house: House, authority: Authority) -> None:
    served(house, "1")
    (house.home / "chain.pem").write_bytes(tsa.made(house.home / "other").chain)
    [problem] = heads.verify_ledger(house)
    assert f"{LOG}: time stamp of {FIRST}: does not verify" in problem


def believed(authority: Authority, chain: bytes, to: Path) -> Trusted:
    to.write_bytes(chain)
    return Trusted(to)


def test_what_a_stamp_does_not_prove_is_refused(authority: Authority, tmp_path: Path) -> None:
    question = request(MESSAGE)
    reply, trusted = authority.reply(question.as_bytes()), believed(authority, authority.chain, tmp_path / "chain")
    assert trusted.wrong(reply, MESSAGE, question) is None
    assert trusted.wrong(reply, MESSAGE + b"1") == "is of another message"
    assert str(trusted.wrong(reply[:-1] + bytes([reply[-1] ^ 1]), MESSAGE)).startswith("does not verify")
    stranger = tsa.made(tmp_path / "stranger")
    assert str(believed(stranger, stranger.chain, tmp_path / "other").wrong(reply, MESSAGE)).startswith(
        "does not verify"
    )


def test_a_revoked_certificate_proves_nothing(tmp_path: Path) -> None:
    authority = tsa.made(tmp_path / "it")
    reply = authority.reply(request(MESSAGE).as_bytes())
    assert believed(authority, authority.unrevoked, tmp_path / "chain").wrong(reply, MESSAGE) is None
    assert believed(authority, authority.revoked, tmp_path / "chain").wrong(reply, MESSAGE) == (
        "does not verify: openssl: certificate revoked"
    )


@pytest.mark.parametrize("loose", [False, True], ids=["strict", "loose"])
def test_a_certificate_that_ran_out_proves_what_it_stamped_before(tmp_path: Path, loose: bool) -> None:
    authority = tsa.made(tmp_path / "it", days=1, loose=loose)
    reply = authority.reply(request(MESSAGE).as_bytes())
    assert believed(authority, authority.chain, tmp_path / "chain").wrong(reply, MESSAGE) is None
    (tmp_path / "tsr").write_bytes(reply)
    (tmp_path / "data").write_bytes(MESSAGE)
    at = int(stamped(reply)[1].timestamp())
    for when, code in ((at, 0), (at + 2 * 86_400, 1)):
        command = f"openssl ts -verify -data data -in tsr -CAfile chain -attime {when}".split()
        assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == code


@pytest.mark.parametrize(
    "told",
    [
        pytest.param('{url: "ftp://tsa.example/", chain: c}', id="no http"),
        pytest.param('{url: "https://user@tsa.example/", chain: c}', id="with a user"),
        pytest.param('{url: "tsa.example", chain: c}', id="no address"),
        pytest.param('{url: "https://tsa.example:x/", chain: c}', id="no port"),
        pytest.param('{url: "https://tsa.example/", chain: /etc/c}', id="a chain elsewhere"),
        pytest.param('{url: "https://tsa.example/", chain: ../c}', id="a chain above"),
        pytest.param('{url: "https://tsa.example/", chain: c, every: hourly}', id="another rhythm"),
        pytest.param('{url: "https://tsa.example/"}', id="no chain"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_by_their_line(tmp_path: Path, told: str) -> None:
    settings.write(tmp_path, "青葉グループ", [(CODE, "株式会社青葉")])
    with (tmp_path / "settings.yaml").open("a", encoding="utf-8") as file:
        file.write(f"timestamps: {told}\n")
    with pytest.raises(Misplaced, match=r"settings\.yaml:6:"):
        settings.read(tmp_path)


def test_a_chain_that_holds_no_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "chain").write_text("nothing\n")
    with pytest.raises(ConfigError, match="no PEM certificate"):
        Trusted(tmp_path / "chain").content()


def packed(house: House, to: Path) -> Path:
    """The pack of a judged day, unpacked."""
    period = Period(house.today - timedelta(days=1), house.today)
    day.judge(house, period, only=["HUM-01"])
    served(house, "1")
    path = handout.create_pack(house, CODE, period, to)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(to)
    return Path(path).with_suffix("")


def test_a_pack_brings_the_stamp_of_its_head(house: House, tmp_path: Path) -> None:
    pack = packed(house, tmp_path)
    assert problems(pack, house.vkey(CODE)) == []
    code, printed = verified(pack, house.vkey(CODE))
    at = re.search(r"△ TIME STAMP .* UTC \(-attime ([0-9]+)\)", printed)
    assert (code, at is None) == (0, False)
    words = "openssl ts -verify -data checkpoint -in checkpoint.tsr -CAfile tsa-chain.pem -attime SECONDS"
    assert f"\n  {words}\n" in (pack / "VERIFY.txt").read_text("utf-8")
    command = words.replace("SECONDS", at[1] if at else "").split()
    assert subprocess.run(command, cwd=pack, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        pytest.param("checkpoint.tsr", None, "checkpoint.tsr: the time stamp of another checkpoint", id="another's"),
        pytest.param("checkpoint.tsr", b"0\x03", "not a granted time stamp", id="none"),
        pytest.param("tsa-chain.pem", b"", "tsa-chain.pem: missing", id="without its chain"),
    ],
)
def test_a_stamp_that_is_not_of_the_head_is_told_though_all_is_sealed(
    house: House, authority: Authority, tmp_path: Path, name: str, content: bytes | None, found: str
) -> None:
    pack = packed(house, tmp_path)
    if content == b"":
        (pack / name).unlink()
    else:
        (pack / name).write_bytes(authority.reply(request(b"another").as_bytes()) if content is None else content)
    reseal(pack, signing.load(house.home / "keys", LOG))
    assert any(found in one for one in problems(pack, house.vkey(CODE)))


def test_a_pack_of_a_head_that_was_not_stamped_is_whole_without(
    house: House, authority: Authority, tmp_path: Path
) -> None:
    authority.plan.append(503)
    pack = packed(house, tmp_path)
    assert not (pack / "checkpoint.tsr").exists()
    assert problems(pack, house.vkey(CODE)) == []


@pytest.mark.parametrize("cut", range(0, 900, 53))
def test_a_reply_that_was_cut_off_says_nothing(authority: Authority, cut: int) -> None:
    reply = authority.reply(request(MESSAGE).as_bytes())
    with pytest.raises(ValueError, match="not a granted time stamp"):
        stamped(reply[: min(cut, len(reply) - 1)])
