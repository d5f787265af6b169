"""The signing keys of the logs, one 0600 file a log: ``keys/ledger-<company>``.

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

PREFIX = "PRIVATE+KEY+"


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
    seed = Ed25519PrivateKey.generate().private_bytes_raw()
    public = SigningKey.from_seed(log, seed).vkey
    encoded = base64.b64encode(ED25519 + seed).decode("ascii")
    secrets.create(place(folder, log), f"{PREFIX}{log}+{public.key_id.hex()}+{encoded}")
    return public


def load(folder: Path, log: str) -> SigningKey:
    """The signing key of a log; ConfigError when others may read the file, or it is another log's key."""
    path = place(folder, log)
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
