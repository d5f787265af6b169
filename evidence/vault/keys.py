"""The keys of sealed objects: each wrapped by a key of the house, and kept as a row that can be destroyed.

What wraps them is a file of the home or a key in AWS KMS. The wrapping is bound to the object and the name of its key.
"""

import base64
import secrets as entropy
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evidence import secrets
from evidence.errors import ConfigError, Erased, StoreUnavailable, Tampered
from evidence.store.values import WrappedKey
from evidence.vault import Digest
from evidence.vault.sealed import KEY_SIZE, NONCE_SIZE, Sealing

FILE = "file"
REWRAPPED = 500  # rows that a rotation takes at a time
MOST_HELD = 1_000  # unwrapped keys of KMS that a process keeps: asking for one again costs a request


class Wrapping(Protocol):
    """What wraps the keys of objects: a key file, AWS KMS."""

    def current(self) -> str:
        """The name of the key that wraps now."""
        ...

    def wrap(self, key: bytes, bound: str) -> tuple[str, bytes]:
        """A key wrapped, and the name of what wrapped it."""
        ...

    def unwrap(self, by: str, wrapped: bytes, bound: str) -> bytes:
        """The key again; Tampered when it was not wrapped by that key for this."""
        ...


class KeyTable(Protocol):
    """Where wrapped keys are kept, each act durable when it returns."""

    def add(self, key: WrappedKey) -> None: ...

    def find(self, key_id: str) -> WrappedKey | None: ...

    def remove(self, key_id: str) -> None: ...

    def not_wrapped_by(self, by: str, most: int) -> Sequence[WrappedKey]: ...

    def rewrap(self, key: WrappedKey) -> None: ...


@dataclass(frozen=True, slots=True)
class DataKeys:
    """The keys of a vault's objects."""

    table: KeyTable
    wrapping: Wrapping

    def keep(self, sealing: Sealing) -> None:
        """Keep the key of an object whose stream has ended, before anybody can see the object."""
        bound = _bound(sealing.key_id, sealing.digest)
        by, wrapped = self.wrapping.wrap(sealing.key, bound)
        self.table.add(WrappedKey(sealing.key_id, sealing.digest, by, wrapped))
        while by != self.wrapping.current():  # who rotated may not have seen our row, and drops its key next
            by, wrapped = self.wrapping.wrap(sealing.key, bound)
            self.table.rewrap(WrappedKey(sealing.key_id, sealing.digest, by, wrapped))

    def of(self, key_id: str, digest: Digest) -> bytes:
        """The key of an object; Erased when it was destroyed."""
        before, kept = None, self.table.find(key_id)
        while kept is not None:
            try:
                return self.wrapping.unwrap(kept.wrapped_by, kept.wrapped, _bound(key_id, digest))
            except Tampered:
                before, kept = kept, self.table.find(key_id)
                if kept == before:  # else it was wrapped anew, and the old wrapping dropped, after we read of it
                    raise
        raise Erased(f"object {digest} cannot be read any more: its key was destroyed")

    def forget(self, key_id: str) -> None:
        """Let go of the key of an object that somebody else stored first."""
        self.table.remove(key_id)

    def rewrap(self) -> int:
        """Wrap by the current key what another one wraps; how many keys that were."""
        count = 0
        while old := self.table.not_wrapped_by(self.wrapping.current(), REWRAPPED):
            for one in old:
                bound = _bound(one.key_id, one.digest)
                wrapped = self.wrapping.wrap(self.wrapping.unwrap(one.wrapped_by, one.wrapped, bound), bound)
                self.table.rewrap(WrappedKey(one.key_id, one.digest, *wrapped))
            count += len(old)
        return count


@dataclass(frozen=True, slots=True)
class KeyFile:
    """Keys in a 0600 file of the home, the newest last. It is read each time: another process may have rotated."""

    path: Path
    _dropped: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def create(self) -> None:
        """Make the file with its first key; never over one that is there."""
        secrets.create(self.path, _line({}, entropy.token_bytes(KEY_SIZE)))

    def rotate(self) -> None:
        """Add a key that wraps from now on; of the old ones the file keeps only the last, for who wraps by it just now.

        This value remembers them all: what was added before one was dropped is wrapped anew after it.
        """
        held = self._keys()
        self._dropped.update(held)
        secrets.replace(self.path, _line(dict([*held.items()][-1:]), entropy.token_bytes(KEY_SIZE)) + "\n")

    def current(self) -> str:
        """The name of the newest key."""
        return [*self._keys()][-1]

    def wrap(self, key: bytes, bound: str) -> tuple[str, bytes]:
        """A key under the newest one."""
        by, wrapping = [*self._keys().items()][-1]
        nonce = entropy.token_bytes(NONCE_SIZE)
        return by, nonce + AESGCM(wrapping).encrypt(nonce, key, bound.encode())

    def unwrap(self, by: str, wrapped: bytes, bound: str) -> bytes:
        """The key again; Tampered when the file does not hold what wrapped it."""
        wrapping = self._keys().get(by) or self._dropped.get(by)
        if wrapping is None:
            raise Tampered(f"{self.path}: does not hold {by}, which objects are sealed with; restore it from a backup")
        try:
            return AESGCM(wrapping).decrypt(wrapped[:NONCE_SIZE], wrapped[NONCE_SIZE:], bound.encode())
        except (InvalidTag, ValueError) as error:  # ValueError: hardly anything is left of it
            raise Tampered(f"the key of object {bound} is not what was kept; restore the database") from error

    def _keys(self) -> dict[str, bytes]:
        try:
            keys = [base64.b64decode(word, validate=True) for word in secrets.load(self.path).split(" ")]
        except ValueError as error:
            raise ConfigError(f"{self.path}: is not a file of keys that was made here; restore it") from error
        if any(len(key) != KEY_SIZE for key in keys):
            raise ConfigError(f"{self.path}: is not a file of keys that was made here; restore it from a backup")
        return {_name(key): key for key in keys}


@dataclass(frozen=True, slots=True)
class Kms:
    """A key in AWS KMS, which never leaves it; credentials and endpoint are what boto3 finds. KMS rotates it itself."""

    key: str  # its ARN
    _held: dict[tuple[str, bytes, str], bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def current(self) -> str:
        """The ARN of the key."""
        return self.key

    def wrap(self, key: bytes, bound: str) -> tuple[str, bytes]:
        """A key that KMS wrapped."""
        told = self._ask("encrypt", KeyId=self.key, Plaintext=key, EncryptionContext={"object": bound})
        return self.key, told["CiphertextBlob"]

    def unwrap(self, by: str, wrapped: bytes, bound: str) -> bytes:
        """The key again: KMS is asked once a process for those that were used last."""
        asked = (by, wrapped, bound)
        if asked not in self._held:
            told = self._ask("decrypt", KeyId=by, CiphertextBlob=wrapped, EncryptionContext={"object": bound})
            if len(self._held) >= MOST_HELD:
                self._held.pop(next(iter(self._held)), None)
            self._held[asked] = told["Plaintext"]
        return self._held[asked]

    def _ask(self, act: str, **told: Any) -> dict[str, Any]:
        import boto3  # needed here only, and costs a start of the program much
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            client = boto3.session.Session().client("kms", region_name=self.key.split(":")[3])
            answer: dict[str, Any] = getattr(client, act)(**told)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in ("InvalidCiphertextException", "IncorrectKeyException"):
                raise Tampered(f"the key of an object is not what {self.key} wrapped; restore the database") from error
            raise StoreUnavailable(f"{self.key}: AWS KMS refused to {act}: {code}; check its policy") from error
        except BotoCoreError as error:
            raise StoreUnavailable(f"{self.key}: AWS KMS does not answer ({type(error).__name__})") from error
        return answer


@dataclass(frozen=True, slots=True)
class Both:
    """Wraps by KMS, and still opens what a key file wrapped before."""

    kms: Kms
    file: KeyFile

    def current(self) -> str:
        """The ARN of the key in KMS."""
        return self.kms.current()

    def wrap(self, key: bytes, bound: str) -> tuple[str, bytes]:
        """A key that KMS wrapped."""
        return self.kms.wrap(key, bound)

    def unwrap(self, by: str, wrapped: bytes, bound: str) -> bytes:
        """The key again, by whatever wrapped it."""
        return (self.file if by.startswith(FILE) else self.kms).unwrap(by, wrapped, bound)


def wrapping_of(key: str, path: Path) -> Wrapping:
    """What wraps by the settings' ``key`` (``file`` or an ARN); ``path`` is of the key file."""
    return KeyFile(path) if key == FILE else Both(Kms(key), KeyFile(path))


def _bound(key_id: str, digest: str) -> str:
    return f"{digest} {key_id}"


def _name(key: bytes) -> str:
    """A key's name tells a wrong file before anything is tried, and nothing of the key."""
    return f"{FILE}:{sha256(b'tenken vault key' + key).hexdigest()[:16]}"


def _line(held: dict[str, bytes], new: bytes) -> str:
    return " ".join(base64.b64encode(key).decode() for key in [*held.values(), new])
