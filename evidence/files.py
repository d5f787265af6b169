"""What makes a file durable: its bytes, and the folders that lead to it, reach the disk before anyone is told."""

import os
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
