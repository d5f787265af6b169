"""Objects in a folder: ``<folder>/<first two hex digits>/<digest>.sealed``, read-only, never written twice.

A stream becomes an object in one order: temporary file in the same file system, fsync, the wrapped key kept, rename,
fsync of the folders. Whoever is told a digest may rely on the bytes after a power cut. What failed leaves nothing
behind; what was killed leaves a file in ``incoming`` (or a plain copy, or a key without an object) that ``sweep``
removes (or that harms nothing). Without keys, and in homes of before, objects lie plainly and without the suffix.
"""

import fcntl
import io
import os
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO

from evidence.ballast import NAME, ROOM, Ballast
from evidence.errors import ConfigError, Erased, IntegrityError, Tampered, VaultUnwritable
from evidence.files import locked, sync_folder
from evidence.vault import Damage, Digest, StoredObject
from evidence.vault.keys import DataKeys
from evidence.vault.plain import PLAIN, PlainFolder
from evidence.vault.sealed import FRAME, Plainly, Sealing, Stream, frames, key_id_of

OBJECT_MODE = 0o440
FOLDER_MODE = 0o750
INCOMING = "incoming"
SEALED = ".sealed"
IS_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
IS_SHELF = re.compile(r"[0-9a-f]{2}", re.ASCII)

Mark = tuple[int, ...]  # what changes when a file is written to or replaced


@dataclass(frozen=True, slots=True)
class FolderVault:
    """Objects in a local folder; several processes may use it at once."""

    folder: Path
    keys: DataKeys | None = None  # None: what comes is stored plainly
    _verified: dict[Digest, Mark] = field(default_factory=dict, repr=False, compare=False)

    @property
    def plains(self) -> PlainFolder:
        """Where plain copies lie while they are read: beside the vault."""
        return PlainFolder(self.folder.with_name(PLAIN))

    def put(self, stream: BinaryIO) -> StoredObject:
        """Store a stream in bounded memory and tell its digest once it is durable; the same bytes twice are one object.

        What the stream raises passes through; VaultUnwritable when the disk does not take the bytes; Tampered when
        other bytes lie under this digest already. No object is left behind in any of these cases.
        """
        if Ballast(self.folder.with_name(NAME)).is_let_go:
            raise VaultUnwritable(
                f"{self.folder}: the disk was full; nothing is stored until {ROOM >> 20} MiB are free"
            )
        coming = Sealing() if self.keys else Plainly()
        with self._receiving() as (handle, temporary):
            for chunk in coming.chunks(stream):
                with self._writing():
                    _write(handle, chunk)
            digest = coming.digest
            path = self._place(digest, SEALED if self.keys else "")
            with self._writing():
                os.fchmod(handle, OBJECT_MODE)
                os.fsync(handle)
                path.parent.mkdir(mode=FOLDER_MODE, exist_ok=True)
            if not (was_there := self._is_whole(digest)):
                if self.keys and isinstance(coming, Sealing):
                    self.keys.keep(coming)
                with self._writing():
                    temporary.rename(path)
            with self._writing():  # also for an object that was there: whoever put it may not have come this far
                sync_folder(path.parent, self.folder)
        key_id = self._key_id(digest) if was_there else coming.key_id
        return StoredObject(digest, coming.size, self, key_id)

    @contextmanager
    def open(self, digest: Digest) -> Iterator[io.BufferedReader]:
        """An object's bytes as a stream that only goes on, all of it verified before the first of them is given.

        A file is read through once a process, and again as soon as its size, times or inode are others; the frames of
        a sealed one are verified each time.
        """
        with self._opened(digest) as (file, is_sealed):
            self._verify(digest, file, is_sealed=is_sealed)
            if is_sealed:
                yield io.BufferedReader(Stream(self._frames(digest, file)), FRAME)
            else:
                yield io.BufferedReader(file)

    @contextmanager
    def plain(self, digest: Digest) -> Iterator[Path]:
        """A local file with these bytes, verified, to be read only and within the block; refuses what ``open`` does."""
        with self._opened(digest) as (file, is_sealed):
            if not is_sealed:
                self._verify(digest, file, is_sealed=False)
                yield self._place(digest)
                return
            with ExitStack() as held:
                with self._writing():
                    copy, path = held.enter_context(self.plains.holding())
                for frame in self._frames(digest, file):
                    with self._writing():
                        _write(copy, frame)
                yield path

    def verify(self, digest: Digest) -> None:
        """Refuse what ``open`` would refuse."""
        with self._opened(digest) as (file, is_sealed):
            self._verify(digest, file, is_sealed=is_sealed)

    def remove(self, digest: Digest) -> None:
        """Let go of an object that was purged; nothing when there is none."""
        for suffix in (SEALED, ""):
            path = self._place(digest, suffix)
            if path.exists():
                path.unlink()
                sync_folder(path.parent, self.folder)

    def digests(self) -> Iterator[Digest]:
        """The digests of all objects, in order, without a look at their bytes."""
        last = ""
        for path in self._files():
            digest = path.name.removesuffix(SEALED)
            if not self._foreign(path) and digest != last:
                yield Digest(digest)
            last = digest

    def scrub(self, recorded: Iterable[Digest] = ()) -> Iterator[Damage]:
        """Read every object anew; yield what is damaged, what is no object, and what of ``recorded`` is gone."""
        missing = set(recorded)
        self._verified.clear()
        for path in self._files():
            if why := self._foreign(path):
                yield Damage(str(path.relative_to(self.folder)), why)
                continue
            digest = Digest(path.name.removesuffix(SEALED))
            missing.discard(digest)
            try:
                self.verify(digest)
            except IntegrityError as error:
                yield Damage(digest, str(error))
        for digest in sorted(missing):
            yield Damage(digest, f"object {digest} is gone; restore it from a backup")

    def sweep(self) -> int:
        """Remove what a killed process left half received or plain, and tell how many; nothing that is being used."""
        incoming = self.folder / INCOMING
        left: list[Path] = []
        with locked(incoming, fcntl.LOCK_EX | fcntl.LOCK_NB) as alone:
            if alone:
                left = sorted(incoming.iterdir())
            for path in left:
                path.unlink()
        return len(left) + self.plains.sweep()

    def _place(self, digest: Digest, suffix: str = "") -> Path:
        if not IS_DIGEST.fullmatch(digest):
            raise Tampered(f"{digest!r} is not a SHA-256 digest: the record that names it was changed")
        return self.folder / digest[:2] / f"{digest}{suffix}"

    def _is_whole(self, digest: Digest) -> bool:
        """Whether an object lies there already; one whose key is gone counts for nothing, and may be stored again."""
        if not any(os.path.lexists(self._place(digest, suffix)) for suffix in (SEALED, "")):
            return False
        try:
            self.verify(digest)
        except Erased:
            return False
        return True

    @contextmanager
    def _receiving(self) -> Iterator[tuple[int, Path]]:
        """A new temporary file on the vault's file system, which is gone afterwards unless it was renamed."""
        incoming = self.folder / INCOMING
        with self._writing():
            _make(incoming)
        with locked(incoming, fcntl.LOCK_SH):
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

    @contextmanager
    def _opened(self, digest: Digest) -> Iterator[tuple[io.FileIO, bool]]:
        """The file of an object, and whether it is sealed."""
        place, sealed = self._place(digest), self._place(digest, SEALED)
        is_sealed = os.path.lexists(sealed)
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
            handle = os.open(sealed if is_sealed else place, flags)
        except OSError as error:
            raise Tampered(f"object {digest} cannot be read: {error.strerror}; restore it from a backup") from error
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise Tampered(f"object {digest} is no file; restore it from a backup")
        with io.FileIO(handle) as file:
            yield file, is_sealed

    def _verify(self, digest: Digest, file: io.FileIO, *, is_sealed: bool) -> None:
        about = os.fstat(file.fileno())
        mark = (about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino, about.st_dev)
        if self._verified.get(digest) == mark:
            return
        try:
            if is_sealed:
                for _ in self._frames(digest, file):
                    pass
            elif file_digest(file, "sha256").hexdigest() != digest:
                raise Tampered(f"object {digest} holds other bytes than were stored; restore it from a backup")
            file.seek(0)
        except OSError as error:
            raise Tampered(f"object {digest} cannot be read: {error.strerror}; restore it from a backup") from error
        self._verified[digest] = mark

    def _frames(self, digest: Digest, file: io.FileIO) -> Iterator[bytes]:
        key_id = key_id_of(file, digest)
        if self.keys is None:
            raise ConfigError(f"object {digest} is sealed; give settings.yaml its `vault:` again")
        return frames(file, key_id, self.keys.of(key_id, digest), digest)

    def _key_id(self, digest: Digest) -> str | None:
        with self._opened(digest) as (file, is_sealed):
            return key_id_of(file, digest) if is_sealed else None

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
        digest = path.name.removesuffix(SEALED)
        if IS_DIGEST.fullmatch(digest) and path.parent == self.folder / digest[:2]:
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
