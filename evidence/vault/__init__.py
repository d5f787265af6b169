"""The vault: raw objects under the SHA-256 of their bytes, written once, never changed."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NewType, Protocol

Digest = NewType("Digest", str)  # 64 lower-case hex digits of SHA-256


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One thing fetched: its bytes' digest and size, where the plain bytes lie, and what the source said of it."""

    digest: Digest
    size: int
    path: Path  # a plain local file with exactly these bytes
    name: str = ""  # the source's name for it
    modified: datetime | None = None  # the source's modification time
    version: str | None = None


class Vault(Protocol):
    """Where objects lie: FolderVault, S3Vault."""

    def put(self, stream: BinaryIO) -> StoredObject:
        """Store a stream (temp, fsync, rename, fsync of the folder); the same bytes twice are one object."""
        ...

    def path(self, digest: Digest) -> Path:
        """A plain local file with these bytes; Tampered when they do not hash to the digest, or are gone."""
        ...
