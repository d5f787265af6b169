"""The part of verify.py that knows keys, signatures and trees: Ed25519, C2SP signed-note, RFC 9162."""

import base64
import hashlib
import re

SIGNATURES = re.compile("(?:— \\S+ \\S+\n)+".encode())


class Key:
    """A verification key in its text form: name+hash+base64(0x01 ‖ Ed25519 public key) (C2SP signed-note)."""

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self.name, digest, encoded = [*self.text.split("+", 2), "", ""][:3]
        blob = unbase64(encoded.encode())
        self.public, self.id = blob[1:], hashlib.sha256(self.name.encode() + b"\n" + blob).digest()[:4]
        if len(blob) != 33 or blob[0] != 1 or self.id.hex() != digest:
            raise ValueError("not name+hash+base64 of an Ed25519 key, or not copied whole")
        if times(8, decompress(self.public))[0] == 0:
            raise ValueError("not a point that only its owner can sign for")

    def signed(self, text: bytes, signatures: "list[tuple[bytes, bytes]]") -> bool:
        """Whether one of the signatures under a text is this key's, and good."""
        mine = [blob[4:] for name, blob in signatures if (name, blob[:4]) == (self.name.encode(), self.id)]
        return len(mine) == 1 and ed25519_verifies(self.public, text, mine[0])


def opened(note: bytes) -> "tuple[bytes, list[tuple[bytes, bytes]]]":
    """The text of a signed note and the signatures under it: name, and key id with signature."""
    text, _, tail = note.rpartition(b"\n\n")
    if not SIGNATURES.fullmatch(tail):
        raise ValueError("not a text, a blank line and its signature")
    lines = [line.split(b" ") for line in tail.split(b"\n")[:-1]]
    return text + b"\n", [(name, unbase64(blob)) for _, name, blob in lines]


def followed(origin: str, given: "Key | None", changes: "list[tuple[int, str]]") -> "list[tuple[int, Key]]":
    """The keys of a ledger, each with the size from which it signs: both keys of a change have signed its entry."""
    keys = [(0, given)] if given and not changes else []
    for number, note in changes:
        text, signatures = opened(note.encode())
        title, old, new, rest = text.decode().split("\n")
        pair = [Key(old), Key(new)]
        good = all(key.name == origin and key.signed(text, signatures) for key in pair)
        if title != origin + "/keychange" or rest or not good or (keys and keys[-1][1].text != pair[0].text):
            raise ValueError(f"entry {number}: a change of keys that its keys did not sign, or of a key not in use")
        keys = [*(keys or [(0, pair[0])]), (number + 1, pair[1])]
    if given and given.text not in [key.text for _, key in keys]:
        raise ValueError("--key is none of the keys that followed each other in this ledger")
    return keys


def tree_root(leaves: "list[bytes]") -> bytes:
    """The Merkle tree hash of RFC 9162 over the leaves; the odd one out of a level goes up as it is."""
    nodes = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves] or [hashlib.sha256(b"").digest()]
    while len(nodes) > 1:
        odd = nodes[len(nodes) & ~1 :]
        nodes = [hashlib.sha256(b"\x01" + nodes[n - 1] + nodes[n]).digest() for n in range(1, len(nodes), 2)] + odd
    return nodes[0]


# Ed25519 as RFC 8032 §5.1.7 verifies it, in extended coordinates.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def ed25519_verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature is good; encodings that are not canonical are refused."""
    (x, y, z, t), scalar = decompress(public), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or scalar >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    x, y, z, t = add(times(scalar, BASE), times(challenge, (P - x, y, z, P - t)))
    x, y = (value * pow(z, P - 2, P) % P for value in (x, y))
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


def decompress(raw: bytes) -> "tuple[int, int, int, int]":  # the point that 32 bytes stand for, or ValueError
    y, sign = int.from_bytes(raw, "little") & (1 << 255) - 1, raw[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        raise ValueError("not a point of the curve")
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


def add(one: "tuple[int, int, int, int]", other: "tuple[int, int, int, int]") -> "tuple[int, int, int, int]":
    a, b = (one[1] - one[0]) * (other[1] - other[0]), (one[1] + one[0]) * (other[1] + other[0])
    c, d = 2 * one[3] * other[3] * D, 2 * one[2] * other[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, point: "tuple[int, int, int, int]") -> "tuple[int, int, int, int]":
    total = (0, 1, 1, 0)
    while scalar:
        total = add(total, point) if scalar & 1 else total
        point, scalar = add(point, point), scalar >> 1
    return total


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def unbase64(text: bytes) -> bytes:  # strictly: what does not encode back to the same text is refused
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw) != text:
        raise ValueError("base64 that is not canonical")
    return raw
