"""The page's own SHA-256, JSON, base64 and tree agree with the libraries', and are as strict as they can be."""

import base64
import hashlib
import json
import random

import pytest

from evidence.ledger.merkle import leaf_hash, root
from tests.reports.packed import VERIFIER
from tests.reports.test_pack_signature import SMALL, vkey_of
from tests.tamper.browser import Verifier
from tests.tamper.edges import EDGES, Edge, pairs

DIGESTS = """async (sizes) => {
  const told = [];
  for (const size of sizes) {
    const bytes = Uint8Array.from({ length: size }, (_, at) => (at * 31 + size) & 255);
    const hash = new Sha256();
    for (let at = 0, step = 1; at < size; at += step, step = (step * 7) % 191 + 1) hash.update(bytes.subarray(at, at + step));
    told.push([hexOf(hash.digest()), hexOf(sha256(bytes)), hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)))]);
  }
  return told;
}"""
REFUSED = (
    "([name, args]) => { try { globalThis[name](...args); return null; } catch (error) { return error.message; } }"
)
SIGNED = """async ([vkey, message, signature]) => {
  try { return await new Key(vkey, "key").signed(bytesOfHex(message), bytesOfHex(signature)); } catch { return false; }
}"""
ROOT = "(leaves) => { const tree = new Tree(); for (const one of leaves) tree.append(sha256(LEAF, ENCODER.encode(one))); return hexOf(tree.root()); }"
LARGE = """async (size) => {
  const piece = new Uint8Array(2 ** 20).fill(7);
  const hash = new Sha256();
  for (let left = size; left > 0; left -= piece.length) hash.update(piece);
  return hexOf(hash.digest());
}"""


def test_its_sha256_is_webcrypto_s_in_whatever_pieces(inside: Verifier) -> None:
    told = inside.page.evaluate(DIGESTS, [*range(200), 1000, 4095, 4096, 4097, 100_003])
    assert [one for one in told if len(set(one)) != 1] == []


def test_its_sha256_counts_more_bits_than_32(inside: Verifier, request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--long"):
        pytest.skip("half a gibibyte takes half a minute: `make tamper`, or --long")
    size = 2**29 + 2**20
    known = hashlib.sha256(b"\7" * size).hexdigest()
    assert inside.page.evaluate(LARGE, size) == known


@pytest.mark.parametrize("size", [*range(18), 31, 32, 33, 100])
def test_its_tree_is_the_library_s(inside: Verifier, size: int) -> None:
    leaves = [str(number) for number in range(size)]
    assert inside.page.evaluate(ROOT, leaves) == root([leaf_hash(one.encode()) for one in leaves]).hex()


@pytest.mark.parametrize(
    "text",
    ["{]", '{"a":1,"a":1}', '{"a":{"b":1,"b":2}}', '{"a":[{"b":1,"\\u0062":2}]}', '{"a":NaN}', '{"a":Infinity}', '{"a":1e999}',
     '\ufeff{"a":1}', '{"a":1}x', '{"a":01}', "", "\0", '{"x":"a\\"b","x":1}', '{"a":-1e999}', "[1,]"],
    ids=repr,
)  # fmt: skip
def test_json_is_read_strictly(inside: Verifier, text: str) -> None:
    assert inside.page.evaluate(REFUSED, ["jsonOf", [text, "x"]])


@pytest.mark.parametrize("text", ['{"a":{"a":["a","a"]},"b":"a"}', '[{"a":1},{"a":1}]', '{"名":["\u2028",1,null]}', '{"a":"{\\"b\\":1,\\"b\\":2}"}', ' { "a" : 1e9 } \n'], ids=repr)  # fmt: skip
def test_json_that_is_sound_is_read(inside: Verifier, text: str) -> None:
    assert inside.page.evaluate("(text) => jsonOf(text, 'x')", text) == json.loads(text)


@pytest.mark.parametrize("text", ["QQ", "QR==", "QQ==\n", "Q Q==", "QQ=", "QQ==QQ==", "_-8=", "ÿ"])
def test_base64_has_one_form(inside: Verifier, text: str) -> None:
    assert inside.page.evaluate(REFUSED, ["bytesOfBase64", [text, "x"]])


@pytest.mark.parametrize("seed", range(4))
def test_base64_of_that_form_is_read(inside: Verifier, seed: int) -> None:
    content = random.Random(seed).randbytes(60 + seed)
    told = inside.page.evaluate("(text) => hexOf(bytesOfBase64(text, 'x'))", base64.b64encode(content).decode())
    assert told == content.hex()


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "",
        "2026-01-01T00:00:00.1234567Z",
    ],
)
def test_an_instant_is_one_of_the_calendar_with_its_zone(inside: Verifier, text: str) -> None:
    assert inside.page.evaluate(REFUSED, ["instantOf", [text, "x"]])


def taken_by_the_other(edge: Edge) -> bool:
    try:
        key = VERIFIER.Key(vkey_of(bytes.fromhex(edge.public)))
        return bool(VERIFIER.ed25519_verifies(key.public, bytes.fromhex(edge.message), bytes.fromhex(edge.signature)))
    except ValueError:
        return False


def taken_by_the_page(inside: Verifier, edge: Edge) -> bool:
    told = [vkey_of(bytes.fromhex(edge.public)), edge.message, edge.signature]
    return bool(inside.page.evaluate(SIGNED, told))


@pytest.mark.parametrize("name", EDGES)
def test_both_verifiers_say_the_same_at_the_edges_of_ed25519(inside: Verifier, name: str) -> None:
    edge = EDGES[name]
    assert (taken_by_the_other(edge), taken_by_the_page(inside, edge)) == (edge.taken, edge.taken)


def test_both_say_the_same_of_every_pair_of_odd_points(inside: Verifier) -> None:
    told = [Edge(*one, taken=False) for one in pairs(VERIFIER, list(SMALL.values()), 4)]
    mine = [taken_by_the_other(one) for one in told]
    keys = [[vkey_of(bytes.fromhex(one.public)), one.message, one.signature] for one in told]
    assert mine == inside.page.evaluate(f"async (all) => {{ const one = {SIGNED}; const told = []; for (const each of all) told.push(await one(each)); return told; }}", keys)  # fmt: skip
    assert {one.public in SMALL.values() for one, taken in zip(told, mine, strict=True) if taken} == {False}
    assert len(told) == (14 + 8) * (14 + 8) * 4


@pytest.mark.parametrize("point", SMALL)
@pytest.mark.parametrize("nonce", ["one", "four", "eight"])
def test_no_point_of_small_order_signs_anything(inside: Verifier, point: str, nonce: str) -> None:
    edge = Edge(SMALL[point], "00", SMALL[nonce] + "00" * 32, False)
    assert (taken_by_the_other(edge), taken_by_the_page(inside, edge)) == (False, False)


def test_webcrypto_alone_would_take_a_key_of_small_order(inside: Verifier) -> None:
    script = "([k, s]) => crypto.subtle.importKey('raw', bytesOfHex(k), 'Ed25519', false, ['verify']).then((key) => crypto.subtle.verify('Ed25519', key, bytesOfHex(s), new Uint8Array(1)))"
    assert inside.page.evaluate(script, [SMALL["one"], SMALL["one"] + "00" * 32])
