import base64
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from evidence.errors import ConfigError, IntegrityError, Tampered
from evidence.ledger import note
from evidence.ledger.keys import SigningKey
from tests.servers import need

LOG = "tenken/AOI"
KEY = SigningKey.from_seed(LOG, bytes(range(32)))
WITNESS = SigningKey.from_seed("witness.example", bytes(range(1, 33)))
HEAD = note.Checkpoint(LOG, 7, bytes(range(32)))
SIGNED = note.sign(str(HEAD), [KEY])

# The example of golang.org/x/mod/sumdb/note: made by another implementation.
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SEED = base64.b64decode("gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM=")
GO_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def line(name: str, content: bytes) -> str:
    return f"— {name} {base64.b64encode(content).decode()}\n"


def test_a_note_of_another_implementation_is_verified() -> None:
    assert note.verify(f"{GO_TEXT}\n{GO_LINE}", note.VerifierKey.parse(GO_VKEY)) == GO_TEXT


def test_the_same_key_gives_the_same_note_as_another_implementation() -> None:
    key = SigningKey.from_seed("PeterNeumann", GO_SEED)
    assert str(key.vkey) == GO_VKEY
    assert note.sign(GO_TEXT, [key]) == f"{GO_TEXT}\n{GO_LINE}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop", id="Go's second key"),
        pytest.param("TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6", id="a plus in the base64"),
    ],
)
def test_a_verifier_key_of_another_implementation_is_written_back_as_it_was(text: str) -> None:
    assert str(note.VerifierKey.parse(text)) == text


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**63), st.binary(min_size=32, max_size=32))
def test_a_signed_checkpoint_comes_back(seed: bytes, size: int, root: bytes) -> None:
    key = SigningKey.from_seed(LOG, seed)
    head = note.Checkpoint(LOG, size, root)
    assert note.verify_checkpoint(note.sign(str(head), [key]), note.VerifierKey.parse(str(key.vkey)), LOG) == head


def test_one_wrong_bit_anywhere_is_refused() -> None:
    accepted = []
    for bit in range(len(SIGNED.encode()) * 8):
        content = bytearray(SIGNED.encode())
        content[bit // 8] ^= 1 << bit % 8
        try:
            note.verify_checkpoint(bytes(content), KEY.vkey, LOG)
        except IntegrityError:
            continue
        accepted.append(bit)
    assert accepted == []


@given(st.binary())
def test_any_bytes_are_a_note_or_refused_by_name(content: bytes) -> None:
    try:
        read = note.parse(content)
    except IntegrityError:
        return
    assert str(read).encode() == content


@given(st.text())
def test_any_text_is_a_checkpoint_or_refused_by_name(text: str) -> None:
    try:
        read = note.Checkpoint.parse(text)
    except IntegrityError:
        return
    assert str(read) == text


@given(st.text())
def test_any_text_is_a_verifier_key_or_refused_by_name(text: str) -> None:
    with pytest.raises(ConfigError):
        note.VerifierKey.parse(text)


def test_witnesses_may_sign_beside_the_log() -> None:
    signed = note.sign(str(HEAD), [WITNESS, KEY])
    assert note.verify_checkpoint(signed, KEY.vkey, LOG) == HEAD
    assert note.verify_checkpoint(signed, WITNESS.vkey, LOG) == HEAD


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(line(LOG, b"\0\0\0\0" + b"x" * 64), id="the name with another hash"),
        pytest.param(line("tenken/KAEDE", KEY.vkey.key_id + b"x" * 64), id="the hash with another name"),
        pytest.param(line("pq.example", b"abcd" + b"x" * 2420), id="a longer kind of signature"),
    ],
)
def test_signatures_of_unknown_keys_are_passed_over(other: str) -> None:
    assert note.verify_checkpoint(SIGNED + other, KEY.vkey, LOG) == HEAD


def test_a_note_that_only_others_signed_is_refused() -> None:
    with pytest.raises(IntegrityError, match="not signed by"):
        note.verify(note.sign(str(HEAD), [WITNESS]), KEY.vkey)


def test_another_key_of_the_same_name_did_not_sign() -> None:
    with pytest.raises(IntegrityError, match="not signed by"):
        note.verify(SIGNED, SigningKey.from_seed(LOG, b"7" * 32).vkey)


def test_a_signature_under_a_colliding_hash_does_not_fit() -> None:
    forged = f"{HEAD}\n{line(LOG, KEY.vkey.key_id + WITNESS.sign(str(HEAD).encode()))}"
    with pytest.raises(Tampered, match="does not fit"):
        note.verify(forged, KEY.vkey)


def test_the_head_of_another_log_is_refused() -> None:
    foreign = note.sign(str(note.Checkpoint("tenken/KAEDE", 7, HEAD.root)), [KEY])
    with pytest.raises(Tampered, match="KAEDE"):
        note.verify_checkpoint(foreign, KEY.vkey, LOG)


LINE = SIGNED[SIGNED.index("—") :]


@pytest.mark.parametrize(
    "spoiled",
    [
        pytest.param(SIGNED.replace("\n", "\r\n"), id="carriage returns"),
        pytest.param(SIGNED.replace("7\n", "7\r\n"), id="one carriage return"),
        pytest.param(SIGNED.replace("AOI\n", "AOI\t\n"), id="a tab"),
        pytest.param(SIGNED.replace("AOI\n", "AOI\0\n"), id="a NUL"),
        pytest.param(SIGNED.replace("AOI\n", "AOI\x7f\n"), id="a DEL"),
        pytest.param(SIGNED.replace("AOI\n", "AOI\x85\n"), id="a next line of the upper controls"),
        pytest.param("\ufeff" + SIGNED, id="a byte order mark"),
        pytest.param("\n" + SIGNED, id="a blank line before"),
        pytest.param(SIGNED + "\n", id="a blank line after"),
        pytest.param(f"{HEAD}\n\n{LINE}", id="two blank lines between"),
        pytest.param(str(HEAD) + LINE, id="no blank line between"),
        pytest.param(SIGNED.replace("\n7\n", "\n\n7\n"), id="a blank line within the text"),
        pytest.param(SIGNED[:-1], id="no newline at the end"),
        pytest.param(f"{HEAD}\n", id="no signature"),
        pytest.param(SIGNED + LINE, id="one signature twice"),
        pytest.param(SIGNED + line(LOG, KEY.vkey.key_id + b"x" * 64), id="one key twice"),
        pytest.param(SIGNED.replace("— ", "- "), id="a hyphen for the dash"),
        pytest.param(SIGNED.replace("— ", "—  "), id="two spaces"),
        pytest.param(SIGNED.replace("— ", "—\u00a0"), id="a hard space"),
        pytest.param(SIGNED.replace("=\n", "\n"), id="base64 without its padding"),
        pytest.param(SIGNED + line("a+b", b"x" * 68), id="a plus in a name"),
        pytest.param(SIGNED + line("a\u3000b", b"x" * 68), id="a wide space in a name"),
        pytest.param(SIGNED + line("a", b"x" * 4), id="a hash without a signature"),
        pytest.param(SIGNED + "".join(line(f"w{n}", b"x" * 68) for n in range(64)), id="65 signatures"),
        pytest.param(SIGNED + line("w", bytes(note.MOST_BYTES)), id="more bytes than a note may have"),
        pytest.param("", id="nothing"),
        pytest.param("\ud800", id="half a character"),
    ],
)
def test_a_malformed_note_is_refused(spoiled: str) -> None:
    with pytest.raises(IntegrityError):
        note.verify_checkpoint(spoiled, KEY.vkey, LOG)


def test_base64_with_stray_bits_in_its_last_digit_is_refused() -> None:
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = SIGNED[-3]
    stray = f"{SIGNED[:-3]}{digits[digits.index(last) + 1]}=\n"
    assert base64.b64decode(stray.split()[-1]) == base64.b64decode(SIGNED.split()[-1])
    with pytest.raises(IntegrityError, match="canonical"):
        note.verify(stray, KEY.vkey)


ROOT = base64.b64encode(HEAD.root).decode()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{LOG}\n07\n{ROOT}\n", id="a leading zero"),
        pytest.param(f"{LOG}\n+7\n{ROOT}\n", id="a sign"),
        pytest.param(f"{LOG}\n-7\n{ROOT}\n", id="less than nothing"),
        pytest.param(f"{LOG}\n７\n{ROOT}\n", id="a wide digit"),
        pytest.param(f"{LOG}\n1_0\n{ROOT}\n", id="an underscore"),
        pytest.param(f"{LOG}\n{'9' * 5000}\n{ROOT}\n", id="an endless number"),
        pytest.param(f"\n7\n{ROOT}\n", id="no origin"),
        pytest.param(f"{LOG}\n7\n{ROOT[:-4]}\n", id="a short root"),
        pytest.param(f"{LOG}\n7\n{ROOT}\nmore\n", id="an extension line"),
        pytest.param(f"{LOG}\n7\n", id="no root"),
    ],
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(IntegrityError, match="not a checkpoint"):
        note.verify_checkpoint(note.sign(text, [KEY]), KEY.vkey, LOG)


VKEY = str(KEY.vkey)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(VKEY + "\n", id="a newline"),
        pytest.param(VKEY + " ", id="a space"),
        pytest.param(VKEY.replace("AOI", "KAEDE"), id="another name"),
        pytest.param(VKEY.replace(KEY.vkey.key_id.hex(), "00000000"), id="another hash"),
        pytest.param(VKEY.replace(KEY.vkey.key_id.hex(), KEY.vkey.key_id.hex().upper()), id="a hash in capitals"),
        pytest.param(f"{LOG}+{KEY.vkey.key_id.hex()}", id="no key"),
        pytest.param(f"{LOG}+{KEY.vkey.key_id.hex()}+Ag{VKEY.split('+', 2)[2][2:]}", id="another type"),
    ],
)
def test_a_verifier_key_that_was_changed_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        note.VerifierKey.parse(text)


def test_openssl_accepts_the_signature_of_a_checkpoint_and_refuses_it_over_another_text(tmp_path: Path) -> None:
    openssl = str(need("openssl", "openssl"))
    [signature] = note.parse(SIGNED).signatures
    public = Ed25519PublicKey.from_public_bytes(KEY.vkey.public)
    (tmp_path / "key.pem").write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "signature").write_bytes(signature.content)
    (tmp_path / "text").write_text(str(HEAD))
    (tmp_path / "other").write_text(str(HEAD).replace("\n7\n", "\n8\n"))
    verify = [openssl, "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "key.pem", "-sigfile", "signature", "-in"]
    codes = [
        subprocess.run([*verify, name], cwd=tmp_path, capture_output=True, check=False).returncode
        for name in ("text", "other")
    ]
    assert codes == [0, 1]
