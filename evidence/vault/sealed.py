"""How a sealed object is laid out: a header with the name of its key, then frames of AES-256-GCM.

Each object has a random key of its own, which seals nothing else; so a frame's number is its nonce, and none repeats.
The nonce also says which frame is the last: frames that are left out, moved or added do not open. Every frame is bound
to the header (version and key), the last one to the digest of the plain bytes too, as is the wrapping of the key.
"""

import io
import secrets
from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evidence.errors import Tampered
from evidence.vault import Digest

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAGIC = b"tenken-vault-1\n\0"
FRAME = 1 << 20
TAG = 16
KEY_SIZE, KEY_ID_SIZE, NONCE_SIZE = 32, 16, 12


class Plainly:
    """A stream that becomes an object as it is, hashed on the way."""

    __slots__ = ("_hashed", "size")

    key_id: str | None = None

    def __init__(self) -> None:
        self._hashed, self.size = sha256(), 0

    @property
    def digest(self) -> Digest:
        """The digest of the plain bytes; of all of them once :meth:`chunks` has ended."""
        return Digest(self._hashed.hexdigest())

    def chunks(self, stream: BinaryIO) -> Iterator[bytes]:
        """The bytes that are to be written."""
        while chunk := self._next(stream):
            yield chunk

    def _next(self, stream: BinaryIO) -> bytes:
        chunk = _full(stream, FRAME)
        self._hashed.update(chunk)
        self.size += len(chunk)
        return chunk


class Sealing(Plainly):
    """A stream that becomes a sealed object, with a key that is made for it."""

    __slots__ = ("key", "key_id")

    key_id: str

    def __init__(self) -> None:
        super().__init__()
        self.key, self.key_id = secrets.token_bytes(KEY_SIZE), secrets.token_hex(KEY_ID_SIZE)

    def chunks(self, stream: BinaryIO) -> Iterator[bytes]:
        """The bytes that are to be written, a frame at a time."""
        header = before = _header(self.key_id)
        cipher, number, frame = AESGCM(self.key), 0, self._next(stream)
        while following := self._next(stream):
            yield before + cipher.encrypt(nonce(number, last=False), frame, header)
            before, number, frame = b"", number + 1, following
        yield before + cipher.encrypt(nonce(number, last=True), frame, header + self._hashed.digest())


def nonce(number: int, *, last: bool) -> bytes:
    """The nonce of a frame of an object."""
    return number.to_bytes(NONCE_SIZE - 1, "big") + bytes([last])


def key_id_of(file: BinaryIO, digest: Digest) -> str:
    """The name of the key of a sealed object, whose frames follow in the file; Tampered when it is no such object."""
    header = _read(file, digest, len(MAGIC) + KEY_ID_SIZE)
    if len(header) < len(MAGIC) + KEY_ID_SIZE or not header.startswith(MAGIC):
        raise Tampered(f"object {digest} is not sealed as its name says; restore it from a backup")
    return header.removeprefix(MAGIC).hex()


def frames(file: BinaryIO, key_id: str, key: bytes, digest: Digest) -> Iterator[bytes]:
    """The plain bytes behind the header, frame by frame; Tampered at the first that is not as it was sealed.

    Whoever hands them on runs through all of them before: what is altered is refused whole.
    """
    cipher, header, hashed, number = AESGCM(key), _header(key_id), sha256(), 0
    sealed, is_last = _read(file, digest), False
    while not is_last:
        following = _read(file, digest)
        is_last = not following
        bound = header + bytes.fromhex(digest) if is_last else header
        try:
            frame = cipher.decrypt(nonce(number, last=is_last), sealed, bound)
        except InvalidTag as error:
            raise Tampered(f"object {digest} holds other bytes than were stored; restore it from a backup") from error
        hashed.update(frame)
        if is_last and hashed.hexdigest() != digest:
            raise Tampered(f"object {digest} holds other bytes than were stored; restore it from a backup")
        yield frame
        number, sealed = number + 1, following


class Stream(io.RawIOBase):
    """Frames as a stream."""

    def __init__(self, plain: Iterator[bytes]) -> None:
        self._plain, self._held = plain, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        while not self._held:
            frame = next(self._plain, None)
            if frame is None:
                return 0
            self._held = memoryview(frame)
        wanted = memoryview(buffer).cast("B")
        given = self._held[: len(wanted)]
        wanted[: len(given)] = given
        self._held = self._held[len(given) :]
        return len(given)


def _header(key_id: str) -> bytes:
    return MAGIC + bytes.fromhex(key_id)


def _read(file: BinaryIO, digest: Digest, size: int = FRAME + TAG) -> bytes:
    try:
        return _full(file, size)
    except OSError as error:
        raise Tampered(f"object {digest} cannot be read: {error.strerror}; restore it from a backup") from error


def _full(stream: BinaryIO, size: int) -> bytes:
    """So many bytes, fewer only at the end: one read may give only a part."""
    chunk = stream.read(size)
    if not chunk or len(chunk) == size:
        return chunk
    parts, left = [chunk], size - len(chunk)
    while left and (chunk := stream.read(left)):
        parts.append(chunk)
        left -= len(chunk)
    return b"".join(parts)
