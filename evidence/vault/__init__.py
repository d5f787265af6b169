"""The vault: raw objects under the SHA-256 of their bytes, written once, never changed; sealed where it has keys."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, NewType, Protocol

Digest = NewType("Digest", str)  # 64 lower-case hex digits of SHA-256


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One thing fetched: its bytes' digest and size, the vault that keeps them, and what the source said of it."""

    digest: Digest
    size: int
    vault: "Vault" = field(repr=False, compare=False)
    key_id: str | None = None  # of the key that it is encrypted with; None: it lies plainly
    name: str = ""  # the source's name for it
    modified: datetime | None = None  # the source's modification time
    version: str | None = None

    def open(self) -> AbstractContextManager[BufferedReader]:
        """Its bytes as a stream: :meth:`Vault.open`."""
        return self.vault.open(self.digest)

    def plain(self) -> AbstractContextManager[Path]:
        """A file with its bytes, for who must seek in them: :meth:`Vault.plain`."""
        return self.vault.plain(self.digest)


@dataclass(frozen=True, slots=True)
class Damage:
    """Something in a vault that is not as it was stored."""

    name: str  # the digest, or the path below the vault of what is no object
    why: str


class Vault(Protocol):
    """Where objects lie: FolderVault, MemoryVault."""

    def put(self, stream: BinaryIO) -> StoredObject:
        """Store a stream, durable when its digest is told; the same bytes twice are one object."""
        ...

    def open(self, digest: Digest) -> AbstractContextManager[BufferedReader]:
        """An object's bytes as a stream that only goes on, all of it verified before the first of them is given.

        Tampered when they do not hash to the digest, or are gone; Erased when their key was destroyed.
        """
        ...

    def plain(self, digest: Digest) -> AbstractContextManager[Path]:
        """A local file with these bytes, verified, to be read only and within the block; refuses what ``open`` does."""
        ...

    def verify(self, digest: Digest) -> None:
        """Refuse what ``open`` would refuse."""
        ...

    def remove(self, digest: Digest) -> None:
        """Let go of an object that was purged; nothing when there is none."""
        ...

    def digests(self) -> Iterator[Digest]:
        """The digests of all objects, in order, without a look at their bytes."""
        ...

    def scrub(self, recorded: Iterable[Digest] = ()) -> Iterator[Damage]:
        """Read every object anew; yield what is damaged, what is no object, and what of ``recorded`` is gone."""
        ...

    def sweep(self) -> int:
        """Remove what killed processes left behind, and tell how many files that were."""
        ...
