"""The signing keys of the logs, one 0600 file a log: ``keys/ledger-<company>``. Beside it lie ``.next``, the key that
is to follow it, and ``.head``, what was signed last.

A company is its own legal entity and its log has its own key, whose name is the log's origin: a head that was signed
for one company can not be shown as another's. The file holds the text form that Go's note package uses too.
"""

import base64
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence import secrets
from evidence.errors import ConfigError
from evidence.ledger.note import ED25519, KEY_SIZE, VerifierKey
from evidence.ledger.signer import LastHead

PREFIX = "PRIVATE+KEY+"
NEXT, HEAD = ".next", ".head"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key under the name it signs for; it never shows itself."""

    vkey: VerifierKey
    _private: Ed25519PrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """Sign a message."""
        return self._private.sign(message)

    @staticmethod
    def from_seed(name: str, seed: bytes) -> "SigningKey":
        """The key of a 32-byte seed."""
        private = Ed25519PrivateKey.from_private_bytes(seed)
        return SigningKey(VerifierKey(name, private.public_key().public_bytes_raw()), private)


def place(folder: Path, log: str) -> Path:
    """Where the key of a log lies in the keys folder of a home."""
    return folder / f"ledger-{log.removeprefix('tenken/')}"


def create(folder: Path, log: str) -> VerifierKey:
    """Make the signing key of a log in a new 0600 file and tell its public half; never overwrites one."""
    return _create(place(folder, log), log)


def load(folder: Path, log: str) -> SigningKey:
    """The signing key of a log; ConfigError when others may read the file, or it is another log's key."""
    return _load(place(folder, log), log)


def last_head(folder: Path, log: str) -> LastHead:
    """Where the signer of a log remembers what it signed last."""
    return LastHead(_beside(folder, log, HEAD))


def successor(folder: Path, log: str) -> SigningKey:
    """The key that is to follow the one in use; made when there is none yet."""
    path = _beside(folder, log, NEXT)
    if not path.exists():
        _create(path, log)
    return _load(path, log)


def signers(folder: Path, log: str) -> list[SigningKey]:
    """The key in use, and the one that is to follow it where there is one."""
    upcoming = _beside(folder, log, NEXT)
    return [load(folder, log), *([_load(upcoming, log)] if upcoming.exists() else [])]


def succeed(folder: Path, log: str) -> None:
    """Put the successor in the place of the key in use, for good: nobody can steal a key that is gone."""
    secrets.rename(_beside(folder, log, NEXT), place(folder, log))


def _beside(folder: Path, log: str, suffix: str) -> Path:
    path = place(folder, log)
    return path.with_name(path.name + suffix)


def _create(path: Path, log: str) -> VerifierKey:
    seed = Ed25519PrivateKey.generate().private_bytes_raw()
    public = SigningKey.from_seed(log, seed).vkey
    encoded = base64.b64encode(ED25519 + seed).decode("ascii")
    secrets.create(path, f"{PREFIX}{log}+{public.key_id.hex()}+{encoded}")
    return public


def _load(path: Path, log: str) -> SigningKey:
    text = secrets.load(path)
    start = f"{PREFIX}{log}+"
    if not text.startswith(start):
        raise ConfigError(f"{path}: is not the signing key of the log {log}")
    hashed, _, encoded = text.removeprefix(start).partition("+")
    try:
        content = base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise ConfigError(f"{path}: the key is damaged; restore it from a backup") from error
    if content[:1] != ED25519 or len(content) != 1 + KEY_SIZE:
        raise ConfigError(f"{path}: is not an Ed25519 key; restore it from a backup")
    key = SigningKey.from_seed(log, content[1:])
    if key.vkey.key_id.hex() != hashed:
        raise ConfigError(f"{path}: the key is damaged; restore it from a backup")
    return key


def vkey(folder: Path, log: str) -> VerifierKey:
    """The public key of a log: what an auditor must be given from outside of any pack."""
    return load(folder, log).vkey
