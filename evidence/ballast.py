"""Ballast: room on the disk of a home that is kept for telling that there is none.

A file beside the database. When the disk takes no more it is emptied, so that what failed can be put down. Until there
is room for it again nothing is stored: what is freed is not for the next evidence, which would fill it untold.
"""

import os
from dataclasses import dataclass
from pathlib import Path

NAME = "ballast"
SIZE = 16 << 20
ROOM = 2 * SIZE  # that must be free before it is put back
MODE = 0o600


@dataclass(frozen=True, slots=True)
class Ballast:
    """The ballast of one home. A disk that never had room for it has none, and is filled to its end."""

    path: Path

    @property
    def is_let_go(self) -> bool:
        """Whether the disk was full, and there was no room for it since."""
        return self._size() == 0

    def keep(self) -> None:
        """Put it in its place, where it is not and there is room for it; a quota may say that there is none."""
        about, before = os.statvfs(self.path.parent), self._size()
        if before == SIZE or about.f_bavail * about.f_frsize < ROOM:
            return
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, MODE)
        try:
            os.posix_fallocate(handle, 0, SIZE)
        except OSError:
            os.ftruncate(handle, 0)
            if before is None:  # an empty one would say that the disk was full
                self.path.unlink()
        finally:
            os.close(handle)

    def let_go(self) -> None:
        """Free its room."""
        if self._size():
            os.truncate(self.path, 0)

    def _size(self) -> int | None:
        try:
            return self.path.lstat().st_size
        except OSError:  # not there, nor is its home perhaps
            return None
