"""Plain copies of sealed objects, and packs of them, while they are used: in one private folder, gone afterwards."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evidence.files import locked

PLAIN = "plain"  # its name in a home
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

    @contextmanager
    def room(self) -> Iterator[Path]:
        """A new folder that only its owner can read, for what is made of such bytes; it is gone afterwards."""
        self.folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        with locked(self.folder, fcntl.LOCK_SH):
            path = Path(tempfile.mkdtemp(dir=self.folder))
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(handle, fcntl.LOCK_SH)
        try:
            yield path
        finally:
            shutil.rmtree(path)
            os.close(handle)

    def sweep(self) -> int:
        """Remove what killed processes left, and tell how many that were; nothing that somebody still holds."""
        if not self.folder.is_dir():
            return 0
        count = 0
        with locked(self.folder, fcntl.LOCK_EX):
            for path in sorted(self.folder.iterdir()):
                with locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB) as is_left:
                    if not is_left:
                        continue
                    if path.is_dir():
                        shutil.rmtree(path)
                    else:
                        path.unlink(missing_ok=True)
                    count += 1
        return count
