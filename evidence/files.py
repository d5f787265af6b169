"""What makes a file durable: its bytes, and the folders that lead to it, reach the disk before anyone is told."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def sync_folder(folder: Path, top: Path) -> None:
    """Flush a folder and its parents up to ``top``, so that a rename survives a power cut."""
    while True:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if folder == top or folder == folder.parent:
            return
        folder = folder.parent


@contextmanager
def locked(path: Path, how: int) -> Iterator[bool]:
    """Hold a lock on a file or folder; False where another holds one that does not go with it, or it is gone."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(handle, how)
            held = True
        except BlockingIOError:
            held = False
        yield held
    finally:
        os.close(handle)
