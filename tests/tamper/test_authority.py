"""The time stamp of a pack: both verifiers say what it is of, alike; whether to believe it is for openssl, as VERIFY.txt
tells: an authority that ran out, was revoked, or is another."""

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from evidence.ledger.timestamp import request
from evidence.ledger.tsr import stamped
from tests.reports.packed import problems, reseal, verified
from tests.servers import tsa
from tests.servers.tsa import Authority
from tests.tamper.browser import Verifier, zipped
from tests.tamper.made import Made, make, stamp_of
from tests.tamper.stamps import CHAIN, STAMP

TWO_DAYS = 2 * 86_400
STAMPS = """(replies) => replies.map((told) => {
  try { const { hash, at } = stampOf(bytesOfHex(told)); return [hexOf(hash), at]; } catch { return null; }
})"""


@dataclass(frozen=True)
class Stamped:
    """A pack that an authority stamped, sealed by its issuer; and what verify.py says of it."""

    pack: Path
    key: str
    printed: str

    @property
    def at(self) -> int:
        """The SECONDS that verify.py prints."""
        found = re.search(r"-attime ([0-9]+)", self.printed)
        assert found
        return int(found[1])

    def openssl(self, at: int | None, *more: str) -> bool:
        """Whether the command of VERIFY.txt proves the stamp."""
        [line] = re.findall(r"openssl ts [^\n]+", (self.pack / "VERIFY.txt").read_text("utf-8"))
        words = line.replace("-attime SECONDS", f"-attime {at}" if at else "").split()
        return subprocess.run([*words, *more], cwd=self.pack, capture_output=True, check=False).returncode == 0


def stamped_by(authority: Authority, to: Path, chain: Callable[[Authority], bytes] = lambda one: one.chain) -> Stamped:
    made = make(3, to)
    (made.folder / STAMP).write_bytes(authority.reply(request((made.folder / "checkpoint").read_bytes()).as_bytes()))
    (made.folder / CHAIN).write_bytes(chain(authority))
    reseal(made.folder, made.key)
    return Stamped(made.folder, made.vkeys()[-1], verified(made.folder, made.vkeys()[-1])[1])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return tsa.made(tmp_path_factory.mktemp("authority") / "it")


def test_both_verifiers_say_when_and_that_openssl_says_by_whom(
    authority: Authority, verifier: Verifier, tmp_path: Path
) -> None:
    told = stamped_by(authority, tmp_path)
    answer = verifier.answer(told.pack, told.key)
    assert "its signature is for openssl" in told.printed
    assert ("its signature is for openssl" in answer.said, answer.marks["stamp"]) == (True, "○")
    at = stamped((told.pack / STAMP).read_bytes())[1]
    assert (f"{at:%Y-%m-%d %H:%M:%S}" in told.printed, f"{at:%Y-%m-%dT%H:%M:%SZ}" in answer.said) == (True, True)
    assert told.openssl(told.at)


def test_an_authority_that_ran_out_proves_what_it_stamped_before(verifier: Verifier, tmp_path: Path) -> None:
    told = stamped_by(tsa.made(tmp_path / "it", days=1), tmp_path)
    assert (told.openssl(told.at), told.openssl(told.at + TWO_DAYS)) == (True, False)
    assert verifier.answer(told.pack, told.key).verdict == "genuine"


def test_a_stamp_of_before_its_authority_was_there_proves_nothing(authority: Authority, tmp_path: Path) -> None:
    told = stamped_by(authority, tmp_path)
    assert not told.openssl(told.at - TWO_DAYS)


def test_an_authority_that_was_revoked_is_seen_by_openssl_and_no_verifier(verifier: Verifier, tmp_path: Path) -> None:
    told = stamped_by(tsa.made(tmp_path / "it"), tmp_path, lambda one: one.revoked)
    assert "-crl_check" in (told.pack / "VERIFY.txt").read_text("utf-8")
    assert (told.openssl(told.at + 60, "-crl_check"), told.openssl(told.at)) == (False, True)
    assert (problems(told.pack, told.key), verifier.answer(told.pack, told.key).verdict) == ([], "genuine")


def test_an_authority_that_was_not_revoked_is_believed_with_its_list(tmp_path: Path) -> None:
    told = stamped_by(tsa.made(tmp_path / "it"), tmp_path, lambda one: one.unrevoked)
    assert told.openssl(told.at + 60, "-crl_check")


def test_the_chain_of_another_authority_is_seen_by_openssl(authority: Authority, tmp_path: Path) -> None:
    other = tsa.made(tmp_path / "other")
    told = stamped_by(authority, tmp_path, lambda _: other.chain)
    assert not told.openssl(told.at)


def test_a_signature_that_was_changed_is_seen_by_openssl(authority: Authority, tmp_path: Path) -> None:
    told = stamped_by(authority, tmp_path)
    reply = bytearray((told.pack / STAMP).read_bytes())
    reply[-1] ^= 1
    (told.pack / STAMP).write_bytes(reply)
    assert not told.openssl(told.at)


def other_forms(reply: bytes) -> list[bytes]:
    """Every reply that is one byte shorter or longer at some place, and many with a bit turned."""
    chance, cuts = Random(1), range(len(reply))
    turned = [bytearray(reply) for _ in range(8 * len(reply))]
    for place, one in enumerate(turned):
        one[place // 8] ^= 1 << place % 8
    longer = (reply[:cut] + chance.randbytes(1) + reply[cut:] for cut in cuts)
    return [*map(bytes, turned), *(reply[:cut] for cut in cuts), *longer, *(reply[:c] + reply[c + 1 :] for c in cuts)]


def read(reply: bytes) -> list[str] | None:
    try:
        digest, at = stamped(reply)
    except ValueError:
        return None
    return [digest.hex(), at.isoformat().replace("+00:00", "Z")]


@pytest.mark.parametrize("kind", ["of openssl", "bare"])
def test_whatever_the_reply_both_read_the_same(authority: Authority, inside: Verifier, kind: str) -> None:
    message = json.dumps("a head").encode()
    reply = authority.reply(request(message).as_bytes()) if kind == "of openssl" else stamp_of(message)
    replies = [reply, *other_forms(reply)]
    mine, theirs = [read(one) for one in replies], inside.page.evaluate(STAMPS, [one.hex() for one in replies])
    assert mine[0] is not None
    assert [n for n, (one, other) in enumerate(zip(mine, theirs, strict=True)) if one != other] == []
    assert mine.count(None) > 100


def test_a_purge_is_told_by_both(verifier: Verifier, tmp_path: Path) -> None:
    made = next(one for one in (make(seed, tmp_path) for seed in range(99)) if one.purged)
    told = f"purged {made.purged}: the ledger says so"
    answer = verifier.answer(zipped(made.folder, tmp_path / "pack.zip"), made.vkeys()[-1])
    assert (answer.verdict, told in answer.said) == ("genuine", True), answer.all_found
    assert told in verified(made.folder, made.vkeys()[-1])[1]


def test_a_pack_in_which_nothing_was_purged_says_nothing_of_it(verifier: Verifier, tmp_path: Path) -> None:
    made: Made = next(one for one in (make(seed, tmp_path) for seed in range(99)) if not one.purged)
    assert "purged" not in verifier.answer(made.folder, made.vkeys()[-1]).said
    assert "purged" not in verified(made.folder, made.vkeys()[-1])[1]
