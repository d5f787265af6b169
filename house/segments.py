"""A stream of any length as one file of envelopes: a tar of ``000001.p7m`` and so on, and their ``SHA256SUMS``.

Whoever opens a CMS envelope holds all of it in memory, several times, so that one of many gigabytes opens nowhere; a
segment opens everywhere. Each byte of the file is accounted for: a reader makes the tar's own bytes anew and compares.
Standard programs do the same (docs/operations.md).
"""

import hashlib
import os
import tarfile
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Self

from cryptography import x509

from evidence.errors import Tampered
from reports.pack import envelope

SEGMENT = 32 << 20  # plain bytes
OVERHEAD = 64 << 10  # of an envelope, at most
SUMS = "SHA256SUMS"
BLOCK, END = tarfile.BLOCKSIZE, bytes(2 * tarfile.BLOCKSIZE)


class Sealing:
    """What is written becomes envelopes for a certificate; the file is whole when the block ends without an error."""

    def __init__(self, file: BinaryIO, certificate: x509.Certificate) -> None:
        self._file, self._certificate = file, certificate
        self._waiting, self._sums = bytearray(), list[str]()
        self._hashed = hashlib.sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            if self._waiting or not self._sums:
                self._seal(len(self._waiting))
            self._put(SUMS, "".join(self._sums).encode())
            self._out(END)

    @property
    def digest(self) -> str:
        """The SHA-256 of what the file holds so far."""
        return self._hashed.hexdigest()

    def write(self, content: bytes) -> int:
        """Take a part of the stream."""
        self._waiting += content
        while len(self._waiting) >= SEGMENT:
            self._seal(SEGMENT)
        return len(content)

    def _seal(self, size: int) -> None:
        sealed, name = envelope.sealed(bytes(self._waiting[:size]), self._certificate), _named(len(self._sums) + 1)
        del self._waiting[:size]
        self._sums.append(_line(sealed, name))
        self._put(name, sealed)

    def _put(self, name: str, content: bytes) -> None:
        self._out(_header(name, len(content)) + content + bytes(-len(content) % BLOCK))

    def _out(self, content: bytes) -> None:
        self._hashed.update(content)
        self._file.write(content)


class Opening:
    """The stream again, by the key; Tampered at the first byte that is not as it was written, or is missing."""

    def __init__(self, path: Path, file: BinaryIO, key: Path) -> None:
        self._path, self._file, self._key = path, file, key
        self._waiting, self._sums = bytearray(), list[str]()
        self._is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """The rest must be whole, too."""
        while kind is None and not self._is_over:
            self._next()

    def read(self, size: int) -> bytes:
        """So many bytes of the stream, fewer at its end."""
        while len(self._waiting) < size and not self._is_over:
            self._waiting += self._next()
        read = bytes(self._waiting[:size])
        del self._waiting[:size]
        return read

    def _next(self) -> bytes:
        """What the next envelope holds; nothing at the end of the file."""
        number = len(self._sums) + 1
        name, content = self._member(_named(number), SUMS)
        if name == SUMS:
            if content != "".join(self._sums).encode() or self._file.read(len(END) + 1) != END or number == 1:
                raise self._refused("its end is not the one that was written")
            self._is_over = True
            return b""
        self._sums.append(_line(content, name))
        try:
            return envelope.opened(content, self._key)
        except OSError as error:
            raise self._refused(f"{name} cannot be opened: it is for another key, or was altered") from error

    def _member(self, *names: str) -> tuple[str, bytes]:
        header = self._file.read(BLOCK)
        try:
            told = tarfile.TarInfo.frombuf(header, "ascii", "strict")
        except (tarfile.HeaderError, UnicodeError) as error:
            raise self._refused(f"is damaged or cut off before {names[0]}") from error
        if told.name not in names or header != _header(told.name, told.size) or told.size > SEGMENT + OVERHEAD:
            raise self._refused(f"is no backup, or was altered before {names[0]}")
        content, padding = self._file.read(told.size), bytes(-told.size % BLOCK)
        if len(content) != told.size or self._file.read(len(padding)) != padding:
            raise self._refused(f"is damaged or cut off in {told.name}")
        return told.name, content

    def _refused(self, why: str) -> Tampered:
        return Tampered(f"{self._path}: {why}; nothing was restored: take another backup, or copy this one again")


def secret_file(path: Path, mode: int = 0o600) -> BinaryIO:
    """A new file that is open to nobody else from its first moment; what had its name is gone."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, mode), "wb")


def tarred(stream: Sealing | Opening, mode: Literal["w|", "r|"]) -> tarfile.TarFile:
    """The tar of a stream, which wants no more of it than to read on or to write on."""
    return tarfile.open(fileobj=stream, mode=mode)  # type: ignore[call-overload, no-any-return]


def _named(number: int) -> str:
    return f"{number:06d}.p7m"


def _line(content: bytes, name: str) -> str:
    return f"{hashlib.sha256(content).hexdigest()}  {name}\n"


def _header(name: str, size: int) -> bytes:
    made = tarfile.TarInfo(name)
    made.size, made.mode = size, 0o600
    return made.tobuf(tarfile.USTAR_FORMAT)
