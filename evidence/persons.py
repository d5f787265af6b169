"""Opaque keys for persons, accounts, devices and the like, and what stands for them outside (design.md §7).

A key is an HMAC of a normalised identifier: every source that knows the identifier mints the same key, nobody can
compute it, or the identifier from it, without the secret of the house. Lose the secret and old and new facts no
longer meet: it belongs in the backup of the keys.
"""

import base64
import hmac
import json
import re
import secrets as entropy
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from evidence import secrets
from evidence.errors import ConfigError

SECRET_SIZE = 32
DIGITS = 20  # base32, hence 100 bits: no two of a billion keys meet
ENCODED = 15  # bytes that 24 digits are made of
VALUES = frozenset({"event"})  # kinds whose parts are a row's values, not identifiers: case tells two events apart
PSEUDONYM = "x"
MAY_HOLD_A_KEY = rf"[a-wyz][a-z2-7]{{{DIGITS}}}"  # a text that does not match this holds no key
MINTED = re.compile(rf"(?<![A-Za-z0-9]){MAY_HOLD_A_KEY}(?![A-Za-z0-9])")
OF_SOMEBODY = re.compile(rf"(?<![A-Za-z0-9]){PSEUDONYM}[a-z2-7]{{{DIGITS}}}(?![A-Za-z0-9])")  # a pseudonym


@dataclass(frozen=True, slots=True)
class Keys:
    """Mints the opaque keys of a house: the same identifier always gives the same key."""

    secret: bytes = field(repr=False)
    aliases: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    _merged: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.secret) < SECRET_SIZE:
            raise ValueError(f"a secret has at least {SECRET_SIZE} bytes")

    def person(self, kind: str, identifier: str) -> str:
        """The key of the person whom an identifier of this kind names: the one recorded for it, else a minted one."""
        known = self.aliases.get((kind, normal(identifier)))
        return known if known is not None else "p" + _digits(self.secret, _message(kind, (identifier,)))

    def of_person(self, key: str) -> str:
        """The key of the person behind a key that was minted before it was known whose the identifier is; of two that
        are each behind the other, one."""
        if not self._merged:
            self._merged.update({Keys(self.secret).person(*named): known for named, known in self.aliases.items()})
        met = [key]
        while (behind := self._merged.get(met[-1], met[-1])) not in met:
            met.append(behind)
        return min(met[met.index(behind) :])

    @property
    def known(self) -> str | None:
        """What is another whenever other identifiers are known, and tells none of them; None while none is known."""
        told = json.dumps(sorted([*named, key] for named, key in self.aliases.items()))
        return hmac.digest(self.secret, b"known\0" + told.encode(), "sha256")[:8].hex() if self.aliases else None

    def mint(self, kind: str, *parts: str) -> str:
        """The key of a thing that has no key of its own; it begins with the first letter of its kind."""
        if not parts:
            raise ValueError(f"a key of kind {kind!r} needs something to be made of")
        return kind[:1] + _digits(self.secret, _message(kind, parts))


def normal(identifier: str) -> str:
    """An identifier as it is compared: full and half width, case and outer blanks make no difference."""
    folded = unicodedata.normalize("NFKC", identifier).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def pseudonym(secret: bytes, company: str, key: str) -> str:
    """What stands for a key outside the protected store; two companies' pseudonyms of one person do not meet."""
    return PSEUDONYM + _digits(_of_company(secret, company), key.encode())


def masked(secret: bytes, company: str, text: str) -> str:
    """A text with the pseudonym in the place of every key that was minted; it is the border of the protected store."""
    return MINTED.sub(lambda found: pseudonym(secret, company, found[0]), text)


def create_secret(path: Path) -> None:
    """Make the secret that all keys of a house are minted from, in a new 0600 file; never overwrites one."""
    secrets.create(path, entropy.token_hex(SECRET_SIZE))


def load_secret(path: Path) -> bytes:
    """The secret of a house; ConfigError when others may read the file or it is damaged."""
    text = secrets.load(path)
    try:
        secret = bytes.fromhex(text)
    except ValueError as error:
        raise ConfigError(f"{path}: is not a secret that was made here; restore it from a backup") from error
    if len(secret) != SECRET_SIZE or secret.hex() != text:
        raise ConfigError(f"{path}: is not a secret that was made here; restore it from a backup")
    return secret


def _message(kind: str, parts: tuple[str, ...]) -> bytes:
    """Kind and parts, apart from each other by NUL; a NUL inside of a part is written so that none can pose as two."""
    if not kind or "\0" in kind:
        raise ValueError(f"{kind!r} is not a kind of key")
    told = parts if kind in VALUES else tuple(normal(part) for part in parts)
    if not any(told):
        raise ValueError(f"a blank identifier of kind {kind!r} names nothing")
    return b"\0".join([kind.encode(), *(part.replace("\1", "\1\1").replace("\0", "\1\2").encode() for part in told)])


def _digits(secret: bytes, message: bytes) -> str:
    digest = hmac.digest(secret, message, "sha256")[:ENCODED]
    return base64.b32encode(digest).decode("ascii").lower()[:DIGITS]


@lru_cache(maxsize=1024)
def _of_company(secret: bytes, company: str) -> bytes:
    return hmac.digest(secret, b"pseudonym of\0" + company.encode(), "sha256")
