"""Objects in a folder: ``<folder>/<first two hex digits>/<digest>``, read-only, never written twice.

A stream becomes an object in one order: temporary file in the same file system, fsync, rename, fsync of the folders.
Whoever is told a digest may rely on the bytes after a power cut. What failed leaves nothing behind; what was killed
leaves a file in ``incoming`` that ``sweep`` removes.
"""

import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path
from typing import BinaryIO

from evidence.errors import Tampered, VaultUnwritable
from evidence.files import sync_folder
from evidence.vault import Digest, StoredObject

CHUNK = 1 << 20
OBJECT_MODE = 0o440
FOLDER_MODE = 0o750
INCOMING = "incoming"
IS_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
IS_SHELF = re.compile(r"[0-9a-f]{2}", re.ASCII)

Mark = tuple[int, ...]  # what changes when a file is written to or replaced


@dataclass(frozen=True, slots=True)
class Damage:
    """Something in a vault that is not as it was stored."""

    name: str  # the digest, or the path below the vault of what is no object
    why: str


@dataclass(frozen=True, slots=True)
class FolderVault:
    """Objects in a local folder; several processes may use it at once."""

    folder: Path
    _verified: dict[Digest, Mark] = field(default_factory=dict, repr=False, compare=False)

    def put(self, stream: BinaryIO) -> StoredObject:
        """Store a stream in bounded memory and tell its digest once it is durable; the same bytes twice are one object.

        What the stream raises passes through; VaultUnwritable when the disk does not take the bytes; Tampered when
        other bytes lie under this digest already. Nothing is left behind in any of these cases.
        """
        with self._receiving() as (handle, temporary):
            hashed, size = sha256(), 0
            while chunk := stream.read(CHUNK):
                hashed.update(chunk)
                size += len(chunk)
                with self._writing():
                    _write(handle, chunk)
            digest = Digest(hashed.hexdigest())
            path = self._place(digest)
            with self._writing():
                os.fchmod(handle, OBJECT_MODE)
                os.fsync(handle)
                path.parent.mkdir(mode=FOLDER_MODE, exist_ok=True)
                is_new = not os.path.lexists(path)
                if is_new:
                    temporary.rename(path)
            if not is_new:
                self._verify(digest)
            with self._writing():  # also for an object that was there: whoever put it may not have come this far
                sync_folder(path.parent, self.folder)
        return StoredObject(digest, size, path)

    def path(self, digest: Digest) -> Path:
        """A plain local file with these bytes; Tampered when they do not hash to the digest, or are gone.

        A file is hashed once a process, and again as soon as its size, times or inode are others.
        """
        self._verify(digest)
        return self._place(digest)

    def digests(self) -> Iterator[Digest]:
        """The digests of all objects, in order, without a look at their bytes."""
        for path in self._files():
            if not self._foreign(path):
                yield Digest(path.name)

    def scrub(self, recorded: Iterable[Digest] = ()) -> Iterator[Damage]:
        """Hash every object anew; yield what is damaged, what is no object, and what of ``recorded`` is gone."""
        missing = set(recorded)
        self._verified.clear()
        for path in self._files():
            if why := self._foreign(path):
                yield Damage(str(path.relative_to(self.folder)), why)
                continue
            digest = Digest(path.name)
            missing.discard(digest)
            try:
                self._verify(digest)
            except Tampered as error:
                yield Damage(digest, str(error))
        for digest in sorted(missing):
            yield Damage(digest, f"object {digest} is gone; restore it from a backup")

    def sweep(self) -> int:
        """Remove what a killed process left half received, and tell how many; nothing while anyone is receiving."""
        incoming = self.folder / INCOMING
        if not incoming.is_dir():
            return 0
        with _locked(incoming, fcntl.LOCK_EX | fcntl.LOCK_NB) as alone:
            left = sorted(incoming.iterdir()) if alone else []
            for path in left:
                path.unlink()
        return len(left)

    def _place(self, digest: Digest) -> Path:
        if not IS_DIGEST.fullmatch(digest):
            raise Tampered(f"{digest!r} is not a SHA-256 digest: the record that names it was changed")
        return self.folder / digest[:2] / digest

    @contextmanager
    def _receiving(self) -> Iterator[tuple[int, Path]]:
        """A new temporary file on the vault's file system, which is gone afterwards unless it was renamed."""
        incoming = self.folder / INCOMING
        with self._writing():
            _make(incoming)
        with _locked(incoming, fcntl.LOCK_SH):
            with self._writing():
                handle, name = tempfile.mkstemp(dir=incoming)
            try:
                yield handle, Path(name)
            finally:
                try:
                    Path(name).unlink(missing_ok=True)
                finally:
                    os.close(handle)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Tell a disk that does not take the bytes apart from a source that does not give them."""
        try:
            yield
        except OSError as error:
            why = error.strerror or str(error)
            raise VaultUnwritable(
                f"{self.folder}: {why}; nothing was stored; mend the disk and collect again"
            ) from error

    def _verify(self, digest: Digest) -> None:
        path = self._place(digest)
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
            with os.fdopen(handle, "rb", buffering=0) as file:
                about = os.fstat(file.fileno())
                mark = (about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino, about.st_dev)
                if self._verified.get(digest) == mark:
                    return
                hashed = file_digest(file, "sha256").hexdigest() if stat.S_ISREG(about.st_mode) else "no file"
        except OSError as error:
            raise Tampered(f"object {digest} cannot be read: {error.strerror}; restore it from a backup") from error
        if hashed != digest:
            raise Tampered(f"object {digest} holds other bytes than were stored; restore it from a backup")
        self._verified[digest] = mark

    def _files(self) -> Iterator[Path]:
        """Everything below the vault that is not being received, in order."""
        if not self.folder.is_dir():
            return
        for shelf in sorted(self.folder.iterdir()):
            if shelf.name == INCOMING:
                continue
            if IS_SHELF.fullmatch(shelf.name) and shelf.is_dir() and not shelf.is_symlink():
                yield from sorted(shelf.iterdir())
            else:
                yield shelf

    def _foreign(self, path: Path) -> str:
        """Why something below the vault cannot be an object; empty when it can."""
        if IS_DIGEST.fullmatch(path.name) and path.parent == self.folder / path.name[:2]:
            return ""
        return f"{path}: is no object of the vault; see who put it there"


def _write(handle: int, chunk: bytes) -> None:
    """Write all of a chunk: one call may take only a part of it."""
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _make(folder: Path) -> None:
    """Make a folder with its missing parents, each durable before the next one is made."""
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    sync_folder(folder.parent, folder.parent)


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[bool]:
    """Hold a lock on a folder; False where another holds one that does not go with it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, how)
            held = True
        except BlockingIOError:
            held = False
        yield held
    finally:
        os.close(handle)
