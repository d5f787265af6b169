"""Plain copies of sealed objects, for readers that must seek: in one private folder, gone when they were read."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evidence.files import locked

FOLDER_MODE = 0o700


@dataclass(frozen=True, slots=True)
class PlainFolder:
    """The only place of a home where the bytes of a sealed object lie plainly."""

    folder: Path

    @contextmanager
    def holding(self) -> Iterator[tuple[int, Path]]:
        """A new empty file that only its owner can read, open to be written; it is gone afterwards."""
        self.folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        with locked(self.folder, fcntl.LOCK_SH):  # who sweeps does not come between the making and the lock
            handle, name = tempfile.mkstemp(dir=self.folder)
            fcntl.flock(handle, fcntl.LOCK_SH)
        try:
            yield handle, Path(name)
        finally:
            os.close(handle)
            Path(name).unlink(missing_ok=True)

    def sweep(self) -> int:
        """Remove what killed processes left, and tell how many files; nothing that somebody still holds."""
        if not self.folder.is_dir():
            return 0
        count = 0
        with locked(self.folder, fcntl.LOCK_EX):
            for path in sorted(self.folder.iterdir()):
                with locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB) as is_left:
                    if is_left:
                        path.unlink(missing_ok=True)
                        count += 1
        return count
