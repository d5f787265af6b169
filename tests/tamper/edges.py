"""Ed25519 where implementations differ: typed in from published sources, with what a pack's format says of each; and made.

``RFC``: RFC 8032, section 7.1. ``TAMING``: Chalkias, Garillot, Nikolaenko, *Taming the Many EdDSAs* (2020), table 5,
published as ed25519-speccheck. C2SP's CCTV has every pair of odd points; ``pairs`` makes its kinds anew. The format refuses a key that is not canonical or of
small order and a scalar not below the order, and verifies without cofactor. TAMING 2 only the key's holder can make; a
browser that goes by the letter of WebCrypto's draft refuses it, Chromium and OpenSSL do not.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Edge:
    """One signature, and whether both verifiers must take it."""

    public: str
    message: str
    signature: str
    taken: bool


_MIXED = "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d"  # a key with a part of small order
_OTHER = "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43"  # another
_EIGHT = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"  # of order 8
_LARGE = "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623"  # of the full order
_NINE = "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79"
_E4 = "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c"
_85 = "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40"

EDGES = {
    "RFC test 1": Edge("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b", True),
    "RFC test 2": Edge("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00", True),
    "RFC test 3": Edge("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a", True),
    "RFC test 2, another message": Edge("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "73",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00", False),
    "TAMING 0: key and point of small order, scalar zero": Edge(_EIGHT, "8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a" + "00" * 32, False),
    "TAMING 1: key of small order": Edge(_EIGHT, _NINE, _OTHER + "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04", False),
    "TAMING 2: point of small order, mixed key": Edge(_OTHER, "aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
        _EIGHT + "8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e", True),
    "TAMING 3: mixed key and point": Edge(_MIXED, _NINE,
        "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009", True),
    "TAMING 4: only with cofactor": Edge(_MIXED, _E4,
        "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed5125ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09", False),
    "TAMING 5: only with cofactor, reduced late": Edge(_MIXED, _E4,
        "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405", False),
    "TAMING 6: scalar above the order": Edge(_LARGE, _85,
        "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514", False),
    "TAMING 7: scalar far above the order": Edge(_LARGE, _85,
        "8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa19427e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22", False),
    "TAMING 8: point above the field": Edge(_OTHER, "fdaebc429f4a735932a160da1301080c13280eea8bc280d1b392c6b9e6ba3a5a",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f454d370c8d9fc323a41450f8d513eafeb5b0697390c1e505a0d4ddc71f566607", False),
    "TAMING 9: point above the field, reduced late": Edge(_OTHER, "84b698d39be126ff55fe45079e6c8bf64a0d7db6994560b4e96b7021eb39c1a1",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f084d5b99c2a9463d9c8bd5026916996984eeec87ddf1d3be329006ace1b37b09", False),
}  # fmt: skip


def pairs(curve: Any, small: list[str], messages: int) -> Iterator[tuple[str, str, str]]:
    """Key, message and signature for each two points of small order, or with a part of it, in every encoding; signed so
    that the rest of the equation holds: whether the small parts cancel out is left to chance. ``curve`` is verify.py."""
    keys, nonces = [(0, bytes.fromhex(one)) for one in small], [(0, bytes.fromhex(one)) for one in small]
    for one in small:
        try:
            part = curve.decompress(bytes.fromhex(one))
        except ValueError:
            continue  # no encoding of its own: its point is another's
        keys.append((7, _encoded(curve, curve.add(curve.times(7, curve.BASE), part))))
        nonces.append((5, _encoded(curve, curve.add(curve.times(5, curve.BASE), part))))
    for secret, key in keys:
        for nonce, point in nonces:
            for message in (bytes([number]) for number in range(messages)):
                challenge = int.from_bytes(hashlib.sha512(point + key + message).digest(), "little")
                scalar = (nonce + challenge * secret) % curve.L
                yield key.hex(), message.hex(), (point + scalar.to_bytes(32, "little")).hex()


def _encoded(curve: Any, point: tuple[int, int, int, int]) -> bytes:
    x, y = (value * pow(point[2], curve.P - 2, curve.P) % curve.P for value in point[:2])
    return int(y | (x & 1) << 255).to_bytes(32, "little")
