"""The verifier's own Ed25519, base64, notes and tree agree with the libraries', and are as strict as they can be."""

import base64
import json
import random
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from evidence.ledger.keys import SigningKey
from evidence.ledger.merkle import leaf_hash, root
from evidence.ledger.note import ED25519, VerifierKey, key_id, sign
from reports.pack import verifier
from tests.outside import CODE
from tests.reports.packed import SEAL, VERIFIER, Issued, problems, reseal

NAME = f"tenken/{CODE}"
ORDER = 2**252 + 27742317777372353535851937790883648493
FIELD = 2**255 - 19
KEY = SigningKey.from_seed(NAME, bytes(range(32)))
PUBLIC = KEY.vkey.public
SMALL = {  # points of order 1, 2, 4 and 8, and encodings of them that are not canonical
    "one": "0100000000000000000000000000000000000000000000000000000000000000",
    "two": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "four": "0000000000000000000000000000000000000000000000000000000000000000",
    "four, odd": "0000000000000000000000000000000000000000000000000000000000000080",
    "eight": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "eight, odd": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "eight, other": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "eight, other odd": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "one, with a sign": "0100000000000000000000000000000000000000000000000000000000000080",
    "one, above the field": "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "zero, above the field": "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "two, with a sign": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "one, with a sign, above the field": "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "zero, odd, above the field": "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
}


def accepts(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        return bool(VERIFIER.ed25519_verifies(public, message, signature))
    except ValueError:
        return False


def library_accepts(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@pytest.mark.parametrize("seed", range(6))
def test_it_accepts_what_the_library_signs(seed: int) -> None:
    chance = random.Random(seed)
    private, message = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32)), chance.randbytes(seed * 40)
    assert accepts(private.public_key().public_bytes_raw(), message, private.sign(message))


@pytest.mark.parametrize("bit", range(0, 512, 23))
def test_one_bit_of_a_signature_is_enough(bit: int) -> None:
    signature = bytearray(KEY.sign(b"message"))
    signature[bit // 8] ^= 1 << bit % 8
    assert not accepts(PUBLIC, b"message", bytes(signature))


def test_a_scalar_above_the_order_is_refused() -> None:
    signature = KEY.sign(b"message")
    scalar = int.from_bytes(signature[32:], "little") + ORDER
    assert not accepts(PUBLIC, b"message", signature[:32] + scalar.to_bytes(32, "little"))


@pytest.mark.parametrize("length", [0, 1, 31, 32, 63, 65, 96])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    assert not accepts(PUBLIC, b"message", (KEY.sign(b"message") * 2)[:length])


@pytest.mark.parametrize("point", SMALL)
@pytest.mark.parametrize("nonce", SMALL)
def test_a_point_of_small_order_signs_nothing(point: str, nonce: str) -> None:
    signature = bytes.fromhex(SMALL[nonce]) + bytes(32)
    assert not accepts(PUBLIC, b"message", signature)
    with pytest.raises(ValueError, match=r"not a point|not copied whole"):
        VERIFIER.Key(vkey_of(bytes.fromhex(SMALL[point])))


def test_a_small_point_would_sign_everything() -> None:
    one = bytes.fromhex(SMALL["one"])
    assert VERIFIER.ed25519_verifies(one, b"whatever", one + bytes(32))


@pytest.mark.parametrize("seed", range(40))
def test_it_accepts_no_random_point_that_the_library_refuses(seed: int) -> None:
    chance = random.Random(seed)
    public, signature = chance.randbytes(32), chance.randbytes(64)
    assert not accepts(public, b"", signature) or library_accepts(public, b"", signature)


@pytest.mark.parametrize("y", [FIELD, FIELD + 1, 2**255 - 1], ids=["the field", "one above", "all ones"])
def test_an_encoding_above_the_field_is_no_point(y: int) -> None:
    with pytest.raises(ValueError, match="not a point"):
        VERIFIER.decompress(y.to_bytes(32, "little"))


def vkey_of(public: bytes, name: str = NAME) -> str:
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("+", id="a plus"),
        pytest.param(NAME, id="a name"),
        pytest.param(f"{NAME}+00000000+AAAA", id="another hash"),
        pytest.param(vkey_of(PUBLIC)[:-4], id="cut off"),
        pytest.param(vkey_of(PUBLIC) + "A", id="too long"),
        pytest.param(vkey_of(PUBLIC).replace("+", " "), id="blanks"),
        pytest.param(vkey_of(PUBLIC).replace(CODE, "MID"), id="of another company"),
        pytest.param(vkey_of(PUBLIC).upper(), id="upper case"),
        pytest.param(f"{NAME}+{key_id(NAME, PUBLIC).hex()}+" + base64.b64encode(b"\2" + PUBLIC).decode(), id="of another kind"),
        pytest.param("\ud800+\ud800+\ud800", id="no text at all"),
    ],
)  # fmt: skip
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        VERIFIER.Key(text)


@pytest.mark.parametrize("text", [b"QQ", b"QR==", b"QQ==\n", b"Q Q==", b"QQ=", b"QQ==QQ==", b"_-8=", b"\xff"])
def test_base64_has_one_form(text: bytes) -> None:
    with pytest.raises(ValueError):
        VERIFIER.unbase64(text)


@pytest.mark.parametrize("size", [*range(18), 31, 32, 33, 100])
def test_the_tree_is_the_library_s(size: int) -> None:
    leaves = [b"%d" % number for number in range(size)]
    assert VERIFIER.tree_root(leaves) == root([leaf_hash(leaf) for leaf in leaves])


@pytest.mark.parametrize(
    "raw",
    [b"{]", b'{"a":1,"a":1}', b'{"a":{"b":1,"b":2}}', b'{"a":NaN}', b'{"a":Infinity}', b'\xef\xbb\xbf{"a":1}', b"\xff{}",
     b'{"a":1}x', '{"a":1}'.encode("utf-16"), b'{"a":' + b"9" * 5000 + b"}", b"\x00"],
    ids=repr,
)  # fmt: skip
def test_json_is_read_strictly(raw: bytes) -> None:
    with pytest.raises(ValueError):
        VERIFIER.told(raw)


def test_json_that_is_sound_is_read() -> None:
    assert VERIFIER.told(json.dumps({"名": ["\u2028", 1, None]}, ensure_ascii=False).encode()) == {
        "名": ["\u2028", 1, None]
    }


def with_signatures(pack: Path, *lines: str) -> None:
    text, _, own = (pack / SEAL).read_text("utf-8").rpartition("\n\n")
    (pack / SEAL).write_text("\n\n".join([text, "".join(line or own for line in lines)]), "utf-8", newline="")


def line_of(key: VerifierKey, content: bytes) -> str:
    return f"— {key.name} {base64.b64encode(key.key_id + content).decode()}\n"


def test_a_wrong_key_of_the_right_name_is_refused(issued: Issued, tmp_path: Path) -> None:
    pack = issued.pack("masked", tmp_path)
    reseal(pack, SigningKey.from_seed(NAME, bytes(32)))
    assert f"{SEAL}: the signature is not {NAME}'s" in problems(pack, issued.vkey())


def test_a_wrong_key_of_the_same_hash_is_refused(issued: Issued, tmp_path: Path) -> None:
    pack, real = issued.pack("masked", tmp_path), issued.key().vkey
    reseal(pack, SigningKey.from_seed(NAME, bytes(32)))
    blob = base64.b64decode((pack / SEAL).read_text("utf-8").split()[-1])
    with_signatures(pack, line_of(real, blob[4:]))
    assert f"{SEAL}: the signature is not {NAME}'s" in problems(pack, issued.vkey())


@pytest.mark.parametrize("lines", [("", ""), ("x", ""), ("", "x"), ()], ids=["twice", "bad, good", "good, bad", "none"])
def test_the_seal_bears_one_signature(issued: Issued, tmp_path: Path, lines: tuple[str, ...]) -> None:
    pack = issued.pack("masked", tmp_path)
    bad = line_of(issued.key().vkey, bytes(64))
    with_signatures(pack, *(bad if line == "x" else line for line in lines))
    assert any(one.startswith(f"{SEAL}: ") for one in problems(pack, issued.vkey()))


def test_a_witness_may_sign_the_checkpoint_too(issued: Issued, tmp_path: Path) -> None:
    pack = issued.pack("masked", tmp_path)
    text = (pack / "checkpoint").read_text("utf-8").rpartition("\n\n")[0] + "\n"
    (pack / "checkpoint").write_text(
        sign(text, [issued.key(), SigningKey.from_seed("witness", bytes(32))]), "utf-8", newline=""
    )
    reseal(pack, issued.key())
    assert problems(pack, issued.vkey()) == []


@pytest.mark.parametrize("kind", ["another key", "another company's"])
def test_a_head_that_another_signed_is_refused(issued: Issued, tmp_path: Path, kind: str) -> None:
    pack = issued.pack("masked", tmp_path)
    text = (pack / "checkpoint").read_text("utf-8").rpartition("\n\n")[0] + "\n"
    signer = SigningKey.from_seed(NAME, bytes(32)) if kind == "another key" else issued.key("MID")
    (pack / "checkpoint").write_text(sign(text, [signer]), "utf-8", newline="")
    reseal(pack, issued.key())
    assert f"checkpoint: the signature is not {NAME}'s" in problems(pack, issued.vkey())


def test_the_verifier_is_the_one_of_the_product(issued: Issued) -> None:
    assert (issued.folder / "masked" / "verify.py").read_bytes() == verifier()
