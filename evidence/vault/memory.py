"""The vault's twin for tests and trials: objects in a temporary folder that goes with the vault; nothing is flushed."""

import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from evidence.errors import Tampered
from evidence.vault import Damage, Digest, StoredObject


class MemoryVault:
    """Keeps what it is given as long as it lives, plainly, and refuses what a FolderVault refuses."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tenken-vault-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def put(self, stream: BinaryIO) -> StoredObject:
        """Store a stream; the same bytes twice are one object."""
        content = stream.read()
        digest = Digest(sha256(content).hexdigest())
        path = self.folder / digest
        if path.exists():
            self.verify(digest)
        else:
            path.write_bytes(content)
        return StoredObject(digest, len(content), self)

    @contextmanager
    def open(self, digest: Digest) -> Iterator[BufferedReader]:
        """An object's bytes as a stream, verified."""
        with self.plain(digest) as path, path.open("rb") as file:
            yield file

    @contextmanager
    def plain(self, digest: Digest) -> Iterator[Path]:
        """A local file with these bytes, verified."""
        self.verify(digest)
        yield self.folder / digest

    def verify(self, digest: Digest) -> None:
        """Refuse what does not hash to its digest, or is gone."""
        path = self.folder / digest
        if "/" in digest or not path.is_file():
            raise Tampered(f"object {digest!r} is gone; restore it from a backup")
        if sha256(path.read_bytes()).hexdigest() != digest:
            raise Tampered(f"object {digest} holds other bytes than were stored; restore it from a backup")

    def remove(self, digest: Digest) -> None:
        """Let go of an object; nothing when there is none."""
        (self.folder / digest).unlink(missing_ok=True)

    def digests(self) -> Iterator[Digest]:
        """The digests of all objects, in order."""
        return (Digest(path.name) for path in sorted(self.folder.iterdir()))

    def scrub(self, recorded: Iterable[Digest] = ()) -> Iterator[Damage]:
        """Yield what is damaged, and what of ``recorded`` is gone."""
        for digest in sorted({*self.digests(), *recorded}):
            try:
                self.verify(digest)
            except Tampered as error:
                yield Damage(digest, str(error))

    def sweep(self) -> int:
        """Nothing is ever left behind."""
        return 0
