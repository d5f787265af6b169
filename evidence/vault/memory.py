"""The vault's twin for tests and trials: objects in a temporary folder that goes with the vault; nothing is flushed."""

import shutil
import tempfile
import weakref
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from evidence.errors import Tampered
from evidence.vault import Digest, StoredObject


class MemoryVault:
    """Keeps what it is given as long as it lives, and refuses what a FolderVault refuses."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tenken-vault-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def put(self, stream: BinaryIO) -> StoredObject:
        """Store a stream; the same bytes twice are one object."""
        content = stream.read()
        digest = Digest(sha256(content).hexdigest())
        path = self._folder / digest
        if path.exists():
            self.path(digest)
        else:
            path.write_bytes(content)
        return StoredObject(digest, len(content), path)

    def path(self, digest: Digest) -> Path:
        """A plain local file with these bytes; Tampered when they do not hash to the digest, or are gone."""
        path = self._folder / digest
        if "/" in digest or not path.is_file():
            raise Tampered(f"object {digest!r} is gone; restore it from a backup")
        if sha256(path.read_bytes()).hexdigest() != digest:
            raise Tampered(f"object {digest} holds other bytes than were stored; restore it from a backup")
        return path
